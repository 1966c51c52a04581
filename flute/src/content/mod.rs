//! Content encoding and digest: from transport octets back to the file, within limits.
//!
//! A sender uses [`gzip`] or a [`Gzip`] that it keeps, and [`md5()`]. A receiver pushes the octets of a completed transport
//! object, in order, through a [`Decoder`], which hands the decoded octets on piece by piece and
//! at the end says whether they are the file that the FDT describes (TS 26.346 7.2.5, 7.2.10).
//! Object reassembly and storage are not here.
//!
//! Invariants: a decoder holds one buffer of [`BUFFER_BYTES`] and the inflate window whatever it
//! is fed, and never hands on more than its limits allow.
//!
//! Not implemented: Brotli, compress and stacked encodings; sending anything but gzip.

mod decoder;
mod encoder;

#[cfg(test)]
mod tests;

use md5::{Digest as _, Md5};
use std::str::FromStr;

pub use decoder::{
    BUFFER_BYTES, ContentError, DEFAULT_MAX_RATIO, Decoder, Finished, Limits, MAX_MEMBERS,
    RATIO_FLOOR_BYTES,
};
pub use encoder::Gzip;

/// An HTTP content coding, as far as it is understood here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `deflate` or `zlib`: a zlib stream (RFC 1950) or, from some senders, bare deflate data
    /// (RFC 1951).
    Deflate,
    /// `gzip` or `x-gzip` (RFC 1952).
    Gzip,
    /// No encoding.
    Identity,
}

/// A content coding that cannot be decoded here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("content encoding {token:?} is not supported")]
pub struct UnknownEncoding {
    /// The token as received.
    pub token: String,
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(token: &str) -> Result<Self, UnknownEncoding> {
        match token.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "deflate" | "zlib" => Ok(Self::Deflate),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            _ => Err(UnknownEncoding {
                token: token.to_owned(),
            }),
        }
    }
}

/// Compresses to one gzip member without name and time, so that equal data gives equal octets.
pub fn gzip(data: &[u8]) -> Vec<u8> {
    Gzip::default().compress(data)
}

/// The digest that Content-MD5 carries.
pub fn md5(data: &[u8]) -> [u8; 16] {
    Md5::digest(data).into()
}
