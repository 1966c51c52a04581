//! The server side of ECBE: requests to values, answers to octets. A simulator decides what to do
//! in between.

mod convert;

use super::super::{Category, Method};
use super::{COLLECTION, wire, words};
use crate::dcs::{Charset, Dcs, MessageClass};
use crate::etws::{SECURITY_OCTETS, WarningType};
use crate::language::Language;
use crate::message_id::MessageId;
use crate::page::Contents;
use crate::serial::SerialNumber;

/// Octets of a body that are read; fifteen pages take some 3000.
pub const MAX_BODY_BYTES: usize = 64 << 10;

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// POST: broadcast a message.
    Create(Box<Create>),
    /// DELETE: end the message with this identifier.
    Delete(MessageId),
}

/// A message to broadcast. Octets of short pages are filled up with zeros, as the server does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// Number of broadcasts, 0 until killed.
    pub broadcasts: u16,
    /// Category.
    pub category: Category,
    /// Name of the client.
    pub cbe_name: String,
    /// Message identifier.
    pub message_id: MessageId,
    /// What is broadcast.
    pub payload: Content,
    /// Repetition period, slots of 1.883 s, 0 to 4095.
    pub period_slots: u16,
    /// Serial number.
    pub serial: SerialNumber,
    /// Warning period, seconds; `None` is endless.
    pub warning_period_s: Option<u16>,
}

/// What is broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// ETWS primary notification.
    EtwsPrimary {
        /// Warning security information.
        security: Option<[u8; SECURITY_OCTETS]>,
        /// Warning type.
        warning_type: WarningType,
    },
    /// Pages.
    Pages {
        /// The pages.
        contents: Contents,
        /// Data coding scheme.
        dcs: Dcs,
    },
    /// A text that the server is to encode, which it does wrongly.
    Text {
        /// Charset asked for.
        charset: Charset,
        /// Message class.
        class: Option<MessageClass>,
        /// Language.
        language: Option<Language>,
        /// The text.
        text: String,
    },
}

/// A request that is refused; [`Refused::answer`] is what the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The body is too long.
    #[error("the body is over 65536 octets")]
    BodyLength,
    /// A value is missing or has no meaning.
    #[error("a value of the request is missing or has no meaning")]
    Malformed,
    /// The identifier in the path is none.
    #[error("the path names no message identifier")]
    MessageId,
    /// `cbe_name` is missing.
    #[error("the request names no entity")]
    NoCbeName,
    /// The body is not JSON.
    #[error("the body is not JSON")]
    NoJson,
    /// `repetition_period` is missing.
    #[error("the request names no repetition period")]
    NoPeriod,
    /// No such path or method.
    #[error("there is no such resource")]
    NoResource,
    /// A page is longer than 82 octets, or not hexadecimal.
    #[error("a page is not up to 82 octets of hexadecimal digits")]
    Page,
    /// No pages, or more than fifteen.
    #[error("the request has no pages or more than fifteen")]
    Pages,
    /// A scope other than the PLMN.
    #[error("the scope is not the PLMN")]
    Scope,
    /// The update number is over 15.
    #[error("the update number is over 15")]
    UpdateNumber,
}

/// An answer of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reply {
    /// The body.
    pub body: &'static str,
    /// HTTP status.
    pub status: u16,
}

impl Reply {
    /// The message was taken; says nothing about cells.
    pub const CREATED: Self = Self::new(201, words::CREATED);
    /// A message is active under this identifier.
    pub const CONFLICT: Self = Self::new(409, words::CANNOT_ALLOCATE);
    /// The message was deleted.
    pub const DELETED: Self = Self::new(200, words::OK);
    /// Nobody is connected; sent after 15 s.
    pub const NO_PEER: Self = Self::new(200, "");
    /// No message is active under this identifier.
    pub const UNKNOWN_ID: Self = Self::new(404, words::UNKNOWN_ID);

    const fn new(status: u16, body: &'static str) -> Self {
        Self { body, status }
    }
}

impl Refused {
    /// What the server answers.
    pub const fn answer(self) -> Reply {
        match self {
            Self::BodyLength | Self::NoJson => Reply::new(400, words::NO_JSON),
            Self::Malformed => Reply::new(400, "CBCMSG malformed"),
            Self::MessageId => Reply::new(400, ""),
            Self::NoCbeName => Reply::new(400, words::CBE_NAME),
            Self::NoPeriod => Reply::new(400, words::PERIOD),
            Self::NoResource => Reply::new(404, words::NO_RESOURCE),
            Self::Page => Reply::new(400, words::PAGE_LENGTH),
            Self::Pages => Reply::new(400, words::PAGES),
            Self::Scope => Reply::new(400, words::SCOPE),
            Self::UpdateNumber => Reply::new(400, words::UPDATE_NUMBER),
        }
    }
}

impl Call {
    /// Reads a request. `method` is `None` for methods other than POST and DELETE.
    pub fn read(method: Option<Method>, path: &str, body: &[u8]) -> Result<Self, Refused> {
        match (method, path.strip_prefix(COLLECTION)) {
            (Some(Method::Post), Some("")) => Ok(Self::Create(Box::new(Create::read(body)?))),
            (Some(Method::Delete), Some(rest)) => {
                let id = rest.strip_prefix('/').ok_or(Refused::NoResource)?;
                let is_digits = !id.is_empty() && id.bytes().all(|octet| octet.is_ascii_digit());
                let id = id.parse().map_err(|_| Refused::MessageId)?;
                if is_digits {
                    Ok(Self::Delete(MessageId(id)))
                } else {
                    Err(Refused::MessageId)
                }
            }
            _ => Err(Refused::NoResource),
        }
    }
}

impl Create {
    /// Reads the body of a POST.
    pub fn read(body: &[u8]) -> Result<Self, Refused> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Refused::BodyLength);
        }
        let body: wire::Body = serde_json::from_slice(body).map_err(|error| {
            if error.is_data() {
                Refused::Malformed
            } else {
                Refused::NoJson
            }
        })?;
        body.try_into()
    }

    /// The body of a POST. Pages are sent whole.
    pub fn to_json(&self) -> Vec<u8> {
        let body = wire::Body::from(self);
        serde_json::to_vec(&body).expect("strings, numbers and arrays always have a JSON form")
    }
}
