//! Alerts before anybody has approved them: drafts, edits, copies, history.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::{Change, ContentProblem, Decision, Limits, Reach, Seen};
use crate::model::{Alert, AlertContent, AlertId, AlertState, SubmissionId, TemplateId, UserName};

/// What a new alert begins with.
#[derive(Debug, Clone)]
pub enum NewAlert {
    /// Nothing.
    Blank,
    /// What another alert of the workspace says.
    Copy(AlertId),
    /// What a template says, its blanks filled where there is something for them.
    Template {
        /// Which.
        template: TemplateId,
        /// Values by name of the blank.
        values: std::collections::BTreeMap<String, String>,
    },
}

/// What the person who looks may do to the alert now, and why not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duty {
    /// They may write the version being prepared.
    pub edit: bool,
    /// They may send it for approval.
    pub submit: bool,
    /// They may take it back from the approvers.
    pub take_back: bool,
    /// They may throw it away.
    pub discard: bool,
    /// They may approve it.
    pub approve: bool,
    /// They may return or reject it.
    pub decide: bool,
    /// They may take the alert off the air.
    pub stop: bool,
    /// They may begin an update.
    pub revise: bool,
    /// Why somebody who approves cannot approve this, in a sentence for them.
    pub cannot_approve: Option<String>,
}

/// An alert as a page shows it.
#[derive(Debug, Clone)]
pub struct AlertView {
    /// The alert.
    pub alert: Alert,
    /// What it is now.
    pub state: AlertState,
    /// What keeps the version being prepared from being sent.
    pub problems: Vec<ContentProblem>,
    /// Whom the version being prepared, else the approved one, would reach.
    pub reach: Reach,
    /// How many have to agree.
    pub approvals_needed: u32,
    /// What differs from what was on the air, or from what was returned, whichever came later.
    pub changes: Vec<Change>,
    /// What the person may do.
    pub duty: Duty,
    /// Submissions of the approved version.
    pub submissions: Vec<SubmissionId>,
    /// Stopping it keeps all of it from the air until then, Unix ms.
    pub undo_until_ms: Option<u64>,
}

/// An edit of an alert.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Which.
    pub seen: Seen,
    /// Whose.
    pub by: UserName,
    /// When.
    pub at_ms: u64,
    /// What it said.
    pub content: AlertContent,
    /// What it changed.
    pub changes: Vec<Change>,
}

/// Something that was done to an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// `submitted`, `approved`, `returned`, `rejected`, `taken back`, `stopped`, `revised`,
    /// `discarded`, `created`, `copied`.
    pub act: String,
    /// Version and edit.
    pub seen: Seen,
    /// By whom, when, and why.
    pub decision: Decision,
}

impl Gateway {
    /// Bounds on what alerts say and when.
    pub fn alert_limits(&self) -> Limits {
        Limits::default()
    }

    /// Begins an alert. Needs `Compose`.
    pub async fn create_alert(
        &self,
        actor: &Actor,
        from: NewAlert,
    ) -> Result<AlertId, ConsoleError> {
        let _ = (actor, from);
        Err(ConsoleError::NotYet)
    }

    /// An alert of the workspace. Needs `See`.
    pub async fn alert(&self, actor: &Actor, id: &AlertId) -> Result<AlertView, ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }

    /// Stores the next edit, whatever is still missing in it. Returns what a form has to quote
    /// from then on. Needs `Compose`.
    pub async fn edit_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
        content: AlertContent,
    ) -> Result<Seen, ConsoleError> {
        let _ = (actor, id, seen, content);
        Err(ConsoleError::NotYet)
    }

    /// Sends it for approval; refused with [`ConsoleError::Content`] while something is missing.
    /// Needs `Compose`.
    pub async fn submit_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, id, seen);
        Err(ConsoleError::NotYet)
    }

    /// Takes it back from the approvers. Needs `Compose`.
    pub async fn take_back_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, id, seen);
        Err(ConsoleError::NotYet)
    }

    /// Throws the version being prepared away; a first version ends rejected. Needs `Compose`.
    pub async fn discard_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, id, seen);
        Err(ConsoleError::NotYet)
    }

    /// Begins the next version of an alert on the air. Needs `Compose`.
    pub async fn revise_alert(&self, actor: &Actor, id: &AlertId) -> Result<Seen, ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }

    /// Every edit, the newest first. Needs `See`.
    pub async fn alert_edits(
        &self,
        actor: &Actor,
        id: &AlertId,
    ) -> Result<Vec<Edit>, ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }

    /// What was done to it, the newest first. Needs `See`.
    pub async fn alert_history(
        &self,
        actor: &Actor,
        id: &AlertId,
    ) -> Result<Vec<HistoryEntry>, ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }
}
