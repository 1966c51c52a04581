//! LCT header (RFC 5651 5.1, and RFC 3451 where FLUTE version 1 differs).
//!
//! ```text
//!  0                   1                   2                   3
//!  | V(4) |C(2)|PSI|S| O |H|T|R|A|B|  HDR_LEN (8)  |  codepoint (8) |
//!  | congestion control information, 32 x (C+1)                     |
//!  | TSI, 32 x S + 16 x H           | TOI, 32 x O + 16 x H          |
//!  | SCT (32) if T | ERT (32) if R     version 1 only, skipped      |
//!  | header extensions up to 4 x HDR_LEN octets                     |
//! ```
//!
//! Encoding writes the widths that the caller chose; decoding takes every width.

pub mod ext;

use crate::ids::{Toi, Tsi};
use crate::wire::{Reader, Truncated, put_uint};

pub use ext::{ExtFdt, ExtTime, Extension, Extensions};

/// LCT version of every FLUTE packet.
const LCT_VERSION: u8 = 1;
/// Largest header that HDR_LEN can announce, octets.
pub const MAX_HEADER_BYTES: usize = 255 * 4;

/// Which generation of FLUTE a session speaks; they disagree on two header bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Version {
    /// RFC 3926 over RFC 3451: MBMS, BCAST, DVB. Bits 12 and 13 announce SCT and ERT words.
    #[default]
    V1,
    /// RFC 6726 over RFC 5651: bits 12 and 13 are reserved.
    V2,
}

/// Widths of TSI and TOI. The half-word flag H applies to both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    tsi_bytes: u8,
    toi_bytes: u8,
}

impl Widths {
    /// 16-bit TSI and TOI: what MBMS demands (TS 26.346 7.2).
    pub const MBMS: Self = Self {
        tsi_bytes: 2,
        toi_bytes: 2,
    };

    /// The smallest widths for these numbers: 16/16 where both fit, else with more words.
    pub fn fitting(tsi: Tsi, toi: Toi) -> Self {
        let tsi_bytes = if tsi.value() >> 16 == 0 { 2 } else { 6 };
        let mut toi_bytes = 2;
        while toi_bytes < 14 && toi.value() >> (8 * toi_bytes) != 0 {
            toi_bytes += 4;
        }
        Self {
            tsi_bytes,
            toi_bytes: toi_bytes as u8,
        }
    }

    const fn s(self) -> u8 {
        self.tsi_bytes / 4
    }

    const fn o(self) -> u8 {
        self.toi_bytes / 4
    }

    const fn h(self) -> u8 {
        self.tsi_bytes % 4 / 2
    }
}

/// A decoded header, or one to be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Session.
    pub tsi: Tsi,
    /// Object; `None` only on packets without data.
    pub toi: Option<Toi>,
    /// Codepoint: the FEC Encoding ID of the object.
    pub codepoint: u8,
    /// A: the session ends.
    pub close_session: bool,
    /// B: no more packets for this object.
    pub close_object: bool,
}

/// Position of the octet that holds the A and B flags.
pub const FLAGS_OFFSET: usize = 1;
/// A in that octet.
pub const CLOSE_SESSION_FLAG: u8 = 0x02;
/// B in that octet.
pub const CLOSE_OBJECT_FLAG: u8 = 0x01;

/// Octets that are no LCT packet of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// An extension's length leads nowhere or beyond the header.
    #[error("header extension {het} at offset {offset} has a length that does not fit")]
    ExtensionLength {
        /// Header extension type.
        het: u8,
        /// Octets from the start of the datagram.
        offset: usize,
    },
    /// HDR_LEN ends before the fields that the flags announce.
    #[error("HDR_LEN announces {announced_bytes} octets but the fields need {needed_bytes}")]
    HeaderLength {
        /// 4 x HDR_LEN, octets.
        announced_bytes: usize,
        /// Octets up to the end of the fixed fields.
        needed_bytes: usize,
    },
    /// The datagram ends inside the header.
    #[error(transparent)]
    Truncated(#[from] Truncated),
    /// A TSI of no length, which ALC forbids (RFC 5775 2.1).
    #[error("packet without a TSI")]
    NoTsi,
    /// Not LCT version 1.
    #[error("LCT version {version} is not supported")]
    Version {
        /// The four version bits.
        version: u8,
    },
}

impl Header {
    /// Appends the header with its extensions. A TOI of `None` is written with no length.
    ///
    /// # Panics
    ///
    /// Never: widths come from [`Widths`], extensions are limited in number and size by their
    /// types, so HDR_LEN always fits.
    pub fn encode(&self, widths: Widths, extensions: &[Extension<'_>], out: &mut Vec<u8>) {
        let start = out.len();
        let toi_words = if self.toi.is_some() { widths.o() } else { 0 };
        let second = widths.s() << 7
            | toi_words << 5
            | widths.h() << 4
            | if self.close_session {
                CLOSE_SESSION_FLAG
            } else {
                0
            }
            | if self.close_object {
                CLOSE_OBJECT_FLAG
            } else {
                0
            };
        out.extend_from_slice(&[LCT_VERSION << 4, second, 0, self.codepoint]);
        put_uint(out, 0, 4);
        put_uint(
            out,
            u128::from(self.tsi.value()),
            usize::from(widths.tsi_bytes),
        );
        if let Some(toi) = self.toi {
            put_uint(out, toi.value(), usize::from(widths.toi_bytes));
        }
        for extension in extensions {
            extension.encode(out);
        }
        out[start + 2] = ((out.len() - start) / 4) as u8;
    }

    /// Reads header and extensions; what follows the header is returned untouched.
    pub fn decode(
        datagram: &[u8],
        version: Version,
    ) -> Result<(Self, Extensions<'_>, &[u8]), DecodeError> {
        let mut reader = Reader::new(datagram);
        let [first, second, hdr_len, codepoint] = reader.u32()?.to_be_bytes();
        if first >> 4 != LCT_VERSION {
            return Err(DecodeError::Version {
                version: first >> 4,
            });
        }
        let half = 2 * usize::from(second >> 4 & 1);
        let tsi_bytes = 4 * usize::from(second >> 7) + half;
        let toi_bytes = 4 * usize::from(second >> 5 & 3) + half;
        if tsi_bytes == 0 {
            return Err(DecodeError::NoTsi);
        }
        let header_bytes = 4 * usize::from(hdr_len);
        let obsolete_times = match version {
            Version::V1 => (second >> 2 & 3).count_ones() as usize,
            Version::V2 => 0,
        };
        let cci_bytes = 4 * (usize::from(first >> 2 & 3) + 1);
        let needed_bytes = 4 + cci_bytes + tsi_bytes + toi_bytes + 4 * obsolete_times;
        if header_bytes < needed_bytes {
            return Err(DecodeError::HeaderLength {
                announced_bytes: header_bytes,
                needed_bytes,
            });
        }
        let Some((header_octets, payload)) = datagram.split_at_checked(header_bytes) else {
            return Err(Truncated {
                offset: 0,
                needed: header_bytes,
                available: datagram.len(),
            }
            .into());
        };
        reader.take(cci_bytes)?;
        // 6 and 14 octets always fit 48 and 112 bits.
        let tsi = Tsi::new(reader.uint(tsi_bytes)? as u64).map_err(|_| DecodeError::NoTsi)?;
        let toi = Toi::new(reader.uint(toi_bytes)?).map_err(|_| DecodeError::NoTsi)?;
        let header = Self {
            tsi,
            toi: (toi_bytes > 0).then_some(toi),
            codepoint,
            close_session: second & CLOSE_SESSION_FLAG != 0,
            close_object: second & CLOSE_OBJECT_FLAG != 0,
        };
        let extensions = Extensions::decode(header_octets, needed_bytes)?;
        Ok((header, extensions, payload))
    }
}

#[cfg(test)]
mod tests;
