//! Shapes of service areas as GeoJSON (RFC 7946), and what is wrong with them.
//!
//! Read are geometries, features and collections of them: `Polygon`, `MultiPolygon`, and `Point`
//! with a property `radius_km` (or `radius`, in metres) as a circle. A polygon with holes is
//! refused: no bearer can leave a hole. Polygons are checked as warnings need them: at least three
//! corners, no crossing sides, not over the 180th meridian, on the Earth.
//!
//! [`lines`] reads what is drawn under them, which may be any lines.

mod backdrop;

use pushcast_cbs::geometry::{Circle, Point, Polygon};
use serde_json::{Value, json};

use crate::model::outline::{MAX_CORNERS, MAX_SHAPES, Outline, Place, Shape, ShapeProblem};

pub use backdrop::lines;

/// Longest text, octets: a hundred polygons with every digit of their corners.
pub const MAX_TEXT_BYTES: usize = 4 << 20;
/// Collections in collections.
const MAX_DEPTH: usize = 8;

fn problem(shape: Option<usize>, message: impl ToString) -> ShapeProblem {
    ShapeProblem {
        shape,
        message: message.to_string(),
    }
}

/// Reads shapes, and checks them.
pub fn read(text: &str) -> Result<Outline, Vec<ShapeProblem>> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(vec![problem(None, "The file is too long.")]);
    }
    let value: Value = serde_json::from_str(text)
        .map_err(|error| vec![problem(None, format!("This is no JSON: {error}"))])?;
    let mut reader = Reader::default();
    reader.any(&value, &Value::Null, 0);
    if reader.outline.shapes.is_empty() && reader.problems.is_empty() {
        reader
            .problems
            .push(problem(None, "There is no shape in it."));
    }
    if reader.problems.is_empty() {
        reader.problems = check(&reader.outline);
    }
    match reader.problems.is_empty() {
        true => Ok(reader.outline),
        false => Err(reader.problems),
    }
}

/// Everything that is wrong with shapes.
pub fn check(outline: &Outline) -> Vec<ShapeProblem> {
    let mut problems = Vec::new();
    if outline.shapes.len() > MAX_SHAPES {
        let message = format!("There are more than {MAX_SHAPES} shapes.");
        problems.push(problem(None, message));
        return problems;
    }
    for (number, shape) in (1..).zip(&outline.shapes) {
        let point = |place: &Place| Point::new(place.latitude, place.longitude);
        let checked = match shape {
            Shape::Circle { center, radius_km } => {
                point(center).and_then(|center| Circle::new(center, *radius_km).map(|_| ()))
            }
            Shape::Polygon(corners) => corners
                .iter()
                .map(point)
                .collect::<Result<Vec<_>, _>>()
                .and_then(|corners| Polygon::new(corners).map(|_| ())),
        };
        if let Err(error) = checked {
            problems.push(problem(Some(number), error));
        }
    }
    problems
}

#[derive(Default)]
struct Reader {
    outline: Outline,
    problems: Vec<ShapeProblem>,
}

impl Reader {
    fn add(&mut self, shape: Shape) {
        if self.outline.shapes.len() <= MAX_SHAPES {
            self.outline.shapes.push(shape);
        }
    }

    fn wrong(&mut self, message: impl ToString) {
        let number = self.outline.shapes.len() + 1;
        if self.problems.len() < MAX_SHAPES {
            self.problems.push(problem(Some(number), message));
        }
    }

    fn any(&mut self, value: &Value, properties: &Value, depth: usize) {
        if depth > MAX_DEPTH {
            self.wrong("Collections are nested too deeply.");
            return;
        }
        let list = |name: &str| value.get(name).and_then(Value::as_array);
        let coordinates = value.get("coordinates").unwrap_or(&Value::Null);
        match value.get("type").and_then(Value::as_str) {
            Some("FeatureCollection") => {
                for feature in list("features").into_iter().flatten() {
                    self.any(feature, &Value::Null, depth + 1);
                }
            }
            Some("Feature") => {
                let properties = value.get("properties").unwrap_or(&Value::Null);
                let population = properties.get("population").and_then(Value::as_u64);
                self.outline.population = match (self.outline.population, population) {
                    (Some(a), Some(b)) => Some(a.saturating_add(b)),
                    (a, b) => a.or(b),
                };
                match value.get("geometry") {
                    None | Some(Value::Null) => {}
                    Some(geometry) => self.any(geometry, properties, depth + 1),
                }
            }
            Some("GeometryCollection") => {
                for geometry in list("geometries").into_iter().flatten() {
                    self.any(geometry, properties, depth + 1);
                }
            }
            Some("Polygon") => self.polygon(coordinates),
            Some("MultiPolygon") => {
                for polygon in coordinates.as_array().into_iter().flatten() {
                    self.polygon(polygon);
                }
            }
            Some("Point") => self.circle(coordinates, properties),
            Some(other) => self.wrong(format!("A {other} is no area.")),
            None => self.wrong("This is no GeoJSON: it has no type."),
        }
    }

    fn circle(&mut self, coordinates: &Value, properties: &Value) {
        let number = |name: &str| properties.get(name).and_then(Value::as_f64);
        let radius_km = number("radius_km").or(number("radius").map(|metres| metres / 1000.0));
        match (place(coordinates), radius_km) {
            (Some(center), Some(radius_km)) => self.add(Shape::Circle { center, radius_km }),
            (None, _) => self.wrong("A point is [longitude, latitude]."),
            (_, None) => self.wrong("A point needs a property radius_km to be a circle."),
        }
    }

    fn polygon(&mut self, coordinates: &Value) {
        let rings = coordinates.as_array().map_or(&[][..], Vec::as_slice);
        let [ring] = rings else {
            self.wrong(match rings.len() {
                0 => "A polygon has a list of rings.",
                _ => "A polygon with holes cannot be broadcast: draw it without.",
            });
            return;
        };
        let points = ring.as_array().map_or(&[][..], Vec::as_slice);
        if points.len() > MAX_CORNERS + 1 {
            self.wrong(format!("A polygon has at most {MAX_CORNERS} corners."));
            return;
        }
        let Some(mut corners) = points.iter().map(place).collect::<Option<Vec<Place>>>() else {
            self.wrong("Every corner is [longitude, latitude].");
            return;
        };
        // RFC 7946 3.1.6: the first place is repeated at the end.
        if corners.len() > 1 && corners.first() == corners.last() {
            corners.pop();
        } else {
            self.wrong("The polygon is not closed: its last place differs from its first.");
            return;
        }
        self.add(Shape::Polygon(corners));
    }
}

/// Longitude, then latitude (RFC 7946 3.1.1).
fn place(value: &Value) -> Option<Place> {
    let numbers = value
        .as_array()
        .filter(|numbers| (2..=3).contains(&numbers.len()))?;
    Some(Place {
        longitude: numbers[0].as_f64()?,
        latitude: numbers[1].as_f64()?,
    })
}

/// An area as one feature; circles stand as points with a radius in a collection.
pub fn write(name: &str, outline: &Outline) -> String {
    let point = |place: &Place| json!([place.longitude, place.latitude]);
    let feature = |geometry: Value, radius_km: Option<f64>| {
        let mut properties = json!({ "name": name });
        if let Some(radius_km) = radius_km {
            properties["radius_km"] = json!(radius_km);
        }
        json!({ "type": "Feature", "properties": properties, "geometry": geometry })
    };
    let mut features: Vec<Value> = outline
        .shapes
        .iter()
        .map(|shape| match shape {
            Shape::Circle { center, radius_km } => {
                let geometry = json!({ "type": "Point", "coordinates": point(center) });
                feature(geometry, Some(*radius_km))
            }
            Shape::Polygon(corners) => {
                let ring: Vec<Value> = corners.iter().chain(corners.first()).map(point).collect();
                feature(json!({ "type": "Polygon", "coordinates": [ring] }), None)
            }
        })
        .collect();
    if let (Some(population), Some(first)) = (outline.population, features.first_mut()) {
        first["properties"]["population"] = json!(population);
    }
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

/// Whether two areas have a place in common, as far as corners and sides tell: circles are taken
/// for polygons of [`CIRCLE_CORNERS`] corners.
pub fn overlap(a: &Outline, b: &Outline) -> bool {
    let apart = |a: (Place, Place), b: (Place, Place)| {
        a.1.latitude < b.0.latitude
            || b.1.latitude < a.0.latitude
            || a.1.longitude < b.0.longitude
            || b.1.longitude < a.0.longitude
    };
    match (a.bounds(), b.bounds()) {
        (Some(a), Some(b)) if !apart(a, b) => {}
        _ => return false,
    }
    let rings = |outline: &Outline| outline.shapes.iter().map(ring).collect::<Vec<_>>();
    let (a, b) = (rings(a), rings(b));
    a.iter().any(|a| b.iter().any(|b| meet(a, b)))
}

/// Corners that stand for a circle.
const CIRCLE_CORNERS: u32 = 48;

fn ring(shape: &Shape) -> Vec<(f64, f64)> {
    match shape {
        Shape::Polygon(corners) => {
            let pair = |place: &Place| (place.longitude, place.latitude);
            corners.iter().map(pair).collect()
        }
        Shape::Circle { center, radius_km } => {
            let north = radius_km / 111.195;
            let east = north / center.latitude.to_radians().cos().max(0.01);
            (0..CIRCLE_CORNERS)
                .map(|corner| {
                    let turn = f64::from(corner) / f64::from(CIRCLE_CORNERS);
                    let (sin, cos) = (turn * std::f64::consts::TAU).sin_cos();
                    (center.longitude + east * cos, center.latitude + north * sin)
                })
                .collect()
        }
    }
}

type Pair = (f64, f64);

fn sides(ring: &[Pair]) -> impl Iterator<Item = (Pair, Pair)> + '_ {
    let next = ring.iter().cycle().skip(1);
    ring.iter().copied().zip(next.copied())
}

fn meet(a: &[Pair], b: &[Pair]) -> bool {
    let inside =
        |point: Option<&Pair>, ring: &[Pair]| point.is_some_and(|point| contains(ring, *point));
    inside(a.first(), b)
        || inside(b.first(), a)
        || sides(a).any(|a| sides(b).any(|b| crosses(a, b)))
}

/// An odd number of sides lies to the right of what is inside.
fn contains(ring: &[Pair], (x, y): Pair) -> bool {
    let mut inside = false;
    for ((ax, ay), (bx, by)) in sides(ring) {
        if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
            inside = !inside;
        }
    }
    inside
}

fn crosses((a, b): (Pair, Pair), (c, d): (Pair, Pair)) -> bool {
    let turn = |p: Pair, q: Pair, r: Pair| (q.0 - p.0) * (r.1 - p.1) - (q.1 - p.1) * (r.0 - p.0);
    turn(a, b, c) * turn(a, b, d) < 0.0 && turn(c, d, a) * turn(c, d, b) < 0.0
}

#[cfg(test)]
mod tests;
