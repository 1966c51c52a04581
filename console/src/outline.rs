//! Shapes on the map: corners as text, and where they lie in a drawing. Computed by the same code
//! on the server and in the browser.

use serde::{Deserialize, Serialize};

/// Most corners of one shape that are taken from a form: CAP polygons beyond are refused by the
/// server anyway, and a drawing of more helps nobody.
pub const MAX_CORNERS: usize = 2_000;

/// Width and height of every drawing, in its own units.
pub const WIDTH: f64 = 960.0;
/// See [`WIDTH`].
pub const HEIGHT: f64 = 640.0;

/// A place on earth, degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Corner {
    /// North of the equator.
    pub lat: f64,
    /// East of Greenwich.
    pub lon: f64,
}

/// A line of coordinates that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutlineError {
    /// Not two numbers.
    #[error("line {line}: write latitude and longitude with a comma between, as in 55.2, -1.6")]
    Form {
        /// From 1.
        line: usize,
    },
    /// Outside -90 to 90 or -180 to 180.
    #[error("line {line}: latitude is -90 to 90 and longitude -180 to 180")]
    Range {
        /// From 1.
        line: usize,
    },
    /// More than [`MAX_CORNERS`].
    #[error("at most {MAX_CORNERS} corners are possible")]
    TooMany,
}

/// Reads one corner a line: latitude, longitude. Empty lines do not count.
pub fn read(text: &str) -> Result<Vec<Corner>, OutlineError> {
    let mut corners = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if corners.len() == MAX_CORNERS {
            return Err(OutlineError::TooMany);
        }
        corners.push(corner(line, line_number)?);
    }
    Ok(corners)
}

fn corner(text: &str, line: usize) -> Result<Corner, OutlineError> {
    let form = OutlineError::Form { line };
    let (lat, lon) = text
        .split_once([',', ';', ' ', '\t'])
        .ok_or_else(|| form.clone())?;
    let (Some(lat), Some(lon)) = (number(lat.trim()), number(lon.trim())) else {
        return Err(form);
    };
    if lat.abs() > 90.0 || lon.abs() > 180.0 {
        return Err(OutlineError::Range { line });
    }
    Ok(Corner { lat, lon })
}

/// Digits behind the point that count: a tenth of a millimetre on the ground.
const MAX_DIGITS: usize = 9;

/// Reads a decimal number. The library's own would be a tenth of what is sent to the browser.
fn number(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !plain(whole) || !plain(part) || whole.len() > 5 {
        return None;
    }
    let part = part.get(..MAX_DIGITS).unwrap_or(part);
    let integer = |text: &str| -> u32 { text.parse().unwrap_or_default() };
    let mut fraction = f64::from(integer(part));
    for _ in 0..part.len() {
        fraction /= 10.0;
    }
    Some(sign * (f64::from(integer(whole)) + fraction))
}

/// Writes a number with so many digits behind the point, at most five.
pub fn decimal(number: f64, digits: u32) -> String {
    let scale = 10_i64.pow(digits.min(5));
    // Beyond what an i64 holds the cast stops at its ends; places on earth are far within.
    let scaled = (number * scale as f64).round() as i64;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, part) = (scaled.abs() / scale, scaled.abs() % scale);
    match digits.min(5) {
        0 => format!("{sign}{whole}"),
        digits => {
            let part = (scale + part).to_string();
            let part = part.get(part.len() - digits as usize..).unwrap_or_default();
            format!("{sign}{whole}.{part}")
        }
    }
}

/// Writes what [`read`] reads.
pub fn write(corners: &[Corner]) -> String {
    let lines: Vec<String> = corners
        .iter()
        .map(|corner| format!("{}, {}", decimal(corner.lat, 5), decimal(corner.lon, 5)))
        .collect();
    lines.join("\n")
}

/// Part of the earth in a drawing: equirectangular, true to scale in its middle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MapView {
    /// What lies in the middle.
    pub middle: Corner,
    /// Degrees of latitude from top to bottom.
    pub span: f64,
    /// How much shorter a degree of longitude is than one of latitude in the middle.
    pub shrink: f64,
}

impl MapView {
    /// Smallest span, degrees: some 200 m.
    const MIN_SPAN: f64 = 0.002;
    /// All of the earth.
    pub const WORLD: Self = Self {
        middle: Corner { lat: 0.0, lon: 0.0 },
        span: 240.0,
        shrink: 1.0,
    };

    /// A view that shows all of these with a margin around; the world where there are none.
    pub fn around(corners: &[Corner]) -> Self {
        let Some(first) = corners.first() else {
            return Self::WORLD;
        };
        let (mut low, mut high) = (*first, *first);
        for corner in corners {
            low.lat = low.lat.min(corner.lat);
            low.lon = low.lon.min(corner.lon);
            high.lat = high.lat.max(corner.lat);
            high.lon = high.lon.max(corner.lon);
        }
        let middle = Corner {
            lat: f64::midpoint(low.lat, high.lat),
            lon: f64::midpoint(low.lon, high.lon),
        };
        let shrink = shrink(middle.lat);
        let wide = (high.lon - low.lon) * shrink * HEIGHT / WIDTH;
        let span = (high.lat - low.lat).max(wide) * 1.5;
        Self {
            middle,
            span: span.clamp(Self::MIN_SPAN, Self::WORLD.span),
            shrink,
        }
    }

    /// The same middle, `factor` times the span.
    #[must_use]
    pub fn zoomed(self, factor: f64) -> Self {
        Self {
            span: (self.span * factor).clamp(Self::MIN_SPAN, Self::WORLD.span),
            ..self
        }
    }

    /// Units of the drawing in a degree of latitude.
    fn scale(self) -> f64 {
        HEIGHT / self.span
    }

    /// Where a place lies in the drawing.
    pub fn place(self, corner: Corner) -> (f64, f64) {
        let scale = self.scale();
        let x = (corner.lon - self.middle.lon) * self.shrink * scale;
        let y = (self.middle.lat - corner.lat) * scale;
        (WIDTH / 2.0 + x, HEIGHT / 2.0 + y)
    }

    /// What lies at a point of the drawing.
    pub fn corner(self, x: f64, y: f64) -> Corner {
        let scale = self.scale();
        let lon = self.middle.lon + (x - WIDTH / 2.0) / (scale * self.shrink);
        let lat = self.middle.lat - (y - HEIGHT / 2.0) / scale;
        Corner {
            lat: lat.clamp(-90.0, 90.0),
            lon: lon.clamp(-180.0, 180.0),
        }
    }

    /// Path data of a shape, closed.
    pub fn path(self, corners: &[Corner]) -> String {
        let mut path = String::with_capacity(corners.len() * 14);
        for (index, corner) in corners.iter().enumerate() {
            let (x, y) = self.place(*corner);
            let command = if index == 0 { 'M' } else { 'L' };
            path.push(command);
            path.push_str(&decimal(x, 2));
            path.push(' ');
            path.push_str(&decimal(y, 2));
        }
        if !path.is_empty() {
            path.push('Z');
        }
        path
    }

    /// A length in kilometres that a scale bar can show, and its length in the drawing.
    pub fn scale_bar(self) -> (f64, f64) {
        let units_per_km = self.scale() / KM_PER_DEGREE;
        let longest_km = WIDTH / 4.0 / units_per_km;
        let power = 10_f64.powf(longest_km.log10().floor());
        let km = [5.0, 2.0, 1.0]
            .into_iter()
            .map(|step| step * power)
            .find(|km| *km <= longest_km)
            .unwrap_or(power);
        (km, km * units_per_km)
    }
}

/// Kilometres of a degree of latitude.
pub const KM_PER_DEGREE: f64 = 111.2;

/// How much shorter a degree of longitude is than one of latitude there; never nothing.
pub fn shrink(lat: f64) -> f64 {
    lat.to_radians().cos().max(0.02)
}

/// A circle as a shape of 48 corners.
pub fn circle(middle: Corner, radius_km: f64) -> Vec<Corner> {
    const CORNERS: u32 = 48;
    let reach = radius_km / KM_PER_DEGREE;
    (0..CORNERS)
        .map(|index| {
            let angle = f64::from(index) * std::f64::consts::TAU / f64::from(CORNERS);
            Corner {
                lat: middle.lat + reach * angle.sin(),
                lon: middle.lon + reach * angle.cos() / shrink(middle.lat),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_read_as_they_are_written() {
        let corners = read("55.2, -1.6\n\n55.3;-1.5\n55.25 -1.4\n").unwrap();
        assert_eq!(corners.len(), 3);
        assert_eq!(read(&write(&corners)).unwrap(), corners);
        assert_eq!(read("a, b"), Err(OutlineError::Form { line: 1 }));
        assert_eq!(read("1, 2\n91, 0"), Err(OutlineError::Range { line: 2 }));
        assert_eq!(
            read(&"1, 2\n".repeat(MAX_CORNERS + 1)),
            Err(OutlineError::TooMany)
        );
    }

    #[test]
    fn numbers_are_those_of_the_library() {
        for text in [
            "0",
            "-1.6",
            "55.12345",
            "+7.",
            ".5",
            "179.999999999",
            "90.0",
        ] {
            let known: f64 = text.parse().unwrap();
            assert!((number(text).unwrap() - known).abs() < 1e-9, "{text}");
        }
        for text in ["", "-", ".", "1e3", "inf", "0x1", "1 2", "999999"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(decimal(-1.6, 5), "-1.60000");
        assert_eq!(decimal(0.05, 1), "0.1");
        assert_eq!(decimal(959.96, 1), "960.0");
        assert_eq!(decimal(-0.001, 2), "0.00");
    }

    #[test]
    fn a_point_of_the_drawing_is_the_place_that_lies_there() {
        let view = MapView::around(&read("55, -2\n56, -1").unwrap());
        let (x, y) = view.place(Corner {
            lat: 55.4,
            lon: -1.3,
        });
        let back = view.corner(x, y);
        assert!((back.lat - 55.4).abs() < 1e-9 && (back.lon + 1.3).abs() < 1e-9);
        assert!((0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y));
    }

    #[test]
    fn the_scale_bar_has_a_round_length() {
        let (km, units) = MapView::WORLD.zoomed(0.01).scale_bar();
        assert!((km - 100.0).abs() < 1e-9);
        assert!(units <= WIDTH / 4.0);
    }
}
