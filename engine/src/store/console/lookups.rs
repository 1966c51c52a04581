//! Small questions about single pushes and workspaces.

use std::collections::HashMap;

use crate::model::detail::NotificationDetail;
use crate::model::submission::Authentication;
use crate::model::{DeliveryId, SubmissionId, WorkspaceName};
use crate::store::row::Columns;
use crate::store::steps::{Ask, values};
use crate::store::{Store, StoreError};

/// Pushes that are looked through for the last one to an address.
const LATEST: u64 = 2_000;

impl Store {
    /// When something was last submitted to an address, among the latest pushes.
    pub async fn last_push_to(&self, address_key: &str) -> Result<Option<u64>, StoreError> {
        let ask = Ask::default()
            .with(
                "SELECT s.id, s.received_ms FROM (SELECT id, received_ms FROM submission \
                 ORDER BY id DESC LIMIT #) s JOIN delivery d ON d.submission_id = s.id \
                 WHERE d.address_key = ",
                values![LATEST],
            )
            .with("# ORDER BY s.id DESC LIMIT 1", values![address_key]);
        let rows = self.ask(ask).await?;
        let first = rows.first();
        first
            .map(|row| Columns::new(row, "submission").number("received_ms"))
            .transpose()
    }

    /// Pushes that wait for somebody to let them go, as a workspace sees them.
    pub async fn held_count(&self, workspace: &WorkspaceName) -> Result<u32, StoreError> {
        let query = sqlx::query(
            "SELECT 'held' AS id, COUNT(*) AS number FROM held_submission h \
             JOIN submission s ON s.id = h.submission_id \
             LEFT JOIN initiator_setting i ON i.initiator = s.initiator \
             WHERE s.closed_at_ms IS NULL AND (i.workspace IS NULL OR i.workspace = $1)",
        );
        let row = self.row(query.bind(workspace.to_string())).await?;
        row.map_or(Ok(0), |row| {
            Columns::new(&row, "submission").number("number")
        })
    }

    /// Pushes of initiators that have objects on the air, as a workspace sees them.
    pub async fn pushes_on_air(&self, workspace: &WorkspaceName) -> Result<u32, StoreError> {
        let query = sqlx::query(
            "SELECT 'on air' AS id, COUNT(*) AS number FROM submission s \
             LEFT JOIN initiator_setting i ON i.initiator = s.initiator \
             WHERE s.id IN (SELECT submission_id FROM transmission WHERE ended_ms IS NULL) \
             AND s.initiator <> 'console' AND (i.workspace IS NULL OR i.workspace = $1)",
        );
        let row = self.row(query.bind(workspace.to_string())).await?;
        row.map_or(Ok(0), |row| {
            Columns::new(&row, "submission").number("number")
        })
    }

    /// How it was known who submitted a push.
    pub async fn authentication(
        &self,
        id: &SubmissionId,
    ) -> Result<Option<Authentication>, StoreError> {
        let query = sqlx::query("SELECT id, authentication FROM submission WHERE id = $1");
        let row = self.row(query.bind(id.to_string())).await?;
        row.map(|row| {
            Columns::new(&row, "submission").known("authentication", Authentication::from_stored)
        })
        .transpose()
    }

    /// The pushes that took the place of one.
    pub async fn replaced_by(&self, id: &SubmissionId) -> Result<Vec<SubmissionId>, StoreError> {
        let query = sqlx::query("SELECT id FROM submission WHERE replaces = $1 ORDER BY id");
        self.rows(query.bind(id.to_string()))
            .await?
            .iter()
            .map(|row| Columns::new(row, "submission").parsed("id"))
            .collect()
    }

    /// How the result notifications of a push get on, by delivery.
    pub async fn notifications_of(
        &self,
        id: &SubmissionId,
    ) -> Result<HashMap<DeliveryId, NotificationDetail>, StoreError> {
        let query = sqlx::query(
            "SELECT o.delivery_id, o.state, o.attempts, o.last_error FROM delivery d \
             JOIN outbox o ON o.delivery_id = d.id WHERE d.submission_id = $1",
        );
        let read = |row| {
            let row = Columns::keyed(row, "outbox", "delivery_id");
            let detail = NotificationDetail {
                state: row.text("state")?,
                attempts: row.number("attempts")?,
                last_error: row.text_or_null("last_error")?,
            };
            Ok((row.parsed("delivery_id")?, detail))
        };
        let rows = self.rows(query.bind(id.to_string())).await?;
        rows.iter().map(read).collect()
    }
}
