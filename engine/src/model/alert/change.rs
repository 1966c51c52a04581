//! What differs between two edits of an alert, for whoever has to look again.

use serde::{Deserialize, Serialize};

use super::content::{AlertContent, Message, Start};

/// Which part differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Groups and areas.
    Audience,
    /// Bearers.
    Bearers,
    /// The file of a language.
    Attachment(String),
    /// How long.
    Duration,
    /// What it is about.
    Kind,
    /// Time between repetitions.
    Repetition,
    /// How bad it is.
    Severity,
    /// When it begins.
    Start,
    /// The text of a language.
    Text(String),
    /// The title.
    Title,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where.
    pub what: Changed,
    /// What stood there; `None` if nothing did.
    pub before: Option<String>,
    /// What stands there; `None` if nothing does.
    pub after: Option<String>,
}

/// Every difference between two edits, in the order of the form.
pub fn changes(before: &AlertContent, after: &AlertContent) -> Vec<Change> {
    let mut found = Vec::new();
    let mut add = |what, before: Option<String>, after: Option<String>| {
        if before != after {
            found.push(Change {
                what,
                before,
                after,
            });
        }
    };
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    add(Changed::Title, text(&before.title), text(&after.title));
    add(
        Changed::Severity,
        text(before.severity.label()),
        text(after.severity.label()),
    );
    add(Changed::Kind, text(&before.kind), text(&after.kind));
    let mut languages: Vec<&str> = Vec::new();
    for message in before.messages.iter().chain(&after.messages) {
        if !languages.contains(&message.language.as_str()) {
            languages.push(message.language.as_str());
        }
    }
    for language in languages {
        let (old, new) = (in_language(before, language), in_language(after, language));
        let words = |message: Option<&Message>| message.map(|message| message.text.clone());
        add(Changed::Text(language.to_owned()), words(old), words(new));
        let file = |message: Option<&Message>| {
            let attachment = message?.attachment.as_ref()?;
            Some(format!(
                "{}, {} octets, SHA-256 {}",
                attachment.name,
                attachment.bytes,
                attachment.sha256.to_hex()
            ))
        };
        add(
            Changed::Attachment(language.to_owned()),
            file(old),
            file(new),
        );
    }
    add(Changed::Audience, audience(before), audience(after));
    add(Changed::Bearers, bearers(before), bearers(after));
    add(Changed::Start, start(before), start(after));
    let seconds = |seconds: u64| Some(format!("{seconds} s"));
    add(
        Changed::Duration,
        seconds(before.duration_s),
        seconds(after.duration_s),
    );
    add(
        Changed::Repetition,
        before.repetition_s.and_then(seconds),
        after.repetition_s.and_then(seconds),
    );
    found
}

fn in_language<'a>(content: &'a AlertContent, language: &str) -> Option<&'a Message> {
    let same = |message: &&Message| message.language.as_str() == language;
    content.messages.iter().find(same)
}

fn audience(content: &AlertContent) -> Option<String> {
    let groups = content.groups.iter().map(|name| format!("group {name}"));
    let areas = content.areas.iter().map(|name| format!("area {name}"));
    let names: Vec<String> = groups.chain(areas).collect();
    Some(names.join(", ")).filter(|names| !names.is_empty())
}

fn bearers(content: &AlertContent) -> Option<String> {
    let names: Vec<&str> = content
        .bearers
        .iter()
        .map(|bearer| bearer.as_str())
        .collect();
    Some(names.join(", ")).filter(|names| !names.is_empty())
}

fn start(content: &AlertContent) -> Option<String> {
    match content.start {
        Start::At(at_ms) => Some(at_ms.to_string()),
        Start::Now => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_is_named_once() {
        let message = |language: &str, text: &str| Message {
            language: language.parse().unwrap(),
            text: text.to_owned(),
            attachment: None,
        };
        let before = AlertContent {
            title: "Flood".to_owned(),
            messages: vec![message("en", "Leave."), message("cy", "Gadewch.")],
            duration_s: 60,
            ..AlertContent::default()
        };
        assert_eq!(changes(&before, &before), []);
        let mut after = before.clone();
        after.messages = vec![message("en", "Leave now."), message("de", "Geht.")];
        after.groups.push("lab".parse().unwrap());
        after.start = Start::At(7);
        let found: Vec<Changed> = changes(&before, &after)
            .into_iter()
            .map(|change| change.what)
            .collect();
        let text = |language: &str| Changed::Text(language.to_owned());
        let expected = [
            text("en"),
            text("cy"),
            text("de"),
            Changed::Audience,
            Changed::Start,
        ];
        assert_eq!(found, expected);
    }
}
