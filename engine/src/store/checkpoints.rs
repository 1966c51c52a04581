//! Moving what was committed from SQLite's log into the main file, beside the writer.
//!
//! ```text
//!  writer:      commit, commit, commit, ...... commit, commit ─▶ the rest ─▶ commit at the log's start
//!  beside it:          all that is in the log by now ─┘
//! ```
//!
//! A checkpoint writes every changed page and syncs the main file, for tens of milliseconds in which
//! the writer would answer nobody. So another connection does it, and the writer only does the
//! rest, what was committed meanwhile. Then the log begins anew in the same place: a file that grows
//! takes twice as long to sync. Should this come to nothing, SQLite's own checkpoint, which the
//! writer pays for, bounds the log.

use std::sync::Arc;

use sqlx::AnyPool;
use tokio::task::JoinHandle;

use super::stats::Stats;

/// Pages in the log at which a checkpoint is worth its two syncs: some 32 MiB.
const WORTH_PAGES: usize = 8000;
/// Pages that a commit writes, about, and those of each of its operations.
const PAGES_OF_COMMIT: usize = 12;
const PAGES_OF_OPERATION: usize = 4;
/// Moves what it can without waiting for anybody.
pub(super) const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Checkpoints of one database.
#[derive(Debug)]
pub(super) struct Checkpoints {
    /// One connection. `None` where the database does this by itself.
    pool: Option<AnyPool>,
    /// Pages in the log since the last one, about.
    pages: usize,
    /// One under way; it tells whether there was a commit meanwhile.
    running: Option<JoinHandle<bool>>,
}

/// What the writer has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Nothing,
    /// A checkpoint of its own: there is little left.
    Rest,
}

impl Checkpoints {
    pub(super) const fn new(pool: Option<AnyPool>) -> Self {
        Self {
            pool,
            pages: 0,
            running: None,
        }
    }

    /// The writer has committed so many operations.
    pub(super) async fn committed(&mut self, operations: usize, stats: &Arc<Stats>) -> Next {
        let Some(pool) = &self.pool else {
            return Next::Nothing;
        };
        self.pages += PAGES_OF_COMMIT + PAGES_OF_OPERATION * operations;
        match &mut self.running {
            Some(running) if running.is_finished() => {
                // One that failed leaves its pages to the next.
                let is_rest = running.await.unwrap_or(false);
                self.running = None;
                if is_rest { Next::Rest } else { Next::Nothing }
            }
            Some(_) => Next::Nothing,
            None if self.pages >= WORTH_PAGES => {
                self.pages = 0;
                self.running = Some(tokio::spawn(run(pool.clone(), Arc::clone(stats))));
                Next::Nothing
            }
            None => Next::Nothing,
        }
    }

    /// Waits for the one under way and closes the connection.
    pub(super) async fn close(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = running.await;
        }
        if let Some(pool) = self.pool.take() {
            pool.close().await;
        }
    }
}

async fn run(pool: AnyPool, stats: Arc<Stats>) -> bool {
    let before = stats.commits();
    match sqlx::query(CHECKPOINT).fetch_all(&pool).await {
        Ok(_) => stats.commits() != before,
        Err(error) => {
            tracing::warn!(%error, "a checkpoint of the database came to nothing");
            false
        }
    }
}
