//! The audit as the console shows it.

use serde::{Deserialize, Serialize};

use super::ids::WorkspaceName;
use super::listing::Cursor;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Who {
    /// The command line of the machine itself.
    CommandLine,
    /// The gateway by itself.
    Gateway,
    /// An initiator.
    Initiator(String),
    /// A person at the console.
    User(String),
    /// Nobody that is known.
    Nobody,
}

/// One row of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    /// Its number, counted from 1 without a gap.
    pub seq: u64,
    /// When.
    pub at_ms: u64,
    /// Who.
    pub who: Who,
    /// The address that it came from.
    pub from: Option<String>,
    /// Where.
    pub workspace: Option<WorkspaceName>,
    /// What was asked for.
    pub action: String,
    /// What it was done to, such as `alert ID` or `user anna`.
    pub object: Option<String>,
    /// It was done, or refused and why.
    pub result: String,
    /// It was refused.
    pub refused: bool,
    /// How many alike.
    pub count: u64,
    /// What stood there before, JSON.
    pub before: Option<String>,
    /// What stands there since, JSON.
    pub after: Option<String>,
    /// SHA-256 over this row and the hash of the one before, hexadecimal.
    pub hash: String,
}

/// What the audit is asked for; `None` does not narrow it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditQuery {
    /// Only of this person or initiator.
    pub who: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only what was done to this.
    pub object: Option<String>,
    /// Only there.
    pub workspace: Option<WorkspaceName>,
    /// Only what was refused.
    pub refused: bool,
    /// Only at or after this time.
    pub from_ms: Option<u64>,
    /// Only before this time.
    pub to_ms: Option<u64>,
    /// Where the page begins; the newest first.
    pub after: Option<Cursor>,
    /// Rows of the page; [`PAGE_ROWS`](super::listing::PAGE_ROWS) if 0.
    pub rows: u32,
}
