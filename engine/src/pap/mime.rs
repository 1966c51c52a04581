//! A PAP message as HTTP carries it: one XML document, or a `multipart/related` of control,
//! content and capabilities entity in that order (PAP 7).
//!
//! Reading is as lenient as the clients in use demand: preamble and epilogue, bare LF, quoted or
//! bare boundary, no line end after the closing delimiter, no `type` parameter, a transfer
//! encoding on any part. The control entity is always first, so `start` is not looked at. What is
//! missing is never guessed: a body without its closing delimiter has been cut.
//!
//! Here are the values and their errors; the reading is done by a [`Reader`], to which a body may
//! come in chunks and which hands the content on to wherever it is to go.

use super::error::quoted;
use super::mime_part::MediaType;
use super::mime_reader::Reader;
use super::mime_scan::MAX_BOUNDARY_BYTES;
use super::xml_tree::MAX_CONTROL_BYTES;

/// Most parts of a message: control, content, capabilities.
pub const MAX_PARTS: usize = 3;
/// Longest capabilities entity, octets: it is held in memory.
pub const MAX_CAPABILITIES_BYTES: usize = 64 * 1024;

/// Media types of a control entity.
pub(super) const XML: [&str; 2] = ["application/xml", "text/xml"];

/// An entity with its headers: the content of a push, or a capabilities document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity<B = Vec<u8>> {
    /// Media type with parameters, as written.
    pub content_type: String,
    /// The other headers in their order, names as written, values unfolded.
    pub headers: Vec<(String, String)>,
    /// Octets after transfer decoding, or where they went.
    pub body: B,
}

/// The entities of one PAP message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<B = Vec<u8>> {
    /// The XML document.
    pub control: Vec<u8>,
    /// What to push.
    pub content: Option<Entity<B>>,
    /// What the PI assumes of the client.
    pub capabilities: Option<Entity>,
}

/// A body that is no PAP message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MimeError {
    /// The boundary has more octets than [`MAX_BOUNDARY_BYTES`].
    #[error("a boundary of {bytes} octets, at most {MAX_BOUNDARY_BYTES} are possible")]
    BoundaryBytes {
        /// Octets given.
        bytes: usize,
    },
    /// More octets than [`MAX_CAPABILITIES_BYTES`].
    #[error("a capabilities entity has more than {MAX_CAPABILITIES_BYTES} octets")]
    CapabilitiesBytes,
    /// A part's media type is not `type/subtype`.
    #[error("{text:?} is not a media type")]
    ContentType {
        /// The value of its Content-Type.
        text: String,
    },
    /// More octets than [`MAX_CONTROL_BYTES`].
    #[error("a control entity has more than {MAX_CONTROL_BYTES} octets")]
    ControlBytes,
    /// The first part is not XML.
    #[error("the first entity is {essence}, not application/xml")]
    ControlType {
        /// Its media type.
        essence: String,
    },
    /// A body that is not in the transfer encoding it claims.
    #[error("a body is not in the transfer encoding that its header names")]
    Encoded,
    /// A header block beyond [`MAX_HEADER_BYTES`](super::mime_part::MAX_HEADER_BYTES).
    #[error("the header block of an entity is too long")]
    HeaderBytes,
    /// More fields than [`MAX_HEADERS`](super::mime_part::MAX_HEADERS).
    #[error("an entity has too many header fields")]
    HeaderCount,
    /// A line that is no header field, or characters that none may hold.
    #[error("a line in the header block of an entity is not a header field")]
    HeaderText,
    /// No boundary parameter.
    #[error("the media type has no boundary")]
    NoBoundary,
    /// A content or capabilities entity without Content-Type.
    #[error("an entity has no Content-Type")]
    NoContentType,
    /// Not even a control entity.
    #[error("the body has no entity")]
    NoParts,
    /// More entities than [`MAX_PARTS`].
    #[error("more than {MAX_PARTS} entities")]
    Parts,
    /// A field that may be there once is there twice.
    #[error("an entity has more than one {name}")]
    Repeated {
        /// The field.
        name: &'static str,
    },
    /// A transfer encoding that RFC 2045 does not define.
    #[error("transfer encoding {name:?} is not known")]
    TransferEncoding {
        /// Its name.
        name: String,
    },
    /// The closing delimiter is missing.
    #[error("the closing delimiter is missing")]
    Unclosed,
    /// Neither XML nor `multipart/related`: HTTP status 415 (PAP 13).
    #[error("media type {text:?} carries no PAP message")]
    UnsupportedMediaType {
        /// The HTTP Content-Type.
        text: String,
    },
}

/// Why a body could not be read, and its control entity if that one could: a push with a bad
/// content entity is answered under its push-id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Unreadable {
    /// What is wrong.
    #[source]
    pub error: MimeError,
    /// The XML document.
    pub control: Option<Vec<u8>>,
}

/// What the HTTP Content-Type says of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framing {
    /// The control entity alone.
    Control,
    /// Entities between delimiters.
    Related {
        /// The boundary, at most [`MAX_BOUNDARY_BYTES`] octets.
        boundary: String,
    },
}

impl Framing {
    /// Reads the value of an HTTP Content-Type.
    pub fn read(content_type: &str) -> Result<Self, MimeError> {
        let unsupported = || MimeError::UnsupportedMediaType {
            text: quoted(content_type),
        };
        let media_type = MediaType::read(content_type).ok_or_else(unsupported)?;
        if XML.contains(&media_type.essence.as_str()) {
            return Ok(Self::Control);
        }
        if media_type.essence != "multipart/related" {
            return Err(unsupported());
        }
        match media_type.boundary {
            None => Err(MimeError::NoBoundary),
            Some(boundary) if boundary.trim_end().is_empty() => Err(MimeError::NoBoundary),
            Some(boundary) if boundary.len() > MAX_BOUNDARY_BYTES => {
                Err(MimeError::BoundaryBytes {
                    bytes: boundary.len(),
                })
            }
            Some(boundary) => Ok(Self::Related {
                boundary: boundary.trim_end().to_owned(),
            }),
        }
    }
}

impl Message {
    /// Reads a whole HTTP body by its Content-Type.
    pub fn read(content_type: &str, body: &[u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(content_type, Vec::new());
        reader
            .push(body)
            .and_then(|()| reader.finish())
            .expect("a vector takes all octets")
    }
}

#[cfg(test)]
mod tests;
