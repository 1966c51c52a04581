//! The forms that lengths, numbers and texts have (WSP 8.1.2, 8.4.2).

use super::{MAX_TEXT_BYTES, WspError};
use crate::wire::Reader;

/// Continuation bit of a uintvar, and mark of a short-integer.
pub(super) const HIGH: u8 = 0x80;
const QUOTE: u8 = 0x7F;
const LENGTH_QUOTE: u8 = 31;
const MAX_SHORT_LENGTH: usize = 30;
const MAX_UINTVAR_OCTETS: usize = 5;

/// Appends a number in groups of seven bits, as short as can be.
pub(super) fn put_uintvar(out: &mut Vec<u8>, value: u32) {
    let groups = (1..MAX_UINTVAR_OCTETS as u32).rev();
    for group in groups.filter(|group| value >> (7 * group) != 0) {
        out.push((value >> (7 * group)) as u8 | HIGH);
    }
    out.push(value as u8 & !HIGH);
}

/// Reads a number in groups of seven bits.
pub(super) fn uintvar(reader: &mut Reader<'_>) -> Result<u32, WspError> {
    let offset = reader.offset();
    let mut value: u64 = 0;
    for _ in 0..MAX_UINTVAR_OCTETS {
        let octet = reader.u8()?;
        value = value << 7 | u64::from(octet & !HIGH);
        if octet & HIGH == 0 {
            return u32::try_from(value).map_err(|_| WspError::Uintvar { offset });
        }
    }
    Err(WspError::Uintvar { offset })
}

/// Appends a length and as many octets.
pub(super) fn put_counted(out: &mut Vec<u8>, octets: &[u8]) {
    if octets.len() <= MAX_SHORT_LENGTH {
        out.push(octets.len() as u8);
    } else {
        out.push(LENGTH_QUOTE);
        put_uintvar(out, octets.len() as u32);
    }
    out.extend_from_slice(octets);
}

/// Appends a number: one octet up to 127, else a length and its octets.
pub(super) fn put_integer(out: &mut Vec<u8>, value: u64) {
    match u8::try_from(value) {
        Ok(short) if short < HIGH => out.push(short | HIGH),
        _ => put_long_integer(out, value),
    }
}

/// Appends a number with its length.
pub(super) fn put_long_integer(out: &mut Vec<u8>, value: u64) {
    let octets = value.to_be_bytes();
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let minimal = octets.get(zeros.min(7)..).unwrap_or_default();
    put_counted(out, minimal);
}

/// Appends a text and its end.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    let kept = text.split('\0').next().unwrap_or_default();
    // Otherwise it would read as a number or a length.
    if !matches!(kept.bytes().next(), Some(b' '..QUOTE)) {
        out.push(QUOTE);
    }
    out.extend_from_slice(kept.as_bytes());
    out.push(0);
}

/// A value, by its first octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// Octets behind a length.
    Counted(&'a [u8]),
    /// Seven bits.
    Short(u8),
    /// A text, its quote taken off.
    Text(&'a str),
}

impl<'a> Value<'a> {
    pub(super) fn decode(reader: &mut Reader<'a>) -> Result<Self, WspError> {
        match reader.peek() {
            Some(HIGH..) => Ok(Self::Short(reader.u8()? & !HIGH)),
            Some(0..=LENGTH_QUOTE) => Ok(Self::Counted(counted(reader)?)),
            _ => text(reader).map(Self::Text),
        }
    }

    /// The number that it is.
    pub(super) fn integer(self) -> Option<u64> {
        match self {
            Self::Short(value) => Some(value.into()),
            Self::Counted(octets) if (1..=8).contains(&octets.len()) => Some(
                octets
                    .iter()
                    .fold(0, |value, octet| value << 8 | u64::from(*octet)),
            ),
            Self::Counted(_) | Self::Text(_) => None,
        }
    }

    pub(super) fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Counted(_) | Self::Short(_) => None,
        }
    }
}

/// Reads a length and as many octets.
pub(super) fn counted<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], WspError> {
    let length = match reader.u8()? {
        LENGTH_QUOTE => uintvar(reader)? as usize,
        short => usize::from(short),
    };
    Ok(reader.take(length)?)
}

/// Reads a text up to its end.
pub(super) fn text<'a>(reader: &mut Reader<'a>) -> Result<&'a str, WspError> {
    let offset = reader.offset();
    if reader.peek() == Some(QUOTE) {
        reader.u8()?;
    }
    let length = reader.rest().iter().position(|octet| *octet == 0);
    let length = length.ok_or(WspError::Text { offset })?;
    if length > MAX_TEXT_BYTES {
        return Err(WspError::Limit {
            of: "octets of a text",
            max: MAX_TEXT_BYTES,
        });
    }
    let octets = reader.take(length)?;
    reader.u8()?;
    std::str::from_utf8(octets).map_err(|_| WspError::Text { offset })
}
