//! What operators ask of links to Cell Broadcast Centres.

use crate::model::link_status::LinkMode;
use crate::model::{LinkName, UserName};
use crate::store::row::Columns;
use crate::store::steps::{Steps, values};
use crate::store::{Store, StoreError};

/// What was asked of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkModeRow {
    /// Which.
    pub link: LinkName,
    /// What.
    pub mode: LinkMode,
    /// Since when, Unix ms.
    pub since_ms: u64,
    /// By whom.
    pub by: UserName,
    /// Why.
    pub reason: String,
}

impl Steps {
    /// Asks something of a link. What waits for one that opens again is looked at at once.
    #[must_use]
    pub fn set_link_mode(self, row: &LinkModeRow) -> Self {
        let steps = self.run(
            "INSERT INTO link_mode (link, mode, since_ms, by_user, reason) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (link) DO UPDATE SET \
             mode = excluded.mode, since_ms = excluded.since_ms, by_user = excluded.by_user, \
             reason = excluded.reason",
            values![
                row.link.as_str(),
                row.mode.as_str(),
                row.since_ms,
                row.by.as_str(),
                row.reason.as_str(),
            ],
        );
        match row.mode {
            LinkMode::Open => steps.wake_waiting(row.since_ms),
            LinkMode::Paused => steps,
        }
    }
}

impl Store {
    /// What was asked of links.
    pub async fn link_modes(&self) -> Result<Vec<LinkModeRow>, StoreError> {
        let query = sqlx::query(
            "SELECT link, mode, since_ms, by_user, reason FROM link_mode ORDER BY link",
        );
        let read = |row| {
            let row = Columns::keyed(row, "link_mode", "link");
            Ok(LinkModeRow {
                link: row.parsed("link")?,
                mode: row.known("mode", LinkMode::from_stored)?,
                since_ms: row.number("since_ms")?,
                by: row.parsed("by_user")?,
                reason: row.text("reason")?,
            })
        };
        self.rows(query).await?.iter().map(read).collect()
    }
}
