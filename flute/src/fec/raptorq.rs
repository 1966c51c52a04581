//! RaptorQ, FEC Encoding ID 6 (RFC 6330), on top of the `raptorq` crate.
//!
//! That crate panics on parameters or symbols that break its assumptions. This module is the
//! guard: an [`Oti`] cannot hold such parameters, and [`Encoder`] and [`Decoder`] refuse wrong
//! lengths and numbers before the codec sees them.
//!
//! ```text
//!  EXT_FTI body   | F (40) | reserved (8) | T (16) | Z (8) | N (16) | Al (8) | padding (16) |
//! ```

use super::OtiError;
use super::partition::{Block, Partition};
use crate::ids::{Esi, Sbn};
use crate::wire::{Reader, put_uint};
use raptorq::{
    EncodingPacket, ObjectTransmissionInformation, PayloadId as CodecId, SourceBlockDecoder,
    SourceBlockEncoder,
};

/// Longest object, octets (RFC 6330 4.4.1.2).
pub const MAX_TRANSFER_LENGTH: u64 = 946_270_874_880;
/// K'max: longest source block, symbols (RFC 6330 5.1.2).
pub const MAX_BLOCK_SYMBOLS: u32 = 56_403;
/// Source blocks that an 8-bit Z can announce.
pub const MAX_BLOCKS: u64 = 255;
/// First ESI beyond the 24-bit field.
pub const ESI_END: u32 = 1 << 24;

/// Al of everything this crate sends, octets.
const ALIGNMENT: u8 = 4;

/// Valid RaptorQ parameters: F, T, Z, N and Al.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oti {
    transfer_length: u64,
    symbol_bytes: u16,
    blocks: u8,
    sub_blocks: u16,
    alignment: u8,
}

impl Oti {
    /// Checks the five parameters against RFC 6330 4.4.1.2.
    pub fn new(
        transfer_length: u64,
        symbol_bytes: u16,
        blocks: u8,
        sub_blocks: u16,
        alignment: u8,
    ) -> Result<Self, OtiError> {
        if transfer_length > MAX_TRANSFER_LENGTH {
            return Err(OtiError::TransferLength {
                transfer_length,
                max: MAX_TRANSFER_LENGTH,
            });
        }
        if symbol_bytes == 0 {
            return Err(OtiError::SymbolLength);
        }
        if alignment == 0 || !symbol_bytes.is_multiple_of(u16::from(alignment)) {
            return Err(OtiError::Alignment {
                alignment,
                symbol_bytes,
            });
        }
        if sub_blocks == 0 || sub_blocks > symbol_bytes / u16::from(alignment) {
            return Err(OtiError::SubBlocks {
                sub_blocks,
                symbol_bytes,
            });
        }
        let symbols = transfer_length.div_ceil(u64::from(symbol_bytes));
        // An empty block has no meaning for the codec, so Z never exceeds the symbols.
        if blocks == 0 || u64::from(blocks) > symbols.max(1) {
            return Err(OtiError::Blocks {
                blocks: u64::from(blocks),
                max: symbols.clamp(1, MAX_BLOCKS),
            });
        }
        let longest = symbols.div_ceil(u64::from(blocks));
        if longest > u64::from(MAX_BLOCK_SYMBOLS) {
            return Err(OtiError::BlockLength {
                symbols: longest,
                max: u64::from(MAX_BLOCK_SYMBOLS),
            });
        }
        Ok(Self {
            transfer_length,
            symbol_bytes,
            blocks,
            sub_blocks,
            alignment,
        })
    }

    /// Parameters for an object to be sent: Al = 4, N = 1, and Z such that a receiver which
    /// partitions by the longest block instead of Z finds the same blocks. Blocks grow beyond
    /// `target_block_symbols` only where 255 of them would not hold the object. An object shorter
    /// than `symbol_bytes` gets a symbol of its own length: the padding of a longer one would go
    /// on the air with it and with each of its repair symbols.
    pub fn for_object(
        transfer_length: u64,
        symbol_bytes: u16,
        target_block_symbols: u32,
    ) -> Result<Self, OtiError> {
        if symbol_bytes == 0 {
            return Err(OtiError::SymbolLength);
        }
        let alignment = u64::from(ALIGNMENT);
        let whole = transfer_length.max(1).next_multiple_of(alignment);
        let symbol_bytes =
            u16::try_from(whole).map_or(symbol_bytes, |whole| whole.min(symbol_bytes));
        let symbols = transfer_length.div_ceil(u64::from(symbol_bytes)).max(1);
        let wanted = symbols.div_ceil(u64::from(target_block_symbols.clamp(1, MAX_BLOCK_SYMBOLS)));
        let longest = symbols.div_ceil(wanted.min(MAX_BLOCKS));
        let blocks = u8::try_from(symbols.div_ceil(longest)).unwrap_or(u8::MAX);
        Self::new(transfer_length, symbol_bytes, blocks, 1, ALIGNMENT)
    }

    /// F, octets.
    pub const fn transfer_length(&self) -> u64 {
        self.transfer_length
    }

    /// T, octets.
    pub const fn symbol_bytes(&self) -> u16 {
        self.symbol_bytes
    }

    /// Z; 0 for an empty object.
    pub const fn blocks(&self) -> u32 {
        if self.transfer_length == 0 {
            0
        } else {
            self.blocks as u32
        }
    }

    /// N.
    pub const fn sub_blocks(&self) -> u16 {
        self.sub_blocks
    }

    /// Symbols of the longest block.
    pub const fn max_block_symbols(&self) -> u32 {
        self.partition().longest() as u32
    }

    const fn partition(&self) -> Partition {
        let symbols = self.transfer_length.div_ceil(self.symbol_bytes as u64);
        Partition::new(symbols, self.blocks as u64)
    }

    /// Where a block lies, or `None` beyond the last.
    pub fn block(&self, sbn: Sbn) -> Option<Block> {
        if sbn.0 >= self.blocks() {
            return None;
        }
        Block::of(
            &self.partition(),
            u64::from(sbn.0),
            self.transfer_length,
            self.symbol_bytes,
        )
    }

    /// FEC-OTI-Scheme-Specific-Info: Z (8), N (16), Al (8).
    pub const fn scheme_specific(&self) -> [u8; 4] {
        let [n_high, n_low] = self.sub_blocks.to_be_bytes();
        [self.blocks, n_high, n_low, self.alignment]
    }

    /// Reads FEC-OTI-Scheme-Specific-Info beside the two common parameters.
    pub fn from_scheme_specific(
        transfer_length: u64,
        symbol_bytes: u16,
        info: &[u8],
    ) -> Result<Self, OtiError> {
        let [z, n_high, n_low, alignment] = *info else {
            return Err(OtiError::SchemeSpecific {
                expected_bytes: 4,
                got_bytes: info.len(),
            });
        };
        Self::new(
            transfer_length,
            symbol_bytes,
            z,
            u16::from_be_bytes([n_high, n_low]),
            alignment,
        )
    }

    pub(super) fn encode_ext_fti(&self, out: &mut Vec<u8>) {
        put_uint(out, u128::from(self.transfer_length), 5);
        put_uint(out, 0, 1);
        put_uint(out, u128::from(self.symbol_bytes), 2);
        out.extend_from_slice(&self.scheme_specific());
        put_uint(out, 0, 2);
    }

    pub(super) fn decode_ext_fti(reader: &mut Reader<'_>) -> Result<Self, OtiError> {
        let transfer_length = reader.uint(5)? as u64;
        reader.take(1)?;
        let symbol_bytes = reader.u16()?;
        Self::from_scheme_specific(transfer_length, symbol_bytes, reader.take(4)?)
    }

    fn codec(&self) -> ObjectTransmissionInformation {
        ObjectTransmissionInformation::new(
            self.transfer_length,
            self.symbol_bytes,
            self.blocks,
            self.sub_blocks,
            self.alignment,
        )
    }
}

/// What a codec was handed does not belong to its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The object has no such block.
    #[error("no source block {sbn}, the object has {blocks}")]
    NoSuchBlock {
        /// SBN asked for.
        sbn: u32,
        /// Z.
        blocks: u32,
    },
    /// The data does not have the block's length.
    #[error("block data of {got_bytes} octets, {expected_bytes} expected")]
    BlockLength {
        /// Octets of the block.
        expected_bytes: u64,
        /// Octets given.
        got_bytes: usize,
    },
    /// The symbol does not have length T.
    #[error("symbol of {got_bytes} octets, {expected_bytes} expected")]
    SymbolLength {
        /// T, octets.
        expected_bytes: usize,
        /// Octets given.
        got_bytes: usize,
    },
    /// Repair symbols beyond the 24-bit ESI.
    #[error("ESI {esi} is beyond the 24-bit field")]
    Esi {
        /// The first ESI that does not fit.
        esi: u32,
    },
}

/// Makes repair symbols of one source block; holds the block's intermediate symbols.
#[derive(Debug)]
pub struct Encoder {
    codec: SourceBlockEncoder,
    symbols: u32,
    symbol_bytes: usize,
}

impl Encoder {
    /// Encodes a block. `data` is the block's range of the object, without padding.
    pub fn new(oti: &Oti, sbn: Sbn, data: &[u8]) -> Result<Self, CodecError> {
        let block = oti.block(sbn).ok_or(CodecError::NoSuchBlock {
            sbn: sbn.0,
            blocks: oti.blocks(),
        })?;
        if data.len() as u64 != block.bytes() {
            return Err(CodecError::BlockLength {
                expected_bytes: block.bytes(),
                got_bytes: data.len(),
            });
        }
        let symbol_bytes = usize::from(oti.symbol_bytes());
        let padded_len = block.symbols as usize * symbol_bytes;
        let codec = if data.len() == padded_len {
            SourceBlockEncoder::new(sbn.0 as u8, &oti.codec(), data)
        } else {
            let mut padded = Vec::with_capacity(padded_len);
            padded.extend_from_slice(data);
            padded.resize(padded_len, 0);
            SourceBlockEncoder::new(sbn.0 as u8, &oti.codec(), &padded)
        };
        Ok(Self {
            codec,
            symbols: block.symbols,
            symbol_bytes,
        })
    }

    /// Memory held, octets: source and intermediate symbols. It may be a dozen symbols too high for
    /// blocks of common length, never too low.
    pub fn bytes(&self) -> usize {
        (self.symbols + intermediate_symbols(self.symbols)) as usize * self.symbol_bytes
    }

    /// Appends `count` repair symbols from `first` (an ESI of at least K) to `out`.
    pub fn repair(&self, first: Esi, count: u32, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let end = first.0.checked_add(count).filter(|end| *end <= ESI_END);
        if end.is_none() || first.0 < self.symbols {
            return Err(CodecError::Esi { esi: first.0 });
        }
        out.reserve(count as usize * self.symbol_bytes);
        for packet in self.codec.repair_packets(first.0 - self.symbols, count) {
            out.extend_from_slice(packet.data());
        }
        Ok(())
    }
}

/// L of a block of so many source symbols, or a few more: K' with its LDPC and HDPC symbols
/// (RFC 6330 5.3.3.3). The second term covers S and H of every row of the table in 5.6.
fn intermediate_symbols(symbols: u32) -> u32 {
    let extended = ::raptorq::extended_source_block_symbols(symbols);
    extended + (2 * extended).isqrt() + extended / 80 + 18
}

/// Collects symbols of one source block until the block can be given back.
#[derive(Debug)]
pub struct Decoder {
    codec: SourceBlockDecoder,
    sbn: u8,
    symbol_bytes: usize,
    block_bytes: usize,
}

impl Decoder {
    /// An empty decoder for a block of the object.
    pub fn new(oti: &Oti, sbn: Sbn) -> Result<Self, CodecError> {
        let block = oti.block(sbn).ok_or(CodecError::NoSuchBlock {
            sbn: sbn.0,
            blocks: oti.blocks(),
        })?;
        let symbol_bytes = usize::from(oti.symbol_bytes());
        let padded = u64::from(block.symbols) * symbol_bytes as u64;
        Ok(Self {
            codec: SourceBlockDecoder::new(sbn.0 as u8, &oti.codec(), padded),
            sbn: sbn.0 as u8,
            symbol_bytes,
            block_bytes: block.bytes() as usize,
        })
    }

    /// Takes the symbols, each of length T, and returns the block's octets once they suffice.
    pub fn decode(
        &mut self,
        symbols: impl IntoIterator<Item = (Esi, Vec<u8>)>,
    ) -> Result<Option<Vec<u8>>, CodecError> {
        let mut packets = Vec::new();
        for (esi, symbol) in symbols {
            if symbol.len() != self.symbol_bytes {
                return Err(CodecError::SymbolLength {
                    expected_bytes: self.symbol_bytes,
                    got_bytes: symbol.len(),
                });
            }
            if esi.0 >= ESI_END {
                return Err(CodecError::Esi { esi: esi.0 });
            }
            packets.push(EncodingPacket::new(CodecId::new(self.sbn, esi.0), symbol));
        }
        Ok(self.codec.decode(packets).map(|mut block| {
            block.truncate(self.block_bytes);
            block
        }))
    }
}

#[cfg(test)]
mod tests;
