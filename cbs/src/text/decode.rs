//! Pages to text, whoever made them.

use crate::alphabet::{self, CARRIAGE_RETURN};
use crate::dcs::{Charset, Dcs, Group};
use crate::language::Language;
use crate::page::{Contents, PageContent};
use crate::septets;

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// A text that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Language that the scheme names, or that the first page starts with.
    pub language: Option<Language>,
    /// Whether 16-bit units without meaning were replaced by U+FFFD.
    pub lossy: bool,
    /// The text without fill.
    pub text: String,
}

/// Content that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Compressed (TS 23.042).
    #[error("data coding scheme {dcs} means compressed text, which is not supported")]
    Compressed {
        /// Data coding scheme.
        dcs: Dcs,
    },
    /// 8-bit octets.
    #[error("data coding scheme {dcs} means octets, not text")]
    NotText {
        /// Data coding scheme.
        dcs: Dcs,
    },
    /// A User Data Header longer than its page.
    #[error("the User Data Header of page {number} is longer than the page")]
    UserDataHeader {
        /// Number of the page, from 1.
        number: u8,
    },
}

/// Reads the text of a message.
///
/// Fill is removed from the end of every page: carriage returns, also with zeros behind, as of
/// senders that give short pages. A language in front is removed from the first page, and from
/// later ones where it is the same. A User Data Header is passed over.
pub fn decode(dcs: Dcs, contents: &Contents) -> Result<Decoded, DecodeError> {
    let coding = dcs.coding();
    if coding.compressed {
        return Err(DecodeError::Compressed { dcs });
    }
    let mut decoder = Decoder {
        has_preamble: coding.group == Group::LanguagePreamble,
        decoded: Decoded {
            language: coding.language,
            lossy: false,
            text: String::new(),
        },
    };
    for (number, page) in (1..).zip(contents.pages()) {
        let skip = match coding.group {
            Group::UserDataHeader => header_octets(page, number)?,
            _ => 0,
        };
        match coding.charset {
            Charset::EightBit => return Err(DecodeError::NotText { dcs }),
            Charset::Gsm7 => decoder.gsm7(page, skip, number),
            Charset::Ucs2 => decoder.ucs2(page, skip, number),
        }
    }
    Ok(decoder.decoded)
}

fn header_octets(page: &PageContent, number: u8) -> Result<usize, DecodeError> {
    let octets = usize::from(page.octets()[0]) + 1;
    if octets <= usize::from(page.used()) {
        Ok(octets)
    } else {
        Err(DecodeError::UserDataHeader { number })
    }
}

struct Decoder {
    has_preamble: bool,
    decoded: Decoded,
}

impl Decoder {
    fn gsm7(&mut self, page: &PageContent, skip: usize, number: u8) {
        let septets = septets::unpack(page.used_octets(), skip);
        let mut septets = without_fill(&septets);
        if let [first, second, CARRIAGE_RETURN, rest @ ..] = septets
            && self.is_preamble(Language::new([*first, *second]).ok(), number)
        {
            septets = rest;
        } else if let [first, second] = septets
            && self.is_preamble(Language::new([*first, *second]).ok(), number)
        {
            // The carriage return behind it went with the fill.
            septets = &[];
        }
        alphabet::decode(septets, &mut self.decoded.text);
    }

    fn ucs2(&mut self, page: &PageContent, skip: usize, number: u8) {
        let mut octets = page.used_octets().get(skip..).unwrap_or_default();
        if let [first, second, rest @ ..] = octets
            && self.is_preamble(Language::of_ucs2_preamble([*first, *second]), number)
        {
            octets = rest;
        }
        let units = octets
            .chunks_exact(2)
            .map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
        let mut units: Vec<u16> = units.collect();
        while let Some(0x0000 | 0x000D) = units.last() {
            units.pop();
        }
        for unit in char::decode_utf16(units) {
            match unit {
                Ok(BYTE_ORDER_MARK) if self.decoded.text.is_empty() => {}
                Ok(character) => self.decoded.text.push(character),
                Err(_) => {
                    self.decoded.lossy = true;
                    self.decoded.text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
    }

    /// Whether what a page starts with is the language; remembers it from the first page.
    fn is_preamble(&mut self, language: Option<Language>, number: u8) -> bool {
        if !self.has_preamble || language.is_none() {
            return false;
        }
        if number == 1 {
            self.decoded.language = language;
        }
        self.decoded.language == language
    }
}

/// Septets without the carriage returns at the end, and without zeros behind a carriage return.
fn without_fill(septets: &[u8]) -> &[u8] {
    let zeros = septets.iter().rev().take_while(|septet| **septet == 0);
    let (kept, _) = septets.split_at(septets.len() - zeros.count());
    match kept.last() {
        Some(&CARRIAGE_RETURN) => {}
        _ => return septets,
    }
    let fill = kept
        .iter()
        .rev()
        .take_while(|septet| **septet == CARRIAGE_RETURN);
    kept.split_at(kept.len() - fill.count()).0
}
