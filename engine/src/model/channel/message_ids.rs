//! The message identifiers that a Cell Broadcast channel may use.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Ranges of one channel; an operator gives out one or two.
pub const MAX_RANGES: usize = 64;
/// 65535 is reserved (TS 23.041 9.4.1.2.2).
const MAX_ID: u16 = u16::MAX - 1;

/// Message identifiers in order of preference: numbers and ranges such as `"40960-40999"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Entry>", into = "Vec<Entry>")]
pub struct MessageIds(Vec<RangeInclusive<u16>>);

/// Message identifiers that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageIdsError {
    /// None at all, or too many ranges.
    #[error("message_ids has 1 to {MAX_RANGES} entries, not {0}")]
    Count(usize),
    /// Not a number or range.
    #[error("{0:?} is not a message identifier, 0 to 65534, or a range such as \"40960-40999\"")]
    Entry(String),
}

/// As it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    One(u16),
    Range(String),
}

impl MessageIds {
    /// One identifier, 0 to 65534.
    pub fn one(id: u16) -> Result<Self, MessageIdsError> {
        vec![Entry::One(id)].try_into()
    }

    /// Identifiers in a row, 0 to 65534.
    pub fn range(ids: RangeInclusive<u16>) -> Result<Self, MessageIdsError> {
        vec![Entry::Range(format!("{}-{}", ids.start(), ids.end()))].try_into()
    }

    /// Every identifier, in order of preference.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        self.0.iter().cloned().flatten()
    }

    /// Whether an identifier is among them.
    pub fn contains(&self, id: u16) -> bool {
        self.0.iter().any(|range| range.contains(&id))
    }
}

impl TryFrom<Vec<Entry>> for MessageIds {
    type Error = MessageIdsError;

    fn try_from(entries: Vec<Entry>) -> Result<Self, MessageIdsError> {
        if !(1..=MAX_RANGES).contains(&entries.len()) {
            return Err(MessageIdsError::Count(entries.len()));
        }
        let ranges = entries.into_iter().map(|entry| match entry {
            Entry::One(id) if id <= MAX_ID => Ok(id..=id),
            Entry::One(id) => Err(MessageIdsError::Entry(id.to_string())),
            Entry::Range(text) => range(&text).ok_or(MessageIdsError::Entry(text)),
        });
        Ok(Self(ranges.collect::<Result<_, _>>()?))
    }
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse::<u16>().ok().filter(|id| *id <= MAX_ID);
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some(first..=last)
}

impl From<MessageIds> for Vec<Entry> {
    fn from(ids: MessageIds) -> Self {
        let entry = |range: RangeInclusive<u16>| match (*range.start(), *range.end()) {
            (first, last) if first == last => Entry::One(first),
            (first, last) => Entry::Range(format!("{first}-{last}")),
        };
        ids.0.into_iter().map(entry).collect()
    }
}

impl fmt::Display for MessageIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, range) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            match (range.start(), range.end()) {
                (first, last) if first == last => write!(f, "{first}")?,
                (first, last) => write!(f, "{first}-{last}")?,
            }
        }
        Ok(())
    }
}
