//! Binary push over Cell Broadcast: a WSP push PDU in pages of octets (WAP-259-WDP 6.8).
//!
//! | form | scheme | every page starts with | octets in 15 pages |
//! |---|---|---|---|
//! | [`Form::Ports`] | 0x95 | User Data Header: ports 2948 and 9200 | 1125 |
//! | [`Form::Raw`] | 0x44 | nothing; the first one with the length of all | 1228 |
//! | [`Form::Wap`] | 0xE5 | as ports | 1125 |
//!
//! `ports` is what a WDP receiver understands, `wap` the same for networks that look at the WAP
//! group, `raw` a private form. A GSM page does not say how much of it is used: the end of the
//! content is found by its Content-Length header (`raw`: by the length), so one is always written.
//! Phones in the shops discard all three; they need a receiver of our own.

mod udh;

use crate::dcs::{Charset, Dcs, Group};
use crate::page::{Contents, MAX_PAGES, PAGE_OCTETS, PageContent, PageError};
use crate::wsp::{PUSH_PORT, Push, WspError};
use udh::UserDataHeader;

pub use udh::UdhError;

/// Octets of the length in front of [`Form::Raw`].
const LENGTH_OCTETS: usize = 2;

/// How octets are put into pages. A receiver is told which by its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Form {
    /// A User Data Header with ports on every page.
    #[default]
    Ports,
    /// A length, then the octets.
    Raw,
    /// As `Ports`, in the WAP group of data coding schemes.
    Wap,
}

/// Whether the end of the content was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The content has its length.
    Exact,
    /// Nothing said how long the content is: the fill of the last page follows it.
    Filled,
}

/// A push that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Whether fill follows the content.
    pub ending: Ending,
    /// The push.
    pub push: Push,
}

/// A push that cannot be sent, or pages that are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The content is shorter than its Content-Length header says.
    #[error("the content has {available} octets and should have {octets}")]
    ContentLength {
        /// Octets there are.
        available: usize,
        /// Octets there should be.
        octets: u32,
    },
    /// The data coding scheme is not one of this form.
    #[error("data coding scheme {dcs} is not one of this form")]
    Dcs {
        /// Data coding scheme.
        dcs: Dcs,
    },
    /// A length in front that is beyond the pages.
    #[error("the pages hold {available} octets and should hold {octets}")]
    Length {
        /// Octets there are.
        available: usize,
        /// Octets there should be.
        octets: usize,
    },
    /// Nothing that could be a page.
    #[error(transparent)]
    Page(#[from] PageError),
    /// More octets than fifteen pages hold.
    #[error("{octets} octets do not fit into fifteen pages, which hold {capacity}")]
    TooLong {
        /// Octets that fit.
        capacity: usize,
        /// Octets of the whole PDU.
        octets: usize,
    },
    /// A User Data Header that is none.
    #[error("the User Data Header of page {number} cannot be used")]
    Udh {
        /// Number of the page, from 1.
        number: u8,
        /// What is wrong.
        source: UdhError,
    },
    /// Not a WSP push.
    #[error(transparent)]
    Wsp(#[from] WspError),
}

impl Form {
    /// Data coding scheme that is sent.
    pub const fn dcs(self) -> Dcs {
        match self {
            Self::Ports => Dcs::USER_DATA_HEADER,
            Self::Raw => Dcs::EIGHT_BIT,
            Self::Wap => Dcs::WAP,
        }
    }

    /// Octets that fit into fifteen pages.
    pub const fn capacity(self) -> usize {
        match self {
            Self::Raw => PAGE_OCTETS * MAX_PAGES - LENGTH_OCTETS,
            Self::Ports | Self::Wap => (PAGE_OCTETS - udh::PORTS.len()) * MAX_PAGES,
        }
    }

    /// Whether a message with this scheme may be of this form; other classes are accepted.
    pub fn accepts(self, dcs: Dcs) -> bool {
        let coding = dcs.coding();
        let group = match self {
            Self::Ports => Group::UserDataHeader,
            Self::Raw => Group::General,
            Self::Wap => Group::Wap,
        };
        coding.group == group && coding.charset == Charset::EightBit && !coding.compressed
    }
}

/// Puts a push into pages. A Content-Length header is written whether there was one or not.
pub fn encode(form: Form, push: &Push) -> Result<Contents, PushError> {
    pack(form, &push.clone().with_content_length().encode())
}

/// Reads a push from its pages.
pub fn decode(form: Form, dcs: Dcs, contents: &Contents) -> Result<Received, PushError> {
    let mut push = Push::decode(&unpack(form, dcs, contents)?)?;
    let ending = match push.content_length() {
        Some(octets) => {
            let available = push.data.len();
            let length = usize::try_from(octets).unwrap_or(usize::MAX);
            if length > available {
                return Err(PushError::ContentLength { available, octets });
            }
            push.data.truncate(length);
            Ending::Exact
        }
        None if form == Form::Raw => Ending::Exact,
        None => Ending::Filled,
    };
    Ok(Received { ending, push })
}

/// Puts octets into pages filled up with zeros.
pub fn pack(form: Form, octets: &[u8]) -> Result<Contents, PushError> {
    let capacity = form.capacity();
    if octets.len() > capacity {
        return Err(PushError::TooLong {
            capacity,
            octets: octets.len(),
        });
    }
    let (header, length) = match form {
        Form::Ports | Form::Wap => (&udh::PORTS[..], None),
        // The capacity is far below 65536.
        Form::Raw => (&[][..], Some((octets.len() as u16).to_be_bytes())),
    };
    let body = [length.as_ref().map_or(&[][..], |length| length), octets].concat();
    let room = PAGE_OCTETS - header.len();
    let pages = body
        .chunks(room)
        .map(|piece| PageContent::zero_filled(&[header, piece].concat()));
    Ok(Contents::new(pages.collect::<Result<_, _>>()?)?)
}

/// Takes the octets out of their pages. In the forms with ports, what fills the last page is still
/// there.
pub fn unpack(form: Form, dcs: Dcs, contents: &Contents) -> Result<Vec<u8>, PushError> {
    if !form.accepts(dcs) {
        return Err(PushError::Dcs { dcs });
    }
    let mut octets = Vec::new();
    for (number, page) in (1..).zip(contents.pages()) {
        let used = page.used_octets();
        let piece = match form {
            Form::Ports | Form::Wap => {
                body(used).map_err(|source| PushError::Udh { number, source })?
            }
            Form::Raw => used,
        };
        octets.extend_from_slice(piece);
    }
    match form {
        Form::Ports | Form::Wap => Ok(octets),
        Form::Raw => measured(&octets),
    }
}

fn body(page: &[u8]) -> Result<&[u8], UdhError> {
    let (header, body) = UserDataHeader::decode(page)?;
    match header.destination_port {
        Some(PUSH_PORT) => Ok(body),
        port => Err(UdhError::Port { port }),
    }
}

fn measured(octets: &[u8]) -> Result<Vec<u8>, PushError> {
    let Some((length, rest)) = octets.split_first_chunk() else {
        return Err(PushError::Length {
            available: octets.len(),
            octets: LENGTH_OCTETS,
        });
    };
    let length = usize::from(u16::from_be_bytes(*length));
    match rest.get(..length) {
        Some(octets) => Ok(octets.to_vec()),
        None => Err(PushError::Length {
            available: rest.len(),
            octets: length,
        }),
    }
}

#[cfg(test)]
mod tests;
