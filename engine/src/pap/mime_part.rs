//! The header block of a part of a multipart body (RFC 2045, RFC 2046).

use mail_parser::parsers::MessageStream;

use super::error::quoted;
use super::mime::{Entity, MimeError};
use super::mime_transfer::TransferEncoding;

/// Longest header block of a part, octets: far more than any push message needs.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Most header fields of a part.
pub const MAX_HEADERS: usize = 64;

const CONTENT_TYPE: &str = "Content-Type";
pub(super) const TRANSFER_ENCODING: &str = "Content-Transfer-Encoding";

/// A header block on its way in.
#[derive(Debug, Default)]
pub struct HeaderBlock {
    octets: Vec<u8>,
    /// Where the present line begins.
    line: usize,
}

impl HeaderBlock {
    /// Takes octets up to the end of the empty line that ends the block. Gives their number, or
    /// `None` while that line has not arrived.
    pub fn push(&mut self, octets: &[u8]) -> Result<Option<usize>, MimeError> {
        let mut taken = 0;
        for more in octets.split_inclusive(|octet| *octet == b'\n') {
            if self.octets.len() + more.len() > MAX_HEADER_BYTES {
                return Err(MimeError::HeaderBytes);
            }
            self.octets.extend_from_slice(more);
            taken += more.len();
            if matches!(&self.octets[self.line..], b"\n" | b"\r\n") {
                return Ok(Some(taken));
            }
            if more.ends_with(b"\n") {
                self.line = self.octets.len();
            }
        }
        Ok(None)
    }

    /// What arrived. Without an empty line the part is all header.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
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

    /// The entity that these headers and the body after them make; `body` is where it goes.
    pub fn entity<B>(self, body: B) -> Result<Entity<B>, MimeError> {
        let content_type = self.content_type.ok_or(MimeError::NoContentType)?;
        if MediaType::read(&content_type).is_none() {
            return Err(MimeError::ContentType {
                text: quoted(&content_type),
            });
        }
        Ok(Entity {
            content_type,
            headers: self.fields,
            body,
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
        for chunk in 1..part.len() {
            let mut block = HeaderBlock::default();
            let ends: Vec<_> = part
                .chunks(chunk)
                .map(|octets| block.push(octets).unwrap())
                .take_while(Option::is_none)
                .collect();
            assert_eq!(ends.len(), 12 / chunk, "{chunk}");
            assert_eq!(block.octets(), &part[..13]);
        }
        assert_eq!(HeaderBlock::default().push(b"\nbody"), Ok(Some(1)));
        assert_eq!(HeaderBlock::default().push(b"a: b\n"), Ok(None));
    }

    #[test]
    fn endless_blocks_are_refused() {
        let endless = "a: b\n".repeat(MAX_HEADER_BYTES);
        let long = "x".repeat(MAX_HEADER_BYTES + 1);
        for flood in [endless, long] {
            let refused = HeaderBlock::default().push(flood.as_bytes());
            assert_eq!(refused, Err(MimeError::HeaderBytes));
        }
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
