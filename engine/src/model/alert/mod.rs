//! Alerts of the console: documents with versions, and who may do what to them when.
//!
//! ```text
//!             submit            approve            first packet          all over
//!   draft ───────────▶ pending ─────────▶ scheduled ─────────▶ broadcasting ───────▶ completed
//!     ▲  ◀─take back──  │  │                  │                    │       ├──────▶ failed
//!     │                 │  └─reject─▶ rejected └──────stop─────────┴──stop─┴──────▶ cancelled
//!   edit ─ returned ◀───┘return
//! ```
//!
//! An approved version is never changed. An update is the next version: it runs through draft,
//! pending approval and returned beside the version that is on the air, and takes its place when it
//! is approved. So an alert has at most one [`Proposal`] and at most one [`Approved`] version, and
//! [`Alert::state`] says which of them counts.
//!
//! Completed, cancelled, failed and rejected are ends. [`Alert::act`] is the whole machine: a pure
//! function from an alert, an [`Act`], a person and the workspace's [`ApprovalRules`] to the next
//! alert and what has to follow ([`Effect`]), or to the [`Refusal`] that the person reads. Roles are
//! not looked at here; that a person may act at all is the gateway's to check.

mod change;
mod content;
mod machine;
mod rules;
mod starters;
mod template;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids::{AlertId, UserName, WorkspaceName};

pub use change::{Change, Changed, changes};
pub use content::{
    AlertContent, Attachment, ContentProblem, Field, Limits, MAX_ATTACHMENT_NAME_BYTES,
    MAX_LANGUAGES, MAX_TARGETS, MAX_TEXT_BYTES, MAX_TITLE_BYTES, Message, Severity, Start,
};
pub use machine::{Act, Effect, Progress, Refusal, Seen};
pub use rules::{ApprovalRules, Reach};
pub use starters::{STARTERS, Starter, example};
pub use template::{Blank, Template, TemplateError, Use, blanks, fill};

/// Longest reason for a return, a rejection or a stop, octets.
pub const MAX_REASON_BYTES: usize = 2_000;

/// What an alert is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Being written.
    Draft,
    /// Waits for somebody to approve it.
    PendingApproval,
    /// Given back to be written again.
    Returned,
    /// Will never be sent.
    Rejected,
    /// Approved; nothing of it has been sent.
    Scheduled,
    /// On the air, or on its way there.
    Broadcasting,
    /// Sent, over.
    Completed,
    /// Stopped.
    Cancelled,
    /// Over, and nothing of it was sent.
    Failed,
}

impl AlertState {
    /// Every state, in the order of an alert's life.
    pub const ALL: &[Self] = &[
        Self::Draft,
        Self::PendingApproval,
        Self::Returned,
        Self::Rejected,
        Self::Scheduled,
        Self::Broadcasting,
        Self::Completed,
        Self::Cancelled,
        Self::Failed,
    ];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::PendingApproval => "pending_approval",
            Self::Returned => "returned",
            Self::Rejected => "rejected",
            Self::Scheduled => "scheduled",
            Self::Broadcasting => "broadcasting",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::PendingApproval => "Waiting for approval",
            Self::Returned => "Returned",
            Self::Rejected => "Rejected",
            Self::Scheduled => "Scheduled",
            Self::Broadcasting => "Broadcasting",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
            Self::Failed => "Failed",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        (Self::ALL.iter().copied()).find(|state| state.as_str() == text)
    }

    /// Nothing changes it any more.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Rejected | Self::Completed | Self::Cancelled | Self::Failed
        )
    }

    /// Something of it may be on the air, now or later.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Scheduled | Self::Broadcasting)
    }
}

/// How far a version came that nobody has approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Being written.
    Draft,
    /// Waits for approval.
    Pending,
    /// Given back with a reason.
    Returned,
}

/// An agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Whose.
    pub by: UserName,
    /// When.
    pub at_ms: u64,
}

/// Somebody's decision and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whose.
    pub by: UserName,
    /// When.
    pub at_ms: u64,
    /// In their words; may be empty where none is demanded.
    pub reason: String,
}

/// The version that is being prepared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Number of the version, counted from 1.
    pub version: u32,
    /// Number of the edit, counted from 1 in each version.
    pub revision: u32,
    /// How far it came.
    pub stage: Stage,
    /// What would be sent.
    pub content: AlertContent,
    /// Who began it.
    pub author: UserName,
    /// Who wrote the last edit, and when.
    pub edited_by: UserName,
    /// When.
    pub edited_ms: u64,
    /// Everybody who has written or submitted any of it.
    pub hands: BTreeSet<UserName>,
    /// Who sent it for approval, and when.
    pub submitted: Option<Approval>,
    /// Agreements so far; gone when it is returned or taken back.
    pub approvals: Vec<Approval>,
    /// The last return.
    pub returned: Option<Decision>,
}

impl Proposal {
    /// What a form has to quote to act on exactly this.
    pub const fn seen(&self) -> Seen {
        Seen {
            version: self.version,
            revision: self.revision,
        }
    }
}

/// How the approved version gets on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing of it has been sent.
    Scheduled,
    /// On the air.
    Broadcasting,
    /// Sent, over.
    Completed,
    /// Stopped.
    Cancelled,
    /// Over, and nothing was sent.
    Failed,
}

/// The version that was approved last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// Number of the version.
    pub version: u32,
    /// Number of the edit that was approved.
    pub revision: u32,
    /// What is sent.
    pub content: AlertContent,
    /// Who sent it for approval.
    pub submitted_by: UserName,
    /// Who approved it, one or two.
    pub approvals: Vec<Approval>,
    /// When the last of them did.
    pub at_ms: u64,
    /// How it gets on.
    pub standing: Standing,
    /// When it was over.
    pub ended_ms: Option<u64>,
    /// Somebody has stopped it; it is cancelled once the last packet is out.
    pub stopped: Option<Decision>,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its key.
    pub id: AlertId,
    /// Where it belongs.
    pub workspace: WorkspaceName,
    /// When it was begun.
    pub created_ms: u64,
    /// Counts everything that was done to it; tells two who act at the same moment apart.
    pub changes: u64,
    /// The version being prepared.
    pub proposal: Option<Proposal>,
    /// The version approved last.
    pub approved: Option<Approved>,
    /// Why it will never be sent; only of an alert of which nothing was approved.
    pub rejected: Option<Decision>,
}

impl Alert {
    /// A new draft.
    pub fn draft(
        id: AlertId,
        workspace: WorkspaceName,
        content: AlertContent,
        by: UserName,
        at_ms: u64,
    ) -> Self {
        Self {
            id,
            workspace,
            created_ms: at_ms,
            changes: 0,
            proposal: Some(Proposal {
                version: 1,
                revision: 1,
                stage: Stage::Draft,
                content,
                author: by.clone(),
                edited_by: by.clone(),
                edited_ms: at_ms,
                hands: BTreeSet::from([by]),
                submitted: None,
                approvals: Vec::new(),
                returned: None,
            }),
            approved: None,
            rejected: None,
        }
    }

    /// What it is now: how its approved version gets on, or how far its first one came.
    pub fn state(&self) -> AlertState {
        if let Some(approved) = &self.approved {
            return match approved.standing {
                Standing::Scheduled => AlertState::Scheduled,
                Standing::Broadcasting => AlertState::Broadcasting,
                Standing::Completed => AlertState::Completed,
                Standing::Cancelled => AlertState::Cancelled,
                Standing::Failed => AlertState::Failed,
            };
        }
        match self.proposal.as_ref().map(|proposal| proposal.stage) {
            _ if self.rejected.is_some() => AlertState::Rejected,
            Some(Stage::Draft) | None => AlertState::Draft,
            Some(Stage::Pending) => AlertState::PendingApproval,
            Some(Stage::Returned) => AlertState::Returned,
        }
    }

    /// An approver has something to do.
    pub fn is_waiting(&self) -> bool {
        let pending = |proposal: &Proposal| proposal.stage == Stage::Pending;
        !self.state().is_final() && self.proposal.as_ref().is_some_and(pending)
    }

    /// What is sent, or would be: of the approved version, else of the one being prepared.
    pub fn content(&self) -> Option<&AlertContent> {
        let approved = self.approved.as_ref().map(|approved| &approved.content);
        approved.or(self.proposal.as_ref().map(|proposal| &proposal.content))
    }

    /// Its name for people.
    pub fn title(&self) -> &str {
        self.content().map_or("", |content| content.title.as_str())
    }
}
