//! What an alert says, to whom, and when.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::channel::Bearer;
use crate::model::ids::{AreaName, GroupName, Language};
use crate::model::submission::Sha256;

/// Longest title, octets: it stands in lists.
pub const MAX_TITLE_BYTES: usize = 200;
/// Longest text of one language, octets: some fifteen times what Cell Broadcast takes.
pub const MAX_TEXT_BYTES: usize = 20_000;
/// Languages of one alert.
pub const MAX_LANGUAGES: usize = 20;
/// Groups and areas of one alert: each is a delivery of each language.
pub const MAX_TARGETS: usize = 500;
/// Longest name of an attached file, octets.
pub const MAX_ATTACHMENT_NAME_BYTES: usize = 100;

/// How bad it is (CAP 1.2 3.2.2 `severity`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nobody knows.
    #[default]
    Unknown,
    /// Minimal threat.
    Minor,
    /// Possible threat.
    Moderate,
    /// Significant threat.
    Severe,
    /// Extraordinary threat.
    Extreme,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: &[Self] = &[
        Self::Extreme,
        Self::Severe,
        Self::Moderate,
        Self::Minor,
        Self::Unknown,
    ];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Minor => "minor",
            Self::Moderate => "moderate",
            Self::Severe => "severe",
            Self::Extreme => "extreme",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::Minor => "Minor",
            Self::Moderate => "Moderate",
            Self::Severe => "Severe",
            Self::Extreme => "Extreme",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        (Self::ALL.iter().copied()).find(|severity| severity.as_str() == text)
    }
}

/// When it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// At a time, Unix ms.
    At(u64),
    /// Once it is approved.
    #[default]
    Now,
}

/// A file that goes with a text, on bearers that carry files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Name that receivers see; no folder in it.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Its octets in the store.
    pub sha256: Sha256,
    /// Length, octets.
    pub bytes: u64,
}

/// The message in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Which.
    pub language: Language,
    /// The text.
    pub text: String,
    /// A file beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
}

/// What one version of an alert consists of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AlertContent {
    /// Its name in the console; never sent.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, in the words of the house; never sent.
    #[serde(default)]
    pub kind: String,
    /// One for each language, in the order of the tabs.
    pub messages: Vec<Message>,
    /// Alias groups to reach.
    pub groups: Vec<GroupName>,
    /// Service areas to reach.
    pub areas: Vec<AreaName>,
    /// Bearers to use; none means all that the groups and areas have.
    #[serde(default)]
    pub bearers: Vec<Bearer>,
    /// When it begins.
    pub start: Start,
    /// How long it is valid, s.
    pub duration_s: u64,
    /// Time between the starts of two repetitions, s; `None` leaves it to each channel.
    #[serde(default)]
    pub repetition_s: Option<u64>,
}

/// What can be wrong, by the field of the form that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Groups and areas.
    Audience,
    /// The attached file of a language.
    Attachment,
    /// Bearers.
    Bearers,
    /// How long.
    Duration,
    /// The language tag.
    Language,
    /// The reason for a decision.
    Reason,
    /// Time between repetitions.
    Repetition,
    /// When it begins.
    Start,
    /// The text of a language.
    Text,
    /// The title.
    Title,
}

/// One thing that keeps an alert from being sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentProblem {
    /// Where.
    pub field: Field,
    /// In which language's tab.
    pub language: Option<Language>,
    /// One sentence that says what to do.
    pub message: String,
}

/// Bounds on times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Shortest validity, s.
    pub min_duration_s: u64,
    /// Longest validity, s.
    pub max_duration_s: u64,
    /// How far ahead it may be scheduled, s.
    pub max_ahead_s: u64,
    /// Longest attached file, octets.
    pub max_attachment_bytes: u64,
}

impl Default for Limits {
    /// One minute to 24 hours, a year ahead, 64 MiB.
    fn default() -> Self {
        Self {
            min_duration_s: 60,
            max_duration_s: 86_400,
            max_ahead_s: 366 * 86_400,
            max_attachment_bytes: 64 << 20,
        }
    }
}

impl AlertContent {
    /// When it ends if it is approved at `now_ms`.
    pub const fn window(&self, now_ms: u64) -> (u64, u64) {
        let start_ms = match self.start {
            Start::At(at_ms) if at_ms > now_ms => at_ms,
            Start::At(_) | Start::Now => now_ms,
        };
        let length_ms = self.duration_s.saturating_mul(1000);
        (start_ms, start_ms.saturating_add(length_ms))
    }

    /// Everything that keeps it from being sent; nothing if it may be. That groups and areas exist
    /// is not looked at here.
    pub fn problems(&self, limits: &Limits, now_ms: u64) -> Vec<ContentProblem> {
        let mut found = Found::default();
        match self.title.trim().len() {
            0 => found.add(Field::Title, None, "Give the alert a title."),
            length if length > MAX_TITLE_BYTES => {
                found.add(Field::Title, None, "The title is too long: shorten it.");
            }
            _ => {}
        }
        self.messages_into(limits, &mut found);
        self.audience_into(&mut found);
        self.times_into(limits, now_ms, &mut found);
        found.0
    }

    fn messages_into(&self, limits: &Limits, found: &mut Found) {
        if self.messages.is_empty() {
            found.add(
                Field::Text,
                None,
                "Write a message in at least one language.",
            );
        }
        if self.messages.len() > MAX_LANGUAGES {
            found.add(Field::Language, None, "There are too many languages.");
        }
        let mut seen = BTreeSet::new();
        for message in &self.messages {
            let language = Some(&message.language);
            if !seen.insert(message.language.as_str().to_ascii_lowercase()) {
                found.add(Field::Language, language, "This language is there twice.");
            }
            let text = message.text.trim();
            if text.is_empty() {
                found.add(
                    Field::Text,
                    language,
                    "Write the message, or remove the language.",
                );
            }
            if text.len() > MAX_TEXT_BYTES {
                found.add(
                    Field::Text,
                    language,
                    "The message is too long: shorten it.",
                );
            }
            if let Some(blank) = super::blanks(text).first() {
                let message = format!("Fill in the blank “{}”.", blank.name);
                found.add(Field::Text, language, &message);
            }
            if let Some(attachment) = &message.attachment {
                attachment.check(limits, language, found);
            }
        }
    }

    fn audience_into(&self, found: &mut Found) {
        let targets = self.groups.len() + self.areas.len();
        if targets == 0 {
            found.add(Field::Audience, None, "Choose at least one group or area.");
        }
        if targets > MAX_TARGETS {
            found.add(
                Field::Audience,
                None,
                "There are too many groups and areas.",
            );
        }
        let groups: BTreeSet<_> = self.groups.iter().collect();
        let areas: BTreeSet<_> = self.areas.iter().collect();
        if groups.len() + areas.len() < targets {
            found.add(Field::Audience, None, "A group or area is there twice.");
        }
    }

    fn times_into(&self, limits: &Limits, now_ms: u64, found: &mut Found) {
        let Limits {
            min_duration_s,
            max_duration_s,
            max_ahead_s,
            ..
        } = limits;
        if !(*min_duration_s..=*max_duration_s).contains(&self.duration_s) {
            let message = format!(
                "The duration has to be between {} and {}.",
                spoken(*min_duration_s),
                spoken(*max_duration_s)
            );
            found.add(Field::Duration, None, &message);
        }
        if let Start::At(at_ms) = self.start {
            if at_ms.saturating_add(self.duration_s.saturating_mul(1000)) <= now_ms {
                found.add(Field::Start, None, "The time is over: choose a later one.");
            }
            if at_ms > now_ms.saturating_add(max_ahead_s.saturating_mul(1000)) {
                found.add(Field::Start, None, "The start is too far ahead.");
            }
        }
        match self.repetition_s {
            Some(0) => found.add(Field::Repetition, None, "Repeat after one second or more."),
            Some(repetition_s) if repetition_s > self.duration_s => found.add(
                Field::Repetition,
                None,
                "It would end before it is repeated: repeat it more often or leave it out.",
            ),
            _ => {}
        }
    }
}

impl Attachment {
    fn check(&self, limits: &Limits, language: Option<&Language>, found: &mut Found) {
        let name = self.name.as_str();
        let is_bad = |character: char| character.is_control() || matches!(character, '/' | '\\');
        let bad = name.is_empty()
            || name.len() > MAX_ATTACHMENT_NAME_BYTES
            || matches!(name, "." | "..")
            || name.contains(is_bad);
        if bad {
            found.add(Field::Attachment, language, "Give the file a plain name.");
        }
        if self.bytes == 0 || self.bytes > limits.max_attachment_bytes {
            found.add(
                Field::Attachment,
                language,
                "The file is empty or too long.",
            );
        }
    }
}

#[derive(Default)]
struct Found(Vec<ContentProblem>);

impl Found {
    fn add(&mut self, field: Field, language: Option<&Language>, message: &str) {
        self.0.push(ContentProblem {
            field,
            language: language.cloned(),
            message: message.to_owned(),
        });
    }
}

/// Seconds in the largest unit that leaves no rest.
fn spoken(seconds: u64) -> String {
    let (number, unit) = match seconds {
        s if s >= 86_400 && s.is_multiple_of(86_400) => (s / 86_400, "day"),
        s if s >= 3_600 && s.is_multiple_of(3_600) => (s / 3_600, "hour"),
        s if s >= 60 && s.is_multiple_of(60) => (s / 60, "minute"),
        s => (s, "second"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    fn sound() -> AlertContent {
        AlertContent {
            title: "Flood at the weir".to_owned(),
            messages: vec![Message {
                language: "en".parse().unwrap(),
                text: "Leave the river bank.".to_owned(),
                attachment: None,
            }],
            groups: vec!["lab".parse().unwrap()],
            duration_s: 3_600,
            ..AlertContent::default()
        }
    }

    type Spoil = fn(&mut AlertContent);

    fn fields(content: &AlertContent) -> Vec<Field> {
        let problems = content.problems(&Limits::default(), NOW);
        problems.iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn what_is_complete_has_no_problems() {
        assert_eq!(fields(&sound()), []);
    }

    #[test]
    fn an_empty_one_names_every_field() {
        let expected = [Field::Title, Field::Text, Field::Audience, Field::Duration];
        assert_eq!(fields(&AlertContent::default()), expected);
    }

    #[test]
    fn each_field_has_its_bounds() {
        let table: &[(Field, Spoil)] = &[
            (Field::Title, |c| c.title = "x".repeat(201)),
            (Field::Text, |c| c.messages[0].text = "  ".to_owned()),
            (Field::Text, |c| {
                c.messages[0].text = "Leave {{place}}.".to_owned()
            }),
            (Field::Text, |c| c.messages[0].text = "x".repeat(20_001)),
            (Field::Language, |c| {
                let mut again = c.messages[0].clone();
                again.language = "EN".parse().unwrap();
                c.messages.push(again);
            }),
            (Field::Audience, |c| c.groups.push("lab".parse().unwrap())),
            (Field::Duration, |c| c.duration_s = 59),
            (Field::Duration, |c| c.duration_s = 86_401),
            (Field::Start, |c| c.start = Start::At(NOW - 3_600_000)),
            (Field::Start, |c| c.start = Start::At(u64::MAX)),
            (Field::Repetition, |c| c.repetition_s = Some(0)),
            (Field::Repetition, |c| c.repetition_s = Some(3_601)),
            (Field::Attachment, |c| {
                c.messages[0].attachment = Some(Attachment {
                    name: "../map.png".to_owned(),
                    content_type: "image/png".to_owned(),
                    sha256: Sha256([0; 32]),
                    bytes: 1,
                });
            }),
        ];
        for (number, (field, spoil)) in table.iter().enumerate() {
            let mut content = sound();
            spoil(&mut content);
            assert_eq!(fields(&content), [*field], "row {number}");
        }
    }

    #[test]
    fn a_start_that_is_over_is_now() {
        let mut content = sound();
        assert_eq!(content.window(NOW), (NOW, NOW + 3_600_000));
        content.start = Start::At(NOW + 5);
        assert_eq!(content.window(NOW), (NOW + 5, NOW + 3_600_005));
        content.start = Start::At(NOW - 5);
        assert_eq!(content.window(NOW), (NOW, NOW + 3_600_000));
    }
}
