//! One address of a submission and what became of it.
//!
//! ```text
//!             ┌──▶ delivered      every channel its group demands is transmitted
//!  pending ───┼──▶ undeliverable  a required channel failed for good
//!             ├──▶ expired        deliver-before passed first
//!             ├──▶ timeout        the outcome was still unknown at the end of the window
//!             ├──▶ cancelled      withdrawn before the first octet, or stopped
//!             ├──▶ rejected       refused after acceptance
//!             └──▶ aborted        the client gave up (never point to multipoint)
//! ```
//! Every state but `pending` is final. `unknown` is only ever said of pushes that are not here.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::channel::Bearer;
use super::ids::{DeliveryId, SubmissionId};
use super::status::StatusCode;

/// `message-state` (PAP 8.6): what a PI may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// Refused after acceptance.
    Rejected,
    /// Queued or being sent.
    Pending,
    /// Transmitted on every channel demanded.
    Delivered,
    /// It cannot be delivered.
    Undeliverable,
    /// The window closed first.
    Expired,
    /// The client gave up.
    Aborted,
    /// No outcome in time.
    Timeout,
    /// Withdrawn.
    Cancelled,
    /// No such push.
    Unknown,
}

impl MessageState {
    /// Every state, in the order of the DTD.
    pub const ALL: &[Self] = &[
        Self::Rejected,
        Self::Pending,
        Self::Delivered,
        Self::Undeliverable,
        Self::Expired,
        Self::Aborted,
        Self::Timeout,
        Self::Cancelled,
        Self::Unknown,
    ];

    /// PAP spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Undeliverable => "undeliverable",
            Self::Expired => "expired",
            Self::Aborted => "aborted",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// Reads PAP spelling.
    pub fn from_pap(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.as_str() == text)
    }

    /// Nothing changes it any more.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Pending)
    }
}

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// A final state.
    pub state: MessageState,
    /// The PAP code that goes with it.
    pub code: StatusCode,
    /// One sentence for people.
    pub desc: String,
    /// When it happened.
    pub event_ms: u64,
    /// The bearer that carried it, if one did.
    pub bearer: Option<Bearer>,
}

/// One address of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Our key.
    pub id: DeliveryId,
    /// Whose part it is.
    pub submission_id: SubmissionId,
    /// As the PI wrote it.
    pub address: Address,
    /// Present state.
    pub state: MessageState,
    /// Code of the state; 1000 while pending.
    pub code: StatusCode,
    /// One sentence for people.
    pub desc: String,
    /// When the state was entered.
    pub event_ms: u64,
    /// The bearer used.
    pub bearer: Option<Bearer>,
}

impl Delivery {
    /// The first outcome wins: a final state is never left.
    pub fn conclude(&mut self, outcome: Outcome) -> bool {
        if self.state.is_final() {
            return false;
        }
        self.state = outcome.state;
        self.code = outcome.code;
        self.desc = outcome.desc;
        self.event_ms = outcome.event_ms;
        self.bearer = outcome.bearer.or(self.bearer);
        true
    }
}
