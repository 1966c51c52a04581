//! A small document as a tree, within bounds, from any octets.

use quick_xml::NsReader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

use super::{CapError, MAX_ALERT_BYTES, MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, NAMESPACE};

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Local name.
    pub name: String,
    /// Whether it is of CAP.
    pub is_cap: bool,
    /// Its own text, without white space around.
    pub text: String,
    pub children: Vec<Element>,
}

/// Reads a document.
pub(super) fn read(octets: &[u8]) -> Result<Element, CapError> {
    if octets.len() > MAX_ALERT_BYTES {
        return Err(CapError::Limit {
            of: "octets",
            max: MAX_ALERT_BYTES,
        });
    }
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
    let text = std::str::from_utf8(octets).map_err(|_| CapError::Encoding)?;
    let mut document = Document {
        reader: NsReader::from_str(text),
        open: Vec::new(),
        root: None,
        elements: 0,
    };
    while document.event()? {}
    document.root.ok_or(CapError::Root)
}

struct Document<'a> {
    reader: NsReader<&'a [u8]>,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Document<'_> {
    /// Takes an event; `false` at the end.
    fn event(&mut self) -> Result<bool, CapError> {
        let event = self.reader.read_resolved_event();
        let (namespace, event) = match event {
            Ok((namespace, event)) => (is_cap(&namespace), event),
            Err(_) => return Err(self.malformed()),
        };
        match event {
            Event::Start(start) => self.start(&start, namespace)?,
            Event::Empty(start) => {
                self.start(&start, namespace)?;
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.xml10_content())?,
            Event::CData(text) => self.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let text = entity(&reference)?;
                self.text(&text)?;
            }
            Event::DocType(_) => return Err(CapError::Dtd),
            Event::Decl(declaration) => match declaration.encoding() {
                None => {}
                Some(Ok(name)) if is_utf8(&name) => {}
                Some(_) => return Err(CapError::Encoding),
            },
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof if self.open.is_empty() => return Ok(false),
            Event::Eof => return Err(self.malformed()),
        }
        Ok(true)
    }

    fn start(&mut self, start: &BytesStart<'_>, is_cap: bool) -> Result<(), CapError> {
        self.elements += 1;
        within("elements", self.elements, MAX_ELEMENTS)?;
        within("nested elements", self.open.len() + 1, MAX_DEPTH)?;
        let mut attributes = 0;
        for attribute in start.attributes() {
            attribute.map_err(|_| self.malformed())?;
            attributes += 1;
            within("attributes", attributes, MAX_ATTRIBUTES)?;
        }
        if self.root.is_some() {
            return Err(self.malformed());
        }
        self.open.push(Element {
            name: start.local_name().as_ref().to_owned(),
            is_cap,
            ..Element::default()
        });
        Ok(())
    }

    /// The reader has checked that there is an open element.
    fn end(&mut self) {
        let Some(mut element) = self.open.pop() else {
            return;
        };
        element.text = element.text.trim().to_owned();
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), CapError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(self.malformed()),
        }
        Ok(())
    }

    fn malformed(&self) -> CapError {
        CapError::Malformed {
            offset: self.reader.error_position(),
        }
    }
}

fn is_cap(namespace: &ResolveResult<'_>) -> bool {
    matches!(namespace, ResolveResult::Bound(Namespace(name)) if *name == NAMESPACE)
}

fn is_utf8(name: &str) -> bool {
    ["utf-8", "utf8", "us-ascii"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn entity(reference: &BytesRef<'_>) -> Result<String, CapError> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Ok(character.to_string()),
        Ok(None) => match resolve_xml_entity(reference) {
            Some(text) => Ok(text.to_owned()),
            None => Err(CapError::Entity),
        },
        Err(_) => Err(CapError::Entity),
    }
}

pub(super) fn within(of: &'static str, count: usize, max: usize) -> Result<(), CapError> {
    if count <= max {
        Ok(())
    } else {
        Err(CapError::Limit { of, max })
    }
}
