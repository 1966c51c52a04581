//! Common Alerting Protocol 1.2 (OASIS CAP-v1.2): alerts, updates, cancels and the answers to
//! them, and what of them becomes Cell Broadcast.
//!
//! ```text
//!  octets ──Alert::read──▶ Alert ──mapping──▶ message identifier, text, schedule, areas
//!         ◀─Alert::write──
//! ```
//!
//! Reading is strict about what the schema orders: namespace, order of elements, values, times.
//! Parameters that nobody here knows are kept; foreign elements behind the infos, such as a
//! signature, are named and passed over. Document types and entities are refused.
//!
//! Not implemented: signatures (an alert is not refused for having one) and encryption.

mod answer;
mod error;
mod mapping;
mod model;
mod name;
mod parameters;
mod time;
mod xml_read;
mod xml_tree;
mod xml_write;

pub use answer::{ALREADY_THERE, NOT_FOUND};
pub use error::CapError;
pub use mapping::{
    MapError, Mapping, OtherAlerts, Policy, Schedule, TestIdentifier, update_number,
};
pub use model::{
    AffectedArea, Alert, Altitude, Category, Certainty, Info, MsgType, NamedValue, Notice,
    Resource, ResponseType, Scope, Severity, Status, Urgency,
};
pub use name::{MAX_NAME_BYTES, Name, Reference};
pub use parameters::{CharsetHint, DEFAULT_PREFIX, Hints, ParameterError};
pub use time::Timestamp;

/// XML namespace of CAP 1.2.
pub const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";
/// Media type of an alert.
pub const MEDIA_TYPE: &str = "application/cap+xml";
/// Octets of one alert, read or written.
pub const MAX_ALERT_BYTES: usize = 64 << 10;
/// Open elements at one time: CAP has five, a signature some more.
pub const MAX_DEPTH: usize = 16;
/// Elements of one alert.
pub const MAX_ELEMENTS: usize = 4096;
/// Attributes of one element.
pub const MAX_ATTRIBUTES: usize = 32;
/// Language of an info that names none (CAP 3.2.2).
pub const DEFAULT_LANGUAGE: &str = "en-US";

#[cfg(test)]
mod tests;
