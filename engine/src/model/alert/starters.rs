//! What a new workspace begins with: templates for common dangers, one that takes back what was
//! sent in error, and, where people practise, an example that only has to be sent.
//!
//! The texts say what, where, how serious, what to do, who sends it and where to learn more, in the
//! characters of the GSM 7-bit alphabet. They are a beginning: editors change and delete them, and
//! what was deleted does not come back.

use super::content::{AlertContent, Message, Severity};
use super::template::Use;
use crate::model::ids::{AreaName, GroupName};
use crate::model::workspace::Mode;

/// Language of the texts.
const LANGUAGE: &str = "en";
/// What every text begins with where people practise.
const TEST_MARK: &str = "TEST. ";
/// How long the example stays on the air, s: long enough to be watched, short enough for a lesson.
const EXAMPLE_S: u64 = 900;

/// A template as it comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Starter {
    /// Its name in lists, and the title of alerts made from it.
    pub name: &'static str,
    /// What it is for.
    pub purpose: Use,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub kind: &'static str,
    /// How long it is valid, s.
    pub duration_s: u64,
    /// The text, with blanks.
    pub text: &'static str,
}

/// All of them.
pub const STARTERS: &[Starter] = &[
    Starter {
        name: "Flood: leave low ground",
        purpose: Use::Alert,
        severity: Severity::Severe,
        kind: "Flood",
        duration_s: 6 * 3_600,
        text: "FLOOD WARNING for {{place}}. The {{river}} is rising fast and danger to life is \
               possible. Leave low ground now and go to {{where it is safe}}. Do not walk or \
               drive through water. {{who sends this}}. More: {{where to learn more}}",
    },
    Starter {
        name: "Storm: stay inside",
        purpose: Use::Alert,
        severity: Severity::Severe,
        kind: "Storm",
        duration_s: 12 * 3_600,
        text: "STORM WARNING for {{place}} from {{time}}. Winds of {{speed}} can bring down trees \
               and roofs. Stay inside and away from windows. Do not travel. {{who sends this}}. \
               More: {{where to learn more}}",
    },
    Starter {
        name: "Smoke or gas: close windows",
        purpose: Use::Alert,
        severity: Severity::Extreme,
        kind: "Hazardous substance",
        duration_s: 4 * 3_600,
        text: "DANGER in {{place}}: {{substance}} in the air. Go inside now, close windows and \
               doors, turn ventilation off. Stay there until you are told that it is over. \
               {{who sends this}}. More: {{where to learn more}}",
    },
    Starter {
        name: "Drinking water: boil it",
        purpose: Use::Alert,
        severity: Severity::Moderate,
        kind: "Drinking water",
        duration_s: 24 * 3_600,
        text: "WATER WARNING for {{place}}. Tap water may make you ill. Boil it for three minutes \
               before you drink it or cook with it. Washing is safe. {{who sends this}}. More: \
               {{where to learn more}}",
    },
    Starter {
        name: "All clear",
        purpose: Use::Alert,
        severity: Severity::Minor,
        kind: "All clear",
        duration_s: 3_600,
        text: "ALL CLEAR for {{place}}. The danger ({{what it was}}) is over. You need not do \
               anything more. {{who sends this}}. More: {{where to learn more}}",
    },
    Starter {
        name: "Test of the alert system",
        purpose: Use::Alert,
        severity: Severity::Minor,
        kind: "Test",
        duration_s: 1_800,
        text: "This is a test of the public alert system. Nothing has happened and you need not \
               do anything. {{who sends this}}. More: {{where to learn more}}",
    },
    // Without blanks: a false alarm has to be taken back at once.
    Starter {
        name: "Sent in error: there is no danger",
        purpose: Use::Correction,
        severity: Severity::Moderate,
        kind: "Correction",
        duration_s: 3_600,
        text: "CORRECTION. The alert that you have just received was sent in error. There is no \
               danger and you need not do anything. We are sorry.",
    },
];

impl Starter {
    /// What a template made of it says in a workspace of this kind.
    pub fn content(&self, mode: Mode) -> AlertContent {
        AlertContent {
            title: self.name.to_owned(),
            severity: self.severity,
            kind: self.kind.to_owned(),
            messages: message(mode, self.text),
            duration_s: self.duration_s,
            ..AlertContent::default()
        }
    }
}

/// An alert that is complete but for its audience, which may be empty: for workspaces in which
/// people practise.
pub fn example(groups: Vec<GroupName>, areas: Vec<AreaName>) -> AlertContent {
    let text = "Flood warning for Alnwick: the river Aln is rising fast. Leave low ground now and \
                go to the castle. This is an example: nothing has happened.";
    AlertContent {
        title: "Example: flood on the river Aln".to_owned(),
        severity: Severity::Severe,
        kind: "Flood".to_owned(),
        messages: message(Mode::Test, text),
        groups,
        areas,
        duration_s: EXAMPLE_S,
        ..AlertContent::default()
    }
}

fn message(mode: Mode, text: &str) -> Vec<Message> {
    let mark = match mode {
        Mode::Live => "",
        Mode::Test => TEST_MARK,
    };
    let language = LANGUAGE.parse().ok();
    let message = language.map(|language| Message {
        language,
        text: format!("{mark}{text}"),
        attachment: None,
    });
    message.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alert::{Limits, blanks};

    #[test]
    fn each_is_short_of_nothing_but_its_blanks_and_its_audience() {
        for starter in STARTERS {
            for mode in [Mode::Live, Mode::Test] {
                let mut content = starter.content(mode);
                content.groups = vec!["lab".parse().unwrap()];
                let text = &mut content.messages[0].text;
                assert_eq!(text.starts_with(TEST_MARK), mode == Mode::Test);
                let open = blanks(text).len();
                *text = text.replace("{{", "").replace("}}", "");
                assert_eq!(
                    content.problems(&Limits::default(), 0),
                    [],
                    "{}",
                    starter.name
                );
                let is_correction = starter.purpose == Use::Correction;
                assert_eq!(open == 0, is_correction, "{}", starter.name);
            }
        }
    }

    #[test]
    fn the_example_only_has_to_be_sent() {
        let content = example(vec!["lab".parse().unwrap()], Vec::new());
        assert_eq!(content.problems(&Limits::default(), 0), []);
        assert!(content.messages[0].text.starts_with(TEST_MARK));
    }
}
