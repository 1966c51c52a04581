//! The character sets that pushed documents come in: those that SI, SL and CO use in practice.

use std::fmt;

/// A set of characters with its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// ISO 8859-1: an octet is the character of that number.
    Iso8859_1,
    /// ISO 10646 UCS-2, big-endian; read as UTF-16.
    Ucs2,
    /// US-ASCII.
    UsAscii,
    /// UTF-16, its order told by a byte order mark or else big-endian.
    Utf16,
    /// UTF-8.
    Utf8,
}

/// Octets that are no text of a character set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the octets are not text in {charset}")]
pub struct NotText {
    /// Which set was expected.
    pub charset: Charset,
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iso8859_1 => "ISO-8859-1",
            Self::Ucs2 => "ISO-10646-UCS-2",
            Self::UsAscii => "US-ASCII",
            Self::Utf16 => "UTF-16",
            Self::Utf8 => "UTF-8",
        })
    }
}

impl Charset {
    /// The set of an IANA MIBenum, as WBXML names it (WAP-192 5.6). 0 is "unknown", which is read
    /// as UTF-8.
    pub const fn from_mib_enum(mib_enum: u32) -> Option<Self> {
        match mib_enum {
            3 => Some(Self::UsAscii),
            4 => Some(Self::Iso8859_1),
            0 | 106 => Some(Self::Utf8),
            1000 => Some(Self::Ucs2),
            1015 => Some(Self::Utf16),
            _ => None,
        }
    }

    /// The set of a name as media types and XML declarations write it, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let names = [
            ("utf-8", Self::Utf8),
            ("utf8", Self::Utf8),
            ("us-ascii", Self::UsAscii),
            ("ascii", Self::UsAscii),
            ("iso-8859-1", Self::Iso8859_1),
            ("latin1", Self::Iso8859_1),
            ("utf-16", Self::Utf16),
            ("utf-16be", Self::Ucs2),
            ("iso-10646-ucs-2", Self::Ucs2),
        ];
        let known = names
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
        known.map(|(_, charset)| *charset)
    }

    /// Octets of one code unit.
    pub const fn unit_bytes(self) -> usize {
        match self {
            Self::Ucs2 | Self::Utf16 => 2,
            Self::Iso8859_1 | Self::UsAscii | Self::Utf8 => 1,
        }
    }

    /// Reads a text. A byte order mark is not part of it.
    pub fn decode(self, octets: &[u8]) -> Result<String, NotText> {
        let failure = NotText { charset: self };
        match self {
            Self::Iso8859_1 => Ok(octets.iter().map(|octet| char::from(*octet)).collect()),
            Self::UsAscii if !octets.is_ascii() => Err(failure),
            Self::UsAscii | Self::Utf8 => {
                let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
                let text = std::str::from_utf8(octets);
                text.map(str::to_owned).map_err(|_| failure)
            }
            Self::Ucs2 | Self::Utf16 => {
                let (octets, unit): (_, fn([u8; 2]) -> u16) = match octets {
                    [0xFE, 0xFF, rest @ ..] => (rest, u16::from_be_bytes),
                    [0xFF, 0xFE, rest @ ..] => (rest, u16::from_le_bytes),
                    _ => (octets, u16::from_be_bytes),
                };
                let (units, rest) = octets.as_chunks::<2>();
                if !rest.is_empty() {
                    return Err(failure);
                }
                let units = units.iter().map(|octets| unit(*octets));
                let text = char::decode_utf16(units).collect::<Result<_, _>>();
                text.map_err(|_| failure)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_in_each_set() {
        for (charset, octets, text) in [
            (Charset::UsAscii, &b"Aln"[..], "Aln"),
            (Charset::Utf8, "Überlauf".as_bytes(), "Überlauf"),
            (Charset::Utf8, b"\xEF\xBB\xBFa", "a"),
            (Charset::Iso8859_1, b"\xDCberlauf", "Überlauf"),
            (Charset::Ucs2, b"\0A\x20\xAC", "A€"),
            (Charset::Utf16, b"\xFF\xFEA\0\xAC\x20", "A€"),
            (Charset::Utf16, b"\xD8\x3D\xDE\x80", "🚀"),
        ] {
            assert_eq!(charset.decode(octets).as_deref(), Ok(text));
        }
    }

    #[test]
    fn octets_of_another_set_are_refused() {
        for (charset, octets) in [
            (Charset::UsAscii, &b"\xDC"[..]),
            (Charset::Utf8, b"\xDCb"),
            (Charset::Ucs2, b"\0A\0"),
            (Charset::Utf16, b"\xD8\x3D\0A"),
        ] {
            assert_eq!(charset.decode(octets), Err(NotText { charset }));
        }
    }

    #[test]
    fn sets_are_found_by_name_and_number() {
        assert_eq!(Charset::from_name(" UTF-8 "), Some(Charset::Utf8));
        assert_eq!(Charset::from_name("Iso-8859-1"), Some(Charset::Iso8859_1));
        assert_eq!(Charset::from_name("koi8-r"), None);
        assert_eq!(Charset::from_mib_enum(106), Some(Charset::Utf8));
        assert_eq!(Charset::from_mib_enum(1000), Some(Charset::Ucs2));
        assert_eq!(Charset::from_mib_enum(2084), None);
    }
}
