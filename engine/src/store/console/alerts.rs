//! Alerts, their edits and what was done to them.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::model::alert::{AlertState, Progress, Seen};
use crate::model::{Alert, AlertContent, AlertId, MessageState, UserName, WorkspaceName};
use crate::store::row::{Columns, bigint};
use crate::store::steps::{Steps, values};
use crate::store::submissions::SubmissionState;
use crate::store::{Store, StoreError};

/// Alerts of one answer: more are on no page.
const MAX_ALERTS: i64 = 500;

/// Something that was done to an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertAct {
    /// What, in a word.
    pub act: String,
    /// To which edit.
    pub seen: Seen,
    /// By whom.
    pub by: UserName,
    /// When.
    pub at_ms: u64,
    /// Why; may be empty.
    pub reason: String,
}

/// An edit of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertEdit {
    /// Which.
    pub seen: Seen,
    /// Whose.
    pub by: UserName,
    /// When.
    pub at_ms: u64,
    /// What it says.
    pub content: AlertContent,
}

impl Steps {
    /// Stores a new alert.
    pub fn create_alert(self, alert: &Alert, act: &AlertAct) -> Result<Self, StoreError> {
        let found = Found::of(alert);
        let steps = self.must(
            "the alert",
            "INSERT INTO alert (id, workspace, state, waiting, title, title_key, severity, author, \
             edited_ms, ended_ms, changes, document) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (id) DO NOTHING",
            values![
                alert.id.as_str(),
                alert.workspace.as_str(),
                found.state,
                found.waiting,
                found.title,
                found.title_key,
                found.severity,
                found.author,
                found.edited_ms,
                found.ended_ms,
                alert.changes,
                json(alert)?,
            ],
        );
        steps.alert_act(alert, act).alert_edit(alert)
    }

    /// Stores what an alert has become; it must still be what `before` says. `act` is left out
    /// where nobody did it.
    pub fn change_alert(
        self,
        before: &Alert,
        alert: &Alert,
        act: Option<&AlertAct>,
    ) -> Result<Self, StoreError> {
        let found = Found::of(alert);
        let steps = self.must(
            "the alert",
            "UPDATE alert SET state = $3, waiting = $4, title = $5, title_key = $6, \
             severity = $7, author = $8, edited_ms = $9, ended_ms = $10, changes = $11, \
             document = $12 WHERE id = $1 AND changes = $2",
            values![
                alert.id.as_str(),
                before.changes,
                found.state,
                found.waiting,
                found.title,
                found.title_key,
                found.severity,
                found.author,
                found.edited_ms,
                found.ended_ms,
                alert.changes,
                json(alert)?,
            ],
        );
        let steps = match act {
            Some(act) => steps.alert_act(alert, act),
            None => steps,
        };
        let seen = |alert: &Alert| alert.proposal.as_ref().map(|proposal| proposal.seen());
        match seen(before) == seen(alert) {
            true => Ok(steps),
            false => steps.alert_edit(alert),
        }
    }

    fn alert_act(self, alert: &Alert, act: &AlertAct) -> Self {
        self.run(
            "INSERT INTO approval (alert_id, number, act, version, revision, by_user, at_ms, \
             reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                alert.id.as_str(),
                alert.changes,
                act.act.as_str(),
                act.seen.version,
                act.seen.revision,
                act.by.as_str(),
                act.at_ms,
                act.reason.as_str(),
            ],
        )
    }

    fn alert_edit(self, alert: &Alert) -> Result<Self, StoreError> {
        let Some(proposal) = &alert.proposal else {
            return Ok(self);
        };
        let content = serde_json::to_string(&proposal.content);
        let content = content.map_err(|source| StoreError::Unencodable {
            table: "alert_version",
            source,
        })?;
        Ok(self.run(
            "INSERT INTO alert_version (alert_id, version, revision, by_user, at_ms, content) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            values![
                alert.id.as_str(),
                proposal.version,
                proposal.revision,
                proposal.edited_by.as_str(),
                proposal.edited_ms,
                content,
            ],
        ))
    }
}

/// What an alert is found by.
struct Found<'a> {
    state: &'static str,
    waiting: bool,
    title: &'a str,
    title_key: String,
    severity: &'static str,
    author: &'a str,
    edited_ms: u64,
    ended_ms: Option<u64>,
}

impl<'a> Found<'a> {
    fn of(alert: &'a Alert) -> Self {
        let (proposal, approved) = (&alert.proposal, &alert.approved);
        let edited = proposal.as_ref().map(|proposal| proposal.edited_ms);
        let submitted = proposal.as_ref().and_then(|p| p.submitted.as_ref());
        let decided = approved.as_ref().map(|approved| approved.at_ms);
        let rejected = alert.rejected.as_ref().map(|rejected| rejected.at_ms);
        let author = match (proposal, approved) {
            (_, Some(approved)) => approved.submitted_by.as_str(),
            (Some(proposal), None) => proposal.author.as_str(),
            (None, None) => "",
        };
        Self {
            state: alert.state().as_str(),
            waiting: alert.is_waiting(),
            title: alert.title(),
            title_key: alert.title().to_lowercase(),
            severity: alert
                .content()
                .map_or("unknown", |content| content.severity.as_str()),
            author,
            edited_ms: submitted
                .map(|submitted| submitted.at_ms)
                .filter(|_| alert.is_waiting())
                .or(edited)
                .or(decided)
                .unwrap_or(alert.created_ms),
            ended_ms: approved
                .as_ref()
                .and_then(|approved| approved.ended_ms)
                .or(rejected),
        }
    }
}

impl Store {
    /// An alert of any workspace.
    pub async fn alert(&self, id: &AlertId) -> Result<Option<Alert>, StoreError> {
        let query = sqlx::query("SELECT id, document FROM alert WHERE id = $1");
        let row = self.row(query.bind(id.to_string())).await?;
        row.as_ref().map(alert).transpose()
    }

    /// Alerts of all workspaces that are scheduled or on the air.
    pub async fn live_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        let query = sqlx::query(
            "SELECT id, document FROM alert WHERE state IN ('scheduled', 'broadcasting') \
             ORDER BY id",
        );
        self.rows(query).await?.iter().map(alert).collect()
    }

    /// Alerts of a workspace that wait for an approver, or whose update does; those that wait
    /// longest first.
    pub async fn waiting_alerts(
        &self,
        workspace: &WorkspaceName,
    ) -> Result<Vec<Alert>, StoreError> {
        let query = sqlx::query(
            "SELECT id, document FROM alert WHERE workspace = $1 AND waiting = 1 \
             ORDER BY edited_ms, id LIMIT $2",
        );
        let query = query.bind(workspace.to_string()).bind(MAX_ALERTS);
        self.rows(query).await?.iter().map(alert).collect()
    }

    /// Alerts of a workspace in one state, the newest first, before the one of a key.
    pub async fn alerts_in(
        &self,
        workspace: &WorkspaceName,
        state: AlertState,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Alert>, StoreError> {
        let query = sqlx::query(
            "SELECT id, document FROM alert WHERE workspace = $1 AND state = $2 \
             AND (CAST($3 AS TEXT) IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        );
        let query = query
            .bind(workspace.to_string())
            .bind(state.as_str())
            .bind(before.map(str::to_owned))
            .bind(i64::from(limit));
        self.rows(query).await?.iter().map(alert).collect()
    }

    /// How many alerts of a workspace wait, are live, are scheduled, and have failed since a time.
    pub async fn alert_counts(
        &self,
        workspace: &WorkspaceName,
        failed_since_ms: u64,
    ) -> Result<[u32; 4], StoreError> {
        let query = sqlx::query(
            "SELECT 'waiting' AS what, COUNT(*) AS number FROM alert \
             WHERE workspace = $1 AND waiting = 1 \
             UNION ALL SELECT state, COUNT(*) FROM alert WHERE workspace = $1 \
             AND state IN ('scheduled', 'broadcasting') GROUP BY state \
             UNION ALL SELECT 'failed', COUNT(*) FROM alert WHERE workspace = $1 \
             AND ended_ms >= $2 AND state = 'failed'",
        );
        let query = query
            .bind(workspace.to_string())
            .bind(bigint(failed_since_ms));
        let mut counts = [0; 4];
        for row in &self.rows(query).await? {
            let row = Columns::keyed(row, "alert", "what");
            let place = match row.text("what")?.as_str() {
                "waiting" => 0,
                "broadcasting" => 1,
                "scheduled" => 2,
                _ => 3,
            };
            counts[place] = row.number("number")?;
        }
        Ok(counts)
    }

    /// Edits of an alert, the newest first.
    pub async fn alert_edits(&self, id: &AlertId) -> Result<Vec<AlertEdit>, StoreError> {
        let query = sqlx::query(
            "SELECT alert_id, version, revision, by_user, at_ms, content FROM alert_version \
             WHERE alert_id = $1 ORDER BY version DESC, revision DESC LIMIT $2",
        );
        let read = |row| {
            let row = Columns::keyed(row, "alert_version", "alert_id");
            Ok(AlertEdit {
                seen: seen(&row)?,
                by: row.parsed("by_user")?,
                at_ms: row.number("at_ms")?,
                content: row.json("content")?,
            })
        };
        let query = query.bind(id.to_string()).bind(MAX_ALERTS);
        self.rows(query).await?.iter().map(read).collect()
    }

    /// What was done to an alert, the newest first.
    pub async fn alert_acts(&self, id: &AlertId) -> Result<Vec<AlertAct>, StoreError> {
        let query = sqlx::query(
            "SELECT alert_id, act, version, revision, by_user, at_ms, reason FROM approval \
             WHERE alert_id = $1 ORDER BY number DESC LIMIT $2",
        );
        let read = |row| {
            let row = Columns::keyed(row, "approval", "alert_id");
            Ok(AlertAct {
                act: row.text("act")?,
                seen: seen(&row)?,
                by: row.parsed("by_user")?,
                at_ms: row.number("at_ms")?,
                reason: row.text("reason")?,
            })
        };
        let query = query.bind(id.to_string()).bind(MAX_ALERTS);
        self.rows(query).await?.iter().map(read).collect()
    }

    /// What the submissions of a version have come to.
    pub async fn alert_progress(&self, id: &AlertId, version: u32) -> Result<Progress, StoreError> {
        let query = sqlx::query(
            "SELECT c.submission_id, s.state AS submission_state, d.state AS delivery_state, \
             COUNT(*) AS number FROM console_submission c \
             JOIN submission s ON s.id = c.submission_id \
             JOIN delivery d ON d.submission_id = s.id \
             WHERE c.alert_id = $1 AND c.version = $2 \
             GROUP BY c.submission_id, s.state, d.state",
        );
        let query = query.bind(id.to_string()).bind(i64::from(version));
        let mut submissions = BTreeMap::new();
        let mut progress = Progress::default();
        for row in &self.rows(query).await? {
            let row = Columns::keyed(row, "console_submission", "submission_id");
            let state = row.known("submission_state", SubmissionState::from_stored)?;
            submissions.insert(row.text("submission_id")?, state);
            let number: u32 = row.number("number")?;
            let count = match row.known("delivery_state", MessageState::from_pap)? {
                MessageState::Pending => &mut progress.pending,
                MessageState::Delivered => &mut progress.delivered,
                MessageState::Cancelled => &mut progress.cancelled,
                _ => &mut progress.failed,
            };
            *count += number;
        }
        for state in submissions.values() {
            progress.submissions += 1;
            match state {
                SubmissionState::Queued => progress.queued += 1,
                SubmissionState::Planned => {}
                SubmissionState::Done => progress.done += 1,
            }
        }
        Ok(progress)
    }
}

fn alert(row: &AnyRow) -> Result<Alert, StoreError> {
    Columns::new(row, "alert").json("document")
}

fn seen(row: &Columns<'_>) -> Result<Seen, StoreError> {
    Ok(Seen {
        version: row.number("version")?,
        revision: row.number("revision")?,
    })
}

fn json(alert: &Alert) -> Result<String, StoreError> {
    serde_json::to_string(alert).map_err(|source| StoreError::Unencodable {
        table: "alert",
        source,
    })
}
