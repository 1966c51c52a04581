//! P13: how soon after its acceptance is an urgent push on the air, while many others come in?
//!
//! The kernel stamps what is heard on the channel, which carries the others too. FDT Instances name
//! each push by its Content-Location; the first datagram with its TOI is the one that counts. What is
//! planned while it is taken in may be on the air before its answer is: that counts as no time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use pushcast_engine::ota::Interface;
use pushcast_engine::ota::socket::Ingress;
use sha2::Digest as _;

use super::gateway::{self, GROUP, GROUP_PORT, Gateway};
use super::load::{self, Connection, Target as Asked, on_this_thread};
use super::request::{ACCOUNT, Form};
use crate::figures::{Row, Samples, Target, Unit};
use crate::listen::Watcher;
use crate::{Extent, namespace};

/// Other submissions in a second.
const PER_SECOND: u32 = 1000;
/// Connections of the others.
const CONNECTIONS: usize = 64;
/// Between two urgent pushes.
const EVERY: Duration = Duration::from_millis(50);
/// Where the TOI stands in packets of these sessions, whose TSI and TOI have 16 bits.
const TOI: std::ops::Range<usize> = 10..12;

/// One urgent push.
struct Urgent {
    /// Content-Location in the FDT.
    location: String,
    /// When its request was sent and when its answer was there, by the clock that stamps datagrams.
    sent: Duration,
    accepted: Duration,
}

/// A datagram, as far as it matters.
enum Heard {
    /// TOI and Content-Location of files that an FDT packet names.
    Fdt(Vec<(u16, String)>),
    /// The TOI of content.
    Object(u16),
}

/// What a round came to, ms, sorted.
struct Round {
    from_request: Vec<f64>,
    from_acceptance: Vec<f64>,
}

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    namespace::alone(|| rows(extent))
}

fn rows(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let mut figures: [Samples; 4] = Default::default();
    for _ in 0..extent.rounds() {
        let Round {
            from_request,
            from_acceptance,
        } = round(Duration::from_millis(extent.choose(1000, 10_000)))?;
        let of_round = [
            percentile(&from_acceptance, 99.0),
            percentile(&from_acceptance, 50.0),
            percentile(&from_request, 99.0),
            percentile(&from_request, 50.0),
        ];
        for (samples, figure) in figures.iter_mut().zip(of_round) {
            samples.push(figure);
        }
    }
    let works = [
        "acceptance of an urgent push to its first packet, 1,000 others a second, p99",
        "the same, median",
        "request to first packet, p99",
        "the same, median",
    ];
    let rows = works.into_iter().zip(figures).map(|(work, samples)| {
        let row = Row::new("P13", work, Unit::Milliseconds).ours(samples);
        if work.starts_with("acceptance") {
            row.target(Target::AtMost(50.0))
        } else {
            row
        }
    });
    Ok(rows.collect())
}

fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * percent / 100.0).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

fn round(duration: Duration) -> anyhow::Result<Round> {
    let gateway = Gateway::start("")?;
    let ingress = Ingress {
        group: IpAddr::V4(GROUP),
        port: GROUP_PORT,
        source: None,
        interface: Interface::find("lo")?,
    };
    let watcher = Watcher::start(&ingress, heard)?;
    let others = Asked {
        port: gateway::PORT,
        form: Form::si("all"),
        prefix: "other".to_owned(),
    };
    let urgent = on_this_thread(async {
        let others = tokio::task::spawn_local(async move {
            load::open(&others, CONNECTIONS, PER_SECOND, duration).await
        });
        let urgent = urgent_pushes(duration).await;
        others.await??;
        urgent
    })??;
    gateway.admin().wait_for_queue()?;
    let first = first_packets(watcher.finish()?);
    gateway.stop()?;
    let mut round = Round {
        from_request: Vec::new(),
        from_acceptance: Vec::new(),
    };
    for push in urgent {
        let at = first.get(&push.location);
        let at = at.context("an urgent push never came on the air")?;
        let since = |from: Duration| (at.as_secs_f64() - from.as_secs_f64()) * 1e3;
        round.from_request.push(since(push.sent));
        // A packet may leave before the answer has reached the PI.
        round.from_acceptance.push(since(push.accepted).max(0.0));
    }
    round.from_request.sort_by(f64::total_cmp);
    round.from_acceptance.sort_by(f64::total_cmp);
    Ok(round)
}

fn heard(datagram: &[u8]) -> Option<Heard> {
    let toi = u16::from_be_bytes(datagram.get(TOI)?.try_into().ok()?);
    if toi != 0 {
        return Some(Heard::Object(toi));
    }
    let text = String::from_utf8_lossy(datagram);
    let files = text.split("<File ").skip(1).filter_map(|file| {
        let toi = attribute(file, "TOI")?.parse().ok()?;
        Some((toi, attribute(file, "Content-Location")?.to_owned()))
    });
    Some(Heard::Fdt(files.collect()))
}

fn attribute<'t>(file: &'t str, name: &str) -> Option<&'t str> {
    let value = file.split_once(&format!("{name}=\""))?.1;
    value.split_once('"').map(|(value, _)| value)
}

/// When the first datagram of each location's object was heard.
fn first_packets(heard: Vec<(Duration, Heard)>) -> HashMap<String, Duration> {
    let mut locations = HashMap::new();
    let mut first = HashMap::new();
    for (at, what) in heard {
        match what {
            Heard::Fdt(files) => locations.extend(files),
            Heard::Object(toi) => {
                if let Some(location) = locations.get(&toi) {
                    first.entry(String::clone(location)).or_insert(at);
                }
            }
        }
    }
    first
}

/// Content-Location of a push, as the gateway makes it.
fn location(push_id: &str) -> String {
    let mut hash = sha2::Sha256::new();
    hash.update(ACCOUNT);
    hash.update([0]);
    hash.update(push_id);
    let digest: String = (hash.finalize().iter())
        .take(16)
        .map(|octet| format!("{octet:02x}"))
        .collect();
    format!("urn:pushcast:pushcast:{digest}")
}

async fn urgent_pushes(duration: Duration) -> anyhow::Result<Vec<Urgent>> {
    let form = Form {
        quality_of_service: "<quality-of-service priority=\"high\"/>",
        ..Form::si("all")
    };
    let mut connection = Connection::open(gateway::PORT).await?;
    let began = tokio::time::Instant::now();
    // The first second pays for what happens once.
    let mut due = began + duration.min(Duration::from_secs(2)) / 2;
    let mut pushed = Vec::new();
    while due < began + duration {
        let push_id = format!("urgent-{}@bench", pushed.len());
        let request = form.request(&push_id, 0);
        tokio::time::sleep_until(due).await;
        let sent = wall()?;
        connection.submit(&request).await?;
        pushed.push(Urgent {
            location: location(&push_id),
            sent,
            accepted: wall()?,
        });
        due += EVERY;
    }
    ensure!(!pushed.is_empty(), "nothing urgent was pushed");
    Ok(pushed)
}

/// The clock by which the kernel stamps datagrams.
fn wall() -> anyhow::Result<Duration> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?)
}
