//! Delivery reports.

use std::collections::BTreeMap;

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::report::{Dimension, MAX_PERIOD_MS, Report, ReportQuery};
use crate::model::{Action, Address, AreaName, GroupName, Target};
use crate::report::delivery;
use crate::store::ReportPart;

impl Gateway {
    /// A report over the pushes that the workspace sees. Needs `See`.
    pub async fn report(&self, actor: &Actor, query: ReportQuery) -> Result<Report, ConsoleError> {
        let (report, _) = self.report_over(actor, query, None).await?;
        Ok(report)
    }

    /// A report, and what it adds up to, which a caller that knows it gives.
    async fn report_over(
        &self,
        actor: &Actor,
        query: ReportQuery,
        known: Option<ReportPart>,
    ) -> Result<(Report, ReportPart), ConsoleError> {
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
        let whole = ReportQuery {
            after: None,
            ..query.clone()
        };
        let total = if let Some(total) = known {
            total
        } else if adds_up {
            let mut total = ReportPart::default();
            parts.values().for_each(|part| total.add(part));
            total
        } else {
            let total = store.report(workspace, &whole, None).await?;
            total.into_values().next().unwrap_or_default()
        };
        let sources = delivery::Sources {
            expected: self.expected(query.by, parts.keys()).await?,
            titles: match query.by {
                crate::model::report::Dimension::Submission => store.titles(parts.keys()).await?,
                _ => std::collections::BTreeMap::new(),
            },
        };
        let made_ms = self.inner.clock.unix_ms();
        let report = delivery::report(query, made_ms, total.clone(), parts, &sources);
        Ok((report, total))
    }

    /// A report and, over the same pushes, the one by day. Needs `See`.
    pub async fn report_with_days(
        &self,
        actor: &Actor,
        query: ReportQuery,
    ) -> Result<(Report, Report), ConsoleError> {
        let by_day = ReportQuery {
            by: Dimension::Day,
            after: None,
            rows: 0,
            ..query.clone()
        };
        let is_by_day = query.by == Dimension::Day;
        let (days, total) = self.report_over(actor, by_day, None).await?;
        if is_by_day {
            return Ok((days.clone(), days));
        }
        let (report, _) = self.report_over(actor, query, Some(total)).await?;
        Ok((report, days))
    }

    /// Receivers that the addressed are expected to have, by address.
    async fn expected(
        &self,
        by: Dimension,
        addresses: impl Iterator<Item = &String> + Send,
    ) -> Result<BTreeMap<String, u64>, ConsoleError> {
        if !matches!(by, Dimension::Area | Dimension::Group) {
            return Ok(BTreeMap::new());
        }
        let (mut expected, mut areas) = (BTreeMap::new(), BTreeMap::new());
        for key in addresses {
            match key.parse::<Address>().as_ref().map(Address::target) {
                Ok(Target::Group(name)) => {
                    let known = self.directory().group(name);
                    let figure = known.and_then(|group| group.receivers_expected);
                    expected.extend(figure.map(|figure| (key.clone(), figure)));
                }
                Ok(Target::Area(name)) => {
                    areas.insert(name.to_string(), key.clone());
                }
                Ok(Target::Multicast { .. } | Target::Other) | Err(_) => {}
            }
        }
        let names: Vec<String> = areas.keys().cloned().collect();
        for (name, outline) in self.inner.store.outlines_of(&names).await? {
            let key = areas.remove(&name).zip(outline.population);
            expected.extend(key);
        }
        Ok(expected)
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
