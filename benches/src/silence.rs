//! P7: how long is a paced channel silent at most while its next block is encoded?

use std::time::Duration;

use pushcast_flute::sender::Repair;

use crate::figures::{Row, Target, Unit, interleaved};
use crate::listen::{Arrival, Stopwatch};
use crate::ours::{Load, OurLane, REPAIR_PERCENT, Route};
use crate::peer::{self, Peer};
use crate::{Extent, content, ours};

/// Rate of the channel, bit/s.
const RATE_BPS: u64 = 100_000_000;

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let route = Route::loopback(7)?;
    let octets = content::octets(extent.choose(4 << 20, 24 << 20));
    let load = Load {
        oti: ours::raptorq(octets.len())?,
        octets,
        passes: 1,
        repair: Repair {
            percent: REPAIR_PERCENT,
            ..Repair::default()
        },
    };
    let peer_at = |block_symbols| {
        let peer = Peer::new(&peer::raptorq(block_symbols)?, &load.octets, 1)?;
        longest(&route, || peer.send_paced(&route, Some(RATE_BPS)))
    };
    let plain = Load {
        oti: ours::no_code(load.octets.len())?,
        ..load.clone()
    };
    let lane = |load: &Load| {
        let mut lane = OurLane::start(&route, None, Some(RATE_BPS))?;
        longest(&route, || {
            lane.begin(load)?;
            lane.wait_for_end()
        })
    };
    let [ours, nothing, peer, peer_long] = interleaved(
        extent.rounds(),
        [
            &mut || lane(&load),
            &mut || lane(&plain),
            &mut || peer_at(1000),
            &mut || peer_at(5000),
        ],
    )?;
    let work = "longest silence at 100 Mbit/s while blocks are encoded";
    let first = Row::new("P7", work, Unit::Milliseconds).target(Target::AtMost(2.0));
    let second = Row::new("P7", "the peer with K = 5000", Unit::Milliseconds);
    Ok(vec![
        first
            .ours(ours.clone())
            .peer("flute crate, K = 1000", peer)
            .ceiling("nothing to encode", nothing),
        second.ours(ours).peer("flute crate, K = 5000", peer_long),
    ])
}

/// Longest time between two datagrams, ms.
fn longest(route: &Route, send: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let stopwatch = Stopwatch::start(route)?;
    send()?;
    std::thread::sleep(Duration::from_millis(100));
    let arrivals = stopwatch.finish()?;
    anyhow::ensure!(
        arrivals.len() > 1000,
        "only {} datagrams arrived",
        arrivals.len()
    );
    let gap = |pair: &[Arrival]| pair[1].at.saturating_sub(pair[0].at);
    let longest = arrivals.windows(2).map(gap).max().unwrap_or_default();
    Ok(longest.as_secs_f64() * 1e3)
}
