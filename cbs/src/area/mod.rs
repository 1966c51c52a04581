//! Where a message is broadcast, and what each way out can carry.
//!
//! ```text
//!  plmn                    everywhere          tai:001-01-4660         LTE, NR tracking area
//!  cgi:001-01-1-6969       GSM cell            ecgi:001-01-26214401    LTE cell
//!  lai:001-01-1            location area       ncgi:001-01-412316860   NR cell
//!  lac:1                   the same, PLMN said elsewhere
//!  sai:001-01-1-42         UMTS service area   eai:00A1B2              emergency area
//!  polygon:0,0 0,1 1,1 0,0     circle:0,0 2.5     geocode:SAME=006109
//! ```
//!
//! The texts are ours; numbers in them are decimal but for emergency areas, which operators write
//! in hexadecimal.

mod ids;
mod plmn;

use std::fmt;
use std::str::FromStr;

use crate::geometry::{Circle, GeometryError, Polygon};

pub use ids::{
    Cgi, Ecgi, EmergencyAreaId, IdError, Lac, Lai, MAX_ECGI, MAX_NCGI, MAX_TAC, Ncgi, Sai, Tai,
};
pub use plmn::Plmn;

/// Areas of one message: what 5GS requests take in tracking areas; LTE ones take more
/// (TS 29.168).
pub const MAX_AREAS: usize = 65_535;
/// Octets of the name and of the value of a geocode.
pub const MAX_GEOCODE_BYTES: usize = 128;

/// One area.
#[derive(Debug, Clone, PartialEq)]
pub enum Area {
    /// A cell of GSM.
    Cgi(Cgi),
    /// A circle.
    Circle(Circle),
    /// A cell of LTE.
    Ecgi(Ecgi),
    /// A group of cells that the operator named.
    EmergencyArea(EmergencyAreaId),
    /// A code of somebody's list of places.
    Geocode(Geocode),
    /// A location area of the only PLMN.
    Lac(Lac),
    /// A location area.
    Lai(Lai),
    /// A cell of NR.
    Ncgi(Ncgi),
    /// The whole network.
    PlmnWide,
    /// A polygon.
    Polygon(Polygon),
    /// A service area of UMTS.
    Sai(Sai),
    /// A tracking area of LTE or NR.
    Tai(Tai),
}

/// The kind of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaKind {
    /// A cell of GSM.
    Cgi,
    /// A circle.
    Circle,
    /// A cell of LTE.
    Ecgi,
    /// A group of cells that the operator named.
    EmergencyArea,
    /// A code of somebody's list of places.
    Geocode,
    /// A location area of the only PLMN.
    Lac,
    /// A location area.
    Lai,
    /// A cell of NR.
    Ncgi,
    /// The whole network.
    PlmnWide,
    /// A polygon.
    Polygon,
    /// A service area of UMTS.
    Sai,
    /// A tracking area of LTE or NR.
    Tai,
}

/// A code of somebody's list of places, such as SAME, FIPS, NUTS or ISO 3166-2.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Geocode {
    name: String,
    value: String,
}

/// Areas that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AreaError {
    /// A geocode without name or value, or with too much of one.
    #[error("a geocode is NAME=VALUE, each of 1 to 128 octets")]
    Geocode,
    /// A shape that is none.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// An identity that is none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The text does not start with a kind of area.
    #[error("the text does not start with a kind of area")]
    Kind,
    /// No area at all.
    #[error("no area is named")]
    None,
    /// This way out cannot carry this area.
    #[error("{adapter} cannot carry the area {area}")]
    NotCarried {
        /// Name of the adapter.
        adapter: &'static str,
        /// The area.
        area: Box<Area>,
    },
    /// More areas than a message may have.
    #[error("{areas} areas are over 65535")]
    TooMany {
        /// Areas given.
        areas: usize,
    },
}

impl Area {
    /// Its kind.
    pub const fn kind(&self) -> AreaKind {
        match self {
            Self::Cgi(_) => AreaKind::Cgi,
            Self::Circle(_) => AreaKind::Circle,
            Self::Ecgi(_) => AreaKind::Ecgi,
            Self::EmergencyArea(_) => AreaKind::EmergencyArea,
            Self::Geocode(_) => AreaKind::Geocode,
            Self::Lac(_) => AreaKind::Lac,
            Self::Lai(_) => AreaKind::Lai,
            Self::Ncgi(_) => AreaKind::Ncgi,
            Self::PlmnWide => AreaKind::PlmnWide,
            Self::Polygon(_) => AreaKind::Polygon,
            Self::Sai(_) => AreaKind::Sai,
            Self::Tai(_) => AreaKind::Tai,
        }
    }
}

impl AreaKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Cgi,
        Self::Circle,
        Self::Ecgi,
        Self::EmergencyArea,
        Self::Geocode,
        Self::Lac,
        Self::Lai,
        Self::Ncgi,
        Self::PlmnWide,
        Self::Polygon,
        Self::Sai,
        Self::Tai,
    ];

    /// What its texts start with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Cgi => "cgi",
            Self::Circle => "circle",
            Self::Ecgi => "ecgi",
            Self::EmergencyArea => "eai",
            Self::Geocode => "geocode",
            Self::Lac => "lac",
            Self::Lai => "lai",
            Self::Ncgi => "ncgi",
            Self::PlmnWide => "plmn",
            Self::Polygon => "polygon",
            Self::Sai => "sai",
            Self::Tai => "tai",
        }
    }
}

/// Checks that an adapter can carry every area; names the first that it cannot.
pub fn carried(adapter: &'static str, kinds: &[AreaKind], areas: &[Area]) -> Result<(), AreaError> {
    if areas.is_empty() {
        return Err(AreaError::None);
    }
    if areas.len() > MAX_AREAS {
        return Err(AreaError::TooMany { areas: areas.len() });
    }
    match areas.iter().find(|area| !kinds.contains(&area.kind())) {
        Some(area) => Err(AreaError::NotCarried {
            adapter,
            area: Box::new(area.clone()),
        }),
        None => Ok(()),
    }
}

impl Geocode {
    /// A code `value` of the list `name`.
    pub fn new(name: &str, value: &str) -> Result<Self, AreaError> {
        let fits = |text: &str| (1..=MAX_GEOCODE_BYTES).contains(&text.len());
        let is_plain = |text: &str| !text.contains(char::is_control);
        if fits(name) && fits(value) && is_plain(name) && is_plain(value) && !name.contains('=') {
            Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            })
        } else {
            Err(AreaError::Geocode)
        }
    }

    /// Name of the list.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The code.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for Area {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.kind().prefix();
        match self {
            Self::Cgi(id) => write!(formatter, "{prefix}:{id}"),
            Self::Circle(circle) => write!(formatter, "{prefix}:{circle}"),
            Self::Ecgi(id) => write!(formatter, "{prefix}:{id}"),
            Self::EmergencyArea(id) => write!(formatter, "{prefix}:{id}"),
            Self::Geocode(code) => write!(formatter, "{prefix}:{}={}", code.name, code.value),
            Self::Lac(id) => write!(formatter, "{prefix}:{id}"),
            Self::Lai(id) => write!(formatter, "{prefix}:{id}"),
            Self::Ncgi(id) => write!(formatter, "{prefix}:{id}"),
            Self::PlmnWide => formatter.write_str(prefix),
            Self::Polygon(polygon) => write!(formatter, "{prefix}:{polygon}"),
            Self::Sai(id) => write!(formatter, "{prefix}:{id}"),
            Self::Tai(id) => write!(formatter, "{prefix}:{id}"),
        }
    }
}

impl FromStr for Area {
    type Err = AreaError;

    fn from_str(text: &str) -> Result<Self, AreaError> {
        if text == AreaKind::PlmnWide.prefix() {
            return Ok(Self::PlmnWide);
        }
        let (prefix, rest) = text.split_once(':').ok_or(AreaError::Kind)?;
        let kind = AreaKind::ALL
            .into_iter()
            .find(|kind| kind.prefix() == prefix)
            .ok_or(AreaError::Kind)?;
        Ok(match kind {
            AreaKind::Cgi => Self::Cgi(rest.parse()?),
            AreaKind::Circle => Self::Circle(rest.parse()?),
            AreaKind::Ecgi => Self::Ecgi(rest.parse()?),
            AreaKind::EmergencyArea => Self::EmergencyArea(rest.parse()?),
            AreaKind::Geocode => {
                let (name, value) = rest.split_once('=').ok_or(AreaError::Geocode)?;
                Self::Geocode(Geocode::new(name, value)?)
            }
            AreaKind::Lac => Self::Lac(rest.parse()?),
            AreaKind::Lai => Self::Lai(rest.parse()?),
            AreaKind::Ncgi => Self::Ncgi(rest.parse()?),
            AreaKind::PlmnWide => return Err(AreaError::Kind),
            AreaKind::Polygon => Self::Polygon(rest.parse()?),
            AreaKind::Sai => Self::Sai(rest.parse()?),
            AreaKind::Tai => Self::Tai(rest.parse()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_come_back() {
        for text in [
            "plmn",
            "cgi:001-01-1-6969",
            "lai:310-410-65535",
            "lac:7",
            "sai:001-01-1-42",
            "tai:001-01-16777215",
            "ecgi:001-01-268435455",
            "ncgi:001-01-68719476735",
            "eai:00A1B2",
            "polygon:0,0 0,1 1,1 0,0",
            "circle:0,0 2.5",
            "geocode:SAME=006109",
        ] {
            let area: Area = text.parse().unwrap();
            assert_eq!(area.to_string(), text);
        }
    }

    #[test]
    fn texts_that_are_no_area() {
        for text in [
            "",
            "plmn:",
            "plmn:001-01",
            "cgi:001-01-1",
            "cgi:001-01-1-65536",
            "cgi:1-01-1-1",
            "cgi:001-1-1-1",
            "cgi:001-01-1-1-1",
            "cgi:001-01--1-1",
            "lac:65536",
            "lac:",
            "lac:+1",
            "tai:001-01-16777216",
            "ecgi:001-01-268435456",
            "eai:00A1B",
            "eai:00A1BG",
            "eai:+0A1B2",
            "geocode:SAME",
            "geocode:=1",
            "geocode:a=",
            "circle:1",
            "box:1",
        ] {
            assert!(text.parse::<Area>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_area_that_is_not_carried_is_named() {
        let areas = [Area::PlmnWide, "cgi:001-01-1-6969".parse().unwrap()];
        assert_eq!(carried("ECBE", &AreaKind::ALL, &areas), Ok(()));
        let error = carried("ECBE", &[AreaKind::PlmnWide], &areas).unwrap_err();
        assert_eq!(
            error.to_string(),
            "ECBE cannot carry the area cgi:001-01-1-6969"
        );
        assert_eq!(carried("ECBE", &AreaKind::ALL, &[]), Err(AreaError::None));
    }

    proptest! {
        #[test]
        fn any_text_is_an_area_or_an_error(text in "([a-z]{3,7}:)?[0-9a-zA-Z,. =-]{0,40}") {
            if let Ok(area) = text.parse::<Area>() {
                prop_assert_eq!(area.to_string().parse::<Area>(), Ok(area));
            }
        }
    }
}
