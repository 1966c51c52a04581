//! Octets of an XML document to a tree of elements, within limits and without a DTD.
//!
//! ```text
//!  octets ─charset─▶ text ─quick-xml─▶ events ─Builder─▶ Element
//! ```
//!
//! The character set is told by a byte order mark, else by the media type, else by the XML
//! declaration, else it is UTF-8 (RFC 7303 3). Any DOCTYPE is accepted and nothing that it names is
//! fetched; one that declares something is refused, so that the five entities of XML and character
//! references are all there is to expand.
//!
//! Read by this: the text forms of SI, SL and CO, and capabilities of clients.

use quick_xml::XmlVersion;
use quick_xml::escape::EscapeError;
use quick_xml::events::attributes::{Attribute, Attributes};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Error, Reader};

use super::charset::{Charset, NotText};
use super::tree::{Element, Node, Place, forbidden, is_space};

/// Longest document, octets, before and after decoding to UTF-8. An SI has some hundreds, a
/// profile of a client some thousands.
pub const MAX_XML_BYTES: usize = 64 << 10;
/// Deepest nesting; a profile of a client needs 9.
pub const MAX_DEPTH: usize = 24;
/// Most attributes of one element; namespaces of a profile are attributes too.
pub const MAX_ATTRIBUTES: usize = 32;

/// Most characters of the parser's own words that an error repeats: it may quote the document.
const MAX_REASON_CHARS: usize = 80;

/// A document that is not well-formed, or goes beyond a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// More attributes than [`MAX_ATTRIBUTES`].
    #[error("{place}: an element has more than {MAX_ATTRIBUTES} attributes")]
    Attributes {
        /// Where.
        place: Place,
    },
    /// A character that XML does not allow.
    #[error("{place}: character U+{:04X} is not allowed in XML", u32::from(*character))]
    Character {
        /// Where.
        place: Place,
        /// Which.
        character: char,
    },
    /// A character set that is not read here.
    #[error("character set {name:?} is not known; use UTF-8")]
    Charset {
        /// Its name.
        name: String,
    },
    /// A document type declaration that declares something.
    #[error("{place}: the document type declaration may not declare anything itself")]
    Declaration {
        /// Where.
        place: Place,
    },
    /// Elements inside elements beyond [`MAX_DEPTH`].
    #[error("{place}: elements are nested deeper than {MAX_DEPTH}")]
    Depth {
        /// Where.
        place: Place,
    },
    /// A reference to an entity that no document here can have declared.
    #[error("{place}: a reference to an entity that is not defined")]
    Entity {
        /// Where.
        place: Place,
    },
    /// Not well-formed.
    #[error("{place}: not well-formed: {reason}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the parser says.
        reason: String,
    },
    /// The octets are not in the character set that they claim.
    #[error(transparent)]
    Text(#[from] NotText),
    /// More octets than [`MAX_XML_BYTES`].
    #[error("the document has more than {MAX_XML_BYTES} octets")]
    TooLong,
}

/// Reads a document; `charset` is the name that its media type gives.
pub fn read(octets: &[u8], charset: Option<&str>) -> Result<Element, XmlError> {
    if octets.len() > MAX_XML_BYTES {
        return Err(XmlError::TooLong);
    }
    let text = decode(octets, charset)?;
    if text.len() > MAX_XML_BYTES {
        return Err(XmlError::TooLong);
    }
    let mut builder = Builder {
        text: &text,
        counted: 0,
        line: 1,
        has_doctype: false,
        open: Vec::new(),
        root: None,
    };
    if let Some((at, character)) = forbidden(&text) {
        let place = builder.place(at);
        return Err(XmlError::Character { place, character });
    }
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_comments = true;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let event = match reader.read_event() {
            Ok(Event::Eof) => return builder.finish(at),
            Ok(event) => event,
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(at);
                return Err(syntax(builder.place(at), &error));
            }
        };
        let place = builder.place(at);
        builder.event(event, place, at == 0)?;
    }
}

/// RFC 7303 3, and XML 1.0 F for documents that tell by themselves.
fn decode(octets: &[u8], charset: Option<&str>) -> Result<String, XmlError> {
    let by_name = |name: &str| {
        Charset::from_name(name).ok_or_else(|| XmlError::Charset {
            name: name.chars().take(MAX_REASON_CHARS).collect(),
        })
    };
    let charset = match octets {
        [0xEF, 0xBB, 0xBF, ..] => Charset::Utf8,
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..] => Charset::Utf16,
        _ => match charset.map_or_else(|| declared(octets), |name| Some(name.to_owned())) {
            // A declaration that can be read octet by octet is in no wider set.
            Some(name) if octets.starts_with(b"<?xml") => match by_name(&name)? {
                Charset::Utf16 | Charset::Ucs2 => Charset::Utf8,
                charset => charset,
            },
            Some(name) => by_name(&name)?,
            None => Charset::Utf8,
        },
    };
    Ok(charset.decode(octets)?)
}

/// The encoding that an XML declaration names, read as ASCII.
fn declared(octets: &[u8]) -> Option<String> {
    let end = octets.iter().position(|octet| *octet == b'>')?;
    let declaration = std::str::from_utf8(octets.get(..=end)?).ok()?;
    match Reader::from_str(declaration).read_event() {
        Ok(Event::Decl(declaration)) => Some(declaration.encoding()?.ok()?.into_owned()),
        _ => None,
    }
}

fn syntax(place: Place, error: &Error) -> XmlError {
    let reason = error.to_string();
    XmlError::Syntax {
        place,
        reason: reason.chars().take(MAX_REASON_CHARS).collect(),
    }
}

struct Builder<'a> {
    text: &'a str,
    /// Octets whose line ends are in `line`.
    counted: usize,
    line: usize,
    has_doctype: bool,
    open: Vec<Element>,
    root: Option<Element>,
}

impl Builder<'_> {
    /// The line of an octet at or after the one asked for last.
    fn place(&mut self, at: usize) -> Place {
        let passed = self.text.as_bytes().get(self.counted..at);
        self.line += passed.map_or(0, |passed| {
            passed.iter().filter(|octet| **octet == b'\n').count()
        });
        self.counted = self.counted.max(at);
        Place::Line(self.line)
    }

    fn event(&mut self, event: Event<'_>, place: Place, is_first: bool) -> Result<(), XmlError> {
        let misplaced = |reason: &str| XmlError::Syntax {
            place,
            reason: reason.to_owned(),
        };
        match event {
            Event::Start(start) => {
                let element = self.element(&start, place)?;
                self.open.push(element);
            }
            Event::Empty(start) => {
                let element = self.element(&start, place)?;
                self.close(element);
            }
            // The reader has compared the names.
            Event::End(_) => {
                let element = self.open.pop();
                self.close(element.ok_or_else(|| misplaced("an end without a start"))?);
            }
            Event::Text(text) => self.characters(&text, place)?,
            Event::CData(text) => match self.open.last_mut() {
                Some(element) => element.push_text(&text),
                None => return Err(misplaced("text outside the root element")),
            },
            Event::GeneralRef(name) => {
                let character = referred(&name, place)?;
                match self.open.last_mut() {
                    Some(element) => element.push_text(character.encode_utf8(&mut [0; 4])),
                    None => return Err(misplaced("text outside the root element")),
                }
            }
            Event::Decl(_) if is_first => {}
            Event::Decl(_) => return Err(misplaced("an XML declaration that is not first")),
            Event::DocType(text) => {
                if self.has_doctype || !self.open.is_empty() || self.root.is_some() {
                    return Err(misplaced("a document type declaration out of place"));
                }
                self.has_doctype = true;
                if declares(&text) {
                    return Err(XmlError::Declaration { place });
                }
            }
            Event::Comment(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn characters(&mut self, text: &str, place: Place) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.push_text(text),
            None if text.trim_matches(is_space).is_empty() => {}
            None => {
                return Err(XmlError::Syntax {
                    place,
                    reason: "text outside the root element".to_owned(),
                });
            }
        }
        Ok(())
    }

    fn element(&self, start: &BytesStart<'_>, place: Place) -> Result<Element, XmlError> {
        if self.root.is_some() {
            return Err(XmlError::Syntax {
                place,
                reason: "a second root element".to_owned(),
            });
        }
        if self.open.len() == MAX_DEPTH {
            return Err(XmlError::Depth { place });
        }
        let mut element = Element::new(start.name().as_ref().to_owned(), place);
        for attribute in Attributes::new(start, start.name().as_ref().len()) {
            if element.attributes.len() == MAX_ATTRIBUTES {
                return Err(XmlError::Attributes { place });
            }
            let attribute = attribute.map_err(|error| syntax(place, &error.into()))?;
            let name = attribute.key.as_ref().to_owned();
            element.attributes.push((name, value(&attribute, place)?));
        }
        Ok(element)
    }

    fn close(&mut self, element: Element) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn finish(mut self, at: usize) -> Result<Element, XmlError> {
        let place = self.place(at);
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(XmlError::Syntax {
                place,
                reason: "the document ends too early".to_owned(),
            }),
        }
    }
}

/// The character of a reference.
fn referred(name: &BytesRef<'_>, place: Place) -> Result<char, XmlError> {
    let character = match &**name {
        "amp" => '&',
        "apos" => '\'',
        "gt" => '>',
        "lt" => '<',
        "quot" => '"',
        _ => name
            .resolve_char_ref()
            .map_err(|error| syntax(place, &error))?
            .ok_or(XmlError::Entity { place })?,
    };
    match forbidden(character.encode_utf8(&mut [0; 4])) {
        Some(_) => Err(XmlError::Character { place, character }),
        None => Ok(character),
    }
}

/// An attribute value as XML 1.0 3.3.3 normalises it.
fn value(attribute: &Attribute<'_>, place: Place) -> Result<String, XmlError> {
    if attribute.value.contains('<') {
        return Err(XmlError::Syntax {
            place,
            reason: "\"<\" in an attribute value".to_owned(),
        });
    }
    let value = attribute
        .normalized_value(XmlVersion::Explicit1_0)
        .map_err(|error| match error {
            Error::Escape(EscapeError::UnrecognizedEntity(..)) => XmlError::Entity { place },
            other => syntax(place, &other),
        })?;
    match forbidden(&value) {
        Some((_, character)) => Err(XmlError::Character { place, character }),
        None => Ok(value.into_owned()),
    }
}

/// Whether the text of a DOCTYPE has an internal subset with more than comments and instructions.
fn declares(text: &str) -> bool {
    let mut rest = text;
    // Brackets in the identifiers before it mean nothing.
    while let Some(at) = rest.find(['[', '"', '\'']) {
        let (found, after) = rest[at..].split_at(1);
        if found == "[" {
            return subset_declares(after);
        }
        let Some((_, after)) = after.split_once(found) else {
            return true;
        };
        rest = after;
    }
    false
}

fn subset_declares(subset: &str) -> bool {
    let mut rest = subset.trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("<!--") {
            comment.split_once("-->")
        } else if let Some(instruction) = rest.strip_prefix("<?") {
            instruction.split_once("?>")
        } else {
            return !rest.starts_with(']');
        };
        match after {
            Some((_, after)) => rest = after.trim_start(),
            None => return true,
        }
    }
}

#[cfg(test)]
mod tests;
