//! Result notifications that are still to be posted.
//!
//! Posting is at least once: after a crash between the answer of the PI and
//! [`Store::notification_done`] the claim runs out and the notification is posted again.

use super::Store;
use super::dialect::locking;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint};
use crate::model::DeliveryId;

/// A notification to post now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The delivery whose outcome it tells; also its key, for there is one per delivery.
    pub delivery: DeliveryId,
    /// Where to.
    pub url: String,
    /// When the outcome was known.
    pub created_ms: u64,
    /// How often it has been claimed, this time included.
    pub attempt: u32,
}

/// How much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxDepth {
    /// Notifications not posted and not given up.
    pub waiting: u64,
    /// When the oldest of them was made.
    pub oldest_ms: Option<u64>,
}

struct ClaimNotifications {
    now_ms: i64,
    until_ms: i64,
    limit: u32,
}

impl Operation for ClaimNotifications {
    type Answer = Vec<Notification>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Notification>, StoreError> {
        let sql = locking!(
            tx.dialect,
            " FOR UPDATE SKIP LOCKED",
            "WITH due AS MATERIALIZED (SELECT delivery_id FROM outbox WHERE state = 'waiting' \
             AND next_ms <= $1 ORDER BY next_ms LIMIT $2",
            ") UPDATE outbox SET next_ms = $3, attempts = attempts + 1 \
             WHERE delivery_id IN (SELECT delivery_id FROM due) \
             RETURNING delivery_id, url, created_ms, attempts"
        );
        let query = sqlx::query(sql)
            .bind(self.now_ms)
            .bind(i64::from(self.limit))
            .bind(self.until_ms);
        let mut claimed = tx
            .rows(query)
            .await?
            .iter()
            .map(|row| {
                let row = Columns::keyed(row, "outbox", "delivery_id");
                Ok(Notification {
                    delivery: row.parsed("delivery_id")?,
                    url: row.text("url")?,
                    created_ms: row.number("created_ms")?,
                    attempt: row.number("attempts")?,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        claimed.sort_by(|a, b| (a.created_ms, &a.delivery).cmp(&(b.created_ms, &b.delivery)));
        Ok(claimed)
    }
}

/// How posting went.
enum Posted {
    Done(DeliveryId),
    Failed(DeliveryId, String),
    Retry(DeliveryId, u64, String),
}

impl Operation for Posted {
    type Answer = ();

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let query = match self {
            Self::Done(delivery) => sqlx::query(
                "UPDATE outbox SET state = 'done', last_error = NULL \
                 WHERE delivery_id = $1 AND state = 'waiting'",
            )
            .bind(delivery.as_str()),
            Self::Failed(delivery, error) => sqlx::query(
                "UPDATE outbox SET state = 'failed', last_error = $2 \
                 WHERE delivery_id = $1 AND state = 'waiting'",
            )
            .bind(delivery.as_str())
            .bind(error.as_str()),
            Self::Retry(delivery, next_ms, error) => sqlx::query(
                "UPDATE outbox SET next_ms = $2, last_error = $3 \
                 WHERE delivery_id = $1 AND state = 'waiting'",
            )
            .bind(delivery.as_str())
            .bind(bigint(*next_ms))
            .bind(error.as_str()),
        };
        tx.run(query).await?;
        Ok(())
    }
}

impl Store {
    /// Claims notifications that are due, oldest first, until `lease_until_ms`.
    pub async fn claim_notifications(
        &self,
        now_ms: u64,
        limit: u32,
        lease_until_ms: u64,
    ) -> Result<Vec<Notification>, StoreError> {
        self.write(ClaimNotifications {
            now_ms: bigint(now_ms),
            until_ms: bigint(lease_until_ms),
            limit,
        })
        .await
    }

    /// The PI has it.
    pub async fn notification_done(&self, delivery: &DeliveryId) -> Result<(), StoreError> {
        self.write(Posted::Done(delivery.clone())).await
    }

    /// Try again at `next_ms`.
    pub async fn notification_retry(
        &self,
        delivery: &DeliveryId,
        next_ms: u64,
        error: &str,
    ) -> Result<(), StoreError> {
        self.write(Posted::Retry(delivery.clone(), next_ms, error.to_owned()))
            .await
    }

    /// Given up.
    pub async fn notification_failed(
        &self,
        delivery: &DeliveryId,
        error: &str,
    ) -> Result<(), StoreError> {
        self.write(Posted::Failed(delivery.clone(), error.to_owned()))
            .await
    }

    /// When the next notification can be claimed; in the past if one can be now.
    pub async fn next_notification_due(&self) -> Result<Option<u64>, StoreError> {
        self.earliest("SELECT MIN(next_ms) AS at_ms FROM outbox WHERE state = 'waiting'")
            .await
    }

    /// How many notifications wait, and since when.
    pub async fn outbox_depth(&self) -> Result<OutboxDepth, StoreError> {
        let query = sqlx::query(
            "SELECT COUNT(*) AS waiting, MIN(created_ms) AS oldest_ms FROM outbox \
             WHERE state = 'waiting'",
        );
        let Some(row) = self.row(query).await? else {
            return Ok(OutboxDepth::default());
        };
        let row = Columns::new(&row, "outbox");
        Ok(OutboxDepth {
            waiting: row.number("waiting")?,
            oldest_ms: row.number_or_null("oldest_ms")?,
        })
    }
}
