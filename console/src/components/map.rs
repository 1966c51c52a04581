//! The map: land and borders, what somebody has uploaded to lie under the areas, a grid, a scale
//! bar, service areas.

use std::sync::Arc;

use leptos::prelude::*;
use pushcast_engine::model::backdrop::Backdrop;
use pushcast_engine::model::outline::{Outline, Place, Shape};
use pushcast_engine::model::spill::Spill;

use super::backdrop;
use super::land::{Land, Seen};
use super::time::count;
use crate::islands::Surroundings;
use crate::outline::{Corner, HEIGHT, MapView, WIDTH, circle, shrink};

/// Corners of all areas of one map together: some quarter of a megabyte of page.
const MAX_CORNERS: usize = 20_000;

fn corner(place: &Place) -> Corner {
    Corner {
        lat: place.latitude,
        lon: place.longitude,
    }
}

/// The corners of each shape; circles have many.
pub(crate) fn shapes(outline: &Outline) -> Vec<Vec<Corner>> {
    let shape = |shape: &Shape| match shape {
        Shape::Circle { center, radius_km } => circle(corner(center), *radius_km),
        Shape::Polygon(corners) => corners.iter().map(corner).collect(),
    };
    outline.shapes.iter().map(shape).collect()
}

/// Corners of a shape as a map has them: what cannot be told apart is one, and no more than `most`.
fn simplified(shape: &[Corner], seen: &Seen, most: usize) -> Vec<Corner> {
    let thinned = seen.thinned(shape);
    let step = thinned.len().div_ceil(most.max(1)).max(1);
    thinned.into_iter().step_by(step).collect()
}

/// Corners that each of so many shapes may have; three are the least that enclose something.
fn corners_each(shapes: usize) -> usize {
    (MAX_CORNERS / shapes.max(1)).max(3)
}

/// Moves corners away from the middle by so many kilometres: where phones may still hear it.
fn spilled(corners: &[Corner], km: f64) -> Vec<Corner> {
    let count = corners.len().max(1) as f64;
    let middle = Corner {
        lat: corners.iter().map(|corner| corner.lat).sum::<f64>() / count,
        lon: corners.iter().map(|corner| corner.lon).sum::<f64>() / count,
    };
    let reach = km / crate::outline::KM_PER_DEGREE;
    let moved = |corner: &Corner| {
        let north = corner.lat - middle.lat;
        let east = (corner.lon - middle.lon) * shrink(middle.lat);
        let length = north.hypot(east).max(1e-9);
        Corner {
            lat: corner.lat + north / length * reach,
            lon: corner.lon + east / length * reach / shrink(middle.lat),
        }
    };
    corners.iter().map(moved).collect()
}

/// An area on a map.
pub(crate) struct Drawn {
    /// Its name.
    pub name: String,
    /// How it lies.
    pub outline: Outline,
    /// Class of its shape: `map-shape`, `map-live`, `map-other`.
    pub class: &'static str,
    /// How far beyond it phones may still hear it: a second outline.
    pub spill: Option<Spill>,
}

/// A map of areas. What is in it is also said in words beside it; what its dashed lines mean stands
/// under it.
#[component]
pub(crate) fn AreaMap(
    /// What it is a map of.
    #[prop(into)]
    label: String,
    /// The areas; the view is around those that are not `map-other`, if there are any.
    areas: Vec<Drawn>,
    /// What lies under them.
    backdrop: Option<Arc<Backdrop>>,
) -> impl IntoView {
    let view = view_of(&areas);
    let (km, bar) = view.scale_bar();
    let under = backdrop.map(|backdrop| backdrop::path(&backdrop, view));
    let spills = spill_words(&areas);
    let shapes = areas.iter().map(|area| area.outline.shapes.len()).sum();
    let each = corners_each(shapes);
    let drawn: Vec<_> = areas
        .iter()
        .map(|area| area_drawn(area, view, each))
        .collect();
    let base = HEIGHT - 24.0;
    view! {
        <svg class="map" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>
            <rect class="map-sea" width=WIDTH height=HEIGHT />
            <path class="map-land" d=Land::path(view) />
            <path class="map-grid" d=Land::borders(view) />
            <path class="map-grid" d=grid(view) />
            {under.map(|path| view! { <path class="map-backdrop" d=path /> })}
            {drawn}
            <path class="map-bar" d=format!("M24 {}V{base}H{}V{}", base - 8.0, 24.0 + bar, base - 8.0) />
            <text class="map-label" x="28" y=base - 10.0>
                {format!("{km} km")}
            </text>
        </svg>
        {spills}
    }
}

/// What the dashed lines are: estimates, each with its figure.
fn spill_words(areas: &[Drawn]) -> AnyView {
    let said = |area: &Drawn| area.spill.map(|spill| (area.name.clone(), estimate(spill)));
    let said: Vec<(String, String)> = areas.iter().filter_map(said).collect();
    match &said[..] {
        [] => ().into_any(),
        [(_, words)] => view! {
            <p class="hint">"The dashed line is an estimate of where phones may still hear it: " {words.clone()}</p>
        }
        .into_any(),
        _ => {
            let items: Vec<_> = said
                .into_iter()
                .map(|(name, words)| view! { <li><bdi>{name}</bdi> ": " {words}</li> })
                .collect();
            view! {
                <details class="hint">
                    <summary>"The dashed lines are estimates of where phones may still hear it"</summary>
                    <ul>{items}</ul>
                </details>
            }
            .into_any()
        }
    }
}

fn estimate(spill: Spill) -> String {
    let reach = match spill.reach_km() {
        km if km < 1.0 => format!("{:.0} m", spill.reach_m),
        km => format!("{km:.1} km"),
    };
    match spill.from {
        None => format!(
            "{reach} beyond the area, assumed, since its population or its shape is not known."
        ),
        Some((people, km2)) => {
            let surface = match km2 {
                km2 if km2 < 10.0 => format!("{km2:.1}"),
                // At most the surface of the Earth, and never below nothing.
                km2 => count(km2.round() as u64),
            };
            format!(
                "{reach} beyond the area, computed from {} people on {surface} km².",
                count(people)
            )
        }
    }
}

fn view_of(areas: &[Drawn]) -> MapView {
    let corners = |areas: &mut dyn Iterator<Item = &Drawn>| -> Vec<Corner> {
        areas
            .flat_map(|area| shapes(&area.outline))
            .flatten()
            .collect()
    };
    let meant = corners(&mut areas.iter().filter(|area| area.class != "map-other"));
    if meant.is_empty() {
        MapView::around(&corners(&mut areas.iter()))
    } else {
        MapView::around(&meant)
    }
}

fn area_drawn(area: &Drawn, view: MapView, each: usize) -> impl IntoView + use<> {
    let seen = Seen::of(view);
    let shapes: Vec<Vec<Corner>> = shapes(&area.outline)
        .iter()
        .map(|shape| simplified(shape, &seen, each))
        .collect();
    let path: String = shapes.iter().map(|shape| view.path(shape)).collect();
    let spill = area.spill.map(|spill| {
        let path: String = shapes
            .iter()
            .map(|shape| view.path(&spilled(shape, spill.reach_km())))
            .collect();
        view! { <path class="map-spill" d=path /> }
    });
    let at = shapes.iter().flatten().map(|corner| view.place(*corner));
    let at = at.min_by(|one, other| one.1.total_cmp(&other.1));
    let label = at.map(|(x, y)| {
        view! {
            <text class="map-label" x=x y=y - 8.0 text-anchor="middle">
                {area.name.clone()}
            </text>
        }
    });
    let title = area.name.clone();
    view! {
        <g>
            <path class=area.class d=path>
                <title>{title}</title>
            </path>
            {spill}
            {label}
        </g>
    }
}

/// Lines of latitude and longitude at round degrees.
fn grid(view: MapView) -> String {
    let steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];
    let step = steps
        .into_iter()
        .find(|step| view.span / step <= 6.0)
        .unwrap_or(30.0);
    let low = view.corner(0.0, HEIGHT);
    let high = view.corner(WIDTH, 0.0);
    let mut path = String::new();
    let mut lines = |from: f64, to: f64, line: &dyn Fn(f64) -> String| {
        let first = (from / step).ceil();
        let mut index = 0.0;
        while (first + index) * step <= to && index < 40.0 {
            path.push_str(&line((first + index) * step));
            index += 1.0;
        }
    };
    let middle = view.middle;
    lines(low.lat, high.lat, &|lat| {
        let (_, y) = view.place(Corner { lat, ..middle });
        format!("M0 {y:.1}H{WIDTH}")
    });
    lines(low.lon, high.lon, &|lon| {
        let (x, _) = view.place(Corner { lon, ..middle });
        format!("M{x:.1} 0V{HEIGHT}")
    });
    path
}

/// What lies around an area that is drawn: land, the backdrop, and the other areas.
pub(crate) fn surroundings(
    outline: &Outline,
    others: &[(String, Outline)],
    under: Option<&Backdrop>,
) -> Surroundings {
    let own: Vec<Corner> = shapes(outline).into_iter().flatten().collect();
    let view = if own.is_empty() {
        let all = others
            .iter()
            .flat_map(|(_, outline)| shapes(outline))
            .flatten();
        MapView::around(&all.collect::<Vec<_>>())
    } else {
        MapView::around(&own)
    };
    let seen = Seen::of(view);
    let each = corners_each(others.iter().map(|(_, outline)| outline.shapes.len()).sum());
    let path = |outline: &Outline| -> String {
        shapes(outline)
            .iter()
            .map(|shape| view.path(&simplified(shape, &seen, each)))
            .collect()
    };
    Surroundings {
        view,
        land: Land::path(view),
        backdrop: under.map_or_else(String::new, |under| backdrop::path(under, view)),
        areas: others
            .iter()
            .map(|(name, outline)| (name.clone(), path(outline)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_of_many_corners_stay_small() {
        let corner = |at: f64| Corner {
            lat: 50.0 + at.sin(),
            lon: 1.0 + at.cos(),
        };
        let round: Vec<Corner> = (0..500).map(|at| corner(f64::from(at) / 79.5)).collect();
        let view = MapView::around(&round);
        let seen = Seen::of(view);
        let shapes = 50 * 100;
        let shape = simplified(&round, &seen, corners_each(shapes));
        assert!((3..=4).contains(&shape.len()), "{}", shape.len());
        let octets = view.path(&shape).len() * shapes;
        assert!(octets < 512 << 10, "{octets} octets");
        let alone = simplified(&round, &seen, corners_each(1));
        assert!(alone.len() > 200, "a shape alone is drawn as it is");
    }

    #[test]
    fn what_spills_lies_outside() {
        let square = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)];
        let square: Vec<Corner> = square.map(|(lat, lon)| Corner { lat, lon }).into();
        let spilled = spilled(&square, 10.0);
        assert!(spilled[0].lat < 0.0 && spilled[0].lon < 0.0);
        assert!(spilled[2].lat > 1.0 && spilled[2].lon > 1.0);
    }

    #[test]
    fn estimates_say_their_figures() {
        let known = Spill {
            reach_m: 2_849.6,
            from: Some((18_000, 1_480.4)),
        };
        let words = "2.8 km beyond the area, computed from 18 000 people on 1 480 km².";
        assert_eq!(estimate(known).replace('\u{202F}', " "), words);
        let town = Spill {
            reach_m: 500.0,
            from: Some((9_000, 1.25)),
        };
        assert!(estimate(town).starts_with("500 m beyond the area"));
        let unknown = Spill {
            reach_m: 2_000.0,
            from: None,
        };
        assert!(estimate(unknown).starts_with("2.0 km beyond the area, assumed"));
    }
}
