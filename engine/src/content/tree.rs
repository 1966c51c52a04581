//! A tree of elements before anything is known of what they mean: what an XML text and a WBXML
//! document have in common.

use std::fmt;

/// Where something stands in what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Line of a text, the first being 1.
    Line(usize),
    /// Octets before it in a binary document.
    Octet(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Octet(offset) => write!(f, "octet {offset}"),
        }
    }
}

/// An element with what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Name as written, prefix included.
    pub name: String,
    /// Names and values in their order, each name once.
    pub attributes: Vec<(String, String)>,
    /// In their order; neighbouring texts are one.
    pub children: Vec<Node>,
    /// Where it begins.
    pub place: Place,
}

/// A child of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Characters, with references resolved.
    Text(String),
}

impl Element {
    /// An element without anything in it.
    pub const fn new(name: String, place: Place) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
            place,
        }
    }

    /// Adds characters at the end.
    pub fn push_text(&mut self, more: &str) {
        if more.is_empty() {
            return;
        }
        match self.children.last_mut() {
            Some(Node::Text(text)) => text.push_str(more),
            _ => self.children.push(Node::Text(more.to_owned())),
        }
    }

    /// The elements among the children.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The characters among the children, one after the other.
    pub fn text(&self) -> String {
        let texts = self.children.iter().filter_map(|node| match node {
            Node::Element(_) => None,
            Node::Text(text) => Some(text.as_str()),
        });
        texts.collect()
    }
}

/// XML 1.0 2.3: white space.
pub const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// XML 1.0 2.2: control characters and non-characters may not stand in a document, not even as
/// references. The first one of a text, with its offset.
pub fn forbidden(text: &str) -> Option<(usize, char)> {
    let is_forbidden = |character: &char| {
        matches!(
            character,
            '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}'
        )
    };
    text.char_indices()
        .find(|(_, character)| is_forbidden(character))
}

/// Without white space at the ends, and with one space for each run of it.
pub fn collapsed(text: &str) -> String {
    let words = text.split(is_space).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
