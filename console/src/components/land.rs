//! Land and borders of Natural Earth, as far as they are seen.

use std::sync::LazyLock;

use crate::outline::{Corner, HEIGHT, MapView, WIDTH, shrink};

/// See `world.mjs` beside it.
const WORLD: &[u8] = include_bytes!("../../assets/world.bin");

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
    pub(super) fn borders(view: MapView) -> String {
        let seen = Seen::of(view);
        let lines = LAND.borders.iter().filter(|line| seen.any(line));
        lines
            .map(|line| view.path(&seen.thinned(line)).replace('Z', ""))
            .collect()
    }
}

/// What of the earth is in a view, with a margin.
pub(super) struct Seen {
    north: f64,
    south: f64,
    east: f64,
    west: f64,
    /// Points closer together than this are one, degrees.
    pub(super) fine: f64,
}

impl Seen {
    pub(super) fn of(view: MapView) -> Self {
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
    pub(super) fn any(&self, line: &[Corner]) -> bool {
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
    pub(super) fn thinned(&self, line: &[Corner]) -> Vec<Corner> {
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
}
