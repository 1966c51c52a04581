//! Pushes that wait until somebody lets them go.

use crate::model::{Delivery, Submission, SubmissionId};
use crate::store::intake::{Submit, Submitted, take_in};
use crate::store::operation::{Operation, Tx};
use crate::store::row::{Columns, bigint};
use crate::store::steps::{Steps, values};
use crate::store::{Store, StoreError};

/// A time that no push is due at.
const NEVER_MS: i64 = i64::MAX;

struct Hold {
    submit: Submit,
    id: SubmissionId,
    at_ms: u64,
}

impl Operation for Hold {
    type Answer = Submitted;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Submitted, StoreError> {
        let answer = take_in(tx, &[&self.submit]).await?.pop();
        let answer = answer.ok_or(StoreError::Unavailable)?;
        if answer == Submitted::Stored {
            let query = sqlx::query("UPDATE submission SET next_ms = $2 WHERE id = $1");
            tx.run(query.bind(self.id.to_string()).bind(NEVER_MS))
                .await?;
            let query = sqlx::query(
                "INSERT INTO held_submission (submission_id, since_ms) VALUES ($1, $2)",
            );
            let query = query.bind(self.id.to_string()).bind(bigint(self.at_ms));
            tx.run(query).await?;
        }
        Ok(answer)
    }
}

impl Steps {
    /// Lets a push go that must be held and not be over.
    #[must_use]
    pub fn release(self, id: &SubmissionId, at_ms: u64) -> Self {
        self.must(
            "the push",
            "DELETE FROM held_submission WHERE submission_id = $1",
            values![id.as_str()],
        )
        .must(
            "the push",
            "UPDATE submission SET next_ms = CASE WHEN due_ms > $2 THEN due_ms ELSE $2 END \
             WHERE id = $1 AND state = 'queued' AND closed_at_ms IS NULL",
            values![id.as_str(), at_ms],
        )
    }

    /// A push that must be held is held no longer, and is not sent: its deliveries end elsewhere.
    #[must_use]
    pub fn unhold(self, id: &SubmissionId) -> Self {
        self.must(
            "the push",
            "DELETE FROM held_submission WHERE submission_id = $1",
            values![id.as_str()],
        )
    }
}

impl Store {
    /// Takes a submission in that is not sent before it is released. Its window goes on all the
    /// same: it expires where nobody has let it go.
    pub async fn submit_held(
        &self,
        submission: Submission,
        deliveries: Vec<Delivery>,
    ) -> Result<Submitted, StoreError> {
        let (id, at_ms) = (submission.id.clone(), submission.received_ms);
        let submit = Submit::new(submission, deliveries)?;
        self.write(Hold { submit, id, at_ms }).await
    }

    /// Since when a push is held.
    pub async fn held_since(&self, id: &SubmissionId) -> Result<Option<u64>, StoreError> {
        let query = sqlx::query(
            "SELECT h.submission_id, h.since_ms FROM held_submission h \
             JOIN submission s ON s.id = h.submission_id \
             WHERE h.submission_id = $1 AND s.closed_at_ms IS NULL",
        );
        let row = self.row(query.bind(id.to_string())).await?;
        row.map(|row| Columns::keyed(&row, "held_submission", "submission_id").number("since_ms"))
            .transpose()
    }
}
