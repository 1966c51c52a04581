//! The text form of SI, SL and CO.

use std::fmt::Write as _;

use crate::content::xml_read::{self, XmlError};

use super::dialect::Dialect;
use super::document::{Document, Element, InvalidDocument};

/// A text that is no document of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It does not follow the DTD.
    #[error(transparent)]
    Invalid(#[from] InvalidDocument),
    /// It is not well-formed.
    #[error(transparent)]
    Xml(#[from] XmlError),
}

impl Document {
    /// Reads a text. The media type has said what it is, so its DOCTYPE is not looked at; `charset`
    /// is the media type's parameter.
    pub fn read_xml(
        dialect: Dialect,
        octets: &[u8],
        charset: Option<&str>,
    ) -> Result<Self, ReadError> {
        let root = xml_read::read(octets, charset)?;
        Ok(Self::new(dialect, root)?)
    }

    /// Writes it as UTF-8 with its DOCTYPE.
    pub fn to_xml(&self) -> String {
        let mut text = format!("<?xml version=\"1.0\"?>\n{}\n", self.dialect.doctype());
        write_element(&mut text, &self.root);
        text
    }
}

fn write_element(text: &mut String, element: &Element) {
    let name = element.name();
    // Writing to a string cannot fail.
    let _ = write!(text, "<{name}");
    for (rule, value) in &element.attributes {
        let _ = write!(text, " {}=\"", rule.name);
        escape(text, value);
        text.push('"');
    }
    if element.children.is_empty() && element.text.is_empty() {
        text.push_str("/>");
        return;
    }
    text.push('>');
    escape(text, &element.text);
    for child in &element.children {
        write_element(text, child);
    }
    let _ = write!(text, "</{name}>");
}

/// Writes characters so that they come back as they are, line ends included.
fn escape(text: &mut String, characters: &str) {
    for character in characters.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\t' | '\r' | '\n' => {
                let _ = write!(text, "&#{};", u32::from(character));
            }
            other => text.push(other),
        }
    }
}
