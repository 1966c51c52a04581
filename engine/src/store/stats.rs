//! What the writer has done so far, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::histogram::Histogram;

/// Durations of commits are counted in buckets up to so many ns: from 0.1 ms to ten seconds.
const COMMIT_NS: [u64; 16] = [
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    50_000_000,
    100_000_000,
    200_000_000,
    500_000_000,
    1_000_000_000,
    2_000_000_000,
    5_000_000_000,
    10_000_000_000,
];
/// Operations of commits are counted in buckets up to so many.
const BATCH_SIZES: [u64; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// Counters of the writer. They only grow, and are read without stopping it.
#[derive(Debug)]
pub struct Stats {
    commit_durations: Histogram,
    batch_sizes: Histogram,
    commits: AtomicU64,
    operations: AtomicU64,
    largest_batch: AtomicU64,
    rollbacks: AtomicU64,
    commit_nanos: AtomicU64,
    slowest_commit_nanos: AtomicU64,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            commit_durations: Histogram::new(&COMMIT_NS),
            batch_sizes: Histogram::new(&BATCH_SIZES),
            commits: AtomicU64::default(),
            operations: AtomicU64::default(),
            largest_batch: AtomicU64::default(),
            rollbacks: AtomicU64::default(),
            commit_nanos: AtomicU64::default(),
            slowest_commit_nanos: AtomicU64::default(),
        }
    }
}

impl Stats {
    /// How long commits took until they were on stable storage, ns.
    pub const fn commit_durations(&self) -> &Histogram {
        &self.commit_durations
    }

    /// How many operations commits had.
    pub const fn batch_sizes(&self) -> &Histogram {
        &self.batch_sizes
    }

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

    /// Time until commits were on stable storage, added up.
    pub fn commit_time(&self) -> Duration {
        Duration::from_nanos(self.commit_nanos.load(Ordering::Relaxed))
    }

    /// The longest commit.
    pub fn slowest_commit(&self) -> Duration {
        Duration::from_nanos(self.slowest_commit_nanos.load(Ordering::Relaxed))
    }

    pub(super) fn committed(&self, operations: usize) {
        let operations = operations as u64;
        self.batch_sizes.observe(operations);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.operations.fetch_add(operations, Ordering::Relaxed);
        self.largest_batch.fetch_max(operations, Ordering::Relaxed);
    }

    /// A commit that began so long ago is on stable storage.
    pub(super) fn durable(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.commit_durations.observe(nanos);
        self.commit_nanos.fetch_add(nanos, Ordering::Relaxed);
        self.slowest_commit_nanos
            .fetch_max(nanos, Ordering::Relaxed);
    }

    pub(super) fn rolled_back(&self) {
        self.rollbacks.fetch_add(1, Ordering::Relaxed);
    }
}
