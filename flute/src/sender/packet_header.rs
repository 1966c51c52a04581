//! LCT header and FEC Payload ID of an object's packets, and the loop that writes packets.

use crate::fec::PayloadId;

/// What stands in front of every symbol of an object: LCT header and FEC Payload ID.
#[derive(Debug)]
pub(super) struct PacketHeader {
    octets: [u8; Self::MAX_BYTES],
    /// Where the FEC Payload ID starts.
    lct_bytes: usize,
}

impl PacketHeader {
    /// With a TSI of 48 and a TOI of 112 bits.
    pub(super) const MAX_BYTES: usize = 32;

    pub(super) fn new(lct: &[u8]) -> Self {
        let mut octets = [0; Self::MAX_BYTES];
        octets[..lct.len()].copy_from_slice(lct);
        Self {
            octets,
            lct_bytes: lct.len(),
        }
    }

    pub(super) const fn bytes(&self) -> usize {
        self.lct_bytes + PayloadId::BYTES
    }

    /// Appends a packet for each symbol. The FEC Payload IDs of one block count up in both schemes.
    ///
    /// This is the innermost loop of every lane, bound by memory: it is kept apart and small so
    /// that everything stays in registers. The whole header array is copied each time because a
    /// constant length makes that two stores instead of a call; the symbol overwrites what is too
    /// much.
    #[inline(never)]
    pub(super) fn write_packets(
        &self,
        first: [u8; PayloadId::BYTES],
        symbols: &[u8],
        symbol_bytes: usize,
        buf: &mut Vec<u8>,
    ) {
        let mut payload_id = u32::from_be_bytes(first);
        for symbol in symbols.chunks(symbol_bytes) {
            let start = buf.len();
            let symbol_at = start + self.bytes();
            buf.extend_from_slice(&self.octets);
            buf[start + self.lct_bytes..symbol_at].copy_from_slice(&payload_id.to_be_bytes());
            buf.truncate(symbol_at);
            buf.extend_from_slice(symbol);
            payload_id = payload_id.wrapping_add(1);
        }
        if symbols.is_empty() {
            // An object of no octets is one packet without a symbol.
            buf.extend_from_slice(&self.octets[..self.lct_bytes]);
            buf.extend_from_slice(&first);
        }
    }
}
