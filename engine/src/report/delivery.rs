//! Delivery reports from sums: pure.

use std::collections::BTreeMap;

use crate::model::listing::Cursor;
use crate::model::report::{
    AirTimes, Basis, Dimension, Figure, MAX_REPORT_ROWS, Report, ReportFigures, ReportQuery,
    ReportRow,
};
use crate::model::{Address, Target};
use crate::store::ReportPart;
use crate::table::{self, TableError};

/// What figures and labels come from besides the sums.
#[derive(Debug, Default)]
pub struct Sources {
    /// Receivers that groups are expected to have, and people who live in areas, by address.
    pub expected: BTreeMap<String, u64>,
    /// Titles of alerts and push-ids, by submission.
    pub titles: BTreeMap<String, String>,
}

/// Times in steps of a percent as what people ask for.
fn air_times(steps: &BTreeMap<u64, u64>) -> AirTimes {
    let transmissions: u64 = steps.values().sum();
    // The first step at or below which so many of a hundred are.
    let at = |percent: u64| {
        let wanted = (transmissions * percent).div_ceil(100).max(1);
        let mut seen = 0;
        steps.iter().find_map(|(step_ms, number)| {
            seen += number;
            (seen >= wanted).then_some(*step_ms)
        })
    };
    AirTimes {
        transmissions,
        median_ms: at(50),
        p95_ms: at(95),
        max_ms: steps.keys().next_back().copied(),
    }
}

fn figures(part: &ReportPart, expected: Option<u64>) -> ReportFigures {
    // Where no centre has told, nobody knows.
    let cells = |number| match part.cells_asked {
        0 => Figure {
            value: None,
            basis: Basis::Measured,
        },
        _ => Figure::measured(number),
    };
    ReportFigures {
        submissions: part.submissions,
        deliveries: part.deliveries,
        transmissions: part.transmissions,
        transmissions_failed: part.transmissions_failed,
        passes: part.passes,
        bytes: part.bytes,
        air_times: air_times(&part.air_times),
        notifications: part.notifications,
        cells: cells(part.cells),
        cells_asked: cells(part.cells_asked),
        receivers_expected: Figure::estimated(expected),
        receivers_reported: Figure::reported(None),
    }
}

fn day(number: &str) -> Option<String> {
    let seconds = number.parse::<i64>().ok()?.checked_mul(86_400)?;
    let at = jiff::Timestamp::from_second(seconds).ok()?;
    Some(at.strftime("%Y-%m-%d").to_string())
}

/// Puts a report together.
pub fn report(
    query: ReportQuery,
    made_ms: u64,
    total: ReportPart,
    parts: BTreeMap<String, ReportPart>,
    sources: &Sources,
) -> Report {
    let row = |(key, part): (&String, &ReportPart)| {
        let (key, label, expected) = match query.by {
            Dimension::Area | Dimension::Group => {
                let target = key
                    .parse::<Address>()
                    .map(|address| address.target().clone());
                let target = target.unwrap_or(Target::Other);
                let name = match &target {
                    Target::Area(name) => name.to_string(),
                    Target::Group(name) => name.to_string(),
                    Target::Multicast { .. } | Target::Other => key.clone(),
                };
                (name.clone(), name, sources.expected.get(key).copied())
            }
            Dimension::Day => {
                let day = day(key).unwrap_or_else(|| key.clone());
                (day.clone(), day, None)
            }
            Dimension::Submission => {
                let title = sources.titles.get(key).unwrap_or(key);
                (key.clone(), title.clone(), None)
            }
            Dimension::Bearer | Dimension::Channel | Dimension::Initiator => {
                (key.clone(), key.clone(), None)
            }
        };
        ReportRow {
            key,
            label,
            figures: figures(part, expected),
        }
    };
    let wanted = match query.rows {
        0 => MAX_REPORT_ROWS,
        rows => rows.min(MAX_REPORT_ROWS),
    } as usize;
    // Where there are more, those whose keys come last are another page's.
    let more = parts.len() > wanted;
    let kept = |(place, part)| (place < wanted).then_some(part);
    let mut rows: Vec<ReportRow> = match query.by {
        Dimension::Submission => {
            let kept = parts.iter().rev().enumerate().filter_map(kept);
            kept.map(row).collect()
        }
        _ => parts.iter().enumerate().filter_map(kept).map(row).collect(),
    };
    let last = match query.by {
        Dimension::Submission => parts.keys().rev().nth(wanted.saturating_sub(1)),
        _ => parts.keys().nth(wanted.saturating_sub(1)),
    };
    let next = last.filter(|_| more).map(|last| Cursor {
        at: 0,
        key: last.clone(),
    });
    match query.by {
        Dimension::Area | Dimension::Group => {}
        Dimension::Day => rows.sort_by(|a, b| a.key.cmp(&b.key)),
        Dimension::Submission => rows.sort_by(|a, b| b.key.cmp(&a.key)),
        _ => rows.sort_by(|a, b| {
            let number = |row: &ReportRow| row.figures.deliveries.all();
            number(b).cmp(&number(a)).then_with(|| a.key.cmp(&b.key))
        }),
    }
    Report {
        total: figures(&total, None),
        query,
        made_ms,
        rows,
        next,
    }
}

/// The rows of a report and their sums as CSV. Columns say which figures are measured, estimated
/// and reported.
pub fn csv(report: &Report) -> Result<String, TableError> {
    let head = [
        report.query.by.as_str(),
        "label",
        "submissions",
        "delivered",
        "pending",
        "cancelled",
        "expired",
        "failed",
        "transmissions",
        "transmissions failed",
        "passes",
        "octets sent",
        "cells that broadcast",
        "cells asked",
        "median ms to first packet",
        "95 % ms to first packet",
        "longest ms to first packet",
        "notifications sent",
        "notifications waiting",
        "notifications undeliverable",
        "receivers expected (estimate)",
        "receivers reported",
    ];
    let total = ("total", "total", &report.total);
    let rows = report.rows.iter();
    let rows = rows.map(|row| (row.key.as_str(), row.label.as_str(), &row.figures));
    table::write(&head, rows.chain([total]).map(cells))
}

fn cells((key, label, figures): (&str, &str, &ReportFigures)) -> [String; 22] {
    let known = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    let number = |number: u64| number.to_string();
    let (deliveries, times) = (&figures.deliveries, &figures.air_times);
    [
        key.to_owned(),
        label.to_owned(),
        number(figures.submissions),
        number(deliveries.delivered),
        number(deliveries.pending),
        number(deliveries.cancelled),
        number(deliveries.expired),
        number(deliveries.failed),
        number(figures.transmissions),
        number(figures.transmissions_failed),
        number(figures.passes),
        number(figures.bytes),
        known(figures.cells.value),
        known(figures.cells_asked.value),
        known(times.median_ms),
        known(times.p95_ms),
        known(times.max_ms),
        number(figures.notifications.sent),
        number(figures.notifications.waiting),
        number(figures.notifications.undeliverable),
        known(figures.receivers_expected.value),
        known(figures.receivers_reported.value),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_read_off_the_steps() {
        let steps = BTreeMap::from([(5, 50), (7, 44), (20, 5), (900, 1)]);
        let times = air_times(&steps);
        assert_eq!(times.transmissions, 100);
        assert_eq!(times.median_ms, Some(5));
        assert_eq!(times.p95_ms, Some(20));
        assert_eq!(times.max_ms, Some(900));
        assert_eq!(air_times(&BTreeMap::new()), AirTimes::default());
    }

    #[test]
    fn measured_and_estimated_are_told_apart() {
        let key = "WAPPUSH=group%2Fflood/TYPE=USER@ppg".to_owned();
        let part = ReportPart {
            submissions: 3,
            ..ReportPart::default()
        };
        let sources = Sources {
            expected: BTreeMap::from([(key.clone(), 1_500)]),
            ..Sources::default()
        };
        let query = ReportQuery::of(Dimension::Group, 0, 1);
        let parts = BTreeMap::from([(key, part.clone())]);
        let made = report(query, 7, part, parts, &sources);
        assert_eq!(made.rows[0].key, "flood");
        let figures = &made.rows[0].figures;
        assert_eq!(figures.receivers_expected, Figure::estimated(Some(1_500)));
        assert_eq!(figures.receivers_reported.basis, Basis::Reported);
        assert_eq!(
            (figures.cells.value, figures.cells.basis),
            (None, Basis::Measured)
        );
        assert_eq!(made.total.receivers_expected.value, None);
        let text = csv(&made).unwrap();
        assert!(text.starts_with("group,label,submissions"), "{text}");
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn labels_that_look_like_formulas_are_text() {
        let query = ReportQuery::of(Dimension::Initiator, 0, 1);
        let name = "=HYPERLINK(\"http://x\")".to_owned();
        let parts = BTreeMap::from([(name, ReportPart::default())]);
        let made = report(query, 0, ReportPart::default(), parts, &Sources::default());
        let text = csv(&made).unwrap();
        assert!(text.contains("\"'=HYPERLINK"), "{text}");
    }

    #[test]
    fn days_are_dates() {
        assert_eq!(day("20000").as_deref(), Some("2024-10-04"));
        assert_eq!(day("x"), None);
    }
}
