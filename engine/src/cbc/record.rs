//! A request to a centre as it is stored: everything needed to ask for the same again.

use pushcast_cbs::area::Area;
use pushcast_cbs::cap::{self, Notice, Timestamp};
use pushcast_cbs::capacity::RepetitionPeriod;
use pushcast_cbs::cbep::{Broadcast, Broadcasts, Category, Payload};
use pushcast_cbs::dcs::Dcs;
use pushcast_cbs::etws::WarningType;
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::page::{Contents, PAGE_OCTETS, PageContent};
use pushcast_cbs::serial::SerialNumber;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::model::Sha256;

/// A request, in words and numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    areas: Vec<String>,
    /// Number of broadcasts, 0 until killed.
    broadcasts: u16,
    category: String,
    message_id: u16,
    notice: Option<NoticeRecord>,
    payload: PayloadRecord,
    period_slots: u16,
    serial: u16,
    warning_period_s: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PayloadRecord {
    Etws {
        warning_type: u16,
    },
    Pages {
        dcs: u8,
        /// Hexadecimal, and how many octets of each are used.
        pages: Vec<(String, u8)>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct NoticeRecord {
    area_description: String,
    category: String,
    certainty: String,
    event: String,
    expires_unix_s: Option<i64>,
    headline: Option<String>,
    language: String,
    onset_unix_s: Option<i64>,
    sender_name: Option<String>,
    severity: String,
    status: String,
    urgency: String,
}

/// A record that is none: the row was changed by something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored request has a wrong {field}")]
pub struct RecordError {
    /// What of it.
    pub field: &'static str,
}

const CATEGORIES: [(&str, Category); 3] = [
    ("background", Category::Background),
    ("high", Category::HighPriority),
    ("normal", Category::Normal),
];

impl From<&Broadcast> for Record {
    fn from(broadcast: &Broadcast) -> Self {
        let category = CATEGORIES
            .iter()
            .find(|(_, category)| *category == broadcast.category)
            .map_or("normal", |(name, _)| name);
        Self {
            areas: broadcast.areas.iter().map(Area::to_string).collect(),
            broadcasts: match broadcast.broadcasts {
                Broadcasts::Count(count) => count.get(),
                Broadcasts::UntilKilled => 0,
            },
            category: category.to_owned(),
            message_id: broadcast.message_id.0,
            notice: broadcast.notice.as_ref().map(NoticeRecord::from),
            payload: (&broadcast.payload).into(),
            period_slots: broadcast.period.slots(),
            serial: broadcast.serial.0,
            warning_period_s: broadcast.warning_period_s,
        }
    }
}

impl From<&Payload> for PayloadRecord {
    fn from(payload: &Payload) -> Self {
        match payload {
            // Warning security information would come from the network; there is none to store.
            Payload::EtwsPrimary { warning_type, .. } => Self::Etws {
                warning_type: warning_type.bits(),
            },
            Payload::Pages { contents, dcs } => Self::Pages {
                dcs: dcs.0,
                pages: contents
                    .pages()
                    .iter()
                    .map(|page| (hex(page.octets()), page.used()))
                    .collect(),
            },
        }
    }
}

impl From<&Notice> for NoticeRecord {
    fn from(notice: &Notice) -> Self {
        let category = notice.categories.first();
        Self {
            area_description: notice.area_description.clone(),
            category: category.map_or("Other", |one| one.as_str()).to_owned(),
            certainty: notice.certainty.as_str().to_owned(),
            event: notice.event.clone(),
            expires_unix_s: notice.expires.map(Timestamp::unix_seconds),
            headline: notice.headline.clone(),
            language: notice.language.clone(),
            onset_unix_s: notice.onset.map(Timestamp::unix_seconds),
            sender_name: notice.sender_name.clone(),
            severity: notice.severity.as_str().to_owned(),
            status: notice.status.as_str().to_owned(),
            urgency: notice.urgency.as_str().to_owned(),
        }
    }
}

impl TryFrom<Record> for Broadcast {
    type Error = RecordError;

    fn try_from(record: Record) -> Result<Self, RecordError> {
        let wrong = |field| RecordError { field };
        let areas = record.areas.iter().map(|text| text.parse::<Area>());
        let category = CATEGORIES
            .iter()
            .find(|(name, _)| *name == record.category)
            .map(|(_, category)| *category);
        let period = RepetitionPeriod::from_slots(record.period_slots.into());
        Ok(Self {
            areas: areas.collect::<Result<_, _>>().map_err(|_| wrong("area"))?,
            broadcasts: std::num::NonZeroU16::new(record.broadcasts)
                .map_or(Broadcasts::UntilKilled, Broadcasts::Count),
            category: category.ok_or(wrong("category"))?,
            message_id: MessageId(record.message_id),
            notice: record.notice.map(Notice::try_from).transpose()?,
            payload: record.payload.try_into()?,
            period: period.map_err(|_| wrong("period"))?,
            serial: SerialNumber(record.serial),
            warning_period_s: record.warning_period_s,
        })
    }
}

impl TryFrom<PayloadRecord> for Payload {
    type Error = RecordError;

    fn try_from(payload: PayloadRecord) -> Result<Self, RecordError> {
        let wrong = RecordError { field: "page" };
        match payload {
            PayloadRecord::Etws { warning_type } => Ok(Self::EtwsPrimary {
                security: None,
                warning_type: WarningType::of_bits(warning_type),
            }),
            PayloadRecord::Pages { dcs, pages } => {
                let pages = pages.iter().map(|(digits, used)| {
                    let octets: [u8; PAGE_OCTETS] = unhex(digits)
                        .and_then(|octets| octets.try_into().ok())
                        .ok_or(wrong)?;
                    PageContent::new(octets, usize::from(*used)).map_err(|_| wrong)
                });
                let contents = Contents::new(pages.collect::<Result<_, _>>()?);
                Ok(Self::Pages {
                    contents: contents.map_err(|_| wrong)?,
                    dcs: Dcs(dcs),
                })
            }
        }
    }
}

impl TryFrom<NoticeRecord> for Notice {
    type Error = RecordError;

    fn try_from(notice: NoticeRecord) -> Result<Self, RecordError> {
        let wrong = RecordError { field: "notice" };
        let time = |seconds: Option<i64>| {
            let time = seconds.map(Timestamp::of_unix).transpose();
            time.map_err(|_| wrong)
        };
        Ok(Self {
            area_description: notice.area_description,
            categories: vec![cap::Category::of(&notice.category).ok_or(wrong)?],
            certainty: cap::Certainty::of(&notice.certainty).ok_or(wrong)?,
            event: notice.event,
            expires: time(notice.expires_unix_s)?,
            headline: notice.headline,
            language: notice.language,
            onset: time(notice.onset_unix_s)?,
            sender_name: notice.sender_name,
            severity: cap::Severity::of(&notice.severity).ok_or(wrong)?,
            status: cap::Status::of(&notice.status).ok_or(wrong)?,
            urgency: cap::Urgency::of(&notice.urgency).ok_or(wrong)?,
        })
    }
}

/// Identity of what is broadcast: scheme and pages, or the warning type.
pub(super) fn digest(payload: &Payload) -> Sha256 {
    let mut hasher = sha2::Sha256::new();
    match payload {
        Payload::EtwsPrimary { warning_type, .. } => {
            hasher.update(warning_type.bits().to_be_bytes());
        }
        Payload::Pages { contents, dcs } => {
            hasher.update([dcs.0]);
            for page in contents.pages() {
                hasher.update(page.octets());
            }
        }
    }
    Sha256(hasher.finalize().into())
}

pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digit = |octet: &u8| char::from(*octet).to_digit(16);
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use pushcast_cbs::text;

    use super::*;

    #[test]
    fn a_request_comes_back_from_its_record() {
        let encoded = text::encode("Flood € warning", &text::Options::default()).unwrap();
        let broadcast = Broadcast {
            areas: vec![
                "plmn".parse().unwrap(),
                "circle:54.5,-1.6 3".parse().unwrap(),
            ],
            broadcasts: Broadcasts::Count(7.try_into().unwrap()),
            category: Category::HighPriority,
            message_id: MessageId(4371),
            notice: Some(Notice {
                area_description: "Tal".to_owned(),
                categories: vec![cap::Category::Met],
                certainty: cap::Certainty::Likely,
                event: "Flood".to_owned(),
                expires: Some(Timestamp::of_unix(1_800_000_000).unwrap()),
                headline: None,
                language: "en".to_owned(),
                onset: None,
                sender_name: Some("River watch".to_owned()),
                severity: cap::Severity::Extreme,
                status: cap::Status::Actual,
                urgency: cap::Urgency::Immediate,
            }),
            payload: Payload::Pages {
                contents: encoded.contents,
                dcs: encoded.dcs,
            },
            period: RepetitionPeriod::from_slots(16).unwrap(),
            serial: SerialNumber(0x4010),
            warning_period_s: None,
        };
        let json = serde_json::to_string(&Record::from(&broadcast)).unwrap();
        let record: Record = serde_json::from_str(&json).unwrap();
        assert_eq!(Broadcast::try_from(record), Ok(broadcast.clone()));
        let etws = Broadcast {
            payload: Payload::EtwsPrimary {
                security: None,
                warning_type: WarningType::of_bits(0x0780),
            },
            broadcasts: Broadcasts::UntilKilled,
            notice: None,
            ..broadcast
        };
        let record = Record::from(&etws);
        assert_eq!(Broadcast::try_from(record.clone()), Ok(etws));
        let wrong = Record {
            areas: vec!["nowhere".to_owned()],
            ..record
        };
        assert!(Broadcast::try_from(wrong).is_err());
    }
}
