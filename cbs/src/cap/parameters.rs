//! Parameters of our own profile: what plain CAP cannot say about Cell Broadcast. They are written
//! under a prefix that can be chosen; nobody standardised them.
//!
//! | parameter | value |
//! |---|---|
//! | `category` | `background`, `high`, `normal` |
//! | `charset` | `gsm7`, `ucs2` |
//! | `emergency-user-alert`, `popup` | `true`, `false` |
//! | `geo-scope` | `cell`, `cell-immediate`, `location-area`, `plmn` |
//! | `message-id` | 0 to 65534 |
//! | `num-broadcasts` | 0 (until killed) to 65535 |
//! | `repetition-period-s` | seconds, 1 to 7711 |
//! | `service-area` | a name, or `plmn` for everywhere |
//! | `text` | the text, word for word |

use std::num::NonZeroU16;
use std::time::Duration;

use super::model::NamedValue;
use crate::capacity::{MAX_PERIOD, PAGE_AIR_TIME};
use crate::cbep::{Broadcasts, Category};
use crate::message_id::MessageId;
use crate::serial::GeographicalScope;

/// Prefix of the names unless told otherwise.
pub const DEFAULT_PREFIX: &str = "cbs:";
/// Value of `service-area` for the whole network.
pub(super) const EVERYWHERE: &str = "plmn";

const CATEGORIES: [(&str, Category); 3] = [
    ("background", Category::Background),
    ("high", Category::HighPriority),
    ("normal", Category::Normal),
];
const CHARSETS: [(&str, CharsetHint); 2] =
    [("gsm7", CharsetHint::Gsm7), ("ucs2", CharsetHint::Ucs2)];
const FLAGS: [(&str, bool); 2] = [("false", false), ("true", true)];
const SCOPES: [(&str, GeographicalScope); 4] = [
    ("cell", GeographicalScope::Cell),
    ("cell-immediate", GeographicalScope::CellImmediate),
    ("location-area", GeographicalScope::LocationArea),
    ("plmn", GeographicalScope::Plmn),
];

/// A charset that is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CharsetHint {
    /// The default alphabet.
    Gsm7,
    /// UCS2.
    Ucs2,
}

/// What the parameters said; the first one of each name counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hints {
    /// Number of broadcasts.
    pub broadcasts: Option<Broadcasts>,
    /// Category.
    pub category: Option<Category>,
    /// Charset.
    pub charset: Option<CharsetHint>,
    /// ETWS: sound the alert.
    pub emergency_user_alert: Option<bool>,
    /// Message identifier.
    pub message_id: Option<MessageId>,
    /// ETWS: show a popup.
    pub popup: Option<bool>,
    /// Time between two broadcasts.
    pub repetition: Option<Duration>,
    /// Geographical scope.
    pub scope: Option<GeographicalScope>,
    /// A named area.
    pub service_area: Option<String>,
    /// The text.
    pub text: Option<String>,
}

/// A parameter of ours with a value that it cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {name} has a value that it cannot have")]
pub struct ParameterError {
    /// Its name, without the prefix.
    pub name: &'static str,
}

impl Hints {
    /// Reads the parameters whose names start with `prefix`; others are not looked at.
    pub fn read(parameters: &[NamedValue], prefix: &str) -> Result<Self, ParameterError> {
        let value = |name: &str| {
            let mut ours = parameters.iter().filter_map(|parameter| {
                let rest = parameter.name.strip_prefix(prefix)?;
                (rest == name).then_some(parameter.value.trim())
            });
            ours.next()
        };
        let number = |name, low: u16, high: u16| {
            let parsed = value(name).map(|value| match value.parse() {
                Ok(number) if (low..=high).contains(&number) => Ok(number),
                _ => Err(ParameterError { name }),
            });
            parsed.transpose()
        };
        let longest = (PAGE_AIR_TIME * u32::from(MAX_PERIOD)).as_secs() as u16 + 1;
        let seconds = number("repetition-period-s", 1, longest)?;
        let owned = |name| {
            value(name)
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
        };
        Ok(Self {
            broadcasts: number("num-broadcasts", 0, u16::MAX)?.map(|count| {
                NonZeroU16::new(count).map_or(Broadcasts::UntilKilled, Broadcasts::Count)
            }),
            category: word("category", value("category"), &CATEGORIES)?,
            charset: word("charset", value("charset"), &CHARSETS)?,
            emergency_user_alert: word(
                "emergency-user-alert",
                value("emergency-user-alert"),
                &FLAGS,
            )?,
            message_id: number("message-id", 0, u16::MAX - 1)?.map(MessageId),
            popup: word("popup", value("popup"), &FLAGS)?,
            repetition: seconds.map(|seconds| Duration::from_secs(seconds.into())),
            scope: word("geo-scope", value("geo-scope"), &SCOPES)?,
            service_area: owned("service-area"),
            text: owned("text"),
        })
    }

    /// The parameters that say this.
    pub fn write(&self, prefix: &str) -> Vec<NamedValue> {
        let broadcasts = self.broadcasts.map(|broadcasts| match broadcasts {
            Broadcasts::Count(count) => count.get(),
            Broadcasts::UntilKilled => 0,
        });
        let seconds = self.repetition.map(|repetition| repetition.as_secs());
        let values = [
            ("category", name(self.category, &CATEGORIES)),
            ("charset", name(self.charset, &CHARSETS)),
            (
                "emergency-user-alert",
                name(self.emergency_user_alert, &FLAGS),
            ),
            ("geo-scope", name(self.scope, &SCOPES)),
            ("message-id", self.message_id.map(|id| id.to_string())),
            ("num-broadcasts", broadcasts.map(|count| count.to_string())),
            ("popup", name(self.popup, &FLAGS)),
            (
                "repetition-period-s",
                seconds.map(|seconds| seconds.to_string()),
            ),
            ("service-area", self.service_area.clone()),
            ("text", self.text.clone()),
        ];
        let present = values.into_iter().filter_map(|(name, value)| {
            Some(NamedValue {
                name: format!("{prefix}{name}"),
                value: value?,
            })
        });
        present.collect()
    }
}

fn word<T: Copy>(
    name: &'static str,
    value: Option<&str>,
    words: &[(&str, T)],
) -> Result<Option<T>, ParameterError> {
    let Some(value) = value else {
        return Ok(None);
    };
    match words.iter().find(|(word, _)| *word == value) {
        Some((_, meaning)) => Ok(Some(*meaning)),
        None => Err(ParameterError { name }),
    }
}

fn name<T: PartialEq>(value: Option<T>, words: &[(&str, T)]) -> Option<String> {
    let value = value?;
    let (word, _) = words.iter().find(|(_, meaning)| *meaning == value)?;
    Some((*word).to_owned())
}
