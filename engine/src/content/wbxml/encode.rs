//! Documents to WBXML: version 1.2, UTF-8, no string table.
//!
//! ```text
//!  02  publicid  6A  00   si │ C6 0D 03 "alerts.example" 00 88 03 "a/7" 00 .. 01 │ 03 text 00 │ 01 01
//!  version       charset     tag  start  STR_I              value              END  content     ENDs
//! ```
//!
//! Attributes keep their order. A value begins with the longest start token that fits; in addresses
//! each occurrence of a value token is used. Nothing that is absent is added.

use super::datetime;
use super::dialect::{Dialect, Kind, Start, VALUES};
use super::document::{Document, Element};
use super::{CHARSET_UTF_8, END, HAS_ATTRIBUTES, HAS_CONTENT, OPAQUE, STR_I, VERSION_1_2};

impl Document {
    /// Writes it as WBXML: at most [`MAX_WBXML_BYTES`](super::MAX_WBXML_BYTES) octets.
    pub fn encode(&self) -> Vec<u8> {
        // Public identifiers and the charset are below 80 and so one octet each.
        let public_id = self.dialect.public_id_token() as u8;
        let mut octets = vec![VERSION_1_2, public_id, CHARSET_UTF_8, 0];
        write_element(&mut octets, self.dialect, &self.root);
        octets
    }
}

fn write_element(octets: &mut Vec<u8>, dialect: Dialect, element: &Element) {
    let has_content = !element.text.is_empty() || !element.children.is_empty();
    let has_attributes = !element.attributes.is_empty();
    let mut tag = element.rule.token;
    if has_content {
        tag |= HAS_CONTENT;
    }
    if has_attributes {
        tag |= HAS_ATTRIBUTES;
    }
    octets.push(tag);
    if has_attributes {
        for (rule, value) in &element.attributes {
            attribute(octets, dialect, rule.name, rule.kind, value);
        }
        octets.push(END);
    }
    if has_content {
        string(octets, &element.text);
        for child in &element.children {
            write_element(octets, dialect, child);
        }
        octets.push(END);
    }
}

fn attribute(octets: &mut Vec<u8>, dialect: Dialect, name: &str, kind: Kind, value: &str) {
    let start = longest(dialect, name, value);
    octets.push(start.token);
    let rest = value.get(start.prefix.len()..).unwrap_or_default();
    match kind {
        Kind::Datetime => {
            let digits = datetime::encode(value).expect("a valid document has times that exist");
            octets.extend([OPAQUE, digits.len() as u8]);
            octets.extend(digits);
        }
        Kind::Uri => address(octets, rest),
        Kind::Cdata | Kind::NmToken | Kind::OneOf(_) => string(octets, rest),
    }
}

/// The start token that says most of a value.
fn longest(dialect: Dialect, name: &str, value: &str) -> &'static Start {
    let starts = dialect.starts().iter();
    let fitting = starts.filter(|start| start.attribute == name && value.starts_with(start.prefix));
    let longest = fitting.max_by_key(|start| start.prefix.len());
    longest.expect("the tables have a start token for every value that a DTD allows")
}

/// Splits an address at its value tokens.
fn address(octets: &mut Vec<u8>, address: &str) {
    let mut rest = address;
    loop {
        let found = VALUES
            .iter()
            .filter_map(|(token, text)| Some((rest.find(text)?, *token, text.len())));
        let Some((at, token, len)) = found.min() else {
            return string(octets, rest);
        };
        let (before, after) = rest.split_at(at);
        string(octets, before);
        octets.push(token);
        rest = after.get(len..).unwrap_or_default();
    }
}

/// An inline string; none for no characters.
fn string(octets: &mut Vec<u8>, text: &str) {
    if !text.is_empty() {
        octets.push(STR_I);
        octets.extend_from_slice(text.as_bytes());
        octets.push(0);
    }
}
