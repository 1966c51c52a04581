//! Answers as values: one to every request, whatever the number of its addresses (PAP 5 and 8).

use crate::model::delivery::MessageState;
use crate::model::ids::PushId;
use crate::model::submission::QualityOfService;

use super::status::Code;

/// The one answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// badmessage-response.
    BadMessage(BadMessage),
    /// cancel-response.
    Cancel(CancelResponse),
    /// ccq-response.
    Ccq(CcqResponse),
    /// push-response.
    Push(PushResponse),
    /// resultnotification-response, from PI to gateway.
    ResultNotification(ResultNotificationResponse),
    /// statusquery-response.
    StatusQuery(StatusQueryResponse),
}

/// badmessage-response (PAP 8.12): the request could not be recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadMessage {
    /// 2000 or 3002.
    pub code: Code,
    /// One sentence for people.
    pub desc: Option<String>,
    /// A part of the request; written up to
    /// [`MAX_FRAGMENT_CHARS`](super::xml_write::MAX_FRAGMENT_CHARS) characters.
    pub fragment: Option<String>,
}

/// push-response (PAP 8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushResponse {
    /// The PI's key.
    pub push_id: PushId,
    /// The address that the submission was posted to.
    pub sender_address: Option<String>,
    /// The gateway's name.
    pub sender_name: Option<String>,
    /// When it answered.
    pub reply_ms: Option<u64>,
    /// Only if asked for, in the order of processing.
    pub progress_notes: Vec<ProgressNote>,
    /// Code of the response-result.
    pub code: Code,
    /// One sentence for people.
    pub desc: Option<String>,
}

impl PushResponse {
    /// The bare verdict.
    pub fn new(push_id: PushId, code: impl Into<Code>, desc: impl Into<String>) -> Self {
        Self {
            push_id,
            sender_address: None,
            sender_name: None,
            reply_ms: None,
            progress_notes: Vec::new(),
            code: code.into(),
            desc: Some(desc.into()),
        }
    }
}

/// progress-note (PAP 8.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressNote {
    /// What was done.
    pub stage: String,
    /// How it went.
    pub note: Option<String>,
    /// When.
    pub time_ms: Option<u64>,
}

/// cancel-response (PAP 8.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelResponse {
    /// The PI's key.
    pub push_id: PushId,
    /// At least one.
    pub results: Vec<CancelResult>,
}

/// cancel-result: what became of it for some addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelResult {
    /// The verdict.
    pub code: Code,
    /// One sentence for people.
    pub desc: Option<String>,
    /// As the PI wrote them; empty means all.
    pub addresses: Vec<String>,
}

/// statusquery-response (PAP 8.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusQueryResponse {
    /// The PI's key.
    pub push_id: PushId,
    /// At least one.
    pub results: Vec<StatusResult>,
}

/// statusquery-result: one state and the addresses in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusResult {
    /// When the state was entered.
    pub event_ms: Option<u64>,
    /// The state.
    pub state: MessageState,
    /// The code that goes with it.
    pub code: Code,
    /// One sentence for people.
    pub desc: Option<String>,
    /// As the PI wrote them; empty means all.
    pub addresses: Vec<String>,
    /// What was used.
    pub quality_of_service: Option<QualityOfService>,
}

/// ccq-response (PAP 8.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CcqResponse {
    /// The PI's key.
    pub query_id: Option<String>,
    /// The verdict.
    pub code: Code,
    /// One sentence for people.
    pub desc: Option<String>,
    /// As the PI wrote it.
    pub address: String,
}

/// resultnotification-response (PAP 8.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultNotificationResponse {
    /// The PI's key.
    pub push_id: PushId,
    /// The verdict.
    pub code: Code,
    /// One sentence for people.
    pub desc: Option<String>,
    /// As the PI wrote it.
    pub address: String,
}
