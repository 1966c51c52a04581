//! How far beyond an area phones may still hear its broadcast: an estimate, and from what.
//!
//! Masts stand close together where many people live and far apart where few do. With population
//! and surface the reach is 5,900 - 1,250 * log10(phones per square mile) metres, held between 500
//! and 5,000; one phone is taken for each person. Without, two kilometres are assumed.

use super::outline::Outline;

/// Assumed where nobody knows how many people live on how much land, metres.
pub const ASSUMED_M: f64 = 2_000.0;
/// Least and most of what is computed, metres.
pub const RANGE_M: (f64, f64) = (500.0, 5_000.0);
/// Square kilometres of a square mile.
const KM2_PER_SQUARE_MILE: f64 = 2.589_988;
/// Surfaces below this are none, square kilometres: one square metre.
const MIN_SURFACE_KM2: f64 = 1e-6;

/// How far beyond an area its broadcast may be heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spill {
    /// Metres beyond its outline.
    pub reach_m: f64,
    /// People and square kilometres that it was computed from; `None` where it is assumed.
    pub from: Option<(u64, f64)>,
}

impl Spill {
    /// The estimate for an area.
    pub fn of(outline: &Outline) -> Self {
        let surface_km2 = outline.surface_km2();
        match outline.population {
            Some(people) if surface_km2 >= MIN_SURFACE_KM2 => Self {
                reach_m: reach_m(people, surface_km2),
                from: Some((people, surface_km2)),
            },
            _ => Self {
                reach_m: ASSUMED_M,
                from: None,
            },
        }
    }

    /// Kilometres beyond its outline.
    pub fn reach_km(&self) -> f64 {
        self.reach_m / 1000.0
    }
}

/// Figures of people are far below 2^53.
fn reach_m(people: u64, surface_km2: f64) -> f64 {
    let per_square_mile = people as f64 / surface_km2 * KM2_PER_SQUARE_MILE;
    // Nobody there is minus infinity, and is held at the most.
    let reach_m = 5_900.0 - 1_250.0 * per_square_mile.log10();
    reach_m.clamp(RANGE_M.0, RANGE_M.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outline::{Place, Shape};

    fn circle(radius_km: f64, population: Option<u64>) -> Outline {
        let center = Place {
            latitude: 54.0,
            longitude: -1.0,
        };
        Outline {
            shapes: vec![Shape::Circle { center, radius_km }],
            population,
        }
    }

    #[test]
    fn few_people_are_heard_farther_than_many() {
        // A square mile of ground: 0.9078 km around a place.
        let mile = (KM2_PER_SQUARE_MILE / std::f64::consts::PI).sqrt();
        for (people, reach_m) in [
            (0, 5_000.0),
            (1, 5_000.0),
            (100, 3_400.0),
            (1_000, 2_150.0),
            (10_000, 900.0),
            (100_000, 500.0),
            (u64::MAX, 500.0),
        ] {
            let spill = Spill::of(&circle(mile, Some(people)));
            assert!(
                (spill.reach_m - reach_m).abs() < 0.01,
                "{people}: {spill:?}"
            );
            assert!(spill.from.is_some());
        }
    }

    #[test]
    fn what_nobody_knows_is_assumed() {
        let assumed = Spill {
            reach_m: ASSUMED_M,
            from: None,
        };
        assert_eq!(Spill::of(&circle(1.0, None)), assumed);
        assert_eq!(Spill::of(&circle(0.0, Some(7))), assumed);
        let nowhere = Outline {
            shapes: Vec::new(),
            population: Some(7),
        };
        assert_eq!(Spill::of(&nowhere), assumed);
    }
}
