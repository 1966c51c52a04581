//! Submissions as they are read back.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::Store;
use super::deliveries::delivery;
use super::error::StoreError;
use super::row::Columns;
use super::statement::Query;
use crate::model::submission::{Authentication, PapVersion};
use crate::model::{
    Body, Content, Delivery, InitiatorName, Lineage, PushId, QualityOfService, Sha256, Submission,
    SubmissionId,
};

/// How far a submission came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubmissionState {
    /// Every delivery is final and every transmission over.
    Done,
    /// Handed to the lanes.
    Planned,
    /// Waits for its time, or for whoever has claimed it.
    Queued,
}

impl SubmissionState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Done, Self::Planned, Self::Queued];

    /// As stored, and as a label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Planned => "planned",
            Self::Queued => "queued",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.as_str() == text)
    }
}

/// A submission without its content: what answers and notifications are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Our key.
    pub id: SubmissionId,
    /// Whose it is.
    pub initiator: InitiatorName,
    /// The PI's key.
    pub push_id: PushId,
    /// What it replaces.
    pub lineage: Lineage,
    /// Version to answer in.
    pub pap_version: PapVersion,
    /// The PI sent `wap-pap-ver`.
    pub pi_lists_versions: bool,
    /// When it arrived.
    pub received_ms: u64,
    /// deliver-after-timestamp.
    pub deliver_after_ms: Option<u64>,
    /// deliver-before-timestamp or the default.
    pub deliver_before_ms: u64,
    /// Who stands behind the message.
    pub source_reference: Option<String>,
    /// Where result notifications go.
    pub notify_url: Option<String>,
    /// The element, if it was there.
    pub quality_of_service: Option<QualityOfService>,
    /// Media type of the content.
    pub content_type: String,
    /// Length of the content, octets.
    pub body_bytes: u64,
    /// How far it came.
    pub state: SubmissionState,
    /// When it was done.
    pub closed_at_ms: Option<u64>,
}

macro_rules! summary_columns {
    () => {
        "id, initiator, push_id, replaces, origin_push_id, revision, pap_version, pi_lists_versions, received_ms, deliver_after_ms, \
         deliver_before_ms, source_reference, notify_url, quality_of_service, content_type, \
         body_bytes, state, closed_at_ms"
    };
}

const SUMMARY: &str = concat!(
    "SELECT ",
    summary_columns!(),
    " FROM submission WHERE id = $1"
);
const SUMMARY_BY_PUSH_ID: &str = concat!(
    "SELECT ",
    summary_columns!(),
    " FROM submission WHERE initiator = $1 AND push_id = $2"
);
/// Followed by a list of ids.
pub(super) const WHOLE: &str = concat!(
    "SELECT ",
    summary_columns!(),
    ", authentication, request_sha256, deliver_before_given, progress_notes, headers, body, \
     body_sha256 FROM submission WHERE id IN ("
);

/// A submission and all its deliveries.
pub(super) type WithDeliveries = (Submission, Vec<Delivery>);

impl Store {
    /// A submission with its content. Its addresses are read from its deliveries.
    pub async fn submission(&self, id: &SubmissionId) -> Result<Option<Submission>, StoreError> {
        let mut read = self.submissions_with_deliveries(&[id]).await?;
        let read = read.remove(id.as_str()).transpose()?;
        Ok(read.map(|(submission, _)| submission))
    }

    /// Submissions and all their deliveries, by id. Those that are not there are left out, and a
    /// row that cannot be understood does not keep the others from being read.
    pub(super) async fn submissions_with_deliveries(
        &self,
        ids: &[&SubmissionId],
    ) -> Result<HashMap<String, Result<WithDeliveries, StoreError>>, StoreError> {
        let mut connection = self.inner.readers.acquire().await?;
        let reads = &self.inner.reads;
        let rows = reads.submissions.run(&mut connection, ids, bind_id).await?;
        let of_them = reads.deliveries.run(&mut connection, ids, bind_id).await?;
        drop(connection);
        let mut deliveries: HashMap<String, Result<Vec<Delivery>, StoreError>> = HashMap::new();
        for row in &of_them {
            let submission = Columns::new(row, "delivery").text("submission_id")?;
            let list = deliveries.entry(submission).or_insert(Ok(Vec::new()));
            match (delivery(row), list) {
                (Ok(delivery), Ok(list)) => list.push(delivery),
                (Err(error), list) => *list = Err(error),
                (Ok(_), Err(_)) => {}
            }
        }
        let mut read = HashMap::with_capacity(rows.len());
        for row in &rows {
            let id = Columns::new(row, "submission").text("id")?;
            let deliveries = deliveries.remove(&id).unwrap_or(Ok(Vec::new()));
            let both = deliveries.and_then(|list| Ok((whole(row, &list)?, list)));
            read.insert(id, both);
        }
        Ok(read)
    }

    /// A submission without its content.
    pub async fn summary(&self, id: &SubmissionId) -> Result<Option<Summary>, StoreError> {
        let row = self.row(sqlx::query(SUMMARY).bind(id.as_str())).await?;
        row.as_ref().map(summary).transpose()
    }

    /// What an initiator has under a push-id.
    pub async fn deliveries_by_push_id(
        &self,
        initiator: &InitiatorName,
        push_id: &PushId,
    ) -> Result<Option<(Summary, Vec<Delivery>)>, StoreError> {
        let query = sqlx::query(SUMMARY_BY_PUSH_ID)
            .bind(initiator.as_str())
            .bind(push_id.as_str());
        let Some(row) = self.row(query).await? else {
            return Ok(None);
        };
        let summary = summary(&row)?;
        let deliveries = self.deliveries(&summary.id).await?;
        Ok(Some((summary, deliveries)))
    }

    /// The push-id is remembered of a push that is gone.
    pub async fn is_push_id_used(
        &self,
        initiator: &InitiatorName,
        push_id: &PushId,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "SELECT push_id AS id FROM used_push_id WHERE initiator = $1 AND push_id = $2",
        );
        let query = query.bind(initiator.as_str()).bind(push_id.as_str());
        Ok(self.row(query).await?.is_some())
    }

    /// How many submissions are in each state.
    pub async fn counts_by_state(&self) -> Result<Vec<(SubmissionState, u64)>, StoreError> {
        let rows = self
            .rows(sqlx::query(
                "SELECT state, COUNT(*) AS number FROM submission WHERE closed_at_ms IS NULL \
                 GROUP BY state UNION ALL SELECT 'done', COUNT(*) FROM submission \
                 WHERE closed_at_ms IS NOT NULL",
            ))
            .await?;
        let mut counts: HashMap<SubmissionState, u64> = HashMap::new();
        for row in &rows {
            let row = Columns::keyed(row, "submission", "state");
            let state = row.known("state", SubmissionState::from_stored)?;
            *counts.entry(state).or_default() += row.number::<u64>("number")?;
        }
        Ok(SubmissionState::ALL
            .iter()
            .map(|state| (*state, counts.get(state).copied().unwrap_or(0)))
            .collect())
    }
}

fn bind_id<'q>(query: Query<'q>, id: &&SubmissionId) -> Query<'q> {
    query.bind(id.to_string())
}

fn summary(row: &AnyRow) -> Result<Summary, StoreError> {
    let row = Columns::new(row, "submission");
    Ok(Summary {
        id: row.parsed("id")?,
        initiator: row.parsed("initiator")?,
        push_id: row.parsed("push_id")?,
        lineage: Lineage {
            origin: row.parsed("origin_push_id")?,
            revision: row.number("revision")?,
            replaces: row
                .text_or_null("replaces")?
                .map(|text| text.parse().map_err(|_| row.corrupt("replaces")))
                .transpose()?,
        },
        pap_version: row.known("pap_version", pap_version)?,
        pi_lists_versions: row.flag("pi_lists_versions")?,
        received_ms: row.number("received_ms")?,
        deliver_after_ms: row.number_or_null("deliver_after_ms")?,
        deliver_before_ms: row.number("deliver_before_ms")?,
        source_reference: row.text_or_null("source_reference")?,
        notify_url: row.text_or_null("notify_url")?,
        quality_of_service: row.json_or_null("quality_of_service")?,
        content_type: row.text("content_type")?,
        body_bytes: row.number("body_bytes")?,
        state: row.known("state", SubmissionState::from_stored)?,
        closed_at_ms: row.number_or_null("closed_at_ms")?,
    })
}

fn whole(row: &AnyRow, deliveries: &[Delivery]) -> Result<Submission, StoreError> {
    let summary = summary(row)?;
    let row = Columns::new(row, "submission");
    let body = match row.known_or_null("body_sha256", Sha256::from_hex)? {
        Some(sha256) => Body::File {
            sha256,
            bytes: summary.body_bytes,
        },
        None => Body::Inline(
            row.octets_or_null("body")?
                .ok_or_else(|| row.corrupt("body"))?,
        ),
    };
    Ok(Submission {
        id: summary.id,
        initiator: summary.initiator,
        authentication: row.known("authentication", Authentication::from_stored)?,
        push_id: summary.push_id,
        lineage: summary.lineage,
        request_sha256: row.digest("request_sha256")?,
        pap_version: summary.pap_version,
        pi_lists_versions: summary.pi_lists_versions,
        received_ms: summary.received_ms,
        deliver_after_ms: summary.deliver_after_ms,
        deliver_before_ms: summary.deliver_before_ms,
        deliver_before_given: row.flag("deliver_before_given")?,
        source_reference: summary.source_reference,
        notify_url: summary.notify_url,
        progress_notes: row.flag("progress_notes")?,
        quality_of_service: summary.quality_of_service,
        addresses: deliveries
            .iter()
            .map(|delivery| delivery.address.clone())
            .collect(),
        content: Content {
            content_type: summary.content_type,
            headers: row.json("headers")?,
            body,
        },
    })
}

fn pap_version(text: &str) -> Option<PapVersion> {
    let (major, minor) = text.split_once('.')?;
    Some(PapVersion {
        major: major.parse().ok()?,
        minor: minor.parse().ok()?,
    })
}
