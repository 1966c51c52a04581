//! What operators ask of channels, and how channels are.

use serde::{Deserialize, Serialize};

use super::channel::Bearer;
use super::ids::{ChannelName, UserName, WorkspaceName};

/// What an operator asks of a channel.
///
/// ```text
///  open ──pause──▶ paused    takes nothing new; what is on the air is stopped at its next packet
///    │ ▲──resume──┘  ▲
///    └──drain──▶ draining    takes nothing new; what is on the air runs to its end
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelMode {
    /// Takes what comes.
    #[default]
    Open,
    /// Takes nothing new; what is on the air runs to its end.
    Draining,
    /// Takes nothing new and sends nothing.
    Paused,
}

impl ChannelMode {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Draining => "draining",
            Self::Paused => "paused",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Open, Self::Draining, Self::Paused]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

/// How a channel is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelStatus {
    /// Which.
    pub name: ChannelName,
    /// Whose it is.
    pub workspace: Option<WorkspaceName>,
    /// On which bearer.
    pub bearer: Bearer,
    /// What was asked of it.
    pub mode: ChannelMode,
    /// Since when.
    pub mode_since_ms: Option<u64>,
    /// Who asked.
    pub mode_by: Option<UserName>,
    /// Why.
    pub mode_reason: String,
    /// Its lane runs and its interface or link can send.
    pub up: bool,
    /// Objects or messages on the air.
    pub on_air: u64,
    /// Packets sent since the process began.
    pub packets: u64,
    /// Octets sent since the process began.
    pub bytes: u64,
    /// Bursts that the kernel refused since the process began.
    pub send_failures: u64,
    /// Rate that it is held to, bit/s; `None` where it has none.
    pub rate_bps: Option<u64>,
    /// It was defined or changed after the process began and is used from the next start on.
    pub needs_restart: bool,
}

impl ChannelStatus {
    /// It takes what comes and can send it.
    pub fn is_ready(&self) -> bool {
        self.up && self.mode == ChannelMode::Open
    }
}
