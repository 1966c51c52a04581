//! From the parts of a push to messages with identifiers and serial numbers, ready to be stored.

use std::num::NonZeroU16;
use std::time::Duration;

use pushcast_cbs::area::{Area, AreaError};
use pushcast_cbs::cap::{self, Notice, Status, Timestamp};
use pushcast_cbs::capacity::{Load, RepetitionPeriod};
use pushcast_cbs::cbep::{Broadcast, Broadcasts, Capabilities, Category, Key, Payload};
use pushcast_cbs::etws::{Disaster, WarningType};
use pushcast_cbs::message_id::{MessageId, Nature};
use pushcast_cbs::serial::{EtwsFlags, GeographicalScope, MessageCode, SerialNumber, UpdateNumber};

use crate::model::channel::{self, AirTime, CbsCategory};
use crate::model::{CbsChannel, CbsMessage, CbsState, Priority, ServiceArea, Submission};
use crate::store::{Store, StoreError};

use super::booking::{Booking, Bookings, NoRoom, Wish};
use super::content::Part;
use super::numbers::Numbers;
use super::record::{Record, digest};

/// Longest life of a primary notification of ETWS, s: what the published schema allows.
const MAX_WARNING_PERIOD_S: u64 = 3600;

/// What is to be broadcast, and where.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// On which channel.
    pub channel: &'a CbsChannel,
    /// What its centre can do.
    pub capabilities: &'static Capabilities,
    /// The push.
    pub submission: &'a Submission,
    /// Its parts.
    pub parts: Vec<Part>,
    /// Areas as the centre can carry them.
    pub areas: Vec<Area>,
    /// Their names, for people.
    pub area_names: String,
    /// Messages whose place these take, in their order.
    pub earlier: Vec<CbsMessage>,
    /// Time between two broadcasts, until the push is over; as the channel has it if absent.
    pub repetition: Option<Duration>,
    /// Time of day.
    pub now_ms: u64,
}

/// Messages that can be stored, and their places.
#[derive(Debug)]
pub struct Draft {
    /// At least one.
    pub messages: Vec<CbsMessage>,
    /// To be kept once they are stored.
    pub bookings: Vec<Booking>,
}

/// No message can be made now.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// Every serial number is in use or rests.
    #[error("every serial number of message identifier {0} is in use or rests")]
    Codes(MessageId),
    /// There is no room.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value that cannot be sent.
    #[error("{0} cannot be sent to the centre")]
    Value(&'static str),
}

/// Where an address is, as the channel's centre can carry it. No area is the whole network.
pub(crate) fn place(
    areas: &[&ServiceArea],
    capabilities: &Capabilities,
) -> Result<Vec<Area>, AreaError> {
    if areas.is_empty() {
        return Ok(vec![Area::PlmnWide]);
    }
    let mut all = Vec::new();
    for area in areas {
        for area in super::areas_of(&area.cells, capabilities)? {
            if area == Area::PlmnWide {
                return Ok(vec![Area::PlmnWide]);
            }
            if !all.contains(&area) {
                all.push(area);
            }
        }
    }
    Ok(all)
}

/// Makes the messages of a push on one channel.
pub async fn draft(
    wanted: &Wanted<'_>,
    store: &Store,
    numbers: &mut Numbers,
    bookings: &Bookings,
) -> Result<Draft, DraftError> {
    let mut draft = Draft {
        messages: Vec::new(),
        bookings: Vec::new(),
    };
    for (position, part) in (0..).zip(&wanted.parts) {
        let id = uuid::Uuid::now_v7().to_string();
        let earlier = wanted.earlier_of(position);
        let (period, load) = wanted.period(part);
        let wish = Wish {
            id: &id,
            earlier: earlier.map(|earlier| earlier.id.as_str()),
            is_exclusive: wanted.capabilities.key == Key::MessageId,
            load,
            now_ms: wanted.now_ms,
        };
        let first = draft.messages.first().map(|first| first.message_id);
        let candidates = wanted.candidates(earlier, first);
        let (message_id, booking) =
            bookings.book(&wanted.channel.link, wish, candidates.into_iter())?;
        draft.bookings.push(booking);
        let message_id = MessageId(message_id);
        let serial = wanted.serial(message_id, earlier, store, numbers).await?;
        let broadcast = wanted.broadcast(part, (message_id, serial), period)?;
        let record = serde_json::to_string(&Record::from(&broadcast));
        let toi = draft.messages.first().map_or_else(
            || u32::from(message_id.0) << 16 | u32::from(serial.0),
            |first| first.toi,
        );
        let mut stamps = earlier.map_or_else(Vec::new, |earlier| earlier.stamps.clone());
        stamps.push((
            id.clone(),
            i64::try_from(wanted.now_ms / 1000).unwrap_or(i64::MAX),
        ));
        draft.messages.push(CbsMessage {
            id,
            submission_id: wanted.submission.id.clone(),
            channel: wanted.channel.name.clone(),
            link: wanted.channel.link.clone(),
            toi,
            position,
            message_id: message_id.0,
            serial: serial.0,
            epoch: numbers.epoch(&wanted.channel.link),
            pages_sha256: digest(&broadcast.payload),
            broadcast: record.map_err(|_| DraftError::Value("the request"))?,
            earlier: earlier.map(|earlier| earlier.id.clone()),
            stamps,
            state: CbsState::Asked,
            planned_ms: wanted.now_ms,
            until_ms: wanted.submission.deliver_before_ms,
            taken_ms: None,
            killed_ms: None,
            ended_ms: None,
            cells: None,
            desc: String::new(),
        });
    }
    Ok(draft)
}

impl Wanted<'_> {
    /// The request for a part.
    fn broadcast(
        &self,
        part: &Part,
        (message_id, serial): (MessageId, SerialNumber),
        period: RepetitionPeriod,
    ) -> Result<Broadcast, DraftError> {
        let window = self.window();
        let most = match self.repetition {
            // The window alone says how often.
            Some(_) => None,
            None => self.channel.broadcasts,
        };
        let broadcasts = period.broadcasts(window).min(most.unwrap_or(u16::MAX));
        Ok(Broadcast {
            areas: self.areas.clone(),
            broadcasts: NonZeroU16::new(broadcasts)
                .map_or(Broadcasts::UntilKilled, Broadcasts::Count),
            category: self.category(),
            message_id,
            notice: Some(self.notice(part, message_id)?),
            payload: self.payload(part, message_id),
            period,
            serial,
            warning_period_s: part
                .pages
                .is_none()
                .then(|| window.as_secs().clamp(1, MAX_WARNING_PERIOD_S) as u16),
        })
    }

    fn window(&self) -> Duration {
        let left_ms = self
            .submission
            .deliver_before_ms
            .saturating_sub(self.now_ms);
        Duration::from_millis(left_ms)
    }

    fn earlier_of(&self, position: u32) -> Option<&CbsMessage> {
        let earlier = self.earlier.iter();
        let mut earlier = earlier.filter(|one| one.position == position);
        earlier.find(|one| one.link == self.channel.link)
    }

    fn period(&self, part: &Part) -> (RepetitionPeriod, Option<Load>) {
        let pages = part
            .pages
            .as_ref()
            .map_or(1, |pages| pages.contents.count());
        let of_channel = Duration::from_secs(self.channel.repetition_s.into());
        let interval = self.repetition.unwrap_or(of_channel);
        let period = RepetitionPeriod::for_interval(interval, pages);
        let is_counted = self.channel.air_time == AirTime::Gsm && part.pages.is_some();
        (period, is_counted.then_some(Load { pages, period }))
    }

    /// Identifiers in order of preference. A newer version keeps that of the earlier one; a further
    /// language takes the one that goes with the first, where there is one.
    fn candidates(&self, earlier: Option<&CbsMessage>, first: Option<u16>) -> Vec<u16> {
        if let Some(earlier) = earlier {
            return vec![earlier.message_id];
        }
        let partner = first.and_then(|first| MessageId(first).additional_language());
        let pool = self.channel.message_ids.iter();
        partner.map(|id| id.0).into_iter().chain(pool).collect()
    }

    /// A newer version has the next update number, as long as phones have forgotten what had it
    /// before; everything else has a code of its own.
    async fn serial(
        &self,
        message_id: MessageId,
        earlier: Option<&CbsMessage>,
        store: &Store,
        numbers: &mut Numbers,
    ) -> Result<SerialNumber, DraftError> {
        let rest_ms = self.channel.rest_s.saturating_mul(1000);
        let busy_after_ms = self.now_ms.saturating_sub(rest_ms);
        if let Some(earlier) = earlier {
            let next = SerialNumber(earlier.serial).next_version();
            let is_taken = store
                .is_serial_taken(&self.channel.link, message_id.0, next.0)
                .await?;
            if !is_taken {
                return Ok(next);
            }
        }
        let code = numbers
            .code(store, &self.channel.link, message_id, busy_after_ms)
            .await?
            .and_then(|code| MessageCode::new(code).ok())
            .ok_or(DraftError::Codes(message_id))?;
        let scope = match self.channel.scope {
            channel::GeographicalScope::Cell => GeographicalScope::Cell,
            channel::GeographicalScope::CellImmediate => GeographicalScope::CellImmediate,
            channel::GeographicalScope::LocationArea => GeographicalScope::LocationArea,
            channel::GeographicalScope::Plmn => GeographicalScope::Plmn,
        };
        let serial = SerialNumber::new(scope, code, UpdateNumber::default());
        if !message_id.is_etws() {
            return Ok(serial);
        }
        let flags = EtwsFlags {
            emergency_user_alert: self.channel.emergency_user_alert,
            popup: self.channel.popup,
        };
        serial
            .with_etws_flags(flags)
            .map_err(|_| DraftError::Codes(message_id))
    }

    fn category(&self) -> Category {
        match (self.channel.category, self.submission.priority()) {
            (Some(CbsCategory::Background), _) | (None, Priority::Low) => Category::Background,
            (Some(CbsCategory::High), _) | (None, Priority::High) => Category::HighPriority,
            (Some(CbsCategory::Normal), _) | (None, Priority::Medium) => Category::Normal,
        }
    }

    fn payload(&self, part: &Part, message_id: MessageId) -> Payload {
        match &part.pages {
            Some(pages) => Payload::Pages {
                contents: pages.contents.clone(),
                dcs: pages.dcs,
            },
            None => Payload::EtwsPrimary {
                security: None,
                warning_type: WarningType {
                    disaster: match message_id.0 {
                        4352 => Disaster::Earthquake,
                        4353 => Disaster::Tsunami,
                        4354 => Disaster::EarthquakeAndTsunami,
                        4355 => Disaster::Test,
                        _ => Disaster::Other,
                    },
                    emergency_user_alert: self.channel.emergency_user_alert,
                    popup: self.channel.popup,
                },
            },
        }
    }

    fn notice(&self, part: &Part, message_id: MessageId) -> Result<Notice, DraftError> {
        let words = &self.channel.cap;
        let wrong = DraftError::Value;
        let status = match &words.status {
            Some(status) => Status::of(status).ok_or(wrong("cap.status"))?,
            None => match message_id.nature() {
                Nature::Exercise => Status::Exercise,
                Nature::Test => Status::Test,
                Nature::Agreed | Nature::Data | Nature::Live => Status::Actual,
            },
        };
        let language = part.language.map(|language| language.to_string());
        let expires = i64::try_from(self.submission.deliver_before_ms / 1000)
            .ok()
            .and_then(|seconds| Timestamp::of_unix(seconds).ok());
        Ok(Notice {
            area_description: self.area_names.clone(),
            categories: vec![cap::Category::of(&words.category).ok_or(wrong("cap.category"))?],
            certainty: cap::Certainty::of(&words.certainty).ok_or(wrong("cap.certainty"))?,
            event: words.event.clone(),
            expires,
            headline: None,
            language: language
                .or_else(|| self.channel.language.clone())
                .unwrap_or_else(|| "en".to_owned()),
            onset: None,
            sender_name: words.sender_name.clone(),
            severity: cap::Severity::of(&words.severity).ok_or(wrong("cap.severity"))?,
            status,
            urgency: cap::Urgency::of(&words.urgency).ok_or(wrong("cap.urgency"))?,
        })
    }
}

/// The stored words of CAP that are none, by key: what a configuration has to be checked for.
pub(crate) fn wrong_word(notice: &channel::CapNotice) -> Option<(&'static str, String)> {
    let known = [
        (
            "cap.category",
            &notice.category,
            cap::Category::of(&notice.category).is_some(),
        ),
        (
            "cap.certainty",
            &notice.certainty,
            cap::Certainty::of(&notice.certainty).is_some(),
        ),
        (
            "cap.severity",
            &notice.severity,
            cap::Severity::of(&notice.severity).is_some(),
        ),
        (
            "cap.urgency",
            &notice.urgency,
            cap::Urgency::of(&notice.urgency).is_some(),
        ),
    ];
    if let Some((key, word, _)) = known.iter().find(|(_, _, is_known)| !is_known) {
        return Some((key, (*word).clone()));
    }
    let status = notice.status.as_ref()?;
    let is_known = matches!(
        Status::of(status),
        Some(Status::Actual | Status::Exercise | Status::Test)
    );
    (!is_known).then(|| ("cap.status", status.clone()))
}
