//! P10: how much memory does an idle session with one object of 2 kB hold?

use bytes::Bytes;
use pushcast_flute::Now;
use pushcast_flute::sender::{Carousel, Object, Repair, Session};

use crate::figures::{Row, Samples, Target, Unit};
use crate::packetize::START;
use crate::peer::{self, Peer};
use crate::{Extent, content, ours};

/// Length of the object, octets.
const OBJECT_BYTES: usize = 2000;
/// Time between two passes, ms: nothing happens in between.
const DELAY_MS: u64 = 3_600_000;

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let sessions = extent.choose(200, 2000);
    let octets = content::octets(OBJECT_BYTES);
    let mut ours = Samples::default();
    ours.push(held(sessions, || our_idle(&octets))?);
    let mut peer = Samples::default();
    peer.push(held(sessions / 4, || peer_idle(&octets))?);
    let work = "memory of an idle session with one 2 kB object";
    Ok(vec![
        Row::new("P10", work, Unit::Kibibytes)
            .target(Target::AtMost(32.0))
            .ours(ours)
            .peer(peer::NAME, peer),
    ])
}

/// Resident memory of this process, KiB.
fn resident() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let text = line.and_then(|line| line.split_whitespace().next());
    Ok(text.unwrap_or_default().parse()?)
}

/// KiB that each of many things adds.
fn held<T>(count: usize, make: impl Fn() -> anyhow::Result<T>) -> anyhow::Result<f64> {
    // The first ones pay for what the allocator and the libraries keep for all.
    let first: Vec<T> = (0..50).map(|_| make()).collect::<anyhow::Result<_>>()?;
    let before = resident()?;
    let all: Vec<T> = (0..count).map(|_| make()).collect::<anyhow::Result<_>>()?;
    let after = resident()?;
    drop((first, all));
    Ok((after - before) / count as f64)
}

/// A session between two passes, with the octets that it will send again.
fn our_idle(octets: &Bytes) -> anyhow::Result<(Session, Bytes)> {
    let octets = Bytes::copy_from_slice(octets);
    let oti = ours::raptorq(octets.len())?;
    let mut session = ours::session(None)?;
    let object = Object {
        carousel: Carousel {
            passes: Some(10),
            delay_ms: DELAY_MS,
            ..Carousel::ONCE
        },
        ..ours::object(1, oti, 10, Repair::default())
    };
    session.add_object(START, object)?;
    let mut burst = Vec::new();
    let mut packets = 0;
    for step in 0..100 {
        let now = Now {
            mono_ns: step * 1_000_000,
            unix_ms: START.unix_ms + step,
        };
        session.handle_timeout(now);
        while let Some(job) = session.poll_encode() {
            session.handle_encoded(ours::encode(job, &oti, &octets)?);
        }
        while let Some(transmit) = session.poll_transmit(now, 64, &mut burst) {
            packets += transmit.segments;
        }
        while session.poll_event().is_some() {}
    }
    anyhow::ensure!(packets >= 5, "only {packets} packets were sent");
    Ok((session, octets))
}

fn peer_idle(octets: &Bytes) -> anyhow::Result<Peer> {
    let mut peer = Peer::new(&peer::raptorq(64)?, octets, 10)?;
    let mut packets = 0;
    for _ in 0..6 {
        packets += usize::from(peer.read().is_some());
    }
    anyhow::ensure!(packets >= 3, "the peer sent only {packets} packets");
    Ok(peer)
}
