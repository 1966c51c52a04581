//! WBXML to documents, as liberal as WAP-192 is.
//!
//! ```text
//!  version │ publicid │ charset │ length, string table │ body
//!   u8       mb_u_int32 mb_u_int32  mb_u_int32            element, then nothing
//! ```
//!
//! `mb_u_int32`: seven bits an octet, the most significant first, the top bit set on all but the
//! last. The media type has said which document it is; a public identifier is only looked at to
//! tell when it says another one.

use crate::content::charset::Charset;
use crate::content::tree::{self, Node, Place, forbidden};
use crate::content::xml_read::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_XML_BYTES};

use super::datetime;
use super::dialect::{Dialect, Kind, VALUES};
use super::document::Document;
use super::error::DecodeError;
use super::{
    END, ENTITY, HAS_ATTRIBUTES, HAS_CONTENT, LITERAL, MAX_WBXML_BYTES, OPAQUE, STR_I, STR_T,
    SWITCH_PAGE,
};

impl Document {
    /// Reads WBXML.
    pub fn decode(dialect: Dialect, octets: &[u8]) -> Result<Self, DecodeError> {
        if octets.len() > MAX_WBXML_BYTES {
            return Err(DecodeError::TooLong);
        }
        let mut decoder = Decoder {
            dialect,
            octets,
            at: 0,
            charset: Charset::Utf8,
            strings: &[],
            budget: MAX_XML_BYTES,
        };
        decoder.header()?;
        let root = decoder.root()?;
        Ok(Self::new(dialect, root)?)
    }
}

struct Decoder<'a> {
    dialect: Dialect,
    octets: &'a [u8],
    at: usize,
    charset: Charset,
    strings: &'a [u8],
    /// Octets of text that may still come: references into the string table repeat it at will.
    budget: usize,
}

/// Text, or digits of a time.
enum Value {
    Opaque { offset: usize, digits: Vec<u8> },
    Text(String),
}

impl<'a> Decoder<'a> {
    fn header(&mut self) -> Result<(), DecodeError> {
        let version = self.octet()?;
        if !matches!(version, 1..=3) {
            return Err(DecodeError::Version { version });
        }
        let public_id = self.number()?;
        // 0: its text is in the string table, at the index that follows.
        if public_id == 0 {
            self.number()?;
        }
        let others = Dialect::ALL
            .into_iter()
            .filter(|other| *other != self.dialect);
        if others
            .map(Dialect::public_id_token)
            .any(|other| other == public_id)
        {
            return Err(DecodeError::PublicId {
                public_id,
                expected: self.dialect.name(),
            });
        }
        let mib_enum = self.number()?;
        self.charset = Charset::from_mib_enum(mib_enum).ok_or(DecodeError::Charset { mib_enum })?;
        let bytes = self.number()?;
        self.strings = self.take(bytes)?;
        Ok(())
    }

    fn root(&mut self) -> Result<tree::Element, DecodeError> {
        let offset = self.at;
        let token = self.token()?;
        let root = self.element(offset, token, 1)?;
        match self.at < self.octets.len() {
            true => Err(DecodeError::Trailing { offset: self.at }),
            false => Ok(root),
        }
    }

    /// The element whose tag token was read last.
    fn element(
        &mut self,
        offset: usize,
        token: u8,
        depth: usize,
    ) -> Result<tree::Element, DecodeError> {
        if depth > MAX_DEPTH {
            return Err(DecodeError::Depth { offset });
        }
        let code = token & !(HAS_CONTENT | HAS_ATTRIBUTES);
        let name = if code == LITERAL {
            self.string_at_index()?
        } else {
            let mut rules = self.dialect.elements().iter();
            let rule = rules.find(|rule| rule.token == code);
            let name = rule.ok_or(DecodeError::Token { offset, token })?.name;
            name.to_owned()
        };
        self.spend(name.len() + "</>".len())?;
        let mut element = tree::Element::new(name, Place::Octet(offset));
        if token & HAS_ATTRIBUTES != 0 {
            self.attributes(&mut element)?;
        }
        if token & HAS_CONTENT != 0 {
            self.content(&mut element, depth)?;
        }
        Ok(element)
    }

    fn content(&mut self, element: &mut tree::Element, depth: usize) -> Result<(), DecodeError> {
        loop {
            let offset = self.at;
            match self.token()? {
                END => return Ok(()),
                token @ (ENTITY | STR_I | STR_T) => {
                    let text = self.characters(offset, token)?;
                    element.push_text(&text);
                }
                OPAQUE => return Err(DecodeError::Opaque { offset }),
                token => {
                    let child = self.element(offset, token, depth + 1)?;
                    element.children.push(Node::Element(child));
                }
            }
        }
    }

    fn attributes(&mut self, element: &mut tree::Element) -> Result<(), DecodeError> {
        loop {
            let offset = self.at;
            let token = self.token()?;
            if token == END {
                return Ok(());
            }
            if element.attributes.len() == MAX_ATTRIBUTES {
                return Err(DecodeError::Attributes { offset });
            }
            let (name, prefix) = if token == LITERAL {
                (self.string_at_index()?, "")
            } else {
                let mut starts = self.dialect.starts().iter();
                let start = starts.find(|start| start.token == token);
                let start = start.ok_or(DecodeError::Token { offset, token })?;
                (start.attribute.to_owned(), start.prefix)
            };
            self.spend(name.len() + " =\"\"".len() + prefix.len())?;
            let value = match self.value(prefix)? {
                Value::Text(text) => text,
                Value::Opaque { offset, digits } => self
                    .datetime(element, &name, &digits)
                    .ok_or(DecodeError::Opaque { offset })?,
            };
            element.attributes.push((name, value));
        }
    }

    /// Opaque data as the attribute's value, if it is a time.
    fn datetime(&self, element: &tree::Element, name: &str, digits: &[u8]) -> Option<String> {
        let rule = self.dialect.element(&element.name)?.attribute(name)?;
        match rule.kind {
            Kind::Datetime => datetime::decode(digits),
            Kind::Cdata | Kind::NmToken | Kind::OneOf(_) | Kind::Uri => None,
        }
    }

    /// Everything up to the next attribute.
    fn value(&mut self, prefix: &str) -> Result<Value, DecodeError> {
        let mut text = prefix.to_owned();
        loop {
            let offset = self.at;
            match self.octets.get(offset).copied() {
                Some(token @ (ENTITY | STR_I | STR_T)) => {
                    self.at += 1;
                    text.push_str(&self.characters(offset, token)?);
                }
                Some(OPAQUE) => {
                    self.at += 1;
                    let bytes = self.number()?;
                    let digits = self.take(bytes)?.to_vec();
                    self.spend("YYYY-MM-DDThh:mm:ssZ".len())?;
                    let next = self.octets.get(self.at).copied();
                    // A time is one piece.
                    let is_whole = text.is_empty()
                        && next.is_none_or(|next| next < 0x80 && !matches!(next, ENTITY | STR_I));
                    return match is_whole {
                        true => Ok(Value::Opaque { offset, digits }),
                        false => Err(DecodeError::Opaque { offset }),
                    };
                }
                Some(token) if token >= 0x80 => {
                    self.at += 1;
                    let known = VALUES.iter().find(|(value, _)| *value == token);
                    let (_, more) = known.ok_or(DecodeError::Token { offset, token })?;
                    self.spend(more.len())?;
                    text.push_str(more);
                }
                // Its start is the next token.
                _ => return Ok(Value::Text(text)),
            }
        }
    }

    /// The characters of a string or entity whose token was read last.
    fn characters(&mut self, offset: usize, token: u8) -> Result<String, DecodeError> {
        let text = match token {
            ENTITY => {
                let number = self.number()?;
                let character = char::from_u32(number);
                let character = character.ok_or(DecodeError::Character {
                    offset,
                    character: number,
                })?;
                character.to_string()
            }
            STR_I => {
                let rest = self.octets.get(self.at..).unwrap_or_default();
                let string = terminated(rest, self.charset).ok_or(self.truncated())?;
                self.at += string.len() + self.charset.unit_bytes();
                self.text(offset, string)?
            }
            _ => return self.string_at_index(),
        };
        self.checked(offset, text)
    }

    /// A string of the string table; its index comes next.
    fn string_at_index(&mut self) -> Result<String, DecodeError> {
        let offset = self.at;
        let index = self.number()?;
        let missing = DecodeError::StringTable { offset, index };
        let strings = usize::try_from(index).ok();
        let strings = strings.and_then(|index| self.strings.get(index..));
        let string = strings.and_then(|strings| terminated(strings, self.charset));
        let text = self.text(offset, string.ok_or(missing)?)?;
        self.checked(offset, text)
    }

    fn text(&self, offset: usize, octets: &[u8]) -> Result<String, DecodeError> {
        let text = self.charset.decode(octets);
        text.map_err(|error| DecodeError::Text { offset, error })
    }

    fn checked(&mut self, offset: usize, text: String) -> Result<String, DecodeError> {
        self.spend(text.len())?;
        match forbidden(&text) {
            Some((_, character)) => Err(DecodeError::Character {
                offset,
                character: character.into(),
            }),
            None => Ok(text),
        }
    }

    fn spend(&mut self, bytes: usize) -> Result<(), DecodeError> {
        let left = self.budget.checked_sub(bytes);
        self.budget = left.ok_or(DecodeError::TooLong)?;
        Ok(())
    }

    /// The next token that is no switch to the only code page.
    fn token(&mut self) -> Result<u8, DecodeError> {
        loop {
            let offset = self.at;
            match self.octet()? {
                SWITCH_PAGE if self.octet()? == 0 => {}
                SWITCH_PAGE => {
                    return Err(DecodeError::Token {
                        offset,
                        token: SWITCH_PAGE,
                    });
                }
                token => return Ok(token),
            }
        }
    }

    const fn truncated(&self) -> DecodeError {
        DecodeError::Truncated {
            bytes: self.octets.len(),
        }
    }

    fn octet(&mut self) -> Result<u8, DecodeError> {
        let octet = self.octets.get(self.at).copied().ok_or(self.truncated())?;
        self.at += 1;
        Ok(octet)
    }

    fn take(&mut self, bytes: u32) -> Result<&'a [u8], DecodeError> {
        let end = usize::try_from(bytes)
            .ok()
            .and_then(|bytes| self.at.checked_add(bytes));
        let taken = end.and_then(|end| self.octets.get(self.at..end));
        let taken = taken.ok_or(self.truncated())?;
        self.at += taken.len();
        Ok(taken)
    }

    /// `mb_u_int32`, at most five octets.
    fn number(&mut self) -> Result<u32, DecodeError> {
        let offset = self.at;
        let mut number = 0u32;
        for _ in 0..5 {
            let octet = self.octet()?;
            if number.leading_zeros() < 7 {
                return Err(DecodeError::Number { offset });
            }
            number = number << 7 | u32::from(octet & 0x7F);
            if octet & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(DecodeError::Number { offset })
    }
}

/// The octets before the first zero unit.
fn terminated(octets: &[u8], charset: Charset) -> Option<&[u8]> {
    let unit = charset.unit_bytes();
    let mut units = octets.chunks_exact(unit);
    let end = units.position(|unit| unit.iter().all(|octet| *octet == 0))?;
    octets.get(..end * unit)
}
