//! What an answer means.

use super::request::Answer;

/// Characters of a reason that are kept.
pub const MAX_REASON_CHARS: usize = 200;
/// Octets of an answer that are looked at.
pub const MAX_ANSWER_BYTES: usize = 64 << 10;

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The CBC took the request.
    Accepted {
        /// How much that says.
        certainty: Certainty,
    },
    /// A message with the same key is active already; see [`super::Key`].
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

impl Refusal {
    /// A reason in the words of an answer.
    pub(super) fn new(kind: RefusalKind, body: &[u8]) -> Self {
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
    pub(super) fn of_status(answer: Answer<'_>) -> Self {
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
