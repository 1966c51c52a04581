//! What names alerts: identifier and sender, and the references made of them.

use std::fmt;
use std::str::FromStr;

use super::CapError;
use super::time::Timestamp;

/// Octets of an identifier or sender.
pub const MAX_NAME_BYTES: usize = 256;

/// An identifier or a sender: no spaces, commas, `<` or `&` (CAP 3.2.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Names an earlier alert.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Its sender.
    pub sender: Name,
    /// Its identifier.
    pub identifier: Name,
    /// When it was sent.
    pub sent: Timestamp,
}

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        let is_wrong = |character: char| {
            character.is_whitespace()
                || character.is_control()
                || matches!(character, ',' | '<' | '&' | '\u{FFFE}' | '\u{FFFF}')
        };
        if (1..=MAX_NAME_BYTES).contains(&text.len()) && !text.contains(is_wrong) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CapError::Value {
                element: "identifier or sender",
            })
        }
    }
}

/// `sender,identifier,sent`
impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{},{},{}",
            self.sender, self.identifier, self.sent
        )
    }
}

impl FromStr for Reference {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        let wrong = CapError::Value {
            element: "references",
        };
        let parts: Vec<&str> = text.splitn(4, ',').collect();
        let [sender, identifier, sent] = parts[..] else {
            return Err(wrong);
        };
        Ok(Self {
            sender: sender.parse()?,
            identifier: identifier.parse()?,
            sent: sent.parse()?,
        })
    }
}
