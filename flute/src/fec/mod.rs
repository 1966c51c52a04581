//! Forward error correction: which scheme, how an object is cut into blocks and symbols, and
//! the FEC Payload ID in front of each symbol.
//!
//! Two schemes are implemented both ways: Compact No-Code (FEC Encoding ID 0, RFC 5445 3) and
//! RaptorQ (6, RFC 6330). [`Oti`] is valid by construction: every field has been checked against
//! its scheme, so that codecs and partitioning need no further checks.
//!
//! ```text
//!  No-Code    |            SBN (16)           |            ESI (16)           |
//!  RaptorQ    |    SBN (8)    |                    ESI (24)                   |
//! ```

pub mod no_code;
pub mod partition;
pub mod raptorq;

use crate::ids::{Esi, Sbn};
use crate::wire::{Reader, Truncated, put_uint};

pub use partition::Block;

/// Largest symbol that fits one UDP datagram, octets.
pub const MAX_SYMBOL_BYTES: u16 = u16::MAX;

/// A scheme this crate can encode and decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Compact No-Code: source symbols only, losses are filled by the carousel.
    NoCode,
    /// RaptorQ: any K symbols of a block, source or repair, give the block back.
    RaptorQ,
}

impl Scheme {
    /// The FEC Encoding ID, also the LCT codepoint (RFC 6726 5).
    pub const fn encoding_id(self) -> u8 {
        match self {
            Self::NoCode => 0,
            Self::RaptorQ => 6,
        }
    }

    /// Repair symbols exist beyond the source symbols.
    pub const fn has_repair(self) -> bool {
        matches!(self, Self::RaptorQ)
    }
}

impl TryFrom<u8> for Scheme {
    type Error = OtiError;

    fn try_from(encoding_id: u8) -> Result<Self, OtiError> {
        match encoding_id {
            0 => Ok(Self::NoCode),
            6 => Ok(Self::RaptorQ),
            _ => Err(OtiError::Scheme { encoding_id }),
        }
    }
}

/// Object transmission information that no receiver could work with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OtiError {
    /// The symbol alignment is zero or does not divide the symbol length (RFC 6330 4.4.1.2).
    #[error(
        "symbol alignment {alignment} does not divide the symbol length of {symbol_bytes} octets"
    )]
    Alignment {
        /// Al, octets.
        alignment: u8,
        /// T, octets.
        symbol_bytes: u16,
    },
    /// The number of source blocks is zero or beyond what the SBN field can name.
    #[error("{blocks} source blocks, at most {max} can be named")]
    Blocks {
        /// Z or N.
        blocks: u64,
        /// Largest number the scheme allows.
        max: u64,
    },
    /// A source block is empty or longer than the scheme allows, symbols.
    #[error("source block of {symbols} symbols, between 1 and {max} are possible")]
    BlockLength {
        /// Symbols of the longest block.
        symbols: u64,
        /// Largest number the scheme allows.
        max: u64,
    },
    /// A required attribute is absent.
    #[error("{field} is missing")]
    Missing {
        /// The attribute's name in the FDT.
        field: &'static str,
    },
    /// The scheme's own block of information has the wrong length or shape.
    #[error("scheme-specific information of {got_bytes} octets, {expected_bytes} expected")]
    SchemeSpecific {
        /// Octets that the scheme defines.
        expected_bytes: usize,
        /// Octets found.
        got_bytes: usize,
    },
    /// An FEC Encoding ID outside this implementation.
    #[error("FEC Encoding ID {encoding_id} is not supported")]
    Scheme {
        /// The ID.
        encoding_id: u8,
    },
    /// The number of sub-blocks is zero or beyond the aligned parts of a symbol.
    #[error("{sub_blocks} sub-blocks for symbols of {symbol_bytes} octets")]
    SubBlocks {
        /// N.
        sub_blocks: u16,
        /// T, octets.
        symbol_bytes: u16,
    },
    /// Symbols of no length.
    #[error("symbol length is zero")]
    SymbolLength,
    /// The object is longer than the scheme or the field allows.
    #[error("transfer length {transfer_length} exceeds {max} octets")]
    TransferLength {
        /// L or F, octets.
        transfer_length: u64,
        /// Largest length, octets.
        max: u64,
    },
    /// EXT_FTI ends early.
    #[error(transparent)]
    Truncated(#[from] Truncated),
}

/// FEC Object Transmission Information: everything a receiver needs besides the symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oti {
    /// FEC Encoding ID 0.
    NoCode(no_code::Oti),
    /// FEC Encoding ID 6.
    RaptorQ(raptorq::Oti),
}

impl Oti {
    /// The scheme these parameters belong to.
    pub const fn scheme(&self) -> Scheme {
        match self {
            Self::NoCode(_) => Scheme::NoCode,
            Self::RaptorQ(_) => Scheme::RaptorQ,
        }
    }

    /// Length of the transport object, after content encoding, octets.
    pub const fn transfer_length(&self) -> u64 {
        match self {
            Self::NoCode(oti) => oti.transfer_length(),
            Self::RaptorQ(oti) => oti.transfer_length(),
        }
    }

    /// E or T: length of a full symbol, octets, never 0.
    pub const fn symbol_bytes(&self) -> u16 {
        match self {
            Self::NoCode(oti) => oti.symbol_bytes(),
            Self::RaptorQ(oti) => oti.symbol_bytes(),
        }
    }

    /// Number of source blocks; 0 for an object of no octets.
    pub fn blocks(&self) -> u32 {
        match self {
            Self::NoCode(oti) => oti.blocks(),
            Self::RaptorQ(oti) => oti.blocks(),
        }
    }

    /// Where a source block lies, or `None` beyond the last.
    pub fn block(&self, sbn: Sbn) -> Option<Block> {
        match self {
            Self::NoCode(oti) => oti.block(sbn),
            Self::RaptorQ(oti) => oti.block(sbn),
        }
    }

    /// Source symbols of the whole object.
    pub fn source_symbols(&self) -> u64 {
        self.transfer_length()
            .div_ceil(u64::from(self.symbol_bytes()))
    }

    /// B: symbols of the longest block, as FEC-OTI-Maximum-Source-Block-Length carries it.
    pub fn max_block_symbols(&self) -> u32 {
        match self {
            Self::NoCode(oti) => oti.max_block_symbols(),
            Self::RaptorQ(oti) => oti.max_block_symbols(),
        }
    }

    /// First ESI that the payload ID cannot carry.
    pub const fn esi_end(&self) -> u32 {
        match self {
            Self::NoCode(_) => 1 << 16,
            Self::RaptorQ(_) => 1 << 24,
        }
    }

    /// FEC-OTI-Scheme-Specific-Info, where the scheme has one.
    pub fn scheme_specific(&self) -> Option<[u8; 4]> {
        match self {
            Self::NoCode(_) => None,
            Self::RaptorQ(oti) => Some(oti.scheme_specific()),
        }
    }

    /// Appends the body of EXT_FTI: what follows HET and HEL, 14 octets for both schemes.
    pub fn encode_ext_fti(&self, out: &mut Vec<u8>) {
        match self {
            Self::NoCode(oti) => oti.encode_ext_fti(out),
            Self::RaptorQ(oti) => oti.encode_ext_fti(out),
        }
    }

    /// Reads the body of EXT_FTI (RFC 5445 3.2.3, RFC 6330 3.3); trailing padding is ignored.
    pub fn decode_ext_fti(scheme: Scheme, body: &[u8]) -> Result<Self, OtiError> {
        let mut reader = Reader::new(body);
        match scheme {
            Scheme::NoCode => no_code::Oti::decode_ext_fti(&mut reader).map(Self::NoCode),
            Scheme::RaptorQ => raptorq::Oti::decode_ext_fti(&mut reader).map(Self::RaptorQ),
        }
    }
}

/// FEC Payload ID: which symbol follows, or the first of several consecutive ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PayloadId {
    /// Source block.
    pub sbn: Sbn,
    /// Symbol within the block.
    pub esi: Esi,
}

impl PayloadId {
    /// Length on the wire for both schemes, octets.
    pub const BYTES: usize = 4;

    /// The four octets. Numbers beyond the scheme's fields lose their high bits; an [`Oti`]
    /// never hands out such numbers.
    pub const fn encode(self, scheme: Scheme) -> [u8; Self::BYTES] {
        let word = match scheme {
            Scheme::NoCode => self.sbn.0 << 16 | self.esi.0 & 0xFFFF,
            Scheme::RaptorQ => self.sbn.0 << 24 | self.esi.0 & 0x00FF_FFFF,
        };
        word.to_be_bytes()
    }

    /// Reads the four octets in the scheme's layout.
    pub const fn decode(scheme: Scheme, octets: [u8; Self::BYTES]) -> Self {
        let word = u32::from_be_bytes(octets);
        let (sbn, esi) = match scheme {
            Scheme::NoCode => (word >> 16, word & 0xFFFF),
            Scheme::RaptorQ => (word >> 24, word & 0x00FF_FFFF),
        };
        Self {
            sbn: Sbn(sbn),
            esi: Esi(esi),
        }
    }
}

/// HEL-independent shape shared by both EXT_FTI bodies: a 48-bit number first.
fn put_u48(out: &mut Vec<u8>, value: u64) {
    put_uint(out, u128::from(value), 6);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_ids_have_the_layout_of_their_scheme() {
        let id = PayloadId {
            sbn: Sbn(2),
            esi: Esi(5),
        };
        assert_eq!(id.encode(Scheme::NoCode), [0x00, 0x02, 0x00, 0x05]);
        let id = PayloadId {
            sbn: Sbn(1),
            esi: Esi(75),
        };
        assert_eq!(id.encode(Scheme::RaptorQ), [0x01, 0x00, 0x00, 0x4B]);
        assert_eq!(
            PayloadId::decode(Scheme::RaptorQ, [0x01, 0x00, 0x00, 0x4B]),
            id
        );
    }

    #[test]
    fn ext_fti_bodies_equal_the_published_vectors() {
        let no_code = Oti::NoCode(no_code::Oti::new(1234, 1400, 64).unwrap());
        let mut out = Vec::new();
        no_code.encode_ext_fti(&mut out);
        assert_eq!(
            out,
            [0, 0, 0, 0, 0x04, 0xD2, 0, 0, 0x05, 0x78, 0, 0, 0, 0x40]
        );
        assert_eq!(Oti::decode_ext_fti(Scheme::NoCode, &out), Ok(no_code));

        let raptorq = Oti::RaptorQ(raptorq::Oti::new(200_003, 1400, 2, 1, 4).unwrap());
        out.clear();
        raptorq.encode_ext_fti(&mut out);
        assert_eq!(
            out,
            [0, 0, 0x03, 0x0D, 0x43, 0, 0x05, 0x78, 2, 0, 1, 4, 0, 0]
        );
        assert_eq!(Oti::decode_ext_fti(Scheme::RaptorQ, &out), Ok(raptorq));
    }
}
