//! Delivery reports: what was measured, and what is only estimated.
//!
//! What the gateway has done is measured: deliveries, passes, octets, times, answers of a CBC.
//! Whom it reached is not: a broadcast has no receipts. Every figure says which it is
//! ([`Basis`]), and receivers' reports have their place beside the estimate, empty until a receiver
//! has reported.

use serde::{Deserialize, Serialize};

use super::channel::Bearer;
use super::ids::{ChannelName, InitiatorName};
use super::listing::{Cursor, DeliveryCounts, Source};

/// Longest period of a report, ms: ten years.
pub const MAX_PERIOD_MS: u64 = 3_660 * 86_400_000;
/// Most rows of a report; the sums are over all.
pub const MAX_REPORT_ROWS: u32 = 10_000;

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Somebody's figure, typed in.
    Estimated,
    /// Counted by the gateway.
    Measured,
    /// Told by receivers.
    Reported,
}

/// A figure and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The number; `None` if nobody knows.
    pub value: Option<u64>,
    /// Where it comes from.
    pub basis: Basis,
}

impl Figure {
    /// A figure that somebody typed.
    pub const fn estimated(value: Option<u64>) -> Self {
        Self {
            value,
            basis: Basis::Estimated,
        }
    }

    /// A figure that was counted.
    pub const fn measured(value: u64) -> Self {
        Self {
            value: Some(value),
            basis: Basis::Measured,
        }
    }

    /// A figure that receivers told.
    pub const fn reported(value: Option<u64>) -> Self {
        Self {
            value,
            basis: Basis::Reported,
        }
    }
}

/// By what a report is divided.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// A row for each service area addressed.
    Area,
    /// A row for each bearer.
    Bearer,
    /// A row for each channel.
    Channel,
    /// A row for each day of UTC.
    #[default]
    Day,
    /// A row for each alias group addressed.
    Group,
    /// A row for each initiator.
    Initiator,
    /// A row for each push.
    Submission,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: &[Self] = &[
        Self::Area,
        Self::Bearer,
        Self::Channel,
        Self::Day,
        Self::Group,
        Self::Initiator,
        Self::Submission,
    ];

    /// In URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::Bearer => "bearer",
            Self::Channel => "channel",
            Self::Day => "day",
            Self::Group => "group",
            Self::Initiator => "initiator",
            Self::Submission => "submission",
        }
    }

    /// Reads the form of URLs.
    pub fn from_query(text: &str) -> Option<Self> {
        (Self::ALL.iter().copied()).find(|dimension| dimension.as_str() == text)
    }
}

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportQuery {
    /// A row for each of what.
    pub by: Dimension,
    /// Pushes that came in at or after this time.
    pub from_ms: u64,
    /// Pushes that came in before this time.
    pub to_ms: u64,
    /// Only from there.
    pub source: Option<Source>,
    /// Only this initiator's.
    pub initiator: Option<InitiatorName>,
    /// Only to this alias group.
    pub group: Option<String>,
    /// Only to this service area.
    pub area: Option<String>,
    /// Only on this channel.
    pub channel: Option<ChannelName>,
    /// Only on this bearer.
    pub bearer: Option<Bearer>,
    /// With [`Dimension::Submission`]: where the page begins.
    pub after: Option<Cursor>,
    /// Rows at most; 0 for [`MAX_REPORT_ROWS`].
    pub rows: u32,
}

impl ReportQuery {
    /// Everything in a period.
    pub const fn of(by: Dimension, from_ms: u64, to_ms: u64) -> Self {
        Self {
            by,
            from_ms,
            to_ms,
            source: None,
            initiator: None,
            group: None,
            area: None,
            channel: None,
            bearer: None,
            after: None,
            rows: 0,
        }
    }
}

/// How long pushes took from when they might be sent to their first packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AirTimes {
    /// Transmissions that have sent a packet.
    pub transmissions: u64,
    /// Half of them took at most so long, ms.
    pub median_ms: Option<u64>,
    /// Nineteen of twenty took at most so long, ms.
    pub p95_ms: Option<u64>,
    /// The slowest, ms.
    pub max_ms: Option<u64>,
}

/// What became of result notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NotificationCounts {
    /// Not yet posted.
    pub waiting: u64,
    /// The initiator has them.
    pub sent: u64,
    /// Given up.
    pub undeliverable: u64,
}

/// The figures of one row, or of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFigures {
    /// Pushes.
    pub submissions: u64,
    /// Their deliveries by what became of them. Measured.
    pub deliveries: DeliveryTotals,
    /// Transmissions begun. Measured.
    pub transmissions: u64,
    /// Of them, those that failed. Measured.
    pub transmissions_failed: u64,
    /// Complete passes or repetitions. Measured.
    pub passes: u64,
    /// Octets of the objects sent, times their passes, without headers and repair. Measured.
    pub bytes: u64,
    /// From when they might be sent to the first packet. Measured.
    pub air_times: AirTimes,
    /// What became of result notifications. Measured.
    pub notifications: NotificationCounts,
    /// Cells that have broadcast all messages of a push, each push's anew. Measured where the CBC
    /// tells.
    pub cells: Figure,
    /// Cells that were to broadcast them, at the centres that tell. Measured.
    pub cells_asked: Figure,
    /// Receivers that the groups and areas are expected to have. Estimated.
    pub receivers_expected: Figure,
    /// Receivers that have reported reception.
    pub receivers_reported: Figure,
}

/// Deliveries by what became of them, over a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeliveryTotals {
    /// Queued or being sent.
    pub pending: u64,
    /// Transmitted.
    pub delivered: u64,
    /// Withdrawn.
    pub cancelled: u64,
    /// Not in time.
    pub expired: u64,
    /// Undeliverable, timed out, rejected or aborted.
    pub failed: u64,
}

impl DeliveryTotals {
    /// All of them.
    pub const fn all(&self) -> u64 {
        self.pending + self.delivered + self.cancelled + self.expired + self.failed
    }
}

impl From<DeliveryCounts> for DeliveryTotals {
    fn from(counts: DeliveryCounts) -> Self {
        Self {
            pending: u64::from(counts.pending),
            delivered: u64::from(counts.delivered),
            cancelled: u64::from(counts.cancelled),
            expired: 0,
            failed: u64::from(counts.failed),
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRow {
    /// The group, area, channel, bearer, initiator, day (`YYYY-MM-DD`) or push that it is about.
    pub key: String,
    /// What to show for it: the title of an alert, the push-id; else the key.
    pub label: String,
    /// Its figures.
    pub figures: ReportFigures,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What it is about.
    pub query: ReportQuery,
    /// When it was made.
    pub made_ms: u64,
    /// Over all rows, also those of other pages. A push to two groups counts once here and in the
    /// row of each.
    pub total: ReportFigures,
    /// The rows: days in their order, pushes the newest first, others by number of deliveries.
    pub rows: Vec<ReportRow>,
    /// There are more rows than were asked for.
    pub next: Option<Cursor>,
}
