//! Handing submissions that are due to whoever plans them, each to one at a time.
//!
//! A claim ends by itself: `next_ms` is when the submission is looked at again, by this or
//! another process. The number of the attempt is the claim's token, so that a planner that comes
//! back too late changes nothing.

use std::sync::Arc;

use super::Store;
use super::dialect::{Dialect, locking};
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, PRIORITIES, bigint, rank};
use crate::model::{Delivery, Submission, SubmissionId};

/// The attempt of a submission that is claimed with the commit that stores it.
pub const FIRST_ATTEMPT: u32 = 1;

/// The right to plan a submission, until it runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which one.
    pub submission: SubmissionId,
    /// How often it has been claimed, this time included.
    pub attempt: u32,
}

/// A submission that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Shown when planning or putting it back.
    pub claim: Claim,
    /// The push-message.
    pub submission: Arc<Submission>,
    /// Those of its deliveries that are still pending.
    pub pending: Arc<[Delivery]>,
}

/// What a search for due submissions found.
#[derive(Debug, Default)]
pub struct Due {
    /// By priority, then due time.
    pub claimed: Vec<Claimed>,
    /// Claimed, but unreadable. They come again when the claim runs out.
    pub unreadable: Vec<(SubmissionId, StoreError)>,
}

struct ClaimDue {
    now_ms: i64,
    until_ms: i64,
    limit: u32,
    owner: String,
}

/// Due time and claim, for sorting.
type Found = (i64, Claim);

impl Operation for ClaimDue {
    type Answer = Vec<Found>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Found>, StoreError> {
        let sql = locking!(
            tx.dialect,
            " FOR UPDATE SKIP LOCKED",
            "WITH due AS MATERIALIZED (SELECT id FROM submission WHERE state = 'queued' \
             AND priority = $1 AND next_ms <= $2 ORDER BY next_ms LIMIT $3",
            ") UPDATE submission SET next_ms = $4, claimed_by = $5, attempts = attempts + 1 \
             WHERE id IN (SELECT id FROM due) RETURNING id, attempts, due_ms"
        );
        let mut found = Vec::new();
        for priority in PRIORITIES {
            let left = i64::from(self.limit) - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if left <= 0 {
                break;
            }
            let query = sqlx::query(sql)
                .bind(rank(priority))
                .bind(self.now_ms)
                .bind(left)
                .bind(self.until_ms)
                .bind(self.owner.clone());
            let mut of_priority: Vec<Found> = Vec::new();
            for row in tx.rows(query).await? {
                let row = Columns::new(&row, "submission");
                let claim = Claim {
                    submission: row.parsed("id")?,
                    attempt: row.number("attempts")?,
                };
                of_priority.push((row.number("due_ms")?, claim));
            }
            of_priority.sort_by(|(a, first), (b, second)| {
                a.cmp(b)
                    .then_with(|| first.submission.cmp(&second.submission))
            });
            found.append(&mut of_priority);
        }
        Ok(found)
    }
}

/// Puts a submission back into the queue.
struct Requeue {
    claim: Claim,
    not_before_ms: u64,
}

impl Operation for Requeue {
    type Answer = bool;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "UPDATE submission SET next_ms = $3, claimed_by = NULL \
             WHERE id = $1 AND state = 'queued' AND attempts = $2",
        );
        let query = query
            .bind(self.claim.submission.as_str())
            .bind(i64::from(self.claim.attempt))
            .bind(bigint(self.not_before_ms));
        Ok(tx.run(query).await? > 0)
    }
}

/// How far ahead the end of a dead process's claim on a notification can lie, ms.
const MAX_NOTIFICATION_CLAIM_MS: i64 = 120_000;

/// Ends the claims of processes that are dead.
struct TakeOver {
    owner: String,
    now_ms: i64,
}

impl Operation for TakeOver {
    type Answer = u64;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        let submissions = sqlx::query(
            "UPDATE submission SET next_ms = due_ms, claimed_by = NULL \
             WHERE state = 'queued' AND claimed_by IS NOT NULL AND claimed_by <> $1",
        );
        let released = tx.run(submissions.bind(self.owner.as_str())).await?;
        // A claim and a retry that is due soon look alike; posting the latter early does no harm.
        let notifications = sqlx::query(
            "UPDATE outbox SET next_ms = $1 \
             WHERE state = 'waiting' AND next_ms > $1 AND next_ms <= $2",
        );
        let latest_ms = self.now_ms.saturating_add(MAX_NOTIFICATION_CLAIM_MS);
        tx.run(notifications.bind(self.now_ms).bind(latest_ms))
            .await?;
        Ok(released)
    }
}

impl Store {
    /// Releases what a process that died had claimed; returns how many submissions that were.
    ///
    /// On SQLite the lock on the file proves that every other owner is dead, so nothing has to
    /// wait for claims to run out. On PostgreSQL another process may live, and nothing is done.
    pub async fn take_over_claims(&self, now_ms: u64) -> Result<u64, StoreError> {
        match self.dialect() {
            Dialect::Postgres => Ok(0),
            Dialect::Sqlite => {
                let owner = self.owner().to_owned();
                let now_ms = bigint(now_ms);
                self.write(TakeOver { owner, now_ms }).await
            }
        }
    }

    /// Claims submissions that are due, for this store's owner, until `lease_until_ms`.
    pub async fn claim_due(
        &self,
        now_ms: u64,
        limit: u32,
        lease_until_ms: u64,
    ) -> Result<Due, StoreError> {
        let claims = self
            .write(ClaimDue {
                now_ms: bigint(now_ms),
                until_ms: bigint(lease_until_ms),
                limit,
                owner: self.owner().to_owned(),
            })
            .await?;
        let ids: Vec<&SubmissionId> = claims.iter().map(|(_, claim)| &claim.submission).collect();
        let mut read = self.submissions_with_deliveries(&ids).await?;
        let mut due = Due::default();
        for (_, claim) in claims {
            match read.remove(claim.submission.as_str()) {
                Some(Ok((submission, mut pending))) => {
                    pending.retain(|delivery| !delivery.state.is_final());
                    due.claimed.push(Claimed {
                        claim,
                        submission: submission.into(),
                        pending: pending.into(),
                    });
                }
                None => {}
                Some(Err(error)) => due.unreadable.push((claim.submission, error)),
            }
        }
        Ok(due)
    }

    /// When the next submission can be claimed; in the past if one can be now.
    pub async fn next_due(&self) -> Result<Option<u64>, StoreError> {
        let mut next = None;
        for priority in PRIORITIES {
            let query = sqlx::query(
                "SELECT MIN(next_ms) AS at_ms FROM submission \
                 WHERE state = 'queued' AND priority = $1",
            );
            let at_ms = self.earliest_of(query.bind(rank(priority))).await?;
            next = next.into_iter().chain(at_ms).min();
        }
        Ok(next)
    }

    /// Gives a claim back: the submission is not planned before `not_before_ms`.
    pub async fn requeue(&self, claim: Claim, not_before_ms: u64) -> Result<(), StoreError> {
        let submission = claim.submission.clone();
        let requeue = Requeue {
            claim,
            not_before_ms,
        };
        if self.write(requeue).await? {
            Ok(())
        } else {
            Err(StoreError::ClaimLost { submission })
        }
    }
}
