//! Workspaces: the live one and those to practise in share no channel.
//!
//! A workspace owns channels. What is sent from it leaves on these channels alone, whatever the
//! groups and areas that it addresses name besides; so a test workspace has no route to a live
//! bearer. Which channels belong to it is looked at again when a push is planned.

use serde::{Deserialize, Serialize};

use super::alert::ApprovalRules;
use super::ids::{ChannelName, WorkspaceName};

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
}

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

    /// Whether a channel is its own.
    pub fn owns(&self, channel: &ChannelName) -> bool {
        self.channels.contains(channel)
    }
}

/// Workspaces that cannot stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkspaceError {
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

/// Checks that no two workspaces share a channel.
pub fn check<'a>(
    workspaces: impl IntoIterator<Item = &'a Workspace>,
) -> Result<(), WorkspaceError> {
    let mut owners: Vec<(&ChannelName, &WorkspaceName)> = Vec::new();
    for workspace in workspaces {
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
        }
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
