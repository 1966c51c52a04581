//! Connectionless push of the Wireless Session Protocol (WSP 8.2.4.1, OTA 6.4): how push content
//! travels in one datagram.
//!
//! ```text
//!  +-----+------+-----------+--------------+---------------+------
//!  | TID | 0x06 |HeadersLen | content type | headers       | data
//!  +-----+------+-----------+--------------+---------------+------
//!     8     8     uintvar     value only     name, value ...  to the end
//! ```
//!
//! Headers that have a well-known code of encoding version 1.2 or lower, and Encoding-Version, are
//! written in binary; all others as text, since nobody knows what the receiver speaks. Reading
//! takes both forms, and keeps what it does not know.
//!
//! Not implemented: sessions, confirmed push, multipart bodies (they are data to this module).

mod codes;
mod content_type;
mod header;
mod value;

use crate::wire::{Reader, Truncated};

pub use codes::{CONTENT_TYPES, FIELD_NAMES, LANGUAGES};
pub use content_type::{ContentType, Media, Parameter};
pub use header::{ApplicationId, CacheDirective, Header};

/// Destination port of plain push (WDP appendix B).
pub const PUSH_PORT: u16 = 2948;
/// Destination port of push over WTLS (WDP appendix B).
pub const SECURE_PUSH_PORT: u16 = 2949;
/// Source port of push in practice.
pub const SOURCE_PORT: u16 = 9200;
/// Octets of content type and headers: many times what fits into fifteen pages.
pub const MAX_HEADERS_BYTES: usize = 8 << 10;
/// Headers of one push.
pub const MAX_HEADERS: usize = 64;
/// Octets of one text: addresses, names, tokens.
pub const MAX_TEXT_BYTES: usize = 2048;

const PUSH: u8 = 0x06;

/// A push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Transaction identifier, as the sender likes.
    pub tid: u8,
    /// Content type of the data.
    pub content_type: ContentType,
    /// Other headers, in their order.
    pub headers: Vec<Header>,
    /// The content.
    pub data: Vec<u8>,
}

/// Octets that are no push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WspError {
    /// A header field name that is neither a code nor a text.
    #[error("octet 0x{octet:02X} at offset {offset} does not start a header")]
    FieldName {
        /// The octet.
        octet: u8,
        /// Where, octets from the start of the headers.
        offset: usize,
    },
    /// More of something than is accepted.
    #[error("more than {max} {of}")]
    Limit {
        /// What is counted.
        of: &'static str,
        /// The bound.
        max: usize,
    },
    /// Another kind of PDU.
    #[error("PDU type 0x{pdu_type:02X} is not a push")]
    PduType {
        /// Type said.
        pdu_type: u8,
    },
    /// A text without its end, or one that is not UTF-8.
    #[error("the text at offset {offset} is not ended or not UTF-8")]
    Text {
        /// Where, octets from the start of the value.
        offset: usize,
    },
    /// Fewer octets than are said.
    #[error(transparent)]
    Truncated(#[from] Truncated),
    /// A number of more than five octets, or over 32 bits.
    #[error("the length at offset {offset} is over 32 bits")]
    Uintvar {
        /// Where, octets from the start of the input.
        offset: usize,
    },
    /// A value that its header cannot have.
    #[error("the value of {header} has no meaning")]
    Value {
        /// Name of the header.
        header: &'static str,
    },
}

impl Push {
    /// The PDU.
    ///
    /// Texts lose what they cannot carry: everything from a zero octet on.
    pub fn encode(&self) -> Vec<u8> {
        let mut headers = Vec::new();
        self.content_type.encode(&mut headers);
        for header in &self.headers {
            header.encode(&mut headers);
        }
        let mut octets = vec![self.tid, PUSH];
        value::put_uintvar(&mut octets, headers.len() as u32);
        octets.extend_from_slice(&headers);
        octets.extend_from_slice(&self.data);
        octets
    }

    /// Reads a PDU. Headers that are not known, or whose value has another form, are kept as they
    /// are.
    pub fn decode(octets: &[u8]) -> Result<Self, WspError> {
        let mut reader = Reader::new(octets);
        let tid = reader.u8()?;
        let pdu_type = reader.u8()?;
        if pdu_type != PUSH {
            return Err(WspError::PduType { pdu_type });
        }
        let headers_octets = value::uintvar(&mut reader)? as usize;
        if headers_octets > MAX_HEADERS_BYTES {
            return Err(WspError::Limit {
                of: "octets of headers",
                max: MAX_HEADERS_BYTES,
            });
        }
        let mut fields = Reader::new(reader.take(headers_octets)?);
        let content_type = ContentType::decode(&mut fields)?;
        let mut headers = Vec::new();
        while !fields.rest().is_empty() {
            if headers.len() == MAX_HEADERS {
                return Err(WspError::Limit {
                    of: "headers",
                    max: MAX_HEADERS,
                });
            }
            headers.push(Header::decode(&mut fields)?);
        }
        Ok(Self {
            tid,
            content_type,
            headers,
            data: reader.rest().to_vec(),
        })
    }

    /// What the Content-Length header says, octets.
    pub fn content_length(&self) -> Option<u32> {
        self.headers.iter().find_map(|header| match header {
            Header::ContentLength(octets) => Some(*octets),
            _ => None,
        })
    }

    /// The same push with a Content-Length header that tells the length of its data.
    #[must_use]
    pub fn with_content_length(mut self) -> Self {
        self.headers
            .retain(|header| !matches!(header, Header::ContentLength(_)));
        let octets = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        self.headers.push(Header::ContentLength(octets));
        self
    }
}

#[cfg(test)]
mod tests;
