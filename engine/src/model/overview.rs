//! The figures of the first page.

use serde::{Deserialize, Serialize};

use super::alert::{AlertState, Severity};
use super::channel_status::ChannelStatus;
use super::ids::{AlertId, WorkspaceName};
use super::listing::DeliveryCounts;

/// Alerts on the first page.
pub const MAX_LIVE_ALERTS: usize = 50;

/// What a workspace is about at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Which.
    pub workspace: WorkspaceName,
    /// As of when.
    pub at_ms: u64,
    /// Alerts on the air.
    pub live: u32,
    /// Alerts, updates and pushes waiting for approval.
    pub waiting: u32,
    /// Alerts waiting for their time.
    pub scheduled: u32,
    /// Alerts that failed in the last 24 hours.
    pub failed_day: u32,
    /// Pushes of initiators that have objects on the air.
    pub pushes_on_air: u32,
    /// The alerts that are on the air or waiting for their time, the worst first.
    pub alerts: Vec<LiveAlert>,
    /// The workspace's channels.
    pub channels: Vec<ChannelStatus>,
}

impl Overview {
    /// One sentence about everything.
    pub fn sentence(&self) -> String {
        let alerts = match self.live {
            0 => "Nothing is on the air".to_owned(),
            1 => "1 alert is on the air".to_owned(),
            live => format!("{live} alerts are on the air"),
        };
        let down = (self.channels.iter()).filter(|channel| !channel.is_ready());
        let channels = match (self.channels.len(), down.count()) {
            (0, _) => "there is no channel to send on".to_owned(),
            (_, 0) => "all channels are ready".to_owned(),
            (all, down) => format!("{down} of {all} channels are not ready"),
        };
        format!("{alerts}, {channels}.")
    }
}

/// A card of the first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveAlert {
    /// Which.
    pub id: AlertId,
    /// Its name.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Scheduled or broadcasting.
    pub state: AlertState,
    /// Somebody has stopped it, and its last packets are about to leave.
    pub stopping: bool,
    /// An update waits for approval.
    pub update_waiting: bool,
    /// Version on the air.
    pub version: u32,
    /// Groups and areas.
    pub targets: Vec<String>,
    /// When it begins.
    pub start_ms: u64,
    /// When it ends.
    pub end_ms: u64,
    /// Its deliveries, over all languages.
    pub deliveries: DeliveryCounts,
    /// Stopping it now keeps all of it from the air until then.
    pub undo_until_ms: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_without_channels_says_so() {
        let overview = Overview {
            workspace: "live".parse().unwrap(),
            at_ms: 0,
            live: 2,
            waiting: 0,
            scheduled: 0,
            failed_day: 0,
            pushes_on_air: 0,
            alerts: Vec::new(),
            channels: Vec::new(),
        };
        assert_eq!(
            overview.sentence(),
            "2 alerts are on the air, there is no channel to send on."
        );
    }
}
