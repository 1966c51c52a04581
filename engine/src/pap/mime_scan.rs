//! Finds the delimiter lines of a multipart body (RFC 2046 5.1.1), in one piece or in chunks.
//!
//! ```text
//! preamble EOL
//! --boundary *padding EOL     delimiter: ends the preamble, begins a part
//! part EOL
//! --boundary-- *padding [EOL] closing delimiter
//! epilogue
//! ```
//!
//! The scanner holds no octets: its caller keeps a buffer and drops from its front what each
//! [`Step`] reports. What stays in the buffer between chunks is at most one possible delimiter
//! line, so a body of any size can be scanned while it streams to a file, in linear time.
//!
//! The line end before a delimiter belongs to it. Clients that write delimiters with bare LF put a
//! bare LF there too, so a CR before it is content: otherwise one binary body in 256 would lose its
//! last octet.

/// Longest boundary, octets. RFC 2046 allows 70; generators that write more are let through.
pub const MAX_BOUNDARY_BYTES: usize = 200;
/// Longest white space after a boundary: some gateways pad lines; more would let a stream without
/// line ends grow the caller's buffer.
const MAX_PADDING_BYTES: usize = 64;

/// Whether octets may follow those in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The buffer holds the rest of the body.
    Complete,
    /// More may come.
    Partial,
}

/// What the octets at the front of the buffer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// That many octets of the preamble, the present part or the epilogue; never zero.
    Data(usize),
    /// A delimiter, with the line ends around it.
    Delimiter {
        /// Its length, octets.
        octets: usize,
        /// It is the closing one.
        close: bool,
    },
    /// Nothing can be said before there are more octets; with [`Input::Complete`] only said of an
    /// empty buffer.
    More,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    CrLf,
    Lf,
}

enum Line {
    Delimiter {
        octets: usize,
        close: bool,
        end: LineEnd,
    },
    Other,
    Undecided,
}

/// The state between two steps.
#[derive(Debug, Clone)]
pub struct Scanner {
    delimiter: Vec<u8>,
    at_line_start: bool,
    line_end: LineEnd,
}

impl Scanner {
    /// At the start of a body with that boundary.
    pub fn new(boundary: &str) -> Self {
        Self {
            delimiter: [b"--", boundary.as_bytes()].concat(),
            at_line_start: true,
            line_end: LineEnd::CrLf,
        }
    }

    /// Looks at the front of `buffer`. Drop the octets that it reports before the next call.
    pub fn step(&mut self, buffer: &[u8], input: Input) -> Step {
        if self.at_line_start {
            match self.line(buffer, input) {
                Line::Delimiter { octets, close, end } => return self.found(octets, close, end),
                Line::Other if buffer.is_empty() => return Step::More,
                Line::Other => self.at_line_start = false,
                Line::Undecided => return Step::More,
            }
        }
        let mut from = 0;
        while let Some(offset) = buffer[from..].iter().position(|octet| *octet == b'\n') {
            let line_feed = from + offset;
            let cr_before = line_feed > 0 && buffer[line_feed - 1] == b'\r';
            match self.line(&buffer[line_feed + 1..], input) {
                Line::Delimiter { octets, close, end } => {
                    let start = line_feed - usize::from(cr_before && end == LineEnd::CrLf);
                    if start > 0 {
                        return Step::Data(start);
                    }
                    return self.found(line_feed + 1 + octets, close, end);
                }
                Line::Other => from = line_feed + 1,
                Line::Undecided => return data(line_feed - usize::from(cr_before)),
            }
        }
        let held = usize::from(input == Input::Partial && buffer.last() == Some(&b'\r'));
        data(buffer.len() - held)
    }

    fn found(&mut self, octets: usize, close: bool, end: LineEnd) -> Step {
        self.at_line_start = true;
        self.line_end = end;
        Step::Delimiter { octets, close }
    }

    /// Whether the line that begins here is a delimiter.
    fn line(&self, octets: &[u8], input: Input) -> Line {
        let undecided = match input {
            Input::Complete => Line::Other,
            Input::Partial => Line::Undecided,
        };
        let Some(rest) = octets.strip_prefix(self.delimiter.as_slice()) else {
            return if self.delimiter.starts_with(octets) {
                undecided
            } else {
                Line::Other
            };
        };
        let (close, rest) = match rest {
            [b'-', b'-', rest @ ..] => (true, rest),
            [b'-'] => return undecided,
            _ => (false, rest),
        };
        let padding = rest
            .iter()
            .take(MAX_PADDING_BYTES)
            .take_while(|octet| matches!(octet, b' ' | b'\t'))
            .count();
        let (line_end, end) = match &rest[padding..] {
            [b'\n', ..] => (1, LineEnd::Lf),
            [b'\r', b'\n', ..] => (2, LineEnd::CrLf),
            [] | [b'\r'] if input == Input::Partial => return Line::Undecided,
            [] if close => (0, self.line_end),
            _ => return Line::Other,
        };
        Line::Delimiter {
            octets: octets.len() - rest.len() + padding + line_end,
            close,
            end,
        }
    }
}

const fn data(octets: usize) -> Step {
    match octets {
        0 => Step::More,
        _ => Step::Data(octets),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The parts, and whether the closing delimiter was there; `chunk` octets arrive at a time.
    fn parts(body: &[u8], chunk: usize) -> (Vec<Vec<u8>>, bool) {
        let mut scanner = Scanner::new("b");
        let mut parts = vec![Vec::new()];
        let (mut buffer, mut arriving) = (Vec::new(), body.chunks(chunk.max(1)));
        let mut input = Input::Partial;
        loop {
            match scanner.step(&buffer, input) {
                Step::Data(octets) => {
                    let part = parts.last_mut().unwrap();
                    part.extend(buffer.drain(..octets));
                }
                Step::Delimiter { octets, close } => {
                    buffer.drain(..octets);
                    if close {
                        return (parts[1..].to_vec(), true);
                    }
                    parts.push(Vec::new());
                }
                Step::More => match arriving.next() {
                    Some(more) => buffer.extend(more),
                    None if input == Input::Partial => input = Input::Complete,
                    None => return (parts[1..].to_vec(), false),
                },
            }
            assert!(buffer.len() <= chunk.max(1) + MAX_PADDING_BYTES + 9);
        }
    }

    fn whole(body: &[u8]) -> (Vec<Vec<u8>>, bool) {
        parts(body, body.len())
    }

    #[test]
    fn line_ends_around_delimiters_are_theirs() {
        for (body, expected) in [
            (
                &b"--b\r\none\r\n--b\r\ntwo\r\n--b--\r\n"[..],
                &[&b"one"[..], b"two"][..],
            ),
            (b"pre\n--b\none\n--b--", &[b"one"]),
            (b"\r\n--b\r\n\r\n--b--", &[b""]),
            (b"--b\r\n--b--", &[b""]),
            (b"--b \t\r\none\r\r\n--b--  ", &[b"one\r"]),
            (b"--b\none\r\n--b--", &[b"one\r"]),
            (b"--b\r\none\n--b--\nepilogue\n--b\n", &[b"one"]),
            (
                b"--b\r\n--bb\r\n--b-\r\n --b\r\n--b--x\r\n--b--",
                &[b"--bb\r\n--b-\r\n --b\r\n--b--x"],
            ),
            (b"--b\r\n\0\r\n\r\n\0\n\r\n--b--", &[b"\0\r\n\r\n\0\n"]),
        ] {
            let expected: Vec<_> = expected.iter().map(|part| part.to_vec()).collect();
            for chunk in [1, 2, 3, body.len()] {
                assert_eq!(
                    parts(body, chunk),
                    (expected.clone(), true),
                    "{}",
                    body.escape_ascii()
                );
            }
        }
    }

    #[test]
    fn a_missing_close_is_noticed() {
        for body in [
            &b""[..],
            b"no delimiter",
            b"--b",
            b"--b\r\nx",
            b"--b\r\nx\r\n--b-",
        ] {
            assert!(!whole(body).1, "{}", body.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(
            body in "([\r\n]{0,3}(--b)?[-\r\n a\0]{0,4}){0,12}",
            chunk in 1usize..9,
        ) {
            prop_assert_eq!(parts(body.as_bytes(), chunk), whole(body.as_bytes()));
        }

        #[test]
        fn octets_survive(content in prop::collection::vec(any::<u8>(), 0..200), chunk in 1usize..50) {
            for (open, close) in [("--b\r\n", "\r\n--b--\r\n"), ("--b\n", "\n--b--\n"), ("--b\n", "\n--b--")] {
                let body = [open.as_bytes(), &content, close.as_bytes()].concat();
                prop_assert_eq!(parts(&body, chunk), (vec![content.clone()], true));
            }
        }
    }
}
