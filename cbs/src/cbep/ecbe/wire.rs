//! The JSON of ECBE, as the server's code reads it (its published schema files differ).

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// Body of a POST.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Body {
    pub cbe_name: Option<String>,
    pub category: Option<Category>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repetition_period: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_of_bcast: Option<u16>,
    pub scope: Option<Scope>,
    pub smscb_message: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning_period_sec: Option<u16>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Category {
    Background,
    HighPriority,
    Normal,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Scope {
    pub scope_plmn: Option<Empty>,
}

/// `{}`, whatever it holds.
#[derive(Debug)]
pub(super) struct Empty;

impl Serialize for Empty {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde::ser::SerializeMap::end(serializer.serialize_map(Some(0))?)
    }
}

impl<'de> Deserialize<'de> for Empty {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Message {
    pub message_id: u16,
    pub serial_nr: Serial,
    pub payload: Payload,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Serial {
    #[serde(rename = "serial_nr_decoded")]
    Decoded {
        geo_scope: Scopes,
        msg_code: u64,
        update_nr: u64,
    },
    #[serde(rename = "serial_nr_encoded")]
    Encoded(u16),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scopes {
    CellWide,
    CellWideImmediate,
    LacSacTacWide,
    PlmnWide,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Payload {
    #[serde(rename = "payload_decoded")]
    Decoded(Decoded),
    #[serde(rename = "payload_encoded")]
    Encoded { dcs: u8, pages: Vec<String> },
    #[serde(rename = "payload_etws")]
    Etws(Etws),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Decoded {
    pub character_set: CharacterSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dcs_class: Option<u8>,
    pub data_utf8: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum CharacterSet {
    #[serde(rename = "8bit")]
    EightBit,
    #[serde(rename = "gsm")]
    Gsm,
    #[serde(rename = "ucs2")]
    Ucs2,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Etws {
    pub warning_type: WarningType,
    pub emergency_user_alert: bool,
    pub popup_on_display: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning_sec_info: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum WarningType {
    #[serde(rename = "warning_type_decoded")]
    Decoded(Warning),
    #[serde(rename = "warning_type_encoded")]
    Encoded(u8),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Warning {
    Earthquake,
    Other,
    Test,
    Tsunami,
}
