//! ALC packets (RFC 5775): LCT header, FEC Payload ID, encoding symbols.
//!
//! ```text
//!  | LCT header with extensions | FEC Payload ID (32) | one or more encoding symbols |
//! ```
//! A datagram that ends with its LCT header carries no data, only the flags A and B.

use crate::fec::{OtiError, PayloadId, Scheme};
use crate::ids::{Toi, Tsi};
use crate::lct::{self, Extensions, Header, Version};

/// A received packet, borrowing from its datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// LCT header.
    pub header: Header,
    /// Header extensions.
    pub extensions: Extensions<'a>,
    /// What follows the header; `None` on packets without data.
    pub data: Option<Data<'a>>,
}

/// The part of a packet that carries symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data<'a> {
    /// The object.
    pub toi: Toi,
    /// Scheme named by the codepoint.
    pub scheme: Scheme,
    /// The first symbol that follows.
    pub payload_id: PayloadId,
    /// Symbols with consecutive ESIs, mostly one. The last may be short.
    pub symbols: &'a [u8],
}

/// A datagram that is no ALC packet of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The header is broken.
    #[error(transparent)]
    Header(#[from] lct::DecodeError),
    /// Data without a TOI.
    #[error("packet with data but without a TOI")]
    NoToi,
    /// The FEC Payload ID is cut off.
    #[error("{got_bytes} octets follow the header, a FEC Payload ID has 4")]
    PayloadId {
        /// Octets after the header.
        got_bytes: usize,
    },
    /// The codepoint names a scheme outside this implementation.
    #[error(transparent)]
    Scheme(#[from] OtiError),
}

impl<'a> Packet<'a> {
    /// Reads a datagram.
    pub fn decode(datagram: &'a [u8], version: Version) -> Result<Self, DecodeError> {
        let (header, extensions, payload) = Header::decode(datagram, version)?;
        if payload.is_empty() {
            return Ok(Self {
                header,
                extensions,
                data: None,
            });
        }
        let toi = header.toi.ok_or(DecodeError::NoToi)?;
        let scheme = Scheme::try_from(header.codepoint)?;
        let Some((payload_id, symbols)) = payload.split_first_chunk() else {
            return Err(DecodeError::PayloadId {
                got_bytes: payload.len(),
            });
        };
        let payload_id = PayloadId::decode(scheme, *payload_id);
        Ok(Self {
            header,
            extensions,
            data: Some(Data {
                toi,
                scheme,
                payload_id,
                symbols,
            }),
        })
    }

    /// Session of the packet.
    pub const fn tsi(&self) -> Tsi {
        self.header.tsi
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Esi, Sbn};
    use proptest::prelude::*;

    #[test]
    fn a_data_packet_gives_its_symbol() {
        let datagram = [
            0x10, 0x10, 3, 6, 0, 0, 0, 0, 0, 7, 0, 1, // LCT
            1, 0, 0, 75, // payload ID
            0xAA, 0xBB,
        ];
        let packet = Packet::decode(&datagram, Version::V1).unwrap();
        let data = packet.data.unwrap();
        assert_eq!(packet.tsi(), Tsi::from(7));
        assert_eq!(data.toi, Toi::from(1));
        assert_eq!(
            data.payload_id,
            PayloadId {
                sbn: Sbn(1),
                esi: Esi(75)
            }
        );
        assert_eq!(data.symbols, [0xAA, 0xBB]);
    }

    #[test]
    fn data_needs_an_object_a_scheme_and_a_payload_id() {
        let no_toi = [0x10, 0x80, 3, 0, 0, 0, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4];
        assert_eq!(
            Packet::decode(&no_toi, Version::V1),
            Err(DecodeError::NoToi)
        );
        let scheme_9 = [0x10, 0x10, 3, 9, 0, 0, 0, 0, 0, 7, 0, 1, 1, 2, 3, 4];
        assert!(matches!(
            Packet::decode(&scheme_9, Version::V1),
            Err(DecodeError::Scheme(_))
        ));
        let cut = [0x10, 0x10, 3, 0, 0, 0, 0, 0, 0, 7, 0, 1, 1, 2, 3];
        assert_eq!(
            Packet::decode(&cut, Version::V1),
            Err(DecodeError::PayloadId { got_bytes: 3 })
        );
    }

    proptest! {
        #[test]
        fn any_datagram_decodes_or_fails(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Packet::decode(&octets, Version::V1);
        }
    }
}
