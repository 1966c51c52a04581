//! P2: how many packets does a processor second bring to loopback multicast that nobody joined?

use pushcast_engine::ota::Backend;
use pushcast_flute::sender::Repair;

use crate::figures::{Row, Target, Unit, interleaved};
use crate::listen::{Receiver, arrives};
use crate::ours::{Load, OurLane, Route};
use crate::peer::{self, Peer};
use crate::raw::Raw;
use crate::{Extent, content, cpu, ours};

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let route = Route::loopback(2)?;
    let load = load(extent)?;
    verify(&route, None, &load)?;
    let raw = Raw::open(&route)?;
    let mut copying = Raw::open(&route)?;
    let packets = ours::packets(&load.oti, 0) * u64::from(load.passes);
    let [ours, peer, segmented, copied] = interleaved(
        extent.rounds(),
        [
            &mut || rate(&route, None, &load),
            &mut || peer_rate(&route, &load),
            &mut || per_cpu_second(|| raw.segmented(packets)),
            &mut || per_cpu_second(|| copying.copied(&load.octets, packets)),
        ],
    )?;
    let row = Row::new(
        "P2",
        "No-Code to loopback multicast, nobody joined",
        Unit::MegapacketsPerCpuSecond,
    );
    let ceiling = Row::new(
        "P2",
        "the ceilings themselves",
        Unit::MegapacketsPerCpuSecond,
    );
    Ok(vec![
        row.target(Target::AtLeast(5.0))
            .ours(ours)
            .peer(peer::NAME, peer)
            .ceiling("raw GSO and one copy", copied.clone()),
        ceiling.ours(copied).ceiling("raw GSO", segmented),
    ])
}

/// The object of this question and of its fallback.
pub(crate) fn load(extent: Extent) -> anyhow::Result<Load> {
    let octets = content::octets(extent.choose(4 << 20, 64 << 20));
    Ok(Load {
        oti: ours::no_code(octets.len())?,
        octets,
        passes: extent.choose(2, 30),
        repair: Repair::default(),
    })
}

/// The object arrives over this back-end.
pub(crate) fn verify(route: &Route, backend: Option<Backend>, load: &Load) -> anyhow::Result<()> {
    let load = Load {
        passes: 3,
        ..load.clone()
    };
    arrives(route, Receiver::start(route)?, backend, &load)
}

/// Million packets for each processor second.
pub(crate) fn rate(route: &Route, backend: Option<Backend>, load: &Load) -> anyhow::Result<f64> {
    let mut lane = OurLane::start(route, backend, None)?;
    per_cpu_second(|| {
        lane.send(route, load)?;
        Ok(ours::packets(&load.oti, 0) * u64::from(load.passes))
    })
}

/// Runs something that sends packets.
pub(crate) fn per_cpu_second(send: impl FnOnce() -> anyhow::Result<u64>) -> anyhow::Result<f64> {
    let (packets, seconds) = cpu::of(send)?;
    Ok(packets as f64 / seconds / 1e6)
}

/// The same with the peer.
pub(crate) fn peer_rate(route: &Route, load: &Load) -> anyhow::Result<f64> {
    let peer = Peer::new(&peer::no_code(), &load.octets, load.passes.min(4))?;
    per_cpu_second(|| peer.send(route))
}
