//! Planning a push while it is taken in.
//!
//! ```text
//!  due later, long, the console's, a channel full or closed, others wait ─▶ stored as queued ─▶ claimed when it is due
//!  everything else ─▶ route, object, TOI ─▶ one commit: accepted, and may be sent ─▶ lanes
//! ```
//!
//! What may be sent at once needs neither a queue nor a second commit. What cannot be planned here
//! for whatever reason is queued like everything else, and its reason is told where queued pushes
//! are planned: there is one place for that. A duplicate that only the commit finds out costs an
//! alert a message code, which no centre has seen and which comes round again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::initiator::CONSOLE;
use crate::model::{Delivery, Priority, Submission};
use crate::ota::flute;
use crate::store::{Sending, StoreError, Submitted};

use super::earlier::Earlier;
use super::planning::{Draft, Drafted, keep_places};
use super::runner::Core;

/// For so long after a queued push had to wait, new ones go behind it into the queue, ms: longer
/// than the wait between two looks at a full channel.
const QUEUE_MS: u64 = 1_000;

/// Whether pushes wait in the queue although they are due.
#[derive(Debug, Default)]
pub(super) struct Queue {
    until_ms: AtomicU64,
}

impl Queue {
    /// Some have to wait now.
    pub(super) fn waits(&self, now_ms: u64) {
        self.until_ms.store(now_ms + QUEUE_MS, Ordering::Relaxed);
    }

    fn is_waiting(&self, now_ms: u64) -> bool {
        now_ms < self.until_ms.load(Ordering::Relaxed)
    }
}

impl Core {
    /// Puts a new submission and its deliveries on stable storage, and on the air if it may be
    /// sent at once. After an error nothing of it is stored; when the caller gives up waiting, it
    /// may be.
    pub async fn take_in(
        self: &Arc<Self>,
        submission: Submission,
        deliveries: Vec<Delivery>,
    ) -> Result<Submitted, StoreError> {
        let Some(draft) = self.at_once(&submission, &deliveries).await else {
            let due_ms = submission.due_ms();
            let submitted = self.store.submit(submission, deliveries).await?;
            if submitted == Submitted::Stored {
                self.signals.due_at(due_ms, self.clock.unix_ms());
            }
            return Ok(submitted);
        };
        let core = Arc::clone(self);
        // A caller that gives up must not leave it between its commit and its lane.
        let sent = tokio::spawn(async move { core.send(submission, deliveries, draft).await });
        sent.await.map_err(|_| StoreError::Closed)?
    }

    /// The plan of a push that may be sent at once.
    async fn at_once(&self, submission: &Submission, deliveries: &[Delivery]) -> Option<Draft> {
        let now_ms = self.clock.unix_ms();
        let is_urgent = submission.priority() == Priority::High;
        if submission.due_ms() > now_ms
            || submission.initiator.as_str() == CONSOLE
            || !flute::is_short(submission)
            || (!is_urgent && self.queue.is_waiting(now_ms))
        {
            return None;
        }
        let earlier = Earlier::default();
        let draft = self.draft(submission, deliveries, &earlier, now_ms).await;
        match draft {
            Ok(Drafted::Draft(draft)) if draft.outcomes.is_empty() => Some(draft),
            Ok(_) => None,
            Err(error) => {
                tracing::debug!(%error, "submission {} is queued", submission.id);
                None
            }
        }
    }

    async fn send(
        &self,
        submission: Submission,
        deliveries: Vec<Delivery>,
        draft: Draft,
    ) -> Result<Submitted, StoreError> {
        let (id, due_ms) = (submission.id.clone(), submission.due_ms());
        let Draft {
            transmissions,
            messages,
            bookings,
            watches,
            ..
        } = draft;
        let sending = Sending {
            transmissions: transmissions.clone(),
            messages: messages.clone(),
        };
        // From the commit to the lane nobody may try to take it back.
        let held = self.exclusive.hold(&id).await;
        let submitted = self
            .store
            .submit_planned(submission, deliveries, sending)
            .await?;
        if submitted == Submitted::Stored {
            keep_places(bookings, &messages, &transmissions);
            self.begin(&id, due_ms, transmissions, watches).await;
        }
        drop(held);
        Ok(submitted)
    }
}
