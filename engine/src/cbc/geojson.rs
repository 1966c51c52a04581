//! The polygons of a GeoJSON file (RFC 7946): of features, collections and bare geometries.
//! Other shapes, and polygons with holes, are refused: Cell Broadcast has no way to say them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use pushcast_cbs::area::Area;
use pushcast_cbs::geometry::{GeometryError, Point, Polygon};
use serde::Deserialize;

/// Longest file, octets: some thousand polygons.
const MAX_FILE_BYTES: u64 = 4 << 20;
/// Polygons of one area; a message names each.
const MAX_POLYGONS: usize = 256;

/// A file that is no GeoJSON, or holds no area.
#[derive(Debug, thiserror::Error)]
pub enum GeoJsonError {
    /// Not JSON, or not of the form of RFC 7946.
    #[error("{path}: {source}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// A polygon that is none.
    #[error("{path}: polygon {number}: {source}")]
    Geometry {
        /// The file.
        path: PathBuf,
        /// Which one, counted from 1.
        number: usize,
        /// What is wrong with it.
        source: GeometryError,
    },
    /// A polygon with a hole.
    #[error("{path}: polygon {number} has a hole, which Cell Broadcast cannot say")]
    Hole {
        /// The file.
        path: PathBuf,
        /// Which one, counted from 1.
        number: usize,
    },
    /// No polygon at all, or too many.
    #[error("{path} has {count} polygons, possible are 1 to {MAX_POLYGONS}")]
    Polygons {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is too long.
    #[error("{path} is longer than {MAX_FILE_BYTES} octets")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
}

/// Longitude, latitude and perhaps a height.
type Position = Vec<f64>;

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Object {
    Feature {
        geometry: Option<Box<Self>>,
    },
    FeatureCollection {
        features: Vec<Self>,
    },
    GeometryCollection {
        geometries: Vec<Self>,
    },
    MultiPolygon {
        coordinates: Vec<Vec<Vec<Position>>>,
    },
    Polygon {
        coordinates: Vec<Vec<Position>>,
    },
}

impl Object {
    fn polygons(self, found: &mut Vec<Vec<Vec<Position>>>) {
        match self {
            Self::Feature { geometry } => {
                if let Some(geometry) = geometry {
                    geometry.polygons(found);
                }
            }
            Self::FeatureCollection { features: objects }
            | Self::GeometryCollection {
                geometries: objects,
            } => objects
                .into_iter()
                .for_each(|object| object.polygons(found)),
            Self::MultiPolygon { coordinates } => found.extend(coordinates),
            Self::Polygon { coordinates } => found.push(coordinates),
        }
    }
}

/// The polygons of a file, as areas are written.
pub fn polygons_of_file(path: &Path) -> Result<Vec<String>, GeoJsonError> {
    let failed = |source| GeoJsonError::Read {
        path: path.to_owned(),
        source,
    };
    let mut octets = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut octets)
        .map_err(failed)?;
    if octets.len() as u64 > MAX_FILE_BYTES {
        return Err(GeoJsonError::TooLong {
            path: path.to_owned(),
        });
    }
    read(path, &octets)
}

fn read(path: &Path, octets: &[u8]) -> Result<Vec<String>, GeoJsonError> {
    let object: Object = serde_json::from_slice(octets).map_err(|source| GeoJsonError::Form {
        path: path.to_owned(),
        source,
    })?;
    let mut found = Vec::new();
    object.polygons(&mut found);
    if !(1..=MAX_POLYGONS).contains(&found.len()) {
        return Err(GeoJsonError::Polygons {
            path: path.to_owned(),
            count: found.len(),
        });
    }
    let numbered = (1..).zip(found);
    numbered
        .map(|(number, rings)| {
            let [ring] = rings.as_slice() else {
                return Err(GeoJsonError::Hole {
                    path: path.to_owned(),
                    number,
                });
            };
            let polygon = polygon(ring).map_err(|source| GeoJsonError::Geometry {
                path: path.to_owned(),
                number,
                source,
            })?;
            Ok(Area::Polygon(polygon).to_string())
        })
        .collect()
}

fn polygon(ring: &[Position]) -> Result<Polygon, GeometryError> {
    let point = |position: &Position| match position.as_slice() {
        [longitude, latitude, ..] => Point::new(*latitude, *longitude),
        _ => Point::new(f64::NAN, f64::NAN),
    };
    let vertices: Vec<Point> = ring.iter().map(point).collect::<Result<_, _>>()?;
    Polygon::new(vertices)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<String>, String> {
        read(Path::new("a.json"), text.as_bytes()).map_err(|error| error.to_string())
    }

    const SQUARE: &str = "[[[-1.6,55.4],[-1.5,55.4],[-1.5,55.5],[-1.6,55.4]]]";

    #[test]
    fn polygons_are_found_where_they_may_stand() {
        let polygon = format!(r#"{{"type":"Polygon","coordinates":{SQUARE}}}"#);
        let expected = Ok(vec![
            "polygon:55.4,-1.6 55.4,-1.5 55.5,-1.5 55.4,-1.6".to_owned(),
        ]);
        assert_eq!(read_text(&polygon), expected);
        let feature =
            format!(r#"{{"type":"Feature","properties":{{"a":1}},"geometry":{polygon}}}"#);
        assert_eq!(read_text(&feature), expected);
        let many = format!(
            r#"{{"type":"FeatureCollection","features":[{feature},{{"type":"Feature","geometry":{{"type":"MultiPolygon","coordinates":[{SQUARE},{SQUARE}]}}}}]}}"#
        );
        assert_eq!(read_text(&many).unwrap().len(), 3);
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        for (text, why) in [
            ("{", "EOF"),
            (r#"{"type":"Point","coordinates":[0,0]}"#, "unknown variant"),
            (
                r#"{"type":"FeatureCollection","features":[]}"#,
                "0 polygons",
            ),
            (
                r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]],[[0,0],[1,0],[1,1],[0,0]]]}"#,
                "hole",
            ),
            // Latitude first is a usual mistake.
            (
                r#"{"type":"Polygon","coordinates":[[[55,-170],[56,-170],[56,-171],[55,-170]]]}"#,
                "not on the Earth",
            ),
            (
                r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}"#,
                "cross",
            ),
            (
                r#"{"type":"Polygon","coordinates":[[[0],[1,1],[1,0]]]}"#,
                "not on",
            ),
        ] {
            let refused = read_text(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
