//! The map: land and borders of Natural Earth, a grid, a scale bar, service areas.

use std::sync::LazyLock;

use leptos::prelude::*;
use pushcast_engine::model::outline::{Outline, Place, Shape};

use crate::islands::Surroundings;
use crate::outline::{Corner, HEIGHT, MapView, WIDTH, circle, shrink};

/// See `world.mjs` beside it.
const WORLD: &[u8] = include_bytes!("../../assets/world.bin");

/// Corners of all areas of one map together: some quarter of a megabyte of page.
const MAX_CORNERS: usize = 20_000;

/// Land and borders.
pub(crate) struct Land {
    rings: Vec<Vec<Corner>>,
    borders: Vec<Vec<Corner>>,
}

static LAND: LazyLock<Land> = LazyLock::new(|| Land::read(WORLD));

/// Reads numbers in groups of seven bits.
struct Numbers<'a>(std::slice::Iter<'a, u8>);

impl Numbers<'_> {
    /// `None` at the end, and where a number does not end.
    fn next(&mut self) -> Option<i64> {
        let mut value: u64 = 0;
        for shift in (0..63).step_by(7) {
            let octet = *self.0.next()?;
            value |= u64::from(octet & 0x7F) << shift;
            if octet < 0x80 {
                let half = i64::try_from(value >> 1).ok()?;
                return Some(if value & 1 == 1 { -half - 1 } else { half });
            }
        }
        None
    }

    fn lines(&mut self) -> Option<Vec<Vec<Corner>>> {
        let count = self.next()?;
        (0..count).map(|_| self.line()).collect()
    }

    fn line(&mut self) -> Option<Vec<Corner>> {
        let count = self.next()?;
        let (mut lon, mut lat) = (0, 0);
        let point = |_| {
            lon += self.next()?;
            lat += self.next()?;
            Some(Corner {
                lat: hundredths(lat),
                lon: hundredths(lon),
            })
        };
        (0..count).map(point).collect()
    }
}

/// At most 18000, which is exact.
fn hundredths(number: i64) -> f64 {
    number as f64 / 100.0
}

impl Land {
    fn read(octets: &[u8]) -> Self {
        let mut numbers = Numbers(octets.iter());
        Self {
            rings: numbers.lines().unwrap_or_default(),
            borders: numbers.lines().unwrap_or_default(),
        }
    }

    /// Path data of the land in a view.
    pub(crate) fn path(view: MapView) -> String {
        let seen = Seen::of(view);
        let rings = LAND.rings.iter().filter(|ring| seen.any(ring));
        rings.map(|ring| view.path(&seen.thinned(ring))).collect()
    }

    /// Path data of the borders in a view.
    fn borders(view: MapView) -> String {
        let seen = Seen::of(view);
        let lines = LAND.borders.iter().filter(|line| seen.any(line));
        lines
            .map(|line| view.path(&seen.thinned(line)).replace('Z', ""))
            .collect()
    }
}

/// What of the earth is in a view, with a margin.
struct Seen {
    north: f64,
    south: f64,
    east: f64,
    west: f64,
    /// Points closer together than this are one, degrees.
    fine: f64,
}

impl Seen {
    fn of(view: MapView) -> Self {
        let wide = view.span * WIDTH / HEIGHT / shrink(view.middle.lat);
        Self {
            north: view.middle.lat + view.span,
            south: view.middle.lat - view.span,
            east: view.middle.lon + wide,
            west: view.middle.lon - wide,
            fine: view.span / 400.0,
        }
    }

    /// Whether a line may be seen: its box meets ours.
    fn any(&self, line: &[Corner]) -> bool {
        let lat = |from: f64, to: f64| line.iter().any(|corner| (from..=to).contains(&corner.lat));
        let lon = |from: f64, to: f64| line.iter().any(|corner| (from..=to).contains(&corner.lon));
        let around = |low: f64, high: f64, of: fn(&Corner) -> f64| {
            line.iter().any(|corner| of(corner) <= low)
                && line.iter().any(|corner| of(corner) >= high)
        };
        (lat(self.south, self.north) || around(self.south, self.north, |corner| corner.lat))
            && (lon(self.west, self.east) || around(self.west, self.east, |corner| corner.lon))
    }

    /// Leaves out what cannot be seen: what lies outside is moved to the edge, which is half a view
    /// away from what is shown, and of points close together one is left. So a ring around it all
    /// still fills it.
    fn thinned(&self, line: &[Corner]) -> Vec<Corner> {
        let mut kept: Vec<Corner> = Vec::new();
        for corner in line {
            let corner = Corner {
                lat: corner.lat.clamp(self.south, self.north),
                lon: corner.lon.clamp(self.west, self.east),
            };
            let far = |last: &Corner| {
                (last.lat - corner.lat).abs() > self.fine
                    || (last.lon - corner.lon).abs() > self.fine
            };
            if kept.last().is_none_or(far) {
                kept.push(corner);
            }
        }
        kept
    }
}

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
    /// Kilometres beyond it where phones may still hear it; 0 draws no second outline.
    pub spill_km: f64,
}

/// A map of areas. What is in it is also said in words beside it.
#[component]
pub(crate) fn AreaMap(
    /// What it is a map of.
    #[prop(into)]
    label: String,
    /// The areas; the view is around those that are not `map-other`, if there are any.
    areas: Vec<Drawn>,
) -> impl IntoView {
    let view = view_of(&areas);
    let (km, bar) = view.scale_bar();
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
            {drawn}
            <path class="map-bar" d=format!("M24 {}V{base}H{}V{}", base - 8.0, 24.0 + bar, base - 8.0) />
            <text class="map-label" x="28" y=base - 10.0>
                {format!("{km} km")}
            </text>
        </svg>
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
    let spill = (area.spill_km > 0.0).then(|| {
        let path: String = shapes
            .iter()
            .map(|shape| view.path(&spilled(shape, area.spill_km)))
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

/// What lies around an area that is drawn: land and the other areas.
pub(crate) fn surroundings(outline: &Outline, others: &[(String, Outline)]) -> Surroundings {
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
    fn the_world_is_read_to_its_end() {
        let mut numbers = Numbers(WORLD.iter());
        let rings = numbers.lines().unwrap();
        let borders = numbers.lines().unwrap();
        assert!(numbers.next().is_none());
        assert!(rings.len() > 1_000 && borders.len() > 200);
        let mut corners = rings.iter().chain(&borders).flatten();
        assert!(corners.all(|corner| corner.lat.abs() <= 90.0 && corner.lon.abs() <= 180.0));
    }

    #[test]
    fn broken_octets_are_no_land() {
        assert!(Land::read(&[0xFF; 20]).rings.is_empty());
        assert!(Land::read(&[2, 0xFE]).rings.is_empty());
    }

    #[test]
    fn land_around_a_town_is_some_of_it_and_not_all() {
        let view = MapView::around(&[
            Corner {
                lat: 55.3,
                lon: -1.7,
            },
            Corner {
                lat: 55.5,
                lon: -1.5,
            },
        ]);
        let path = Land::path(view);
        assert!(path.starts_with('M'));
        assert!(path.len() < 4_000, "{} octets", path.len());
    }

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
}
