//! P8: how exactly is the rate of a channel kept?

use std::time::Duration;

use anyhow::Context as _;
use pushcast_flute::sender::Repair;

use crate::figures::{Row, Samples, Target, Unit};
use crate::listen::{Arrival, Stopwatch};
use crate::ours::{Load, OurLane, Route};
use crate::peer::{self, Peer};
use crate::{Extent, content, ours};

/// IPv4 and UDP headers, octets.
const OVERHEAD_BYTES: usize = 28;

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let window = extent.choose(Duration::from_millis(500), Duration::from_secs(10));
    [1, 20, 100]
        .into_iter()
        .map(|megabits| row(window, megabits))
        .collect()
}

fn row(window: Duration, megabits: u64) -> anyhow::Result<Row> {
    let route = Route::loopback(8)?;
    let rate_bps = megabits * 1_000_000;
    let mut ours = Samples::default();
    ours.push(our_error(&route, rate_bps, window)?);
    let mut peer = Samples::default();
    peer.push(peer_error(&route, rate_bps, window)?);
    let work = format!("pacing error over 10 s at {megabits} Mbit/s");
    Ok(Row::new("P8", work, Unit::Percent)
        .target(Target::AtMost(1.0))
        .ours(ours)
        .peer(peer::NAME, peer))
}

/// Octets that take so long at a rate.
fn octets_for(rate_bps: u64, time: Duration) -> usize {
    (rate_bps as f64 * time.as_secs_f64() / 8.0) as usize
}

/// Percent by which the rate of a window differs from the one that was asked for.
fn our_error(route: &Route, rate_bps: u64, window: Duration) -> anyhow::Result<f64> {
    let octets = content::octets(octets_for(rate_bps, window + window / 5));
    let load = Load {
        oti: ours::no_code(octets.len())?,
        octets,
        passes: 1,
        repair: Repair::default(),
    };
    let mut lane = OurLane::start(route, None, Some(rate_bps))?;
    let stopwatch = Stopwatch::start(route)?;
    lane.begin(&load)?;
    lane.wait_for_end()?;
    let arrivals = stopwatch.finish()?;
    let first = arrivals.first().context("nothing arrived")?.at;
    let within = |arrival: &&Arrival| arrival.at - first < window;
    let bits: usize = arrivals
        .iter()
        .filter(within)
        .map(|arrival| (arrival.bytes + OVERHEAD_BYTES) * 8)
        .sum();
    Ok((bits as f64 / window.as_secs_f64() / rate_bps as f64 - 1.0) * 100.0)
}

/// The peer is told in which time its object has to be sent.
fn peer_error(route: &Route, rate_bps: u64, window: Duration) -> anyhow::Result<f64> {
    let octets = content::octets(octets_for(rate_bps, window));
    let peer = Peer::within(&peer::no_code(), &octets, window)?;
    let stopwatch = Stopwatch::start(route)?;
    peer.send_paced(route, None)?;
    std::thread::sleep(Duration::from_millis(50));
    let arrivals = stopwatch.finish()?;
    let (first, last) = (arrivals.first(), arrivals.last());
    let first = first.context("nothing arrived")?.at;
    let taken = last.context("nothing arrived")?.at - first;
    Ok((window.as_secs_f64() / taken.as_secs_f64() - 1.0) * 100.0)
}
