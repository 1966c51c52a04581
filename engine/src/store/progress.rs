//! What lanes and planners report: transmissions advance, deliveries end, submissions close.

use std::collections::BTreeMap;

use super::Store;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint};
use crate::model::{Bearer, DeliveryId, Outcome, SubmissionId, TransmissionId, TransmissionState};

/// One thing that happened. A change that comes late or twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A delivery reached its end. The first outcome wins.
    Deliver {
        /// Which.
        delivery: DeliveryId,
        /// How; a final state.
        outcome: Outcome,
    },
    /// The lane has nothing left to do for a transmission.
    Ended {
        /// Which.
        transmission: TransmissionId,
        /// How; one of the states that are over.
        state: TransmissionState,
        /// One sentence for people.
        desc: String,
        /// When.
        at_ms: u64,
    },
    /// The first packet has left.
    FirstPacket {
        /// Which.
        transmission: TransmissionId,
        /// When.
        at_ms: u64,
    },
    /// A complete pass has left.
    PassDone {
        /// Which.
        transmission: TransmissionId,
        /// Complete passes so far, this one included.
        passes_done: u32,
    },
    /// A submission is planned again for deliveries that are still pending: a channel failed and
    /// another may take over. Whoever is planning it now has seen too little and loses its claim.
    Replan {
        /// Which.
        submission: SubmissionId,
        /// When.
        at_ms: u64,
    },
    /// The first complete pass has left.
    Transmitted {
        /// Which.
        transmission: TransmissionId,
        /// When.
        at_ms: u64,
    },
}

/// What a batch of changes came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Concluded {
    /// Deliveries that ended by this batch; the others had ended before.
    pub ended: Vec<DeliveryId>,
    /// Submissions that are done by this batch.
    pub closed: Vec<SubmissionId>,
}

/// The submissions that a transaction may have finished, and when.
#[derive(Debug, Default)]
pub(super) struct Touched(BTreeMap<String, u64>);

impl Touched {
    fn add(&mut self, submission: String, at_ms: u64) {
        let last = self.0.entry(submission).or_default();
        *last = at_ms.max(*last);
    }

    /// Marks those done of which nothing is open. In the order of their ids, so that two
    /// processes cannot wait for each other.
    pub(super) async fn close(self, tx: &mut Tx<'_>) -> Result<Vec<SubmissionId>, StoreError> {
        let mut closed = Vec::new();
        for (submission, at_ms) in self.0 {
            if let Some(lock) = tx.dialect.lock_submission() {
                tx.rows(sqlx::query(lock).bind(submission.as_str())).await?;
            }
            let query = sqlx::query(
                "UPDATE submission SET state = 'done', closed_at_ms = $2, claimed_by = NULL \
                 WHERE id = $1 AND closed_at_ms IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM delivery \
                 WHERE submission_id = $1 AND state = 'pending') \
                 AND NOT EXISTS (SELECT 1 FROM transmission \
                 WHERE submission_id = $1 AND ended_ms IS NULL) RETURNING id",
            );
            let query = query.bind(submission.as_str()).bind(bigint(at_ms));
            if let Some(row) = tx.row(query).await? {
                closed.push(Columns::new(&row, "submission").parsed("id")?);
            }
        }
        Ok(closed)
    }
}

struct Conclude(Vec<Change>);

impl Operation for Conclude {
    type Answer = Concluded;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Concluded, StoreError> {
        let mut touched = Touched::default();
        let mut ended = Vec::new();
        for change in &self.0 {
            match change {
                Change::Deliver { delivery, outcome } => {
                    if deliver(tx, delivery, outcome, &mut touched).await? {
                        ended.push(delivery.clone());
                    }
                }
                change => advance(tx, change, &mut touched).await?,
            }
        }
        let closed = touched.close(tx).await?;
        Ok(Concluded { ended, closed })
    }
}

impl Store {
    /// Applies changes in their order, in one transaction, with the notifications that follow.
    pub async fn conclude(&self, changes: Vec<Change>) -> Result<Concluded, StoreError> {
        self.write(Conclude(changes)).await
    }
}

/// Ends a pending delivery and queues its notification. False if it had ended before.
pub(super) async fn deliver(
    tx: &mut Tx<'_>,
    delivery: &DeliveryId,
    outcome: &Outcome,
    touched: &mut Touched,
) -> Result<bool, StoreError> {
    if !outcome.state.is_final() {
        return Err(StoreError::NotFinal {
            state: outcome.state.as_str(),
        });
    }
    let query = sqlx::query(
        "UPDATE delivery SET state = $2, code = $3, description = $4, event_ms = $5, \
         bearer = COALESCE($6, bearer) WHERE id = $1 AND state = 'pending' \
         RETURNING submission_id AS id",
    );
    let query = query
        .bind(delivery.as_str())
        .bind(outcome.state.as_str())
        .bind(i64::from(outcome.code.code()))
        .bind(outcome.desc.clone())
        .bind(bigint(outcome.event_ms))
        .bind(outcome.bearer.map(Bearer::as_str));
    let Some(row) = tx.row(query).await? else {
        return Ok(false);
    };
    let submission = Columns::new(&row, "delivery").text("id")?;
    let query = sqlx::query(
        "INSERT INTO outbox (delivery_id, url, created_ms, attempts, next_ms, state) \
         SELECT $1, notify_url, $2, 0, $2, 'waiting' FROM submission \
         WHERE id = $3 AND notify_url IS NOT NULL",
    );
    let query = query
        .bind(delivery.as_str())
        .bind(bigint(outcome.event_ms))
        .bind(submission.as_str());
    tx.run(query).await?;
    touched.add(submission, outcome.event_ms);
    Ok(true)
}

/// Ends a pending delivery of which nothing is on a lane. False if there is something, or if it
/// had ended before.
pub(super) async fn withdraw(
    tx: &mut Tx<'_>,
    delivery: &DeliveryId,
    outcome: &Outcome,
    touched: &mut Touched,
) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "SELECT id FROM transmission WHERE delivery_id = $1 AND ended_ms IS NULL LIMIT 1",
    );
    if tx.row(query.bind(delivery.as_str())).await?.is_some() {
        return Ok(false);
    }
    deliver(tx, delivery, outcome, touched).await
}

/// Moves a transmission on.
pub(super) async fn advance(
    tx: &mut Tx<'_>,
    change: &Change,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let query = match change {
        Change::Deliver { .. } => return Ok(()),
        Change::Ended {
            transmission,
            state,
            desc,
            at_ms,
        } => return end(tx, (transmission, *state), desc, *at_ms, touched).await,
        Change::FirstPacket {
            transmission,
            at_ms,
        } => sqlx::query(
            "UPDATE transmission SET first_packet_ms = $2 \
             WHERE id = $1 AND first_packet_ms IS NULL",
        )
        .bind(transmission.as_str())
        .bind(bigint(*at_ms)),
        Change::PassDone {
            transmission,
            passes_done,
        } => sqlx::query(
            "UPDATE transmission SET passes_done = $2 WHERE id = $1 AND passes_done < $2",
        )
        .bind(transmission.as_str())
        .bind(i64::from(*passes_done)),
        Change::Replan { submission, at_ms } => sqlx::query(
            "UPDATE submission SET state = 'queued', next_ms = $2, claimed_by = NULL, \
             attempts = attempts + 1 WHERE id = $1 AND closed_at_ms IS NULL",
        )
        .bind(submission.as_str())
        .bind(bigint(*at_ms)),
        Change::Transmitted {
            transmission,
            at_ms,
        } => sqlx::query(
            "UPDATE transmission SET state = 'transmitted', transmitted_ms = $2 \
             WHERE id = $1 AND state = 'onair'",
        )
        .bind(transmission.as_str())
        .bind(bigint(*at_ms)),
    };
    tx.run(query).await?;
    Ok(())
}

async fn end(
    tx: &mut Tx<'_>,
    (transmission, state): (&TransmissionId, TransmissionState),
    desc: &str,
    at_ms: u64,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    if !state.is_over() {
        return Err(StoreError::NotFinal {
            state: state.as_str(),
        });
    }
    let query = sqlx::query(
        "UPDATE transmission SET state = $2, description = $3, ended_ms = $4 \
         WHERE id = $1 AND ended_ms IS NULL RETURNING submission_id AS id",
    );
    let query = query
        .bind(transmission.as_str())
        .bind(state.as_str())
        .bind(desc)
        .bind(bigint(at_ms));
    if let Some(row) = tx.row(query).await? {
        touched.add(Columns::new(&row, "transmission").text("id")?, at_ms);
    }
    Ok(())
}
