//! Service indication, service loading and cache operation, as XML and as WBXML (WAP-167, WAP-168,
//! WAP-175; WAP-192).
//!
//! ```text
//!  text ──xml_read──▶ tree ──┐                      ┌──▶ to_xml
//!                            ├─ Document (valid) ───┤
//!  WBXML ──decode───▶ tree ──┘                      └──▶ encode
//! ```
//!
//! [`dialect`] has DTDs and token tables; everything else is the same for all three. A [`Document`]
//! exists only valid, so that writing it cannot fail. The writer is strict: version 1.2, UTF-8, no
//! string table. The reader takes what others write: versions 1.1 to 1.3, string tables, literals,
//! entities, four character sets. Input is bounded, and so is what comes of it.
//!
//! Not here: other WBXML documents (WML, SyncML), extension tokens, processing instructions and
//! code pages other than 0, of which these three have none.

mod datetime;
mod decode;
pub mod dialect;
pub mod document;
mod encode;
pub mod error;
pub mod text;

pub use dialect::{Dialect, Form};
pub use document::{Document, Element, InvalidDocument};
pub use error::DecodeError;
pub use text::ReadError;

use super::xml_read::MAX_XML_BYTES;

/// Octets before the body of what is written here.
const HEADER_BYTES: usize = 4;
/// Longest WBXML document, octets. An element or attribute has fewer octets than its text, so that
/// every text that is read has a binary form within this limit.
pub const MAX_WBXML_BYTES: usize = HEADER_BYTES + MAX_XML_BYTES;

/// Version octet of WBXML 1.2, which the documents of SI, SL and CO use.
const VERSION_1_2: u8 = 0x02;
/// IANA MIBenum of UTF-8.
const CHARSET_UTF_8: u8 = 0x6A;

// Global tokens (WAP-192 7.1).
const SWITCH_PAGE: u8 = 0x00;
const END: u8 = 0x01;
const ENTITY: u8 = 0x02;
const STR_I: u8 = 0x03;
const LITERAL: u8 = 0x04;
const STR_T: u8 = 0x83;
const OPAQUE: u8 = 0xC3;

/// Bits of a tag token.
const HAS_CONTENT: u8 = 0x40;
const HAS_ATTRIBUTES: u8 = 0x80;

#[cfg(test)]
mod tests;
