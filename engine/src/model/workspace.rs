//! Workspaces: the live one and those to practise in share no channel.
//!
//! A workspace owns channels. What is sent from it leaves on these channels alone, whatever the
//! groups and areas that it addresses name besides; so a test workspace has no route to a live
//! bearer. Which channels belong to it is looked at again when a push is planned.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::alert::{AlertContent, ApprovalRules, MAX_LANGUAGES, Message};
use super::ids::{ChannelName, Language, WorkspaceName};

/// Whether it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What is sent reaches the public.
    Live,
    /// Practice and tests.
    Test,
}

impl Mode {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Live, Self::Test]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

/// A place to work in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workspace {
    /// Its name in URLs; never changed.
    pub name: WorkspaceName,
    /// Its name for people; the name itself if empty.
    #[serde(default)]
    pub title: String,
    /// Live or test; never changed.
    pub mode: Mode,
    /// The channels it owns: no other workspace has any of them.
    #[serde(default)]
    pub channels: Vec<ChannelName>,
    /// Who has to agree to an alert.
    #[serde(default)]
    pub approval: ApprovalRules,
    /// Languages that every alert should have; where one is missing, that is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Whoever works here needs a second factor; without one they see and stop, and no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_factor: bool,
    /// Where it is live: whoever has had no successful test for so many months, 1 to 36, neither
    /// writes nor approves until they have. Absent: the rule does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_after_months: Option<u32>,
}

/// Most months of [`Workspace::rest_after_months`].
pub const MAX_REST_MONTHS: u32 = 36;

impl Workspace {
    /// The name to show.
    pub fn title(&self) -> &str {
        match self.title.trim() {
            "" => self.name.as_str(),
            title => title,
        }
    }

    /// The rules that count: in a live workspace a second person is always needed.
    pub const fn rules(&self) -> ApprovalRules {
        let mut rules = self.approval;
        if matches!(self.mode, Mode::Live) {
            rules.second_person = true;
        }
        rules
    }

    /// Wanted languages in which nothing is written. A dialect speaks its language: `de-AT` is
    /// enough where `de` is wanted.
    pub fn missing_languages(&self, content: &AlertContent) -> Vec<Language> {
        let speaks = |written: &str, wanted: &str| {
            let (written, wanted) = (written.to_ascii_lowercase(), wanted.to_ascii_lowercase());
            let rest = written.strip_prefix(&wanted);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let is_missing = |wanted: &&Language| {
            let written = |message: &Message| {
                !message.text.trim().is_empty()
                    && speaks(message.language.as_str(), wanted.as_str())
            };
            !content.messages.iter().any(written)
        };
        self.languages.iter().filter(is_missing).cloned().collect()
    }

    /// Months without a successful test after which rights rest; `None` where they never do.
    pub const fn rests_after_months(&self) -> Option<u32> {
        match self.mode {
            Mode::Live => self.rest_after_months,
            Mode::Test => None,
        }
    }

    /// Whether a channel is its own.
    pub fn owns(&self, channel: &ChannelName) -> bool {
        self.channels.contains(channel)
    }
}

/// Workspaces that cannot be, or cannot stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkspaceError {
    /// More languages than an alert can have, or one of them twice.
    #[error("workspace {workspace} wants a language twice, or more than {MAX_LANGUAGES}")]
    Languages {
        /// Which workspace.
        workspace: WorkspaceName,
    },
    /// Months outside their range.
    #[error(
        "workspace {workspace}: rest_after_months = {months} is outside 1 to {MAX_REST_MONTHS}"
    )]
    Months {
        /// Which workspace.
        workspace: WorkspaceName,
        /// What was given.
        months: u32,
    },
    /// Two workspaces own one channel.
    #[error("channel {channel} belongs to workspace {owner} already")]
    Shared {
        /// The channel.
        channel: ChannelName,
        /// Whose it is.
        owner: WorkspaceName,
    },
    /// A channel stands there twice.
    #[error("channel {channel} stands there twice")]
    Twice {
        /// The channel.
        channel: ChannelName,
    },
}

impl WorkspaceError {
    /// The key of the configuration file that it is about.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Languages { .. } => "languages",
            Self::Months { .. } => "rest_after_months",
            Self::Shared { .. } | Self::Twice { .. } => "channels",
        }
    }
}

fn check_one(workspace: &Workspace) -> Result<(), WorkspaceError> {
    let mut seen = BTreeSet::new();
    let mut languages = workspace.languages.iter();
    let is_new = |language: &Language| seen.insert(language.as_str().to_ascii_lowercase());
    if workspace.languages.len() > MAX_LANGUAGES || !languages.all(is_new) {
        let workspace = workspace.name.clone();
        return Err(WorkspaceError::Languages { workspace });
    }
    match workspace.rest_after_months {
        Some(months) if !(1..=MAX_REST_MONTHS).contains(&months) => Err(WorkspaceError::Months {
            workspace: workspace.name.clone(),
            months,
        }),
        _ => Ok(()),
    }
}

/// Checks each, and that no two share a channel.
pub fn check<'a>(
    workspaces: impl IntoIterator<Item = &'a Workspace>,
) -> Result<(), WorkspaceError> {
    let mut owners: Vec<(&ChannelName, &WorkspaceName)> = Vec::new();
    for workspace in workspaces {
        check_one(workspace)?;
        for channel in &workspace.channels {
            let owner = owners.iter().find(|(known, _)| *known == channel);
            match owner {
                Some((_, owner)) if **owner == workspace.name => {
                    let channel = channel.clone();
                    return Err(WorkspaceError::Twice { channel });
                }
                Some((_, owner)) => {
                    return Err(WorkspaceError::Shared {
                        channel: channel.clone(),
                        owner: (*owner).clone(),
                    });
                }
                None => owners.push((channel, &workspace.name)),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(name: &str, mode: Mode, channels: &[&str]) -> Workspace {
        Workspace {
            name: name.parse().unwrap(),
            title: String::new(),
            mode,
            channels: channels.iter().map(|name| name.parse().unwrap()).collect(),
            approval: ApprovalRules::default(),
            languages: Vec::new(),
            second_factor: false,
            rest_after_months: None,
        }
    }

    #[test]
    fn wanted_languages_are_missed_until_something_is_written_in_them() {
        let mut live = workspace("live", Mode::Live, &[]);
        let message = |language: &str, text: &str| Message {
            language: language.parse().unwrap(),
            text: text.to_owned(),
            attachment: None,
        };
        let content = AlertContent {
            messages: vec![
                message("de-AT", "Servus"),
                message("en", " "),
                message("cyr", "x"),
            ],
            ..AlertContent::default()
        };
        assert!(live.missing_languages(&content).is_empty());
        live.languages = ["DE", "en", "cy"]
            .map(|name| name.parse().unwrap())
            .to_vec();
        let missing = live.missing_languages(&content);
        let missing: Vec<&str> = missing.iter().map(Language::as_str).collect();
        assert_eq!(missing, ["en", "cy"]);
    }

    #[test]
    fn settings_have_their_ranges() {
        let mut live = workspace("live", Mode::Live, &[]);
        for months in [0, MAX_REST_MONTHS + 1] {
            live.rest_after_months = Some(months);
            assert_eq!(check([&live]).unwrap_err().key(), "rest_after_months");
        }
        live.rest_after_months = Some(MAX_REST_MONTHS);
        assert_eq!(check([&live]), Ok(()));
        assert_eq!(live.rests_after_months(), Some(MAX_REST_MONTHS));
        live.languages = ["de", "DE"].map(|name| name.parse().unwrap()).to_vec();
        assert_eq!(check([&live]).unwrap_err().key(), "languages");
        let mut lab = workspace("lab", Mode::Test, &[]);
        lab.rest_after_months = Some(1);
        assert_eq!(lab.rests_after_months(), None, "there they practise");
    }

    #[test]
    fn no_channel_belongs_to_two() {
        let live = workspace("live", Mode::Live, &["a", "b"]);
        let lab = workspace("lab", Mode::Test, &["c"]);
        assert_eq!(check([&live, &lab]), Ok(()));
        let other = workspace("lab", Mode::Test, &["b"]);
        let shared = WorkspaceError::Shared {
            channel: "b".parse().unwrap(),
            owner: "live".parse().unwrap(),
        };
        assert_eq!(check([&live, &other]), Err(shared));
        let twice = workspace("lab", Mode::Test, &["c", "c"]);
        assert!(matches!(check([&twice]), Err(WorkspaceError::Twice { .. })));
    }

    #[test]
    fn a_live_workspace_always_needs_a_second_person() {
        let live = workspace("live", Mode::Live, &[]);
        assert!(!live.approval.second_person);
        assert!(live.rules().second_person);
        assert!(!workspace("lab", Mode::Test, &[]).rules().second_person);
    }
}
