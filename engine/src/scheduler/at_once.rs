//! Planning a push while it is taken in.
//!
//! ```text
//!  due later, long, the console's, a channel full or closed, others wait ─▶ stored as queued ─▶ claimed when it is due
//!  a crowd comes in, and it is not urgent ─▶ stored as claimed ─▶ backlog
//!  everything else ─▶ route, object, TOI ─▶ one commit: accepted, and may be sent ─▶ lanes
//! ```
//!
//! What may be sent at once needs neither a queue nor a second commit. What cannot be planned here
//! for whatever reason is queued like everything else, and its reason is told where queued pushes
//! are planned: there is one place for that. A duplicate that only the commit finds out costs an
//! alert a message code, which no centre has seen and which comes round again.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::model::initiator::CONSOLE;
use crate::model::{Delivery, Priority, Submission};
use crate::ota::flute;
use crate::store::{Claim, Claimed, FIRST_ATTEMPT, Sending, StoreError, Submitted};

use super::earlier::Earlier;
use super::planning::{Draft, Drafted, PlanningError, keep_places};
use super::runner::Core;

/// For so long after a queued push had to wait, new ones go behind it into the queue, ms: longer
/// than the wait between two looks at a full channel.
const QUEUE_MS: u64 = 1_000;

/// What waits in the backlog for longer is taken for forgotten, ms.
const BACKLOG_CLAIM_MS: u64 = 30_000;
/// Batches of the backlog that are planned at the same time: one made ready, one stored, one on its
/// way to the lanes.
const BATCHES: usize = 3;

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
        let (submission, deliveries) = (Arc::new(submission), deliveries.into());
        let _entered = self.backlog.enter();
        let now_ms = self.clock.unix_ms();
        if self.may_go_at_once(&submission, now_ms) {
            let is_urgent = submission.priority() == Priority::High;
            if !is_urgent && self.backlog.comes_first() {
                return self.take_in_first(submission, deliveries).await;
            }
            if let Some(draft) = self.at_once(&submission, &deliveries, now_ms).await {
                let core = Arc::clone(self);
                // A caller that gives up must not leave it between its commit and its lane.
                let sent =
                    tokio::spawn(async move { core.send(submission, deliveries, draft).await });
                return sent.await.map_err(|_| StoreError::Closed)?;
            }
        }
        self.take_in_queued(submission, deliveries).await
    }

    fn may_go_at_once(&self, submission: &Submission, now_ms: u64) -> bool {
        submission.due_ms() <= now_ms
            && submission.initiator.as_str() != CONSOLE
            && flute::is_short(submission)
            && (submission.priority() == Priority::High || !self.queue.is_waiting(now_ms))
    }

    /// Stores it for the queue.
    async fn take_in_queued(
        &self,
        submission: Arc<Submission>,
        deliveries: Arc<[Delivery]>,
    ) -> Result<Submitted, StoreError> {
        let due_ms = submission.due_ms();
        let submitted = self.store.submit(submission, deliveries).await?;
        if submitted == Submitted::Stored {
            self.signals.due_at(due_ms, self.clock.unix_ms());
        }
        Ok(submitted)
    }

    /// Stores it for the backlog, where there is room.
    async fn take_in_first(
        &self,
        submission: Arc<Submission>,
        deliveries: Arc<[Delivery]>,
    ) -> Result<Submitted, StoreError> {
        self.backlog.turn(|| self.clock.unix_ms()).await;
        let push = Claimed {
            claim: Claim {
                submission: submission.id.clone(),
                attempt: FIRST_ATTEMPT,
            },
            submission: Arc::clone(&submission),
            pending: Arc::clone(&deliveries),
        };
        let Some(place) = self.backlog.place(push) else {
            return self.take_in_queued(submission, deliveries).await;
        };
        let until_ms = self.clock.unix_ms() + BACKLOG_CLAIM_MS;
        let claimed = self.store.submit_claimed(submission, deliveries, until_ms);
        let submitted = claimed.await;
        if !matches!(submitted, Ok(Submitted::Stored)) {
            place.leave();
        }
        submitted
    }

    /// Plans what is in the backlog, many at a time: while one batch is being stored the next is
    /// made ready, unless a crowd comes in.
    pub(super) async fn plan_backlog(self: Arc<Self>) -> Infallible {
        let mut planning = JoinSet::new();
        loop {
            let batch = self.backlog.next().await;
            let began = Instant::now();
            let oldest_ms = batch.first().map_or(0, |push| push.submission.received_ms);
            let core = Arc::clone(&self);
            planning.spawn(async move {
                let plans = batch.into_iter().map(|push| core.plan_claimed(push));
                join_all(plans.map(Box::pin)).await;
            });
            let now_ms = || self.clock.unix_ms();
            let most = match self.backlog.is_first(oldest_ms, now_ms()) {
                true => BATCHES,
                false => 1,
            };
            while planning.len() >= most {
                // One that broke off leaves its claims to run out.
                planning.join_next().await;
            }
            self.backlog
                .give_way(began.elapsed(), oldest_ms, now_ms)
                .await;
        }
    }

    /// Plans a claimed submission; what cannot be planned now keeps its claim until it runs out.
    pub(super) async fn plan_claimed(&self, claimed: Claimed) {
        let submission = claimed.claim.submission.clone();
        match self.plan(claimed).await {
            Ok(()) => {}
            // It was cancelled, or replaced, or planned by another in the meantime.
            Err(PlanningError::Store(error @ StoreError::ClaimLost { .. })) => {
                tracing::debug!(%error, "submission {submission} is not planned");
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(submission.id = %submission, error, "submission {submission} could not be planned");
            }
        }
    }

    /// The plan of a push that may be sent at once.
    async fn at_once(
        &self,
        submission: &Submission,
        deliveries: &[Delivery],
        now_ms: u64,
    ) -> Option<Draft> {
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
        submission: Arc<Submission>,
        deliveries: Arc<[Delivery]>,
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
