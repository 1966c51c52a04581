//! Compact No-Code, FEC Encoding ID 0 (RFC 5445 3): symbols as they are, in blocks.
//!
//! ```text
//!  EXT_FTI body   | transfer length (48) | reserved (16) | E (16) | B (32) |
//! ```

use super::partition::{Block, Partition};
use super::{OtiError, put_u48};
use crate::ids::Sbn;
use crate::wire::{Reader, put_uint};

/// Source blocks that a 16-bit SBN can name.
pub const MAX_BLOCKS: u64 = 1 << 16;
/// Symbols that a 16-bit ESI can name; TS 26.346 limits the field to 65535.
pub const MAX_BLOCK_SYMBOLS: u32 = 65_535;
/// Longest object that the 48-bit length field can announce, octets.
pub const MAX_TRANSFER_LENGTH: u64 = (1 << 48) - 1;

/// Valid No-Code parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oti {
    transfer_length: u64,
    symbol_bytes: u16,
    max_block_symbols: u32,
}

impl Oti {
    /// `transfer_length` octets in symbols of `symbol_bytes`, at most `max_block_symbols` (B) to
    /// a block. A larger B than an ESI can count is taken as 65535 when one block suffices.
    pub fn new(
        transfer_length: u64,
        symbol_bytes: u16,
        max_block_symbols: u32,
    ) -> Result<Self, OtiError> {
        if symbol_bytes == 0 {
            return Err(OtiError::SymbolLength);
        }
        if transfer_length > MAX_TRANSFER_LENGTH {
            return Err(OtiError::TransferLength {
                transfer_length,
                max: MAX_TRANSFER_LENGTH,
            });
        }
        let symbols = transfer_length.div_ceil(u64::from(symbol_bytes));
        let longest = symbols.min(u64::from(max_block_symbols));
        if max_block_symbols == 0 || longest > u64::from(MAX_BLOCK_SYMBOLS) + 1 {
            let symbols = u64::from(max_block_symbols);
            return Err(OtiError::BlockLength {
                symbols,
                max: u64::from(MAX_BLOCK_SYMBOLS),
            });
        }
        let blocks = symbols.div_ceil(u64::from(max_block_symbols));
        if blocks > MAX_BLOCKS {
            return Err(OtiError::Blocks {
                blocks,
                max: MAX_BLOCKS,
            });
        }
        Ok(Self {
            transfer_length,
            symbol_bytes,
            max_block_symbols,
        })
    }

    /// L, octets.
    pub const fn transfer_length(&self) -> u64 {
        self.transfer_length
    }

    /// E, octets.
    pub const fn symbol_bytes(&self) -> u16 {
        self.symbol_bytes
    }

    /// B, symbols.
    pub const fn max_block_symbols(&self) -> u32 {
        self.max_block_symbols
    }

    /// N; 0 for an empty object.
    pub const fn blocks(&self) -> u32 {
        let symbols = self.transfer_length.div_ceil(self.symbol_bytes as u64);
        symbols.div_ceil(self.max_block_symbols as u64) as u32
    }

    /// Where a block lies, or `None` beyond the last.
    pub fn block(&self, sbn: Sbn) -> Option<Block> {
        let blocks = self.blocks();
        if sbn.0 >= blocks {
            return None;
        }
        let symbols = self.transfer_length.div_ceil(u64::from(self.symbol_bytes));
        let partition = Partition::new(symbols, u64::from(blocks));
        Block::of(
            &partition,
            u64::from(sbn.0),
            self.transfer_length,
            self.symbol_bytes,
        )
    }

    pub(super) fn encode_ext_fti(&self, out: &mut Vec<u8>) {
        put_u48(out, self.transfer_length);
        put_uint(out, 0, 2);
        put_uint(out, u128::from(self.symbol_bytes), 2);
        put_uint(out, u128::from(self.max_block_symbols), 4);
    }

    pub(super) fn decode_ext_fti(reader: &mut Reader<'_>) -> Result<Self, OtiError> {
        let transfer_length = reader.uint(6)? as u64;
        reader.take(2)?;
        let symbol_bytes = reader.u16()?;
        let max_block_symbols = reader.u32()?;
        Self::new(transfer_length, symbol_bytes, max_block_symbols)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocking_equals_the_published_values() {
        // L, E, B -> N, symbols of the first and of the last block, octets of the last symbol
        let table = [
            (200_003, 1400, 64, 3, 48, 47, 1203),
            (89_600, 1400, 64, 1, 64, 64, 1400),
            (89_601, 1400, 64, 2, 33, 32, 1),
            (1_048_576, 1400, 64, 12, 63, 62, 1376),
            (7543, 512, 10, 2, 8, 7, 375),
            (1, 1400, 64, 1, 1, 1, 1),
        ];
        for (length, symbol, max, blocks, first, last, tail) in table {
            let oti = Oti::new(length, symbol, max).unwrap();
            assert_eq!(oti.blocks(), blocks, "blocks of {length}");
            assert_eq!(oti.block(Sbn(0)).unwrap().symbols, first);
            let block = oti.block(Sbn(blocks - 1)).unwrap();
            assert_eq!(block.symbols, last);
            assert_eq!(
                block.bytes() - u64::from(last - 1) * u64::from(symbol),
                tail
            );
            assert_eq!(block.range.end, length);
            assert_eq!(oti.block(Sbn(blocks)), None);
        }
    }

    #[test]
    fn an_empty_object_has_no_blocks() {
        let oti = Oti::new(0, 1400, 64).unwrap();
        assert_eq!(oti.blocks(), 0);
        assert_eq!(oti.block(Sbn(0)), None);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert_eq!(Oti::new(1, 0, 1), Err(OtiError::SymbolLength));
        assert!(matches!(
            Oti::new(1, 1, 0),
            Err(OtiError::BlockLength { .. })
        ));
        assert!(matches!(
            Oti::new(1 << 30, 1, 100),
            Err(OtiError::Blocks { .. })
        ));
        assert!(matches!(
            Oti::new(1 << 30, 1, u32::MAX),
            Err(OtiError::BlockLength { .. })
        ));
        assert!(matches!(
            Oti::new(1 << 48, 1400, 64),
            Err(OtiError::TransferLength { .. })
        ));
    }
}
