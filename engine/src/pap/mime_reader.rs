//! Reads a PAP message while its body arrives, in chunks of any size.
//!
//! ```text
//!  chunk ─▶ buffer ─▶ Scanner ─┬─ delimiter ─▶ next part
//!                              └─ data ─▶ header block │ Decoder ─▶ control │ sink │ capabilities
//! ```
//!
//! The reader is pushed and knows no socket: the endpoint awaits chunks, and a whole body in memory
//! is one chunk. Control and capabilities entity are held, each up to its limit; the content entity
//! goes to the sink and is never held, so that memory does not grow with the body.
//!
//! The first error of the sender is remembered and what comes after it dropped: the answer is given
//! when the body is over, under the push-id if the control entity was whole before. An error of the
//! sink is given at once; there is nothing to be done with a reader after it.

use std::io::{self, Write};

use super::error::quoted;
use super::mime::{Entity, Framing, MAX_CAPABILITIES_BYTES, Message, MimeError, Unreadable, XML};
use super::mime_part::{HeaderBlock, MediaType, PartHeaders};
use super::mime_scan::{Input, Scanner, Step};
use super::mime_transfer::{Decoder, Failure, TransferEncoding};
use super::xml_tree::MAX_CONTROL_BYTES;

/// Octets looked at together: more of a chunk than that is not copied before it is used.
const PIECE_BYTES: usize = 16 * 1024;

/// A message on its way in. `W` takes the content entity.
#[derive(Debug)]
pub struct Reader<W> {
    /// Finds delimiters; a bare document has none.
    scanner: Option<Scanner>,
    /// At most one piece and one possible delimiter line.
    buffer: Vec<u8>,
    place: Place<W>,
    sink: Option<W>,
    control: Option<Vec<u8>>,
    content: Option<Entity<W>>,
    capabilities: Option<Entity>,
    error: Option<MimeError>,
}

/// Where in the body the reader is.
#[derive(Debug)]
enum Place<W> {
    /// Before the first delimiter.
    Preamble,
    /// In the header block of the next entity.
    Head(HeaderBlock),
    Control(Decoder, Vec<u8>),
    Content(Decoder, Entity<W>),
    Capabilities(Decoder, Entity),
    /// After the closing delimiter, or after an error.
    Over,
}

impl<W: Write> Reader<W> {
    /// At the start of a body with that HTTP Content-Type.
    pub fn new(content_type: &str, sink: W) -> Self {
        let (scanner, place, error) = match Framing::read(content_type) {
            Ok(Framing::Control) => {
                let decoder = TransferEncoding::Identity.decoder();
                (None, Place::Control(decoder, Vec::new()), None)
            }
            Ok(Framing::Related { boundary }) => {
                (Some(Scanner::new(&boundary)), Place::Preamble, None)
            }
            Err(error) => (None, Place::Over, Some(error)),
        };
        Self {
            scanner,
            buffer: Vec::new(),
            place,
            sink: Some(sink),
            control: None,
            content: None,
            capabilities: None,
            error,
        }
    }

    /// Takes the next octets of the body. An error is the sink's.
    pub fn push(&mut self, chunk: &[u8]) -> io::Result<()> {
        for piece in chunk.chunks(PIECE_BYTES) {
            if self.is_over() {
                break;
            }
            self.buffer.extend_from_slice(piece);
            self.advance(Input::Partial)?;
        }
        Ok(())
    }

    /// The message, at the end of the body. An outer error is the sink's.
    pub fn finish(mut self) -> io::Result<Result<Message<W>, Unreadable>> {
        if !self.is_over() {
            self.advance(Input::Complete)?;
        }
        if !self.is_over() {
            let outcome = match self.scanner {
                Some(_) => Err(MimeError::Unclosed.into()),
                None => self.end_part(),
            };
            self.remember(outcome)?;
        }
        Ok(match (self.error, self.control) {
            (None, Some(control)) => Ok(Message {
                control,
                content: self.content,
                capabilities: self.capabilities,
            }),
            (error, control) => Err(Unreadable {
                error: error.unwrap_or(MimeError::NoParts),
                control,
            }),
        })
    }

    const fn is_over(&self) -> bool {
        matches!(self.place, Place::Over)
    }

    /// Uses what can be used of the buffer.
    fn advance(&mut self, input: Input) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut used = 0;
        let mut outcome = Ok(());
        while outcome.is_ok() && !self.is_over() {
            let step = match &mut self.scanner {
                Some(scanner) => scanner.step(&buffer[used..], input),
                None if used == buffer.len() => Step::More,
                None => Step::Data(buffer.len() - used),
            };
            let (octets, done) = match step {
                Step::Data(octets) => (octets, self.data(&buffer[used..used + octets])),
                Step::Delimiter { octets, close } => (octets, self.delimiter(close)),
                Step::More => break,
            };
            used += octets;
            outcome = done;
        }
        buffer.drain(..used);
        self.buffer = buffer;
        self.remember(outcome)
    }

    fn remember(&mut self, outcome: Result<(), Failure>) -> io::Result<()> {
        match outcome {
            Ok(()) => Ok(()),
            Err(Failure::Mime(error)) => {
                self.error = Some(error);
                self.place = Place::Over;
                Ok(())
            }
            Err(Failure::Sink(error)) => Err(error),
        }
    }

    /// Octets of the preamble or of a part.
    fn data(&mut self, octets: &[u8]) -> Result<(), Failure> {
        match &mut self.place {
            Place::Preamble | Place::Over => Ok(()),
            Place::Head(block) => match block.push(octets)? {
                None => Ok(()),
                Some(end) => {
                    self.open_body()?;
                    self.data(&octets[end..])
                }
            },
            Place::Control(decoder, control) => {
                decoder.push(octets, control)?;
                Ok(within_control(control)?)
            }
            Place::Content(decoder, entity) => decoder.push(octets, &mut entity.body),
            Place::Capabilities(decoder, entity) => {
                decoder.push(octets, &mut entity.body)?;
                Ok(within_capabilities(&entity.body)?)
            }
        }
    }

    fn delimiter(&mut self, close: bool) -> Result<(), Failure> {
        self.end_part()?;
        self.place = match close {
            true => Place::Over,
            false if self.capabilities.is_some() => return Err(MimeError::Parts.into()),
            false => Place::Head(HeaderBlock::default()),
        };
        Ok(())
    }

    /// From the header block of an entity to its body.
    fn open_body(&mut self) -> Result<(), Failure> {
        let Place::Head(block) = &self.place else {
            return Ok(());
        };
        let (headers, _) = PartHeaders::read(block.octets())?;
        let decoder = headers.encoding.decoder();
        self.place = if self.control.is_none() {
            of_control(&headers)?;
            Place::Control(decoder, Vec::new())
        } else if let Some(sink) = self.sink.take() {
            Place::Content(decoder, headers.entity(sink)?)
        } else {
            Place::Capabilities(decoder, headers.entity(Vec::new())?)
        };
        Ok(())
    }

    fn end_part(&mut self) -> Result<(), Failure> {
        // A part without an empty line is all header.
        self.open_body()?;
        match std::mem::replace(&mut self.place, Place::Over) {
            Place::Preamble | Place::Head(_) | Place::Over => {}
            Place::Control(decoder, mut control) => {
                decoder.finish(&mut control)?;
                within_control(&control)?;
                self.control = Some(control);
            }
            Place::Content(decoder, mut entity) => {
                decoder.finish(&mut entity.body)?;
                self.content = Some(entity);
            }
            Place::Capabilities(decoder, mut entity) => {
                decoder.finish(&mut entity.body)?;
                within_capabilities(&entity.body)?;
                self.capabilities = Some(entity);
            }
        }
        Ok(())
    }
}

fn within_control(control: &[u8]) -> Result<(), MimeError> {
    match control.len() > MAX_CONTROL_BYTES {
        true => Err(MimeError::ControlBytes),
        false => Ok(()),
    }
}

fn within_capabilities(capabilities: &[u8]) -> Result<(), MimeError> {
    match capabilities.len() > MAX_CAPABILITIES_BYTES {
        true => Err(MimeError::CapabilitiesBytes),
        false => Ok(()),
    }
}

/// A control entity is XML, or does not say what it is.
fn of_control(headers: &PartHeaders) -> Result<(), MimeError> {
    let Some(text) = &headers.content_type else {
        return Ok(());
    };
    let media_type =
        MediaType::read(text).ok_or_else(|| MimeError::ContentType { text: quoted(text) })?;
    match XML.contains(&media_type.essence.as_str()) {
        true => Ok(()),
        false => Err(MimeError::ControlType {
            essence: quoted(&media_type.essence),
        }),
    }
}

#[cfg(test)]
mod tests;
