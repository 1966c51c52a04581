//! The reference point between us, a Cell Broadcast Entity, and a Cell Broadcast Centre (CBC). No
//! standard says how they talk; each way is an adapter.
//!
//! ```text
//!  Broadcast ──Adapter::submit──▶ Request ──▶ (your HTTP client) ──▶ CBC
//!  Outcome  ◀──Adapter::outcome── Answer  ◀── (or nothing: Outcome::Unknown)
//! ```
//!
//! | adapter | module | speaks to |
//! |---|---|---|
//! | [`ecbe::Ecbe`] | [`ecbe`] | osmo-cbc 0.5.3: JSON over HTTP |
//! | [`cap::Cap`] | [`cap`] | commercial CBCs: CAP 1.2 over HTTPS |
//!
//! Requests and answers are values. Time-outs, retries and what to do when no answer comes belong
//! to the caller; an answer that proves nothing is [`Outcome::Unknown`], and a request may then
//! only be repeated with the same message identifier and serial number: a fresh one would show the
//! alert twice. No CBC ever tells whether a phone received anything.

pub mod cap;
pub mod ecbe;

mod cause;

use std::num::NonZeroU16;
use std::time::Duration;

use crate::area::{Area, AreaError, AreaKind};
use crate::cap::{CapError, Name, Notice, Timestamp};
use crate::capacity::RepetitionPeriod;
use crate::dcs::{Charset, Dcs};
use crate::etws::{SECURITY_OCTETS, WarningType};
use crate::message_id::MessageId;
use crate::page::Contents;
use crate::serial::SerialNumber;
use crate::text::DecodeError;

pub use cause::Cause;

/// Characters of a reason that are kept.
pub const MAX_REASON_CHARS: usize = 200;
/// Octets of an answer that are looked at.
pub const MAX_ANSWER_BYTES: usize = 64 << 10;

/// What to broadcast, where and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Broadcast {
    /// Areas; at least one.
    pub areas: Vec<Area>,
    /// How often.
    pub broadcasts: Broadcasts,
    /// Precedence over other messages.
    pub category: Category,
    /// Message identifier.
    pub message_id: MessageId,
    /// What the alert is, for centres that want to know. Others ignore it.
    pub notice: Option<Notice>,
    /// What is broadcast.
    pub payload: Payload,
    /// Time between two starts.
    pub period: RepetitionPeriod,
    /// Serial number.
    pub serial: SerialNumber,
    /// How long an ETWS primary notification stays, seconds; `None` is until it is killed.
    pub warning_period_s: Option<u16>,
}

/// Pages, or the warning that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// ETWS primary notification.
    EtwsPrimary {
        /// Warning security information; `None` where the network does not sign.
        security: Option<[u8; SECURITY_OCTETS]>,
        /// Warning type.
        warning_type: WarningType,
    },
    /// Pages.
    Pages {
        /// The pages.
        contents: Contents,
        /// Their data coding scheme.
        dcs: Dcs,
    },
}

/// Number of broadcasts requested (TS 23.041 9.3.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Broadcasts {
    /// So many.
    Count(NonZeroU16),
    /// Until it is killed.
    UntilKilled,
}

/// Category (TS 23.041 9.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Category {
    /// When there is room.
    Background,
    /// As soon as can be.
    HighPriority,
    /// Within its period.
    #[default]
    Normal,
}

/// The identity of a request to centres that number them, and when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Unique among the requests of this sender. A repetition of a request keeps it.
    pub identifier: Name,
    /// When.
    pub sent: Timestamp,
}

/// What names a message that was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Message identifier.
    pub message_id: MessageId,
    /// Serial number.
    pub serial: SerialNumber,
    /// Stamps of all requests about it so far: submission, then updates.
    pub stamps: Vec<Stamp>,
}

/// Method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// DELETE
    Delete,
    /// POST
    Post,
}

/// A request to a CBC.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// The body.
    pub body: Vec<u8>,
    /// Headers beside Host and Content-Length.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Method.
    pub method: Method,
    /// Path, with a leading slash.
    pub path: String,
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Takes a message off the air.
    Cancel,
    /// Puts a new message on the air.
    Submit,
    /// Puts a message in the place of another.
    Update,
}

/// One request of several; the next one is sent only after this one was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What it does.
    pub operation: Operation,
    /// The request.
    pub request: Request,
}

/// An answer from a CBC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The body.
    pub body: &'a [u8],
    /// HTTP status.
    pub status: u16,
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The CBC took the request.
    Accepted {
        /// How much that says.
        certainty: Certainty,
    },
    /// A message with the same key is active already; see [`Key`].
    AlreadyThere,
    /// The CBC knows no such message: it ended, or was never there.
    NotFound,
    /// The CBC did nothing.
    Refused {
        /// Why.
        reason: Refusal,
    },
    /// It may have been done or not.
    Unknown {
        /// Why that is all that can be said.
        doubt: Doubt,
    },
}

/// How much an accepted request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// The CBC stored it, and no part of the network is connected.
    NoPeer,
    /// The CBC took it. Cells may still have refused it.
    Taken,
}

/// Why nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// The answer is about something else, or cannot be read.
    Answer,
    /// No answer came in time.
    NoAnswer,
    /// An HTTP status that does not tell.
    Status(u16),
}

/// Why a CBC refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// Kind of reason.
    pub kind: RefusalKind,
    /// The centre's own words, at most [`MAX_REASON_CHARS`].
    pub text: String,
}

/// Kind of reason for a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// The centre takes no requests just now; nothing was done.
    Busy,
    /// The request cannot be read or has values that the centre does not take.
    Content,
    /// We may not.
    Forbidden,
    /// There is no such service at this path.
    NoSuchResource,
    /// The area is not one the centre knows.
    Scope,
    /// Anything else.
    Other,
}

/// How much of CBEP an adapter can do; data, so that plans can be made before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// How long to wait for an answer at least.
    pub answer_timeout: Duration,
    /// Kinds of areas that it can carry.
    pub areas: &'static [AreaKind],
    /// Charsets that it can carry.
    pub charsets: &'static [Charset],
    /// Whether it can carry ETWS primary notifications.
    pub etws_primary: bool,
    /// What names an active message.
    pub key: Key,
    /// Pages of one message.
    pub max_pages: u8,
    /// Its name.
    pub name: &'static str,
    /// Whether results of cells can be asked for.
    pub status: StatusSource,
    /// How it changes a message.
    pub update: UpdateMode,
}

/// What names an active message at the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// The message identifier alone: one active message for each.
    MessageId,
    /// The identity of the request.
    Stamp,
}

/// Where results of cells come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusSource {
    /// Nowhere.
    None,
    /// The centre's command port, as text.
    Telnet,
}

/// How a centre changes a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpdateMode {
    /// In one request.
    InPlace,
    /// The old one is deleted, then the new one submitted: nothing is on the air in between.
    DeleteAndSubmit,
}

/// A request that an adapter cannot make.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CbepError {
    /// The areas.
    #[error(transparent)]
    Area(#[from] AreaError),
    /// The CAP message.
    #[error(transparent)]
    Cap(#[from] CapError),
    /// The name of this entity cannot be sent.
    #[error("a CBE name is 1 to 64 printable ASCII characters")]
    CbeName,
    /// The charset.
    #[error("{adapter} cannot carry {charset:?} content")]
    Charset {
        /// Name of the adapter.
        adapter: &'static str,
        /// The charset.
        charset: Charset,
    },
    /// ETWS primary notifications.
    #[error("{adapter} cannot carry ETWS primary notifications")]
    EtwsPrimary {
        /// Name of the adapter.
        adapter: &'static str,
    },
    /// A message identifier that nobody may use.
    #[error("message identifier {message_id} cannot be used here")]
    MessageId {
        /// Message identifier.
        message_id: MessageId,
    },
    /// The adapter needs to know what the alert is.
    #[error("{adapter} needs a notice: what the alert is about")]
    NoNotice {
        /// Name of the adapter.
        adapter: &'static str,
    },
    /// The message was never submitted.
    #[error("the message has no stamp of an earlier request")]
    NoStamp,
    /// Pages that are to be sent as text are none.
    #[error(transparent)]
    Text(#[from] DecodeError),
}

/// A way to talk to a CBC.
pub trait Adapter {
    /// What it can do.
    fn capabilities(&self) -> &'static Capabilities;

    /// The request that puts a message on the air.
    fn submit(&self, broadcast: &Broadcast, stamp: &Stamp) -> Result<Request, CbepError>;

    /// The requests that put a message in the place of an earlier one, in their order.
    fn update(
        &self,
        earlier: &Reference,
        broadcast: &Broadcast,
        stamp: &Stamp,
    ) -> Result<Vec<Step>, CbepError>;

    /// The request that takes a message off the air.
    fn cancel(&self, earlier: &Reference, stamp: &Stamp) -> Result<Request, CbepError>;

    /// What an answer means to the request that had this stamp.
    fn outcome(&self, operation: Operation, stamp: &Stamp, answer: Answer<'_>) -> Outcome;
}

impl Broadcast {
    /// What names this message once it was submitted under `stamp`.
    pub fn reference(&self, stamp: Stamp) -> Reference {
        Reference {
            message_id: self.message_id,
            serial: self.serial,
            stamps: vec![stamp],
        }
    }

    /// Checks what every adapter checks.
    fn fits(&self, capabilities: &Capabilities) -> Result<(), CbepError> {
        if !self.message_id.is_settable() {
            return Err(CbepError::MessageId {
                message_id: self.message_id,
            });
        }
        crate::area::carried(capabilities.name, capabilities.areas, &self.areas)?;
        let adapter = capabilities.name;
        match &self.payload {
            Payload::EtwsPrimary { .. } if !capabilities.etws_primary => {
                Err(CbepError::EtwsPrimary { adapter })
            }
            Payload::EtwsPrimary { .. } if !self.message_id.is_etws() => {
                Err(CbepError::MessageId {
                    message_id: self.message_id,
                })
            }
            Payload::EtwsPrimary { .. } => Ok(()),
            Payload::Pages { dcs, .. } => {
                let charset = dcs.coding().charset;
                if capabilities.charsets.contains(&charset) {
                    Ok(())
                } else {
                    Err(CbepError::Charset { adapter, charset })
                }
            }
        }
    }
}

impl Refusal {
    /// A reason in the words of an answer.
    fn new(kind: RefusalKind, body: &[u8]) -> Self {
        let body = body.get(..MAX_ANSWER_BYTES).unwrap_or(body);
        let text = String::from_utf8_lossy(body);
        let printable = text
            .trim()
            .chars()
            .filter(|character| !character.is_control());
        Self {
            kind,
            text: printable.take(MAX_REASON_CHARS).collect(),
        }
    }
}

impl Outcome {
    /// What an HTTP status means that has no meaning of its own to an adapter.
    ///
    /// Nothing was done on a 4xx; a 408 or a 5xx may come after the request was passed on.
    fn of_status(answer: Answer<'_>) -> Self {
        let kind = match answer.status {
            401 | 403 => RefusalKind::Forbidden,
            404 | 405 => RefusalKind::NoSuchResource,
            400 | 413 | 415 | 422 => RefusalKind::Content,
            429 => RefusalKind::Busy,
            408 => {
                return Self::Unknown {
                    doubt: Doubt::Status(answer.status),
                };
            }
            400..=499 => RefusalKind::Other,
            status => {
                return Self::Unknown {
                    doubt: Doubt::Status(status),
                };
            }
        };
        Self::Refused {
            reason: Refusal::new(kind, answer.body),
        }
    }
}
