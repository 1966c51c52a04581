//! What can be wrong with a control entity, as facts, and how that is answered.

use crate::model::delivery::MessageState;
use crate::model::ids::{NameError, PushId};
use crate::model::submission::PapVersion;

use super::message::{MAX_ADDRESSES, OperationKind};
use super::response::{
    BadMessage, CancelResponse, CancelResult, PushResponse, Response, StatusQueryResponse,
    StatusResult,
};
use super::status::Code;
use super::version::{Envelope, VersionPattern};
use super::xml_tree::{MAX_ATTRIBUTES, MAX_CONTROL_BYTES, MAX_DEPTH};

/// Most characters of a document that an error repeats: errors are logged and sent.
const MAX_QUOTED_CHARS: usize = 64;

/// The beginning of a text that the sender chose.
pub(super) fn quoted(text: &str) -> String {
    text.chars().take(MAX_QUOTED_CHARS).collect()
}

/// A document that is no PAP message, or none that belongs here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PapError {
    /// More addresses than [`MAX_ADDRESSES`].
    #[error("{count} addresses, at most {MAX_ADDRESSES} are possible")]
    Addresses {
        /// How many there are.
        count: usize,
    },
    /// An element has more attributes than [`MAX_ATTRIBUTES`].
    #[error("an element has more than {MAX_ATTRIBUTES} attributes")]
    Attributes,
    /// A character that XML does not allow.
    #[error("character U+{:04X} at octet {offset} is not allowed in XML", u32::from(*character))]
    Character {
        /// Which.
        character: char,
        /// Octets before it, in UTF-8.
        offset: usize,
    },
    /// A status code that is not four digits from 1000 to 5999.
    #[error("{value:?} is not a status code")]
    Code {
        /// What stands there.
        value: String,
    },
    /// An internal subset that declares something.
    #[error("the internal subset may hold nothing but wap-pap-ver")]
    Declaration,
    /// Elements inside elements beyond [`MAX_DEPTH`].
    #[error("elements are nested deeper than {MAX_DEPTH}")]
    Depth,
    /// A DOCTYPE that is not well-formed, not of `pap`, or not before the root.
    #[error("the document type declaration is malformed or out of place")]
    Doctype,
    /// An encoding that is not read here, or not the one used.
    #[error("encoding {name:?} is not possible; use UTF-8")]
    Encoding {
        /// Its name.
        name: String,
    },
    /// A reference to an entity: only the five of XML exist.
    #[error("a reference to an entity that is not defined")]
    Entity,
    /// An attribute value outside its enumeration.
    #[error("{value:?} is not possible for attribute {attribute} of {element}")]
    Enumeration {
        /// The element.
        element: &'static str,
        /// The attribute.
        attribute: &'static str,
        /// What stands there.
        value: String,
    },
    /// A required attribute is absent.
    #[error("attribute {attribute} of {element} is required")]
    MissingAttribute {
        /// The element.
        element: &'static str,
        /// The attribute.
        attribute: &'static str,
    },
    /// A required child is absent.
    #[error("{element} needs {child}")]
    MissingChild {
        /// The element.
        element: &'static str,
        /// What it needs.
        child: &'static str,
    },
    /// A valid message of the other direction.
    #[error("{element} is not expected here")]
    NotExpected {
        /// The message element.
        element: &'static str,
    },
    /// A push-id that cannot be one.
    #[error("attribute {attribute} cannot be used")]
    PushId {
        /// Which of them.
        attribute: &'static str,
        /// Why.
        #[source]
        source: NameError,
    },
    /// The root element is not `pap`.
    #[error("the root element is {found:?}, not pap")]
    Root {
        /// Its name.
        found: String,
    },
    /// Not well-formed.
    #[error("not well-formed at octet {offset}: {reason}")]
    Syntax {
        /// Octets before it, in UTF-8.
        offset: usize,
        /// What the reader says.
        reason: String,
    },
    /// Text where there may only be elements.
    #[error("{element} may not contain text")]
    Text {
        /// The element.
        element: &'static str,
    },
    /// A timestamp that is not `YYYY-MM-DDThh:mm:ssZ`.
    #[error("attribute {attribute} is not a UTC timestamp: {value:?}")]
    Timestamp {
        /// The attribute.
        attribute: &'static str,
        /// What stands there.
        value: String,
    },
    /// More octets than [`MAX_CONTROL_BYTES`].
    #[error("a control entity of {bytes} octets, at most {MAX_CONTROL_BYTES} are possible")]
    TooLong {
        /// How many.
        bytes: usize,
    },
    /// A child that is unknown, too many, or in the wrong place.
    #[error("{child:?} is not possible in {element} or not at that place")]
    UnexpectedChild {
        /// The element.
        element: &'static str,
        /// Its child.
        child: String,
    },
    /// An attribute that the version does not know.
    #[error("{element} has no attribute {attribute:?} in this version")]
    UnknownAttribute {
        /// The element.
        element: &'static str,
        /// The attribute.
        attribute: String,
    },
    /// The octets are not text in UTF-8.
    #[error("octet {offset} is not UTF-8")]
    Utf8 {
        /// Octets before it.
        offset: usize,
    },
    /// The octets are not text in UTF-16.
    #[error("not UTF-16")]
    Utf16,
    /// A major version that is not understood.
    #[error("PAP version {}.{} is not supported", version.major, version.minor)]
    Version {
        /// The version of the document.
        version: PapVersion,
    },
}

/// Why a document could not be read, and what of it could.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct ReadError {
    /// What is wrong.
    #[source]
    pub error: PapError,
    /// What was asked, where the document is well-formed.
    pub operation: Option<OperationKind>,
    /// The PI's key, where the document is well-formed and has a usable one.
    pub push_id: Option<PushId>,
    /// Version of the document, 1.0 where it could not be found.
    pub version: PapVersion,
    /// Versions that the sender supports, if it said so.
    pub pi_versions: Option<Vec<VersionPattern>>,
    /// The offending part of the document.
    pub fragment: String,
}

impl ReadError {
    /// How to dress the answer.
    pub fn envelope(&self) -> Envelope {
        Envelope::answering(self.version, self.pi_versions.as_deref())
    }

    /// The answer: under the push-id where that is known, else a badmessage-response (PAP 8.12).
    pub fn response(&self) -> Response {
        let code = Code::from(&self.error);
        let desc = Some(self.error.to_string());
        match (self.operation, self.push_id.clone()) {
            (Some(OperationKind::Push), Some(push_id)) => {
                Response::Push(PushResponse::new(push_id, code, self.error.to_string()))
            }
            (Some(OperationKind::Cancel), Some(push_id)) => Response::Cancel(CancelResponse {
                push_id,
                results: vec![CancelResult {
                    code,
                    desc,
                    addresses: Vec::new(),
                }],
            }),
            (Some(OperationKind::StatusQuery), Some(push_id)) => {
                Response::StatusQuery(StatusQueryResponse {
                    push_id,
                    results: vec![StatusResult {
                        event_ms: None,
                        state: MessageState::Unknown,
                        code,
                        desc,
                        addresses: Vec::new(),
                        quality_of_service: None,
                    }],
                })
            }
            (_, _) => Response::BadMessage(BadMessage {
                code,
                desc,
                fragment: Some(self.fragment.clone()),
            }),
        }
    }
}
