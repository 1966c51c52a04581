//! What a gateway has behind it after a busy month.
//!
//! One push in 50 is an alert of the console, one in 10 has three targets, one transmission in five
//! went over Cell Broadcast. Of each hundred deliveries 94 are delivered and the others expired,
//! failed or were cancelled. What is not over is due far ahead, but for some alerts that are due
//! now: the gateway puts them on the air itself.

mod alerts;
mod names;

use std::fmt::Write as _;

use pushcast_engine::model::alert::{
    Approval, Approved, Message, Severity, Stage, Standing, Start,
};
use pushcast_engine::model::outline::{Outline, Place, Shape};
use pushcast_engine::model::{
    Alert, AlertContent, AliasGroup, Deliver, GroupName, ServiceArea, UserName,
};
use sqlx::AnyConnection;

use super::fill::{Database, Filled, Table, text};

/// How much is stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extents {
    pub(super) submissions: u32,
    pub(super) groups: u32,
    pub(super) areas: u32,
    pub(super) audit: u32,
}

/// The history's length, ms: finished pushes are kept so long.
const PERIOD_MS: u64 = 29 * 86_400_000;
/// When pushes that wait for their time are due.
const LATER_MS: u64 = 4_000_000_000_000;
/// Every so many pushes one is an alert of the console.
const ALERT_EVERY: u32 = 50;
/// Alerts on the air.
const LIVE: u32 = 10;
/// Alerts that wait for approval, and as many drafts.
const WAITING: u32 = 60;
/// Channels that have carried it; the last one is gone.
const CHANNELS: [(&str, &str); 3] = [("air", "MBMS"), ("round", "MBMS"), ("cells", "CBS")];
const HASH: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

/// A key that sorts by its time, as UUIDs of version 7 do.
fn key(unix_ms: u64, number: u64) -> String {
    let time = format!("{:012x}", unix_ms & 0xFFFF_FFFF_FFFF);
    let number = number & 0xFFFF_FFFF_FFFF;
    format!("{}-{}-7000-8000-{number:012x}", &time[..8], &time[8..])
}

/// Writes all of it.
pub(super) async fn write(
    connection: &mut AnyConnection,
    database: &Database,
    extents: &Extents,
    now_ms: u64,
) -> anyhow::Result<Filled> {
    names::names(connection, extents, now_ms).await?;
    names::audit(connection, extents, now_ms).await?;
    let history = History {
        database,
        extents: *extents,
        now_ms,
    };
    history.submissions(connection).await?;
    history.marks(connection).await?;
    history.deliveries(connection).await?;
    history.transmissions(connection).await?;
    history.messages(connection).await?;
    history.notifications(connection).await?;
    let (alert, draft) = history.alerts(connection).await?;
    // Its number is of ten, and no alert's: three targets, over.
    let push = history.push(10).id.parse()?;
    Ok(Filled { push, alert, draft })
}

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Cancelled,
    Delivered,
    Expired,
    Failed,
    /// An alert that is due now.
    Live,
    /// Waits for its time, or for somebody.
    Waiting,
}

/// One push.
struct Push {
    number: u32,
    id: String,
    received_ms: u64,
    fate: Fate,
    targets: u32,
}

impl Push {
    const fn is_alert(&self) -> bool {
        self.number.is_multiple_of(ALERT_EVERY) || matches!(self.fate, Fate::Live)
    }

    fn alert_id(&self) -> String {
        key(self.received_ms - 60_000, u64::from(self.number))
    }

    const fn is_over(&self) -> bool {
        !matches!(self.fate, Fate::Live | Fate::Waiting)
    }

    fn delivery(&self, target: u32) -> String {
        let number = u64::from(self.number) * 8 + u64::from(target);
        key(self.received_ms, 1 << 40 | number)
    }

    /// A group, but for areas that alerts on the air have and the third target of others.
    fn address(&self, target: u32, extents: &Extents) -> String {
        let (kind, name) = if self.fate == Fate::Live || target == 2 {
            (
                "area",
                format!("a{}", (self.number + target) % extents.areas),
            )
        } else {
            let group = self.number.wrapping_mul(7919).wrapping_add(target * 31);
            ("group", format!("g{}", group % extents.groups))
        };
        format!("WAPPUSH={kind}%2F{name}/TYPE=USER@pushcast")
    }

    fn state(&self) -> (&'static str, u32) {
        match self.fate {
            Fate::Cancelled => ("cancelled", 1000),
            Fate::Delivered => ("delivered", 1000),
            Fate::Expired => ("expired", 4000),
            Fate::Failed => ("undeliverable", 3010),
            Fate::Live | Fate::Waiting => ("pending", 1001),
        }
    }

    fn channel(&self) -> (&'static str, &'static str) {
        CHANNELS[match self.number % 5 {
            0 => 2,
            1 => 1,
            _ => 0,
        }]
    }

    fn was_sent(&self) -> bool {
        matches!(self.fate, Fate::Delivered | Fate::Cancelled)
    }
}

struct History<'d> {
    database: &'d Database,
    extents: Extents,
    now_ms: u64,
}

impl History<'_> {
    fn push(&self, number: u32) -> Push {
        let step = PERIOD_MS / u64::from(self.extents.submissions);
        let received_ms = self.now_ms - PERIOD_MS + u64::from(number) * step;
        let left = self.extents.submissions - number;
        let fate = match (left, number % 100) {
            (1..=LIVE, _) => Fate::Live,
            (..=1_000, _) => Fate::Waiting,
            (_, 11 | 41) => Fate::Expired,
            (_, 12 | 42) => Fate::Failed,
            (_, 13 | 43) => Fate::Cancelled,
            _ => Fate::Delivered,
        };
        Push {
            number,
            id: key(received_ms, u64::from(number)),
            received_ms,
            fate,
            targets: match (fate, number % 10) {
                (Fate::Live, _) => 2,
                (_, 0) => 3,
                _ => 1,
            },
        }
    }

    fn pushes(&self) -> impl Iterator<Item = Push> {
        (0..self.extents.submissions).map(|number| self.push(number))
    }

    async fn submissions(&self, connection: &mut AnyConnection) -> anyhow::Result<()> {
        let mut table = Table::new(
            connection,
            "INSERT INTO submission (id, initiator, push_id, origin_push_id, revision, \
             request_sha256, pap_version, pi_lists_versions, received_ms, due_ms, \
             deliver_before_ms, deliver_before_given, progress_notes, priority, content_type, \
             headers, body, body_bytes, state, attempts, next_ms, closed_at_ms)",
        );
        let words = "The river Aln rises. Leave low ground now.";
        let hex: String = words.bytes().fold(String::new(), |mut hex, octet| {
            // Writing to a String does not fail.
            let _ = write!(hex, "{octet:02x}");
            hex
        });
        let body = self.database.octets(&hex);
        for push in self.pushes() {
            let received_ms = push.received_ms;
            let (initiator, push_id) = if push.is_alert() {
                (
                    "console".to_owned(),
                    format!("alert-{}/1/en", push.alert_id()),
                )
            } else {
                let initiator = format!("pi{}", push.number % 7);
                (initiator, format!("push-{}@example.com", push.number))
            };
            let due_ms = match push.fate {
                Fate::Waiting => LATER_MS + u64::from(push.number),
                Fate::Live => self.now_ms,
                _ => received_ms,
            };
            let (state, closed) = match push.is_over() {
                true => ("done", (received_ms + 6_000).to_string()),
                false => ("queued", "NULL".to_owned()),
            };
            let row = format!(
                "'{}', '{initiator}', '{push_id}', '{push_id}', 1, '{HASH}', '2.0', 0, \
                 {received_ms}, {due_ms}, {}, 0, 0, 1, 'text/plain; charset=utf-8', '[]', {body}, \
                 {}, '{state}', 1, {due_ms}, {closed}",
                push.id,
                due_ms.max(self.now_ms) + 3_600_000,
                words.len(),
            );
            table.add(row).await?;
        }
        table.flush().await
    }

    /// Which of them are the console's, and which wait for somebody to let them go.
    async fn marks(&self, connection: &mut AnyConnection) -> anyhow::Result<()> {
        let mut table = Table::new(
            connection,
            "INSERT INTO console_submission (submission_id, workspace, alert_id, version, \
             language, part, directive)",
        );
        for push in self.pushes().filter(Push::is_alert) {
            let alert = push.alert_id();
            let row = format!("'{}', 'live', '{alert}', 1, 'en', 'text', '{{}}'", push.id);
            table.add(row).await?;
        }
        table.flush().await?;
        let mut table = Table::new(
            connection,
            "INSERT INTO held_submission (submission_id, since_ms)",
        );
        let held = self.pushes().filter(|push| {
            push.fate == Fate::Waiting && !push.is_alert() && push.number.is_multiple_of(5)
        });
        for push in held {
            table
                .add(format!("'{}', {}", push.id, push.received_ms))
                .await?;
        }
        table.flush().await
    }

    async fn deliveries(&self, connection: &mut AnyConnection) -> anyhow::Result<()> {
        let mut table = Table::new(
            connection,
            "INSERT INTO delivery (id, submission_id, position, address_raw, address_key, state, \
             code, description, event_ms, bearer)",
        );
        for push in self.pushes() {
            let (state, code) = push.state();
            let bearer = match push.was_sent() {
                true => format!("'{}'", push.channel().1),
                false => "NULL".to_owned(),
            };
            for target in 0..push.targets {
                let address = push.address(target, &self.extents);
                let row = format!(
                    "'{}', '{}', {target}, '{address}', '{address}', '{state}', {code}, '', {}, \
                     {bearer}",
                    push.delivery(target),
                    push.id,
                    push.received_ms + 400,
                );
                table.add(row).await?;
            }
        }
        table.flush().await
    }

    async fn transmissions(&self, connection: &mut AnyConnection) -> anyhow::Result<()> {
        let mut table = Table::new(
            connection,
            "INSERT INTO transmission (id, submission_id, delivery_id, channel, bearer, required, \
             priority, toi, epoch, object_sha256, transfer_bytes, content_bytes, gzip, \
             content_md5, fec_encoding_id, oti, content_location, content_type, plan_passes, \
             plan_delay_ms, plan_until_ms, plan_repair_percent, state, passes_done, planned_ms, \
             first_packet_ms, transmitted_ms, ended_ms, description, object)",
        );
        let md5 = self.database.octets("000102030405060708090a0b0c0d0e0f");
        let oti = self.database.octets("0000000000f0000005780001");
        let object = self.database.octets(&"5a".repeat(180));
        for push in self.pushes().filter(|push| push.was_sent()) {
            let (channel, bearer) = push.channel();
            let at_ms = push.received_ms;
            let (state, passes) = match push.fate {
                Fate::Cancelled => ("withdrawn", 0),
                _ => ("ended", 3),
            };
            let wait_ms = 3 + u64::from(push.number % 40);
            for target in 0..push.targets {
                let id = push.delivery(target);
                let row = format!(
                    "'{}', '{}', '{id}', '{channel}', '{bearer}', 1, 1, {}, 1, '{HASH}', 180, 240, \
                     1, {md5}, 0, {oti}, 'push', 'application/vnd.oma.push', 3, 2000, {}, 0, \
                     '{state}', {passes}, {at_ms}, {}, {}, {}, '', {object}",
                    key(
                        at_ms,
                        (2 << 40) | (u64::from(push.number) * 8 + u64::from(target))
                    ),
                    push.id,
                    push.number % 65_000 + 1,
                    at_ms + 3_600_000,
                    at_ms + wait_ms,
                    at_ms + 400,
                    at_ms + 6_000,
                );
                table.add(row).await?;
            }
        }
        table.flush().await
    }

    async fn messages(&self, connection: &mut AnyConnection) -> anyhow::Result<()> {
        let mut table = Table::new(
            connection,
            "INSERT INTO cbs_message (id, submission_id, channel, link, toi, position, \
             message_id, serial, epoch, pages_sha256, broadcast, stamps, state, planned_ms, \
             until_ms, taken_ms, ended_ms, cells_installed, cells_failed, broadcasts_done, \
             description, released)",
        );
        let of_cells = |push: &Push| push.channel().0 == "cells" && push.was_sent();
        for push in self.pushes().filter(of_cells) {
            let at_ms = push.received_ms;
            let row = format!(
                "'{}', '{}', 'cells', 'centre', {}, 0, 919, {}, 1, '{HASH}', '{{}}', '[]', 'done', \
                 {at_ms}, {}, {}, {}, 40, 2, 1200, '', 1",
                key(at_ms, 3 << 40 | u64::from(push.number)),
                push.id,
                push.number % 65_000 + 1,
                push.number % 65_536,
                at_ms + 3_600_000,
                at_ms + 90,
                at_ms + 6_000,
            );
            table.add(row).await?;
        }
        table.flush().await
    }

    async fn notifications(&self, connection: &mut AnyConnection) -> anyhow::Result<()> {
        let mut table = Table::new(
            connection,
            "INSERT INTO outbox (delivery_id, url, created_ms, attempts, next_ms, state)",
        );
        let told = |push: &Push| !push.is_alert() && push.is_over() && push.number % 3 == 1;
        for push in self.pushes().filter(told) {
            for target in 0..push.targets {
                let at_ms = push.received_ms + 400;
                let id = push.delivery(target);
                let row = format!("'{id}', 'http://pi.example/told', {at_ms}, 1, {at_ms}, 'done'");
                table.add(row).await?;
            }
        }
        table.flush().await
    }
}
