//! A push that takes the place of another: both sides in one transaction.
//!
//! ```text
//!  push-id used before? ──yes──▶ Duplicate, nothing changes
//!  old deliveries withdrawn, each only if nothing of it is on a lane
//!  none, and only those were to be reached ──▶ NothingPending, nothing is stored
//!  new submission; a recipient whose old push stands is refused where only those were wanted
//! ```
//! What lies on lanes was asked for before: the transmissions in [`Replacing::withdrawn`] are those
//! that lanes gave back.

use std::collections::HashSet;

use super::Store;
use super::advances::advance;
use super::cbs;
use super::error::StoreError;
use super::intake::{Submit, Submitted, first_with_push_id, take_in};
use super::operation::{Operation, Tx};
use super::progress::{Change, Concluded, Touched, deliver, withdraw};
use super::row::Columns;
use crate::model::{
    ChannelName, Delivery, DeliveryId, MessageState, Outcome, StatusCode, Submission, SubmissionId,
    TransmissionId, TransmissionState,
};

/// Why a recipient is not reached.
const STANDS: &str = "the push that it was to replace could not be cancelled";

/// A replacement (PAP 8.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacing {
    /// The new push.
    pub submission: Submission,
    /// Its deliveries in the order of its addresses, each with the one that it replaces.
    pub deliveries: Vec<(Delivery, Option<DeliveryId>)>,
    /// Transmissions of old deliveries that lanes gave back unsent.
    pub withdrawn: Vec<TransmissionId>,
    /// The new push reaches only those whose old one is cancelled by this.
    pub only_pending: bool,
    /// When.
    pub at_ms: u64,
}

/// What became of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replaced {
    /// The push-id was used before; nothing has changed.
    Duplicate {
        /// When the first one arrived.
        received_ms: u64,
        /// The first one's request was the same octet for octet.
        same_request: bool,
    },
    /// Nothing could be cancelled and nothing else was wanted; the new push is not stored.
    NothingPending,
    /// The new push is on stable storage.
    Stored {
        /// Old deliveries that this cancelled.
        cancelled: Vec<DeliveryId>,
    },
}

pub(super) struct Replace {
    submit: Submit,
    deliveries: Vec<(DeliveryId, Option<DeliveryId>)>,
    withdrawn: Vec<TransmissionId>,
    only_pending: bool,
    outcome: Outcome,
}

impl Replace {
    pub(super) fn of(replacing: Replacing) -> Result<Self, StoreError> {
        let Replacing {
            submission,
            deliveries,
            withdrawn,
            only_pending,
            at_ms,
        } = replacing;
        let outcome = Outcome {
            state: MessageState::Cancelled,
            code: StatusCode::Ok,
            desc: format!("replaced by {}", submission.push_id),
            event_ms: at_ms,
            bearer: None,
        };
        let pairs = deliveries
            .iter()
            .map(|(new, old)| (new.id.clone(), old.clone()))
            .collect();
        let news: Vec<Delivery> = deliveries.into_iter().map(|(new, _)| new).collect();
        Ok(Self {
            submit: Submit::new(submission, news)?,
            deliveries: pairs,
            withdrawn,
            only_pending,
            outcome,
        })
    }
}

impl Operation for Replace {
    type Answer = Replaced;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Replaced, StoreError> {
        if let Some(Submitted::Duplicate {
            received_ms,
            same_request,
        }) = first_with_push_id(tx, &self.submit).await?
        {
            return Ok(Replaced::Duplicate {
                received_ms,
                same_request,
            });
        }
        let mut touched = Touched::default();
        give_back(tx, &self.withdrawn, &self.outcome, &mut touched).await?;
        let mut cancelled = Vec::new();
        let mut refused = Vec::new();
        for (new, old) in &self.deliveries {
            let gone = match old {
                Some(old) if withdraw(tx, old, &self.outcome, &mut touched).await? => {
                    cancelled.push(old.clone());
                    true
                }
                _ => false,
            };
            if self.only_pending && !gone {
                refused.push(new.clone());
            }
        }
        if self.only_pending && cancelled.is_empty() {
            touched.close(tx).await?;
            return Ok(Replaced::NothingPending);
        }
        let answer = take_in(tx, &[&self.submit]).await?.pop();
        if answer != Some(Submitted::Stored) {
            // Another process was faster: all of this is taken back and the PI asks again.
            return Err(StoreError::Unavailable);
        }
        let refusal = Outcome {
            state: MessageState::Rejected,
            code: StatusCode::CancellationNotPossible,
            desc: STANDS.to_owned(),
            ..self.outcome.clone()
        };
        for new in &refused {
            deliver(tx, new, &refusal, &mut touched).await?;
        }
        touched.close(tx).await?;
        Ok(Replaced::Stored { cancelled })
    }
}

/// Ends transmissions that lanes gave back, for the reason that their deliveries end.
async fn give_back(
    tx: &mut Tx<'_>,
    withdrawn: &[TransmissionId],
    outcome: &Outcome,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    for transmission in withdrawn {
        let ended = Change::Ended {
            transmission: transmission.clone(),
            state: TransmissionState::Withdrawn,
            desc: outcome.desc.clone(),
            at_ms: outcome.event_ms,
        };
        advance(tx, &ended, touched).await?;
    }
    Ok(())
}

/// Deliveries are cancelled together with what their lanes gave back.
struct Withdraw {
    withdrawn: Vec<TransmissionId>,
    killed: Vec<(ChannelName, u32)>,
    deliveries: Vec<DeliveryId>,
    outcome: Outcome,
}

impl Operation for Withdraw {
    type Answer = Concluded;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Concluded, StoreError> {
        let mut touched = Touched::default();
        give_back(tx, &self.withdrawn, &self.outcome, &mut touched).await?;
        for (channel, toi) in &self.killed {
            cbs::kill(tx, channel, *toi, self.outcome.event_ms).await?;
        }
        let mut ended = Vec::new();
        for delivery in &self.deliveries {
            if withdraw(tx, delivery, &self.outcome, &mut touched).await? {
                ended.push(delivery.clone());
            }
        }
        let closed = touched.close(tx).await?;
        Ok(Concluded { ended, closed })
    }
}

impl Store {
    /// Stores a push and cancels those that it replaces, in one transaction, with the
    /// notifications that follow.
    pub async fn replace(&self, replacing: Replacing) -> Result<Replaced, StoreError> {
        self.write(Replace::of(replacing)?).await
    }

    /// The pushes that are on the air and whose place a push has taken: the one that it replaces,
    /// the one that this replaced, and so on.
    pub async fn predecessors_on_air(
        &self,
        submission: &SubmissionId,
    ) -> Result<Vec<SubmissionId>, StoreError> {
        let query = sqlx::query(
            "WITH RECURSIVE older AS (\
             SELECT replaces AS id FROM submission WHERE id = $1 UNION \
             SELECT submission.replaces AS id FROM submission \
             JOIN older ON submission.id = older.id) \
             SELECT DISTINCT older.id AS id FROM older \
             JOIN transmission ON transmission.submission_id = older.id \
             WHERE transmission.ended_ms IS NULL",
        );
        self.rows(query.bind(submission.as_str()))
            .await?
            .iter()
            .map(|row| Columns::new(row, "submission").parsed("id"))
            .collect()
    }

    /// Address keys for which pushes that took the place of one went on the air.
    pub async fn taken_over(&self, old: &SubmissionId) -> Result<HashSet<String>, StoreError> {
        let query = sqlx::query(
            "WITH RECURSIVE newer AS (\
             SELECT id FROM submission WHERE replaces = $1 UNION \
             SELECT submission.id AS id FROM submission \
             JOIN newer ON submission.replaces = newer.id) \
             SELECT DISTINCT delivery.address_key AS id FROM newer \
             JOIN delivery ON delivery.submission_id = newer.id \
             JOIN transmission ON transmission.delivery_id = delivery.id \
             WHERE transmission.state IN ('onair', 'transmitted', 'ended')",
        );
        self.rows(query.bind(old.as_str()))
            .await?
            .iter()
            .map(|row| Columns::new(row, "delivery").text("id"))
            .collect()
    }

    /// Ends pending deliveries of which nothing is on a lane, in one transaction with the
    /// transmissions that lanes gave back unsent. Cell Broadcast messages of `killed`, channels and
    /// TOIs, are from now on to be taken off the air: theirs are not waited for. [`Concluded::ended`] names those that this ended;
    /// of the others something may be sent, or they had ended before.
    pub async fn withdraw(
        &self,
        withdrawn: Vec<TransmissionId>,
        killed: Vec<(ChannelName, u32)>,
        deliveries: Vec<DeliveryId>,
        outcome: Outcome,
    ) -> Result<Concluded, StoreError> {
        self.write(Withdraw {
            withdrawn,
            killed,
            deliveries,
            outcome,
        })
        .await
    }
}
