//! Languages of text messages: two letters of ISO 639 (TS 23.038 5).

use std::fmt;
use std::str::FromStr;

/// Languages that have a Data Coding Scheme of their own, by its value.
const TABLE: [(u8, [u8; 2]); 20] = [
    (0x00, *b"de"),
    (0x01, *b"en"),
    (0x02, *b"it"),
    (0x03, *b"fr"),
    (0x04, *b"es"),
    (0x05, *b"nl"),
    (0x06, *b"sv"),
    (0x07, *b"da"),
    (0x08, *b"pt"),
    (0x09, *b"fi"),
    (0x0A, *b"no"),
    (0x0B, *b"el"),
    (0x0C, *b"tr"),
    (0x0D, *b"hu"),
    (0x0E, *b"pl"),
    (0x20, *b"cs"),
    (0x21, *b"he"),
    (0x22, *b"ar"),
    (0x23, *b"ru"),
    (0x24, *b"is"),
];
/// Hebrew, Arabic, Russian: nothing in the default alphabet can be written in them.
const NOT_WRITABLE: std::ops::RangeInclusive<u8> = 0x21..=0x23;

/// Two letters of ISO 639, lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; 2]);

/// Not two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a language is two letters of ISO 639, not {octets} octets or other characters")]
pub struct LanguageError {
    /// Length of the text, octets.
    pub octets: usize,
}

impl Language {
    /// The language of these two letters, of either case.
    pub const fn new(letters: [u8; 2]) -> Result<Self, LanguageError> {
        let [first, second] = letters;
        if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() {
            Ok(Self([
                first.to_ascii_lowercase(),
                second.to_ascii_lowercase(),
            ]))
        } else {
            Err(LanguageError { octets: 2 })
        }
    }

    /// The two letters, lower case.
    pub const fn letters(self) -> [u8; 2] {
        self.0
    }

    /// The language that a Data Coding Scheme names.
    pub fn of_dcs(octet: u8) -> Option<Self> {
        TABLE
            .iter()
            .find(|(code, _)| *code == octet)
            .map(|(_, letters)| Self(*letters))
    }

    /// The Data Coding Scheme of text in this language and the default alphabet; `None` if there
    /// is none, or one that cannot be used. Such text is preceded by its language instead.
    pub fn dcs(self) -> Option<u8> {
        TABLE
            .iter()
            .find(|(code, letters)| *letters == self.0 && !NOT_WRITABLE.contains(code))
            .map(|(code, _)| *code)
    }

    /// The two octets in front of UCS2 text: the letters packed as septets.
    pub const fn ucs2_preamble(self) -> [u8; 2] {
        let [first, second] = self.0;
        (first as u16 | (second as u16) << 7).to_le_bytes()
    }

    /// The language that these two octets in front of UCS2 text name.
    pub const fn of_ucs2_preamble(octets: [u8; 2]) -> Option<Self> {
        let value = u16::from_le_bytes(octets);
        if value >> 14 != 0 {
            return None;
        }
        let (first, second) = ((value & 0x7F) as u8, (value >> 7) as u8);
        match Self::new([first, second]) {
            Ok(language) => Some(language),
            Err(_) => None,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.0.map(char::from);
        write!(formatter, "{first}{second}")
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        match text.as_bytes() {
            [first, second] => Self::new([*first, *second]),
            octets => Err(LanguageError {
                octets: octets.len(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_letters_are_a_language() {
        assert_eq!("UK".parse::<Language>().unwrap().to_string(), "uk");
        for wrong in ["", "e", "eng", "e1", "é", "en-GB", "\r\n"] {
            assert!(wrong.parse::<Language>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn preambles_of_ucs2() {
        let octets = |text: &str| text.parse::<Language>().unwrap().ucs2_preamble();
        assert_eq!(octets("ru"), [0xF2, 0x3A]);
        assert_eq!(octets("uk"), [0xF5, 0x35]);
        for first in b'a'..=b'z' {
            for second in b'a'..=b'z' {
                let language = Language::new([first, second]).unwrap();
                let octets = language.ucs2_preamble();
                assert_eq!(Language::of_ucs2_preamble(octets), Some(language));
            }
        }
        assert_eq!(Language::of_ucs2_preamble([0x04, 0x1F]), None);
        assert_eq!(Language::of_ucs2_preamble([0xF2, 0xBA]), None);
    }

    #[test]
    fn schemes_that_name_a_language() {
        let language = |text: &str| text.parse::<Language>().unwrap();
        assert_eq!(language("en").dcs(), Some(0x01));
        assert_eq!(language("cs").dcs(), Some(0x20));
        assert_eq!(language("ru").dcs(), None);
        assert_eq!(language("sl").dcs(), None);
        assert_eq!(Language::of_dcs(0x23), Some(language("ru")));
        assert_eq!(Language::of_dcs(0x0F), None);
    }
}
