//! A page on the Cell Broadcast Channel of GSM: four blocks of 23 octets (TS 44.012).
//!
//! ```text
//!  7   6   5   4   3   2   1   0
//! +---+-------+---+---------------+----------------------+
//! | 0 | LPD=1 |LB |  sequence no. | 22 octets of the page|   LB: last block
//! +---+-------+---+---------------+----------------------+
//! ```

use crate::page::{GSM_PAGE_OCTETS, Page};

/// Octets of a block, its type included.
pub const BLOCK_OCTETS: usize = 23;
/// Blocks of a page.
pub const PAGE_BLOCKS: usize = 4;

const BODY_OCTETS: usize = BLOCK_OCTETS - 1;
const LINK_PROTOCOL: u8 = 0b0010_0000;
const LINK_PROTOCOL_MASK: u8 = 0b1110_0000;
const LAST: u8 = 0b0001_0000;
const SEQUENCE: u8 = 0b0000_1111;
/// Sequence number of a block that carries nothing.
const NULL: u8 = 0xF;
/// What a null block is filled with.
const FILL: u8 = 0x2B;

/// One block.
pub type Block = [u8; BLOCK_OCTETS];

/// A block that carries no page.
pub const NULL_BLOCK: Block = {
    let mut block = [FILL; BLOCK_OCTETS];
    block[0] = LINK_PROTOCOL | NULL;
    block
};

/// Cuts a page into its blocks.
pub fn blocks(page: &Page) -> [Block; PAGE_BLOCKS] {
    let octets = page.encode();
    let mut blocks = [[0; BLOCK_OCTETS]; PAGE_BLOCKS];
    let bodies = octets.chunks_exact(BODY_OCTETS);
    for ((sequence, block), body) in (0..).zip(&mut blocks).zip(bodies) {
        let last = if usize::from(sequence) + 1 == PAGE_BLOCKS {
            LAST
        } else {
            0
        };
        block[0] = LINK_PROTOCOL | last | sequence;
        block[1..].copy_from_slice(body);
    }
    blocks
}

/// A block that does not belong where it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Not of the Cell Broadcast link protocol.
    #[error("block type 0x{block_type:02X} is not of the Cell Broadcast link protocol")]
    LinkProtocol {
        /// First octet of the block.
        block_type: u8,
    },
    /// A block in between was lost; the page is given up.
    #[error("block {sequence} came where block {expected} was expected")]
    Sequence {
        /// Sequence number that came.
        sequence: u8,
        /// Sequence number expected.
        expected: u8,
    },
}

/// Puts the blocks of one channel together again. Holds at most one page.
#[derive(Debug, Clone, Default)]
pub struct Assembler {
    octets: Vec<u8>,
}

impl Assembler {
    /// Takes the next block of the channel; gives the page that it completes.
    ///
    /// Base stations leave out blocks at the end of a short page and mark an earlier one as the
    /// last; what is missing then reads as zeros. Null blocks and those of schedule messages are
    /// passed over. An error gives up the page that was under way, and a block with sequence
    /// number 0 starts a new one in any case.
    pub fn handle_block(&mut self, block: &Block) -> Result<Option<Page>, BlockError> {
        let block_type = block[0];
        if block_type & LINK_PROTOCOL_MASK != LINK_PROTOCOL {
            self.octets.clear();
            return Err(BlockError::LinkProtocol { block_type });
        }
        let sequence = block_type & SEQUENCE;
        if usize::from(sequence) >= PAGE_BLOCKS {
            return Ok(None);
        }
        if sequence == 0 {
            self.octets.clear();
        }
        let expected = (self.octets.len() / BODY_OCTETS) as u8;
        if sequence != expected {
            self.octets.clear();
            return Err(BlockError::Sequence { sequence, expected });
        }
        self.octets.extend_from_slice(&block[1..]);
        if self.octets.len() < GSM_PAGE_OCTETS && block_type & LAST == 0 {
            return Ok(None);
        }
        self.octets.resize(GSM_PAGE_OCTETS, 0);
        let page = Page::decode(&self.octets).ok();
        self.octets.clear();
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::PAGE_OCTETS;

    fn page(first: u8) -> Page {
        let mut octets = [0; GSM_PAGE_OCTETS];
        octets[5] = 0x11;
        octets[6] = first;
        octets[87] = first;
        Page::decode(&octets).unwrap()
    }

    #[test]
    fn a_page_is_four_blocks() {
        let blocks = blocks(&page(7));
        assert_eq!(blocks.map(|block| block[0]), [0x20, 0x21, 0x22, 0x33]);
        let mut assembler = Assembler::default();
        let mut pages = Vec::new();
        for block in &blocks {
            pages.extend(assembler.handle_block(block).unwrap());
            assert_eq!(assembler.handle_block(&NULL_BLOCK), Ok(None));
        }
        assert_eq!(pages, [page(7)]);
        assert_eq!(pages[0].content.len(), PAGE_OCTETS);
    }

    #[test]
    fn a_lost_block_costs_one_page() {
        let mut assembler = Assembler::default();
        let (first, second) = (blocks(&page(1)), blocks(&page(2)));
        assert_eq!(assembler.handle_block(&first[0]), Ok(None));
        assert_eq!(
            assembler.handle_block(&first[2]),
            Err(BlockError::Sequence {
                sequence: 2,
                expected: 1
            })
        );
        assert!(assembler.handle_block(&first[3]).is_err());
        let mut found = None;
        for block in &second {
            found = assembler.handle_block(block).unwrap();
        }
        assert_eq!(found, Some(page(2)));
    }

    #[test]
    fn a_page_may_end_early() {
        let mut assembler = Assembler::default();
        let whole = blocks(&page(7));
        let mut second = whole[1];
        second[0] |= LAST;
        assert_eq!(assembler.handle_block(&whole[0]), Ok(None));
        let short = assembler.handle_block(&second).unwrap().unwrap();
        assert_eq!((short.content[0], short.content[81]), (7, 0));
    }

    #[test]
    fn blocks_of_other_protocols_are_told() {
        let mut assembler = Assembler::default();
        let mut block = blocks(&page(1))[0];
        block[0] = 0x40;
        assert_eq!(
            assembler.handle_block(&block),
            Err(BlockError::LinkProtocol { block_type: 0x40 })
        );
        block[0] = 0x28;
        assert_eq!(assembler.handle_block(&block), Ok(None));
    }
}
