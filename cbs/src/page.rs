//! One page: 88 octets on the air of GSM, 82 of them content (TS 23.041 9.4.1).
//!
//! ```text
//!  0        2        4     5     6                                    88
//! +--------+--------+-----+-----+--------------------------------------+
//! | serial | message| DCS |page | content                              |
//! | number |   id   |     |param|                                      |
//! +--------+--------+-----+-----+--------------------------------------+
//!     16       16      8   4 + 4                656 bits
//! ```

use crate::dcs::Dcs;
use crate::message_id::MessageId;
use crate::serial::SerialNumber;
use crate::wire::{Reader, Truncated};

/// Octets of content of a page.
pub const PAGE_OCTETS: usize = 82;
/// Octets of a whole GSM page.
pub const GSM_PAGE_OCTETS: usize = 88;
/// Pages of a message: what the page parameter can count.
pub const MAX_PAGES: usize = 15;

/// The content of one page and how much of it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageContent {
    octets: [u8; PAGE_OCTETS],
    used: u8,
}

/// The contents of all pages of one message, 1 to [`MAX_PAGES`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Contents(Vec<PageContent>);

/// Which page of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageParameter {
    number: u8,
    total: u8,
}

/// A page as it is sent over GSM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    /// Serial number.
    pub serial: SerialNumber,
    /// Message identifier.
    pub message_id: MessageId,
    /// Data coding scheme.
    pub dcs: Dcs,
    /// Page parameter.
    pub parameter: PageParameter,
    /// Content; GSM does not say how much of it is used.
    pub content: [u8; PAGE_OCTETS],
}

/// Something that is not a page, or not the pages of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// A GSM page of a wrong length.
    #[error("a GSM page has 88 octets, not {octets}")]
    Length {
        /// Octets given.
        octets: usize,
    },
    /// No page at all, or more than fifteen.
    #[error("a message has 1 to 15 pages, not {pages}")]
    Pages {
        /// Pages given.
        pages: usize,
    },
    /// The page number is 0, or beyond the number of pages.
    #[error("there is no page {number} of {total}")]
    Parameter {
        /// Page number.
        number: u8,
        /// Number of pages.
        total: u8,
    },
    /// A number of used octets that a page cannot have.
    #[error("a page uses 1 to 82 octets, not {used}")]
    Used {
        /// Octets used.
        used: usize,
    },
}

impl PageContent {
    /// A full page of content of which the first `used` octets count, 1 to [`PAGE_OCTETS`].
    pub fn new(octets: [u8; PAGE_OCTETS], used: usize) -> Result<Self, PageError> {
        match u8::try_from(used) {
            Ok(short) if (1..=PAGE_OCTETS).contains(&used) => Ok(Self {
                octets,
                used: short,
            }),
            _ => Err(PageError::Used { used }),
        }
    }

    /// A page of content filled up with zeros.
    pub fn zero_filled(content: &[u8]) -> Result<Self, PageError> {
        let mut octets = [0; PAGE_OCTETS];
        match octets.get_mut(..content.len()) {
            Some(start) => start.copy_from_slice(content),
            None => {
                return Err(PageError::Used {
                    used: content.len(),
                });
            }
        }
        Self::new(octets, content.len())
    }

    /// A page that may be used to its end, as it comes from GSM.
    pub const fn full(octets: [u8; PAGE_OCTETS]) -> Self {
        Self {
            octets,
            used: PAGE_OCTETS as u8,
        }
    }

    /// All 82 octets, fill included.
    pub const fn octets(&self) -> &[u8; PAGE_OCTETS] {
        &self.octets
    }

    /// How many octets are used, 1 to 82 (TS 23.041 9.4.2.2.5).
    pub const fn used(&self) -> u8 {
        self.used
    }

    /// The octets that are used.
    pub fn used_octets(&self) -> &[u8] {
        self.octets
            .get(..usize::from(self.used))
            .unwrap_or_default()
    }
}

impl Contents {
    /// The contents of 1 to [`MAX_PAGES`] pages.
    pub fn new(pages: Vec<PageContent>) -> Result<Self, PageError> {
        if (1..=MAX_PAGES).contains(&pages.len()) {
            Ok(Self(pages))
        } else {
            Err(PageError::Pages { pages: pages.len() })
        }
    }

    /// Octets in as many pages as they take, at most 1230; the last page is filled up with zeros.
    pub fn of_octets(octets: &[u8]) -> Result<Self, PageError> {
        let pages = octets.len().div_ceil(PAGE_OCTETS);
        if !(1..=MAX_PAGES).contains(&pages) {
            return Err(PageError::Pages { pages });
        }
        let pages = octets.chunks(PAGE_OCTETS).map(PageContent::zero_filled);
        Self::new(pages.collect::<Result<_, _>>()?)
    }

    /// The pages in their order.
    pub fn pages(&self) -> &[PageContent] {
        &self.0
    }

    /// How many pages, 1 to [`MAX_PAGES`].
    pub fn count(&self) -> u8 {
        self.0.len() as u8
    }
}

impl PageParameter {
    /// Page `number` of `total`, both 1 to 15.
    pub const fn new(number: u8, total: u8) -> Result<Self, PageError> {
        if number >= 1 && number <= total && total as usize <= MAX_PAGES {
            Ok(Self { number, total })
        } else {
            Err(PageError::Parameter { number, total })
        }
    }

    /// Number of this page, from 1.
    pub const fn number(self) -> u8 {
        self.number
    }

    /// Number of pages.
    pub const fn total(self) -> u8 {
        self.total
    }

    /// The octet.
    pub const fn octet(self) -> u8 {
        self.number << 4 | self.total
    }

    /// Reads the octet. One without meaning stands for page 1 of 1 (TS 23.041 9.4.1.2.4).
    pub const fn of_octet(octet: u8) -> Self {
        match Self::new(octet >> 4, octet & 0x0F) {
            Ok(parameter) => parameter,
            Err(_) => Self {
                number: 1,
                total: 1,
            },
        }
    }
}

impl Page {
    /// The 88 octets.
    pub fn encode(&self) -> [u8; GSM_PAGE_OCTETS] {
        let mut octets = [0; GSM_PAGE_OCTETS];
        octets[..2].copy_from_slice(&self.serial.0.to_be_bytes());
        octets[2..4].copy_from_slice(&self.message_id.0.to_be_bytes());
        octets[4] = self.dcs.0;
        octets[5] = self.parameter.octet();
        octets[6..].copy_from_slice(&self.content);
        octets
    }

    /// Reads a page of exactly 88 octets; every content of that length is one.
    pub fn decode(octets: &[u8]) -> Result<Self, PageError> {
        if octets.len() != GSM_PAGE_OCTETS {
            return Err(PageError::Length {
                octets: octets.len(),
            });
        }
        Self::read(&mut Reader::new(octets)).map_err(|error| PageError::Length {
            octets: error.available,
        })
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Truncated> {
        Ok(Self {
            serial: SerialNumber(reader.u16()?),
            message_id: MessageId(reader.u16()?),
            dcs: Dcs(reader.u8()?),
            parameter: PageParameter::of_octet(reader.u8()?),
            content: reader.array()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pages_come_back(octets in proptest::collection::vec(any::<u8>(), 0..100)) {
            match Page::decode(&octets) {
                Ok(page) => prop_assert_eq!(Page::decode(&page.encode()), Ok(page)),
                Err(error) => prop_assert_eq!(error, PageError::Length { octets: octets.len() }),
            }
        }
    }

    #[test]
    fn page_parameters_without_meaning_are_one_of_one() {
        for octet in 0..=u8::MAX {
            let parameter = PageParameter::of_octet(octet);
            let (number, total) = (octet >> 4, octet & 0x0F);
            if number == 0 || total == 0 || number > total {
                assert_eq!((parameter.number(), parameter.total()), (1, 1));
            } else {
                assert_eq!(parameter.octet(), octet);
            }
        }
    }

    #[test]
    fn bounds_of_contents() {
        let page = PageContent::zero_filled(&[1]).unwrap();
        assert!(Contents::new(vec![]).is_err());
        assert!(Contents::new(vec![page; 15]).is_ok());
        assert_eq!(
            Contents::new(vec![page; 16]),
            Err(PageError::Pages { pages: 16 })
        );
        assert_eq!(Contents::of_octets(&[7; 1230]).unwrap().count(), 15);
        assert_eq!(Contents::of_octets(&[7; 83]).unwrap().pages()[1].used(), 1);
        assert!(Contents::of_octets(&[7; 1231]).is_err());
        assert!(Contents::of_octets(&[]).is_err());
        assert!(PageContent::zero_filled(&[]).is_err());
        assert!(PageContent::zero_filled(&[1; 82]).is_ok());
        assert!(PageContent::zero_filled(&[1; 83]).is_err());
        assert!(PageContent::new([0; 82], 256).is_err());
    }
}
