//! Content types: a code or a text, alone or with parameters (WSP 8.4.2.24).

use std::fmt;

use super::codes::{self, CONTENT_TYPES};
use super::value::{HIGH, Value, put_counted, put_integer, put_text};
use super::{MAX_HEADERS, WspError};
use crate::wire::Reader;

/// Code of the charset parameter (WSP table 38).
const CHARSET: u8 = 0x01;
/// Character set assigned numbers (IANA MIBenum).
const CHARSETS: [(u64, &str); 4] = [
    (3, "us-ascii"),
    (4, "iso-8859-1"),
    (106, "utf-8"),
    (1000, "iso-10646-ucs-2"),
];

/// A media type, lower case, without parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Media {
    /// A code that this crate does not know.
    Code(u32),
    /// A name such as `text/plain`.
    Name(String),
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// Charset by its MIBenum: 106 is UTF-8.
    Charset(u64),
    /// A parameter with a name and a text.
    Text {
        /// Name.
        name: String,
        /// Value.
        value: String,
    },
}

/// A content type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContentType {
    /// Media type.
    pub media: Media,
    /// Parameters that were understood.
    pub parameters: Vec<Parameter>,
}

impl ContentType {
    /// A media type without parameters.
    pub fn new(media: &str) -> Self {
        Self {
            media: Media::Name(media.to_ascii_lowercase()),
            parameters: Vec::new(),
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        if self.parameters.is_empty() && !matches!(self.media, Media::Code(0x80..)) {
            self.media.encode(out);
            return;
        }
        let mut value = Vec::new();
        self.media.encode(&mut value);
        for parameter in &self.parameters {
            match parameter {
                Parameter::Charset(number) => {
                    value.push(CHARSET | HIGH);
                    put_integer(&mut value, *number);
                }
                Parameter::Text {
                    name,
                    value: content,
                } => {
                    put_text(&mut value, name);
                    put_text(&mut value, content);
                }
            }
        }
        put_counted(out, &value);
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, WspError> {
        match Value::decode(reader)? {
            Value::Short(code) => Ok(Self::of(Media::of_code(code.into()))),
            Value::Text(name) => Ok(Self::new(name)),
            Value::Counted(octets) => Self::general(octets),
        }
    }

    fn of(media: Media) -> Self {
        Self {
            media,
            parameters: Vec::new(),
        }
    }

    fn general(octets: &[u8]) -> Result<Self, WspError> {
        let mut reader = Reader::new(octets);
        let media = match Value::decode(&mut reader)? {
            Value::Text(name) => Media::Name(name.to_ascii_lowercase()),
            number => {
                let code = number.integer().and_then(|code| u32::try_from(code).ok());
                Media::of_code(code.ok_or(WspError::Value {
                    header: "Content-Type",
                })?)
            }
        };
        let mut content_type = Self::of(media);
        while !reader.rest().is_empty() {
            if content_type.parameters.len() == MAX_HEADERS {
                return Err(WspError::Limit {
                    of: "parameters",
                    max: MAX_HEADERS,
                });
            }
            let name = Value::decode(&mut reader)?;
            let value = Value::decode(&mut reader)?;
            content_type.parameters.extend(parameter(name, value));
        }
        Ok(content_type)
    }
}

/// A parameter that is understood; others are passed over.
fn parameter(name: Value<'_>, value: Value<'_>) -> Option<Parameter> {
    match (name, value) {
        (Value::Short(CHARSET), value) => match value.text() {
            Some(charset) => {
                let known = CHARSETS
                    .iter()
                    .find(|(_, known)| known.eq_ignore_ascii_case(charset))?;
                Some(Parameter::Charset(known.0))
            }
            None => value.integer().map(Parameter::Charset),
        },
        (Value::Text(name), value) => Some(Parameter::Text {
            name: name.to_owned(),
            value: match value.text() {
                Some(text) => text.to_owned(),
                None => value.integer()?.to_string(),
            },
        }),
        (Value::Short(_) | Value::Counted(_), _) => None,
    }
}

impl Media {
    fn of_code(code: u32) -> Self {
        let known = u8::try_from(code).ok();
        match known.and_then(|code| codes::name(&CONTENT_TYPES, code)) {
            Some(name) => Self::Name(name.to_owned()),
            None => Self::Code(code),
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Code(code) => put_integer(out, u64::from(*code)),
            Self::Name(name) => match codes::code(&CONTENT_TYPES, name) {
                Some(code) => out.push(code | HIGH),
                None => put_text(out, name),
            },
        }
    }
}

/// As in a MIME header.
impl fmt::Display for ContentType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.media {
            Media::Code(code) => write!(formatter, "0x{code:02X}")?,
            Media::Name(name) => formatter.write_str(name)?,
        }
        for parameter in &self.parameters {
            match parameter {
                Parameter::Charset(number) => {
                    match CHARSETS.iter().find(|(known, _)| known == number) {
                        Some((_, name)) => write!(formatter, "; charset={name}")?,
                        None => write!(formatter, "; charset={number}")?,
                    }
                }
                Parameter::Text { name, value } => write!(formatter, "; {name}={value}")?,
            }
        }
        Ok(())
    }
}
