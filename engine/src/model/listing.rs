//! What lists of the console show: one row for an alert or a push, in pages.

use serde::{Deserialize, Serialize};

use super::alert::{AlertState, Severity};
use super::channel::Bearer;
use super::delivery::MessageState;
use super::ids::{AlertId, ChannelName, InitiatorName, Language, SubmissionId, WorkspaceName};

/// Rows of a page where the reader does not ask for fewer.
pub const PAGE_ROWS: u32 = 50;
/// Most rows of a page.
pub const MAX_PAGE_ROWS: u32 = 200;

/// A page of a list. Pages are asked for by where the last one ended, not by number, so that one
/// deep in a long list costs no more than the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// At most as many as asked for.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page without rows, the last.
    pub const fn empty() -> Self {
        Self {
            rows: Vec::new(),
            next: None,
        }
    }
}

/// A place in a list: after the row of this sort value and key. As text it stands in URLs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// The value that the list is sorted by.
    pub at: u64,
    /// Key of the row.
    pub key: String,
}

/// Text that is no place in a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this page of the list cannot be found")]
pub struct CursorError;

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.at, self.key)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

impl TryFrom<String> for Cursor {
    type Error = CursorError;

    fn try_from(text: String) -> Result<Self, CursorError> {
        text.parse()
    }
}

impl std::str::FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (at, key) = text.split_once('~').ok_or(CursorError)?;
        Ok(Self {
            at: at.parse().map_err(|_| CursorError)?,
            key: key.to_owned(),
        })
    }
}

/// Which part of the list.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Tab {
    /// On the air.
    #[default]
    Live,
    /// Waiting for their time.
    Scheduled,
    /// Waiting for approval.
    Waiting,
    /// Over.
    Finished,
    /// Alerts being written.
    Drafts,
    /// Every push, whatever became of it, the newest first.
    All,
}

impl Tab {
    /// Every tab, in the order of the page.
    pub const ALL: &[Self] = &[
        Self::Live,
        Self::Scheduled,
        Self::Waiting,
        Self::Finished,
        Self::Drafts,
        Self::All,
    ];

    /// In URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Scheduled => "scheduled",
            Self::Waiting => "waiting",
            Self::Finished => "finished",
            Self::Drafts => "drafts",
            Self::All => "all",
        }
    }

    /// Reads the form of URLs.
    pub fn from_query(text: &str) -> Option<Self> {
        (Self::ALL.iter().copied()).find(|tab| tab.as_str() == text)
    }
}

/// Who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Somebody at the console.
    Console,
    /// An initiator, over PAP.
    Pap,
}

impl Source {
    /// In URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Pap => "pap",
        }
    }

    /// Reads the form of URLs.
    pub fn from_query(text: &str) -> Option<Self> {
        [Self::Console, Self::Pap]
            .into_iter()
            .find(|source| source.as_str() == text)
    }
}

/// Which way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The latest first.
    #[default]
    Newest,
    /// The earliest first.
    Oldest,
}

/// What a list of submissions is asked for. Every filter narrows it; `None` does not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListQuery {
    /// Part of the list. [`Tab::Scheduled`] is sorted by when a push is due, all others by when it
    /// came in.
    pub tab: Tab,
    /// Only from there.
    pub source: Option<Source>,
    /// Only this initiator's.
    pub initiator: Option<InitiatorName>,
    /// Only with a delivery in this state.
    pub state: Option<MessageState>,
    /// Only with a transmission on this bearer.
    pub bearer: Option<Bearer>,
    /// Only with a transmission on this channel.
    pub channel: Option<ChannelName>,
    /// Only what came in at or after this time.
    pub from_ms: Option<u64>,
    /// Only what came in before this time.
    pub to_ms: Option<u64>,
    /// Only where the push-id begins with this, or the alert's title contains it, in any case.
    pub text: Option<String>,
    /// Which way round.
    pub order: Order,
    /// Where the page begins.
    pub after: Option<Cursor>,
    /// Rows of the page; [`PAGE_ROWS`] if 0, at most [`MAX_PAGE_ROWS`].
    pub rows: u32,
}

impl ListQuery {
    /// Rows of the page.
    pub fn page_rows(&self) -> u32 {
        match self.rows {
            0 => PAGE_ROWS,
            rows => rows.min(MAX_PAGE_ROWS),
        }
    }
}

/// What a row stands for, and where its page is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKey {
    /// An alert that is no push yet, or not only.
    Alert(AlertId),
    /// A push.
    Submission(SubmissionId),
}

/// How many deliveries are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeliveryCounts {
    /// Queued or being sent.
    pub pending: u32,
    /// Transmitted.
    pub delivered: u32,
    /// Withdrawn.
    pub cancelled: u32,
    /// Undeliverable, expired, timed out, rejected or aborted.
    pub failed: u32,
}

impl DeliveryCounts {
    /// Counts one.
    pub const fn add(&mut self, state: MessageState) {
        match state {
            MessageState::Pending => self.pending += 1,
            MessageState::Delivered => self.delivered += 1,
            MessageState::Cancelled => self.cancelled += 1,
            MessageState::Rejected
            | MessageState::Undeliverable
            | MessageState::Expired
            | MessageState::Aborted
            | MessageState::Timeout
            | MessageState::Unknown => self.failed += 1,
        }
    }

    /// All of them.
    pub const fn all(&self) -> u32 {
        self.pending + self.delivered + self.cancelled + self.failed
    }
}

/// What a push is now, in one word for a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// An alert that is no push.
    Alert(AlertState),
    /// Waits for somebody to let it go.
    Held,
    /// Waits for its time.
    Scheduled,
    /// On the air, or on its way there.
    OnAir,
    /// Over: everything transmitted.
    Delivered,
    /// Over: some of it transmitted.
    Partial,
    /// Over: nothing transmitted, some of it failed.
    Failed,
    /// Over: withdrawn.
    Cancelled,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it stands for.
    pub key: EntryKey,
    /// What it is now.
    pub state: EntryState,
    /// The alert's title, or the push-id.
    pub title: String,
    /// The alert that it is part of, with the number of its version.
    pub alert: Option<(AlertId, u32)>,
    /// Language of the message, of a push from the console.
    pub language: Option<Language>,
    /// How bad it is, of an alert.
    pub severity: Option<Severity>,
    /// Where it belongs; `None` for pushes of initiators without a workspace.
    pub workspace: Option<WorkspaceName>,
    /// Whose it is: an initiator, or who wrote the alert.
    pub sender: String,
    /// Console or PAP.
    pub source: Source,
    /// Groups, areas and addresses by name: the first few.
    pub targets: Vec<String>,
    /// How many there are.
    pub target_count: u32,
    /// Bearers that have carried it or do.
    pub bearers: Vec<Bearer>,
    /// When it came in; of a draft when it was last edited.
    pub at_ms: u64,
    /// When it may be sent.
    pub start_ms: Option<u64>,
    /// When it is over at the latest.
    pub end_ms: Option<u64>,
    /// Its deliveries.
    pub deliveries: DeliveryCounts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_back() {
        let cursor = Cursor {
            at: 7,
            key: "a~b".to_owned(),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert_eq!("7".parse::<Cursor>(), Err(CursorError));
        assert_eq!("x~a".parse::<Cursor>(), Err(CursorError));
    }

    #[test]
    fn pages_are_bounded() {
        let rows = |rows| ListQuery {
            rows,
            ..ListQuery::default()
        };
        assert_eq!(rows(0).page_rows(), PAGE_ROWS);
        assert_eq!(rows(u32::MAX).page_rows(), MAX_PAGE_ROWS);
        assert_eq!(rows(10).page_rows(), 10);
    }
}
