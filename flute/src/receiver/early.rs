//! Packets that came before the FDT Instance that describes their object.

use std::collections::{HashMap, VecDeque};

use crate::ids::Toi;

/// What a datagram costs besides its octets.
const OVERHEAD_BYTES: usize = 64;
/// What an object costs besides its datagrams: its places in the map and in the queue, both of
/// which double, and a vector with room for four.
const OBJECT_OVERHEAD_BYTES: usize = 320;

/// Datagrams by object, bounded in octets. Whole objects are dropped, the oldest first, because
/// what remains of a thinned-out one is of little use.
#[derive(Debug, Default)]
pub(super) struct Early {
    by_toi: HashMap<Toi, Vec<Box<[u8]>>>,
    order: VecDeque<Toi>,
    bytes: usize,
}

fn cost(datagrams: &[Box<[u8]>]) -> usize {
    let octets: usize = datagrams.iter().map(|datagram| datagram.len()).sum();
    OBJECT_OVERHEAD_BYTES + octets + datagrams.len() * OVERHEAD_BYTES
}

impl Early {
    /// Keeps a datagram if there is room; returns how many were dropped.
    pub(super) fn push(&mut self, toi: Toi, datagram: &[u8], max_bytes: usize) -> u64 {
        let mut dropped = 0;
        let mut bytes = datagram.len() + OVERHEAD_BYTES;
        if !self.by_toi.contains_key(&toi) {
            bytes += OBJECT_OVERHEAD_BYTES;
        }
        while self.bytes + bytes > max_bytes {
            let Some(oldest) = self.order.pop_front_if(|oldest| *oldest != toi) else {
                return dropped + 1;
            };
            let datagrams = self.by_toi.remove(&oldest).unwrap_or_default();
            self.bytes -= cost(&datagrams);
            dropped += datagrams.len() as u64;
        }
        self.bytes += bytes;
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
        let room = 4 * (datagram.len() + OVERHEAD_BYTES) + 2 * OBJECT_OVERHEAD_BYTES;
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
        assert_eq!(early.push(Toi::from(1), &[0; 100], 500), 0);
        assert_eq!(early.push(Toi::from(1), &[1; 100], 500), 1);
        assert_eq!(early.take(Toi::from(1))[0][..], [0; 100]);
    }
}
