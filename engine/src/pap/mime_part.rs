//! One part of a multipart body: its header block and its transfer encoding (RFC 2045, RFC 2046).

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::parsers::MessageStream;

use super::error::quoted;
use super::mime::{Entity, MimeError};

/// Longest header block of a part, octets: far more than any push message needs.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Most header fields of a part.
pub const MAX_HEADERS: usize = 64;

const CONTENT_TYPE: &str = "Content-Type";
pub(super) const TRANSFER_ENCODING: &str = "Content-Transfer-Encoding";

/// How the octets of a body are written (RFC 2045 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferEncoding {
    /// Base64.
    Base64,
    /// 7bit, 8bit or binary: as they are.
    Identity,
    /// Quoted-printable.
    QuotedPrintable,
}

impl TransferEncoding {
    fn named(name: &str) -> Result<Self, MimeError> {
        match name.to_ascii_lowercase().as_str() {
            "base64" => Ok(Self::Base64),
            "7bit" | "8bit" | "binary" => Ok(Self::Identity),
            "quoted-printable" => Ok(Self::QuotedPrintable),
            _ => Err(MimeError::TransferEncoding { name: quoted(name) }),
        }
    }

    /// The octets meant by those written.
    pub fn decode(self, written: &[u8]) -> Result<Cow<'_, [u8]>, MimeError> {
        match self {
            Self::Base64 if lone_digit(written) => None,
            Self::Base64 => base64_decode(written).map(Cow::Owned),
            Self::Identity => Some(Cow::Borrowed(written)),
            Self::QuotedPrintable => quoted_printable_decode(written).map(Cow::Owned),
        }
        .ok_or(MimeError::Encoded)
    }
}

/// Six bits left over: the text was cut, which the decoder would not say.
fn lone_digit(base64: &[u8]) -> bool {
    let digits = base64
        .iter()
        .filter(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/'))
        .count();
    digits % 4 == 1
}

/// The header fields of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartHeaders {
    /// Media type with parameters, as written.
    pub content_type: Option<String>,
    /// How the body is written.
    pub encoding: TransferEncoding,
    /// The other fields in their order, names as written, values unfolded. The transfer encoding
    /// is not among them: it says nothing of the decoded body.
    pub fields: Vec<(String, String)>,
}

impl PartHeaders {
    /// Reads the header block at the front of a part; also gives the length of the block with the
    /// empty line that ends it. Without an empty line the part is all header.
    pub fn read(part: &[u8]) -> Result<(Self, usize), MimeError> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut rest = part;
        while let Some((line, after)) = next_line(rest) {
            rest = after;
            if part.len() - rest.len() > MAX_HEADER_BYTES {
                return Err(MimeError::HeaderBytes);
            }
            if line.is_empty() {
                break;
            }
            let line = std::str::from_utf8(line).map_err(|_| MimeError::HeaderText)?;
            match (line.strip_prefix([' ', '\t']), fields.last_mut()) {
                (Some(folded), Some((_, value))) => unfold(value, folded)?,
                _ => fields.push(field(line)?),
            }
            if fields.len() > MAX_HEADERS {
                return Err(MimeError::HeaderCount);
            }
        }
        Ok((Self::sorted(fields)?, part.len() - rest.len()))
    }

    /// Length of the header block at the front of a part with the empty line that ends it; `None`
    /// while that line has not arrived. For parts that are read in chunks.
    pub fn end(octets: &[u8]) -> Result<Option<usize>, MimeError> {
        let limit = &octets[..octets.len().min(MAX_HEADER_BYTES)];
        let mut end = 0;
        for line in limit.split_inclusive(|octet| *octet == b'\n') {
            end += line.len();
            if matches!(line, b"\n" | b"\r\n") {
                return Ok(Some(end));
            }
        }
        if octets.len() > MAX_HEADER_BYTES {
            return Err(MimeError::HeaderBytes);
        }
        Ok(None)
    }

    fn sorted(mut fields: Vec<(String, String)>) -> Result<Self, MimeError> {
        let content_type = take(&mut fields, CONTENT_TYPE)?;
        let encoding = match take(&mut fields, TRANSFER_ENCODING)? {
            Some(name) => TransferEncoding::named(&name)?,
            None => TransferEncoding::Identity,
        };
        Ok(Self {
            content_type,
            encoding,
            fields,
        })
    }

    /// The entity that these headers and the body after them make.
    pub fn entity(self, body: &[u8]) -> Result<Entity, MimeError> {
        let content_type = self.content_type.ok_or(MimeError::NoContentType)?;
        if MediaType::read(&content_type).is_none() {
            return Err(MimeError::ContentType {
                text: quoted(&content_type),
            });
        }
        Ok(Entity {
            content_type,
            headers: self.fields,
            body: self.encoding.decode(body)?.into_owned(),
        })
    }
}

/// The line at the front without its end, and what follows; `None` at the end.
fn next_line(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    if octets.is_empty() {
        return None;
    }
    let limit = octets.len().min(MAX_HEADER_BYTES + 1);
    let end = octets[..limit].iter().position(|octet| *octet == b'\n');
    let (line, rest) = match end {
        Some(end) => (&octets[..end], &octets[end + 1..]),
        None => octets.split_at(limit),
    };
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

fn field(line: &str) -> Result<(String, String), MimeError> {
    let token = |octet: u8| octet.is_ascii_graphic() && octet != b':';
    let (name, value) = line
        .split_once(':')
        .map(|(name, value)| (name.trim_end(), value))
        .filter(|(name, _)| !name.is_empty() && name.bytes().all(token))
        .ok_or(MimeError::HeaderText)?;
    Ok((name.to_owned(), checked(value)?.to_owned()))
}

fn unfold(value: &mut String, folded: &str) -> Result<(), MimeError> {
    let folded = checked(folded)?;
    if !value.is_empty() && !folded.is_empty() {
        value.push(' ');
    }
    value.push_str(folded);
    Ok(())
}

/// A value that cannot split a header, a log line or a line of a report.
fn checked(value: &str) -> Result<&str, MimeError> {
    let value = value.trim_matches([' ', '\t']);
    let hostile = |character: char| character.is_control() && character != '\t';
    match value.contains(hostile) {
        true => Err(MimeError::HeaderText),
        false => Ok(value),
    }
}

/// Removes the field of that name, which may be there once.
fn take(
    fields: &mut Vec<(String, String)>,
    name: &'static str,
) -> Result<Option<String>, MimeError> {
    let mut found = fields.extract_if(.., |(key, _)| key.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (first, None) => Ok(first.map(|(_, value)| value)),
        (_, Some(_)) => Err(MimeError::Repeated { name }),
    }
}

/// A media type as far as PAP needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MediaType {
    /// `type/subtype` in small letters.
    pub(super) essence: String,
    /// The boundary parameter.
    pub(super) boundary: Option<String>,
}

impl MediaType {
    /// Reads a Content-Type value. Parameters are read leniently: clients write
    /// `type=application/xml` without quotation marks.
    pub(super) fn read(text: &str) -> Option<Self> {
        // The parser wants a whole header line; the sender's line ends are not part of it.
        let line: String = text
            .chars()
            .filter(|character| !matches!(character, '\r' | '\n'))
            .chain(['\n'])
            .collect();
        let value = MessageStream::new(line.as_bytes()).parse_content_type();
        let parsed = value.as_content_type()?;
        Some(Self {
            essence: format!("{}/{}", parsed.ctype(), parsed.subtype()?).to_ascii_lowercase(),
            boundary: parsed.attribute("boundary").map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(part: &str) -> Result<(PartHeaders, usize), MimeError> {
        PartHeaders::read(part.as_bytes())
    }

    #[test]
    fn fields_keep_name_and_order() {
        let (headers, octets) = read(
            "X-WAP-Application-Id : 4\r\ncontent-TYPE: text/plain;\r\n charset=utf-8\nX-Empty:\n\tlater\r\n\r\nbody",
        )
        .unwrap();
        assert_eq!(
            headers.content_type.as_deref(),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(
            headers.fields,
            [
                ("X-WAP-Application-Id".to_owned(), "4".to_owned()),
                ("X-Empty".to_owned(), "later".to_owned())
            ]
        );
        assert_eq!(octets, 87);
    }

    #[test]
    fn a_part_may_lack_either_half() {
        assert_eq!(read("").unwrap().1, 0);
        assert_eq!(read("\r\nbody").unwrap().1, 2);
        let (headers, octets) = read("Content-Type: a/b").unwrap();
        assert_eq!((headers.content_type.as_deref(), octets), (Some("a/b"), 17));
    }

    #[test]
    fn the_end_of_a_block_is_found_in_chunks() {
        let part = b"a: b\r\nc: d\n\r\nbody\n\n";
        let ends: Vec<_> = (0..part.len())
            .map(|arrived| PartHeaders::end(&part[..arrived]).unwrap())
            .collect();
        assert_eq!(ends.iter().position(Option::is_some), Some(13));
        assert!(ends[13..].iter().all(|end| *end == Some(13)));
        assert_eq!(PartHeaders::read(part).unwrap().1, 13);
        assert_eq!(PartHeaders::end(b"\nbody"), Ok(Some(1)));
        let endless = "a: b\n".repeat(MAX_HEADER_BYTES);
        assert_eq!(
            PartHeaders::end(endless.as_bytes()),
            Err(MimeError::HeaderBytes)
        );
    }

    #[test]
    fn hostile_blocks_are_refused() {
        for (part, error) in [
            ("no colon\r\n\r\n", MimeError::HeaderText),
            (" folded: first\r\n\r\n", MimeError::HeaderText),
            (": empty\r\n\r\n", MimeError::HeaderText),
            ("a b: c\r\n\r\n", MimeError::HeaderText),
            ("a: b\0\r\n\r\n", MimeError::HeaderText),
            ("a: b\rc: d\r\n\r\n", MimeError::HeaderText),
            (
                "Content-Type: a/b\nCONTENT-type: c/d\n\n",
                MimeError::Repeated { name: CONTENT_TYPE },
            ),
            (
                "Content-Transfer-Encoding: x-uuencode\n\n",
                MimeError::TransferEncoding {
                    name: "x-uuencode".into(),
                },
            ),
        ] {
            assert_eq!(read(part), Err(error), "{part:?}");
        }
        assert_eq!(
            PartHeaders::read(b"a: \xff\n\n"),
            Err(MimeError::HeaderText)
        );
        assert_eq!(
            read(&"a: b\n".repeat(MAX_HEADERS + 1)),
            Err(MimeError::HeaderCount)
        );
        assert_eq!(
            read(&format!("a: {}\n\n", "x".repeat(MAX_HEADER_BYTES))),
            Err(MimeError::HeaderBytes)
        );
        assert_eq!(read(&"x".repeat(1 << 20)), Err(MimeError::HeaderBytes));
        assert_eq!(
            read(&format!("a: b\n{}", " x\n".repeat(100_000))),
            Err(MimeError::HeaderBytes)
        );
    }

    #[test]
    fn transfer_encodings_are_undone() {
        let decode = |encoding: TransferEncoding, text: &str| {
            encoding.decode(text.as_bytes()).map(Cow::into_owned)
        };
        assert_eq!(
            decode(TransferEncoding::Base64, "AAECAw0K\r\n/w==\r\n").unwrap(),
            [0, 1, 2, 3, 13, 10, 255]
        );
        assert_eq!(decode(TransferEncoding::Base64, ""), Ok(Vec::new()));
        assert_eq!(
            decode(TransferEncoding::Base64, "AAEC!"),
            Err(MimeError::Encoded)
        );
        assert_eq!(
            decode(TransferEncoding::Base64, "AAECA"),
            Err(MimeError::Encoded)
        );
        assert_eq!(
            decode(TransferEncoding::QuotedPrintable, "a=3D=\r\nb \r\n").unwrap(),
            b"a=b\r\n"
        );
        assert_eq!(
            decode(TransferEncoding::QuotedPrintable, "=ZZ"),
            Err(MimeError::Encoded)
        );
        assert_eq!(decode(TransferEncoding::Identity, "a=3D").unwrap(), b"a=3D");
    }

    #[test]
    fn media_types_are_read_leniently() {
        for (text, essence, boundary) in [
            ("application/xml", "application/xml", None),
            ("Text/XML; charset=\"utf-8\"", "text/xml", None),
            (
                "multipart/related; boundary=asdlf; type=\"application/xml\"",
                "multipart/related",
                Some("asdlf"),
            ),
            (
                "multipart/Related;type=application/xml;BOUNDARY=\"==a b==\"",
                "multipart/related",
                Some("==a b=="),
            ),
            (
                "multipart/related; boundary==_a/b:c?; type=x",
                "multipart/related",
                Some("=_a/b:c?"),
            ),
            (
                "multipart/related; boundary='a'",
                "multipart/related",
                Some("'a'"),
            ),
        ] {
            let read = MediaType::read(text).unwrap();
            assert_eq!(
                (read.essence.as_str(), read.boundary.as_deref()),
                (essence, boundary),
                "{text}"
            );
        }
        for text in ["", "application", ";", "\r\n", "\"", "("] {
            assert_eq!(MediaType::read(text), None, "{text}");
        }
    }
}
