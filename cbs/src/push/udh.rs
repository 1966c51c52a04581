//! User Data Headers (TS 23.040 9.2.3.24), as far as push over Cell Broadcast needs them.
//!
//! ```text
//!  +------+----+--------+-----------+----+--- more elements, then the body
//!  | UDHL | id | length | data      | id |
//!  +------+----+--------+-----------+----+---
//!     8     8      8                             UDHL: octets that follow it, up to the body
//! ```

use crate::wire::{Reader, Truncated};
use crate::wsp::{PUSH_PORT, SOURCE_PORT};

const CONCATENATION_8: u8 = 0x00;
const PORTS_8: u8 = 0x04;
const PORTS_16: u8 = 0x05;
const CONCATENATION_16: u8 = 0x08;

/// The header in front of every page: 16-bit ports, destination first.
pub(super) const PORTS: [u8; 7] = {
    let ([d1, d2], [s1, s2]) = (PUSH_PORT.to_be_bytes(), SOURCE_PORT.to_be_bytes());
    [6, PORTS_16, 4, d1, d2, s1, s2]
};

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct UserDataHeader {
    pub(super) destination_port: Option<u16>,
}

/// A header that is none, or one that must be ignored with its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UdhError {
    /// A concatenation element, which Cell Broadcast does not use.
    #[error("the message has a concatenation element and must be ignored")]
    Concatenation,
    /// An element whose length does not fit its kind.
    #[error("element {id} has no length of {octets} octets")]
    ElementLength {
        /// Its identifier.
        id: u8,
        /// Octets said.
        octets: usize,
    },
    /// Another port than 2948, or none.
    #[error("the destination port is {port:?}, not 2948")]
    Port {
        /// Destination port.
        port: Option<u16>,
    },
    /// Fewer octets than are said.
    #[error(transparent)]
    Truncated(#[from] Truncated),
}

impl UserDataHeader {
    /// Reads a header; gives what follows it, too.
    pub(super) fn decode(page: &[u8]) -> Result<(Self, &[u8]), UdhError> {
        let mut reader = Reader::new(page);
        let octets = usize::from(reader.u8()?);
        let mut elements = Reader::new(reader.take(octets)?);
        let mut header = Self::default();
        // Every element takes two octets or more.
        while !elements.rest().is_empty() {
            let (id, octets) = (elements.u8()?, usize::from(elements.u8()?));
            let data = elements.take(octets)?;
            let wrong_length = UdhError::ElementLength { id, octets };
            match (id, data) {
                (CONCATENATION_8 | CONCATENATION_16, _) => return Err(UdhError::Concatenation),
                (PORTS_16, [high, low, _, _]) => {
                    header.destination_port = Some(u16::from_be_bytes([*high, *low]));
                }
                (PORTS_8, [port, _]) => header.destination_port = Some(u16::from(*port)),
                (PORTS_8 | PORTS_16, _) => return Err(wrong_length),
                _ => {}
            }
        }
        Ok((header, reader.rest()))
    }
}
