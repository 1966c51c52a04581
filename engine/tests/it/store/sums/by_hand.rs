//! A random history, and its reports counted push by push.

mod counting;

use std::collections::{BTreeMap, BTreeSet};

use pushcast_engine::model::listing::Source;
use pushcast_engine::model::report::{Dimension, ReportQuery};
use pushcast_engine::model::{Address, Target};
use pushcast_engine::store::{Dialect, ReportPart};

use crate::store::fixtures::{HOUR, NOW};
use crate::store::place::Place;

/// Length of the history, days.
pub(super) const DAYS: u64 = 4;
const PUSHES: u64 = 180;
const CHANNELS: [(&str, &str); 3] = [("air", "MBMS"), ("cells", "CBS"), ("bcast", "BCAST")];
const STATES: [&str; 5] = [
    "delivered",
    "cancelled",
    "expired",
    "undeliverable",
    "timeout",
];

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn is(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

struct Sent {
    channel: &'static str,
    bearer: &'static str,
    toi: u64,
    failed: bool,
    passes: u64,
    bytes: u64,
    first_packet_ms: Option<u64>,
}

struct Delivery {
    key: String,
    state: &'static str,
    outbox: Option<&'static str>,
    sent: Vec<Sent>,
}

struct Push {
    id: String,
    initiator: String,
    console: bool,
    received_ms: u64,
    due_ms: u64,
    closed_ms: Option<u64>,
    deliveries: Vec<Delivery>,
    /// Messages by channel and TOI: id, and what cells said.
    cells: Vec<Message>,
}

/// Channel, TOI, id, and of how many cells how often something was said.
type Message = (&'static str, u64, String, Option<(u32, u32)>);

/// A history.
pub(super) struct History {
    pub(super) seed: u64,
    pushes: Vec<Push>,
}

fn push(random: &mut Random, seed: u64, number: u64) -> Push {
    let received_ms = NOW - DAYS * 24 * HOUR + number * DAYS * 24 * HOUR / PUSHES;
    let received_ms = received_ms + random.below(1_000_000);
    let console = random.is(20);
    let open = random.is(10);
    let time = format!("{received_ms:012x}");
    let id = format!(
        "{}-{}-7000-{seed:04x}-{number:012x}",
        &time[..8],
        &time[8..]
    );
    let due_ms = received_ms + if random.is(30) { 5_000 } else { 0 };
    let mut deliveries = Vec::new();
    let mut cells: Vec<Message> = Vec::new();
    let mut addresses = BTreeSet::new();
    for _ in 0..=random.below(3) {
        let name = match random.below(5) {
            0 => "area%2Fa2",
            1 => "group%2Fg%201",
            2 => "group%2Fg10",
            _ => "group%2Fg0",
        };
        addresses.insert(format!("WAPPUSH={name}/TYPE=USER@ppg"));
    }
    for key in addresses {
        let state = match open && random.is(60) {
            true => "pending",
            false => STATES[random.below(5) as usize],
        };
        let sent = transmissions(random, number, due_ms);
        for of_cells in sent.iter().filter(|sent| sent.channel == "cells") {
            let toi = of_cells.toi;
            if cells.iter().any(|(_, other, ..)| *other == toi) {
                continue;
            }
            for part in 0..=random.below(2) {
                let told = random.is(70).then(|| (random.below(40) as u32, 2));
                cells.push(("cells", toi, format!("m-{id}-{toi}-{part}"), told));
            }
        }
        deliveries.push(Delivery {
            key,
            state,
            outbox: (!console && random.is(50)).then(|| match random.below(10) {
                0 => "waiting",
                1 => "failed",
                _ => "done",
            }),
            sent,
        });
    }
    Push {
        id,
        initiator: match console {
            true => "console".to_owned(),
            false => format!("pi{}", random.below(3)),
        },
        console,
        received_ms,
        due_ms,
        closed_ms: (!open).then_some(received_ms + 10_000),
        deliveries,
        cells,
    }
}

/// Those of one delivery.
fn transmissions(random: &mut Random, number: u64, due_ms: u64) -> Vec<Sent> {
    let mut sent = Vec::new();
    for (place, (channel, bearer)) in CHANNELS.into_iter().enumerate() {
        if random.is(55) {
            continue;
        }
        sent.push(Sent {
            channel,
            bearer,
            // Deliveries of a push may share an object.
            toi: number * 4 + random.below(2),
            failed: random.is(10),
            passes: random.below(4),
            bytes: 100 + place as u64,
            first_packet_ms: random.is(80).then(|| due_ms + random.below(20_000)),
        });
    }
    sent
}

impl History {
    pub(super) fn random(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let pushes = (0..PUSHES).map(|number| push(&mut random, seed, number));
        Self {
            seed,
            pushes: pushes.collect(),
        }
    }

    /// More is known of the cells of a push that is over and told.
    pub(super) fn more_cells(&mut self) -> (String, (u32, u32)) {
        let told = |push: &Push| {
            let waits = |delivery: &Delivery| delivery.outbox == Some("waiting");
            push.closed_ms.is_some() && !push.deliveries.iter().any(waits)
        };
        let mut over = self.pushes.iter_mut().filter(|push| told(push));
        let message = over.find_map(|push| push.cells.last_mut()).unwrap();
        message.3 = Some((123, 4));
        (message.2.clone(), (123, 4))
    }

    /// Forgets what was over before a time and is told; says how many that are.
    pub(super) fn forget(&mut self, before_ms: u64) -> u64 {
        let count = self.pushes.len();
        self.pushes.retain(|push| {
            let waits = push
                .deliveries
                .iter()
                .any(|one| one.outbox == Some("waiting"));
            waits
                || push
                    .closed_ms
                    .is_none_or(|closed_ms| closed_ms >= before_ms)
        });
        (count - self.pushes.len()) as u64
    }

    /// Writes it beside the store.
    pub(super) async fn store(&self, place: &Place) {
        let octets = match place.dialect() {
            Dialect::Postgres => "'\\x00112233445566778899aabbccddeeff'::bytea",
            Dialect::Sqlite => "x'00112233445566778899aabbccddeeff'",
        };
        for push in &self.pushes {
            place.execute(&push.sql(octets)).await;
        }
    }

    pub(super) async fn clear(&self, place: &Place) {
        for table in [
            "submission",
            "cbs_message",
            "report_sum",
            "report_wait",
            "used_push_id",
        ] {
            place.execute(&format!("DELETE FROM {table}")).await;
        }
    }

    /// A report, counted.
    pub(super) fn report(
        &self,
        query: &ReportQuery,
        by: Option<Dimension>,
    ) -> BTreeMap<String, ReportPart> {
        let mut parts = BTreeMap::new();
        for push in self.pushes.iter().filter(|push| push.is_asked_for(query)) {
            push.count(query, by, &mut parts);
        }
        parts
    }
}

impl Push {
    fn sql(&self, octets: &str) -> String {
        let number = |number: Option<u64>| number.map_or("NULL".to_owned(), |n| n.to_string());
        let Self {
            id,
            initiator,
            received_ms,
            due_ms,
            ..
        } = self;
        let state = if self.closed_ms.is_some() {
            "done"
        } else {
            "planned"
        };
        let mut sql = format!(
            "INSERT INTO submission (id, initiator, push_id, origin_push_id, revision, \
             request_sha256, pap_version, pi_lists_versions, received_ms, due_ms, \
             deliver_before_ms, deliver_before_given, progress_notes, priority, content_type, \
             headers, body, body_bytes, state, attempts, next_ms, closed_at_ms) VALUES ('{id}', \
             '{initiator}', '{id}', '{id}', 1, '{:064}', '2.0', 0, {received_ms}, {due_ms}, \
             {due_ms}, 0, 0, 1, 'text/plain', '[]', {octets}, 16, '{state}', 1, {due_ms}, {});",
            0,
            number(self.closed_ms),
        );
        if self.console {
            sql += &format!(
                "INSERT INTO console_submission (submission_id, workspace, part, directive) \
                 VALUES ('{id}', 'live', 'text', '{{}}');"
            );
        }
        for (place, one) in self.deliveries.iter().enumerate() {
            let delivery = format!("d-{id}-{place}");
            let Delivery { key, state, .. } = one;
            sql += &format!(
                "INSERT INTO delivery (id, submission_id, position, address_raw, address_key, \
                 state, code, description, event_ms) VALUES ('{delivery}', '{id}', {place}, \
                 '{key}', '{key}', '{state}', 1000, '', {due_ms});"
            );
            if let Some(state) = one.outbox {
                sql += &format!(
                    "INSERT INTO outbox (delivery_id, url, created_ms, attempts, next_ms, state) \
                     VALUES ('{delivery}', 'http://pi.example', {due_ms}, 1, {due_ms}, '{state}');"
                );
            }
            for sent in &one.sent {
                sql += &sent.sql((id, &delivery), *due_ms, self.closed_ms, octets);
            }
        }
        for (channel, toi, message, cells) in &self.cells {
            let (installed, failed) = cells.unzip();
            sql += &format!(
                "INSERT INTO cbs_message (id, submission_id, channel, link, toi, position, \
                 message_id, serial, epoch, pages_sha256, broadcast, stamps, state, planned_ms, \
                 until_ms, ended_ms, cells_installed, cells_failed, description, released) \
                 VALUES ('{message}', '{id}', '{channel}', 'centre', {toi}, 0, 919, 1, 1, '', \
                 '{{}}', '[]', 'done', {due_ms}, {due_ms}, {}, {}, {}, '', 1);",
                number(self.closed_ms),
                number(installed.map(u64::from)),
                number(failed.map(u64::from)),
            );
        }
        sql
    }
}

impl Sent {
    fn sql(
        &self,
        (push, delivery): (&str, &str),
        at_ms: u64,
        ended_ms: Option<u64>,
        octets: &str,
    ) -> String {
        let number = |number: Option<u64>| number.map_or("NULL".to_owned(), |n| n.to_string());
        let state = match (self.failed, ended_ms) {
            (true, _) => "failed",
            (false, Some(_)) => "ended",
            (false, None) => "onair",
        };
        let Self {
            channel,
            bearer,
            toi,
            passes,
            bytes,
            ..
        } = self;
        format!(
            "INSERT INTO transmission (id, submission_id, delivery_id, channel, bearer, required, \
             priority, toi, epoch, object_sha256, transfer_bytes, content_bytes, gzip, \
             content_md5, fec_encoding_id, oti, content_location, content_type, plan_delay_ms, \
             plan_until_ms, plan_repair_percent, state, passes_done, planned_ms, first_packet_ms, \
             ended_ms, description, object) VALUES ('t-{delivery}-{channel}', '{push}', \
             '{delivery}', '{channel}', '{bearer}', 1, 1, {toi}, 1, '{:064}', {bytes}, {bytes}, \
             0, {octets}, 0, {octets}, 'x', 'x', 0, {at_ms}, 0, '{state}', {passes}, {at_ms}, {}, \
             {}, '', {octets});",
            0,
            number(self.first_packet_ms),
            number(ended_ms),
        )
    }
}
