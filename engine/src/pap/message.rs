//! Requests as values: what the elements of the DTD mean (PAP 8).
//!
//! An [`Operation`] asks for something, a [`Response`](super::response::Response) is the one answer
//! to it. A gateway reads the operations of PIs and writes `resultnotification-message`; a PI does
//! the reverse. Both are read and written here, so that the client and the tests share the types.

use crate::model::address::{Address, AddressError};
use crate::model::delivery::MessageState;
use crate::model::ids::PushId;
use crate::model::submission::{PapVersion, QualityOfService};

use super::status::Code;
use super::version::{Envelope, VersionPattern};

/// Most addresses of one message: one push-response has to name the bad ones.
pub const MAX_ADDRESSES: usize = 1000;
/// A request as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Version of the document.
    pub version: PapVersion,
    /// Versions that the sender supports, most preferred first, if it said so.
    pub pi_versions: Option<Vec<VersionPattern>>,
    /// The software that made it.
    pub product_name: Option<String>,
    /// What is asked.
    pub operation: Operation,
}

impl Request {
    /// How to dress the answer.
    pub fn envelope(&self) -> Envelope {
        Envelope::answering(self.version, self.pi_versions.as_deref())
    }
}

/// What is asked of the receiver (PAP 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// cancel-message.
    Cancel(Cancel),
    /// ccq-message.
    Ccq(Ccq),
    /// push-message.
    Push(PushMessage),
    /// resultnotification-message, from gateway to PI.
    ResultNotification(ResultNotification),
    /// statusquery-message.
    StatusQuery(StatusQuery),
}

/// The operations by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// cancel-message.
    Cancel,
    /// ccq-message.
    Ccq,
    /// push-message.
    Push,
    /// resultnotification-message.
    ResultNotification,
    /// statusquery-message.
    StatusQuery,
}

/// An address as it stands in a request. A bad one spoils its message's meaning, not its form: the
/// answer is 2002 under the push-id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    raw: String,
    parsed: Result<Address, AddressError>,
}

impl Recipient {
    /// The text as written, to be quoted back.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// What it means.
    pub const fn address(&self) -> Result<&Address, &AddressError> {
        self.parsed.as_ref()
    }

    /// Gives up the text.
    pub fn into_address(self) -> Result<Address, AddressError> {
        self.parsed
    }
}

impl From<&str> for Recipient {
    fn from(raw: &str) -> Self {
        Self {
            raw: raw.to_owned(),
            parsed: raw.parse(),
        }
    }
}

impl From<Address> for Recipient {
    fn from(address: Address) -> Self {
        Self {
            raw: address.raw().to_owned(),
            parsed: Ok(address),
        }
    }
}

/// Which recipients a replacement reaches (PAP 8.2 `replace-method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ReplaceMethod {
    /// Every one listed.
    #[default]
    All,
    /// Those whose old push could be cancelled.
    PendingOnly,
}

/// What a push takes the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The old push.
    pub push_id: PushId,
    /// Whom the new one reaches.
    pub method: ReplaceMethod,
}

/// push-message (PAP 8.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushMessage {
    /// The PI's key.
    pub push_id: PushId,
    /// What it replaces.
    pub replaces: Option<Replacement>,
    /// Never send content after that.
    pub deliver_before_ms: Option<u64>,
    /// Never send before that.
    pub deliver_after_ms: Option<u64>,
    /// Who stands behind the message.
    pub source_reference: Option<String>,
    /// Where result notifications go; its presence asks for them.
    pub notify_url: Option<String>,
    /// Progress notes wanted in the answer.
    pub progress_notes: bool,
    /// At least one.
    pub addresses: Vec<Recipient>,
    /// The element, if it was there.
    pub quality_of_service: Option<QualityOfService>,
}

/// cancel-message (PAP 8.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    /// Which push.
    pub push_id: PushId,
    /// For whom; empty means all.
    pub addresses: Vec<Recipient>,
}

/// statusquery-message (PAP 8.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusQuery {
    /// Which push.
    pub push_id: PushId,
    /// For whom; empty means all.
    pub addresses: Vec<Recipient>,
}

/// ccq-message (PAP 8.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ccq {
    /// The PI's key.
    pub query_id: Option<String>,
    /// For which application.
    pub app_id: Option<String>,
    /// Of which client.
    pub address: Recipient,
}

/// resultnotification-message (PAP 8.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultNotification {
    /// The PI's key.
    pub push_id: PushId,
    /// The address that the submission was posted to.
    pub sender_address: Option<String>,
    /// The gateway's name.
    pub sender_name: Option<String>,
    /// When the submission arrived.
    pub received_ms: Option<u64>,
    /// When it came to this.
    pub event_ms: Option<u64>,
    /// What it came to.
    pub state: MessageState,
    /// The code that goes with it.
    pub code: Code,
    /// One sentence for people.
    pub desc: Option<String>,
    /// The address exactly as the PI wrote it.
    pub address: String,
    /// What was used.
    pub quality_of_service: Option<QualityOfService>,
}
