//! How a service area lies on the map, and who lives in it.

use serde::{Deserialize, Serialize};

use super::alias::ServiceArea;
use super::ids::{AreaName, ChannelName};

/// Shapes of one area.
pub const MAX_SHAPES: usize = 100;
/// Corners of one polygon.
pub const MAX_CORNERS: usize = 500;

/// A place: degrees, WGS 84. Latitude -90 to 90, longitude -180 to 180.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// One shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// All places within a distance.
    Circle {
        /// Its middle.
        center: Place,
        /// Radius, kilometres.
        radius_km: f64,
    },
    /// Between three corners or more; the last one is joined to the first and does not repeat it.
    Polygon(Vec<Place>),
}

/// How an area lies on the map.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Outline {
    /// Its shapes; the area is all of them together.
    pub shapes: Vec<Shape>,
    /// People who live there, where somebody knows: an estimate of its receivers.
    pub population: Option<u64>,
}

impl Outline {
    /// South-west and north-east corner of what it covers, for a map; `None` without shapes.
    pub fn bounds(&self) -> Option<(Place, Place)> {
        let mut bounds: Option<(Place, Place)> = None;
        let mut add = |latitude: f64, longitude: f64| {
            let (least, most) = bounds.get_or_insert((
                Place {
                    latitude,
                    longitude,
                },
                Place {
                    latitude,
                    longitude,
                },
            ));
            least.latitude = least.latitude.min(latitude);
            least.longitude = least.longitude.min(longitude);
            most.latitude = most.latitude.max(latitude);
            most.longitude = most.longitude.max(longitude);
        };
        for shape in &self.shapes {
            match shape {
                Shape::Circle { center, radius_km } => {
                    let north = radius_km / KM_PER_DEGREE;
                    let east = north / center.latitude.to_radians().cos().max(0.01);
                    add(
                        (center.latitude - north).max(-90.0),
                        (center.longitude - east).max(-180.0),
                    );
                    add(
                        (center.latitude + north).min(90.0),
                        (center.longitude + east).min(180.0),
                    );
                }
                Shape::Polygon(corners) => corners
                    .iter()
                    .for_each(|corner| add(corner.latitude, corner.longitude)),
            }
        }
        bounds
    }

    /// Ground that its shapes cover, square kilometres, on a sphere. What two shapes share counts
    /// twice.
    pub fn surface_km2(&self) -> f64 {
        self.shapes.iter().map(Shape::surface_km2).sum()
    }
}

impl Shape {
    fn surface_km2(&self) -> f64 {
        match self {
            // The ground within reach is a cap; half around the Earth is all of it.
            Self::Circle { radius_km, .. } => {
                let angle = (radius_km / EARTH_RADIUS_KM).clamp(0.0, std::f64::consts::PI);
                2.0 * std::f64::consts::TAU * (EARTH_RADIUS_KM * (angle / 2.0).sin()).powi(2)
            }
            // R. G. Chamberlain and W. H. Duquette, "Some algorithms for polygons on a sphere",
            // JPL 2007: exact for sides along meridians and parallels, close for short ones.
            Self::Polygon(corners) => {
                let next = corners.iter().cycle().skip(1);
                let twice: f64 = corners
                    .iter()
                    .zip(next)
                    .map(|(from, to)| {
                        let east = (to.longitude - from.longitude).to_radians();
                        let sine = |place: &Place| place.latitude.to_radians().sin();
                        east * (2.0 + sine(from) + sine(to))
                    })
                    .sum();
                (twice * EARTH_RADIUS_KM.powi(2) / 2.0).abs()
            }
        }
    }
}

/// Mean radius of the Earth, kilometres.
const EARTH_RADIUS_KM: f64 = 6_371.009;

/// Length of a degree of latitude, kilometres.
const KM_PER_DEGREE: f64 = 111.195;

/// An area with all that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AreaDetail {
    /// Name, channels and bearer identities.
    pub area: ServiceArea,
    /// How it lies.
    pub outline: Outline,
    /// Areas that it overlaps.
    pub overlaps: Vec<AreaName>,
    /// The address that initiators write.
    pub address: String,
    /// Groups that are scoped to it, and drafts and templates that name it: it cannot be deleted
    /// while there are any.
    pub used_by: Vec<String>,
    /// Its channels that exist, in its order.
    pub served_by: Vec<ChannelName>,
    /// Counts its changes; a form quotes it.
    pub changed_ms: u64,
}

/// A shape that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShapeProblem {
    /// Which shape, counted from 1; `None` for the file as a whole.
    pub shape: Option<usize>,
    /// What is wrong, in one sentence.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surfaces_are_those_of_the_sphere() {
        let place = |latitude, longitude| Place {
            latitude,
            longitude,
        };
        // An eighth of the Earth, either way around.
        let mut eighth = vec![place(0.0, 0.0), place(0.0, 90.0), place(90.0, 90.0)];
        eighth.push(place(90.0, 0.0));
        let earth = 4.0 * std::f64::consts::PI * EARTH_RADIUS_KM.powi(2);
        for _ in 0..2 {
            let surface = Shape::Polygon(eighth.clone()).surface_km2();
            assert!((surface / earth - 0.125).abs() < 1e-9, "{surface}");
            eighth.reverse();
        }
        let circle = Shape::Circle {
            center: place(50.0, 10.0),
            radius_km: 2.0,
        };
        let surface = circle.surface_km2();
        assert!(
            (surface - 4.0 * std::f64::consts::PI).abs() < 0.01,
            "{surface}"
        );
        assert!(Outline::default().surface_km2() == 0.0);
    }

    #[test]
    fn bounds_hold_every_shape() {
        let place = |latitude, longitude| Place {
            latitude,
            longitude,
        };
        assert_eq!(Outline::default().bounds(), None);
        let outline = Outline {
            shapes: vec![
                Shape::Polygon(vec![place(1.0, 2.0), place(3.0, -4.0), place(0.5, 0.0)]),
                Shape::Circle {
                    center: place(0.0, 0.0),
                    radius_km: 111.195,
                },
            ],
            population: None,
        };
        let (least, most) = outline.bounds().unwrap();
        assert_eq!((least.latitude, least.longitude), (-1.0, -4.0));
        assert_eq!((most.latitude, most.longitude), (3.0, 2.0));
    }
}
