//! What lanes and planners report: transmissions advance, deliveries end, submissions close.

use std::collections::{BTreeMap, HashSet};

use sqlx::any::AnyRow;

use super::Store;
use super::advances::Advances;
use super::cbs;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint};
use super::statement::Query;
use crate::model::{
    Bearer, CbsProgress, DeliveryId, Outcome, SubmissionId, TransmissionId, TransmissionState,
};

/// One thing that happened. A change that comes late or twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A Cell Broadcast message came further.
    Cbs(CbsProgress),
    /// A delivery reached its end. The first outcome wins.
    Deliver {
        /// Which.
        delivery: DeliveryId,
        /// How; a final state.
        outcome: Outcome,
    },
    /// More is known of a delivery that was delivered: its outcome stays.
    Describe {
        /// Which.
        delivery: DeliveryId,
        /// One sentence for people.
        desc: String,
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
    /// More is known of a transmission that is not over.
    Noted {
        /// Which.
        transmission: TransmissionId,
        /// One sentence for people.
        desc: String,
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
    /// More, or nothing any more, is to be said of a delivery that is pending.
    Wait {
        /// Which.
        delivery: DeliveryId,
        /// Why it waits.
        desc: String,
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
    /// How many submissions are done by this batch.
    pub closed: u64,
}

/// Deliveries and transmissions that ended in a transaction, and when: their submissions may be
/// done.
#[derive(Debug, Default)]
pub(super) struct Touched(BTreeMap<String, u64>);

impl Touched {
    /// A delivery or a transmission has ended.
    pub(super) fn add(&mut self, id: &str, at_ms: u64) {
        let last = self.0.entry(id.to_owned()).or_default();
        *last = at_ms.max(*last);
    }

    /// Marks the submissions done of which nothing is open; returns how many. They are locked in
    /// the order of their ids, so that two processes cannot wait for each other.
    pub(super) async fn close(self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        let ended: Vec<(String, u64)> = self.0.into_iter().collect();
        let statements = tx.statements;
        if let Some(lock) = &statements.progress.lock {
            lock.run(tx.connection, &ended, bind_time).await?;
        }
        statements
            .progress
            .close
            .execute(tx.connection, &ended, bind_time)
            .await
    }
}

fn bind_time<'q>(query: Query<'q>, (id, at_ms): &(String, u64)) -> Query<'q> {
    query.bind(id.clone()).bind(bigint(*at_ms))
}

/// The ids in an answer of one row.
pub(super) fn ids(rows: &[AnyRow]) -> Result<HashSet<String>, StoreError> {
    let mut ids = HashSet::new();
    for row in rows {
        let text = Columns::keyed(row, "delivery", "ids").text_or_null("ids")?;
        ids.extend(
            text.iter()
                .flat_map(|text| text.split(' '))
                .map(str::to_owned),
        );
    }
    Ok(ids)
}

struct Conclude(Vec<Change>);

impl Operation for Conclude {
    type Answer = Concluded;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Concluded, StoreError> {
        let mut touched = Touched::default();
        Advances::of(&self.0)?.apply(tx, &mut touched).await?;
        for change in &self.0 {
            match change {
                Change::Cbs(progress) => cbs::advance(tx, progress).await?,
                Change::Replan { submission, at_ms } => replan(tx, submission, *at_ms).await?,
                _ => {}
            }
        }
        let outcomes = self.0.iter().filter_map(|change| match change {
            Change::Deliver { delivery, outcome } => Some((delivery, outcome)),
            _ => None,
        });
        let outcomes: Vec<_> = outcomes.collect();
        let ended = deliver_all(tx, &outcomes, &mut touched).await?;
        for change in &self.0 {
            match change {
                Change::Describe { delivery, desc } => {
                    describe(tx, delivery, "delivered", desc).await?;
                }
                Change::Wait { delivery, desc } => describe(tx, delivery, "pending", desc).await?,
                _ => {}
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

/// Says more of a delivery, as long as it is in this state.
async fn describe(
    tx: &mut Tx<'_>,
    delivery: &DeliveryId,
    state: &str,
    desc: &str,
) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE delivery SET description = $3 WHERE id = $1 AND state = $2");
    let query = query.bind(delivery.as_str()).bind(state).bind(desc);
    tx.run(query).await?;
    Ok(())
}

/// Puts a submission back in the queue; a planning of it that is under way comes to nothing.
async fn replan(tx: &mut Tx<'_>, submission: &SubmissionId, at_ms: u64) -> Result<(), StoreError> {
    let query = sqlx::query(
        "UPDATE submission SET state = 'queued', next_ms = $2, claimed_by = NULL, \
         attempts = attempts + 1 WHERE id = $1 AND closed_at_ms IS NULL",
    );
    let query = query.bind(submission.as_str()).bind(bigint(at_ms));
    tx.run(query).await?;
    Ok(())
}

/// Ends pending deliveries and queues their notifications. Returns those that this ended, in the
/// order given; the first outcome of a delivery wins.
pub(super) async fn deliver_all(
    tx: &mut Tx<'_>,
    outcomes: &[(&DeliveryId, &Outcome)],
    touched: &mut Touched,
) -> Result<Vec<DeliveryId>, StoreError> {
    let mut first: Vec<(&DeliveryId, &Outcome)> = Vec::with_capacity(outcomes.len());
    let mut seen = HashSet::new();
    for (delivery, outcome) in outcomes {
        if !outcome.state.is_final() {
            return Err(StoreError::NotFinal {
                state: outcome.state.as_str(),
            });
        }
        if seen.insert(*delivery) {
            first.push((delivery, outcome));
        }
    }
    let statements = tx.statements;
    let rows = statements
        .progress
        .open
        .run(tx.connection, &first, |query, (delivery, _)| {
            query.bind(delivery.to_string())
        })
        .await?;
    let open = ids(&rows)?;
    first.retain(|(delivery, _)| open.contains(delivery.as_str()));
    statements
        .progress
        .outcome
        .execute(tx.connection, &first, |query, (delivery, outcome)| {
            query
                .bind(delivery.to_string())
                .bind(outcome.state.as_str())
                .bind(i64::from(outcome.code.code()))
                .bind(outcome.desc.clone())
                .bind(bigint(outcome.event_ms))
                .bind(outcome.bearer.map(Bearer::as_str))
        })
        .await?;
    statements
        .progress
        .notification
        .execute(tx.connection, &first, |query, (delivery, outcome)| {
            query
                .bind(delivery.to_string())
                .bind(bigint(outcome.event_ms))
        })
        .await?;
    for (delivery, outcome) in &first {
        touched.add(delivery.as_str(), outcome.event_ms);
    }
    Ok(first
        .into_iter()
        .map(|(delivery, _)| delivery.clone())
        .collect())
}

/// Ends a pending delivery and queues its notification. False if it had ended before.
pub(super) async fn deliver(
    tx: &mut Tx<'_>,
    delivery: &DeliveryId,
    outcome: &Outcome,
    touched: &mut Touched,
) -> Result<bool, StoreError> {
    let ended = deliver_all(tx, &[(delivery, outcome)], touched).await?;
    Ok(!ended.is_empty())
}

/// Ends a pending delivery of which nothing is on a lane; Cell Broadcast messages that are to be
/// taken off the air are as good as gone. False if there is something, or if it
/// had ended before.
pub(super) async fn withdraw(
    tx: &mut Tx<'_>,
    delivery: &DeliveryId,
    outcome: &Outcome,
    touched: &mut Touched,
) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "SELECT t.id AS id FROM transmission t WHERE t.delivery_id = $1 AND t.ended_ms IS NULL \
         AND NOT (t.bearer = 'CBS' AND NOT EXISTS (SELECT 1 FROM cbs_message m \
         WHERE m.channel = t.channel AND m.toi = t.toi AND m.ended_ms IS NULL \
         AND m.state <> 'killing')) LIMIT 1",
    );
    if tx.row(query.bind(delivery.as_str())).await?.is_some() {
        return Ok(false);
    }
    deliver(tx, delivery, outcome, touched).await
}
