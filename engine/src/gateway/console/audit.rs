//! The audit.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::audit::{AuditQuery, AuditView};
use crate::model::listing::Page;
use crate::store::AuditVerdict;

impl Gateway {
    /// A page of the audit, the newest first: of the workspace and of what belongs to none; an
    /// administrator sees all. Needs `SeeAudit`.
    pub async fn audit(
        &self,
        actor: &Actor,
        query: &AuditQuery,
    ) -> Result<Page<AuditView>, ConsoleError> {
        let _ = (actor, query);
        Err(ConsoleError::NotYet)
    }

    /// One row. Needs `SeeAudit`.
    pub async fn audit_row(&self, actor: &Actor, seq: u64) -> Result<AuditView, ConsoleError> {
        let _ = (actor, seq);
        Err(ConsoleError::NotYet)
    }

    /// Rows as CSV, the newest first, at most 100,000. Cells that a spreadsheet would take for
    /// formulas are quoted. Needs `SeeAudit`.
    pub async fn audit_csv(
        &self,
        actor: &Actor,
        query: &AuditQuery,
    ) -> Result<String, ConsoleError> {
        let _ = (actor, query);
        Err(ConsoleError::NotYet)
    }

    /// Walks the chain of hashes. Needs `SeeAudit`.
    pub async fn verify_audit(&self, actor: &Actor) -> Result<AuditVerdict, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }
}
