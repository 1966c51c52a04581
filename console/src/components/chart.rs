//! Bars by day, drawn on the server.

use leptos::prelude::*;

const HEIGHT: u32 = 220;
const LEFT: u32 = 48;
const BOTTOM: u32 = 28;
const TOP: u32 = 10;
const BAR: u32 = 24;
const GAP: u32 = 8;
/// Bars beyond this would be too thin to read: the table below has all of them.
pub(crate) const MAX_BARS: usize = 62;
/// Every so many bars has its name beneath.
const NAMES: usize = 8;
/// A few days would else be drawn as large as many.
const MIN_WIDTH: u32 = 960;

/// One day.
pub(crate) struct Bar {
    /// Name beneath.
    pub name: String,
    /// Delivered.
    pub good: u64,
    /// Failed or expired.
    pub bad: u64,
    /// Pending and cancelled.
    pub other: u64,
}

impl Bar {
    const fn all(&self) -> u64 {
        self.good + self.bad + self.other
    }
}

/// Deliveries by day and by what became of them.
#[component]
pub(crate) fn DayChart(
    /// At most [`MAX_BARS`] are drawn, the last ones.
    bars: Vec<Bar>,
) -> impl IntoView {
    let skipped = bars.len().saturating_sub(MAX_BARS);
    let bars: Vec<Bar> = bars.into_iter().skip(skipped).collect();
    let most = bars.iter().map(Bar::all).max().unwrap_or(0).max(1);
    let width = LEFT + (BAR + GAP) * u32::try_from(bars.len()).unwrap_or(0) + GAP;
    let width = width.max(MIN_WIDTH);
    let room = f64::from(HEIGHT - BOTTOM - TOP);
    // Numbers up to 2^52 are exact, and a bar has some hundred pixels.
    let tall = |number: u64| number as f64 * room / most as f64;
    let names = bars.len().div_ceil(NAMES).max(1);
    let sentence: String = format!(
        "{} days, at most {most} deliveries a day; the table below has the figures.",
        bars.len()
    );
    let drawn: Vec<_> = bars
        .iter()
        .enumerate()
        .map(|(index, bar)| {
            let x = f64::from(LEFT + GAP) + index as f64 * f64::from(BAR + GAP);
            let base = f64::from(HEIGHT - BOTTOM);
            let good = tall(bar.good);
            let other = tall(bar.other);
            let bad = tall(bar.bad);
            let title = format!(
                "{}: {} delivered, {} failed, {} other",
                bar.name, bar.good, bar.bad, bar.other
            );
            let name = index
                .is_multiple_of(names)
                .then(|| view! { <text class="chart-label" x=x y=f64::from(HEIGHT - 8)>{bar.name.clone()}</text> });
            view! {
                <g>
                    <title>{title}</title>
                    <rect class="chart-good" x=x y=base - good width=BAR height=good />
                    <rect class="chart-other" x=x y=base - good - other width=BAR height=other />
                    <rect class="chart-bad" x=x y=base - good - other - bad width=BAR height=bad />
                    {name}
                </g>
            }
        })
        .collect();
    view! {
        <figure>
            <div class="table-box" tabindex="0" role="region" aria-label="Chart of deliveries by day">
                <svg class="chart" viewBox=format!("0 0 {width} {HEIGHT}") role="img" aria-label=sentence>
                    <line class="chart-axis" x1=LEFT y1=HEIGHT - BOTTOM x2=width y2=HEIGHT - BOTTOM />
                    <line class="chart-axis" x1=LEFT y1=TOP x2=LEFT y2=HEIGHT - BOTTOM />
                    <text class="chart-label" x=LEFT - 6 y=TOP + 10 text-anchor="end">{most}</text>
                    <text class="chart-label" x=LEFT - 6 y=HEIGHT - BOTTOM text-anchor="end">"0"</text>
                    {drawn}
                </svg>
            </div>
            <ul class="legend">
                {legend("chart-good", "Delivered")} {legend("chart-other", "Pending or cancelled")}
                {legend("chart-bad", "Failed or expired")}
            </ul>
        </figure>
    }
}

fn legend(class: &'static str, name: &'static str) -> impl IntoView {
    view! {
        <li>
            <svg viewBox="0 0 14 14" aria-hidden="true">
                <rect class=class width="14" height="14" />
            </svg>
            {name}
        </li>
    }
}
