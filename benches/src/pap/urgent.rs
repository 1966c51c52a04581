//! P13: how soon after its acceptance is an urgent push on the air, while many others come in?
//!
//! Every urgent push carries octets that nothing else carries. They do not shrink when compressed,
//! so they stand in the first datagram of its content as they were pushed, where a receiver finds
//! them. The kernel stamps that datagram. Others and urgent ones go over the same channel.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use pushcast_engine::ota::Interface;

use super::gateway::{self, GROUP, GROUP_PORT, Gateway};
use super::load::{self, Connection, Target as Asked, find, on_this_thread};
use super::request::Form;
use crate::figures::{Row, Samples, Target, Unit};
use crate::listen::Watcher;
use crate::{Extent, namespace};

/// Other submissions in a second.
const PER_SECOND: u32 = 1000;
/// Connections of the others.
const CONNECTIONS: usize = 64;
/// Between two urgent pushes.
const EVERY: Duration = Duration::from_millis(50);
/// Hexadecimal digits that tell one urgent push from all others.
const MARK_BYTES: usize = 16;
/// In front of every mark.
const SIGN: &[u8] = b"urgent-";

/// One urgent push.
struct Urgent {
    mark: Vec<u8>,
    /// When its request was sent and when its answer was there, by the clock that stamps datagrams.
    sent: Duration,
    accepted: Duration,
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
    let watcher = Watcher::start(
        (IpAddr::V4(GROUP), GROUP_PORT),
        Interface::find("lo")?,
        |datagram| {
            let at = find(datagram, SIGN)? + SIGN.len();
            datagram.get(at..at + MARK_BYTES).map(<[u8]>::to_vec)
        },
    )?;
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
    gateway.admin().wait_for_done(urgent.len())?;
    std::thread::sleep(Duration::from_millis(200));
    let seen = first_seen(watcher.finish()?);
    gateway.stop()?;
    let mut round = Round {
        from_request: Vec::new(),
        from_acceptance: Vec::new(),
    };
    for push in urgent {
        let at = seen.get(&push.mark);
        let at = at.context("an urgent push never came on the air")?;
        let since = |from: Duration| at.as_secs_f64() * 1e3 - from.as_secs_f64() * 1e3;
        round.from_request.push(since(push.sent));
        // A packet may leave before the answer has reached the PI.
        round.from_acceptance.push(since(push.accepted).max(0.0));
    }
    round.from_request.sort_by(f64::total_cmp);
    round.from_acceptance.sort_by(f64::total_cmp);
    Ok(round)
}

fn first_seen(heard: Vec<(Duration, Vec<u8>)>) -> HashMap<Vec<u8>, Duration> {
    let mut seen = HashMap::new();
    for (at, mark) in heard {
        seen.entry(mark).or_insert(at);
    }
    seen
}

async fn urgent_pushes(duration: Duration) -> anyhow::Result<Vec<Urgent>> {
    let mut connection = Connection::open(gateway::PORT).await?;
    let began = tokio::time::Instant::now();
    // The first second pays for what happens once.
    let mut due = began + duration.min(Duration::from_secs(1)) / 2;
    let mut pushed = Vec::new();
    while due < began + duration {
        let number = pushed.len();
        let mark = format!("{:016x}", crate::content::number(number as u64));
        let form = Form {
            quality_of_service: "<quality-of-service priority=\"high\"/>",
            content: (
                "application/octet-stream",
                format!("{}{mark}", String::from_utf8_lossy(SIGN)),
            ),
            ..Form::si("all")
        };
        let request = form.request(&format!("urgent-{number}@bench"));
        tokio::time::sleep_until(due).await;
        let sent = wall()?;
        connection.submit(&request).await?;
        pushed.push(Urgent {
            mark: mark.into_bytes(),
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

/// Where the channel of these gateways is heard.
pub(crate) const fn group() -> Ipv4Addr {
    GROUP
}
