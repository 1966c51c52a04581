//! ECBE, the REST interface of osmo-cbc 0.5.3: `POST /message`, `DELETE /message/ID`.
//!
//! What an answer is worth:
//!
//! * 201 comes at once, also when every cell refuses; it proves nothing about the air.
//! * 200 with an empty body comes after 15 s when no peer is known.
//! * 409 looks at the message identifier alone: one active message for each.
//! * Some requests never get an answer and are carried out nevertheless. Do not repeat them before
//!   [`vty`] shows that they were not.
//!
//! Pages are always sent encoded and 82 octets long: the server's own encoder is wrong from the
//! second page on, and it fills up short pages with at signs. There is no change in place: the old
//! message is deleted, then the new one posted. Only [`vty`] tells about cells.
//!
//! [`server`] is the other side, for simulators and tests.

pub mod server;
pub mod vty;

mod wire;

use std::time::Duration;

use super::{
    Adapter, Answer, Broadcast, Broadcasts, Capabilities, CbepError, Certainty, Key, Method,
    Operation, Outcome, Payload, Reference, Refusal, RefusalKind, Request, Stamp, StatusSource,
    Step, UpdateMode,
};
use crate::area::AreaKind;
use crate::dcs::Charset;
use crate::page::MAX_PAGES;

/// Port that osmo-cbc listens on.
pub const DEFAULT_PORT: u16 = 12_345;
/// Octets of the name of this entity.
pub const MAX_CBE_NAME_BYTES: usize = 64;

const COLLECTION: &str = "/api/ecbe/v1/message";
/// The server answers after 10 s when a peer is silent, and after 15 s when there is none.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(16);
/// Base stations take 0, until killed, for done; the highest count lasts 34 hours or longer.
const UNTIL_KILLED: u16 = u16::MAX;

/// What such a centre can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    answer_timeout: ANSWER_TIMEOUT,
    areas: &[AreaKind::PlmnWide],
    charsets: &[Charset::EightBit, Charset::Gsm7, Charset::Ucs2],
    etws_primary: true,
    key: Key::MessageId,
    max_pages: MAX_PAGES as u8,
    name: "ECBE",
    status: StatusSource::Telnet,
    update: UpdateMode::DeleteAndSubmit,
};

/// Bodies that tell why a request was refused, or that there is no such message.
mod words {
    pub(super) const CANNOT_ALLOCATE: &str = "Could not allocate";
    pub(super) const CBE_NAME: &str = "CBCMSG 'cbe_name' is mandatory";
    pub(super) const CREATED: &str = "Created";
    pub(super) const NO_JSON: &str = "REST: No JSON Body";
    pub(super) const NO_RESOURCE: &str = "Resource not found";
    pub(super) const OK: &str = "OK";
    pub(super) const PAGES: &str = "'pages' array size out of range";
    pub(super) const PAGE_LENGTH: &str =
        "'pages' actual data array must contain strings up to 82 hex nibbles";
    pub(super) const PERIOD: &str = "CBCMSG 'repetiton_period' is mandatory";
    pub(super) const SCOPE: &str = "CBCMSG only 'scope_plmn' supported";
    pub(super) const UNKNOWN_ID: &str = "Unknown message ID";
    pub(super) const UPDATE_NUMBER: &str = "'update_nr' is out of range";
}

/// The client side.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ecbe {
    cbe_name: String,
}

impl Ecbe {
    /// A client that calls itself `cbe_name`: 1 to [`MAX_CBE_NAME_BYTES`] printable ASCII
    /// characters.
    pub fn new(cbe_name: &str) -> Result<Self, CbepError> {
        let is_printable = cbe_name.bytes().all(|octet| matches!(octet, b' '..=b'~'));
        if is_printable && (1..=MAX_CBE_NAME_BYTES).contains(&cbe_name.len()) {
            Ok(Self {
                cbe_name: cbe_name.to_owned(),
            })
        } else {
            Err(CbepError::CbeName)
        }
    }

    fn delete(earlier: &Reference) -> Request {
        Request {
            body: Vec::new(),
            headers: Vec::new(),
            method: Method::Delete,
            path: format!("{COLLECTION}/{}", earlier.message_id),
        }
    }
}

impl Adapter for Ecbe {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn submit(&self, broadcast: &Broadcast, _stamp: &Stamp) -> Result<Request, CbepError> {
        broadcast.fits(&CAPABILITIES)?;
        let message = server::Create {
            broadcasts: match broadcast.broadcasts {
                Broadcasts::Count(count) => count.get(),
                Broadcasts::UntilKilled => UNTIL_KILLED,
            },
            category: broadcast.category,
            cbe_name: self.cbe_name.clone(),
            message_id: broadcast.message_id,
            payload: match &broadcast.payload {
                Payload::EtwsPrimary {
                    security,
                    warning_type,
                } => server::Content::EtwsPrimary {
                    security: *security,
                    warning_type: *warning_type,
                },
                Payload::Pages { contents, dcs } => server::Content::Pages {
                    contents: contents.clone(),
                    dcs: *dcs,
                },
            },
            period_slots: broadcast.period.slots(),
            serial: broadcast.serial,
            warning_period_s: broadcast.warning_period_s,
        };
        Ok(Request {
            body: message.to_json(),
            headers: vec![("Content-Type", "application/json")],
            method: Method::Post,
            path: COLLECTION.to_owned(),
        })
    }

    fn update(
        &self,
        earlier: &Reference,
        broadcast: &Broadcast,
        stamp: &Stamp,
    ) -> Result<Vec<Step>, CbepError> {
        let submit = self.submit(broadcast, stamp)?;
        Ok(vec![
            Step {
                operation: Operation::Cancel,
                request: Self::delete(earlier),
            },
            Step {
                operation: Operation::Submit,
                request: submit,
            },
        ])
    }

    fn cancel(&self, earlier: &Reference, _stamp: &Stamp) -> Result<Request, CbepError> {
        Ok(Self::delete(earlier))
    }

    /// The answer is for [`vty::Shown::read`].
    fn status_command(&self, earlier: &Reference) -> Option<String> {
        Some(format!("show message id {}", earlier.message_id))
    }

    fn outcome(&self, operation: Operation, _stamp: &Stamp, answer: Answer<'_>) -> Outcome {
        match operation {
            Operation::Submit | Operation::Update => submitted(answer),
            Operation::Cancel => deleted(answer),
        }
    }
}

fn submitted(answer: Answer<'_>) -> Outcome {
    match answer.status {
        // With octets in it, it is not what the server says.
        200 if answer.body.is_empty() => Outcome::Accepted {
            certainty: Certainty::NoPeer,
        },
        201 => Outcome::Accepted {
            certainty: Certainty::Taken,
        },
        400 if answer.body == words::SCOPE.as_bytes() => Outcome::Refused {
            reason: Refusal::new(RefusalKind::Scope, answer.body),
        },
        409 => Outcome::AlreadyThere,
        _ => Outcome::of_status(answer),
    }
}

fn deleted(answer: Answer<'_>) -> Outcome {
    match (answer.status, answer.body) {
        (200, b"") => Outcome::Accepted {
            certainty: Certainty::NoPeer,
        },
        (200, _) => Outcome::Accepted {
            certainty: Certainty::Taken,
        },
        (404, body) if body.trim_ascii() == words::UNKNOWN_ID.as_bytes() => Outcome::NotFound,
        _ => Outcome::of_status(answer),
    }
}

#[cfg(test)]
mod tests;
