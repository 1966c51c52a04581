//! What operators ask of links to Cell Broadcast Centres, and how links are.

use serde::{Deserialize, Serialize};

use super::ids::{ChannelName, LinkName, UserName};

/// What an operator asks of a link.
///
/// A pause is for work at the centre: nothing is asked of it, neither to begin nor to end. What is
/// on the air there goes on, what needs the link waits until it opens again or its window closes.
/// Whoever wants the air silent pauses the channel, which kills its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkMode {
    /// Asks what there is to ask.
    #[default]
    Open,
    /// Asks nothing.
    Paused,
}

impl LinkMode {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Open, Self::Paused]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

/// How a link is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkStatus {
    /// Which.
    pub name: LinkName,
    /// Where its centre is asked.
    pub url: String,
    /// What is spoken there, such as `ECBE`.
    pub speaks: String,
    /// Channels that send over it, those of other workspaces too.
    pub channels: Vec<ChannelName>,
    /// What was asked of it.
    pub mode: LinkMode,
    /// Since when, Unix ms.
    pub mode_since_ms: Option<u64>,
    /// Who asked.
    pub mode_by: Option<UserName>,
    /// Why.
    pub mode_reason: String,
    /// The centre can be reached.
    pub up: bool,
    /// Alerts that the link holds: on the air, or waiting to be.
    pub alerts: u64,
    /// Most that it may hold.
    pub queue: u64,
    /// Messages of which nobody knows whether the centre took them.
    pub unknown: u64,
    /// When the centre answered last, Unix ms; `None` before its first answer since the start.
    pub answered_ms: Option<u64>,
    /// Requests since the start by what came of them, such as `accepted` or `refused`.
    pub requests: Vec<(String, u64)>,
}

impl LinkStatus {
    /// Requests since the start.
    pub fn asked(&self) -> u64 {
        self.requests.iter().map(|(_, number)| number).sum()
    }

    /// Requests since the start that the centre refused or that nobody answered.
    pub fn failed(&self) -> u64 {
        let is_failure = |outcome: &str| matches!(outcome, "not_sent" | "refused" | "unknown");
        let failures = self
            .requests
            .iter()
            .filter(|(outcome, _)| is_failure(outcome));
        failures.map(|(_, number)| number).sum()
    }

    /// It asks, and the centre can be reached.
    pub fn is_ready(&self) -> bool {
        self.up && self.mode == LinkMode::Open
    }
}
