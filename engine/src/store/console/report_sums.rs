//! Sums as reports read them.

use std::ops::Range as Span;

use super::report_names::{Names, Summed};
use super::report_rows::{Parts, Question, Range};
use super::reports::ReportPart;
use crate::model::InitiatorName;
use crate::model::listing::Source;
use crate::model::report::{DeliveryTotals, Dimension, NotificationCounts};
use crate::store::row::Columns;
use crate::store::steps::{Ask, values};
use crate::store::{Store, StoreError};

/// Sums are kept for so long each, ms.
pub(super) const HOUR_MS: u64 = 3_600_000;

const SEEN: &str = " FROM report_sum r LEFT JOIN initiator_setting i ON i.initiator = r.initiator ";
const WAITS: &str = " AS row_key, r.step, CAST(SUM(r.transmissions) AS BIGINT) AS number \
     FROM report_wait r LEFT JOIN initiator_setting i ON i.initiator = r.initiator ";
const HOURS: &str = " AND r.hour >= # AND r.hour < #";
const SLOTS: &str = " AND r.hours = # AND r.slot >= # AND r.slot < #";
const WHERE: &str = "WHERE r.kind = # AND (r.workspace = # OR (r.workspace = '' \
     AND r.initiator <> 'console' AND (i.workspace IS NULL OR i.workspace = #)))";
const SUMS: &str = " AS row_key, CAST(SUM(r.submissions) AS BIGINT) AS submissions, \
     CAST(SUM(r.delivered) AS BIGINT) AS delivered, \
     CAST(SUM(r.cancelled) AS BIGINT) AS cancelled, CAST(SUM(r.expired) AS BIGINT) AS expired, \
     CAST(SUM(r.failed) AS BIGINT) AS failed, \
     CAST(SUM(r.transmissions) AS BIGINT) AS transmissions, \
     CAST(SUM(r.transmissions_failed) AS BIGINT) AS transmissions_failed, \
     CAST(SUM(r.passes) AS BIGINT) AS passes, CAST(SUM(r.octets) AS BIGINT) AS octets, \
     CAST(SUM(r.cells) AS BIGINT) AS cells, CAST(SUM(r.cells_asked) AS BIGINT) AS cells_asked, \
     CAST(SUM(r.notified) AS BIGINT) AS notified, \
     CAST(SUM(r.not_notified) AS BIGINT) AS not_notified";

const fn key(by: Option<Dimension>) -> &'static str {
    match by {
        None => "''",
        Some(Dimension::Day) => "CAST(r.hour / 24 AS TEXT)",
        Some(Dimension::Initiator) => "r.initiator",
        Some(_) => "r.name",
    }
}

/// The same of waits, which are counted by the hour and by the day.
const fn slot_key(by: Option<Dimension>, hours: u64) -> &'static str {
    match (by, hours) {
        (Some(Dimension::Day), 1) => "CAST(r.slot / 24 AS TEXT)",
        (Some(Dimension::Day), _) => "CAST(r.slot AS TEXT)",
        _ => key(by),
    }
}

/// Whole days and the hours around them.
fn slots(hours: Span<u64>) -> Vec<(u64, Span<u64>)> {
    let days = hours.start.div_ceil(24)..hours.end / 24;
    let all = if days.start < days.end {
        let (before, after) = (days.start * 24, days.end * 24);
        vec![(24, days), (1, hours.start..before), (1, after..hours.end)]
    } else {
        vec![(1, hours)]
    };
    all.into_iter()
        .filter(|(_, span)| !span.is_empty())
        .collect()
}

fn narrowed(ask: Ask, question: &Question<'_>, summed: &Summed) -> Ask {
    let name = question.workspace.as_str();
    let ask = ask.with(WHERE, values![summed.kind, name, name]);
    let ask = match &summed.names {
        Names::All => ask,
        Names::From(first, beyond) => ask.with(
            " AND r.name >= # AND r.name < #",
            values![first.as_str(), beyond.as_str()],
        ),
        Names::Through(first, last) => ask.with(
            " AND r.name >= # AND r.name <= #",
            values![first.as_str(), last.as_str()],
        ),
        Names::One(name) => ask.with(" AND r.name = #", values![name.as_str()]),
    };
    let ask = match question.query.source {
        Some(Source::Console) => ask.with(" AND r.workspace <> ''", Vec::new()),
        Some(Source::Pap) => ask.with(" AND r.workspace = ''", Vec::new()),
        None => ask,
    };
    ask.given(
        " AND r.initiator = #",
        question.query.initiator.as_ref().map(InitiatorName::as_str),
    )
}

fn part(row: &Columns<'_>) -> Result<ReportPart, StoreError> {
    Ok(ReportPart {
        submissions: row.number("submissions")?,
        deliveries: DeliveryTotals {
            pending: 0,
            delivered: row.number("delivered")?,
            cancelled: row.number("cancelled")?,
            expired: row.number("expired")?,
            failed: row.number("failed")?,
        },
        transmissions: row.number("transmissions")?,
        transmissions_failed: row.number("transmissions_failed")?,
        passes: row.number("passes")?,
        bytes: row.number("octets")?,
        cells: row.number("cells")?,
        cells_asked: row.number("cells_asked")?,
        notifications: NotificationCounts {
            waiting: 0,
            sent: row.number("notified")?,
            undeliverable: row.number("not_notified")?,
        },
        ..ReportPart::default()
    })
}

impl Store {
    /// The sums of whole hours, by key.
    pub(super) async fn sums(
        &self,
        question: &Question<'_>,
        summed: &Summed,
        hours: Span<u64>,
    ) -> Result<Parts, StoreError> {
        let is_paged = matches!(question.by, Some(Dimension::Group | Dimension::Area));
        let after = question.query.after.as_ref().filter(|_| is_paged);
        let after = after.map(|after| after.key.as_str());
        let begin = |of: &'static str| {
            let ask = Ask::default().with("SELECT ", Vec::new());
            ask.with(key(question.by), Vec::new()).with(of, Vec::new())
        };
        let ask = begin(SUMS).with(SEEN, Vec::new());
        let ask = narrowed(ask, question, summed)
            .with(HOURS, values![hours.start, hours.end])
            .given(" AND r.name > #", after)
            .with(
                " GROUP BY row_key ORDER BY row_key LIMIT #",
                values![question.limit],
            );
        let mut parts = Parts::new();
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "report_sum", "row_key");
            parts.insert(row.text("row_key")?, part(&row)?);
        }
        self.summed_waits(question, summed, hours, &mut parts)
            .await?;
        Ok(parts)
    }

    /// How long transmissions of whole hours took to their first packet, for the rows that there
    /// are: by day as far as days are whole, else by hour.
    async fn summed_waits(
        &self,
        question: &Question<'_>,
        summed: &Summed,
        hours: Span<u64>,
        parts: &mut Parts,
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (parts.keys().next(), parts.keys().next_back()) else {
            return Ok(());
        };
        // Hours of one name lie together; so do the names of a page. Only these are asked for: of two
        // ranges of names SQLite heeds the first.
        let of = |names| Summed {
            kind: summed.kind,
            names,
        };
        let named: Vec<Summed> = match question.by {
            Some(Dimension::Group | Dimension::Area) => {
                vec![of(Names::Through(first.clone(), last.clone()))]
            }
            Some(Dimension::Channel | Dimension::Bearer) => {
                let each = parts.keys().map(|key| of(Names::One(key.clone())));
                each.collect()
            }
            _ => vec![summed.clone()],
        };
        for (length, slots) in slots(hours) {
            for summed in &named {
                let ask = Ask::default()
                    .with("SELECT ", Vec::new())
                    .with(slot_key(question.by, length), Vec::new())
                    .with(WAITS, Vec::new());
                let ask = narrowed(ask, question, summed)
                    .with(SLOTS, values![length, slots.start, slots.end])
                    .with(" GROUP BY row_key, r.step", Vec::new());
                for row in &self.ask(ask).await? {
                    let row = Columns::keyed(row, "report_wait", "row_key");
                    if let Some(part) = parts.get_mut(&row.text("row_key")?) {
                        let number: u64 = row.number("number")?;
                        *part.air_times.entry(row.number("step")?).or_default() += number;
                    }
                }
            }
        }
        Ok(())
    }

    /// Between which keys the pushes of an hour lie that are in the sums.
    pub(super) async fn keys_of_hour(&self, hour: u64) -> Result<Option<Range>, StoreError> {
        let ask = Ask::default().with(
            "SELECT '' AS row_key, MIN(first_id) AS first_id, MAX(last_id) AS last_id \
             FROM report_sum WHERE kind = 'all' AND name = '' AND hour = #",
            values![hour],
        );
        let rows = self.ask(ask).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let row = Columns::keyed(row, "report_sum", "row_key");
        Ok(row
            .text_or_null("first_id")?
            .zip(row.text_or_null("last_id")?))
    }

    /// Between which keys the pushes lie that are in the sums of a name: ranges in their order that
    /// have no key in common.
    pub(super) async fn ranges(
        &self,
        question: &Question<'_>,
        summed: &Summed,
    ) -> Result<Vec<Range>, StoreError> {
        let hours = question.from_ms / HOUR_MS..question.to_ms.div_ceil(HOUR_MS);
        let ask = Ask::default()
            .with(
                "SELECT r.name AS row_key, r.first_id, r.last_id",
                Vec::new(),
            )
            .with(SEEN, Vec::new());
        let ask = narrowed(ask, question, summed).with(HOURS, values![hours.start, hours.end]);
        let mut all = Vec::new();
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "report_sum", "row_key");
            all.push((row.text("first_id")?, row.text("last_id")?));
        }
        Ok(disjoint(all))
    }
}

/// The same keys, in their order, in ranges that have none in common.
fn disjoint(mut all: Vec<Range>) -> Vec<Range> {
    all.sort();
    let mut ranges: Vec<Range> = Vec::new();
    for (first, last) in all {
        match ranges.last_mut() {
            Some((_, end)) if first <= *end => {
                if last > *end {
                    *end = last;
                }
            }
            _ => ranges.push((first, last)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_days_and_what_is_left() {
        assert_eq!(slots(3..20), [(1, 3..20)]);
        assert_eq!(slots(24..48), [(24, 1..2)]);
        assert_eq!(slots(23..50), [(24, 1..2), (1, 23..24), (1, 48..50)]);
    }

    #[test]
    fn ranges_have_nothing_in_common() {
        let range = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        let all = vec![
            range("d", "d"),
            range("a", "c"),
            range("b", "b"),
            range("c", "cc"),
        ];
        assert_eq!(disjoint(all), [range("a", "cc"), range("d", "d")]);
        assert!(disjoint(Vec::new()).is_empty());
    }
}
