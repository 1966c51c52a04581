//! Points, polygons and circles on the Earth, WGS 84, as warnings draw them.

use std::fmt;
use std::str::FromStr;

/// Vertices of one polygon: more than any interface takes (185 in warning area coordinates).
pub const MAX_VERTICES: usize = 500;
/// Largest radius, kilometres: half the way round the Earth.
pub const MAX_RADIUS_KM: f64 = 20_038.0;

const MIN_VERTICES: usize = 3;

/// A place: latitude -90 to 90 degrees, longitude -180 to 180 degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    latitude: f64,
    longitude: f64,
}

/// An area between at least three corners, without crossings, not over the 180th meridian. The
/// last corner is joined to the first one and does not repeat it.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon(Vec<Point>);

/// All places within a distance. A radius of 0 is a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    center: Point,
    radius_km: f64,
}

/// Numbers that are no place or no area.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum GeometryError {
    /// Two sides of a polygon cross or touch.
    #[error("sides {first} and {second} of the polygon cross")]
    Crossing {
        /// The earlier side, counted from 1.
        first: usize,
        /// The later side.
        second: usize,
    },
    /// A polygon that is written has its first corner again at the end.
    #[error("the polygon is not closed: its last point differs from its first")]
    NotClosed,
    /// Not numbers where numbers belong.
    #[error("{text:?} is not written as latitude,longitude", text = clip(*text))]
    Number {
        /// The first octets of what stands there.
        text: [u8; 16],
    },
    /// A latitude or longitude out of range.
    #[error("latitude {latitude}, longitude {longitude} is not on the Earth")]
    OffEarth {
        /// Latitude, degrees.
        latitude: f64,
        /// Longitude, degrees.
        longitude: f64,
    },
    /// A side that goes round the back of the Earth. Draw two polygons that meet at 180 degrees.
    #[error("side {side} of the polygon crosses the 180th meridian; draw two polygons")]
    Over180 {
        /// The side, counted from 1.
        side: usize,
    },
    /// A radius that is negative, endless or beyond the Earth.
    #[error("radius {radius_km} km is out of range")]
    Radius {
        /// Radius, kilometres.
        radius_km: f64,
    },
    /// Too few corners, or too many.
    #[error("a polygon has 3 to 500 corners, not {vertices}")]
    Vertices {
        /// Corners given.
        vertices: usize,
    },
}

fn clip(text: [u8; 16]) -> String {
    let text = String::from_utf8_lossy(&text).into_owned();
    text.trim_end_matches('\0').to_owned()
}

impl Point {
    /// A place, in degrees.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, GeometryError> {
        // Also false for what is not a number.
        if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
            Ok(Self {
                latitude,
                longitude,
            })
        } else {
            Err(GeometryError::OffEarth {
                latitude,
                longitude,
            })
        }
    }

    /// Degrees north.
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    pub const fn longitude(self) -> f64 {
        self.longitude
    }
}

impl Polygon {
    /// A polygon of these corners; one that repeats the one before it is left out, and so is a last
    /// one that repeats the first.
    pub fn new(mut vertices: Vec<Point>) -> Result<Self, GeometryError> {
        vertices.dedup();
        if vertices.len() > 1 && vertices.first() == vertices.last() {
            vertices.pop();
        }
        if !(MIN_VERTICES..=MAX_VERTICES).contains(&vertices.len()) {
            return Err(GeometryError::Vertices {
                vertices: vertices.len(),
            });
        }
        let sides: Vec<Side> = sides(&vertices).collect();
        if let Some(side) = sides.iter().position(Side::is_over_180) {
            return Err(GeometryError::Over180 { side: side + 1 });
        }
        match crossing(&sides) {
            Some((first, second)) => Err(GeometryError::Crossing { first, second }),
            None => Ok(Self(vertices)),
        }
    }

    /// The corners.
    pub fn vertices(&self) -> &[Point] {
        &self.0
    }
}

impl Circle {
    /// A circle of a radius in kilometres, 0 to [`MAX_RADIUS_KM`].
    pub fn new(center: Point, radius_km: f64) -> Result<Self, GeometryError> {
        if (0.0..=MAX_RADIUS_KM).contains(&radius_km) {
            Ok(Self { center, radius_km })
        } else {
            Err(GeometryError::Radius { radius_km })
        }
    }

    /// The middle.
    pub const fn center(self) -> Point {
        self.center
    }

    /// Kilometres.
    pub const fn radius_km(self) -> f64 {
        self.radius_km
    }
}

#[derive(Clone, Copy)]
struct Side {
    from: Point,
    to: Point,
}

fn sides(vertices: &[Point]) -> impl Iterator<Item = Side> {
    let next = vertices.iter().cycle().skip(1);
    vertices.iter().zip(next).map(|(from, to)| Side {
        from: *from,
        to: *to,
    })
}

/// Numbers from 1 of two sides that meet where they should not.
fn crossing(sides: &[Side]) -> Option<(usize, usize)> {
    let count = sides.len();
    for (first, side) in sides.iter().enumerate() {
        for (second, other) in sides.iter().enumerate().skip(first + 1) {
            let meets = if second == first + 1 {
                side.folds_back(other)
            } else if first == 0 && second == count - 1 {
                other.folds_back(side)
            } else {
                side.meets(other)
            };
            if meets {
                return Some((first + 1, second + 1));
            }
        }
    }
    None
}

impl Side {
    fn is_over_180(&self) -> bool {
        (self.from.longitude - self.to.longitude).abs() > 180.0
    }

    /// On which side of this one a point is: its sign.
    fn turn(&self, point: Point) -> f64 {
        let (x, y) = (
            self.to.longitude - self.from.longitude,
            self.to.latitude - self.from.latitude,
        );
        let (px, py) = (
            point.longitude - self.from.longitude,
            point.latitude - self.from.latitude,
        );
        x * py - y * px
    }

    fn spans(&self, point: Point) -> bool {
        let within = |a: f64, b: f64, value: f64| (a.min(b)..=a.max(b)).contains(&value);
        within(self.from.longitude, self.to.longitude, point.longitude)
            && within(self.from.latitude, self.to.latitude, point.latitude)
    }

    /// Whether the rectangles around both meet; most sides of a polygon are far apart.
    fn overlaps(&self, other: &Self) -> bool {
        let meet = |a: f64, b: f64, c: f64, d: f64| a.min(b) <= c.max(d) && c.min(d) <= a.max(b);
        let (from, to) = (self.from, self.to);
        meet(
            from.latitude,
            to.latitude,
            other.from.latitude,
            other.to.latitude,
        ) && meet(
            from.longitude,
            to.longitude,
            other.from.longitude,
            other.to.longitude,
        )
    }

    fn touches(&self, point: Point) -> bool {
        self.turn(point) == 0.0 && self.spans(point)
    }

    fn meets(&self, other: &Self) -> bool {
        if !self.overlaps(other) {
            return false;
        }
        // Not by their product, which may be too small for a number.
        let parts = |side: &Self, other: &Self| {
            let (from, to) = (side.turn(other.from), side.turn(other.to));
            from > 0.0 && to < 0.0 || from < 0.0 && to > 0.0
        };
        parts(self, other) && parts(other, self)
            || self.touches(other.from)
            || self.touches(other.to)
            || other.touches(self.from)
            || other.touches(self.to)
    }

    /// Whether the side that starts where this one ends lies upon it.
    fn folds_back(&self, next: &Self) -> bool {
        self.touches(next.to) || next.touches(self.from)
    }
}

/// `latitude,longitude` in degrees (CAP 1.2 3.2.4).
impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{},{}", self.latitude, self.longitude)
    }
}

/// The corners, parted by spaces, the first one again at the end (CAP 1.2 3.2.4).
impl fmt::Display for Polygon {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for vertex in &self.0 {
            write!(formatter, "{vertex} ")?;
        }
        self.0.first().map_or(Ok(()), |first| first.fmt(formatter))
    }
}

/// The middle, a space, the radius in kilometres (CAP 1.2 3.2.4).
impl fmt::Display for Circle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.center, self.radius_km)
    }
}

fn unreadable(text: &str) -> GeometryError {
    let mut clipped = [0; 16];
    for (place, octet) in clipped.iter_mut().zip(text.bytes()) {
        *place = octet;
    }
    GeometryError::Number { text: clipped }
}

/// A decimal number; words such as `inf` and exponents are none.
fn number(text: &str) -> Result<f64, GeometryError> {
    let digits = text.bytes();
    let mut decimal = digits.map(|octet| matches!(octet, b'0'..=b'9' | b'.' | b'-' | b'+'));
    match text.parse() {
        Ok(number) if decimal.all(|decimal| decimal) => Ok(number),
        _ => Err(unreadable(text)),
    }
}

impl FromStr for Point {
    type Err = GeometryError;

    fn from_str(text: &str) -> Result<Self, GeometryError> {
        let (latitude, longitude) = text.split_once(',').ok_or_else(|| unreadable(text))?;
        Self::new(number(latitude)?, number(longitude)?)
    }
}

impl FromStr for Polygon {
    type Err = GeometryError;

    fn from_str(text: &str) -> Result<Self, GeometryError> {
        let points = text.split_ascii_whitespace().take(MAX_VERTICES + 2);
        let points: Vec<Point> = points.map(str::parse).collect::<Result<_, _>>()?;
        if points.len() <= MIN_VERTICES {
            return Err(GeometryError::Vertices {
                vertices: points.len().saturating_sub(1),
            });
        }
        if points.first() != points.last() && points.len() <= MAX_VERTICES + 1 {
            return Err(GeometryError::NotClosed);
        }
        Self::new(points)
    }
}

impl FromStr for Circle {
    type Err = GeometryError;

    fn from_str(text: &str) -> Result<Self, GeometryError> {
        let (center, radius) = text
            .trim()
            .split_once(char::is_whitespace)
            .ok_or_else(|| unreadable(text))?;
        Self::new(center.parse()?, number(radius.trim_start())?)
    }
}

#[cfg(test)]
mod tests;
