//! Forgetting what is finished.

use std::collections::BTreeSet;

use super::Store;
use super::cbs;
use super::console;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::quota;
use super::row::{Columns, bigint};
use crate::model::Sha256;

/// What may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purge {
    /// Push-ids remembered until before this are forgotten.
    pub now_ms: u64,
    /// Submissions done before this go, unless a notification still waits.
    pub finished_before_ms: u64,
    /// How long the push-ids of those are remembered.
    pub remember_until_ms: u64,
    /// Most submissions at once. Each costs some statements while other writes wait, so prefer
    /// a hundred now and again to thousands.
    pub limit: u32,
}

/// What went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purged {
    /// Submissions with their deliveries, transmissions and notifications.
    pub submissions: u64,
    /// Push-ids that may be used again.
    pub push_ids: u64,
    /// Files that those submissions named and no row names any more.
    pub unnamed: Vec<Sha256>,
}

impl Operation for Purge {
    type Answer = Purged;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Purged, StoreError> {
        let forget = sqlx::query("DELETE FROM used_push_id WHERE until_ms < $1");
        let push_ids = tx.run(forget.bind(bigint(self.now_ms))).await?;
        quota::forget(tx, self.now_ms).await?;
        forget_attachments(tx, self.now_ms).await?;
        let query = sqlx::query(
            "SELECT id FROM submission WHERE closed_at_ms < $1 \
             AND NOT EXISTS (SELECT 1 FROM delivery d JOIN outbox o ON o.delivery_id = d.id \
             WHERE d.submission_id = submission.id AND o.state = 'waiting') \
             ORDER BY closed_at_ms LIMIT $2",
        );
        let query = query
            .bind(bigint(self.finished_before_ms))
            .bind(i64::from(self.limit));
        let rows = tx.rows(query).await?;
        let ids = rows.iter();
        let ids = ids.map(|row| Columns::new(row, "submission").text("id"));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        console::take_out(tx, ids.iter().map(String::as_str)).await?;
        let mut files = BTreeSet::new();
        let mut submissions = 0;
        for id in ids {
            self.remember(tx, &id).await?;
            files.extend(named_by(tx, &id).await?);
            let delete = sqlx::query("DELETE FROM submission WHERE id = $1");
            submissions += tx.run(delete.bind(id)).await?;
        }
        cbs::forget(tx, self.finished_before_ms).await?;
        let mut unnamed = Vec::new();
        for sha256 in files {
            if !is_named(tx, sha256).await? {
                unnamed.push(sha256);
            }
        }
        Ok(Purged {
            submissions,
            push_ids,
            unnamed,
        })
    }
}

impl Purge {
    async fn remember(&self, tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO used_push_id (initiator, push_id, request_sha256, received_ms, until_ms) \
             SELECT initiator, push_id, request_sha256, received_ms, $2 FROM submission \
             WHERE id = $1 ON CONFLICT (initiator, push_id) \
             DO UPDATE SET until_ms = excluded.until_ms",
        );
        let query = query.bind(id).bind(bigint(self.remember_until_ms));
        tx.run(query).await?;
        Ok(())
    }
}

/// Which of some files no row names.
struct Unnamed(Vec<Sha256>);

impl Operation for Unnamed {
    type Answer = Vec<Sha256>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Sha256>, StoreError> {
        let mut unnamed = Vec::new();
        for sha256 in &self.0 {
            if !is_named(tx, *sha256).await? {
                unnamed.push(*sha256);
            }
        }
        Ok(unnamed)
    }
}

impl Store {
    /// Deletes finished submissions and forgets old push-ids. The caller deletes the files.
    pub async fn purge(&self, purge: Purge) -> Result<Purged, StoreError> {
        self.write(purge).await
    }

    /// Which of `files` no row names: leftovers of a crash between file and row.
    pub async fn unnamed(&self, files: Vec<Sha256>) -> Result<Vec<Sha256>, StoreError> {
        self.write(Unnamed(files)).await
    }
}

/// A file that was uploaded stays so long although no alert or template names it, ms: somebody may
/// be writing.
const ATTACHMENT_REST_MS: u64 = 7 * 86_400_000;
/// Files that are looked at in one go.
const ATTACHMENTS_AT_ONCE: i64 = 20;

/// Lets go of uploaded files that no alert and no template names any more; the sweep removes them.
/// What is named still is looked at again after as long.
async fn forget_attachments(tx: &mut Tx<'_>, now_ms: u64) -> Result<(), StoreError> {
    let before_ms = now_ms.saturating_sub(ATTACHMENT_REST_MS);
    let query = sqlx::query(
        "SELECT sha256, workspace FROM attachment WHERE created_ms < $1 \
         ORDER BY created_ms LIMIT $2",
    );
    let query = query.bind(bigint(before_ms)).bind(ATTACHMENTS_AT_ONCE);
    for row in tx.rows(query).await? {
        let row = Columns::keyed(&row, "attachment", "sha256");
        let (sha256, workspace) = (row.text("sha256")?, row.text("workspace")?);
        let named = sqlx::query(
            "SELECT id FROM alert WHERE workspace = $1 AND document LIKE $2 \
             UNION ALL SELECT id FROM template WHERE workspace = $1 AND definition LIKE $2 LIMIT 1",
        );
        let named = named.bind(workspace.clone()).bind(format!("%{sha256}%"));
        let change = match tx.row(named).await? {
            Some(_) => sqlx::query(
                "UPDATE attachment SET created_ms = $3 WHERE sha256 = $1 AND workspace = $2",
            )
            .bind(sha256)
            .bind(workspace)
            .bind(bigint(now_ms)),
            None => sqlx::query("DELETE FROM attachment WHERE sha256 = $1 AND workspace = $2")
                .bind(sha256)
                .bind(workspace),
        };
        tx.run(change).await?;
    }
    Ok(())
}

async fn named_by(tx: &mut Tx<'_>, id: &str) -> Result<Vec<Sha256>, StoreError> {
    let query = sqlx::query(
        "SELECT body_sha256 AS sha256 FROM submission \
         WHERE id = $1 AND body_sha256 IS NOT NULL \
         UNION SELECT object_sha256 FROM transmission \
         WHERE submission_id = $1 AND object IS NULL",
    );
    tx.rows(query.bind(id))
        .await?
        .iter()
        .map(|row| Columns::keyed(row, "submission", "sha256").digest("sha256"))
        .collect()
}

async fn is_named(tx: &mut Tx<'_>, sha256: Sha256) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "SELECT body_sha256 AS sha256 FROM submission WHERE body_sha256 = $1 \
         UNION ALL SELECT object_sha256 FROM transmission \
         WHERE object_sha256 = $1 AND object IS NULL \
         UNION ALL SELECT sha256 FROM attachment WHERE sha256 = $1 LIMIT 1",
    );
    Ok(tx.row(query.bind(sha256.to_hex())).await?.is_some())
}
