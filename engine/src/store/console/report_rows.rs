//! Figures of a report counted push by push: what is not in the sums, and what they cannot tell.
//!
//! An object that carries several deliveries of a push is sent once, so passes and octets are
//! counted by object, not by transmission. Times to the first packet are counted in steps of one
//! percent, so that many pushes make some hundred rows.

use std::collections::BTreeMap;

use super::report_names::{area_prefix, group_prefix, pattern};
use super::reports::ReportPart;
use super::sums::{wait_ms, wait_step};
use crate::model::report::{Dimension, ReportQuery};
use crate::model::{Bearer, ChannelName, InitiatorName, MessageState, WorkspaceName};
use crate::store::row::Columns;
use crate::store::steps::{Ask, values};
use crate::store::{Store, StoreError};

/// The clock that names keys may differ from the gateway's by so much, ms.
const KEY_MARGIN_MS: u64 = 2 * 86_400_000;
/// Ranges of one statement: what is missing is filled up with ranges that hold nothing, so that
/// there are few statements.
const RANGES: [usize; 3] = [1, 16, MAX_RANGES];
/// Most ranges of one statement.
pub(super) const MAX_RANGES: usize = 128;

const SOURCE: &str = "submission s \
     LEFT JOIN console_submission c ON c.submission_id = s.id \
     LEFT JOIN initiator_setting i ON i.initiator = s.initiator \
     CROSS JOIN delivery d ";
const SEEN: &str = "WHERE d.submission_id = s.id AND (c.workspace = # OR (c.submission_id IS NULL \
     AND s.initiator <> 'console' AND (i.workspace IS NULL OR i.workspace = #))) \
     AND s.received_ms >= # AND s.received_ms < #";

/// A table beside those of deliveries. SQLite keeps the order in which tables are crossed: left to
/// itself it would rather begin with all transmissions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Beside {
    table: &'static str,
    on: &'static str,
}

const NOTHING: Beside = Beside { table: "", on: "" };
const TRANSMISSIONS: Beside = Beside {
    table: "CROSS JOIN transmission t ",
    on: " AND t.delivery_id = d.id",
};
const OUTBOX: Beside = Beside {
    table: "CROSS JOIN outbox o ",
    on: " AND o.delivery_id = d.id",
};

/// From one key to another, both included.
pub(super) type Range = (String, String);

/// Which pushes are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Among<'a> {
    /// All of the period.
    All,
    /// Those in some ranges that have none in common.
    Ranges(&'a [Range]),
    /// Of those in a range, the ones that are in the sums.
    Summed(&'a [Range]),
    /// Those that are not in the sums.
    Uncounted,
}

/// What a row is about; addresses are decoded by the caller.
const fn key(dimension: Option<Dimension>) -> &'static str {
    match dimension {
        None => "''",
        Some(Dimension::Area | Dimension::Group) => "d.address_key",
        Some(Dimension::Bearer) => "t.bearer",
        Some(Dimension::Channel) => "t.channel",
        Some(Dimension::Day) => "CAST(s.received_ms / 86400000 AS TEXT)",
        Some(Dimension::Initiator) => "s.initiator",
        Some(Dimension::Submission) => "s.id",
    }
}

/// The smallest key of a push of that time or later: keys are UUIDs of version 7, whose first 48
/// bits are the time (RFC 9562 5.7).
fn key_at(unix_ms: u64) -> String {
    let hex = format!("{:012x}", unix_ms & 0xFFFF_FFFF_FFFF);
    format!("{}-{}", &hex[..8], &hex[8..])
}

/// One report's pushes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) workspace: &'a WorkspaceName,
    pub(super) query: &'a ReportQuery,
    pub(super) by: Option<Dimension>,
    pub(super) among: Among<'a>,
    /// Of the period, what this question is about.
    pub(super) from_ms: u64,
    pub(super) to_ms: u64,
    /// Rows at most.
    pub(super) limit: u32,
    /// Of groups and areas, the last that is asked for.
    pub(super) last_name: Option<&'a str>,
}

impl Question<'_> {
    /// Rows about channels and bearers, or narrowed to one, are about transmissions.
    const fn is_of_transmissions(&self) -> bool {
        matches!(self.by, Some(Dimension::Bearer | Dimension::Channel))
            || self.query.channel.is_some()
            || self.query.bearer.is_some()
    }

    /// What stands before everything else: the ranges.
    fn begin(&self) -> Ask {
        let (Among::Ranges(ranges) | Among::Summed(ranges)) = self.among else {
            return Ask::default();
        };
        let size = RANGES.into_iter().find(|size| ranges.len() <= *size);
        let mut ask = Ask::default().with("WITH r(a, b) AS (VALUES ", Vec::new());
        for place in 0..size.unwrap_or(ranges.len()) {
            let (from, to) = match ranges.get(place) {
                Some((from, to)) => (from.as_str(), to.as_str()),
                None => ("", ""),
            };
            let part = if place == 0 { "(#, #)" } else { ", (#, #)" };
            ask = ask.with(part, values![from, to]);
        }
        ask.with(") ", Vec::new())
    }

    /// `SELECT key, columns FROM .. WHERE ..`
    fn ask(&self, columns: &'static str, beside: Beside) -> Ask {
        self.from(self.begin(), columns, beside)
    }

    fn from(&self, ask: Ask, columns: &'static str, beside: Beside) -> Ask {
        let ask = ask
            .with("SELECT ", Vec::new())
            .with(key(self.by), Vec::new())
            .with(" AS row_key", Vec::new())
            .with(columns, Vec::new())
            .with(" FROM ", Vec::new());
        let ask = match self.among {
            // In this order: the ranges are few.
            Among::Ranges(_) | Among::Summed(_) => ask.with("r CROSS JOIN ", Vec::new()),
            Among::All | Among::Uncounted => ask,
        };
        let more = match self.is_of_transmissions() && beside != TRANSMISSIONS {
            true => TRANSMISSIONS,
            false => NOTHING,
        };
        let name = self.workspace.as_str();
        let ask = ask
            .with(SOURCE, Vec::new())
            .with(beside.table, Vec::new())
            .with(more.table, Vec::new())
            .with(SEEN, values![name, name, self.from_ms, self.to_ms])
            .with(beside.on, Vec::new())
            .with(more.on, Vec::new());
        self.narrowed(self.placed(ask))
    }

    fn placed(&self, ask: Ask) -> Ask {
        match self.among {
            Among::All => {
                let least = key_at(self.from_ms.saturating_sub(KEY_MARGIN_MS));
                let beyond = key_at(self.to_ms.saturating_add(KEY_MARGIN_MS));
                ask.with(" AND s.id >= # AND s.id < #", values![least, beyond])
            }
            Among::Ranges(_) => ask.with(" AND s.id >= r.a AND s.id <= r.b", Vec::new()),
            Among::Summed(_) => ask.with(
                " AND s.id >= r.a AND s.id <= r.b AND s.summed = 1",
                Vec::new(),
            ),
            Among::Uncounted => ask.with(" AND s.summed = 0", Vec::new()),
        }
    }

    fn narrowed(&self, ask: Ask) -> Ask {
        let query = self.query;
        let ask = match query.source {
            Some(crate::model::listing::Source::Console) => {
                ask.with(" AND c.submission_id IS NOT NULL", Vec::new())
            }
            Some(crate::model::listing::Source::Pap) => {
                ask.with(" AND c.submission_id IS NULL", Vec::new())
            }
            None => ask,
        };
        let after = query.after.as_ref().map(|after| after.key.as_str());
        let ask = match self.by {
            Some(dimension @ (Dimension::Area | Dimension::Group)) => {
                let pattern = if dimension == Dimension::Area {
                    AREAS
                } else {
                    GROUPS
                };
                ask.given(" AND d.address_key > #", after)
                    .given(" AND d.address_key <= #", self.last_name)
                    .with(" AND d.address_key LIKE # ESCAPE '!'", values![pattern])
            }
            Some(Dimension::Submission) => ask.given(" AND s.id < #", after),
            _ => ask,
        };
        ask.given(
            " AND s.initiator = #",
            query.initiator.as_ref().map(InitiatorName::as_str),
        )
        .given(
            " AND d.address_key LIKE # ESCAPE '!'",
            query.group.as_deref().and_then(group_prefix).map(pattern),
        )
        .given(
            " AND d.address_key LIKE # ESCAPE '!'",
            query.area.as_deref().and_then(area_prefix).map(pattern),
        )
        .given(
            " AND t.channel = #",
            query.channel.as_ref().map(ChannelName::as_str),
        )
        .given(" AND t.bearer = #", query.bearer.map(Bearer::as_str))
    }
}

/// Normalised addresses of groups and of areas.
const GROUPS: &str = "WAPPUSH=group!%2F%/TYPE=USER@%";
const AREAS: &str = "WAPPUSH=area!%2F%/TYPE=USER@%";

/// Of each object the passes, the octets, and the cells that have broadcast all its messages.
const OBJECTS: &str = "SELECT row_key, CAST(SUM(passes_done) AS BIGINT) AS passes, \
     CAST(SUM(passes_done * transfer_bytes) AS BIGINT) AS octets, \
     CAST(SUM(COALESCE((SELECT MIN(m.cells_installed) FROM cbs_message m \
     WHERE m.channel = x.channel AND m.toi = x.toi \
     AND m.submission_id = x.submission_id), 0)) AS BIGINT) AS cells, \
     CAST(SUM(COALESCE((SELECT MAX(m.cells_installed + m.cells_failed) FROM cbs_message m \
     WHERE m.channel = x.channel AND m.toi = x.toi \
     AND m.submission_id = x.submission_id), 0)) AS BIGINT) AS cells_asked FROM (";

pub(super) type Parts = BTreeMap<String, ReportPart>;

impl Store {
    /// The figures of some pushes, by key.
    pub(super) async fn counted(&self, question: &Question<'_>) -> Result<Parts, StoreError> {
        let mut parts = self.pushes(question).await?;
        self.figures(question, &mut parts).await?;
        Ok(parts)
    }

    /// Everything but how many pushes rows have; other rows than these are left out.
    pub(super) async fn figures(
        &self,
        question: &Question<'_>,
        parts: &mut Parts,
    ) -> Result<(), StoreError> {
        if parts.is_empty() {
            return Ok(());
        }
        self.outcomes(question, parts).await?;
        self.objects(question, parts).await?;
        self.waits(question, parts).await?;
        self.notified(question, parts).await
    }

    /// Rows and how many pushes each has.
    pub(super) async fn pushes(&self, question: &Question<'_>) -> Result<Parts, StoreError> {
        let ask = question.ask(", COUNT(DISTINCT s.id) AS number", NOTHING);
        let limit = values![question.limit];
        let ask = match question.by {
            Some(Dimension::Submission) => {
                ask.with(" GROUP BY row_key ORDER BY row_key DESC LIMIT #", limit)
            }
            _ => ask.with(" GROUP BY row_key ORDER BY row_key LIMIT #", limit),
        };
        let mut parts = Parts::new();
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "submission", "row_key");
            let part = ReportPart {
                submissions: row.number("number")?,
                ..ReportPart::default()
            };
            parts.insert(row.text("row_key")?, part);
        }
        Ok(parts)
    }

    async fn outcomes(&self, question: &Question<'_>, parts: &mut Parts) -> Result<(), StoreError> {
        let ask = question
            .ask(", d.state, COUNT(DISTINCT d.id) AS number", NOTHING)
            .with(" GROUP BY row_key, d.state", Vec::new());
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "delivery", "row_key");
            let Some(part) = parts.get_mut(&row.text("row_key")?) else {
                continue;
            };
            let totals = &mut part.deliveries;
            let total = match row.known("state", MessageState::from_pap)? {
                MessageState::Pending => &mut totals.pending,
                MessageState::Delivered => &mut totals.delivered,
                MessageState::Cancelled => &mut totals.cancelled,
                MessageState::Expired => &mut totals.expired,
                _ => &mut totals.failed,
            };
            *total += row.number::<u64>("number")?;
        }
        Ok(())
    }

    async fn objects(&self, question: &Question<'_>, parts: &mut Parts) -> Result<(), StoreError> {
        let ask = question
            .ask(
                ", COUNT(*) AS number, \
                 CAST(SUM(CASE WHEN t.state = 'failed' THEN 1 ELSE 0 END) AS BIGINT) AS failed",
                TRANSMISSIONS,
            )
            .with(" GROUP BY row_key", Vec::new());
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "transmission", "row_key");
            if let Some(part) = parts.get_mut(&row.text("row_key")?) {
                part.transmissions = row.number("number")?;
                part.transmissions_failed = row.number("failed")?;
            }
        }
        let ask = question.begin().with(OBJECTS, Vec::new());
        let ask = question
            .from(
                ask,
                ", t.submission_id, t.channel, t.toi, MAX(t.passes_done) AS passes_done, \
                 MAX(t.transfer_bytes) AS transfer_bytes",
                TRANSMISSIONS,
            )
            .with(
                " GROUP BY row_key, t.submission_id, t.channel, t.toi) x GROUP BY row_key",
                Vec::new(),
            );
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "transmission", "row_key");
            if let Some(part) = parts.get_mut(&row.text("row_key")?) {
                part.passes = row.number("passes")?;
                part.bytes = row.number("octets")?;
                part.cells = row.number("cells")?;
                part.cells_asked = row.number("cells_asked")?;
            }
        }
        Ok(())
    }

    async fn waits(&self, question: &Question<'_>, parts: &mut Parts) -> Result<(), StoreError> {
        let ask = question
            .begin()
            .with("SELECT row_key, ", Vec::new())
            .with(wait_step!(), Vec::new())
            .with(" AS step, COUNT(*) AS number FROM (", Vec::new());
        let ask = question
            .from(ask, concat!(", ", wait_ms!(), " AS w"), TRANSMISSIONS)
            .with(
                " AND t.first_packet_ms IS NOT NULL) x GROUP BY row_key, step",
                Vec::new(),
            );
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "transmission", "row_key");
            if let Some(part) = parts.get_mut(&row.text("row_key")?) {
                part.air_times
                    .insert(row.number("step")?, row.number("number")?);
            }
        }
        Ok(())
    }

    async fn notified(&self, question: &Question<'_>, parts: &mut Parts) -> Result<(), StoreError> {
        let ask = question
            .ask(", o.state, COUNT(DISTINCT d.id) AS number", OUTBOX)
            .with(" GROUP BY row_key, o.state", Vec::new());
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "outbox", "row_key");
            let Some(part) = parts.get_mut(&row.text("row_key")?) else {
                continue;
            };
            let counts = &mut part.notifications;
            let count = match row.text("state")?.as_str() {
                "waiting" => &mut counts.waiting,
                "done" => &mut counts.sent,
                _ => &mut counts.undeliverable,
            };
            *count += row.number::<u64>("number")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
