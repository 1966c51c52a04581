//! Packing of septets into the octets of one page (TS 23.038 6.1.2.2).
//!
//! ```text
//!  octet 0          octet 1          octet 2
//! +-+-------------+--+------------+---+-----------+
//! |1|  septet 0   |1 |  septet 1  |2  | septet 2  |   bit 0 is the rightmost of each octet;
//! +-+-------------+--+------------+---+-----------+   septet i starts at bit 7 i
//! ```
//!
//! Packing starts anew on every page: a message is never one stream of bits.

use crate::page::PAGE_OCTETS;

/// Septets of one page (TS 23.038 5): 651 of its 656 bits.
pub const PAGE_SEPTETS: usize = 93;

const GROUP_SEPTETS: usize = 8;
const GROUP_OCTETS: usize = 7;
const GROUPS: usize = PAGE_SEPTETS.div_ceil(GROUP_SEPTETS);

/// Packs the septets of a page; the five bits left over are zero.
pub fn pack(septets: &[u8; PAGE_SEPTETS]) -> [u8; PAGE_OCTETS] {
    let mut octets = [0; GROUPS * GROUP_OCTETS];
    let groups = septets.chunks(GROUP_SEPTETS);
    for (group, out) in groups.zip(octets.chunks_exact_mut(GROUP_OCTETS)) {
        let bits = group
            .iter()
            .rev()
            .fold(0_u64, |bits, septet| bits << 7 | u64::from(septet & 0x7F));
        out.copy_from_slice(&bits.to_le_bytes()[..GROUP_OCTETS]);
    }
    let mut page = [0; PAGE_OCTETS];
    page.copy_from_slice(&octets[..PAGE_OCTETS]);
    page
}

/// Octets that `septets` septets occupy.
pub const fn octets(septets: usize) -> usize {
    (septets * 7).div_ceil(8)
}

/// Unpacks every whole septet from `skip_octets` on; the first one starts at the next septet
/// boundary, counted from the first octet (TS 23.040 9.2.3.24).
pub fn unpack(octets: &[u8], skip_octets: usize) -> Vec<u8> {
    let total = octets.len() * 8 / 7;
    let first = (skip_octets * 8).div_ceil(7);
    (first..total.max(first))
        .map(|index| septet(octets, index))
        .collect()
}

fn septet(octets: &[u8], index: usize) -> u8 {
    let bit = index * 7;
    let octet = |at: usize| u16::from(octets.get(at).copied().unwrap_or_default());
    let pair = octet(bit / 8) | octet(bit / 8 + 1) << 8;
    (pair >> (bit % 8)) as u8 & 0x7F
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_page_comes_back(septets in proptest::collection::vec(0_u8..128, PAGE_SEPTETS)) {
            let page: [u8; PAGE_SEPTETS] = septets.clone().try_into().unwrap();
            prop_assert_eq!(unpack(&pack(&page), 0), septets);
        }

        #[test]
        fn any_octets_unpack(octets in proptest::collection::vec(any::<u8>(), 0..100), skip in 0_usize..120) {
            let septets = unpack(&octets, skip);
            prop_assert!(septets.len() <= octets.len() * 8 / 7);
            prop_assert!(septets.iter().all(|septet| *septet < 128));
        }
    }

    #[test]
    fn text_after_a_header_starts_at_a_septet() {
        // Seven octets are eight septets exactly; six octets leave one bit to fill.
        let octets = pack(&std::array::from_fn(|index| index as u8));
        assert_eq!(unpack(&octets, 7)[0], 8);
        assert_eq!(unpack(&octets, 6)[0], 7);
    }
}
