//! What is over is counted, and goes: submissions that are long finished, and files that no row
//! names.
//!
//! Rows go first, then the files that only they named. A crash between a file and its row, or a
//! push that turned out to be known already, leaves a file without a row: those are swept.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::model::Sha256;
use crate::store::{FileError, Purge, StoreError};

use super::runner::Core;

/// Submissions forgotten in one go.
const PURGE_BATCH: u32 = 100;
/// How often old submissions are looked for.
const PURGE_INTERVAL: Duration = Duration::from_secs(10);
/// Pushes that are counted into the sums of reports in one go.
const SUM_BATCH: u32 = 100;
/// How often such are looked for.
const SUM_INTERVAL: Duration = Duration::from_secs(10);
/// After counting some it rests so many times as long as that took.
const SUM_PAUSE: u32 = 5;
/// A file so young may belong to a submission that is being taken in.
const FILE_REST: Duration = Duration::from_secs(600);
/// Push-ids are remembered at least so long after the final state, ms.
const REMEMBER_MS: u64 = 7 * 24 * 3_600_000;
/// How often files without a row are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);
/// Files asked about in one go: the store's writer answers.
const SWEEP_BATCH: usize = 100;

impl Core {
    /// Forgets finished submissions and removes files that nothing names.
    pub(super) async fn forget(&self) -> Result<(), StoreError> {
        let mut sweep_at = Instant::now();
        loop {
            if Instant::now() >= sweep_at {
                self.sweep().await?;
                sweep_at = Instant::now() + SWEEP_INTERVAL;
            }
            let now_ms = self.clock.unix_ms();
            for channel in self.directory.cbs_channels() {
                let rest_ms = channel.rest_s.saturating_mul(1000);
                let rested_ms = now_ms.saturating_sub(rest_ms);
                let released = self.store.release_serials(&channel.name, rested_ms).await;
                self.settle(released).await?;
            }
            let purge = Purge {
                now_ms,
                finished_before_ms: now_ms.saturating_sub(self.finished_ms),
                remember_until_ms: now_ms + REMEMBER_MS.saturating_sub(self.finished_ms),
                limit: PURGE_BATCH,
            };
            let purged = self.store.purge(purge).await;
            let Some(purged) = self.settle(purged).await? else {
                continue;
            };
            let rest = FILE_REST.min(Duration::from_millis(self.finished_ms));
            self.remove(purged.unnamed, rest).await;
            if purged.submissions < u64::from(PURGE_BATCH) {
                tokio::time::sleep(PURGE_INTERVAL).await;
            }
        }
    }

    /// Counts what is over into the sums of reports. Others write too: it takes a part of the
    /// writer's time and no more, and what is not counted yet is in every report all the same.
    pub(super) async fn sum_up(&self) -> Result<(), StoreError> {
        loop {
            let began = Instant::now();
            let counted = self.store.sum_up(self.clock.unix_ms(), SUM_BATCH).await;
            let Some(counted) = self.settle(counted).await? else {
                continue;
            };
            let pause = match counted < u64::from(SUM_BATCH) {
                true => SUM_INTERVAL,
                false => began.elapsed() * SUM_PAUSE,
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Removes the files that no row names.
    async fn sweep(&self) -> Result<(), StoreError> {
        let files = self.files.clone();
        let listed = tokio::task::spawn_blocking(move || files.older_than(before(FILE_REST))).await;
        let old = match listed {
            Ok(Ok(old)) => old,
            Ok(Err(error)) => {
                report(&error);
                return Ok(());
            }
            Err(_) => return Ok(()),
        };
        for some in old.chunks(SWEEP_BATCH) {
            let unnamed = self.store.unnamed(some.to_vec()).await;
            if let Some(unnamed) = self.settle(unnamed).await? {
                self.remove(unnamed, FILE_REST).await;
            }
        }
        Ok(())
    }

    /// Removes files that were not written again for a while.
    async fn remove(&self, unnamed: Vec<Sha256>, rest: Duration) {
        let files = self.files.clone();
        let removed = tokio::task::spawn_blocking(move || {
            unnamed
                .into_iter()
                .try_for_each(|sha256| files.remove(sha256, before(rest)).map(|_| ()))
        });
        if let Ok(Err(error)) = removed.await {
            report(&error);
        }
    }
}

fn before(rest: Duration) -> SystemTime {
    SystemTime::now() - rest
}

fn report(error: &FileError) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "an old file could not be removed"
    );
}
