//! Deciding about alerts and about pushes that wait, and stopping what is on the air.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::Seen;
use crate::model::listing::Entry;
use crate::model::{AlertId, AlertState, SubmissionId};

impl Gateway {
    /// What waits for approval in the workspace, the oldest first: alerts, updates, and pushes of
    /// initiators whose pushes wait. Needs `See`.
    pub async fn approvals(&self, actor: &Actor) -> Result<Vec<Entry>, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// Agrees to exactly what was read. `acknowledged` is the tick beside the reach. Once enough
    /// have agreed, the version becomes one submission for each language, in the transaction that
    /// makes it approved. Returns what the alert is then. Needs `Approve`.
    pub async fn approve_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
        acknowledged: bool,
    ) -> Result<AlertState, ConsoleError> {
        let _ = (actor, id, seen, acknowledged);
        Err(ConsoleError::NotYet)
    }

    /// Gives it back to be written again; the reason is demanded. Needs `Approve`.
    pub async fn return_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
        reason: &str,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, id, seen, reason);
        Err(ConsoleError::NotYet)
    }

    /// Ends it; the reason is demanded. Needs `Approve`.
    pub async fn reject_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
        reason: &str,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, id, seen, reason);
        Err(ConsoleError::NotYet)
    }

    /// Takes the alert off the air at once, or keeps it from going there. One person is enough.
    /// Returns whether a packet of it had left. Needs `Stop`.
    pub async fn stop_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        reason: &str,
    ) -> Result<bool, ConsoleError> {
        let _ = (actor, id, reason);
        Err(ConsoleError::NotYet)
    }

    /// Takes a push of an initiator off the air at once. Returns whether a packet of it had left.
    /// Needs `Stop`.
    pub async fn stop_submission(
        &self,
        actor: &Actor,
        id: &SubmissionId,
        reason: &str,
    ) -> Result<bool, ConsoleError> {
        let _ = (actor, id, reason);
        Err(ConsoleError::NotYet)
    }

    /// Lets a push go that waits. Needs `Approve`.
    pub async fn release_submission(
        &self,
        actor: &Actor,
        id: &SubmissionId,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }

    /// Ends a push that waits: its deliveries are rejected (PAP 2008) and the initiator is told.
    /// The reason is demanded. Needs `Approve`.
    pub async fn refuse_submission(
        &self,
        actor: &Actor,
        id: &SubmissionId,
        reason: &str,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, id, reason);
        Err(ConsoleError::NotYet)
    }
}
