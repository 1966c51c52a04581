//! Everything that is remembered: submissions, deliveries, transmissions, the outbox, leases,
//! definitions, and the content-addressed files beside them. The only place with SQL.
//!
//! One text serves SQLite and PostgreSQL; where they differ, [`Dialect`] says how. Reads go to a
//! pool of their own. All writes go through one thread with one connection, which commits whatever
//! has arrived in one transaction and answers afterwards: what is answered is on stable storage.
//!
//! Called by the gateway, the PAP endpoint, the scheduler and the report side. The store decides
//! nothing about pushes: it keeps the rules that only a transaction can keep. A push-id is taken
//! once; a submission has one planner at a time; the first outcome of a delivery wins and brings
//! its notification with it; nothing is given out under an epoch that is over.
//!
//! After [`StoreError::Failed`] the process must end and start again: the store cannot know what
//! reached the disk. Not here: waiting, retrying, clocks. Times are arguments, except that
//! PostgreSQL's own clock decides when a lease is over.

mod advances;
mod audit;
mod cbs;
mod checkpoints;
mod claims;
mod codes;
mod console;
mod definitions;
mod deliveries;
mod dialect;
mod error;
mod files;
mod intake;
mod leases;
mod log_sync;
mod open;
mod operation;
mod outbox;
mod progress;
mod quota;
mod replacing;
mod retention;
mod row;
mod sessions;
mod spool;
mod statement;
mod statements;
mod stats;
mod steps;
mod submissions;
#[cfg(test)]
mod tests;
mod together;
mod transmissions;
mod writer;

use std::sync::Arc;

use sqlx::AnyPool;
use sqlx::any::AnyRow;
use tokio::sync::{mpsc, oneshot, watch};

pub use audit::{AuditDetails, AuditEntry, AuditLog, AuditRow, AuditVerdict};
pub use claims::{Claim, Claimed, Due, FIRST_ATTEMPT};
pub use codes::CodeRequest;
pub use console::{
    AlertAct, AlertEdit, Approving, ChannelModeRow, ConsolePart, Directive, EntryRow, LinkModeRow,
    Part, ReportPart, StoredFactor, StoredSession, UserSecret,
};
pub use definitions::{Dated, Difference};
pub use dialect::Dialect;
pub use error::StoreError;
pub use files::{FileError, FileWriter, Files};
pub use intake::{Sending, Submitted};
pub use leases::Lease;
pub use outbox::{Notification, OutboxDepth};
pub use progress::{Change, Concluded};
pub use quota::{QuotaUse, day_of};
pub use replacing::{Replaced, Replacing};
pub use retention::{Purge, Purged};
pub use sessions::{FDT_INSTANCE_IDS, ToiRequest};
pub use spool::{MAX_INLINE_BYTES, Spool};
pub use stats::Stats;
pub use steps::Steps;
pub use submissions::{SubmissionState, Summary};
pub use transmissions::Plan;

use checkpoints::Checkpoints;
use log_sync::LogSync;
use operation::{Operation, Pending, Reply, Write};
use row::Columns;
use statement::Query;
use statements::Reads;
use writer::{MAX_WAITING, Writer};

/// The database. Clones share it; the last one to go lets the writer end.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    dialect: Dialect,
    owner: String,
    readers: AnyPool,
    inbox: mpsc::Sender<Write>,
    reads: Reads,
    stats: Arc<Stats>,
    failed: watch::Receiver<bool>,
    /// Pushes are counted into the sums of reports while nobody reads them, so that no report misses
    /// one on its way there.
    summing: tokio::sync::RwLock<()>,
}

impl Store {
    /// Opens `sqlite:FILE` or `postgres://..`, creating file, folder and tables.
    ///
    /// `owner` names this process among all that ever open the database: node and a random part.
    /// A SQLite file is locked against other processes through `FILE.lock` until the store and
    /// all its clones are gone and the last write is over.
    pub async fn open(url: &str, owner: &str) -> Result<Self, StoreError> {
        Self::open_as(url, owner, open::Claim::Sole).await
    }

    /// The same beside another process that has the database, for a few short writes. What is
    /// answered is on stable storage; the store is then dropped, not closed.
    pub async fn open_beside(url: &str, owner: &str) -> Result<Self, StoreError> {
        Self::open_as(url, owner, open::Claim::Beside).await
    }

    async fn open_as(url: &str, owner: &str, claim: open::Claim) -> Result<Self, StoreError> {
        let opened = open::open(url, claim).await?;
        let stats = Arc::new(Stats::default());
        let (inbox, waiting) = mpsc::channel(MAX_WAITING);
        let (failing, failed) = watch::channel(false);
        let processor = opened.log.as_ref().and_then(together::choose);
        let sync = |log| LogSync::start(log, processor, Arc::clone(&stats), failing.clone());
        let syncing = opened.log.map(sync).transpose()?;
        Writer::new(opened.writer, opened.lock, opened.dialect)
            .reporting(Arc::clone(&stats), failing)
            .synced_by(syncing, processor)
            .beside(Checkpoints::new(opened.checkpoints))
            .start(waiting)?;
        Ok(Self {
            inner: Arc::new(Inner {
                dialect: opened.dialect,
                owner: owner.to_owned(),
                readers: opened.readers,
                inbox,
                reads: Reads::new(opened.dialect),
                stats,
                failed,
                summing: tokio::sync::RwLock::default(),
            }),
        })
    }

    /// Finishes the writes that have arrived, moves everything into the main file and closes all
    /// connections. Clones answer [`StoreError::Closed`] from then on.
    pub async fn close(self) -> Result<(), StoreError> {
        let (sender, closed) = oneshot::channel();
        let end = match self.send(Write::Close(sender)).await {
            Ok(()) => closed.await.unwrap_or(Ok(())),
            Err(_) => Ok(()),
        };
        self.inner.readers.close().await;
        end
    }

    /// Completes once a write to the disk has failed so that nobody knows what is on it. The
    /// process has to end: the store accepts nothing any more.
    pub async fn failure(&self) {
        let mut failed = self.inner.failed.clone();
        if failed.wait_for(|failed| *failed).await.is_err() {
            // The writer ended without failing.
            std::future::pending::<()>().await;
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    /// Whose claims and leases this store takes.
    pub fn owner(&self) -> &str {
        &self.inner.owner
    }

    /// Counters of the writer.
    pub fn stats(&self) -> Arc<Stats> {
        Arc::clone(&self.inner.stats)
    }

    /// Writes waiting for the writer: at most a fixed number, then callers wait in line.
    pub fn waiting(&self) -> usize {
        self.inner.inbox.max_capacity() - self.inner.inbox.capacity()
    }

    async fn send(&self, write: Write) -> Result<(), StoreError> {
        self.inner
            .inbox
            .send(write)
            .await
            .map_err(|_| StoreError::Closed)
    }

    /// Has the writer do something, and waits until it is committed.
    async fn write<O: Operation>(&self, operation: O) -> Result<O::Answer, StoreError> {
        let (reply, answer) = Reply::new();
        self.send(Write::Other(Box::new(Pending { operation, reply })))
            .await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    async fn rows(&self, query: Query<'_>) -> Result<Vec<AnyRow>, StoreError> {
        Ok(query.fetch_all(&self.inner.readers).await?)
    }

    async fn row(&self, query: Query<'_>) -> Result<Option<AnyRow>, StoreError> {
        Ok(self.rows(query).await?.pop())
    }

    /// The time that a statement returns as `at_ms`.
    async fn earliest(&self, sql: &'static str) -> Result<Option<u64>, StoreError> {
        self.earliest_of(sqlx::query(sql)).await
    }

    async fn earliest_of(&self, query: Query<'_>) -> Result<Option<u64>, StoreError> {
        match self.row(query).await? {
            Some(row) => Columns::keyed(&row, "MIN", "at_ms").number_or_null("at_ms"),
            None => Ok(None),
        }
    }
}
