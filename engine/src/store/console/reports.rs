//! Sums over pushes, grouped by what a report is divided by.
//!
//! An object that carries several deliveries of a push is sent once, so passes and octets are
//! counted by object, not by transmission. Times to the first packet are counted in steps of one
//! percent, so that a report over many pushes reads some hundred rows and not each.

use std::collections::BTreeMap;

use crate::model::report::{
    DeliveryTotals, Dimension, MAX_REPORT_ROWS, NotificationCounts, ReportQuery,
};
use crate::model::{Address, Bearer, ChannelName, InitiatorName, MessageState, WorkspaceName};
use crate::store::definitions::escaped;
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
        for (step_ms, number) in &other.air_times {
            *self.air_times.entry(*step_ms).or_default() += number;
        }
        let (sum, more) = (&mut self.notifications, &other.notifications);
        sum.waiting += more.waiting;
        sum.sent += more.sent;
        sum.undeliverable += more.undeliverable;
    }
}

/// The clock that names keys may differ from the gateway's by so much, ms.
const KEY_MARGIN_MS: u64 = 2 * 86_400_000;

const SOURCE: &str = " FROM submission s \
     LEFT JOIN console_submission c ON c.submission_id = s.id \
     LEFT JOIN initiator_setting i ON i.initiator = s.initiator \
     JOIN delivery d ON d.submission_id = s.id ";
const TRANSMISSIONS: &str = "JOIN transmission t ON t.delivery_id = d.id ";
const OUTBOX: &str = "JOIN outbox o ON o.delivery_id = d.id ";
const SEEN: &str = "WHERE (c.workspace = # OR (c.submission_id IS NULL \
     AND s.initiator <> 'console' AND (i.workspace IS NULL OR i.workspace = #))) \
     AND s.received_ms >= # AND s.received_ms < # AND s.id >= # AND s.id < #";
/// ms from when it might be sent to the first packet, in steps of a percent.
const WAIT: &str = "CASE WHEN w < 1000 THEN w WHEN w < 10000 THEN w / 10 * 10 \
     WHEN w < 100000 THEN w / 100 * 100 ELSE w / 1000 * 1000 END";

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

struct Question<'a> {
    workspace: &'a WorkspaceName,
    query: &'a ReportQuery,
    by: Option<Dimension>,
}

impl Question<'_> {
    /// Rows about channels and bearers, or narrowed to one, are about transmissions.
    const fn is_of_transmissions(&self) -> bool {
        matches!(self.by, Some(Dimension::Bearer | Dimension::Channel))
            || self.query.channel.is_some()
            || self.query.bearer.is_some()
    }

    /// `SELECT key, columns FROM .. WHERE ..`
    fn ask(&self, columns: &'static str, join: &'static str) -> Ask {
        self.from(Ask::default(), columns, join)
    }

    fn from(&self, ask: Ask, columns: &'static str, join: &'static str) -> Ask {
        let Self {
            workspace, query, ..
        } = self;
        let ask = ask
            .with("SELECT ", Vec::new())
            .with(key(self.by), Vec::new())
            .with(" AS row_key", Vec::new())
            .with(columns, Vec::new())
            .with(SOURCE, Vec::new())
            .with(join, Vec::new());
        let ask = match self.is_of_transmissions() && join != TRANSMISSIONS {
            true => ask.with(TRANSMISSIONS, Vec::new()),
            false => ask,
        };
        let least = key_at(query.from_ms.saturating_sub(KEY_MARGIN_MS));
        let beyond = key_at(query.to_ms.saturating_add(KEY_MARGIN_MS));
        let name = workspace.as_str();
        let ask = ask.with(
            SEEN,
            values![name, name, query.from_ms, query.to_ms, least, beyond],
        );
        let ask = match query.source {
            Some(crate::model::listing::Source::Console) => {
                ask.with(" AND c.submission_id IS NOT NULL", Vec::new())
            }
            Some(crate::model::listing::Source::Pap) => {
                ask.with(" AND c.submission_id IS NULL", Vec::new())
            }
            None => ask,
        };
        let ask = match self.by {
            Some(Dimension::Group) => ask.given(" AND d.address_key LIKE # ESCAPE '!'", GROUPS),
            Some(Dimension::Area) => ask.given(" AND d.address_key LIKE # ESCAPE '!'", AREAS),
            Some(Dimension::Submission) => ask.given(
                " AND s.id < #",
                query.after.as_ref().map(|after| after.key.as_str()),
            ),
            _ => ask,
        };
        ask.given(
            " AND s.initiator = #",
            query.initiator.as_ref().map(InitiatorName::as_str),
        )
        .given(
            " AND d.address_key LIKE # ESCAPE '!'",
            like(query.group.as_deref().and_then(group_address)),
        )
        .given(
            " AND d.address_key LIKE # ESCAPE '!'",
            like(query.area.as_deref().and_then(area_address)),
        )
        .given(
            " AND t.channel = #",
            query.channel.as_ref().map(ChannelName::as_str),
        )
        .given(" AND t.bearer = #", query.bearer.map(Bearer::as_str))
    }
}

/// Normalised addresses of groups and of areas.
const GROUPS: Option<&str> = Some("WAPPUSH=group!%2F%/TYPE=USER@%");
const AREAS: Option<&str> = Some("WAPPUSH=area!%2F%/TYPE=USER@%");

/// The pattern of the addresses of one group or area, at whatever gateway.
fn like(address: Option<Address>) -> Option<String> {
    let address = address?;
    let (client, _) = address.key().rsplit_once('@')?;
    Some(format!("{}@%", escaped(client)))
}

/// Any gateway will do to write an address of which only what stands before is looked at.
const ANY_PPG: &str = "ppg";

fn group_address(name: &str) -> Option<Address> {
    Address::group(&name.parse().ok()?, ANY_PPG).ok()
}

fn area_address(name: &str) -> Option<Address> {
    Address::area(&name.parse().ok()?, ANY_PPG).ok()
}

type Parts = BTreeMap<String, ReportPart>;

impl Store {
    /// The sums of a report, by key: a number of days since 1970, a normalised address, or a name.
    /// Without a dimension there is one row under the empty key. At most [`MAX_REPORT_ROWS`] rows,
    /// of pushes the newest ones after the page's beginning.
    pub async fn report(
        &self,
        workspace: &WorkspaceName,
        query: &ReportQuery,
        by: Option<Dimension>,
    ) -> Result<BTreeMap<String, ReportPart>, StoreError> {
        let question = Question {
            workspace,
            query,
            by,
        };
        let mut parts = self.pushes(&question).await?;
        self.outcomes(&question, &mut parts).await?;
        self.objects(&question, &mut parts).await?;
        self.waits(&question, &mut parts).await?;
        self.notified(&question, &mut parts).await?;
        Ok(parts)
    }

    /// Titles of alerts, else push-ids, of some pushes.
    pub async fn titles(
        &self,
        ids: impl Iterator<Item = &String>,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let mut titles = BTreeMap::new();
        for id in ids {
            let query = sqlx::query(
                "SELECT s.id, s.push_id, a.title FROM submission s \
                 LEFT JOIN console_submission c ON c.submission_id = s.id \
                 LEFT JOIN alert a ON a.id = c.alert_id WHERE s.id = $1",
            );
            if let Some(row) = self.row(query.bind(id.clone())).await? {
                let row = Columns::new(&row, "submission");
                let title = row.text_or_null("title")?;
                let title = title.map_or_else(|| row.text("push_id"), Ok)?;
                titles.insert(id.clone(), title);
            }
        }
        Ok(titles)
    }

    async fn pushes(&self, question: &Question<'_>) -> Result<Parts, StoreError> {
        let rows = match question.query.rows {
            0 => MAX_REPORT_ROWS,
            rows => rows.min(MAX_REPORT_ROWS),
        };
        // One more shows that there are more.
        let ask = question.ask(", COUNT(DISTINCT s.id) AS number", "").with(
            " GROUP BY row_key ORDER BY row_key DESC LIMIT #",
            values![rows + 1],
        );
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
            .ask(", d.state, COUNT(DISTINCT d.id) AS number", "")
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
        let ask = Ask::default().with(
            "SELECT row_key, CAST(SUM(passes_done) AS BIGINT) AS passes, \
             CAST(SUM(passes_done * transfer_bytes) AS BIGINT) AS octets FROM (",
            Vec::new(),
        );
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
            }
        }
        Ok(())
    }

    async fn waits(&self, question: &Question<'_>, parts: &mut Parts) -> Result<(), StoreError> {
        let ask = Ask::default()
            .with("SELECT row_key, ", Vec::new())
            .with(WAIT, Vec::new())
            .with(" AS step, COUNT(*) AS number FROM (", Vec::new());
        let ask = question
            .from(
                ask,
                ", CASE WHEN t.first_packet_ms > s.due_ms AND s.due_ms > s.received_ms \
                 THEN t.first_packet_ms - s.due_ms \
                 WHEN t.first_packet_ms > s.received_ms AND s.due_ms <= s.received_ms \
                 THEN t.first_packet_ms - s.received_ms ELSE 0 END AS w",
                TRANSMISSIONS,
            )
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
mod tests {
    use super::*;

    #[test]
    fn keys_begin_with_their_time() {
        let key = uuid::Uuid::now_v7().to_string();
        let now_ms = u64::from_str_radix(&key[..13].replace('-', ""), 16).unwrap();
        assert!(key_at(now_ms) <= key);
        assert!(key < key_at(now_ms + 1));
    }

    #[test]
    fn a_name_in_a_pattern_stands_for_itself() {
        let pattern = like(group_address("a_b c%")).unwrap();
        assert_eq!(pattern, "WAPPUSH=group!%2Fa!%5Fb!%20c!%25/TYPE=USER@%");
    }
}
