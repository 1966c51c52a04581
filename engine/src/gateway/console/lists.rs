//! Lists and details of what was sent.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::SubmissionId;
use crate::model::detail::{RawParts, SubmissionDetail};
use crate::model::listing::{Entry, ListQuery, Page};
use crate::model::overview::Overview;

impl Gateway {
    /// The figures of the first page. Needs `See`.
    pub async fn overview(&self, actor: &Actor) -> Result<Overview, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// A page of alerts and pushes: those of the workspace, and those of initiators without one.
    /// Needs `See`.
    pub async fn list(
        &self,
        actor: &Actor,
        query: &ListQuery,
    ) -> Result<Page<Entry>, ConsoleError> {
        let _ = (actor, query);
        Err(ConsoleError::NotYet)
    }

    /// One push with everything that is known of it. Needs `See`.
    pub async fn submission_detail(
        &self,
        actor: &Actor,
        id: &SubmissionId,
    ) -> Result<SubmissionDetail, ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }

    /// A push as it lies in the store. Needs `See`.
    pub async fn raw_parts(
        &self,
        actor: &Actor,
        id: &SubmissionId,
    ) -> Result<RawParts, ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }

    /// The content of a push, octet for octet, with its media type. Needs `See`.
    pub async fn raw_body(
        &self,
        actor: &Actor,
        id: &SubmissionId,
    ) -> Result<(String, Vec<u8>), ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }
}
