//! The Cell Broadcast Data Coding Scheme (TS 23.038 5), which is not the one of SMS.
//!
//! ```text
//!  7   6   5   4   3   2   1   0
//! +---+---+---+---+---+---+---+---+
//! |     group     |   by group    |   00xx language, 01xx general, 1001 header,
//! +---+---+---+---+---+---+---+---+   1101 I1, 1110 WAP, 1111 data
//! ```
//!
//! Any octet has a meaning: reserved values are read as text in the default alphabet.

use std::fmt;

use crate::language::Language;

/// The data coding scheme of a message, any octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dcs(pub u8);

/// How the characters or octets of a page are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charset {
    /// Octets without a meaning to this layer.
    EightBit,
    /// The GSM 7-bit default alphabet.
    Gsm7,
    /// Big-endian UCS2; receivers read UTF-16.
    Ucs2,
}

/// Coding group, the upper bits of the octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// 1111: a class without further coding.
    Data,
    /// 01xx: charset and class.
    General,
    /// 1101: a message of the I1 protocol (TS 24.294).
    I1,
    /// 0000 and 0010: the octet names the language.
    Language,
    /// 0001: every page starts with the language.
    LanguagePreamble,
    /// Anything else.
    Reserved,
    /// 1001: every page starts with a User Data Header.
    UserDataHeader,
    /// 1110: as the WAP Forum defines.
    Wap,
}

/// Message class (TS 23.038 5): who the message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageClass {
    /// 0: shown at once.
    Class0,
    /// 1: the mobile equipment, or defined by the user.
    Class1,
    /// 2: the SIM, or defined by the user.
    Class2,
    /// 3: the terminal equipment.
    Class3,
}

/// What an octet means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Coding {
    /// Charset of the content.
    pub charset: Charset,
    /// Message class, where the group has one.
    pub class: Option<MessageClass>,
    /// Whether the content is compressed (TS 23.042). Nothing here writes or reads such content.
    pub compressed: bool,
    /// The group.
    pub group: Group,
    /// Language that the octet itself names.
    pub language: Option<Language>,
}

/// A combination that no data coding scheme has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DcsError {
    /// Language and class exclude each other.
    #[error("a data coding scheme names a language or a message class, not both")]
    LanguageAndClass,
    /// Octets are in no language.
    #[error("8-bit content cannot name a language")]
    LanguageOfOctets,
}

impl MessageClass {
    const fn of(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Class0,
            1 => Self::Class1,
            2 => Self::Class2,
            _ => Self::Class3,
        }
    }

    /// The two bits.
    pub const fn bits(self) -> u8 {
        self as u8
    }
}

impl Charset {
    const fn of_bits(octet: u8) -> Option<Self> {
        match octet >> 2 & 3 {
            0 => Some(Self::Gsm7),
            1 => Some(Self::EightBit),
            2 => Some(Self::Ucs2),
            _ => None,
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Gsm7 => 0b0000,
            Self::EightBit => 0b0100,
            Self::Ucs2 => 0b1000,
        }
    }
}

impl Dcs {
    /// Default alphabet, language unspecified.
    pub const GSM7: Self = Self(0x0F);
    /// Default alphabet, every page preceded by its language.
    pub const GSM7_WITH_LANGUAGE: Self = Self(0x10);
    /// UCS2, every page preceded by its language.
    pub const UCS2_WITH_LANGUAGE: Self = Self(0x11);
    /// 8-bit octets without a header.
    pub const EIGHT_BIT: Self = Self(0x44);
    /// UCS2 without a language.
    pub const UCS2: Self = Self(0x48);
    /// 8-bit octets behind a User Data Header, class 1.
    pub const USER_DATA_HEADER: Self = Self(0x95);
    /// 8-bit octets of the WAP group, class 1.
    pub const WAP: Self = Self(0xE5);

    /// The scheme for content of this charset, with a language or a class or neither.
    ///
    /// Text in the default alphabet takes the value that names its language where one exists.
    pub fn new(
        charset: Charset,
        language: Option<Language>,
        class: Option<MessageClass>,
    ) -> Result<Self, DcsError> {
        match (charset, language, class) {
            (_, Some(_), Some(_)) => Err(DcsError::LanguageAndClass),
            (Charset::EightBit, Some(_), None) => Err(DcsError::LanguageOfOctets),
            (Charset::Gsm7, Some(language), None) => {
                Ok(language.dcs().map_or(Self::GSM7_WITH_LANGUAGE, Self))
            }
            (Charset::Ucs2, Some(_), None) => Ok(Self::UCS2_WITH_LANGUAGE),
            (charset, None, Some(class)) => Ok(Self(0x50 | charset.bits() | class.bits())),
            (Charset::EightBit, None, None) => Ok(Self::EIGHT_BIT),
            (Charset::Gsm7, None, None) => Ok(Self::GSM7),
            (Charset::Ucs2, None, None) => Ok(Self::UCS2),
        }
    }

    /// What the octet means.
    pub fn coding(self) -> Coding {
        let octet = self.0;
        let group = self.group();
        let charset = match group {
            Group::General | Group::UserDataHeader | Group::Wap => {
                Charset::of_bits(octet).unwrap_or(Charset::Gsm7)
            }
            Group::Data if octet & 4 != 0 => Charset::EightBit,
            Group::I1 => Charset::EightBit,
            Group::LanguagePreamble if octet & 1 != 0 => Charset::Ucs2,
            _ => Charset::Gsm7,
        };
        let class = match group {
            Group::General => (octet & 0x10 != 0).then(|| MessageClass::of(octet)),
            Group::UserDataHeader => Some(MessageClass::of(octet)),
            // Zero means none in these two.
            Group::Data | Group::Wap => (octet & 3 != 0).then(|| MessageClass::of(octet)),
            Group::I1 | Group::Language | Group::LanguagePreamble | Group::Reserved => None,
        };
        Coding {
            charset,
            class,
            compressed: group == Group::General && octet & 0x20 != 0,
            group,
            language: Language::of_dcs(octet),
        }
    }

    fn group(self) -> Group {
        match (self.0 >> 4, self.0 & 0x0F) {
            (0x0, _) | (0x2, 0x0..=0x4) => Group::Language,
            (0x1, 0x0 | 0x1) => Group::LanguagePreamble,
            (0x4..=0x7, _) => Group::General,
            (0x9, _) if Charset::of_bits(self.0).is_some() => Group::UserDataHeader,
            (0xD, _) => Group::I1,
            (0xE, _) if Charset::of_bits(self.0) == Some(Charset::EightBit) => Group::Wap,
            (0xF, 0x0..=0x7) => Group::Data,
            _ => Group::Reserved,
        }
    }
}

impl fmt::Display for Dcs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:02X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_to_use() {
        let language = |text: &str| Some(text.parse::<Language>().unwrap());
        let new = |charset, language, class| Dcs::new(charset, language, class).map(|dcs| dcs.0);
        let class = Some(MessageClass::Class1);
        assert_eq!(new(Charset::Gsm7, None, None), Ok(0x0F));
        assert_eq!(new(Charset::Gsm7, language("de"), None), Ok(0x00));
        assert_eq!(new(Charset::Gsm7, language("sl"), None), Ok(0x10));
        assert_eq!(new(Charset::Gsm7, None, class), Ok(0x51));
        assert_eq!(new(Charset::Ucs2, None, None), Ok(0x48));
        assert_eq!(new(Charset::Ucs2, language("de"), None), Ok(0x11));
        assert_eq!(new(Charset::Ucs2, None, class), Ok(0x59));
        assert_eq!(new(Charset::EightBit, None, None), Ok(0x44));
        assert_eq!(new(Charset::EightBit, None, class), Ok(0x55));
        assert_eq!(
            new(Charset::EightBit, language("de"), None),
            Err(DcsError::LanguageOfOctets)
        );
        assert_eq!(
            new(Charset::Ucs2, language("de"), class),
            Err(DcsError::LanguageAndClass)
        );
    }

    #[test]
    fn values_that_are_written_mean_what_was_asked() {
        for charset in [Charset::EightBit, Charset::Gsm7, Charset::Ucs2] {
            for class in [None, Some(MessageClass::Class0), Some(MessageClass::Class3)] {
                let coding = Dcs::new(charset, None, class).unwrap().coding();
                assert_eq!((coding.charset, coding.class), (charset, class));
                assert!(!coding.compressed);
            }
        }
    }

    #[test]
    fn every_octet_has_a_meaning() {
        let coding = |octet| Dcs(octet).coding();
        let charsets = |octet| (coding(octet).group, coding(octet).charset);
        assert_eq!(charsets(0x48), (Group::General, Charset::Ucs2));
        assert_eq!(charsets(0x4C), (Group::General, Charset::Gsm7));
        assert!(coding(0x64).compressed);
        assert_eq!(charsets(0x95), (Group::UserDataHeader, Charset::EightBit));
        assert_eq!(charsets(0x9F), (Group::Reserved, Charset::Gsm7));
        assert_eq!(charsets(0xE5), (Group::Wap, Charset::EightBit));
        assert_eq!(coding(0xE4).class, None);
        assert_eq!(charsets(0xE0), (Group::Reserved, Charset::Gsm7));
        assert_eq!(charsets(0xF4), (Group::Data, Charset::EightBit));
        assert_eq!(charsets(0xF8), (Group::Reserved, Charset::Gsm7));
        assert_eq!(charsets(0x12), (Group::Reserved, Charset::Gsm7));
        assert_eq!(charsets(0x25), (Group::Reserved, Charset::Gsm7));
        assert_eq!(charsets(0xD3), (Group::I1, Charset::EightBit));
        assert_eq!(coding(0x23).language, "ru".parse().ok());
        for octet in 0..=u8::MAX {
            let coding = coding(octet);
            if coding.group == Group::Reserved {
                assert_eq!(coding.charset, Charset::Gsm7, "{octet:02X}");
                assert_eq!(coding.class, None, "{octet:02X}");
            }
        }
    }
}
