//! Templates: alerts with blanks.
//!
//! A blank stands in a text as `{{name}}`. What is left of blanks keeps an alert from being sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::content::AlertContent;
use crate::model::ids::{TemplateId, UserName, WorkspaceName};

const OPEN: &str = "{{";
const CLOSE: &str = "}}";
/// Longest name of a blank, octets.
const MAX_BLANK_BYTES: usize = 60;

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// To warn.
    Alert,
    /// To take back what was sent in error: offered beside every alert on the air.
    Correction,
}

impl Use {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Correction => "correction",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Alert, Self::Correction]
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
    }
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its key.
    pub id: TemplateId,
    /// Where it belongs.
    pub workspace: WorkspaceName,
    /// Its name in lists.
    pub name: String,
    /// What it is for.
    pub purpose: Use,
    /// What an alert made from it begins with.
    pub content: AlertContent,
    /// Counts its changes; a form quotes it.
    pub revision: u32,
    /// Who changed it last; `None` for those that came with the program.
    pub changed_by: Option<UserName>,
    /// When.
    pub changed_ms: u64,
}

/// A template that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It has been changed since the form was shown.
    #[error("the template has been changed in the meantime")]
    Changed,
    /// Two braces without their partners.
    #[error("a blank in the text is not closed with }}}}")]
    Open,
    /// Without a name nobody would find it.
    #[error("give the template a name")]
    Unnamed,
}

/// A blank in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blank<'a> {
    /// What belongs there.
    pub name: &'a str,
    /// Octets before its first brace.
    pub start: usize,
    /// Octets before what follows it.
    pub end: usize,
}

/// The blanks of a text in their order; braces without partners are text.
pub fn blanks(text: &str) -> Vec<Blank<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find(OPEN) {
        let start = from + open;
        let inside = start + OPEN.len();
        let Some(length) = text[inside..].find(CLOSE) else {
            break;
        };
        let name = text[inside..inside + length].trim();
        let end = inside + length + CLOSE.len();
        from = end;
        if !name.is_empty() && name.len() <= MAX_BLANK_BYTES {
            found.push(Blank { name, start, end });
        }
    }
    found
}

/// A text with those blanks filled that `values` has something for.
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut from = 0;
    for blank in blanks(text) {
        let value = values.get(blank.name).map(|value| value.trim());
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            continue;
        };
        filled.push_str(&text[from..blank.start]);
        filled.push_str(value);
        from = blank.end;
    }
    filled.push_str(&text[from..]);
    filled
}

impl Template {
    /// Checks name and braces.
    pub fn check(&self) -> Result<(), TemplateError> {
        if self.name.trim().is_empty() {
            return Err(TemplateError::Unnamed);
        }
        let is_open = |text: &str| text.matches(OPEN).count() != text.matches(CLOSE).count();
        if (self.content.messages.iter()).any(|message| is_open(&message.text)) {
            return Err(TemplateError::Open);
        }
        Ok(())
    }

    /// The names of all blanks, each once, in their order.
    pub fn blanks(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for message in &self.content.messages {
            for blank in blanks(&message.text) {
                if !names.contains(&blank.name) {
                    names.push(blank.name);
                }
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_found_and_filled() {
        let text = "Leave {{place}} by {{ time }}. {{}} {{place}} {{open";
        let names: Vec<&str> = blanks(text).iter().map(|blank| blank.name).collect();
        assert_eq!(names, ["place", "time", "place"]);
        let values = BTreeMap::from([("place".to_owned(), "Ahr {{x}}".to_owned())]);
        let filled = fill(text, &values);
        assert_eq!(
            filled,
            "Leave Ahr {{x}} by {{ time }}. {{}} Ahr {{x}} {{open"
        );
        assert_eq!(fill("no blanks", &values), "no blanks");
    }

    #[test]
    fn characters_of_many_octets_are_no_trouble() {
        let values = BTreeMap::from([("Ort".to_owned(), "Köln".to_owned())]);
        assert_eq!(fill("Ü{{Ort}}Ü", &values), "ÜKölnÜ");
    }
}
