//! What changes while somebody watches, in small pieces for a stream.
//!
//! Each event has a number, so that a reader that was away says which it saw last and hears the
//! rest. The numbers begin anew with each process; [`EventId::epoch`] tells the processes apart.
//! Where too much has happened meanwhile, the reader is told to load its page again
//! ([`What::Reload`]).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::alert::AlertState;
use super::channel_status::ChannelMode;
use super::detail::SubmissionProgress;
use super::ids::{AlertId, ChannelName, WorkspaceName};
use super::overview::Overview;

/// Where an event stands in the stream; as text it is the `id` of a server-sent event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId {
    /// Which process: the time that it began at, Unix ms.
    pub epoch: u64,
    /// Counted from 1.
    pub number: u64,
}

/// Text that is no place in the stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the id of an event")]
pub struct EventIdError(String);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.number)
    }
}

impl FromStr for EventId {
    type Err = EventIdError;

    fn from_str(text: &str) -> Result<Self, EventIdError> {
        let read = || {
            let (epoch, number) = text.split_once('-')?;
            Some(Self {
                epoch: epoch.parse().ok()?,
                number: number.parse().ok()?,
            })
        };
        read().ok_or_else(|| EventIdError(text.to_owned()))
    }
}

impl TryFrom<String> for EventId {
    type Error = EventIdError;

    fn try_from(text: String) -> Result<Self, EventIdError> {
        text.parse()
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.to_string()
    }
}

/// Something that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the stream.
    pub id: EventId,
    /// When.
    pub at_ms: u64,
    /// Whom it concerns; `None` for all workspaces.
    pub workspace: Option<WorkspaceName>,
    /// What.
    pub what: What,
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// An alert was changed by somebody, or by what became of its deliveries.
    Alert {
        /// Which.
        id: AlertId,
        /// Its name.
        title: String,
        /// What it is now.
        state: AlertState,
        /// It waits for an approver, or its update does.
        waiting: bool,
    },
    /// A channel was paused, drained, resumed, or its interface went or came.
    Channel {
        /// Which.
        name: ChannelName,
        /// What was asked of it.
        mode: ChannelMode,
        /// It can send.
        up: bool,
    },
    /// The figures of the first page, about once a second while they change.
    Overview(Overview),
    /// More has happened than is remembered: load the page again.
    Reload,
    /// A push that somebody watches has got on.
    Submission(SubmissionProgress),
}

impl What {
    /// The `event` of a server-sent event.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Alert { .. } => "alert",
            Self::Channel { .. } => "channel",
            Self::Overview(_) => "overview",
            Self::Reload => "reload",
            Self::Submission(_) => "submission",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_back() {
        let id = EventId {
            epoch: 17,
            number: 4,
        };
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("4".parse::<EventId>().is_err());
    }
}
