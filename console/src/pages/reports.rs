//! Screen 9: what became of what was sent, in figures.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::Bearer;
use pushcast_engine::model::listing::{Cursor, Source};
use pushcast_engine::model::report::{Basis, Dimension, Figure, Report, ReportFigures, ReportRow};

use crate::components::{
    Bar, Clock, DayChart, Empty, Field, Head, Option_, Pager, Row, Section, Select, SummaryList,
    Table, bytes, count, page,
};
use crate::http::Call;

const fn name(of: Dimension) -> &'static str {
    match of {
        Dimension::Area => "Service area",
        Dimension::Bearer => "Bearer",
        Dimension::Channel => "Channel",
        Dimension::Day => "Day (UTC)",
        Dimension::Group => "Alias group",
        Dimension::Initiator => "Initiator",
        Dimension::Submission => "Push",
    }
}

pub(crate) fn show(call: &Call, days: &Report, report: &Report) -> Response {
    let head = Head::new(Section::Reports, "Delivery reports");
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let path = call.path_to("/reports");
        let next = report.next.as_ref().map(Cursor::to_string);
        let csv = format!(
            "{}{}",
            call.path_to("/reports.csv"),
            call.query.with("after", "")
        );
        let bars: Vec<Bar> = days.rows.iter().map(bar).collect();
        let chart = (!bars.is_empty())
            .then(|| view! { <h2>"Deliveries by day"</h2> <DayChart bars=bars /> });
        let table = if report.rows.is_empty() {
            view! { <Empty text="Nothing was sent in this period that matches the filters." /> }
                .into_any()
        } else {
            let rows = report
                .rows
                .iter()
                .map(|row| figures_row(call, report.query.by, row))
                .collect();
            let columns = vec![
                name(report.query.by),
                "#Pushes",
                "#Deliveries",
                "#Delivered",
                "#Failed",
                "#Expired",
                "#Cancelled",
                "#Pending",
                "#Passes",
                "#Sent",
                "#Cells that broadcast",
                "#First packet, median",
                "#Receivers expected (estimate)",
            ];
            view! { <Table caption="Figures" columns=columns rows=rows /> }.into_any()
        };
        view! {
            {filters(call, report)}
            <p class="muted">
                "From " {clock.short(report.query.from_ms)} " to " {clock.short(report.query.to_ms)} ". Made " {clock.short(report.made_ms)} "."
            </p>
            {total(&report.total)}
            <p>
                "What the gateway has done is measured. Whom it reached is not: a broadcast has no receipts. Expected receivers are somebody's estimate; reported ones are those whose receivers report."
            </p>
            {chart}
            <h2>{format!("A row for each: {}", name(report.query.by))}</h2>
            {table}
            <Pager path=path query=call.query.clone() next=next />
            <p class="screen-only"><a href=csv>"Download these figures as CSV"</a></p>
            <h2>"What receivers report"</h2>
            <p>
                "Nothing yet. Receivers that report what they have received will be counted here, beside what is expected of them; no figure above contains any of it."
            </p>
            <p class="muted screen-only">
                "Printed, this page has the figures alone, without menu and filters."
            </p>
        }
        .into_any()
    })
}

fn bar(row: &ReportRow) -> Bar {
    let deliveries = &row.figures.deliveries;
    Bar {
        name: row.label.clone(),
        good: deliveries.delivered,
        bad: deliveries.failed + deliveries.expired,
        other: deliveries.pending + deliveries.cancelled,
    }
}

fn figure(figure: Figure) -> String {
    let basis = match figure.basis {
        Basis::Estimated => "estimated",
        Basis::Measured => "measured",
        Basis::Reported => "reported",
    };
    match figure.value {
        Some(value) => format!("{} ({basis})", count(value)),
        None => format!("unknown ({basis})"),
    }
}

/// Cells that have broadcast, of how many, where centres tell.
fn broadcast_in(figures: &ReportFigures) -> Option<String> {
    let (cells, asked) = figures.cells.value.zip(figures.cells_asked.value)?;
    Some(format!("{} of {}", count(cells), count(asked)))
}

fn milliseconds(ms: Option<u64>) -> String {
    ms.map_or_else(|| "–".to_owned(), |ms| format!("{} ms", count(ms)))
}

fn total(total: &ReportFigures) -> AnyView {
    let deliveries = &total.deliveries;
    let card = |number: u64, words: &'static str, bad: bool| {
        let class = if bad && number > 0 {
            "counter counter-bad"
        } else {
            "counter"
        };
        view! { <li><div class=class><strong>{count(number)}</strong> <span>{words}</span></div></li> }
    };
    view! {
        <ul class="counters">
            {card(total.submissions, "pushes", false)}
            {card(deliveries.delivered, "deliveries transmitted", false)}
            {card(deliveries.pending, "pending", false)}
            {card(deliveries.cancelled, "cancelled", false)}
            {card(deliveries.failed + deliveries.expired, "failed or expired", true)}
        </ul>
        <SummaryList pairs=pairs(total) />
    }
    .into_any()
}

/// The other figures, each with where it comes from.
fn pairs(total: &ReportFigures) -> Vec<(&'static str, AnyView, Option<String>)> {
    let times = &total.air_times;
    let times = format!(
        "median {}, nineteen of twenty within {}, at most {}, over {} transmissions",
        milliseconds(times.median_ms),
        milliseconds(times.p95_ms),
        milliseconds(times.max_ms),
        count(times.transmissions)
    );
    let notified = &total.notifications;
    vec![
        (
            "To the first packet",
            format!("{times} (measured)").into_any(),
            None,
        ),
        (
            "Passes",
            format!(
                "{}, {} in all (measured)",
                count(total.passes),
                bytes(total.bytes)
            )
            .into_any(),
            None,
        ),
        (
            "Transmissions that failed",
            format!(
                "{} of {} (measured)",
                count(total.transmissions_failed),
                count(total.transmissions)
            )
            .into_any(),
            None,
        ),
        (
            "Result notifications",
            format!(
                "{} sent, {} waiting, {} undeliverable (measured)",
                count(notified.sent),
                count(notified.waiting),
                count(notified.undeliverable)
            )
            .into_any(),
            None,
        ),
        (
            "Broadcast in",
            broadcast_in(total)
                .map_or_else(
                    || "unknown: no centre has told of its cells (measured)".to_owned(),
                    |cells| format!("{cells} cells, each push's counted anew (measured)"),
                )
                .into_any(),
            None,
        ),
        (
            "Receivers expected",
            figure(total.receivers_expected).into_any(),
            None,
        ),
        (
            "Receivers that reported",
            figure(total.receivers_reported).into_any(),
            None,
        ),
    ]
}

fn figures_row(call: &Call, by: Dimension, row: &ReportRow) -> Row {
    let figures = &row.figures;
    let deliveries = &figures.deliveries;
    let numbers = [
        figures.submissions,
        deliveries.all(),
        deliveries.delivered,
        deliveries.failed,
        deliveries.expired,
        deliveries.cancelled,
        deliveries.pending,
    ];
    let mut cells: Vec<AnyView> = numbers
        .into_iter()
        .map(|number| count(number).into_any())
        .collect();
    cells.push(count(figures.passes).into_any());
    cells.push(bytes(figures.bytes).into_any());
    cells.push(
        broadcast_in(figures)
            .unwrap_or_else(|| "–".to_owned())
            .into_any(),
    );
    cells.push(milliseconds(figures.air_times.median_ms).into_any());
    cells.push(
        figures
            .receivers_expected
            .value
            .map_or_else(|| "unknown".to_owned(), count)
            .into_any(),
    );
    let path = match by {
        Dimension::Submission => Some(call.path_to(&format!("/submissions/{}", row.key))),
        Dimension::Bearer => Some(drill(call, "bearer", &row.key)),
        Dimension::Channel => Some(drill(call, "channel", &row.key)),
        Dimension::Initiator => Some(drill(call, "initiator", &row.key)),
        Dimension::Area => Some(drill(call, "area", &row.key)),
        Dimension::Group => Some(drill(call, "group", &row.key)),
        Dimension::Day => of_day(call, &row.key),
    };
    let head = match path {
        Some(path) => view! { <a href=path><bdi>{row.label.clone()}</bdi></a> }.into_any(),
        None => row.label.clone().into_any(),
    };
    Row::new(head, cells)
}

/// The pushes of a day.
fn of_day(call: &Call, day: &str) -> Option<String> {
    let clock = Clock::new(call.zone(), call.app.now_ms());
    let (from_ms, to_ms) = day_bounds(day)?;
    // The form's times have no seconds, and what came in in the last minute is in.
    let (from, to) = (clock.input(from_ms), clock.input(to_ms - 60_000));
    let kept = call.query.iter().filter(|(name, value)| {
        !matches!(*name, "by" | "after" | "from" | "to") && !value.is_empty()
    });
    let own = [
        ("by", Dimension::Submission.as_str()),
        ("from", from.as_str()),
        ("to", to.as_str()),
    ];
    let query = crate::http::fields::query(kept.chain(own));
    Some(format!("{}{query}", call.path_to("/reports")))
}

/// Beginning and end of a day of UTC, Unix ms.
fn day_bounds(day: &str) -> Option<(u64, u64)> {
    let date: jiff::civil::Date = day.parse().ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    let from_ms = u64::try_from(midnight.timestamp().as_millisecond()).ok()?;
    Some((from_ms, from_ms + 86_400_000))
}

/// The pushes behind a row.
fn drill(call: &Call, field: &str, key: &str) -> String {
    let kept = call.query.iter().filter(|(name, value)| {
        !matches!(*name, "by" | "after") && *name != field && !value.is_empty()
    });
    let query = crate::http::fields::query(
        kept.chain([("by", Dimension::Submission.as_str()), (field, key)]),
    );
    format!("{}{query}", call.path_to("/reports"))
}

fn filters(call: &Call, report: &Report) -> AnyView {
    let query = &call.query;
    let clock = Clock::new(call.zone(), call.app.now_ms());
    let by = Dimension::ALL
        .iter()
        .map(|of| Option_::new(of.as_str(), name(*of)))
        .collect();
    let any = || Option_::new("", "Any");
    let bearers = Some(any())
        .into_iter()
        .chain(
            Bearer::ALL
                .iter()
                .map(|bearer| Option_::new(bearer.as_str(), bearer.as_str())),
        )
        .collect();
    let sources = vec![
        any(),
        Option_::new(Source::Console.as_str(), "Console"),
        Option_::new(Source::Pap.as_str(), "Initiators"),
    ];
    view! {
        <form class="filters" method="get" action=call.path_to("/reports") role="search" aria-label="Period and filters">
            <div class="fields-row">
                <Field name="from" label="Since" kind="datetime-local" short=true value=clock.input(report.query.from_ms) />
                <Field name="to" label="Until" kind="datetime-local" short=true value=clock.input(report.query.to_ms) />
                <Select name="by" label="A row for each" options=by value=report.query.by.as_str() />
                <Select name="bearer" label="Bearer" options=bearers value=query.text("bearer") />
                <Select name="source" label="Sent by" options=sources value=query.text("source") />
                <Field name="group" label="Alias group" value=query.text("group") />
                <Field name="area" label="Service area" value=query.text("area") />
                <div class="field"><button class="button-secondary">"Show"</button></div>
            </div>
        </form>
    }
    .into_any()
}
