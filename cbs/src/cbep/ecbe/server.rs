//! The server side of ECBE: requests to values, answers to octets. A simulator decides what to do
//! in between.

use super::super::{Category, Method};
use super::{COLLECTION, wire, words};
use crate::dcs::{Charset, Dcs, MessageClass};
use crate::etws::{Disaster, SECURITY_OCTETS, WarningType};
use crate::language::Language;
use crate::message_id::MessageId;
use crate::page::{Contents, MAX_PAGES, PAGE_OCTETS, PageContent};
use crate::serial::{GeographicalScope, MAX_MESSAGE_CODE, MessageCode, SerialNumber, UpdateNumber};

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

impl TryFrom<wire::Body> for Create {
    type Error = Refused;

    fn try_from(body: wire::Body) -> Result<Self, Refused> {
        let cbe_name = body.cbe_name.ok_or(Refused::NoCbeName)?;
        let period_slots = body.repetition_period.ok_or(Refused::NoPeriod)?;
        let scope = body.scope.ok_or(Refused::Malformed)?;
        scope.scope_plmn.ok_or(Refused::Scope)?;
        let message = body.smscb_message.ok_or(Refused::Malformed)?;
        if period_slots > crate::capacity::MAX_PERIOD {
            return Err(Refused::Malformed);
        }
        Ok(Self {
            broadcasts: body.num_of_bcast.unwrap_or_default(),
            category: body.category.map_or(Category::Normal, Category::from),
            cbe_name,
            message_id: MessageId(message.message_id),
            payload: message.payload.try_into()?,
            period_slots,
            serial: message.serial_nr.try_into()?,
            warning_period_s: body.warning_period_sec,
        })
    }
}

impl From<&Create> for wire::Body {
    fn from(create: &Create) -> Self {
        Self {
            cbe_name: Some(create.cbe_name.clone()),
            category: Some(create.category.into()),
            repetition_period: Some(create.period_slots),
            num_of_bcast: Some(create.broadcasts),
            scope: Some(wire::Scope {
                scope_plmn: Some(wire::Empty),
            }),
            smscb_message: Some(wire::Message {
                message_id: create.message_id.0,
                serial_nr: wire::Serial::Encoded(create.serial.0),
                payload: (&create.payload).into(),
            }),
            warning_period_sec: create.warning_period_s,
        }
    }
}

impl From<wire::Category> for Category {
    fn from(category: wire::Category) -> Self {
        match category {
            wire::Category::Background => Self::Background,
            wire::Category::HighPriority => Self::HighPriority,
            wire::Category::Normal => Self::Normal,
        }
    }
}

impl From<Category> for wire::Category {
    fn from(category: Category) -> Self {
        match category {
            Category::Background => Self::Background,
            Category::HighPriority => Self::HighPriority,
            Category::Normal => Self::Normal,
        }
    }
}

impl TryFrom<wire::Serial> for SerialNumber {
    type Error = Refused;

    fn try_from(serial: wire::Serial) -> Result<Self, Refused> {
        match serial {
            wire::Serial::Encoded(serial) => Ok(Self(serial)),
            wire::Serial::Decoded {
                geo_scope,
                msg_code,
                update_nr,
            } => {
                let scope = match geo_scope {
                    wire::Scopes::CellWide => GeographicalScope::Cell,
                    wire::Scopes::CellWideImmediate => GeographicalScope::CellImmediate,
                    wire::Scopes::LacSacTacWide => GeographicalScope::LocationArea,
                    wire::Scopes::PlmnWide => GeographicalScope::Plmn,
                };
                // The server takes higher codes and cuts them.
                let code = MessageCode::new(msg_code as u16 & MAX_MESSAGE_CODE);
                let update = u8::try_from(update_nr).map_err(|_| Refused::UpdateNumber)?;
                let update = UpdateNumber::new(update).map_err(|_| Refused::UpdateNumber)?;
                Ok(Self::new(
                    scope,
                    code.map_err(|_| Refused::Malformed)?,
                    update,
                ))
            }
        }
    }
}

impl TryFrom<wire::Payload> for Content {
    type Error = Refused;

    fn try_from(payload: wire::Payload) -> Result<Self, Refused> {
        match payload {
            wire::Payload::Decoded(decoded) => text(decoded),
            wire::Payload::Encoded { dcs, pages } => {
                if !(1..=MAX_PAGES).contains(&pages.len()) {
                    return Err(Refused::Pages);
                }
                let pages = pages.iter().map(|page| {
                    let octets = hex(page).filter(|octets| octets.len() <= PAGE_OCTETS);
                    PageContent::zero_filled(&octets.ok_or(Refused::Page)?)
                        .map_err(|_| Refused::Page)
                });
                let contents = Contents::new(pages.collect::<Result<_, _>>()?);
                Ok(Self::Pages {
                    contents: contents.map_err(|_| Refused::Pages)?,
                    dcs: Dcs(dcs),
                })
            }
            wire::Payload::Etws(etws) => etws_primary(&etws),
        }
    }
}

fn text(decoded: wire::Decoded) -> Result<Content, Refused> {
    let class = match decoded.dcs_class {
        None => None,
        Some(0) => Some(MessageClass::Class0),
        Some(1) => Some(MessageClass::Class1),
        Some(2) => Some(MessageClass::Class2),
        Some(3) => Some(MessageClass::Class3),
        Some(_) => return Err(Refused::Malformed),
    };
    let language = decoded.language.map(|language| language.parse());
    Ok(Content::Text {
        charset: match decoded.character_set {
            wire::CharacterSet::EightBit => Charset::EightBit,
            wire::CharacterSet::Gsm => Charset::Gsm7,
            wire::CharacterSet::Ucs2 => Charset::Ucs2,
        },
        class,
        language: language.transpose().map_err(|_| Refused::Malformed)?,
        text: decoded.data_utf8,
    })
}

fn etws_primary(etws: &wire::Etws) -> Result<Content, Refused> {
    let disaster = match etws.warning_type {
        wire::WarningType::Decoded(warning) => match warning {
            wire::Warning::Earthquake => Disaster::Earthquake,
            wire::Warning::Other => Disaster::Other,
            wire::Warning::Test => Disaster::Test,
            wire::Warning::Tsunami => Disaster::Tsunami,
        },
        wire::WarningType::Encoded(value @ 0..=127) => Disaster::of_value(value),
        wire::WarningType::Encoded(_) => return Err(Refused::Malformed),
    };
    let security = match &etws.warning_sec_info {
        Some(digits) => {
            let octets = hex(digits).and_then(|octets| octets.try_into().ok());
            Some(octets.ok_or(Refused::Malformed)?)
        }
        None => None,
    };
    Ok(Content::EtwsPrimary {
        security,
        warning_type: WarningType {
            disaster,
            emergency_user_alert: etws.emergency_user_alert,
            popup: etws.popup_on_display,
        },
    })
}

impl From<&Content> for wire::Payload {
    fn from(content: &Content) -> Self {
        match content {
            Content::EtwsPrimary {
                security,
                warning_type,
            } => Self::Etws(wire::Etws {
                // The server's word for earthquake and tsunami is misspelt; its number is not.
                warning_type: match warning_type.disaster {
                    Disaster::Earthquake => wire::WarningType::Decoded(wire::Warning::Earthquake),
                    Disaster::Tsunami => wire::WarningType::Decoded(wire::Warning::Tsunami),
                    Disaster::Test => wire::WarningType::Decoded(wire::Warning::Test),
                    Disaster::Other => wire::WarningType::Decoded(wire::Warning::Other),
                    disaster @ (Disaster::EarthquakeAndTsunami | Disaster::Reserved(_)) => {
                        wire::WarningType::Encoded(disaster.value())
                    }
                },
                emergency_user_alert: warning_type.emergency_user_alert,
                popup_on_display: warning_type.popup,
                warning_sec_info: security.map(|octets| digits(&octets)),
            }),
            Content::Pages { contents, dcs } => Self::Encoded {
                dcs: dcs.0,
                pages: contents
                    .pages()
                    .iter()
                    .map(|page| digits(page.octets()))
                    .collect(),
            },
            Content::Text {
                charset,
                class,
                language,
                text,
            } => Self::Decoded(wire::Decoded {
                character_set: match charset {
                    Charset::EightBit => wire::CharacterSet::EightBit,
                    Charset::Gsm7 => wire::CharacterSet::Gsm,
                    Charset::Ucs2 => wire::CharacterSet::Ucs2,
                },
                language: language.map(|language| language.to_string()),
                dcs_class: class.map(MessageClass::bits),
                data_utf8: text.clone(),
            }),
        }
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |octet: u8| char::from(octet).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

fn digits(octets: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let pairs = octets
        .iter()
        .flat_map(|octet| [octet >> 4, octet & 0x0F].map(|digit| DIGITS[usize::from(digit)]));
    pairs.map(char::from).collect()
}
