//! Warning area coordinates: phones of LTE and NR compare them with where they are
//! (TS 23.041 9.3.63, ATIS-0700041 5.2), and the trigger that lists alerts of one area.
//!
//! ```text
//!  +------+------------+--+-------------------------------+------+
//!  | tag  |   length   |00| value                         | zeros|   length in octets, these
//!  +------+------------+--+-------------------------------+------+   two included
//!     4         10       2
//!  polygon: (latitude 22, longitude 22) * n      circle: latitude 22, longitude 22, radius 20
//! ```

mod bits;
mod trigger;

use crate::geometry::{Circle, GeometryError, Point, Polygon};
use bits::{BitReader, BitWriter};

pub use trigger::{GeoFencingTrigger, MAX_TRIGGER_ALERTS, TriggerError};

/// Octets of all coordinates of a message (TS 29.168).
pub const MAX_OCTETS: usize = 1024;
/// Corners of one polygon: an element has at most 1023 octets.
pub const MAX_POLYGON_VERTICES: usize = 185;

const TAG_BITS: u32 = 4;
const LENGTH_BITS: u32 = 10;
const RESERVED_BITS: u32 = 2;
const HEADER_OCTETS: usize = 2;
const COORDINATE_BITS: u32 = 22;
const RADIUS_BITS: u32 = 20;
const WAIT_BITS: u32 = 8;
const STEPS: f64 = 4_194_304.0;
const RADIUS_STEPS_PER_KM: f64 = 64.0;
const WAIT_TAG: u32 = 1;
const POLYGON_TAG: u32 = 2;
const CIRCLE_TAG: u32 = 3;

/// How long a phone may look for its position before it shows the alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MaximumWait {
    /// As the device is set.
    DeviceDefault,
    /// Seconds, 0 to 254; 0 shows the alert at once.
    Seconds(u8),
}

/// One shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A circle.
    Circle(Circle),
    /// A polygon.
    Polygon(Polygon),
}

/// Where an alert applies: in any of its shapes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WarningArea {
    /// How long a phone may take to find out where it is.
    pub maximum_wait: Option<MaximumWait>,
    /// The shapes.
    pub shapes: Vec<Shape>,
}

/// Coordinates that cannot be written or read.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum WacError {
    /// An element whose length does not fit its kind.
    #[error("an element with tag {tag} has no length of {octets} octets")]
    ElementLength {
        /// Octets said.
        octets: usize,
        /// Its tag.
        tag: u8,
    },
    /// A polygon that is none, perhaps only after rounding to steps of some metres.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// A circle of radius 0, or one that is too large for its field.
    #[error("a circle of radius {radius_km} km cannot be sent")]
    Radius {
        /// Radius, kilometres.
        radius_km: f64,
    },
    /// More octets than a message may have.
    #[error("warning area coordinates take {octets} octets, over 1024")]
    TooLong {
        /// Octets.
        octets: usize,
    },
    /// An element ends beyond the octets.
    #[error("warning area coordinates end inside an element at octet {offset}")]
    Truncated {
        /// Where the element starts, octets.
        offset: usize,
    },
    /// A polygon of more corners than fit into an element.
    #[error("a polygon of {vertices} corners cannot be sent; 185 can")]
    Vertices {
        /// Corners.
        vertices: usize,
    },
}

impl WarningArea {
    /// Writes the coordinates, at most [`MAX_OCTETS`]. Places move by less than 10 metres; a
    /// radius is rounded up, so that nobody inside is left out.
    pub fn encode(&self) -> Result<Vec<u8>, WacError> {
        let mut octets = Vec::new();
        if let Some(wait) = self.maximum_wait {
            let mut value = BitWriter::default();
            let seconds = match wait {
                MaximumWait::DeviceDefault => u8::MAX,
                MaximumWait::Seconds(seconds) => seconds.min(u8::MAX - 1),
            };
            value.put(u32::from(seconds), WAIT_BITS);
            put_element(&mut octets, WAIT_TAG, value);
        }
        for shape in &self.shapes {
            match shape {
                Shape::Circle(circle) => {
                    put_element(&mut octets, CIRCLE_TAG, circle_value(circle)?)
                }
                Shape::Polygon(polygon) => {
                    put_element(&mut octets, POLYGON_TAG, polygon_value(polygon)?);
                }
            }
            if octets.len() > MAX_OCTETS {
                break;
            }
        }
        match octets.len() {
            0..=MAX_OCTETS => Ok(octets),
            octets => Err(WacError::TooLong { octets }),
        }
    }

    /// Reads coordinates. Elements with other tags are passed over; of several waiting times the
    /// last one counts.
    pub fn decode(octets: &[u8]) -> Result<Self, WacError> {
        if octets.len() > MAX_OCTETS {
            return Err(WacError::TooLong {
                octets: octets.len(),
            });
        }
        let mut area = Self::default();
        let mut offset = 0;
        // Every element is at least two octets long, so this ends.
        while offset < octets.len() {
            let truncated = WacError::Truncated { offset };
            let rest = octets.get(offset..).unwrap_or_default();
            let mut header = BitReader::new(rest);
            let tag = header.take(TAG_BITS).ok_or(truncated)? as u8;
            let length = header.take(LENGTH_BITS).ok_or(truncated)? as usize;
            if length < HEADER_OCTETS {
                return Err(WacError::ElementLength {
                    octets: length,
                    tag,
                });
            }
            let value = rest.get(HEADER_OCTETS..length).ok_or(truncated)?;
            area.element(tag, value)?;
            offset += length;
        }
        Ok(area)
    }

    fn element(&mut self, tag: u8, value: &[u8]) -> Result<(), WacError> {
        let wrong_length = WacError::ElementLength {
            octets: value.len() + HEADER_OCTETS,
            tag,
        };
        let mut bits = BitReader::new(value);
        match u32::from(tag) {
            WAIT_TAG => {
                let seconds = bits.take(WAIT_BITS).ok_or(wrong_length)? as u8;
                self.maximum_wait = Some(match seconds {
                    u8::MAX => MaximumWait::DeviceDefault,
                    seconds => MaximumWait::Seconds(seconds),
                });
            }
            POLYGON_TAG => {
                let count = value.len() * 8 / (2 * COORDINATE_BITS) as usize;
                let points = (0..count).filter_map(|_| take_point(&mut bits).transpose());
                let points = points.collect::<Result<_, _>>()?;
                self.shapes.push(Shape::Polygon(Polygon::new(points)?));
            }
            CIRCLE_TAG => {
                let center = take_point(&mut bits)?.ok_or(wrong_length)?;
                let radius = bits.take(RADIUS_BITS).ok_or(wrong_length)?;
                let radius_km = f64::from(radius) / RADIUS_STEPS_PER_KM;
                self.shapes
                    .push(Shape::Circle(Circle::new(center, radius_km)?));
            }
            _ => {}
        }
        Ok(())
    }
}

fn put_element(octets: &mut Vec<u8>, tag: u32, value: BitWriter) {
    let value = value.finish();
    let mut header = BitWriter::default();
    header.put(tag, TAG_BITS);
    // Values are at most 1021 octets: 185 corners.
    header.put((value.len() + HEADER_OCTETS) as u32, LENGTH_BITS);
    header.put(0, RESERVED_BITS);
    octets.extend_from_slice(&header.finish());
    octets.extend_from_slice(&value);
}

fn circle_value(circle: &Circle) -> Result<BitWriter, WacError> {
    let radius_km = circle.radius_km();
    let steps = (radius_km * RADIUS_STEPS_PER_KM).ceil();
    if steps < 1.0 || steps >= f64::from(1 << RADIUS_BITS) {
        return Err(WacError::Radius { radius_km });
    }
    let mut value = BitWriter::default();
    put_point(&mut value, circle.center());
    value.put(steps as u32, RADIUS_BITS);
    Ok(value)
}

fn polygon_value(polygon: &Polygon) -> Result<BitWriter, WacError> {
    let vertices = polygon.vertices();
    if vertices.len() > MAX_POLYGON_VERTICES {
        return Err(WacError::Vertices {
            vertices: vertices.len(),
        });
    }
    let mut value = BitWriter::default();
    for vertex in vertices {
        put_point(&mut value, *vertex);
    }
    let rounded = vertices.iter().map(|vertex| {
        let (latitude, longitude) = steps(*vertex);
        point(latitude, longitude)
    });
    Polygon::new(rounded.collect::<Result<_, _>>()?)?;
    Ok(value)
}

/// Steps of 180 and 360 degrees in 2^22, rounded down; the far ends take the last step.
fn steps(point: Point) -> (u32, u32) {
    let last = (1 << COORDINATE_BITS) - 1;
    let latitude = ((point.latitude() + 90.0) * STEPS / 180.0) as u32;
    let longitude = ((point.longitude() + 180.0) * STEPS / 360.0) as u32;
    (latitude.min(last), longitude.min(last))
}

/// The place of a step. Exact, so that writing it again gives the same step.
fn point(latitude: u32, longitude: u32) -> Result<Point, GeometryError> {
    Point::new(
        f64::from(latitude) * 180.0 / STEPS - 90.0,
        f64::from(longitude) * 360.0 / STEPS - 180.0,
    )
}

fn put_point(value: &mut BitWriter, point: Point) {
    let (latitude, longitude) = steps(point);
    value.put(latitude, COORDINATE_BITS);
    value.put(longitude, COORDINATE_BITS);
}

fn take_point(bits: &mut BitReader<'_>) -> Result<Option<Point>, GeometryError> {
    let steps = bits.take(COORDINATE_BITS).zip(bits.take(COORDINATE_BITS));
    let place = steps.map(|(latitude, longitude)| point(latitude, longitude));
    place.transpose()
}

#[cfg(test)]
mod tests;
