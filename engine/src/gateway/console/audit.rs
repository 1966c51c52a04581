//! The audit.

use super::groups::page_rows;
use super::state::Done;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::Action;
use crate::model::audit::{AuditQuery, AuditView, Who};
use crate::model::listing::{Cursor, Page};
use crate::store::{AuditRow, AuditVerdict, Steps};
use crate::table;

/// Rows of an export.
const MAX_EXPORT: usize = 100_000;
/// Rows of an export read at a time.
const EXPORT_PAGE: u32 = 1_000;

fn view(row: AuditRow) -> AuditView {
    let AuditRow { seq, entry, hash } = row;
    let details = entry.details;
    let who = match (details.who_kind.as_deref(), entry.who) {
        (Some("command_line"), _) => Who::CommandLine,
        (Some("gateway"), _) => Who::Gateway,
        (Some(_), Some(name)) => Who::User(name),
        (None, Some(name)) => Who::Initiator(name),
        (_, None) => Who::Nobody,
    };
    AuditView {
        seq,
        at_ms: entry.at_ms,
        who,
        from: entry.source,
        workspace: details.workspace.and_then(|name| name.parse().ok()),
        action: entry.action,
        object: details.object,
        // Rows without details are of refusals.
        refused: details.who_kind.is_none() || entry.reason != "done",
        result: entry.reason,
        count: entry.count,
        before: details.before,
        after: details.after,
        hash: hash.to_hex(),
    }
}

impl Gateway {
    /// A page of the audit, the newest first: of the workspace and of what belongs to none; an
    /// administrator sees all. Needs `SeeAudit`.
    pub async fn audit(
        &self,
        actor: &Actor,
        query: &AuditQuery,
    ) -> Result<Page<AuditView>, ConsoleError> {
        self.authorize(actor, Action::SeeAudit).await?;
        let rows = page_rows(query.rows);
        let before = query.after.as_ref().map(|after| after.at);
        let store = &self.inner.store;
        let mut found = store
            .audit_page(query, confined(actor), before, rows + 1)
            .await?;
        let more = found.len() > rows as usize;
        found.truncate(rows as usize);
        let next = found.last().filter(|_| more).map(|last| Cursor {
            at: last.seq,
            key: String::new(),
        });
        Ok(Page {
            rows: found.into_iter().map(view).collect(),
            next,
        })
    }

    /// One row. Needs `SeeAudit`.
    pub async fn audit_row(&self, actor: &Actor, seq: u64) -> Result<AuditView, ConsoleError> {
        self.authorize(actor, Action::SeeAudit).await?;
        let row = self.inner.store.audit_row(seq).await?.map(view);
        let workspace = &actor.workspace.name;
        row.filter(|row| {
            let here = row.workspace.as_ref().is_none_or(|name| name == workspace);
            here || confined(actor).is_none()
        })
        .ok_or(ConsoleError::NotFound { what: "entry" })
    }

    /// Rows as CSV, the newest first, at most 100,000. Cells that a spreadsheet would take for
    /// formulas are quoted. The export itself is recorded. Needs `SeeAudit`.
    pub async fn audit_csv(
        &self,
        actor: &Actor,
        query: &AuditQuery,
    ) -> Result<String, ConsoleError> {
        self.authorize(actor, Action::SeeAudit).await?;
        let done = Done::new("export_audit", "audit".to_owned());
        let steps = Steps::default().audited(self.done(actor, done));
        self.inner.store.commit(steps).await?;
        let mut rows: Vec<[String; 13]> = Vec::new();
        let mut before = query.after.as_ref().map(|after| after.at);
        while rows.len() < MAX_EXPORT {
            let store = &self.inner.store;
            let found = store
                .audit_page(query, confined(actor), before, EXPORT_PAGE)
                .await?;
            let Some(last) = found.last() else {
                break;
            };
            before = Some(last.seq);
            rows.extend(found.into_iter().map(view).map(cells));
        }
        let head = [
            "number",
            "at",
            "who",
            "kind",
            "from",
            "workspace",
            "action",
            "object",
            "result",
            "count",
            "before",
            "after",
            "hash",
        ];
        table::write(&head, rows).map_err(|error| ConsoleError::NotNow(error.to_string()))
    }

    /// Walks the chain of hashes. Needs `SeeAudit`.
    pub async fn verify_audit(&self, actor: &Actor) -> Result<AuditVerdict, ConsoleError> {
        self.authorize(actor, Action::SeeAudit).await?;
        Ok(self.inner.store.audit_verify().await?)
    }
}

/// The workspace that narrows what somebody sees; none narrows an administrator.
fn confined(actor: &Actor) -> Option<&str> {
    match actor.user.is_administrator() {
        true => None,
        false => Some(actor.workspace.name.as_str()),
    }
}

fn cells(row: AuditView) -> [String; 13] {
    let (kind, who) = match row.who {
        Who::CommandLine => ("command line", String::new()),
        Who::Gateway => ("gateway", String::new()),
        Who::Initiator(name) => ("initiator", name),
        Who::Nobody => ("nobody", String::new()),
        Who::User(name) => ("user", name),
    };
    let at_ms = i64::try_from(row.at_ms).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::MAX);
    let text = Option::unwrap_or_default;
    [
        row.seq.to_string(),
        at.to_string(),
        who,
        kind.to_owned(),
        text(row.from),
        row.workspace
            .map_or_else(String::new, |name| name.to_string()),
        row.action,
        text(row.object),
        row.result,
        row.count.to_string(),
        text(row.before),
        text(row.after),
        row.hash,
    ]
}
