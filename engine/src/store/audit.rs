//! The audit: who did what and what was refused, in rows that are only ever added.
//!
//! ```text
//!  hash of row n = SHA-256(hash of row n - 1 ‖ n ‖ every column of row n)
//! ```
//!
//! So a row that is changed, removed or put in between shows when the chain is walked. Rows cut off
//! at the end do not: whoever wants to notice that keeps the last hash elsewhere.

use sha2::Digest as _;
use sqlx::AnyPool;
use sqlx::any::AnyRow;

use super::Store;
use super::error::StoreError;
use super::open;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint};
use super::steps::{Ask, values};
use crate::model::Sha256;
use crate::model::audit::AuditQuery;

/// Rows read at a time.
const PAGE: u32 = 1000;

/// Something that was done or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When; of several alike when the first was, Unix ms.
    pub at_ms: u64,
    /// The account, where one is known.
    pub who: Option<String>,
    /// The address that it came from.
    pub source: Option<String>,
    /// What was asked for.
    pub action: String,
    /// What became of it, or why it was refused.
    pub reason: String,
    /// How many alike, at least one.
    pub count: u64,
    /// What else is known of it.
    pub details: AuditDetails,
}

/// What rows of the console say besides. Rows without any of it are hashed as they always were.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditDetails {
    /// What [`AuditEntry::who`] is: `user`, `command_line` or `gateway`; an initiator if absent.
    pub who_kind: Option<String>,
    /// Where.
    pub workspace: Option<String>,
    /// What it was done to, such as `alert ID`.
    pub object: Option<String>,
    /// What stood there before, JSON.
    pub before: Option<String>,
    /// What stands there since, JSON.
    pub after: Option<String>,
}

impl AuditDetails {
    fn texts(&self) -> [Option<&str>; 5] {
        [
            self.who_kind.as_deref(),
            self.workspace.as_deref(),
            self.object.as_deref(),
            self.before.as_deref(),
            self.after.as_deref(),
        ]
    }
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, from 1 on without a gap.
    pub seq: u64,
    /// The entry.
    pub entry: AuditEntry,
    /// As stored.
    pub hash: Sha256,
}

/// What a walk along the chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditVerdict {
    /// Rows that are as they were written.
    pub sound: u64,
    /// Hash of the last of them; zeros if there is none.
    pub head: Sha256,
    /// Number of the first row that is not as it was written, or has another before it than it had.
    pub broken_at: Option<u64>,
}

macro_rules! audit_columns {
    () => {
        "seq, at_ms, who, source, action, reason, number, hash, who_kind, workspace, object, \
         before_value, after_value"
    };
}

/// What the first row follows.
const START: Sha256 = Sha256([0; 32]);

impl AuditEntry {
    /// The hash of this entry as row `seq` after a row of hash `before`.
    fn hash(&self, before: Sha256, seq: u64) -> Sha256 {
        let mut hasher = sha2::Sha256::new_with_prefix(before.0);
        for number in [seq, self.at_ms, self.count] {
            hasher.update(number.to_be_bytes());
        }
        let texts = [
            self.who.as_deref(),
            self.source.as_deref(),
            Some(&*self.action),
            Some(&*self.reason),
        ];
        let more = self.details.texts();
        let more = more.iter().any(Option::is_some).then_some(more);
        for text in texts.into_iter().chain(more.into_iter().flatten()) {
            match text {
                Some(text) => {
                    hasher.update([1]);
                    hasher.update((text.len() as u64).to_be_bytes());
                    hasher.update(text);
                }
                None => hasher.update([0]),
            }
        }
        Sha256(hasher.finalize().into())
    }
}

struct Append(Vec<AuditEntry>);

impl Operation for Append {
    type Answer = ();

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        append(tx, &self.0).await
    }
}

/// Adds entries to the chain, in the transaction of what they tell.
pub(super) async fn append(tx: &mut Tx<'_>, entries: &[AuditEntry]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    if let Some(lock) = tx.dialect.lock_audit() {
        tx.run(sqlx::query(lock)).await?;
    }
    let last = tx
        .row(sqlx::query(
            "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
        ))
        .await?;
    let (mut seq, mut hash) = match &last {
        Some(row) => {
            let row = Columns::keyed(row, "audit", "hash");
            (row.number("seq")?, row.digest("hash")?)
        }
        None => (0, START),
    };
    for entry in entries {
        seq += 1;
        hash = entry.hash(hash, seq);
        let query = sqlx::query(
            "INSERT INTO audit (seq, at_ms, who, source, action, reason, number, hash, who_kind, \
             workspace, object, before_value, after_value) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        );
        let query = query
            .bind(bigint(seq))
            .bind(bigint(entry.at_ms))
            .bind(entry.who.clone())
            .bind(entry.source.clone())
            .bind(entry.action.clone())
            .bind(entry.reason.clone())
            .bind(bigint(entry.count))
            .bind(hash.to_hex());
        let details = entry.details.texts().map(|text| text.map(str::to_owned));
        let query = details
            .into_iter()
            .fold(query, |query, text| query.bind(text));
        tx.run(query).await?;
    }
    Ok(())
}

impl Store {
    /// Adds entries to the audit, in this order.
    pub async fn audit_append(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(Append(entries)).await
    }

    /// Walks the chain.
    pub async fn audit_verify(&self) -> Result<AuditVerdict, StoreError> {
        self.audit_log().verify().await
    }

    /// Rows of the audit before `before`, the newest first. `workspace` narrows it to what belongs
    /// there or nowhere.
    pub async fn audit_page(
        &self,
        query: &AuditQuery,
        workspace: Option<&str>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let text = |text: &Option<String>| text.clone();
        let ask = Ask::default()
            .with(
                concat!("SELECT ", audit_columns!(), " FROM audit WHERE seq > 0"),
                Vec::new(),
            )
            .given(" AND seq < #", before)
            .given(" AND who = #", text(&query.who))
            .given(" AND action = #", text(&query.action))
            .given(" AND object = #", text(&query.object))
            .given(
                " AND workspace = #",
                query.workspace.as_ref().map(ToString::to_string),
            )
            .given(" AND (workspace IS NULL OR workspace = #)", workspace)
            .given(" AND at_ms >= #", query.from_ms)
            .given(" AND at_ms < #", query.to_ms);
        let ask = match query.refused {
            // Older rows are all of refusals.
            true => ask.with(" AND (who_kind IS NULL OR reason <> 'done')", Vec::new()),
            false => ask,
        };
        let ask = ask.with(" ORDER BY seq DESC LIMIT #", values![limit]);
        self.ask(ask).await?.iter().map(row).collect()
    }

    /// One row of the audit.
    pub async fn audit_row(&self, seq: u64) -> Result<Option<AuditRow>, StoreError> {
        let query = sqlx::query(concat!(
            "SELECT ",
            audit_columns!(),
            " FROM audit WHERE seq = $1"
        ));
        let found = self.row(query.bind(bigint(seq))).await?;
        found.as_ref().map(row).transpose()
    }

    /// The audit of this store, to read.
    pub fn audit_log(&self) -> AuditLog {
        AuditLog {
            readers: self.inner.readers.clone(),
        }
    }
}

/// The audit of a database that another process may be writing.
#[derive(Debug, Clone)]
pub struct AuditLog {
    readers: AnyPool,
}

impl AuditLog {
    /// Opens `sqlite:FILE` or `postgres://..`, which must have its tables already, to read.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self {
            readers: open::readers(url).await?,
        })
    }

    /// Rows in order, beginning after `seq`: a thousand at most, none at the end.
    pub async fn rows_after(&self, seq: u64) -> Result<Vec<AuditRow>, StoreError> {
        let query = sqlx::query(concat!(
            "SELECT ",
            audit_columns!(),
            " FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2"
        ));
        let query = query.bind(bigint(seq)).bind(i64::from(PAGE));
        let rows = query.fetch_all(&self.readers).await?;
        rows.iter().map(row).collect()
    }

    /// Walks the chain to its end or to the first row that is not as it was written.
    pub async fn verify(&self) -> Result<AuditVerdict, StoreError> {
        let mut verdict = AuditVerdict {
            sound: 0,
            head: START,
            broken_at: None,
        };
        loop {
            let rows = self.rows_after(verdict.sound).await?;
            if rows.is_empty() {
                return Ok(verdict);
            }
            for row in rows {
                let seq = verdict.sound + 1;
                let hash = row.entry.hash(verdict.head, seq);
                if row.seq != seq || row.hash != hash {
                    verdict.broken_at = Some(seq);
                    return Ok(verdict);
                }
                verdict.sound = seq;
                verdict.head = hash;
            }
        }
    }
}

pub(super) fn row(row: &AnyRow) -> Result<AuditRow, StoreError> {
    let row = Columns::keyed(row, "audit", "hash");
    Ok(AuditRow {
        seq: row.number("seq")?,
        entry: AuditEntry {
            at_ms: row.number("at_ms")?,
            who: row.text_or_null("who")?,
            source: row.text_or_null("source")?,
            action: row.text("action")?,
            reason: row.text("reason")?,
            count: row.number("number")?,
            details: AuditDetails {
                who_kind: row.text_or_null("who_kind")?,
                workspace: row.text_or_null("workspace")?,
                object: row.text_or_null("object")?,
                before: row.text_or_null("before_value")?,
                after: row.text_or_null("after_value")?,
            },
        },
        hash: row.digest("hash")?,
    })
}
