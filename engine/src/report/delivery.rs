//! Delivery reports from sums: pure.

use std::collections::BTreeMap;

use crate::model::listing::Cursor;
use crate::model::outline::Outline;
use crate::model::report::{
    AirTimes, Dimension, Figure, MAX_REPORT_ROWS, Report, ReportFigures, ReportQuery, ReportRow,
};
use crate::model::{Address, AliasGroup, Target};
use crate::store::ReportPart;
use crate::table::{self, TableError};

/// What figures and labels come from besides the sums.
#[derive(Debug, Default)]
pub struct Sources {
    /// Groups, for the receivers that they are expected to have.
    pub groups: Vec<AliasGroup>,
    /// Areas, for the people who live there.
    pub outlines: BTreeMap<String, Outline>,
    /// Titles of alerts and push-ids, by submission.
    pub titles: BTreeMap<String, String>,
}

impl Sources {
    fn expected(&self, target: &Target) -> Option<u64> {
        match target {
            Target::Group(name) => {
                let found = self.groups.iter().find(|group| group.name == *name);
                found.and_then(|group| group.receivers_expected)
            }
            Target::Area(name) => self.outlines.get(name.as_str())?.population,
            Target::Multicast { .. } | Target::Other => None,
        }
    }
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
    ReportFigures {
        submissions: part.submissions,
        deliveries: part.deliveries,
        transmissions: part.transmissions,
        transmissions_failed: part.transmissions_failed,
        passes: part.passes,
        bytes: part.bytes,
        air_times: air_times(&part.air_times),
        notifications: part.notifications,
        cells: Figure {
            value: None,
            basis: crate::model::report::Basis::Measured,
        },
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
                (name.clone(), name, sources.expected(&target))
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
    let mut rows: Vec<ReportRow> = parts.iter().map(row).collect();
    match query.by {
        Dimension::Day => rows.sort_by(|a, b| a.key.cmp(&b.key)),
        Dimension::Submission => rows.sort_by(|a, b| b.key.cmp(&a.key)),
        _ => rows.sort_by(|a, b| {
            let number = |row: &ReportRow| row.figures.deliveries.all();
            number(b).cmp(&number(a)).then_with(|| a.key.cmp(&b.key))
        }),
    }
    let wanted = match query.rows {
        0 => MAX_REPORT_ROWS,
        rows => rows.min(MAX_REPORT_ROWS),
    };
    let more = rows.len() > wanted as usize;
    rows.truncate(wanted as usize);
    let next = rows.last().filter(|_| more).map(|last| Cursor {
        at: 0,
        key: last.key.clone(),
    });
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

fn cells((key, label, figures): (&str, &str, &ReportFigures)) -> [String; 20] {
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
    use crate::model::report::Basis;

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
        let group = AliasGroup {
            name: "flood".parse().unwrap(),
            channels: Vec::new(),
            deliver: crate::model::Deliver::First,
            required: Vec::new(),
            areas: Vec::new(),
            application_id: None,
            receivers_expected: Some(1_500),
        };
        let sources = Sources {
            groups: vec![group],
            ..Sources::default()
        };
        let query = ReportQuery::of(Dimension::Group, 0, 1);
        let parts = BTreeMap::from([(key, part.clone())]);
        let made = report(query, 7, part, parts, &sources);
        assert_eq!(made.rows[0].key, "flood");
        let figures = &made.rows[0].figures;
        assert_eq!(figures.receivers_expected, Figure::estimated(Some(1_500)));
        assert_eq!(figures.receivers_reported.basis, Basis::Reported);
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
