//! The one thread that writes. It takes whatever arrived while the last commit was on its way to
//! the disk, does all of it in one transaction, commits, and only then answers: on SQLite through
//! the thread that syncs its log, so that the next transaction need not wait for the disk.
//!
//! An operation that is refused takes its transaction back; the batch is then halved until the
//! refused one is alone, so that no neighbour pays for it. A commit that fails is different:
//! after a failing fsync nobody knows what is on the disk, so the store refuses everything from
//! then on and the process has to end.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool, Connection as _};
use tokio::sync::{mpsc, oneshot, watch};

use super::checkpoints::{CHECKPOINT, Checkpoints, Next};
use super::dialect::Dialect;
use super::error::StoreError;
use super::intake;
use super::log_sync::{Committed, LogSync};
use super::operation::{Tx, Write, finish};
use super::statements::Statements;
use super::stats::Stats;
use super::{together, transmissions};

/// Operations of one transaction: enough to spread an fsync thin, few enough for short commits.
pub(super) const MAX_BATCH: usize = 256;
/// Operations that are worth a commit while another one is being synced: fewer cost more pages of the
/// log, more leave the processor idle in between.
const WORTH_COMMIT: usize = 16;
/// Operations waiting: a few batches. Callers beyond wait in line.
pub(super) const MAX_WAITING: usize = 1024;
/// How long a lost connection may take to come back before the waiting callers are refused.
pub(super) const RECONNECT: Duration = Duration::from_secs(5);
/// SQLite's result code for a full disk. Such a commit is taken back cleanly.
const SQLITE_FULL: &str = "13";
/// SQLite's result code for a disk that refuses to read or write. Further bits say where.
const SQLITE_IOERR: u32 = 10;
/// The bits of a result code without those that say more.
const SQLITE_PRIMARY: u32 = 0xFF;

/// The writer's own things.
pub(super) struct Writer {
    pool: AnyPool,
    connection: Option<PoolConnection<Any>>,
    dialect: Dialect,
    statements: Statements,
    stats: Arc<Stats>,
    checkpoints: Checkpoints,
    /// Answers what is committed once it is on stable storage. Without it a commit is there.
    syncing: Option<LogSync>,
    /// Where it stays, with the thread that SQLite runs on.
    processor: Option<usize>,
    /// Whether a write to the disk has failed, for whoever has to end the process.
    failed: watch::Sender<bool>,
    /// On SQLite the claim to the database, held until the last write is over.
    _lock: Option<Arc<File>>,
}

/// Why a transaction came to nothing.
enum Trouble {
    /// It was never begun.
    Begin(StoreError),
    /// One of its operations was refused.
    Operation(StoreError),
    /// The commit failed and its outcome is unknown.
    Commit(sqlx::Error),
    /// The disk refused while one of its operations was done.
    Disk(StoreError),
}

impl Writer {
    pub(super) fn new(pool: AnyPool, lock: Option<Arc<File>>, dialect: Dialect) -> Self {
        Self {
            pool,
            connection: None,
            dialect,
            statements: Statements::new(dialect),
            stats: Arc::default(),
            checkpoints: Checkpoints::new(None),
            syncing: None,
            processor: None,
            failed: watch::Sender::new(false),
            _lock: lock,
        }
    }

    /// Counts there, and says there that writing has failed.
    pub(super) fn reporting(self, stats: Arc<Stats>, failed: watch::Sender<bool>) -> Self {
        Self {
            stats,
            failed,
            ..self
        }
    }

    /// Has commits synced by that, on the same processor.
    pub(super) fn synced_by(self, syncing: Option<LogSync>, processor: Option<usize>) -> Self {
        Self {
            syncing,
            processor,
            ..self
        }
    }

    /// Has the log moved into the main file that way.
    pub(super) fn beside(self, checkpoints: Checkpoints) -> Self {
        Self {
            checkpoints,
            ..self
        }
    }

    /// Writes on a thread of its own until the store is closed or nobody is left to ask: every
    /// statement is a wait for the database, and on the runtime of everything else each would end
    /// behind whatever requests are ready there.
    pub(super) fn start(self, inbox: mpsc::Receiver<Write>) -> Result<(), StoreError> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        match self.dialect {
            Dialect::Postgres => runtime.enable_all(),
            // No sockets: such a thread is woken without the kernel's poll.
            Dialect::Sqlite => runtime.enable_time(),
        };
        let runtime = runtime.build().map_err(StoreError::Thread)?;
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                if let Some(processor) = self.processor {
                    together::stay_on(processor);
                }
                runtime.block_on(self.run(inbox));
            })
            .map_err(StoreError::Thread)?;
        Ok(())
    }

    async fn run(mut self, mut inbox: mpsc::Receiver<Write>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        let mut closing = Vec::new();
        while closing.is_empty() && self.gather(&mut inbox, &mut batch).await > 0 {
            let mut writes = Vec::with_capacity(batch.len());
            for write in batch.drain(..) {
                match write {
                    Write::Close(sender) => closing.push(sender),
                    write => writes.push(write),
                }
            }
            let operations = writes.len();
            self.write(writes).await;
            if self.checkpoints.committed(operations, &self.stats).await == Next::Rest {
                self.checkpoint_rest().await;
            }
        }
        drop(inbox);
        self.close(closing).await;
    }

    /// Waits for something to do. A few operations wait for the sync that is under way, and take
    /// along what arrives meanwhile: they could not be answered before it ends anyway.
    async fn gather(&self, inbox: &mut mpsc::Receiver<Write>, batch: &mut Vec<Write>) -> usize {
        let arrived = inbox.recv_many(batch, MAX_BATCH).await;
        if let Some(syncing) = &self.syncing
            && (1..WORTH_COMMIT).contains(&arrived)
        {
            syncing.idle().await;
            while batch.len() < MAX_BATCH
                && let Ok(write) = inbox.try_recv()
            {
                batch.push(write);
            }
        }
        batch.len()
    }

    /// Brings every write of a batch to its end.
    async fn write(&mut self, batch: Vec<Write>) {
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            if self.has_failed() {
                finish(part, || Err(StoreError::Failed));
                continue;
            }
            match self.transact(&mut part).await {
                Ok(began) => self.committed(part, began).await,
                Err(Trouble::Operation(error)) if part.len() == 1 => {
                    let mut error = Some(error);
                    finish(part, || Err(error.take().unwrap_or(StoreError::Failed)));
                }
                Err(Trouble::Operation(_)) => {
                    self.stats.rolled_back();
                    let second = part.split_off(part.len() / 2);
                    parts.push(second);
                    parts.push(part);
                }
                Err(Trouble::Begin(error)) => {
                    tracing::error!(%error, "no write transaction can be begun");
                    finish(part, || Err(StoreError::Unavailable));
                }
                Err(Trouble::Disk(error)) => {
                    tracing::error!(%error, "the disk fails, the store accepts no more writes");
                    self.failed.send_replace(true);
                    finish(part, || Err(StoreError::Failed));
                }
                Err(Trouble::Commit(error)) => {
                    tracing::error!(%error, "a commit failed, the store accepts no more writes");
                    self.failed.send_replace(true);
                    finish(part, || Err(StoreError::Failed));
                }
            }
        }
    }

    /// Answers a commit, or has it answered.
    async fn committed(&self, writes: Vec<Write>, began: Instant) {
        self.stats.committed(writes.len());
        if let Some(syncing) = &self.syncing {
            syncing.answer(Committed { writes, began }).await;
        } else {
            self.stats.durable(began.elapsed());
            finish(writes, || Ok(()));
        }
    }

    /// One transaction over all of `writes`. Returns when its commit began.
    async fn transact(&mut self, writes: &mut [Write]) -> Result<Instant, Trouble> {
        let mut connection = self.take_connection().await?;
        let ended = self.transact_on(&mut connection, writes).await;
        match ended {
            Ok(began) => {
                self.connection = Some(connection);
                Ok(began)
            }
            Err((trouble, Fit::Usable)) => {
                self.connection = Some(connection);
                Err(trouble)
            }
            Err((trouble, Fit::Doubtful)) => {
                connection.close_on_drop();
                Err(trouble)
            }
        }
    }

    async fn transact_on(
        &mut self,
        connection: &mut PoolConnection<Any>,
        writes: &mut [Write],
    ) -> Result<Instant, (Trouble, Fit)> {
        let mut transaction = connection
            .begin_with(self.dialect.begin())
            .await
            .map_err(|error| (Trouble::Begin(error.into()), Fit::Doubtful))?;
        let mut tx = Tx {
            connection: &mut transaction,
            dialect: self.dialect,
            statements: &self.statements,
        };
        if let Err(error) = Self::apply(&mut tx, writes).await {
            if self.is_disk_error(&error) {
                return Err((Trouble::Disk(error), Fit::Doubtful));
            }
            let fit = match transaction.rollback().await {
                Ok(()) => Fit::Usable,
                Err(_) => Fit::Doubtful,
            };
            return Err((Trouble::Operation(error), fit));
        }
        let started = Instant::now();
        match transaction.commit().await {
            Ok(()) => Ok(started),
            Err(error) if self.is_full_disk(&error) => {
                Err((Trouble::Operation(error.into()), Fit::Doubtful))
            }
            Err(error) => Err((Trouble::Commit(error), Fit::Doubtful)),
        }
    }

    async fn apply(tx: &mut Tx<'_>, writes: &mut [Write]) -> Result<(), StoreError> {
        let (mut submissions, mut plans) = (Vec::new(), Vec::new());
        let mut others = Vec::new();
        for write in writes {
            match write {
                Write::Submit(submit, reply) => submissions.push((&**submit, reply)),
                Write::Plan(plan, reply) => plans.push((&**plan, reply)),
                Write::Other(job) => others.push(job),
                Write::Close(_) => {}
            }
        }
        intake::submit(tx, submissions).await?;
        transmissions::plan(tx, plans).await?;
        for job in others {
            job.run(tx).await?;
        }
        Ok(())
    }

    async fn take_connection(&mut self) -> Result<PoolConnection<Any>, Trouble> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => self
                .pool
                .acquire()
                .await
                .map_err(|error| Trouble::Begin(error.into())),
        }
    }

    fn has_failed(&self) -> bool {
        *self.failed.borrow()
    }

    /// Whether the disk refused to read or write, so that what is on it is not known.
    fn is_disk_error(&self, error: &StoreError) -> bool {
        let StoreError::Database(error) = error else {
            return false;
        };
        let code = error.as_database_error().and_then(|error| error.code());
        let code = code.and_then(|code| code.parse::<u32>().ok());
        self.dialect == Dialect::Sqlite
            && code.is_some_and(|code| code & SQLITE_PRIMARY == SQLITE_IOERR)
    }

    fn is_full_disk(&self, error: &sqlx::Error) -> bool {
        self.dialect == Dialect::Sqlite
            && error
                .as_database_error()
                .and_then(|error| error.code().map(|code| code == SQLITE_FULL))
                .unwrap_or(false)
    }

    async fn checkpoint_rest(&mut self) {
        let Ok(mut connection) = self.take_connection().await else {
            return;
        };
        match sqlx::query(CHECKPOINT).fetch_all(&mut *connection).await {
            Ok(_) => self.connection = Some(connection),
            Err(error) => {
                tracing::warn!(%error, "a checkpoint of the database came to nothing");
                connection.close_on_drop();
            }
        }
    }

    async fn close(mut self, closing: Vec<oneshot::Sender<Result<(), StoreError>>>) {
        self.checkpoints.close().await;
        if let Some(syncing) = self.syncing.take() {
            syncing.close();
        }
        let end = if closing.is_empty() || self.has_failed() {
            Ok(())
        } else {
            self.checkpoint().await
        };
        drop(self.connection.take());
        self.pool.close().await;
        // Whoever hears of the end may open the database again.
        drop(self);
        let mut end = Some(end);
        for sender in closing {
            drop(sender.send(end.take().unwrap_or(Ok(()))));
        }
    }

    async fn checkpoint(&mut self) -> Result<(), StoreError> {
        let Some(checkpoint) = self.dialect.checkpoint() else {
            return Ok(());
        };
        let mut connection = match self.take_connection().await {
            Ok(connection) => connection,
            Err(Trouble::Begin(error) | Trouble::Disk(error) | Trouble::Operation(error)) => {
                return Err(error);
            }
            Err(Trouble::Commit(error)) => return Err(error.into()),
        };
        sqlx::query(checkpoint).fetch_all(&mut *connection).await?;
        Ok(())
    }
}

/// Whether a connection can carry the next transaction.
enum Fit {
    Doubtful,
    Usable,
}
