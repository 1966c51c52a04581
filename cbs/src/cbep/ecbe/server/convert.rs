//! Between the JSON of ECBE and values.

use super::{Content, Create, Refused};
use crate::cbep::Category;
use crate::cbep::ecbe::wire;
use crate::dcs::{Charset, Dcs, MessageClass};
use crate::etws::{Disaster, WarningType};
use crate::message_id::MessageId;
use crate::page::{Contents, MAX_PAGES, PAGE_OCTETS, PageContent};
use crate::serial::{GeographicalScope, MAX_MESSAGE_CODE, MessageCode, SerialNumber, UpdateNumber};

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
