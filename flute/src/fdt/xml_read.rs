//! Reading the XML forms that are known to be sent, within bounds, from any octets.
//!
//! Elements are matched by local name in any namespace. Reading stops at the end of the root
//! element, so padding behind the document does no harm.

use super::model::{CacheControl, File, Instance};
use super::xml_attributes::{Attributes, ntp_seconds};
use quick_xml::Reader;
use quick_xml::errors::{Error as XmlError, IllFormedError, SyntaxError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Longest document, octets: some thousand files; other receivers stop here too.
pub const MAX_FDT_BYTES: usize = 1 << 20;
/// File elements of one document; entries of usual length reach [`MAX_FDT_BYTES`] first. Bounds
/// what defaults copied into every file can add up to.
pub const MAX_FILES: usize = 4096;
/// Open elements at one time; the schemas need five.
pub const MAX_DEPTH: usize = 16;
/// Attributes of one element; the schemas define some twenty and allow others.
pub const MAX_ATTRIBUTES: usize = 64;
/// Group elements of one file or of the instance.
pub const MAX_GROUPS: usize = 64;
/// Longest Content-Location, octets: twice what web servers accept as a URI.
pub const MAX_LOCATION_BYTES: usize = 4096;
/// Longest other text that is kept, octets: media types, tokens, tags, group names.
pub const MAX_TOKEN_BYTES: usize = 1024;

/// A document that is no FDT Instance, or none that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FdtError {
    /// A document type declaration; it could declare entities.
    #[error("FDT carries a document type declaration")]
    Dtd,
    /// The document is not UTF-8.
    #[error("FDT is not UTF-8 from offset {offset}")]
    Encoding {
        /// Octets of valid UTF-8 before.
        offset: usize,
    },
    /// More of something than is accepted.
    #[error("FDT has more than {max} {of}")]
    Limit {
        /// What is counted.
        of: &'static str,
        /// The bound.
        max: usize,
    },
    /// The XML is not well-formed.
    #[error("FDT is not well-formed XML near offset {offset}")]
    Malformed {
        /// Where, octets from the start.
        offset: u64,
    },
    /// A required attribute is absent.
    #[error("FDT lacks {attribute}")]
    Missing {
        /// The attribute.
        attribute: &'static str,
    },
    /// The root element is not FDT-Instance.
    #[error("the root element is not FDT-Instance")]
    Root,
    /// The document ends before its root element does.
    #[error("FDT ends before its root element is closed")]
    Truncated,
    /// An attribute of the root element has no meaning.
    #[error("FDT has an invalid value of {attribute}")]
    Value {
        /// The attribute.
        attribute: &'static str,
    },
}

impl Instance {
    /// Reads an FDT Instance.
    ///
    /// Unknown elements and attributes are ignored. A File whose attributes are missing, invalid
    /// or beyond a limit is left out and counted, and so is one that repeats a TOI. Errors are
    /// about the document as a whole; [`FdtError::Truncated`] alone can be cured by more octets.
    pub fn read(xml: &[u8]) -> Result<Self, FdtError> {
        if xml.len() > MAX_FDT_BYTES {
            return Err(FdtError::Limit {
                of: "octets",
                max: MAX_FDT_BYTES,
            });
        }
        let xml = xml.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(xml);
        let (text, invalid) = match std::str::from_utf8(xml) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = xml.get(..error.valid_up_to()).unwrap_or_default();
                (
                    std::str::from_utf8(valid).unwrap_or_default(),
                    error.error_len(),
                )
            }
        };
        match Document::new(text).instance() {
            // Without a length it is a character cut in two, and the document truncated indeed.
            Err(FdtError::Truncated) if invalid.is_some() => {
                Err(FdtError::Encoding { offset: text.len() })
            }
            other => other,
        }
    }
}

enum Node<'a> {
    Element(BytesStart<'a>, Content),
    End,
    Text(Cow<'a, str>),
    UnknownEntity,
}

#[derive(Clone, Copy)]
enum Content {
    Empty,
    UntilEnd,
}

struct Document<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
}

impl<'a> Document<'a> {
    fn new(xml: &'a str) -> Self {
        Self {
            reader: Reader::from_str(xml),
            depth: 0,
        }
    }

    fn instance(mut self) -> Result<Instance, FdtError> {
        let (root, content) = self.root()?;
        let defaults = Attributes::read(&root, self.reader.buffer_position())?;
        let expires = defaults.expires.ok_or(FdtError::Missing {
            attribute: "Expires",
        })?;
        let mut instance = Instance {
            complete: defaults.complete.unwrap_or(false),
            full_fdt: defaults.full_fdt.unwrap_or(false),
            ..Instance::new(expires)
        };
        let mut tois = BTreeSet::new();
        self.for_each_child(content, |document, child, content| {
            match child.local_name().as_ref() {
                "File" => match document.file(&child, content, &defaults)? {
                    Some(file) if tois.insert(file.toi) => instance.files.push(file),
                    _ => instance.skipped_files += 1,
                },
                "Group" => document.group(content, &mut instance.groups)?,
                _ => document.skip(content)?,
            }
            within(
                "files",
                instance.files.len() + instance.skipped_files,
                MAX_FILES,
            )?;
            within("groups", instance.groups.len(), MAX_GROUPS)
        })?;
        Ok(instance)
    }

    fn root(&mut self) -> Result<(BytesStart<'a>, Content), FdtError> {
        loop {
            match self.next()? {
                Node::Element(root, content) if root.local_name().as_ref() == "FDT-Instance" => {
                    return Ok((root, content));
                }
                Node::Element(..) | Node::End => return Err(FdtError::Root),
                Node::Text(_) | Node::UnknownEntity => {}
            }
        }
    }

    fn file(
        &mut self,
        start: &BytesStart<'_>,
        content: Content,
        defaults: &Attributes,
    ) -> Result<Option<File>, FdtError> {
        let file = Attributes::read(start, self.reader.buffer_position())
            .and_then(|attributes| attributes.into_file(defaults));
        let mut cache_control = None;
        let mut groups = Vec::new();
        self.for_each_child(content, |document, child, content| {
            match child.local_name().as_ref() {
                "Cache-Control" => {
                    let directive = document.cache_control(content)?;
                    cache_control = cache_control.or(directive);
                    Ok(())
                }
                "Group" => document.group(content, &mut groups),
                _ => document.skip(content),
            }
        })?;
        Ok(file
            .ok()
            .filter(|_| groups.len() <= MAX_GROUPS)
            .map(|file| File {
                cache_control,
                groups,
                ..file
            }))
    }

    /// A directive without meaning counts as none: keeping a file longer or shorter than wished
    /// is better than not receiving it.
    fn cache_control(&mut self, content: Content) -> Result<Option<CacheControl>, FdtError> {
        let mut directive = None;
        self.for_each_child(content, |document, child, content| {
            let text = document.text(content)?.unwrap_or_default();
            let found = match child.local_name().as_ref() {
                "no-cache" if text != "false" => Some(CacheControl::NoCache),
                "max-stale" if text != "false" => Some(CacheControl::MaxStale),
                "Expires" => ntp_seconds(&text).map(CacheControl::Expires),
                _ => None,
            };
            directive = directive.or(found);
            Ok(())
        })?;
        Ok(directive)
    }

    /// Takes one group more than allowed, so that the caller sees the limit crossed.
    fn group(&mut self, content: Content, groups: &mut Vec<String>) -> Result<(), FdtError> {
        if let Some(group) = self.text(content)?
            && groups.len() <= MAX_GROUPS
        {
            groups.push(group);
        }
        Ok(())
    }

    /// The element's own text without surrounding white space; `None` if it is too long or refers
    /// to an entity that XML itself does not define.
    fn text(&mut self, content: Content) -> Result<Option<String>, FdtError> {
        let mut text = String::new();
        let mut usable = true;
        loop {
            match self.next_in(content)? {
                Node::Element(_, content) => self.skip(content)?,
                Node::End => break,
                Node::Text(piece) if text.len() + piece.len() <= MAX_TOKEN_BYTES => {
                    text.push_str(&piece);
                }
                Node::Text(_) | Node::UnknownEntity => usable = false,
            }
        }
        Ok(usable.then(|| text.trim().to_owned()))
    }

    fn skip(&mut self, content: Content) -> Result<(), FdtError> {
        self.for_each_child(content, |document, _, content| document.skip(content))
    }

    fn for_each_child(
        &mut self,
        content: Content,
        mut visit: impl FnMut(&mut Self, BytesStart<'a>, Content) -> Result<(), FdtError>,
    ) -> Result<(), FdtError> {
        loop {
            match self.next_in(content)? {
                Node::Element(child, content) => visit(self, child, content)?,
                Node::End => break,
                Node::Text(_) | Node::UnknownEntity => {}
            }
        }
        Ok(())
    }

    /// The next node of an element with this content.
    fn next_in(&mut self, content: Content) -> Result<Node<'a>, FdtError> {
        match content {
            Content::Empty => Ok(Node::End),
            Content::UntilEnd => self.next(),
        }
    }

    fn next(&mut self) -> Result<Node<'a>, FdtError> {
        loop {
            let event = self.reader.read_event();
            return Ok(match event.map_err(|error| self.error(&error))? {
                Event::Start(start) => {
                    self.depth += 1;
                    within("nested elements", self.depth, MAX_DEPTH)?;
                    Node::Element(start, Content::UntilEnd)
                }
                Event::Empty(start) => Node::Element(start, Content::Empty),
                Event::End(_) => {
                    self.depth -= 1;
                    Node::End
                }
                Event::Text(text) => Node::Text(text.xml10_content()),
                Event::CData(text) => Node::Text(text.xml10_content()),
                Event::GeneralRef(reference) => entity(&reference),
                Event::DocType(_) => return Err(FdtError::Dtd),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
                Event::Eof => return Err(FdtError::Truncated),
            });
        }
    }

    fn error(&self, error: &XmlError) -> FdtError {
        match error {
            XmlError::Syntax(SyntaxError::InvalidBangMarkup) => FdtError::Malformed {
                offset: self.reader.error_position(),
            },
            XmlError::Syntax(SyntaxError::UnclosedDoctype) => FdtError::Dtd,
            // Every other one means that the input ended inside markup.
            XmlError::Syntax(_) => FdtError::Truncated,
            XmlError::IllFormed(IllFormedError::UnclosedReference)
                if self.reader.get_ref().is_empty() =>
            {
                FdtError::Truncated
            }
            _ => FdtError::Malformed {
                offset: self.reader.error_position(),
            },
        }
    }
}

fn entity<'a>(reference: &BytesRef<'_>) -> Node<'a> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Node::Text(Cow::Owned(character.to_string())),
        Ok(None) => resolve_xml_entity(reference)
            .map_or(Node::UnknownEntity, |text| Node::Text(Cow::Borrowed(text))),
        Err(_) => Node::UnknownEntity,
    }
}

pub(super) fn within(of: &'static str, count: usize, max: usize) -> Result<(), FdtError> {
    if count <= max {
        Ok(())
    } else {
        Err(FdtError::Limit { of, max })
    }
}
