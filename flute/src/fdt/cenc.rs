//! Content encoding of the FDT document itself, announced by EXT_CENC (RFC 3926 3.4.3).

use super::xml_read::MAX_FDT_BYTES;
use crate::content::{ContentError, Decoder, Encoding, Limits};
use std::borrow::Cow;

/// An FDT payload could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CencError {
    /// A code beyond the four that are defined.
    #[error("content encoding algorithm {code} of EXT_CENC is not defined")]
    Code {
        /// The code.
        code: u8,
    },
    /// The payload is damaged or grows too long.
    #[error("encoded FDT payload cannot be decoded")]
    Content(#[from] ContentError),
}

/// Decodes the payload of an FDT Instance by its EXT_CENC code: 0 none, 1 zlib, 2 deflate,
/// 3 gzip (RFC 6726 3.4.3). A decoded document has at most [`MAX_FDT_BYTES`] octets; one that was
/// not encoded comes back as it is, whatever its length.
///
/// The codes 1 to 3 are told apart by the data, because senders mislabel them.
pub fn decode_cenc(code: u8, data: &[u8]) -> Result<Cow<'_, [u8]>, CencError> {
    let encoding = match code {
        0 => return Ok(Cow::Borrowed(data)),
        1 | 2 => Encoding::Deflate,
        3 => Encoding::Gzip,
        _ => return Err(CencError::Code { code }),
    };
    let limits = Limits {
        max_bytes: MAX_FDT_BYTES as u64,
        ..Limits::default()
    };
    let mut xml = Vec::new();
    let mut decoder = Decoder::new(encoding, None, None, limits);
    decoder.write(data, |piece| xml.extend_from_slice(piece))?;
    decoder.finish()?;
    Ok(Cow::Owned(xml))
}
