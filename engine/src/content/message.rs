//! A push message as one object: headers, an empty line, the body (Push Message 5).
//!
//! ```text
//!  Content-Type: text/plain CRLF
//!  X-Wap-Application-Id: 2 CRLF
//!  CRLF
//!  body, every octet as the PI gave it
//! ```

/// Media type of such an object (registered for OMA Push 2.2).
pub const MEDIA_TYPE: &str = "application/vnd.oma.push";
/// Longest header block, octets.
pub const MAX_HEAD_BYTES: usize = 64 << 10;

/// Octets that are no push message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No empty line within the limit.
    #[error("no empty line ends the headers within {MAX_HEAD_BYTES} octets")]
    NoEnd,
    /// A line that is no header.
    #[error("header line {line} is not of the form Name: value")]
    Line {
        /// Counted from 1.
        line: usize,
    },
}

/// The header block with its empty line. Line breaks and control characters in values become
/// spaces: a value can never start another header.
pub fn write_head(headers: &[(String, String)]) -> Vec<u8> {
    let mut head = String::new();
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.extend(value.chars().map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        }));
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// Finds the end of the header block: the offset of the body, or `None` while more octets may
/// bring it.
pub fn head_len(octets: &[u8]) -> Result<Option<usize>, MessageError> {
    let end = octets
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| at + 4);
    // A message without headers starts with the empty line.
    let end = if octets.starts_with(b"\r\n") {
        Some(2)
    } else {
        end
    };
    match end {
        Some(end) if end <= MAX_HEAD_BYTES => Ok(Some(end)),
        None if octets.len() < MAX_HEAD_BYTES => Ok(None),
        _ => Err(MessageError::NoEnd),
    }
}

/// Reads a header block. Octets outside UTF-8 are replaced: they are shown, not acted on.
pub fn read_head(head: &[u8]) -> Result<Vec<(String, String)>, MessageError> {
    let text = String::from_utf8_lossy(head);
    let lines = text
        .split("\r\n")
        .enumerate()
        .filter(|(_, line)| !line.is_empty());
    lines
        .map(|(index, line)| {
            let (name, value) = line
                .split_once(':')
                .ok_or(MessageError::Line { line: index + 1 })?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn headers_come_back() {
        let headers = [
            header("Content-Type", "text/plain; charset=utf-8"),
            header("X-Wap-Application-Id", "2"),
        ];
        let mut octets = write_head(&headers);
        let len = octets.len();
        octets.extend_from_slice(b"\r\n\r\nbody");
        assert_eq!(head_len(&octets), Ok(Some(len)));
        assert_eq!(read_head(&octets[..len]).unwrap(), headers);
    }

    #[test]
    fn a_value_cannot_start_another_header() {
        let octets = write_head(&[header("X-A", "one\r\nX-B: two")]);
        assert_eq!(
            read_head(&octets).unwrap(),
            [header("X-A", "one  X-B: two")]
        );
    }

    #[test]
    fn an_endless_head_is_refused() {
        assert_eq!(head_len(&[b'a'; 100]), Ok(None));
        assert_eq!(
            head_len(&vec![b'a'; MAX_HEAD_BYTES]),
            Err(MessageError::NoEnd)
        );
        assert_eq!(head_len(b"\r\nbody"), Ok(Some(2)));
        assert_eq!(
            read_head(b"no colon\r\n\r\n"),
            Err(MessageError::Line { line: 1 })
        );
    }
}
