//! An alert, in the order of its schema (CAP 3.2).

use super::name::{Name, Reference};
use super::time::Timestamp;
use crate::area::Geocode;
use crate::geometry::{Circle, Polygon};

/// An enumeration whose variants are written as they are named.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $word:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$about])* $word,)+
        }

        impl $name {
            /// As it is written.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => stringify!($word),)+
                }
            }

            /// The one that is written so.
            pub fn of(text: &str) -> Option<Self> {
                match text {
                    $(stringify!($word) => Some(Self::$word),)+
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// How an alert is to be handled.
    Status {
        /// By everybody it is for.
        Actual,
        /// By those who take part in an exercise.
        Exercise,
        /// By systems: not for people.
        System,
        /// By nobody: a test.
        Test,
        /// Not at all: not finished.
        Draft,
    }
}

words! {
    /// What an alert does.
    MsgType {
        /// Warns.
        Alert,
        /// Takes the place of earlier alerts.
        Update,
        /// Withdraws earlier alerts.
        Cancel,
        /// Says that an alert was taken.
        Ack,
        /// Says that an alert was refused.
        Error,
    }
}

words! {
    /// What kind of event.
    Category {
        /// Geophysical.
        Geo,
        /// Weather, floods included.
        Met,
        /// Public safety.
        Safety,
        /// Law enforcement.
        Security,
        /// Rescue.
        Rescue,
        /// Fire.
        Fire,
        /// Health.
        Health,
        /// Environment.
        Env,
        /// Transport.
        Transport,
        /// Infrastructure.
        Infra,
        /// Chemical, biological, radiological, nuclear, explosive.
        CBRNE,
        /// Other.
        Other,
    }
}

words! {
    /// What to do.
    ResponseType {
        /// Take shelter.
        Shelter,
        /// Leave.
        Evacuate,
        /// Prepare.
        Prepare,
        /// Act as planned.
        Execute,
        /// Stay away.
        Avoid,
        /// Listen for news.
        Monitor,
        /// Judge it.
        Assess,
        /// It is over.
        AllClear,
        /// Nothing.
        None,
    }
}

words! {
    /// When to act.
    Urgency {
        /// At once.
        Immediate,
        /// Within the next hour.
        Expected,
        /// In the near future.
        Future,
        /// No longer.
        Past,
        /// Not known.
        Unknown,
    }
}

words! {
    /// How bad it is.
    Severity {
        /// Extraordinary.
        Extreme,
        /// Significant.
        Severe,
        /// Possible.
        Moderate,
        /// Little.
        Minor,
        /// Not known.
        Unknown,
    }
}

words! {
    /// How sure it is.
    Certainty {
        /// Happened or happening.
        Observed,
        /// Over 50 %.
        Likely,
        /// Up to 50 %.
        Possible,
        /// Hardly.
        Unlikely,
        /// Not known.
        Unknown,
    }
}

/// Who an alert is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Those who are named.
    Private {
        /// Their names.
        addresses: Vec<String>,
    },
    /// Everybody.
    Public,
    /// Those to whom a rule applies.
    Restricted {
        /// The rule.
        restriction: String,
    },
}

/// A value of a list that somebody else keeps.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NamedValue {
    /// Name of the list.
    pub name: String,
    /// The value, perhaps empty.
    pub value: String,
}

/// An alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Unique among the alerts of the sender.
    pub identifier: Name,
    /// Who sent it.
    pub sender: Name,
    /// When.
    pub sent: Timestamp,
    /// How it is to be handled.
    pub status: Status,
    /// What it does.
    pub msg_type: MsgType,
    /// Where it came from.
    pub source: Option<String>,
    /// Who it is for.
    pub scope: Scope,
    /// Codes for its handling.
    pub codes: Vec<String>,
    /// A remark on an exercise or an error.
    pub note: Option<String>,
    /// Earlier alerts that it is about.
    pub references: Vec<Reference>,
    /// Names of incidents, in the form of the schema.
    pub incidents: Option<String>,
    /// What it says, once for each language.
    pub infos: Vec<Info>,
    /// Names of foreign elements behind it, such as `Signature`. They are not written.
    pub extensions: Vec<String>,
}

/// What an alert says in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Info {
    /// Language tag (RFC 3066).
    pub language: String,
    /// Kinds of event; at least one.
    pub categories: Vec<Category>,
    /// The event, in words.
    pub event: String,
    /// What to do.
    pub response_types: Vec<ResponseType>,
    /// When to act.
    pub urgency: Urgency,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub certainty: Certainty,
    /// Who it is for, in words.
    pub audience: Option<String>,
    /// The event, in codes.
    pub event_codes: Vec<NamedValue>,
    /// Since when the information holds.
    pub effective: Option<Timestamp>,
    /// When the event begins.
    pub onset: Option<Timestamp>,
    /// Until when the information holds.
    pub expires: Option<Timestamp>,
    /// Who sends it, in words.
    pub sender_name: Option<String>,
    /// Head line.
    pub headline: Option<String>,
    /// What happens.
    pub description: Option<String>,
    /// What to do, in words.
    pub instruction: Option<String>,
    /// Where to read more.
    pub web: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// Values of profiles.
    pub parameters: Vec<NamedValue>,
    /// Files.
    pub resources: Vec<Resource>,
    /// Where.
    pub areas: Vec<AffectedArea>,
}

/// A file that belongs to an alert.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resource {
    /// What it is.
    pub description: String,
    /// Its media type.
    pub mime_type: String,
    /// Its length, octets.
    pub size: Option<u64>,
    /// Where it is.
    pub uri: Option<String>,
    /// The file itself, base64.
    pub deref_uri: Option<String>,
    /// SHA-1 of it, hexadecimal.
    pub digest: Option<String>,
}

/// Where an alert applies.
#[derive(Debug, Clone, PartialEq)]
pub struct AffectedArea {
    /// In words.
    pub description: String,
    /// Polygons.
    pub polygons: Vec<Polygon>,
    /// Circles.
    pub circles: Vec<Circle>,
    /// Codes.
    pub geocodes: Vec<Geocode>,
    /// Above the sea.
    pub altitude: Option<Altitude>,
}

/// Feet above mean sea level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Altitude {
    /// From here, or at this height.
    pub feet: f64,
    /// Up to here.
    pub ceiling_feet: Option<f64>,
}

/// What an alert is about: what a centre that speaks CAP wants to know beside the text and the
/// place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Notice {
    /// The place, in words.
    pub area_description: String,
    /// Kinds of event; at least one.
    pub categories: Vec<Category>,
    /// How sure it is.
    pub certainty: Certainty,
    /// The event, in words.
    pub event: String,
    /// Until when it holds.
    pub expires: Option<Timestamp>,
    /// Head line.
    pub headline: Option<String>,
    /// Language tag (RFC 3066).
    pub language: String,
    /// When it begins.
    pub onset: Option<Timestamp>,
    /// Who sends it, in words.
    pub sender_name: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it is actual, an exercise or a test.
    pub status: Status,
    /// When to act.
    pub urgency: Urgency,
}

impl Alert {
    /// What names this alert.
    pub fn reference(&self) -> Reference {
        Reference {
            sender: self.sender.clone(),
            identifier: self.identifier.clone(),
            sent: self.sent,
        }
    }

    /// An alert without anything that may be absent.
    pub fn new(identifier: Name, sender: Name, sent: Timestamp, msg_type: MsgType) -> Self {
        Self {
            identifier,
            sender,
            sent,
            status: Status::Actual,
            msg_type,
            source: None,
            scope: Scope::Public,
            codes: Vec::new(),
            note: None,
            references: Vec::new(),
            incidents: None,
            infos: Vec::new(),
            extensions: Vec::new(),
        }
    }
}
