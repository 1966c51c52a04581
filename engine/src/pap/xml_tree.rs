//! Octets to a tree of elements: everything that makes a document well-formed, and the limits.
//!
//! Whether the tree is valid is another question (`dtd`): a document that is well-formed but
//! invalid still shows its push-id, one that is not well-formed shows nothing.

use std::borrow::Cow;

use quick_xml::escape::EscapeError;
use quick_xml::events::Event;
use quick_xml::events::attributes::{Attribute, Attributes};
use quick_xml::{Reader, XmlVersion};

use super::doctype::Declared;
use super::error::{PapError, quoted};

/// Longest control entity, octets: 1000 addresses and room.
pub const MAX_CONTROL_BYTES: usize = 256 * 1024;
/// Deepest nesting; PAP itself needs 4.
pub const MAX_DEPTH: usize = 16;
/// Most attributes of one element; PAP itself has at most 9.
pub const MAX_ATTRIBUTES: usize = 32;

/// The entities that exist without a declaration.
const PREDEFINED: [&str; 5] = ["amp", "apos", "gt", "lt", "quot"];

/// An element, its start tag as written, and what is in it.
#[derive(Debug)]
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    pub(super) tag: &'a str,
    pub(super) attributes: Vec<(&'a str, Cow<'a, str>)>,
    pub(super) children: Vec<Element<'a>>,
    pub(super) has_text: bool,
}

impl Element<'_> {
    /// Value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| &**value)
    }
}

/// A well-formed document.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) declared: Declared,
    pub(super) root: Element<'a>,
}

/// Where and why a document is not well-formed or goes beyond a limit.
#[derive(Debug)]
pub(super) struct IllFormed {
    pub(super) error: PapError,
    pub(super) declared: Declared,
    pub(super) offset: usize,
}

impl IllFormed {
    /// Before anything is known.
    fn at(offset: usize, error: PapError) -> Self {
        Self {
            error,
            declared: Declared::default(),
            offset,
        }
    }
}

/// The width of the code units that a document came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Units {
    Eight,
    Sixteen,
}

/// The text of a control entity: UTF-8, or UTF-16 that shows itself.
pub(super) fn decode(octets: &[u8]) -> Result<(Cow<'_, str>, Units), PapError> {
    if octets.len() > MAX_CONTROL_BYTES {
        return Err(PapError::TooLong {
            bytes: octets.len(),
        });
    }
    match octets {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0, b'<', ..] => utf16(octets, u16::from_be_bytes),
        [b'<', 0, ..] => utf16(octets, u16::from_le_bytes),
        _ => {
            let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
            std::str::from_utf8(octets)
                .map(|text| (text.into(), Units::Eight))
                .map_err(|error| PapError::Utf8 {
                    offset: error.valid_up_to(),
                })
        }
    }
}

fn utf16(octets: &[u8], unit: fn([u8; 2]) -> u16) -> Result<(Cow<'_, str>, Units), PapError> {
    let (units, rest) = octets.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(PapError::Utf16);
    }
    char::decode_utf16(units.iter().map(|octets| unit(*octets)))
        .collect::<Result<String, _>>()
        .map(|text| (text.into(), Units::Sixteen))
        .map_err(|_| PapError::Utf16)
}

/// XML 1.0 2.2: control characters and non-characters may not stand in a document, not even as
/// references.
fn is_forbidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}'
    )
}

impl<'a> Document<'a> {
    /// Reads a decoded document.
    pub(super) fn read(text: &'a str, units: Units) -> Result<Self, IllFormed> {
        if let Some((offset, character)) = text
            .char_indices()
            .find(|(_, character)| is_forbidden(*character))
        {
            let error = PapError::Character { character, offset };
            return Err(IllFormed::at(offset, error));
        }
        let mut builder = Builder {
            text,
            units,
            declared: None,
            open: Vec::new(),
            root: None,
        };
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_comments = true;
        let mut offset = 0;
        loop {
            let event = reader.read_event().map_err(|error| {
                let offset = usize::try_from(reader.error_position()).unwrap_or(offset);
                (offset, syntax(offset, error))
            });
            let end = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            let done = matches!(event, Ok(Event::Eof));
            let step = event.and_then(|event| {
                let source = text.get(offset..end).unwrap_or_default();
                builder
                    .event(&event, source, offset)
                    .map_err(|error| (offset, error))
            });
            if let Err((offset, error)) = step {
                return Err(IllFormed {
                    error,
                    declared: builder.declared.unwrap_or_default(),
                    offset,
                });
            }
            if done {
                return builder.finish(offset);
            }
            offset = end;
        }
    }
}

struct Builder<'a> {
    text: &'a str,
    units: Units,
    declared: Option<Declared>,
    open: Vec<Element<'a>>,
    root: Option<Element<'a>>,
}

impl<'a> Builder<'a> {
    /// Takes the event that was read from `source` at that offset.
    fn event(&mut self, event: &Event<'a>, source: &'a str, offset: usize) -> Result<(), PapError> {
        let misplaced = |reason: &str| PapError::Syntax {
            offset,
            reason: reason.to_owned(),
        };
        match event {
            Event::Start(start) => {
                let element = self.element(source, start.name().as_ref().len(), offset)?;
                self.open.push(element);
            }
            Event::Empty(start) => {
                let element = self.element(source, start.name().as_ref().len(), offset)?;
                self.close(element);
            }
            // The reader has compared the names.
            Event::End(_) => {
                let element = self
                    .open
                    .pop()
                    .ok_or_else(|| misplaced("an end without a start"))?;
                self.close(element);
            }
            Event::Text(text) if text.trim_ascii().is_empty() => {}
            Event::GeneralRef(name) if !name.is_char_ref() && !PREDEFINED.contains(&&**name) => {
                return Err(PapError::Entity);
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                let element = self
                    .open
                    .last_mut()
                    .ok_or_else(|| misplaced("text outside pap"))?;
                element.has_text = true;
            }
            Event::Comment(_) | Event::PI(_) | Event::Eof => {}
            Event::Decl(declaration) => {
                if offset > 0 {
                    return Err(misplaced("an XML declaration that is not first"));
                }
                let encoding = declaration.encoding().transpose();
                let encoding = encoding.map_err(|error| syntax(offset, error.into()))?;
                self.check_encoding(encoding.as_deref())?;
            }
            Event::DocType(text) => {
                if self.declared.is_some() || !self.open.is_empty() || self.root.is_some() {
                    return Err(PapError::Doctype);
                }
                let declared = Declared::read(text)?;
                let version = declared.version;
                self.declared = Some(declared);
                if !matches!(version.major, 1 | 2) {
                    return Err(PapError::Version { version });
                }
            }
        }
        Ok(())
    }

    /// Text of another encoding that is all ASCII reads the same.
    fn check_encoding(&self, name: Option<&str>) -> Result<(), PapError> {
        let Some(name) = name else {
            return Ok(());
        };
        let wide = name.to_ascii_lowercase().starts_with("utf-16");
        let possible = match self.units {
            Units::Eight => !wide && (name.eq_ignore_ascii_case("utf-8") || self.text.is_ascii()),
            Units::Sixteen => wide,
        };
        if possible {
            return Ok(());
        }
        Err(PapError::Encoding { name: quoted(name) })
    }

    /// An element from its start tag, `<` and `>` included.
    fn element(
        &self,
        tag: &'a str,
        name_bytes: usize,
        offset: usize,
    ) -> Result<Element<'a>, PapError> {
        if self.root.is_some() {
            return Err(PapError::Syntax {
                offset,
                reason: "a second root element".to_owned(),
            });
        }
        if self.open.len() == MAX_DEPTH {
            return Err(PapError::Depth);
        }
        let content = tag.strip_prefix('<').unwrap_or(tag);
        let content = content.strip_suffix('>').unwrap_or(content);
        let content = content.strip_suffix('/').unwrap_or(content);
        let name = content.get(..name_bytes).unwrap_or(content);
        let mut attributes = Vec::new();
        for attribute in Attributes::new(content, name.len()) {
            if attributes.len() == MAX_ATTRIBUTES {
                return Err(PapError::Attributes);
            }
            let attribute = attribute.map_err(|error| syntax(offset, error.into()))?;
            attributes.push((attribute.key.into_inner(), value(&attribute, offset)?));
        }
        Ok(Element {
            name,
            tag,
            attributes,
            children: Vec::new(),
            has_text: false,
        })
    }

    fn close(&mut self, element: Element<'a>) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn finish(self, offset: usize) -> Result<Document<'a>, IllFormed> {
        let declared = self.declared.unwrap_or_default();
        match (self.root, self.open.is_empty()) {
            (Some(root), true) => Ok(Document { declared, root }),
            (_, _) => Err(IllFormed {
                error: PapError::Syntax {
                    offset,
                    reason: "the document ends too early".to_owned(),
                },
                declared,
                offset,
            }),
        }
    }
}

/// An attribute value as XML 1.0 3.3.3 normalises it.
fn value<'a>(attribute: &Attribute<'a>, offset: usize) -> Result<Cow<'a, str>, PapError> {
    if attribute.value.contains('<') {
        return Err(PapError::Syntax {
            offset,
            reason: "\"<\" in an attribute value".to_owned(),
        });
    }
    let value = attribute
        .normalized_value(XmlVersion::Explicit1_0)
        .map_err(|error| match error {
            quick_xml::Error::Escape(EscapeError::UnrecognizedEntity(..)) => PapError::Entity,
            other => syntax(offset, other),
        })?;
    match value.chars().find(|character| is_forbidden(*character)) {
        Some(character) => Err(PapError::Character { character, offset }),
        None => Ok(value),
    }
}

fn syntax(offset: usize, error: quick_xml::Error) -> PapError {
    PapError::Syntax {
        offset,
        reason: quoted(&error.to_string()),
    }
}
