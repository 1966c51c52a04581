//! One at a time for each submission: between the commit that says "may be sent" and the lane's
//! taking it, nobody may try to take it back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::model::SubmissionId;

type Locks = Arc<Mutex<HashMap<SubmissionId, Arc<AsyncMutex<()>>>>>;

/// Locks by submission. Only those held or waited for take up memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Exclusive {
    locks: Locks,
}

/// The lock of one submission.
#[derive(Debug)]
pub(super) struct Held {
    locks: Locks,
    submission: SubmissionId,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Exclusive {
    /// Waits until nobody else has the submission.
    pub(super) async fn hold(&self, submission: &SubmissionId) -> Held {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(submission.clone()).or_default())
        };
        Held {
            locks: Arc::clone(&self.locks),
            submission: submission.clone(),
            guard: Some(lock.lock_owned().await),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        let unused = |lock: &Arc<AsyncMutex<()>>| Arc::strong_count(lock) == 1;
        if locks.get(&self.submission).is_some_and(unused) {
            locks.remove(&self.submission);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_nothing_is_left() {
        let exclusive = Exclusive::default();
        let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
        let first = exclusive.hold(&a).await;
        let other = exclusive.hold(&b).await;
        let second = exclusive.clone();
        let waiting = tokio::spawn(async move { drop(second.hold(&a).await) });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop((first, other));
        waiting.await.unwrap();
        assert!(exclusive.locks.lock().unwrap().is_empty());
    }
}
