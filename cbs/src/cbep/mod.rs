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

mod broadcast;
mod capabilities;
mod cause;
mod cells;
mod outcome;
mod request;

use crate::area::AreaError;
use crate::cap::{CapError, Status};
use crate::dcs::Charset;
use crate::message_id::MessageId;
use crate::text::DecodeError;

pub use broadcast::{Broadcast, Broadcasts, Category, Payload, Reference, Stamp};
pub use capabilities::{Capabilities, Key, StatusSource, UpdateMode};
pub use cause::Cause;
pub use cells::Cells;
pub use outcome::{
    Certainty, Doubt, MAX_ANSWER_BYTES, MAX_REASON_CHARS, Outcome, Refusal, RefusalKind,
};
pub use request::{Answer, Method, Operation, Request, Step};

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
    /// The status of the notice and the message identifier contradict each other.
    #[error("message identifier {message_id} does not go with status {}", status.as_str())]
    Mixed {
        /// Message identifier.
        message_id: MessageId,
        /// Status of the notice.
        status: Status,
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

    /// The line that asks the centre's command port what cells said about a message; `None` if
    /// there is no such port.
    fn status_command(&self, earlier: &Reference) -> Option<String>;

    /// What an answer means to the request that had this stamp.
    fn outcome(&self, operation: Operation, stamp: &Stamp, answer: Answer<'_>) -> Outcome;
}
