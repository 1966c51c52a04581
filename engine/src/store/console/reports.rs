//! What reports are made of: sums where there are, and the pushes that are not in them.
//!
//! ```text
//!  period   |··|■■■■■■■■■■■■■■|·|        ■ whole hours: sums   · edges: pushes that are in sums
//!  besides  pushes that are not counted yet: queued, on the air, just over
//! ```
//! A report that is narrowed to a name and divided by something else is counted push by push, among
//! those that the sums name; so is a page of pushes.

use std::collections::BTreeMap;

use super::report_names::Summed;
use super::report_rows::{Among, MAX_RANGES, Parts, Question, Range};
use super::report_sums::HOUR_MS;
use crate::model::WorkspaceName;
use crate::model::report::{
    DeliveryTotals, Dimension, MAX_REPORT_ROWS, NotificationCounts, ReportQuery,
};
use crate::store::row::Columns;
use crate::store::steps::{Ask, values};
use crate::store::{Store, StoreError};

/// What one row of a report is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReportPart {
    /// Pushes.
    pub submissions: u64,
    /// Their deliveries.
    pub deliveries: DeliveryTotals,
    /// Transmissions.
    pub transmissions: u64,
    /// Of them, those that failed.
    pub transmissions_failed: u64,
    /// Complete passes of objects.
    pub passes: u64,
    /// Octets of objects times their passes.
    pub bytes: u64,
    /// Cells that have broadcast, each object's anew.
    pub cells: u64,
    /// Cells that were to, of the centres that tell.
    pub cells_asked: u64,
    /// From when it might be sent to the first packet, ms, and how often.
    pub air_times: BTreeMap<u64, u64>,
    /// Result notifications.
    pub notifications: NotificationCounts,
}

impl ReportPart {
    /// Adds another one that has no push in common with it.
    pub fn add(&mut self, other: &Self) {
        self.submissions += other.submissions;
        let (sum, more) = (&mut self.deliveries, &other.deliveries);
        sum.pending += more.pending;
        sum.delivered += more.delivered;
        sum.cancelled += more.cancelled;
        sum.expired += more.expired;
        sum.failed += more.failed;
        self.transmissions += other.transmissions;
        self.transmissions_failed += other.transmissions_failed;
        self.passes += other.passes;
        self.bytes += other.bytes;
        self.cells += other.cells;
        self.cells_asked += other.cells_asked;
        for (step_ms, number) in &other.air_times {
            *self.air_times.entry(*step_ms).or_default() += number;
        }
        let (sum, more) = (&mut self.notifications, &other.notifications);
        sum.waiting += more.waiting;
        sum.sent += more.sent;
        sum.undeliverable += more.undeliverable;
    }
}

const TITLES: &str = "SELECT s.id, s.push_id, a.title FROM submission s \
     LEFT JOIN console_submission c ON c.submission_id = s.id \
     LEFT JOIN alert a ON a.id = c.alert_id WHERE s.id IN (#";
/// Titles of one question.
const TITLES_AT_ONCE: usize = 64;

/// Adds parts that have no push in common with those that are there.
fn merge(parts: &mut Parts, more: &Parts) {
    for (key, part) in more {
        parts.entry(key.clone()).or_default().add(part);
    }
}

/// Rows asked for, and one more that shows that there are more.
fn limit(query: &ReportQuery) -> u32 {
    match query.rows {
        0 => MAX_REPORT_ROWS + 1,
        rows => rows.min(MAX_REPORT_ROWS) + 1,
    }
}

impl Store {
    /// The sums of a report, by key: a number of days since 1970, a normalised address, or a name.
    /// Without a dimension there is one row under the empty key. At most one row more than the query
    /// asks for, after the page's beginning: of pushes the newest ones, of others those whose keys
    /// come first.
    pub async fn report(
        &self,
        workspace: &WorkspaceName,
        query: &ReportQuery,
        by: Option<Dimension>,
    ) -> Result<BTreeMap<String, ReportPart>, StoreError> {
        let _nobody_counts = self.inner.summing.read().await;
        let question = Question {
            workspace,
            query,
            by,
            among: Among::All,
            from_ms: query.from_ms,
            to_ms: query.to_ms,
            limit: limit(query),
            last_name: None,
        };
        if by == Some(Dimension::Submission) {
            return self.page_of_pushes(question).await;
        }
        // What is not in the sums is in no order that the sums know: it is put in its place here.
        let whole = Question {
            limit: MAX_REPORT_ROWS + 1,
            ..question
        };
        let mut parts = match Summed::of(query, by) {
            Some(summed) => {
                let parts = self.summed_hours(&question, &summed).await?;
                let last = parts.keys().next_back().cloned();
                let page = Question {
                    // What is not in the sums adds no name beyond the last of a full page.
                    last_name: last
                        .as_deref()
                        .filter(|_| parts.len() == question.limit as usize),
                    ..whole
                };
                self.with_others(page, parts).await?
            }
            None => self.narrowed_twice(whole).await?,
        };
        if matches!(by, Some(Dimension::Group | Dimension::Area)) {
            if let Some(after) = &query.after {
                parts.retain(|key, _| *key > after.key);
            }
            while parts.len() > question.limit as usize {
                parts.pop_last();
            }
        }
        Ok(parts)
    }

    /// The sums of the whole hours of a period.
    async fn summed_hours(
        &self,
        question: &Question<'_>,
        summed: &Summed,
    ) -> Result<Parts, StoreError> {
        let hours = question.from_ms.div_ceil(HOUR_MS)..question.to_ms / HOUR_MS;
        match hours.is_empty() {
            true => Ok(Parts::new()),
            false => self.sums(question, summed, hours).await,
        }
    }

    /// Adds the pushes at the edges of the period, and those that are not counted yet.
    async fn with_others(
        &self,
        question: Question<'_>,
        mut parts: Parts,
    ) -> Result<Parts, StoreError> {
        let (from_ms, to_ms) = (question.from_ms, question.to_ms);
        let (first, beyond) = (from_ms.div_ceil(HOUR_MS), to_ms / HOUR_MS);
        let edges = if first <= beyond {
            vec![(from_ms, first * HOUR_MS), (beyond * HOUR_MS, to_ms)]
        } else {
            vec![(from_ms, to_ms)]
        };
        for (from_ms, to_ms) in edges.into_iter().filter(|(from, to)| from < to) {
            let Some(range) = self.keys_of_hour(from_ms / HOUR_MS).await? else {
                continue;
            };
            let ranges = [range];
            let edge = Question {
                among: Among::Summed(&ranges),
                from_ms,
                to_ms,
                ..question
            };
            merge(&mut parts, &self.counted(&edge).await?);
        }
        let uncounted = Question {
            among: Among::Uncounted,
            ..question
        };
        merge(&mut parts, &self.counted(&uncounted).await?);
        Ok(parts)
    }

    /// A page of pushes: first which they are, then what is to be told of them.
    async fn page_of_pushes(&self, question: Question<'_>) -> Result<Parts, StoreError> {
        let mut parts = match Summed::filter(question.query) {
            None => self.pushes(&question).await?,
            Some(summed) => {
                let ranges = self.ranges(&question, &summed).await?;
                let uncounted = Question {
                    among: Among::Uncounted,
                    ..question
                };
                let mut parts = self.pushes(&uncounted).await?;
                let mut found = 0;
                // The newest ones first; what was counted meanwhile may be in both.
                for some in ranges.rchunks(MAX_RANGES) {
                    if found >= question.limit as usize {
                        break;
                    }
                    let among = Among::Ranges(some);
                    let more = self.pushes(&Question { among, ..question }).await?;
                    found += more.len();
                    parts.extend(more);
                }
                parts
            }
        };
        while parts.len() > question.limit as usize {
            parts.pop_first();
        }
        let ids: Vec<Range> = parts.keys().map(|id| (id.clone(), id.clone())).collect();
        for some in ids.chunks(MAX_RANGES) {
            let among = Among::Ranges(some);
            let about = Question { among, ..question };
            self.figures(&about, &mut parts).await?;
        }
        Ok(parts)
    }

    /// A report that is narrowed to a name and divided by something else, or narrowed twice.
    async fn narrowed_twice(&self, question: Question<'_>) -> Result<Parts, StoreError> {
        let Some(summed) = Summed::filter(question.query) else {
            return self.counted(&question).await;
        };
        let mut parts = Parts::new();
        for some in self.ranges(&question, &summed).await?.chunks(MAX_RANGES) {
            let among = Among::Summed(some);
            let question = Question { among, ..question };
            merge(&mut parts, &self.counted(&question).await?);
        }
        let uncounted = Question {
            among: Among::Uncounted,
            ..question
        };
        merge(&mut parts, &self.counted(&uncounted).await?);
        Ok(parts)
    }

    /// Titles of alerts, else push-ids, of some pushes.
    pub async fn titles(
        &self,
        ids: impl Iterator<Item = &String>,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let ids: Vec<&str> = ids.map(String::as_str).collect();
        let mut titles = BTreeMap::new();
        for some in ids.chunks(TITLES_AT_ONCE) {
            let mut ask = Ask::default().with(TITLES, values![some[0]]);
            // As many each time, so that there is one statement.
            for place in 1..TITLES_AT_ONCE {
                let id = some.get(place).copied().unwrap_or_default();
                ask = ask.with(", #", values![id]);
            }
            for row in &self.ask(ask.with(")", Vec::new())).await? {
                let row = Columns::new(row, "submission");
                let title = row.text_or_null("title")?;
                let title = title.map_or_else(|| row.text("push_id"), Ok)?;
                titles.insert(row.text("id")?, title);
            }
        }
        Ok(titles)
    }
}
