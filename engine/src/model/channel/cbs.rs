//! A Cell Broadcast Centre as a way out.

use serde::{Deserialize, Serialize};

use super::ChannelError;
use super::message_ids::MessageIds;
use crate::model::ids::{ChannelName, LinkName};

/// Time between two broadcasts of a message.
const DEFAULT_REPETITION_S: u32 = 60;
/// Longest repetition: 4095 slots of 1.883 s (TS 48.049).
const MAX_REPETITION_S: u32 = 7711;
/// How long a serial number rests: as long as phones remember what they have shown.
const DEFAULT_REST_S: u64 = 86_400;
/// A year would exhaust every identifier.
const MAX_REST_S: u64 = 366 * 86_400;

/// Cell Broadcast through a CBC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CbsChannel {
    /// Its name in groups, areas, URLs and reports.
    pub name: ChannelName,
    /// The CBC.
    pub link: LinkName,
    /// The message identifiers that it may use.
    pub message_ids: MessageIds,
    /// Within what area a message counts as the same.
    #[serde(default)]
    pub scope: GeographicalScope,
    /// What of a push is broadcast.
    #[serde(default)]
    pub payload: CbsPayload,
    /// Charset of texts.
    #[serde(default)]
    pub charset: TextCharset,
    /// Typographic quotes, dashes and spaces become plain where that spares UCS2.
    #[serde(default)]
    pub fold_typography: bool,
    /// Language of pushes that name none, and of the network's own identifiers: two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Time between two broadcasts of a message, seconds.
    #[serde(default = "CbsChannel::default_repetition_s")]
    pub repetition_s: u32,
    /// Broadcasts of a message; as many as the push's window has room for if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broadcasts: Option<u16>,
    /// Precedence; by the push's priority if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CbsCategory>,
    /// Whether air time is counted.
    #[serde(default)]
    pub air_time: AirTime,
    /// What happens while every identifier is in use.
    #[serde(default)]
    pub when_busy: WhenBusy,
    /// A serial number is not used again for so long after its message ended, seconds.
    #[serde(default = "CbsChannel::default_rest_s")]
    pub rest_s: u64,
    /// ETWS identifiers: sound the emergency alert.
    #[serde(default)]
    pub emergency_user_alert: bool,
    /// ETWS identifiers: show a popup.
    #[serde(default)]
    pub popup: bool,
    /// What centres that speak CAP are told beside text and place.
    #[serde(default)]
    pub cap: CapNotice,
}

/// Within what area a message counts as the same, and whether it is shown at once
/// (TS 23.041 9.4.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeographicalScope {
    /// The cell.
    Cell,
    /// The cell, shown at once.
    CellImmediate,
    /// Location, service or tracking area.
    LocationArea,
    /// The PLMN.
    #[default]
    Plmn,
}

/// What of a push is broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CbsPayload {
    /// No text: the primary notification of ETWS, of the kind that the identifier says.
    Etws,
    /// All of it as a WSP push, with a User Data Header that names ports.
    Ports,
    /// All of it as a WSP push behind its length.
    Raw,
    /// Its text.
    #[default]
    Text,
    /// As `Ports`, in the WAP group of data coding schemes.
    Wap,
}

/// Charset of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextCharset {
    /// The GSM alphabet where it suffices, else UCS2.
    #[default]
    Auto,
    /// The GSM alphabet; other characters are refused.
    Gsm7,
    /// UCS2.
    Ucs2,
}

/// Precedence over other messages of a cell (TS 23.041 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CbsCategory {
    /// When there is room.
    Background,
    /// As soon as can be.
    High,
    /// Within its period.
    Normal,
}

/// Whether air time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AirTime {
    /// Cells of GSM: one page every 1.883 s, and no more is handed to the centre.
    #[default]
    Gsm,
    /// Cells of LTE or NR alone: not counted.
    Lte,
}

/// What happens to a push while every identifier is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenBusy {
    /// It is refused.
    Refuse,
    /// It waits, until its window closes.
    #[default]
    Wait,
}

/// What centres that speak CAP are told beside text and place. Words are those of CAP 1.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapNotice {
    /// Kind of event.
    pub category: String,
    /// How sure it is.
    pub certainty: String,
    /// The event, in words.
    pub event: String,
    /// Who sends it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_name: Option<String>,
    /// How bad it is.
    pub severity: String,
    /// Actual, Exercise or Test; by the message identifier if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When to act.
    pub urgency: String,
}

impl Default for CapNotice {
    fn default() -> Self {
        Self {
            category: "Safety".to_owned(),
            certainty: "Observed".to_owned(),
            event: "Public warning".to_owned(),
            sender_name: None,
            severity: "Severe".to_owned(),
            status: None,
            urgency: "Immediate".to_owned(),
        }
    }
}

impl CbsChannel {
    const fn default_repetition_s() -> u32 {
        DEFAULT_REPETITION_S
    }

    const fn default_rest_s() -> u64 {
        DEFAULT_REST_S
    }

    /// A channel of the operator's own range, everything else at its default.
    pub fn new(name: ChannelName, link: LinkName, message_ids: MessageIds) -> Self {
        Self {
            name,
            link,
            message_ids,
            scope: GeographicalScope::default(),
            payload: CbsPayload::default(),
            charset: TextCharset::default(),
            fold_typography: false,
            language: None,
            repetition_s: DEFAULT_REPETITION_S,
            broadcasts: None,
            category: None,
            air_time: AirTime::default(),
            when_busy: WhenBusy::default(),
            rest_s: DEFAULT_REST_S,
            emergency_user_alert: false,
            popup: false,
            cap: CapNotice::default(),
        }
    }

    /// Checks what the types cannot say.
    pub fn validated(self) -> Result<Self, ChannelError> {
        let range = |key, value, ok: bool, range| match ok {
            true => Ok(()),
            false => Err(ChannelError::Range {
                channel: self.name.clone(),
                key,
                value,
                range,
            }),
        };
        range(
            "repetition_s",
            u64::from(self.repetition_s),
            (1..=MAX_REPETITION_S).contains(&self.repetition_s),
            "1 to 7711",
        )?;
        range("broadcasts", 0, self.broadcasts != Some(0), "1 to 65535")?;
        range(
            "rest_s",
            self.rest_s,
            self.rest_s <= MAX_REST_S,
            "0 to 31622400",
        )?;
        let is_language = |text: &String| {
            text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_alphabetic())
        };
        if let Some(language) = self.language.as_ref().filter(|text| !is_language(text)) {
            return Err(ChannelError::Language {
                channel: self.name.clone(),
                language: language.clone(),
            });
        }
        Ok(self)
    }
}
