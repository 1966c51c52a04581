//! What UMTS, LTE and NR carry: all pages at once, each with the number of octets it uses
//! (TS 23.041 9.4.2.2.5; Warning Message Contents of TS 36.413 and TS 38.413).
//!
//! ```text
//!  0     1                              83     84
//! +-----+-------------------------------+------+---- 83 octets for each further page ...
//! |  N  |  content of page 1            | used |
//! +-----+-------------------------------+------+
//!    8               656                    8
//! ```

use crate::dcs::Dcs;
use crate::message::Message;
use crate::message_id::MessageId;
use crate::page::{Contents, PAGE_OCTETS, PageContent, PageError};
use crate::serial::SerialNumber;
use crate::wire::{Reader, Truncated};

/// Octets of one page with its length.
const ENTRY_OCTETS: usize = PAGE_OCTETS + 1;
/// Message type of a CBS message (TS 25.324).
const BMC_CBS_MESSAGE: u8 = 1;

/// Octets that are no CB data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CbDataError {
    /// Not a CBS message of BMC.
    #[error("message type {message_type} is not a CBS message")]
    MessageType {
        /// First octet.
        message_type: u8,
    },
    /// Number of pages or of used octets out of range.
    #[error(transparent)]
    Page(#[from] PageError),
    /// More octets than the pages take.
    #[error("{octets} octets follow the last page")]
    Trailing {
        /// How many.
        octets: usize,
    },
    /// Fewer octets than the pages take.
    #[error(transparent)]
    Truncated(#[from] Truncated),
}

/// Writes CB data: 84 to 1246 octets.
pub fn encode(contents: &Contents) -> Vec<u8> {
    let mut octets = Vec::with_capacity(1 + contents.pages().len() * ENTRY_OCTETS);
    octets.push(contents.count());
    for page in contents.pages() {
        octets.extend_from_slice(page.octets());
        octets.push(page.used());
    }
    octets
}

/// Reads CB data.
pub fn decode(octets: &[u8]) -> Result<Contents, CbDataError> {
    let mut reader = Reader::new(octets);
    let contents = read(&mut reader)?;
    match reader.rest().len() {
        0 => Ok(contents),
        octets => Err(CbDataError::Trailing { octets }),
    }
}

fn read(reader: &mut Reader<'_>) -> Result<Contents, CbDataError> {
    let count = usize::from(reader.u8()?);
    let mut pages = Vec::new();
    // At most 255 pages are read; `Contents::new` refuses those over fifteen.
    for _ in 0..count {
        let octets = reader.array()?;
        pages.push(PageContent::new(octets, usize::from(reader.u8()?))?);
    }
    Ok(Contents::new(pages)?)
}

/// Writes the CBS message of the UMTS radio interface (TS 25.324): message type, message
/// identifier, serial number (in this order), data coding scheme, CB data.
pub fn encode_bmc(message: &Message) -> Vec<u8> {
    let mut octets = vec![BMC_CBS_MESSAGE];
    octets.extend_from_slice(&message.message_id.0.to_be_bytes());
    octets.extend_from_slice(&message.serial.0.to_be_bytes());
    octets.push(message.dcs.0);
    octets.extend_from_slice(&encode(&message.contents));
    octets
}

/// Reads the CBS message of the UMTS radio interface.
pub fn decode_bmc(octets: &[u8]) -> Result<Message, CbDataError> {
    let mut reader = Reader::new(octets);
    match reader.u8()? {
        BMC_CBS_MESSAGE => {}
        message_type => return Err(CbDataError::MessageType { message_type }),
    }
    let message_id = MessageId(reader.u16()?);
    let serial = SerialNumber(reader.u16()?);
    let dcs = Dcs(reader.u8()?);
    Ok(Message {
        serial,
        message_id,
        dcs,
        contents: decode(reader.rest())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn contents(used: &[u8]) -> Contents {
        let page = |used: &u8| PageContent::new([*used; PAGE_OCTETS], usize::from(*used)).unwrap();
        Contents::new(used.iter().map(page).collect()).unwrap()
    }

    proptest! {
        #[test]
        fn contents_come_back(used in proptest::collection::vec(1_u8..=82, 1..=15)) {
            let contents = contents(&used);
            let octets = encode(&contents);
            prop_assert_eq!(octets.len(), 1 + 83 * used.len());
            prop_assert_eq!(decode(&octets), Ok(contents.clone()));
            let message = Message {
                serial: SerialNumber(0x4010),
                message_id: MessageId(919),
                dcs: Dcs::UCS2,
                contents,
            };
            prop_assert_eq!(decode_bmc(&encode_bmc(&message)), Ok(message));
        }

        #[test]
        fn any_octets_are_contents_or_an_error(octets in proptest::collection::vec(any::<u8>(), 0..1400)) {
            if let Ok(contents) = decode(&octets) {
                prop_assert_eq!(encode(&contents), octets);
            }
        }
    }

    #[test]
    fn what_is_no_cb_data() {
        let octets = encode(&contents(&[82, 3]));
        assert!(matches!(
            decode(&octets[..octets.len() - 1]),
            Err(CbDataError::Truncated(_))
        ));
        let longer = [&octets[..], &[0]].concat();
        assert_eq!(decode(&longer), Err(CbDataError::Trailing { octets: 1 }));
        let mut wrong = octets.clone();
        wrong[83] = 0;
        assert_eq!(
            decode(&wrong),
            Err(CbDataError::Page(PageError::Used { used: 0 }))
        );
        wrong[83] = 83;
        assert!(decode(&wrong).is_err());
        assert_eq!(
            decode(&[0]),
            Err(CbDataError::Page(PageError::Pages { pages: 0 }))
        );
        let sixteen = [&[16][..], &[1; 83 * 16]].concat();
        assert_eq!(
            decode(&sixteen),
            Err(CbDataError::Page(PageError::Pages { pages: 16 }))
        );
        assert_eq!(
            decode_bmc(&[2, 0, 0]),
            Err(CbDataError::MessageType { message_type: 2 })
        );
    }
}
