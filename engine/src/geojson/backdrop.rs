//! Lines of a GeoJSON text (RFC 7946), to be drawn under the areas: `LineString`,
//! `MultiLineString`, and the rings of `Polygon` and `MultiPolygon`. Points are left out.

use serde_json::Value;

use super::{MAX_DEPTH, problem};
use crate::model::backdrop::{
    BackdropLine, BackdropPoint, MAX_BACKDROP_BYTES, MAX_BACKDROP_POINTS,
};
use crate::model::outline::ShapeProblem;

/// Reads lines; the first thing that is wrong is told.
pub fn lines(octets: &[u8]) -> Result<Vec<BackdropLine>, ShapeProblem> {
    if octets.len() > MAX_BACKDROP_BYTES {
        let max = MAX_BACKDROP_BYTES >> 20;
        let message = format!("The file is longer than {max} MiB: simplify its lines.");
        return Err(problem(None, message));
    }
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
    let value: Value = serde_json::from_slice(octets)
        .map_err(|error| problem(None, format!("This is no JSON: {error}.")))?;
    let mut reader = Reader::default();
    reader.any(&value, 0)?;
    match reader.lines.is_empty() {
        true => Err(problem(None, "There is no line and no polygon in it.")),
        false => Ok(reader.lines),
    }
}

#[derive(Default)]
struct Reader {
    lines: Vec<BackdropLine>,
    points: usize,
}

impl Reader {
    fn wrong(&self, message: impl ToString) -> ShapeProblem {
        problem(Some(self.lines.len() + 1), message)
    }

    fn any(&mut self, value: &Value, depth: usize) -> Result<(), ShapeProblem> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("Collections are nested too deeply."));
        }
        let each = |name: &str| {
            value
                .get(name)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        match value.get("type").and_then(Value::as_str) {
            Some("FeatureCollection") => {
                each("features").try_for_each(|feature| self.any(feature, depth + 1))
            }
            Some("GeometryCollection") => {
                each("geometries").try_for_each(|geometry| self.any(geometry, depth + 1))
            }
            Some("Feature") => match value.get("geometry") {
                None | Some(Value::Null) => Ok(()),
                Some(geometry) => self.any(geometry, depth + 1),
            },
            Some("LineString") => self.line(&value["coordinates"], false),
            Some("MultiLineString") => {
                each("coordinates").try_for_each(|line| self.line(line, false))
            }
            Some("Polygon") => each("coordinates").try_for_each(|ring| self.line(ring, true)),
            Some("MultiPolygon") => {
                let polygons = each("coordinates").filter_map(Value::as_array);
                polygons
                    .flatten()
                    .try_for_each(|ring| self.line(ring, true))
            }
            Some("Point" | "MultiPoint") => Ok(()),
            Some(other) => Err(self.wrong(format!("{other:?} is no geometry of GeoJSON."))),
            None => Err(self.wrong("This is no GeoJSON: it has no type.")),
        }
    }

    fn line(&mut self, coordinates: &Value, closed: bool) -> Result<(), ShapeProblem> {
        let places = coordinates.as_array().map_or(&[][..], Vec::as_slice);
        self.points += places.len();
        if self.points > MAX_BACKDROP_POINTS {
            let message =
                format!("There are more than {MAX_BACKDROP_POINTS} points: simplify the lines.");
            return Err(problem(None, message));
        }
        let mut points: Vec<BackdropPoint> = Vec::with_capacity(places.len());
        for place in places {
            let number = |index: usize| place.get(index).and_then(Value::as_f64);
            // Longitude, then latitude (RFC 7946 3.1.1).
            let point = match (number(1), number(0)) {
                (Some(latitude), Some(longitude)) => BackdropPoint::new(latitude, longitude),
                _ => None,
            };
            let wrong = "A place is [longitude, latitude] in degrees, at most 180 and 90.";
            points.push(point.ok_or_else(|| self.wrong(wrong))?);
        }
        if closed && points.len() > 1 && points.first() == points.last() {
            points.pop();
        }
        if points.len() < 2 {
            return Err(self.wrong("A line has at least two places."));
        }
        self.lines.push(BackdropLine { closed, points });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<BackdropLine>, String> {
        lines(text.as_bytes()).map_err(|problem| problem.message)
    }

    #[test]
    fn lines_and_rings_are_taken_and_points_left_out() {
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","geometry":null},
            {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}},
            {"type":"Feature","geometry":{"type":"LineString","coordinates":[[7.5,51,9],[8,52]]}},
            {"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[
                [[[0,0],[1,0],[1,1],[0,0]],[[0.2,0.1],[0.3,0.1],[0.3,0.2],[0.2,0.1]]]]}}]}"#;
        let lines = read(text).unwrap();
        let shape: Vec<_> = lines
            .iter()
            .map(|line| (line.closed, line.points.len()))
            .collect();
        assert_eq!(shape, [(false, 2), (true, 3), (true, 3)]);
        assert!((lines[0].points[0].latitude() - 51.0).abs() < 1e-9);
        assert!((lines[0].points[0].longitude() - 7.5).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_map_is_refused() {
        for (text, why) in [
            ("", "no JSON"),
            ("[]", "no type"),
            (r#"{"type":"Point","coordinates":[1,2]}"#, "no line"),
            (r#"{"type":"Topology"}"#, "no geometry"),
            (
                r#"{"type":"LineString","coordinates":[[1,2]]}"#,
                "two places",
            ),
            (
                r#"{"type":"LineString","coordinates":[[1,2],[1,91]]}"#,
                "degrees",
            ),
            (
                r#"{"type":"LineString","coordinates":[[1,2],[1e999,1]]}"#,
                "no JSON",
            ),
            (
                r#"{"type":"LineString","coordinates":[[1,2],"a"]}"#,
                "degrees",
            ),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
        let deep = r#"{"type":"GeometryCollection","geometries":["#.repeat(20);
        let deep = format!("{deep}{}", "]}".repeat(20));
        assert!(read(&deep).unwrap_err().contains("nested"));
    }

    #[test]
    fn more_points_than_a_map_can_have_are_refused() {
        let line = |points: usize| {
            let points = vec!["[1,2]"; points].join(",");
            format!(r#"{{"type":"LineString","coordinates":[{points}]}}"#)
        };
        assert_eq!(read(&line(MAX_BACKDROP_POINTS)).unwrap().len(), 1);
        assert!(
            read(&line(MAX_BACKDROP_POINTS + 1))
                .unwrap_err()
                .contains("simplify")
        );
        let long = vec![b' '; MAX_BACKDROP_BYTES + 1];
        assert!(lines(&long).unwrap_err().message.contains("MiB"));
    }
}
