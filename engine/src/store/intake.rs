//! Taking submissions in: many callers, one statement.

use std::collections::HashSet;
use std::sync::Arc;

use super::Store;
use super::cbs;
use super::claims::FIRST_ATTEMPT;
use super::deliveries;
use super::error::StoreError;
use super::operation::{Reply, Tx, Write};
use super::quota::Counts;
use super::row::{Columns, bigint, bigint_or_null, rank};
use super::statement::Query;
use super::submissions::SubmissionState;
use super::transmissions;
use crate::model::submission::PapVersion;
use crate::model::{Body, CbsMessage, Delivery, Submission, Transmission};

/// What of a submission goes on the air with the commit that stores it.
#[derive(Debug, Clone, Default)]
pub struct Sending {
    /// On every channel.
    pub transmissions: Vec<Transmission>,
    /// The Cell Broadcast messages among it.
    pub messages: Vec<CbsMessage>,
}

/// What became of a submit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// The initiator has used the push-id before, perhaps for a submission that is gone.
    Duplicate {
        /// When the first one arrived.
        received_ms: u64,
        /// The first one's request was the same octet for octet.
        same_request: bool,
    },
    /// It is on stable storage.
    Stored,
}

impl Store {
    /// Puts a submission and its deliveries, in the order of its addresses, on stable storage.
    /// After an error nothing of it is stored; when the caller gives up waiting, it may be.
    pub async fn submit(
        &self,
        submission: impl Into<Arc<Submission>>,
        deliveries: impl Into<Arc<[Delivery]>>,
    ) -> Result<Submitted, StoreError> {
        self.take_in(Submit::new(submission, deliveries)?).await
    }

    /// The same, with a plan for each of its deliveries: with the commit it may be sent.
    pub async fn submit_planned(
        &self,
        submission: impl Into<Arc<Submission>>,
        deliveries: impl Into<Arc<[Delivery]>>,
        sending: Sending,
    ) -> Result<Submitted, StoreError> {
        let submit = Submit::new(submission, deliveries)?;
        self.take_in(Submit { sending, ..submit }).await
    }

    /// The same without a plan, claimed by this store's owner until `claimed_until_ms`: nobody else
    /// plans it before then. The claim has [`FIRST_ATTEMPT`].
    pub async fn submit_claimed(
        &self,
        submission: impl Into<Arc<Submission>>,
        deliveries: impl Into<Arc<[Delivery]>>,
        claimed_until_ms: u64,
    ) -> Result<Submitted, StoreError> {
        let submit = Submit::new(submission, deliveries)?;
        let claim = Some((self.owner().to_owned(), claimed_until_ms));
        self.take_in(Submit { claim, ..submit }).await
    }

    async fn take_in(&self, submit: Submit) -> Result<Submitted, StoreError> {
        let submit = Box::new(submit);
        let (reply, answer) = Reply::new();
        self.send(Write::Submit(submit, reply)).await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

const FIRST_WITH_PUSH_ID: &str = "SELECT request_sha256, received_ms FROM submission \
     WHERE initiator = $1 AND push_id = $2 \
     UNION ALL SELECT request_sha256, received_ms FROM used_push_id \
     WHERE initiator = $1 AND push_id = $2";

/// A submission as rows: everything that takes time is done before the writer sees it.
pub(super) struct Submit {
    request_sha256: String,
    pap_version: String,
    quality_of_service: Option<String>,
    headers: String,
    submission: Arc<Submission>,
    deliveries: Arc<[Delivery]>,
    /// Its plan, if it is planned already.
    sending: Sending,
    /// Who plans it next, and until when, ms; otherwise anybody may once it is due.
    claim: Option<(String, u64)>,
}

impl Submit {
    pub(super) fn new(
        submission: impl Into<Arc<Submission>>,
        deliveries: impl Into<Arc<[Delivery]>>,
    ) -> Result<Self, StoreError> {
        let unencodable = |source| StoreError::Unencodable {
            table: "submission",
            source,
        };
        let submission = submission.into();
        let PapVersion { major, minor } = submission.pap_version;
        Ok(Self {
            request_sha256: submission.request_sha256.to_hex(),
            pap_version: format!("{major}.{minor}"),
            quality_of_service: submission
                .quality_of_service
                .as_ref()
                .map(serde_json::to_string)
                .transpose()
                .map_err(unencodable)?,
            headers: serde_json::to_string(&submission.content.headers).map_err(unencodable)?,
            deliveries: deliveries.into(),
            sending: Sending::default(),
            claim: None,
            submission,
        })
    }

    fn id(&self) -> &str {
        self.submission.id.as_str()
    }

    fn bind<'q>(&self, query: Query<'q>) -> Query<'q> {
        let submission = &self.submission;
        let (body, body_sha256) = match &submission.content.body {
            Body::Inline(octets) => (Some(octets.clone()), None),
            Body::File { sha256, .. } => (None, Some(sha256.to_hex())),
        };
        let (claimed_by, next_ms) = match &self.claim {
            Some((owner, until_ms)) => (Some(owner.clone()), *until_ms),
            None => (None, submission.due_ms()),
        };
        let state = match self.sending.transmissions.is_empty() {
            true => SubmissionState::Queued,
            false => SubmissionState::Planned,
        };
        // What is planned with it counts as claimed once.
        let attempts = match (state, &self.claim) {
            (SubmissionState::Queued, None) => 0,
            _ => FIRST_ATTEMPT,
        };
        query
            .bind(submission.id.to_string())
            .bind(submission.initiator.to_string())
            .bind(submission.push_id.to_string())
            .bind(
                submission
                    .lineage
                    .replaces
                    .as_ref()
                    .map(ToString::to_string),
            )
            .bind(submission.lineage.origin.to_string())
            .bind(i64::from(submission.lineage.revision))
            .bind(self.request_sha256.clone())
            .bind(self.pap_version.clone())
            .bind(i64::from(submission.pi_lists_versions))
            .bind(bigint(submission.received_ms))
            .bind(bigint(submission.due_ms()))
            .bind(bigint_or_null(submission.deliver_after_ms))
            .bind(bigint(submission.deliver_before_ms))
            .bind(i64::from(submission.deliver_before_given))
            .bind(submission.source_reference.clone())
            .bind(submission.notify_url.clone())
            .bind(i64::from(submission.progress_notes))
            .bind(self.quality_of_service.clone())
            .bind(rank(submission.priority()))
            .bind(submission.content.content_type.clone())
            .bind(self.headers.clone())
            .bind(body)
            .bind(body_sha256)
            .bind(bigint(submission.content.body.len()))
            .bind(submission.authentication.as_str())
            .bind(bigint(next_ms))
            .bind(state.as_str())
            .bind(i64::from(attempts))
            .bind(claimed_by)
    }
}

/// Inserts what is new and holds every answer.
pub(super) async fn submit(
    tx: &mut Tx<'_>,
    mut batch: Vec<(&Submit, &mut Reply<Submitted>)>,
) -> Result<(), StoreError> {
    let all: Vec<&Submit> = batch.iter().map(|(submit, _)| *submit).collect();
    let answers = take_in(tx, &all).await?;
    for ((_, reply), answer) in batch.iter_mut().zip(answers) {
        reply.hold(answer);
    }
    Ok(())
}

/// Inserts what is new; one answer for each.
pub(super) async fn take_in<'s>(
    tx: &mut Tx<'_>,
    all: &[&'s Submit],
) -> Result<Vec<Submitted>, StoreError> {
    let known = insert(tx, all).await?;
    let is_stored = |submit: &Submit| !known.contains(submit.id());
    let stored = || all.iter().copied().filter(|submit| is_stored(submit));
    let deliveries: Vec<(i64, &Delivery)> = stored()
        .flat_map(|submit| (0..).zip(submit.deliveries.iter()))
        .collect();
    let statements = tx.statements;
    statements
        .intake
        .delivery
        .insert(tx.connection, &deliveries, deliveries::bind)
        .await?;
    let of_submit = |submit: &'s Submit| {
        let id = &submit.submission.id;
        submit
            .sending
            .transmissions
            .iter()
            .map(move |sent| (id, sent))
    };
    let transmissions: Vec<_> = stored().flat_map(of_submit).collect();
    transmissions::insert(tx, &transmissions).await?;
    cbs::insert(tx, stored().flat_map(|submit| &submit.sending.messages)).await?;
    let mut counts = Counts::default();
    for submit in stored() {
        let received_ms = submit.submission.received_ms;
        counts.add(
            submit.submission.initiator.as_str(),
            received_ms,
            submit.deliveries.len(),
        );
    }
    counts.store(tx).await?;
    let mut answers = Vec::with_capacity(all.len());
    for submit in all {
        let answer = if is_stored(submit) {
            Submitted::Stored
        } else {
            let first = first_with_push_id(tx, submit).await?;
            first.ok_or(sqlx::Error::RowNotFound)?
        };
        answers.push(answer);
    }
    Ok(answers)
}

/// The ids of those that were not stored, because their push-ids had been used.
async fn insert<'s>(tx: &mut Tx<'_>, all: &[&'s Submit]) -> Result<HashSet<&'s str>, StoreError> {
    let statements = tx.statements;
    let stored = statements
        .intake
        .submission
        .execute(tx.connection, all, |query, submit| submit.bind(query))
        .await?;
    if stored == all.len() as u64 {
        return Ok(HashSet::new());
    }
    // Some are duplicates, which is rare: which ones is asked only then.
    let rows = statements
        .intake
        .stored
        .run(tx.connection, all, |query, submit| {
            query
                .bind(submit.id().to_owned())
                .bind(submit.submission.initiator.to_string())
                .bind(submit.submission.push_id.to_string())
        })
        .await?;
    let stored: Result<HashSet<String>, StoreError> = rows
        .iter()
        .map(|row| Columns::new(row, "submission").text("id"))
        .collect();
    let stored = stored?;
    let duplicates = all.iter().filter(|submit| !stored.contains(submit.id()));
    Ok(duplicates.map(|submit| submit.id()).collect())
}

/// The push that the initiator has used the push-id for, if any.
pub(super) async fn first_with_push_id(
    tx: &mut Tx<'_>,
    submit: &Submit,
) -> Result<Option<Submitted>, StoreError> {
    let query = sqlx::query(FIRST_WITH_PUSH_ID)
        .bind(submit.submission.initiator.to_string())
        .bind(submit.submission.push_id.to_string());
    let Some(row) = tx.row(query).await? else {
        return Ok(None);
    };
    let row = Columns::keyed(&row, "submission", "push_id");
    Ok(Some(Submitted::Duplicate {
        received_ms: row.number("received_ms")?,
        same_request: row.text("request_sha256")? == submit.request_sha256,
    }))
}
