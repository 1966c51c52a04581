//! GSMTAP headers around the blocks of a Cell Broadcast Channel: how other programs are shown, and
//! show us, what is on the air.
//!
//! ```text
//!  0     1     2     3     4        6     7     8           12    13    14    15    16
//! +-----+-----+-----+-----+--------+-----+-----+-----------+-----+-----+-----+-----+----------
//! | ver | len |type | TS  | ARFCN  |power| SNR |frame no.  |chan.| ant |sub  | res | 23 octets
//! +-----+-----+-----+-----+--------+-----+-----+-----------+-----+-----+-----+-----+----------
//!    8     8     8     8      16      8     8       32        8     8     8     8
//! ```

use crate::cbch::{BLOCK_OCTETS, Block};
use crate::wire::{Reader, Truncated};

/// UDP port of GSMTAP.
pub const UDP_PORT: u16 = 4729;
/// Octets of the header.
pub const HEADER_OCTETS: usize = 16;
/// Octets of a header and a block.
pub const PACKET_OCTETS: usize = HEADER_OCTETS + BLOCK_OCTETS;

const VERSION: u8 = 2;
const UM: u8 = 1;
const CBCH: u8 = 0x0F;
/// Flags beside the channel number: uplink and band.
const ARFCN_MASK: u16 = 0x3FFF;
const WORD_OCTETS: usize = 4;

/// A block and where it was on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    /// Absolute radio frequency channel number, 14 bits.
    pub arfcn: u16,
    /// The block.
    pub block: Block,
    /// TDMA frame number.
    pub frame: u32,
    /// Time slot, 0 to 7.
    pub timeslot: u8,
}

/// A datagram that carries no block of a Cell Broadcast Channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GsmtapError {
    /// Another channel.
    #[error("type {payload_type}, channel {channel} is not a Cell Broadcast Channel")]
    Channel {
        /// Channel type.
        channel: u8,
        /// Payload type.
        payload_type: u8,
    },
    /// A header length that cannot be.
    #[error("a GSMTAP header of {words} words is too short")]
    HeaderLength {
        /// Length said, 32-bit words.
        words: u8,
    },
    /// More octets than a block.
    #[error("{octets} octets follow the block")]
    Trailing {
        /// How many.
        octets: usize,
    },
    /// Fewer octets than header and block.
    #[error(transparent)]
    Truncated(#[from] Truncated),
    /// A version other than 2.
    #[error("GSMTAP version {version} is not supported")]
    Version {
        /// Version said.
        version: u8,
    },
}

impl Packet {
    /// The datagram.
    pub fn encode(&self) -> [u8; PACKET_OCTETS] {
        let mut octets = [0; PACKET_OCTETS];
        octets[0] = VERSION;
        octets[1] = (HEADER_OCTETS / WORD_OCTETS) as u8;
        octets[2] = UM;
        octets[3] = self.timeslot;
        octets[4..6].copy_from_slice(&(self.arfcn & ARFCN_MASK).to_be_bytes());
        octets[8..12].copy_from_slice(&self.frame.to_be_bytes());
        octets[12] = CBCH;
        octets[HEADER_OCTETS..].copy_from_slice(&self.block);
        octets
    }

    /// Reads a datagram; headers longer than ours are passed over.
    pub fn decode(octets: &[u8]) -> Result<Self, GsmtapError> {
        let mut reader = Reader::new(octets);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(GsmtapError::Version { version });
        }
        let words = reader.u8()?;
        let more = (usize::from(words) * WORD_OCTETS)
            .checked_sub(HEADER_OCTETS)
            .ok_or(GsmtapError::HeaderLength { words })?;
        let (payload_type, timeslot) = (reader.u8()?, reader.u8()?);
        let arfcn = reader.u16()? & ARFCN_MASK;
        let _signal_and_noise = reader.u16()?;
        let frame = reader.u32()?;
        let channel = reader.u8()?;
        if (payload_type, channel) != (UM, CBCH) {
            return Err(GsmtapError::Channel {
                channel,
                payload_type,
            });
        }
        let _antenna_and_rest = reader.take(3)?;
        reader.take(more)?;
        let block = reader.array()?;
        match reader.rest().len() {
            0 => Ok(Self {
                arfcn,
                block,
                frame,
                timeslot,
            }),
            octets => Err(GsmtapError::Trailing { octets }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbch::NULL_BLOCK;

    #[test]
    fn a_packet_comes_back_and_others_are_errors() {
        let packet = Packet {
            arfcn: 871,
            block: NULL_BLOCK,
            frame: 0x0102_0304,
            timeslot: 0,
        };
        let octets = packet.encode();
        assert_eq!(octets[..6], [2, 4, 1, 0, 0x03, 0x67]);
        assert_eq!(Packet::decode(&octets), Ok(packet));
        let with = |at: usize, value: u8| {
            let mut other = octets;
            other[at] = value;
            Packet::decode(&other)
        };
        assert_eq!(with(0, 3), Err(GsmtapError::Version { version: 3 }));
        assert_eq!(with(1, 3), Err(GsmtapError::HeaderLength { words: 3 }));
        assert!(matches!(with(1, 5), Err(GsmtapError::Truncated(_))));
        assert!(matches!(with(2, 2), Err(GsmtapError::Channel { .. })));
        assert!(matches!(with(12, 1), Err(GsmtapError::Channel { .. })));
        let longer = [&octets[..], &[0]].concat();
        assert_eq!(
            Packet::decode(&longer),
            Err(GsmtapError::Trailing { octets: 1 })
        );
        for len in 0..octets.len() {
            assert!(Packet::decode(&octets[..len]).is_err());
        }
    }
}
