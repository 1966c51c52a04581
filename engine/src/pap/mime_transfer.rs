//! Transfer encodings of a part's body, undone while it arrives (RFC 2045 6).
//!
//! A [`Decoder`] takes the octets as written, in any chunks, and writes those meant to a sink; it
//! holds back at most a few digits or a run of white space. What it writes is never longer than
//! what it was given. Called by the reader of messages; nothing here knows parts or delimiters.
//!
//! Base64 is lenient about white space and about missing, lone or surplus padding, and strict about
//! the rest: foreign characters, a digit that is left over, and anything but white space after the
//! padding say that the body is damaged. Quoted-printable keeps the line ends it is given and drops
//! the white space before them.

use std::io::{self, Write};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::error::quoted;
use super::mime::MimeError;

/// Longest run of white space in quoted-printable text, octets: it is held until it is known
/// whether a line ends after it. RFC 2045 ends lines after 76 characters.
pub const MAX_WHITE_BYTES: usize = 1024;

/// Digits without padding, and bits left over in the last one, as clients write them.
const DIGITS: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);
/// Digits that make a whole number of octets.
const QUANTUM: usize = 4;

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
    /// The encoding of that name, in any case.
    pub(super) fn named(name: &str) -> Result<Self, MimeError> {
        match name.to_ascii_lowercase().as_str() {
            "base64" => Ok(Self::Base64),
            "7bit" | "8bit" | "binary" => Ok(Self::Identity),
            "quoted-printable" => Ok(Self::QuotedPrintable),
            _ => Err(MimeError::TransferEncoding { name: quoted(name) }),
        }
    }

    /// At the start of a body.
    pub fn decoder(self) -> Decoder {
        match self {
            Self::Base64 => Decoder::Base64(Base64::default()),
            Self::Identity => Decoder::Identity,
            Self::QuotedPrintable => Decoder::QuotedPrintable(QuotedPrintable::default()),
        }
    }
}

/// A body cannot be read on: its sender's fault or the sink's.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The body is no good.
    #[error(transparent)]
    Mime(#[from] MimeError),
    /// The sink takes no more.
    #[error(transparent)]
    Sink(#[from] io::Error),
}

/// The state between two chunks of a body.
#[derive(Debug)]
pub enum Decoder {
    /// Digits that make no quantum yet.
    Base64(Base64),
    /// None.
    Identity,
    /// Within a line.
    QuotedPrintable(QuotedPrintable),
}

impl Decoder {
    /// Writes what these octets mean, except for the last few.
    pub fn push(&mut self, written: &[u8], sink: &mut impl Write) -> Result<(), Failure> {
        match self {
            Self::Base64(base64) => base64.push(written, sink),
            Self::Identity => Ok(sink.write_all(written)?),
            Self::QuotedPrintable(text) => text.push(written, sink),
        }
    }

    /// Writes what is left at the end of the body.
    pub fn finish(self, sink: &mut impl Write) -> Result<(), Failure> {
        match self {
            Self::Base64(mut base64) => base64.end(sink),
            Self::Identity => Ok(()),
            Self::QuotedPrintable(text) => Ok(sink.write_all(&text.white)?),
        }
    }
}

/// Base64 (RFC 2045 6.8).
#[derive(Debug, Default)]
pub struct Base64 {
    /// Between two chunks fewer than a quantum.
    digits: Vec<u8>,
    padded: bool,
}

impl Base64 {
    fn push(&mut self, written: &[u8], sink: &mut impl Write) -> Result<(), Failure> {
        for octet in written {
            match octet {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'=' => self.padded = true,
                _ if self.padded => return Err(MimeError::Encoded.into()),
                digit => self.digits.push(*digit),
            }
        }
        let whole = self.digits.len() - self.digits.len() % QUANTUM;
        write_digits(&self.digits[..whole], sink)?;
        self.digits.drain(..whole);
        Ok(())
    }

    fn end(&mut self, sink: &mut impl Write) -> Result<(), Failure> {
        write_digits(&self.digits, sink)
    }
}

fn write_digits(digits: &[u8], sink: &mut impl Write) -> Result<(), Failure> {
    let octets = DIGITS.decode(digits).map_err(|_| MimeError::Encoded)?;
    Ok(sink.write_all(&octets)?)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Escape {
    /// `=` has been read.
    Begun,
    /// `=` and this digit have been read.
    Half(u8),
    #[default]
    None,
}

/// Quoted-printable (RFC 2045 6.7).
#[derive(Debug, Default)]
pub struct QuotedPrintable {
    escape: Escape,
    /// The octet before was CR.
    carriage_return: bool,
    /// White space that goes if the line ends now, at most [`MAX_WHITE_BYTES`].
    white: Vec<u8>,
}

impl QuotedPrintable {
    fn push(&mut self, written: &[u8], sink: &mut impl Write) -> Result<(), Failure> {
        let mut meant = Vec::with_capacity(written.len() + self.white.len() + 1);
        let outcome = written
            .iter()
            .try_for_each(|octet| self.octet(*octet, &mut meant));
        sink.write_all(&meant)?;
        Ok(outcome?)
    }

    fn octet(&mut self, octet: u8, meant: &mut Vec<u8>) -> Result<(), MimeError> {
        let after_cr = std::mem::replace(&mut self.carriage_return, octet == b'\r');
        match (octet, self.escape) {
            (b'\r', _) => {}
            (b'\n', Escape::Begun) => {
                self.escape = Escape::None;
                // Written in full already: white space before a soft line end counts.
                meant.append(&mut self.white);
            }
            (b'\n', _) => {
                self.white.clear();
                meant.extend_from_slice(if after_cr { b"\r\n" } else { b"\n" });
            }
            (b'=', Escape::None) => self.escape = Escape::Begun,
            (b'=', _) => return Err(MimeError::Encoded),
            (_, Escape::Begun) if octet.is_ascii_whitespace() => {}
            (_, Escape::Begun) => self.escape = Escape::Half(hex(octet)?),
            (_, Escape::Half(high)) => {
                self.escape = Escape::None;
                meant.append(&mut self.white);
                meant.push(high << 4 | hex(octet)?);
            }
            (_, Escape::None) if octet.is_ascii_whitespace() => self.keep(octet)?,
            (_, Escape::None) => {
                meant.append(&mut self.white);
                meant.push(octet);
            }
        }
        Ok(())
    }

    fn keep(&mut self, white: u8) -> Result<(), MimeError> {
        if self.white.len() == MAX_WHITE_BYTES {
            return Err(MimeError::Encoded);
        }
        self.white.push(white);
        Ok(())
    }
}

fn hex(digit: u8) -> Result<u8, MimeError> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
        .ok_or(MimeError::Encoded)
}

#[cfg(test)]
mod tests {
    use mail_parser::decoders::base64::base64_decode;
    use mail_parser::decoders::quoted_printable::quoted_printable_decode;
    use proptest::prelude::*;

    use super::*;

    /// The octets meant when `chunk` octets arrive at a time.
    fn decoded(encoding: TransferEncoding, written: &[u8], chunk: usize) -> Option<Vec<u8>> {
        let (mut decoder, mut meant) = (encoding.decoder(), Vec::new());
        for octets in written.chunks(chunk) {
            decoder.push(octets, &mut meant).ok()?;
        }
        decoder.finish(&mut meant).ok()?;
        assert!(meant.len() <= written.len());
        Some(meant)
    }

    fn base64(text: &str) -> Option<Vec<u8>> {
        decoded(TransferEncoding::Base64, text.as_bytes(), 3)
    }

    fn quoted_printable(text: &str) -> Option<Vec<u8>> {
        decoded(TransferEncoding::QuotedPrintable, text.as_bytes(), 3)
    }

    #[test]
    fn base64_is_undone() {
        let octets = [0, 1, 2, 3, 13, 10, 255];
        assert_eq!(base64("AAECAw0K\r\n/w==\r\n").unwrap(), octets);
        assert_eq!(base64("AAECAw0K/w").unwrap(), octets);
        assert_eq!(base64("AAECAw0K/x=\t").unwrap(), octets);
        for empty in ["", "\r\n", "==="] {
            assert_eq!(base64(empty).unwrap(), b"");
        }
        for damaged in [
            "AAEC!",
            "AAECA",
            "AAECA===",
            "AA==AAEC",
            "AAEC\u{b}",
            "AA\u{ff}",
        ] {
            assert_eq!(base64(damaged), None, "{damaged:?}");
        }
    }

    #[test]
    fn quoted_printable_is_undone() {
        assert_eq!(quoted_printable("a=3D=\r\nb \r\nc ").unwrap(), b"a=b\r\nc ");
        assert_eq!(quoted_printable("a \t=\n b=20 \n").unwrap(), b"a \t b \n");
        assert_eq!(quoted_printable("a\r\nb\nc\rd").unwrap(), b"a\r\nb\ncd");
        for damaged in ["=ZZ", "==", "=4=", "=4Z", "=\u{b}"] {
            assert_eq!(quoted_printable(damaged), None, "{damaged:?}");
        }
        let white = " ".repeat(MAX_WHITE_BYTES);
        assert_eq!(quoted_printable(&format!("{white}\n")).unwrap(), b"\n");
        assert_eq!(quoted_printable(&format!("{white} \n")), None);
    }

    #[test]
    fn names_are_known_in_any_case() {
        for (name, encoding) in [
            ("8BIT", TransferEncoding::Identity),
            ("Base64", TransferEncoding::Base64),
        ] {
            assert_eq!(TransferEncoding::named(name), Ok(encoding));
        }
        assert!(TransferEncoding::named("x-uuencode").is_err());
    }

    /// As the whole decoder does it, except that padding ends the body.
    fn whole_base64(text: &[u8]) -> Option<Vec<u8>> {
        let end = text.iter().position(|octet| *octet == b'=');
        let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
        let count = |octet: &&u8| !b" \t\r\n".contains(octet);
        let ends = rest.iter().filter(count).all(|octet| *octet == b'=');
        let whole = digits.iter().filter(count).count() % 4 != 1;
        (ends && whole).then(|| base64_decode(digits)).flatten()
    }

    proptest! {
        #[test]
        fn base64_is_as_the_whole_decoder(text in "[A-Za-z0-9+/]{0,9}([A-Za-z+ \t\r\n=]{0,9}){0,4}[-!\u{7f}]?", chunk in 1usize..9) {
            let whole = whole_base64(text.as_bytes());
            prop_assert_eq!(decoded(TransferEncoding::Base64, text.as_bytes(), chunk), whole);
        }

        #[test]
        fn base64_comes_back(octets in prop::collection::vec(any::<u8>(), 0..300), chunk in 1usize..99) {
            let text = base64::engine::general_purpose::STANDARD.encode(&octets);
            prop_assert_eq!(decoded(TransferEncoding::Base64, text.as_bytes(), chunk), Some(octets));
        }

        #[test]
        fn quoted_printable_is_as_the_whole_decoder(
            text in prop_oneof!["([=A-Gz0 \t\u{c}\u{e9}]{0,5}\r?(\r\n|=\r\n)?){0,6}", "([=A-Gz0 \t\0]{0,5}(\n|=\n)?){0,6}"],
            chunk in 1usize..9,
        ) {
            let whole = quoted_printable_decode(text.as_bytes());
            prop_assert_eq!(decoded(TransferEncoding::QuotedPrintable, text.as_bytes(), chunk), whole);
        }

        #[test]
        fn any_chunks_mean_the_same(octets in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"=\r\n 4A"[..])], 0..60), chunk in 1usize..9) {
            for encoding in [TransferEncoding::Base64, TransferEncoding::Identity, TransferEncoding::QuotedPrintable] {
                let whole = decoded(encoding, &octets, octets.len().max(1));
                prop_assert_eq!(decoded(encoding, &octets, chunk), whole);
            }
        }
    }
}
