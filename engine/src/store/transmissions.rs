//! Transmissions: the second commit, without which no packet leaves.

use std::collections::{BTreeMap, HashSet};

use sqlx::any::AnyRow;

use super::Store;
use super::cbs;
use super::claims::Claim;
use super::error::StoreError;
use super::operation::{Reply, Tx, Write};
use super::progress::{Touched, deliver_all, ids};
use super::row::{Columns, bigint, bigint_or_null, rank};
use super::statement::Query;
use crate::model::transmission::{CarouselPlan, StoredObject};
use crate::model::{
    Bearer, CbsMessage, ChannelName, DeliveryId, Outcome, SubmissionId, Transmission,
    TransmissionId, TransmissionState,
};

macro_rules! transmission_columns {
    () => {
        "id, delivery_id, channel, bearer, required, priority, toi, epoch, object_sha256, \
         transfer_bytes, content_bytes, gzip, content_md5, fec_encoding_id, oti, \
         content_location, content_type, plan_passes, plan_delay_ms, plan_interval_ms, \
         plan_until_ms, plan_repair_percent, state, passes_done, planned_ms, first_packet_ms, \
         transmitted_ms, ended_ms, description, object"
    };
}
pub(super) use transmission_columns;

const BY_ID: &str = concat!(
    "SELECT ",
    transmission_columns!(),
    " FROM transmission WHERE id = $1"
);
const OF_DELIVERY: &str = concat!(
    "SELECT ",
    transmission_columns!(),
    " FROM transmission WHERE delivery_id = $1 ORDER BY planned_ms, id"
);
const OF_SUBMISSION: &str = concat!(
    "SELECT ",
    transmission_columns!(),
    " FROM transmission WHERE submission_id = $1 ORDER BY planned_ms, id"
);
const RUNNING: &str = concat!(
    "SELECT ",
    transmission_columns!(),
    " FROM transmission WHERE ended_ms IS NULL ORDER BY planned_ms, id"
);

/// What a planner made of a claimed submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The right to plan it.
    pub claim: Claim,
    /// What goes on the air.
    pub transmissions: Vec<Transmission>,
    /// The Cell Broadcast messages among it.
    pub messages: Vec<CbsMessage>,
    /// Deliveries that ended in planning, for example because no channel is left.
    pub outcomes: Vec<(DeliveryId, Outcome)>,
}

/// A transmission with what it belongs to.
type OfSubmission<'a> = (&'a SubmissionId, &'a Transmission);

/// Those of a plan's transmissions that are stored.
pub(super) type Planned = HashSet<TransmissionId>;

/// Stores plans and holds every answer.
pub(super) async fn plan(
    tx: &mut Tx<'_>,
    mut batch: Vec<(&Plan, &mut Reply<Planned>)>,
) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let plans: Vec<&Plan> = batch.iter().map(|(plan, _)| *plan).collect();
    let statements = tx.statements;
    let taken = statements
        .planning
        .take
        .execute(tx.connection, &plans, |query, plan| {
            let Claim {
                submission,
                attempt,
            } = &plan.claim;
            query.bind(submission.to_string()).bind(i64::from(*attempt))
        })
        .await?;
    if taken < plans.len() as u64 {
        // The writer takes the batch back and asks again for fewer, until the lost one is alone.
        let one = plans.first().map(|plan| plan.claim.submission.clone());
        return one.map_or(Ok(()), |submission| {
            Err(StoreError::ClaimLost { submission })
        });
    }
    let mut touched = Touched::default();
    let outcomes = plans.iter().flat_map(|plan| &plan.outcomes);
    let outcomes: Vec<_> = outcomes.map(|(id, outcome)| (id, outcome)).collect();
    deliver_all(tx, &outcomes, &mut touched).await?;
    let stored = insert_pending(tx, &plans).await?;
    let on_air = |message: &&CbsMessage| {
        let sent = plans.iter().flat_map(|plan| &plan.transmissions);
        let mut sent =
            sent.filter(|sent| sent.channel == message.channel && sent.toi == message.toi);
        sent.any(|sent| stored.contains(&sent.id))
    };
    let messages = plans.iter().flat_map(|plan| &plan.messages);
    cbs::insert(tx, messages.filter(on_air)).await?;
    touched.close(tx).await?;
    for (plan, reply) in &mut batch {
        let of_plan = plan.transmissions.iter().map(|sent| &sent.id);
        reply.hold(of_plan.filter(|id| stored.contains(id)).cloned().collect());
    }
    Ok(())
}

/// TOIs given out to an owner that has been replaced must not go on the air.
async fn refuse_old_epochs(
    tx: &mut Tx<'_>,
    transmissions: &[OfSubmission<'_>],
) -> Result<(), StoreError> {
    let mut epochs: BTreeMap<&ChannelName, i64> = BTreeMap::new();
    for (_, transmission) in transmissions {
        let lowest = epochs
            .entry(&transmission.channel)
            .or_insert(transmission.epoch);
        *lowest = transmission.epoch.min(*lowest);
    }
    for (channel, epoch) in epochs {
        let query =
            sqlx::query("SELECT epoch FROM flute_session WHERE channel = $1 AND epoch > $2");
        let query = query.bind(channel.as_str()).bind(epoch);
        if tx.row(query).await?.is_some() {
            return Err(StoreError::Fenced {
                name: channel.to_string(),
                epoch,
            });
        }
    }
    Ok(())
}

/// Inserts the transmissions of deliveries that are still pending.
async fn insert_pending<'p>(
    tx: &mut Tx<'_>,
    plans: &[&'p Plan],
) -> Result<HashSet<&'p TransmissionId>, StoreError> {
    let statements = tx.statements;
    let rows = statements
        .planning
        .pending
        .run(tx.connection, plans, |query, plan| {
            query.bind(plan.claim.submission.to_string())
        })
        .await?;
    let pending = ids(&rows)?;
    let transmissions: Vec<OfSubmission<'_>> = plans
        .iter()
        .flat_map(|plan| {
            let submission = &plan.claim.submission;
            plan.transmissions
                .iter()
                .map(move |sent| (submission, sent))
        })
        .filter(|(_, sent)| pending.contains(sent.delivery_id.as_str()))
        .collect();
    insert(tx, &transmissions).await?;
    Ok(transmissions
        .into_iter()
        .map(|(_, sent)| &sent.id)
        .collect())
}

/// Inserts transmissions, all of which may be sent from then on.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    transmissions: &[OfSubmission<'_>],
) -> Result<(), StoreError> {
    if transmissions.is_empty() {
        return Ok(());
    }
    refuse_old_epochs(tx, transmissions).await?;
    let statements = tx.statements;
    let bulk = &statements.planning.transmission;
    bulk.insert(tx.connection, transmissions, |query, (submission, sent)| {
        bind(query, sent).bind(submission.to_string())
    })
    .await
}

impl Store {
    /// Commits a plan: from here on its transmissions may be sent. Returns those that are stored;
    /// one whose delivery ended meanwhile, for example by a cancellation, is not among them and
    /// must not be sent.
    pub async fn plan(&self, plan: Plan) -> Result<HashSet<TransmissionId>, StoreError> {
        let (reply, answer) = Reply::new();
        self.send(Write::Plan(Box::new(plan), reply)).await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// One transmission.
    pub async fn transmission(
        &self,
        id: &TransmissionId,
    ) -> Result<Option<Transmission>, StoreError> {
        let row = self.row(sqlx::query(BY_ID).bind(id.as_str())).await?;
        row.as_ref().map(transmission).transpose()
    }

    /// Everything sent for one delivery.
    pub async fn transmissions_of_delivery(
        &self,
        id: &DeliveryId,
    ) -> Result<Vec<Transmission>, StoreError> {
        self.transmissions(sqlx::query(OF_DELIVERY).bind(id.as_str()))
            .await
    }

    /// Everything sent for one submission.
    pub async fn transmissions_of_submission(
        &self,
        id: &SubmissionId,
    ) -> Result<Vec<Transmission>, StoreError> {
        self.transmissions(sqlx::query(OF_SUBMISSION).bind(id.as_str()))
            .await
    }

    /// Every transmission that is not over: what the lanes have to take up after a start.
    pub async fn running_transmissions(&self) -> Result<Vec<Transmission>, StoreError> {
        self.transmissions(sqlx::query(RUNNING)).await
    }

    async fn transmissions(&self, query: Query<'_>) -> Result<Vec<Transmission>, StoreError> {
        self.rows(query).await?.iter().map(transmission).collect()
    }
}

fn bind<'q>(query: Query<'q>, transmission: &Transmission) -> Query<'q> {
    let Transmission { object, plan, .. } = transmission;
    let ended_ms = transmission
        .state
        .is_over()
        .then(|| transmission.ended_ms.unwrap_or(transmission.planned_ms));
    query
        .bind(transmission.id.to_string())
        .bind(transmission.delivery_id.to_string())
        .bind(transmission.channel.to_string())
        .bind(transmission.bearer.as_str())
        .bind(i64::from(transmission.required))
        .bind(rank(transmission.priority))
        .bind(i64::from(transmission.toi))
        .bind(transmission.epoch)
        .bind(object.sha256.to_hex())
        .bind(bigint(object.transfer_bytes))
        .bind(bigint(object.content_bytes))
        .bind(i64::from(object.gzip))
        .bind(object.content_md5.to_vec())
        .bind(i64::from(object.fec_encoding_id))
        .bind(object.oti.clone())
        .bind(object.content_location.clone())
        .bind(object.content_type.clone())
        .bind(plan.passes.map(i64::from))
        .bind(bigint(plan.delay_ms))
        .bind(bigint_or_null(plan.interval_ms))
        .bind(bigint(plan.until_ms))
        .bind(i64::from(plan.repair_percent))
        .bind(transmission.state.as_str())
        .bind(i64::from(transmission.passes_done))
        .bind(bigint(transmission.planned_ms))
        .bind(bigint_or_null(transmission.first_packet_ms))
        .bind(bigint_or_null(transmission.transmitted_ms))
        .bind(bigint_or_null(ended_ms))
        .bind(transmission.desc.clone())
        .bind(object.octets.as_deref().map(<[u8]>::to_vec))
}

fn transmission(row: &AnyRow) -> Result<Transmission, StoreError> {
    let row = Columns::new(row, "transmission");
    Ok(Transmission {
        id: row.parsed("id")?,
        delivery_id: row.parsed("delivery_id")?,
        channel: row.parsed("channel")?,
        bearer: row.known("bearer", Bearer::from_pap)?,
        required: row.flag("required")?,
        priority: row.priority("priority")?,
        toi: row.number("toi")?,
        epoch: row.number("epoch")?,
        object: StoredObject {
            sha256: row.digest("object_sha256")?,
            transfer_bytes: row.number("transfer_bytes")?,
            content_bytes: row.number("content_bytes")?,
            gzip: row.flag("gzip")?,
            content_md5: row
                .octets("content_md5")?
                .try_into()
                .map_err(|_| row.corrupt("content_md5"))?,
            fec_encoding_id: row.number("fec_encoding_id")?,
            oti: row.octets("oti")?,
            content_location: row.text("content_location")?,
            content_type: row.text("content_type")?,
            octets: row.octets_or_null("object")?.map(Into::into),
        },
        plan: CarouselPlan {
            passes: row.number_or_null("plan_passes")?,
            delay_ms: row.number("plan_delay_ms")?,
            interval_ms: row.number_or_null("plan_interval_ms")?,
            until_ms: row.number("plan_until_ms")?,
            repair_percent: row.number("plan_repair_percent")?,
        },
        state: row.known("state", TransmissionState::from_stored)?,
        passes_done: row.number("passes_done")?,
        planned_ms: row.number("planned_ms")?,
        first_packet_ms: row.number_or_null("first_packet_ms")?,
        transmitted_ms: row.number_or_null("transmitted_ms")?,
        ended_ms: row.number_or_null("ended_ms")?,
        desc: row.text("description")?,
    })
}
