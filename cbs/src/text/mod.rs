//! Text to pages and back (TS 23.038 5, TS 23.041 9.4.1).
//!
//! ```text
//!  text ─ characters ─▶ charset ─ fill pages ─▶ Encoded { dcs, contents }
//!           │ BOM, CR LF, folding     │ escape pairs and surrogate pairs stay whole
//!           └─ Measure for a person: what forces UCS2, pages, room, air time
//! ```
//!
//! Every page can be read alone: it starts with the language where the scheme wants one, and no
//! character is cut in two. A text that does not fit is an error; nothing is shortened. Letters
//! are never replaced by similar ones; quotes and dashes only when asked, and the replacements are
//! told.

mod characters;
mod decode;
mod encode;
mod fold;
mod measure;

use crate::dcs::{Charset, Dcs, DcsError, MessageClass};
use crate::language::Language;
use crate::page::Contents;

pub use decode::{DecodeError, Decoded, decode};
pub use encode::encode;
pub use measure::{Measure, measure};

/// Longest text that is looked at, octets of UTF-8: some ten times what fifteen pages hold.
pub const MAX_TEXT_BYTES: usize = 32 << 10;
/// Characters that are named one by one, of those that force UCS2 or were folded; beyond they are
/// only counted.
pub const MAX_NAMED: usize = 64;

/// Which charset to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CharsetChoice {
    /// The default alphabet if it has every character, else UCS2.
    #[default]
    Automatic,
    /// The default alphabet; a character outside is an error.
    Gsm7,
    /// UCS2.
    Ucs2,
}

/// What to do with typographic punctuation that the default alphabet lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Folding {
    /// Leave it.
    #[default]
    Keep,
    /// Replace quotes, dashes, the ellipsis and odd spaces by plain ones, if the whole text then
    /// fits the default alphabet; otherwise nothing is replaced.
    Typography,
}

/// What to do with characters above U+FFFF, which UCS2 does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Supplementary {
    /// Send a surrogate pair: phones that read UTF-16 show it.
    Allow,
    /// Refuse the text.
    #[default]
    Refuse,
}

/// How to code a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Charset.
    pub charset: CharsetChoice,
    /// Message class; excludes a language.
    pub class: Option<MessageClass>,
    /// Typographic punctuation.
    pub folding: Folding,
    /// Language to say.
    pub language: Option<Language>,
    /// Characters above U+FFFF.
    pub supplementary: Supplementary,
}

/// A text as pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Charset that was used, [`Charset::Gsm7`] or [`Charset::Ucs2`].
    pub charset: Charset,
    /// The pages.
    pub contents: Contents,
    /// Data coding scheme.
    pub dcs: Dcs,
    /// Characters that were replaced.
    pub folded: usize,
}

/// One character of the text as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The character.
    pub character: char,
    /// Its position in characters, from 0.
    pub index: usize,
    /// Its position in octets of UTF-8, from 0.
    pub offset: usize,
}

/// A text that cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A control character other than line and page breaks.
    #[error("character {} of the text is the control character U+{:04X}, which no phone shows", place.index + 1, u32::from(place.character))]
    Control {
        /// Where.
        place: Place,
    },
    /// Language and class do not go together.
    #[error(transparent)]
    Dcs(#[from] DcsError),
    /// Nothing to send.
    #[error("the text is empty")]
    Empty,
    /// The default alphabet was demanded and lacks a character.
    #[error("character {} of the text, {:?}, is not in the GSM alphabet", place.index + 1, place.character)]
    NotGsm7 {
        /// The first such character.
        place: Place,
    },
    /// A character above U+FFFF.
    #[error("character {} of the text, {} (U+{:04X}), is not in UCS2: phones may show it wrongly, so leave it out", place.index + 1, place.character, u32::from(place.character))]
    Supplementary {
        /// The first such character.
        place: Place,
    },
    /// Longer than anything that could be sent.
    #[error("the text has {bytes} octets, over {MAX_TEXT_BYTES}")]
    TooLong {
        /// Its length, octets of UTF-8.
        bytes: usize,
    },
    /// More than fifteen pages.
    #[error("the text takes {pages} pages, over 15")]
    TooManyPages {
        /// Pages that it would take.
        pages: usize,
    },
}

/// Septets, 16-bit units or octets of one page behind the language.
pub(crate) const fn page_units(charset: Charset, language_on_page: bool) -> usize {
    match (charset, language_on_page) {
        (Charset::Gsm7, false) => crate::septets::PAGE_SEPTETS,
        (Charset::Gsm7, true) => crate::septets::PAGE_SEPTETS - 3,
        (Charset::Ucs2, false) => crate::page::PAGE_OCTETS / 2,
        (Charset::Ucs2, true) => crate::page::PAGE_OCTETS / 2 - 1,
        (Charset::EightBit, _) => crate::page::PAGE_OCTETS,
    }
}
