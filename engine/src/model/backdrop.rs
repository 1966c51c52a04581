//! What lies under the areas on every map: lines that somebody has uploaded, such as districts,
//! rivers or roads. It is looked at and never sent.

use serde::{Deserialize, Serialize};

/// Longest file, octets.
pub const MAX_BACKDROP_BYTES: usize = 16 << 20;
/// Most points of all lines together: some 20 octets each are stored, and each map draws as many of
/// them as can be told apart.
pub const MAX_BACKDROP_POINTS: usize = 100_000;
/// Longest name of the file, octets.
pub const MAX_BACKDROP_NAME_BYTES: usize = 100;
/// Parts of a degree that a point is stored in: about a metre.
const PER_DEGREE: f64 = 100_000.0;

/// A point: latitude and longitude in 1/100,000 degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackdropPoint(i32, i32);

impl BackdropPoint {
    /// A point on the Earth; `None` for others.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let is_place = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        // At most 18,000,000.
        is_place.then(|| {
            Self(
                (latitude * PER_DEGREE).round() as i32,
                (longitude * PER_DEGREE).round() as i32,
            )
        })
    }

    /// Degrees north, -90 to 90.
    pub fn latitude(self) -> f64 {
        f64::from(self.0) / PER_DEGREE
    }

    /// Degrees east, -180 to 180.
    pub fn longitude(self) -> f64 {
        f64::from(self.1) / PER_DEGREE
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackdropLine {
    /// Its end is joined to its beginning.
    #[serde(rename = "c")]
    pub closed: bool,
    /// Its points.
    #[serde(rename = "p")]
    pub points: Vec<BackdropPoint>,
}

/// What was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Backdrop {
    /// Name of the file.
    pub name: String,
    /// Its lines.
    pub lines: Vec<BackdropLine>,
    /// Who has uploaded it.
    pub by: String,
    /// When, Unix ms.
    pub at_ms: u64,
}

impl Backdrop {
    /// Points of all lines.
    pub fn points(&self) -> usize {
        self.lines.iter().map(|line| line.points.len()).sum()
    }
}
