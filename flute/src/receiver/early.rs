//! Packets that came before the FDT Instance that describes their object.

use std::collections::{HashMap, VecDeque};

use crate::ids::Toi;

/// What a datagram costs besides its octets.
const OVERHEAD_BYTES: usize = 64;

/// Datagrams by object, bounded in octets. Whole objects are dropped, the oldest first, because
/// what remains of a thinned-out one is of little use.
#[derive(Debug, Default)]
pub(super) struct Early {
    by_toi: HashMap<Toi, Vec<Box<[u8]>>>,
    order: VecDeque<Toi>,
    bytes: usize,
}

fn cost(datagrams: &[Box<[u8]>]) -> usize {
    datagrams
        .iter()
        .map(|datagram| datagram.len() + OVERHEAD_BYTES)
        .sum()
}

impl Early {
    /// Keeps a datagram if there is room; returns how many were dropped.
    pub(super) fn push(&mut self, toi: Toi, datagram: &[u8], max_bytes: usize) -> u64 {
        let mut dropped = 0;
        while self.bytes + datagram.len() + OVERHEAD_BYTES > max_bytes {
            match self.order.front() {
                Some(oldest) if *oldest != toi => {
                    let oldest = *oldest;
                    dropped += self.take(oldest).len() as u64;
                }
                _ => return dropped + 1,
            }
        }
        self.bytes += datagram.len() + OVERHEAD_BYTES;
        let datagrams = self.by_toi.entry(toi).or_default();
        if datagrams.is_empty() {
            self.order.push_back(toi);
        }
        datagrams.push(datagram.into());
        dropped
    }

    /// Takes out the datagrams of an object, in their order.
    pub(super) fn take(&mut self, toi: Toi) -> Vec<Box<[u8]>> {
        let Some(datagrams) = self.by_toi.remove(&toi) else {
            return Vec::new();
        };
        self.order.retain(|other| *other != toi);
        self.bytes -= cost(&datagrams);
        datagrams
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_object_goes_first_and_the_bound_holds() {
        let mut early = Early::default();
        let datagram = [0; 100];
        let room = 4 * (datagram.len() + OVERHEAD_BYTES);
        for toi in [1u32, 1, 2, 2] {
            assert_eq!(early.push(Toi::from(toi), &datagram, room), 0);
        }
        assert_eq!(early.push(Toi::from(3), &datagram, room), 2);
        assert!(early.take(Toi::from(1)).is_empty());
        assert_eq!(early.take(Toi::from(2)).len(), 2);
        assert_eq!(early.take(Toi::from(3)).len(), 1);
        assert_eq!(early.bytes, 0);
    }

    #[test]
    fn one_object_alone_cannot_displace_itself() {
        let mut early = Early::default();
        assert_eq!(early.push(Toi::from(1), &[0; 100], 200), 0);
        assert_eq!(early.push(Toi::from(1), &[1; 100], 200), 1);
        assert_eq!(early.take(Toi::from(1))[0][..], [0; 100]);
    }
}
