//! Delivery reports.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::report::{Report, ReportQuery};

impl Gateway {
    /// A report over the pushes that the workspace sees. Needs `See`.
    pub async fn report(&self, actor: &Actor, query: ReportQuery) -> Result<Report, ConsoleError> {
        let _ = (actor, query);
        Err(ConsoleError::NotYet)
    }

    /// The same as CSV. Cells that a spreadsheet would take for formulas are quoted. Needs `See`.
    pub async fn report_csv(
        &self,
        actor: &Actor,
        query: ReportQuery,
    ) -> Result<String, ConsoleError> {
        let _ = (actor, query);
        Err(ConsoleError::NotYet)
    }
}
