//! Deliveries: one row per address of a submission.

use sqlx::any::AnyRow;

use super::Store;
use super::error::StoreError;
use super::row::{Columns, bigint};
use super::statement::Query;
use crate::model::{Bearer, Delivery, DeliveryId, MessageState, StatusCode, SubmissionId};

macro_rules! delivery_columns {
    () => {
        "d.id, d.submission_id, d.address_raw, d.state, d.code, d.description, d.event_ms, d.bearer"
    };
}

const OF_SUBMISSION: &str = concat!(
    "SELECT ",
    delivery_columns!(),
    " FROM delivery d WHERE d.submission_id = $1 ORDER BY d.position"
);
/// Followed by a list of submissions.
pub(super) const OF_SUBMISSIONS: &str = concat!(
    "SELECT ",
    delivery_columns!(),
    " FROM delivery d WHERE d.submission_id IN ("
);
const BY_ID: &str = concat!(
    "SELECT ",
    delivery_columns!(),
    " FROM delivery d WHERE d.id = $1"
);
const EXPIRED: &str = concat!(
    "SELECT ",
    delivery_columns!(),
    " FROM submission s JOIN delivery d ON d.submission_id = s.id \
     WHERE s.closed_at_ms IS NULL AND s.deliver_before_ms <= $1 AND d.state = 'pending' \
     AND NOT EXISTS (SELECT 1 FROM transmission t WHERE t.delivery_id = d.id \
     AND t.ended_ms IS NULL) ORDER BY s.deliver_before_ms, d.id LIMIT $2"
);

/// A delivery as it is inserted, at its place among those of its submission.
pub(super) fn bind<'q>(query: Query<'q>, (position, delivery): &(i64, &Delivery)) -> Query<'q> {
    query
        .bind(delivery.id.to_string())
        .bind(delivery.submission_id.to_string())
        .bind(*position)
        .bind(delivery.address.raw().to_owned())
        .bind(delivery.address.key().to_owned())
        .bind(delivery.state.as_str())
        .bind(i64::from(delivery.code.code()))
        .bind(delivery.desc.clone())
        .bind(bigint(delivery.event_ms))
        .bind(delivery.bearer.map(Bearer::as_str))
}

impl Store {
    /// The deliveries of a submission, in the order of its addresses.
    pub async fn deliveries(&self, submission: &SubmissionId) -> Result<Vec<Delivery>, StoreError> {
        let query = sqlx::query(OF_SUBMISSION).bind(submission.as_str());
        self.rows(query).await?.iter().map(delivery).collect()
    }

    /// One delivery.
    pub async fn delivery(&self, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let row = self.row(sqlx::query(BY_ID).bind(id.as_str())).await?;
        row.as_ref().map(delivery).transpose()
    }

    /// Pending deliveries whose deliver-before time has come and which no lane has in hand.
    pub async fn expired(&self, now_ms: u64, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let query = sqlx::query(EXPIRED)
            .bind(bigint(now_ms))
            .bind(i64::from(limit));
        self.rows(query).await?.iter().map(delivery).collect()
    }

    /// The earliest deliver-before time of the submissions that are not done.
    pub async fn next_expiry(&self) -> Result<Option<u64>, StoreError> {
        self.earliest(
            "SELECT MIN(deliver_before_ms) AS at_ms FROM submission WHERE closed_at_ms IS NULL",
        )
        .await
    }
}

pub(super) fn delivery(row: &AnyRow) -> Result<Delivery, StoreError> {
    let row = Columns::new(row, "delivery");
    Ok(Delivery {
        id: row.parsed("id")?,
        submission_id: row.parsed("submission_id")?,
        address: row.parsed("address_raw")?,
        state: row.known("state", MessageState::from_pap)?,
        code: StatusCode::try_from(row.number::<u16>("code")?).map_err(|_| row.corrupt("code"))?,
        desc: row.text("description")?,
        event_ms: row.number("event_ms")?,
        bearer: row.known_or_null("bearer", Bearer::from_pap)?,
    })
}
