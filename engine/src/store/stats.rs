//! What the writer has done so far, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters of the writer. They only grow, and are read without stopping it.
#[derive(Debug, Default)]
pub struct Stats {
    commits: AtomicU64,
    operations: AtomicU64,
    largest_batch: AtomicU64,
    rollbacks: AtomicU64,
    commit_nanos: AtomicU64,
    slowest_commit_nanos: AtomicU64,
}

impl Stats {
    /// Transactions committed.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Operations in them: divided by the commits, the mean batch size.
    pub fn operations(&self) -> u64 {
        self.operations.load(Ordering::Relaxed)
    }

    /// Most operations of one commit.
    pub fn largest_batch(&self) -> u64 {
        self.largest_batch.load(Ordering::Relaxed)
    }

    /// Batches taken back because an operation in them was refused.
    pub fn rollbacks(&self) -> u64 {
        self.rollbacks.load(Ordering::Relaxed)
    }

    /// Time spent in commits, that is mostly in fsync.
    pub fn commit_time(&self) -> Duration {
        Duration::from_nanos(self.commit_nanos.load(Ordering::Relaxed))
    }

    /// The longest commit.
    pub fn slowest_commit(&self) -> Duration {
        Duration::from_nanos(self.slowest_commit_nanos.load(Ordering::Relaxed))
    }

    pub(super) fn committed(&self, operations: usize, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let operations = operations as u64;
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.operations.fetch_add(operations, Ordering::Relaxed);
        self.largest_batch.fetch_max(operations, Ordering::Relaxed);
        self.commit_nanos.fetch_add(nanos, Ordering::Relaxed);
        self.slowest_commit_nanos
            .fetch_max(nanos, Ordering::Relaxed);
    }

    pub(super) fn rolled_back(&self) {
        self.rollbacks.fetch_add(1, Ordering::Relaxed);
    }
}
