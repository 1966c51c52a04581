//! The Push Access Protocol: what PIs and the gateway say to each other.
//!
//! ```text
//! HTTP body ──mime──▶ control octets ──xml_read──▶ Request ──▶ the gateway
//!           ◀─────────────────────────xml_write── Response ◀──
//! ```
//!
//! Everything here is pure: octets in, values out, no socket and no clock. Reading is strict where
//! the DTD is (PAP 11) and lenient where clients in use need it to be; every loop over input has a
//! named limit. External identifiers are never fetched and entities never expanded.
//!
//! Not here: which addresses are served, who may push, when a push is due. PAP 2.1 to 2.3 are read
//! as 2.0 with additions that are ignored; client capability queries are read and may be
//! answered, not understood.

mod doctype;
mod dtd;
pub mod endpoint;
pub mod error;
pub mod fuzzing;
pub mod message;
pub mod mime;
pub mod mime_part;
pub mod mime_reader;
pub mod mime_scan;
pub mod mime_transfer;
pub mod mime_write;
pub mod notify;
pub mod response;
#[cfg(test)]
mod samples;
pub mod status;
mod timestamp;
pub mod version;
mod xml_fields;
pub mod xml_read;
pub mod xml_tree;
pub mod xml_write;

pub use error::{PapError, ReadError};
pub use message::{Operation, Request};
pub use mime::{Message, MimeError};
pub use response::Response;
pub use status::Code;
pub use version::Envelope;
