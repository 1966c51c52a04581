//! What an alert becomes on Cell Broadcast. Nothing is cut, and nothing is made up: what an alert
//! does not say is a [`Policy`] or an error.

use std::num::NonZeroU16;
use std::time::Duration;

use super::model::{Alert, Certainty, Info, MsgType, Severity, Status, Urgency};
use super::parameters::{EVERYWHERE, Hints, ParameterError};
use super::time::Timestamp;
use crate::area::Area;
use crate::capacity::RepetitionPeriod;
use crate::cbep::{Broadcasts, Category};
use crate::message_id::{MessageId, Nature};
use crate::serial::{UPDATE_NUMBERS, UpdateNumber};

/// Event code of a child abduction (SAME).
const CHILD_ABDUCTION: &str = "CAE";
/// Parameters with the text of IPAWS, the longer one first.
const IPAWS_TEXTS: [&str; 2] = ["CMAMlongtext", "CMAMtext"];
const AMBER: MessageId = MessageId(4379);

/// What the country and the operator decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long an alert without an end holds: an hour.
    pub lifetime: Duration,
    /// Primary subtag of the language that the network's own identifiers are for.
    pub local_language: String,
    /// What happens with alerts that no severity table names.
    pub other: OtherAlerts,
    /// Time between two broadcasts of levels 3 and 4 and of everything else.
    pub repetition: Duration,
    /// Which identifier tests have.
    pub tests: TestIdentifier,
    /// Time between two broadcasts of levels 1 and 2.
    pub urgent_repetition: Duration,
}

/// What happens with alerts that no severity table names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OtherAlerts {
    /// EU-Info.
    EuInfo,
    /// Level 4.
    Level4,
    /// They are not broadcast.
    #[default]
    NotBroadcast,
}

/// Which identifier tests have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TestIdentifier {
    /// Required monthly test.
    #[default]
    Monthly,
    /// State or local test.
    StateLocal,
}

/// When and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Number of broadcasts.
    pub broadcasts: Broadcasts,
    /// Category.
    pub category: Category,
    /// When it ends, seconds since 1970.
    pub end_unix_s: i64,
    /// Time between two starts.
    pub period: RepetitionPeriod,
    /// When it starts, seconds since 1970.
    pub start_unix_s: i64,
}

/// An alert that is not broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// It is over.
    #[error("the alert has expired")]
    Expired,
    /// The identifier and the status contradict each other.
    #[error("message identifier {message_id} does not go with status {}", status.as_str())]
    Mixed {
        /// The identifier asked for.
        message_id: MessageId,
        /// Status of the alert.
        status: Status,
    },
    /// The identifier has no partner for additional languages.
    #[error("message identifier {message_id} has none for additional languages")]
    NoAdditionalLanguage {
        /// The identifier of the local language.
        message_id: MessageId,
    },
    /// It names no area that can be drawn or looked up.
    #[error("the alert names no area")]
    NoArea,
    /// It says nothing.
    #[error("the alert has no info")]
    NoInfo,
    /// It has no words to show.
    #[error("the alert has no text")]
    NoText,
    /// Severity, urgency and certainty are below what is broadcast.
    #[error("the alert is too slight to be broadcast")]
    NotBroadcast,
    /// A parameter of ours is wrong.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// It is for systems, or not finished.
    #[error("alerts of status {} are not broadcast", status.as_str())]
    Status {
        /// Status of the alert.
        status: Status,
    },
    /// It withdraws or answers something.
    #[error("a {} has nothing to broadcast", msg_type.as_str())]
    Type {
        /// What it does.
        msg_type: MsgType,
    },
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_hours(1),
            local_language: "en".to_owned(),
            other: OtherAlerts::default(),
            repetition: Duration::from_mins(1),
            tests: TestIdentifier::default(),
            urgent_repetition: Duration::from_secs(30),
        }
    }
}

/// One info of an alert with what our parameters said in it.
#[derive(Debug, Clone)]
pub struct Mapping<'a> {
    alert: &'a Alert,
    index: usize,
    info: &'a Info,
    hints: Hints,
}

impl<'a> Mapping<'a> {
    /// The info at `index`, from 0, and its parameters under `prefix`.
    pub fn new(alert: &'a Alert, index: usize, prefix: &str) -> Result<Self, MapError> {
        let info = alert.infos.get(index).ok_or(MapError::NoInfo)?;
        Ok(Self {
            alert,
            index,
            info,
            hints: Hints::read(&info.parameters, prefix)?,
        })
    }

    /// What our parameters said.
    pub const fn hints(&self) -> &Hints {
        &self.hints
    }

    /// The message identifier.
    ///
    /// Exercises and tests have theirs, whatever they rehearse; one that is asked for must be
    /// meant for that, and an actual alert must not ask for one that is. The info in the local
    /// language gets the local identifier, or the first one if none is; the others get that of
    /// additional languages.
    pub fn message_id(&self, policy: &Policy) -> Result<MessageId, MapError> {
        match self.alert.msg_type {
            MsgType::Alert | MsgType::Update => {}
            msg_type => return Err(MapError::Type { msg_type }),
        }
        let id = local_id(self.alert.status, self.info, &self.hints, policy)?;
        let is_local = |info: &Info| {
            let mut subtags = info.language.split(['-', '_']);
            let primary = subtags.next().unwrap_or_default();
            primary.eq_ignore_ascii_case(&policy.local_language)
        };
        let local = self.alert.infos.iter().position(is_local);
        if self.index == local.unwrap_or_default() || id.local_language().is_some() {
            return Ok(id);
        }
        // One that is asked for and has no partner is meant for every language.
        let asked = self.hints.message_id;
        id.additional_language()
            .or(asked)
            .ok_or(MapError::NoAdditionalLanguage { message_id: id })
    }

    /// The words to show: the text of IPAWS, else our own parameter, else the instruction, else
    /// head line and description.
    pub fn text(&self) -> Result<String, MapError> {
        let info = self.info;
        let parameter = |name: &&str| {
            let mut found = info.parameters.iter().filter(|one| one.name == **name);
            found.next().map(|one| one.value.clone())
        };
        let is_said = |text: &String| !text.trim().is_empty();
        let ipaws = IPAWS_TEXTS.iter().filter_map(parameter).find(is_said);
        let said = ipaws
            .or_else(|| self.hints.text.clone())
            .or_else(|| info.instruction.clone().filter(is_said));
        let told = || {
            let parts = [&info.headline, &info.description].into_iter().flatten();
            parts.map(String::as_str).collect::<Vec<_>>().join("\n")
        };
        Some(said.unwrap_or_else(told))
            .filter(is_said)
            .ok_or(MapError::NoText)
    }

    /// When and how often a text of `pages` pages is broadcast under `message_id`.
    ///
    /// It starts when the information takes effect, or at once: not at the onset of the event,
    /// when a warning would be of no use any more.
    pub fn schedule(
        &self,
        message_id: MessageId,
        pages: u8,
        now_unix_s: i64,
        policy: &Policy,
    ) -> Result<Schedule, MapError> {
        let effective = self.info.effective.map(Timestamp::unix_seconds);
        let start_unix_s = effective.map_or(now_unix_s, |effective| effective.max(now_unix_s));
        let lifetime_s = i64::try_from(policy.lifetime.as_secs()).unwrap_or(i64::MAX);
        let end_unix_s = match self.info.expires {
            Some(expires) => expires.unix_seconds(),
            None => start_unix_s.saturating_add(lifetime_s),
        };
        let seconds = u64::try_from(end_unix_s.saturating_sub(start_unix_s)).unwrap_or_default();
        if seconds == 0 {
            return Err(MapError::Expired);
        }
        let (category, interval) = match message_id.eu_alert_level() {
            Some(1 | 2) => (Category::HighPriority, policy.urgent_repetition),
            _ => (Category::Normal, policy.repetition),
        };
        let interval = self.hints.repetition.unwrap_or(interval);
        let period = RepetitionPeriod::for_interval(interval, pages);
        let count = NonZeroU16::new(period.broadcasts(Duration::from_secs(seconds)));
        let broadcasts = count.map_or(Broadcasts::UntilKilled, Broadcasts::Count);
        Ok(Schedule {
            broadcasts: self.hints.broadcasts.unwrap_or(broadcasts),
            category: self.hints.category.unwrap_or(category),
            end_unix_s,
            period,
            start_unix_s,
        })
    }

    /// Polygons, circles and geocodes of all areas of the info. The whole network must be asked
    /// for by the parameter `service-area`; another name there is for the caller to look up.
    pub fn areas(&self) -> Result<Vec<Area>, MapError> {
        if self.hints.service_area.as_deref() == Some(EVERYWHERE) {
            return Ok(vec![Area::PlmnWide]);
        }
        let mut areas = Vec::new();
        for area in &self.info.areas {
            areas.extend(area.polygons.iter().cloned().map(Area::Polygon));
            areas.extend(area.circles.iter().copied().map(Area::Circle));
            areas.extend(area.geocodes.iter().cloned().map(Area::Geocode));
        }
        if areas.is_empty() && self.hints.service_area.is_none() {
            return Err(MapError::NoArea);
        }
        Ok(areas)
    }
}

fn local_id(
    status: Status,
    info: &Info,
    hints: &Hints,
    policy: &Policy,
) -> Result<MessageId, MapError> {
    let by_status = match status {
        Status::Actual => None,
        Status::Exercise => Some(MessageId::EXERCISE),
        Status::Test => Some(match policy.tests {
            TestIdentifier::Monthly => MessageId::MONTHLY_TEST,
            TestIdentifier::StateLocal => MessageId::STATE_LOCAL_TEST,
        }),
        Status::System | Status::Draft => return Err(MapError::Status { status }),
    };
    let Some(message_id) = hints.message_id else {
        return by_status.map_or_else(|| by_severity(info, policy), Ok);
    };
    if status.goes_with(message_id) {
        Ok(message_id)
    } else {
        Err(MapError::Mixed { message_id, status })
    }
}

impl Status {
    /// Whether a message identifier may be used for alerts of this status: exercises and tests
    /// stay away from those of real warnings, and real warnings from theirs. Those of data for
    /// devices are for nobody's text.
    pub fn goes_with(self, message_id: MessageId) -> bool {
        let nature = message_id.nature();
        let rehearses = matches!(nature, Nature::Exercise | Nature::Test);
        match self {
            Self::Actual => !rehearses && nature != Nature::Data,
            Self::Exercise | Self::Test => rehearses || message_id.is_for_trials(),
            Self::System | Self::Draft => false,
        }
    }
}

/// Level 1 is never taken from severity alone (TS 102 900).
fn by_severity(info: &Info, policy: &Policy) -> Result<MessageId, MapError> {
    let is_abduction = info
        .event_codes
        .iter()
        .any(|code| code.value == CHILD_ABDUCTION);
    if is_abduction {
        return Ok(AMBER);
    }
    let first = match (info.severity, info.urgency) {
        (Severity::Extreme, Urgency::Immediate) => Some(4371),
        (Severity::Extreme, Urgency::Expected) => Some(4373),
        (Severity::Severe, Urgency::Immediate) => Some(4375),
        (Severity::Severe, Urgency::Expected) => Some(4377),
        _ => None,
    };
    let id = match info.certainty {
        Certainty::Observed => first,
        Certainty::Likely => first.map(|id| id + 1),
        Certainty::Possible | Certainty::Unlikely | Certainty::Unknown => None,
    };
    match (id, policy.other) {
        (Some(id), _) => Ok(MessageId(id)),
        (None, OtherAlerts::EuInfo) => Ok(MessageId::EU_INFO),
        (None, OtherAlerts::Level4) => Ok(MessageId::LEVEL_4),
        (None, OtherAlerts::NotBroadcast) => Err(MapError::NotBroadcast),
    }
}

/// Which version of its message an alert is: as many as there were before it, modulo 16.
pub fn update_number(alert: &Alert) -> UpdateNumber {
    let earlier = match alert.msg_type {
        MsgType::Update => alert.references.len(),
        MsgType::Alert | MsgType::Cancel | MsgType::Ack | MsgType::Error => 0,
    };
    let number = earlier % usize::from(UPDATE_NUMBERS);
    UpdateNumber::new(number as u8).unwrap_or_default()
}
