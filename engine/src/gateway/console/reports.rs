//! Delivery reports.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::report::{Dimension, MAX_PERIOD_MS, Report, ReportQuery};
use crate::model::{Action, AreaName, GroupName};
use crate::report::delivery;
use crate::store::ReportPart;

impl Gateway {
    /// A report over the pushes that the workspace sees. Needs `See`.
    pub async fn report(&self, actor: &Actor, query: ReportQuery) -> Result<Report, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        if query.from_ms >= query.to_ms {
            let message = "The period ends before it begins.";
            return Err(ConsoleError::field("to_ms", message));
        }
        if query.to_ms - query.from_ms > MAX_PERIOD_MS {
            return Err(ConsoleError::field("from_ms", "The period is too long."));
        }
        // A name that cannot be one would not narrow the report.
        let group = query.group.as_deref().map(str::parse::<GroupName>);
        if let Some(Err(error)) = group {
            return Err(ConsoleError::field("group", error));
        }
        let area = query.area.as_deref().map(str::parse::<AreaName>);
        if let Some(Err(error)) = area {
            return Err(ConsoleError::field("area", error));
        }
        let (store, workspace) = (&self.inner.store, &actor.workspace.name);
        let parts = store.report(workspace, &query, Some(query.by)).await?;
        // Each push has one day and one initiator, so their rows add up; a push to two groups
        // stands in two rows and counts once.
        let adds_up = matches!(query.by, Dimension::Day | Dimension::Initiator) && query.rows == 0;
        let total = if adds_up {
            let mut total = ReportPart::default();
            parts.values().for_each(|part| total.add(part));
            total
        } else {
            let total = store.report(workspace, &query, None).await?;
            total.into_values().next().unwrap_or_default()
        };
        let sources = delivery::Sources {
            groups: store.groups().await?,
            outlines: store.outlines().await?,
            titles: match query.by {
                crate::model::report::Dimension::Submission => store.titles(parts.keys()).await?,
                _ => std::collections::BTreeMap::new(),
            },
        };
        let made_ms = self.inner.clock.unix_ms();
        Ok(delivery::report(query, made_ms, total, parts, &sources))
    }

    /// The same as CSV. Cells that a spreadsheet would take for formulas are quoted. Needs `See`.
    pub async fn report_csv(
        &self,
        actor: &Actor,
        query: ReportQuery,
    ) -> Result<String, ConsoleError> {
        let report = self.report(actor, query).await?;
        delivery::csv(&report).map_err(|error| ConsoleError::NotNow(error.to_string()))
    }
}
