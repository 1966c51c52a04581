//! What operators ask of channels.

use crate::model::channel_status::ChannelMode;
use crate::model::{ChannelName, UserName};
use crate::store::row::Columns;
use crate::store::steps::{Steps, values};
use crate::store::{Store, StoreError};

/// What was asked of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelModeRow {
    /// Which.
    pub channel: ChannelName,
    /// What.
    pub mode: ChannelMode,
    /// Since when.
    pub since_ms: u64,
    /// By whom.
    pub by: UserName,
    /// Why.
    pub reason: String,
}

impl Steps {
    /// Asks something of a channel. A channel that opens again gets its waiting pushes at once.
    #[must_use]
    pub fn set_channel_mode(self, row: &ChannelModeRow) -> Self {
        let steps = self.run(
            "INSERT INTO channel_mode (channel, mode, since_ms, by_user, reason) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (channel) DO UPDATE SET \
             mode = excluded.mode, since_ms = excluded.since_ms, by_user = excluded.by_user, \
             reason = excluded.reason",
            values![
                row.channel.as_str(),
                row.mode.as_str(),
                row.since_ms,
                row.by.as_str(),
                row.reason.as_str(),
            ],
        );
        if row.mode != ChannelMode::Open {
            return steps;
        }
        steps.wake_waiting(row.since_ms)
    }

    /// Lets pushes that have waited for a channel or a link be looked at at once.
    #[must_use]
    pub(super) fn wake_waiting(self, now_ms: u64) -> Self {
        self.run(
            "UPDATE submission SET next_ms = $1 WHERE state = 'queued' AND attempts > 0 \
             AND next_ms > $1 AND due_ms <= $1 AND claimed_by IS NULL \
             AND id NOT IN (SELECT submission_id FROM held_submission)",
            values![now_ms],
        )
    }
}

impl Steps {
    /// A channel is gone, and what was asked of it.
    #[must_use]
    pub fn delete_channel_mode(self, channel: &ChannelName) -> Self {
        self.run(
            "DELETE FROM channel_mode WHERE channel = $1",
            values![channel.as_str()],
        )
    }
}

impl Store {
    /// What was asked of channels.
    pub async fn channel_modes(&self) -> Result<Vec<ChannelModeRow>, StoreError> {
        let query = sqlx::query(
            "SELECT channel, mode, since_ms, by_user, reason FROM channel_mode ORDER BY channel",
        );
        let read = |row| {
            let row = Columns::keyed(row, "channel_mode", "channel");
            Ok(ChannelModeRow {
                channel: row.parsed("channel")?,
                mode: row.known("mode", ChannelMode::from_stored)?,
                since_ms: row.number("since_ms")?,
                by: row.parsed("by_user")?,
                reason: row.text("reason")?,
            })
        };
        self.rows(query).await?.iter().map(read).collect()
    }
}
