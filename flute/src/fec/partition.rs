//! Cutting a run of symbols into parts of nearly equal length.
//!
//! RFC 5052 9.1 and RFC 6330 4.4.1.2 describe the same rule in other letters: the first parts
//! are one longer than the rest.

use std::ops::Range;

/// `total` items in `parts` parts: the first `large_count` hold `small + 1`, the rest `small`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// Number of parts, never 0.
    pub parts: u64,
    /// Length of a short part.
    pub small: u64,
    /// How many parts are one longer.
    pub large_count: u64,
}

impl Partition {
    /// Divides; `parts` of 0 is taken as 1.
    pub const fn new(total: u64, parts: u64) -> Self {
        let parts = if parts == 0 { 1 } else { parts };
        Self {
            parts,
            small: total / parts,
            large_count: total % parts,
        }
    }

    /// Length of the longest part.
    pub const fn longest(&self) -> u64 {
        if self.large_count > 0 {
            self.small + 1
        } else {
            self.small
        }
    }

    /// Items before part `index` and items in it, or `None` beyond the last part.
    pub const fn part(&self, index: u64) -> Option<(u64, u64)> {
        if index >= self.parts {
            return None;
        }
        if index < self.large_count {
            Some((index * (self.small + 1), self.small + 1))
        } else {
            Some((index * self.small + self.large_count, self.small))
        }
    }
}

/// A source block: a contiguous range of the transport object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// K: source symbols, never 0.
    pub symbols: u32,
    /// Octets of the object; the last symbol of the last block may be short.
    pub range: Range<u64>,
}

impl Block {
    /// The block `index` of an object of `transfer_length` octets cut into `symbol_bytes`.
    pub(super) fn of(
        partition: &Partition,
        index: u64,
        transfer_length: u64,
        symbol_bytes: u16,
    ) -> Option<Self> {
        let (before, symbols) = partition.part(index)?;
        let symbol_bytes = u64::from(symbol_bytes);
        let start = before * symbol_bytes;
        let end = transfer_length.min(start + symbols * symbol_bytes);
        Some(Self {
            symbols: u32::try_from(symbols).ok()?,
            range: start..end,
        })
    }

    /// Octets of this block.
    pub const fn bytes(&self) -> u64 {
        self.range.end - self.range.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_differ_by_at_most_one() {
        let partition = Partition::new(143, 3);
        assert_eq!(partition.part(0), Some((0, 48)));
        assert_eq!(partition.part(1), Some((48, 48)));
        assert_eq!(partition.part(2), Some((96, 47)));
        assert_eq!(partition.part(3), None);
    }

    proptest! {
        #[test]
        fn parts_are_contiguous_and_sum_to_the_whole(total in 0u64..100_000, parts in 1u64..300) {
            let partition = Partition::new(total, parts);
            let mut next = 0;
            for index in 0..parts {
                let (before, length) = partition.part(index).unwrap();
                prop_assert_eq!(before, next);
                prop_assert!(length <= partition.longest());
                next += length;
            }
            prop_assert_eq!(next, total);
        }
    }
}
