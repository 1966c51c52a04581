//! What osmo-cbc's command port tells about messages and cells: the text of `show messages cbs` and
//! `show message id N`, with or without prompts and echoes around it. [`Details`] are also written
//! in this form, for simulators.

mod write;

use crate::area::Cgi;
use crate::cbep::Cause;
use crate::dcs::Dcs;
use crate::message_id::MessageId;
use crate::serial::SerialNumber;

/// Port of the command line.
pub const DEFAULT_PORT: u16 = 4264;
/// Octets of text that are read.
pub const MAX_TEXT_BYTES: usize = 4 << 20;
/// Peers and cells of all messages together: what CBSP can name.
pub const MAX_CELLS: usize = 65_536;
/// Messages: one for each identifier.
pub const MAX_MESSAGES: usize = 65_536;
/// Characters of a name or state that are kept.
const MAX_WORD_CHARS: usize = 128;

/// Text that is too long, or not in the form that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VtyError {
    /// More of something than is accepted.
    #[error("more than {max} {of}")]
    Limit {
        /// What is counted.
        of: &'static str,
        /// The bound.
        max: usize,
    },
    /// A line that starts like a known one and goes on otherwise.
    #[error("line {line} is not in the form that is known")]
    Line {
        /// Number of the line, from 1.
        line: usize,
    },
}

/// Everything that a text told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// Details of messages, of `show message id N`.
    pub details: Vec<Details>,
    /// Rows of `show messages cbs`.
    pub rows: Vec<Row>,
    /// Identifiers that the server does not know.
    pub unknown: Vec<MessageId>,
}

/// A row of the list of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Name of the client.
    pub cbe_name: String,
    /// Data coding scheme.
    pub dcs: Dcs,
    /// Whether the message is still active. Versions of the server that do not tell list only
    /// active ones first.
    pub is_active: Option<bool>,
    /// Message identifier.
    pub message_id: MessageId,
    /// Repetition period, slots.
    pub period_slots: u16,
    /// Serial number.
    pub serial: SerialNumber,
}

/// What is known about one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Number of broadcasts asked for.
    pub broadcasts: Option<u16>,
    /// Message identifier.
    pub message_id: MessageId,
    /// Repetition period, slots.
    pub period_slots: Option<u16>,
    /// What each peer said.
    pub peers: Vec<Peer>,
    /// Serial number.
    pub serial: SerialNumber,
    /// State of the message, such as `ACTIVE`.
    pub state: String,
}

/// What a base station controller or MME said about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Cells that finished broadcasts.
    pub completed: Vec<Completed>,
    /// Cells that refused.
    pub failed: Vec<Failed>,
    /// Cells that took the message.
    pub installed: Vec<Cell>,
    /// Its name.
    pub name: String,
    /// State of the message there, such as `ACTIVE`.
    pub state: String,
}

/// A cell, or what stands for several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// A cell of GSM.
    Cgi(Cgi),
    /// Another form, as it was shown.
    Other(String),
}

/// A cell that refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Why.
    pub cause: Cause,
    /// The cell.
    pub cell: Cell,
}

/// How often a cell broadcast a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// The cell.
    pub cell: Cell,
    /// How often.
    pub count: u16,
    /// Whether the count is right (TS 48.049).
    pub validity: Validity,
}

/// Whether a count is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Validity {
    /// It is.
    Valid,
    /// It stopped at its highest value.
    Overflown,
    /// Nobody knows.
    Undefined,
}

/// Which list of cells the next lines belong to.
#[derive(Clone, Copy)]
enum Section {
    Completed,
    Failed,
    Installed,
    None,
}

impl Shown {
    /// Reads a text. Lines that say nothing of the above are passed over.
    pub fn read(text: &str) -> Result<Self, VtyError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(VtyError::Limit {
                of: "octets of text",
                max: MAX_TEXT_BYTES,
            });
        }
        let mut reader = LineReader {
            shown: Self::default(),
            section: Section::None,
            cells: 0,
        };
        for (number, line) in (1..).zip(text.lines()) {
            reader
                .line(line)
                .ok_or(VtyError::Line { line: number })
                .and_then(|()| reader.within())?;
        }
        Ok(reader.shown)
    }

    /// The newest details of a message with this identifier and serial number.
    pub fn details_of(&self, message_id: MessageId, serial: SerialNumber) -> Option<&Details> {
        let mut details = self.details.iter().rev();
        details.find(|one| (one.message_id, one.serial) == (message_id, serial))
    }
}

struct LineReader {
    shown: Shown,
    section: Section,
    cells: usize,
}

impl LineReader {
    fn within(&self) -> Result<(), VtyError> {
        let Shown {
            details,
            rows,
            unknown,
        } = &self.shown;
        if self.cells > MAX_CELLS {
            return Err(VtyError::Limit {
                of: "cells",
                max: MAX_CELLS,
            });
        }
        if details.len().max(rows.len()).max(unknown.len()) > MAX_MESSAGES {
            return Err(VtyError::Limit {
                of: "messages",
                max: MAX_MESSAGES,
            });
        }
        Ok(())
    }

    /// Takes a line; `None` if it starts like a known one and goes on otherwise.
    fn line(&mut self, line: &str) -> Option<()> {
        let content = line.trim();
        if let Some(rest) = content.strip_prefix("Message ID ") {
            self.shown.details.push(details(rest)?);
            self.section = Section::None;
        } else if let Some(row) = content.strip_prefix("| ") {
            self.shown.rows.extend(row_of(row));
        } else if let Some(id) = content.strip_prefix("Unknown Messsage ID ") {
            self.shown.unknown.push(MessageId(id.parse().ok()?));
        } else if let Some(details) = self.shown.details.last_mut() {
            self.cells += detail(details, &mut self.section, content)?;
        }
        Some(())
    }
}

/// `0399, Serial Number 4030, State: ACTIVE`
fn details(rest: &str) -> Option<Details> {
    let (id, rest) = rest.split_once(", Serial Number ")?;
    let (serial, state) = rest.split_once(", State: ")?;
    Some(Details {
        broadcasts: None,
        message_id: MessageId(hex16(id)?),
        period_slots: None,
        peers: Vec::new(),
        serial: SerialNumber(hex16(serial)?),
        state: word(state),
    })
}

/// ` 0398| 4020|pushcast            |Normal       |  30  |N| 01|created|active              |`, of
/// which older versions leave out the last two. Rows of ETWS messages have no scheme and are left
/// out.
fn row_of(row: &str) -> Option<Row> {
    let mut fields = row.split('|').map(str::trim);
    let message_id = MessageId(hex16(fields.next()?)?);
    let serial = SerialNumber(hex16(fields.next()?)?);
    let cbe_name = word(fields.next()?);
    let _category = fields.next()?;
    let period_slots = fields.next()?.parse().ok()?;
    let _channel = fields.next()?;
    let dcs = fields.next().filter(|dcs| dcs.len() == 2)?;
    let _created = fields.next();
    Some(Row {
        cbe_name,
        dcs: Dcs(u8::from_str_radix(dcs, 16).ok()?),
        is_active: match fields.next() {
            None | Some("") => None,
            Some(expired) => Some(expired == "active"),
        },
        message_id,
        period_slots,
        serial,
    })
}

/// Takes a line about a message; gives the number of peers and cells that it named.
fn detail(details: &mut Details, section: &mut Section, content: &str) -> Option<usize> {
    if let Some(rest) = content.strip_prefix("Repetition Period: ") {
        // `30 (56.49s), Number of broadcasts: 2`
        let (period, rest) = rest.split_once(" (")?;
        let (_, count) = rest.split_once("), Number of broadcasts: ")?;
        details.period_slots = Some(period.parse().ok()?);
        details.broadcasts = Some(count.parse().ok()?);
        return Some(0);
    }
    if let Some(rest) = content.strip_prefix("Peer: '") {
        let (name, state) = rest.split_once("', State: ")?;
        details.peers.push(Peer {
            completed: Vec::new(),
            failed: Vec::new(),
            installed: Vec::new(),
            name: word(name),
            state: word(state),
        });
        *section = Section::None;
        return Some(1);
    }
    *section = match content {
        "Cells Installed:" => Section::Installed,
        "Cells Failed:" => Section::Failed,
        "Number of Broadcasts Completed:" => Section::Completed,
        _ => {
            let peer = details.peers.last_mut();
            // `<invalid>` is a cell; everything else with this sign is a prompt.
            let is_prompt =
                content.is_empty() || content.contains('>') && !content.starts_with('<');
            return match peer.filter(|_| !is_prompt) {
                Some(peer) => cell(peer, *section, content),
                None => {
                    if is_prompt {
                        *section = Section::None;
                    }
                    Some(0)
                }
            };
        }
    };
    Some(0)
}

/// A cell below the heading of its list.
fn cell(peer: &mut Peer, section: Section, content: &str) -> Option<usize> {
    match section {
        Section::None => return Some(0),
        Section::Installed => peer.installed.push(Cell::of(content)),
        Section::Failed => {
            // `CGI 001-01-1-6969 (cause=6)`
            let (cell, cause) = content.strip_suffix(')')?.rsplit_once(" (cause=")?;
            peer.failed.push(Failed {
                cause: Cause(cause.parse().ok()?),
                cell: Cell::of(cell),
            });
        }
        Section::Completed => {
            // `CGI 001-01-1-6969 (12/0)`
            let (cell, numbers) = content.strip_suffix(')')?.rsplit_once(" (")?;
            let (count, info) = numbers.split_once('/')?;
            peer.completed.push(Completed {
                cell: Cell::of(cell),
                count: count.parse().ok()?,
                validity: match info {
                    "0" => Validity::Valid,
                    "1" => Validity::Overflown,
                    _ => Validity::Undefined,
                },
            });
        }
    }
    Some(1)
}

impl Cell {
    fn of(text: &str) -> Self {
        let cgi = text.strip_prefix("CGI ").and_then(|cgi| cgi.parse().ok());
        cgi.map_or_else(|| Self::Other(word(text)), Self::Cgi)
    }
}

fn hex16(text: &str) -> Option<u16> {
    let is_hex = text.bytes().all(|octet| octet.is_ascii_hexdigit());
    u16::from_str_radix(text, 16).ok().filter(|_| is_hex)
}

fn word(text: &str) -> String {
    text.trim().chars().take(MAX_WORD_CHARS).collect()
}

#[cfg(test)]
mod tests;
