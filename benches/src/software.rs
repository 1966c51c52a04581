//! P3: the same as P2 where the kernel has to segment in software.

use pushcast_engine::ota::Backend;

use crate::figures::{Row, Samples, Target, Unit, interleaved};
use crate::listen::{Receiver, arrives};
use crate::multicast::{load, peer_rate, per_cpu_second, rate};
use crate::namespace::{self, Far, RECEIVING, SENDER, SENDING};
use crate::ours::{Load, Route};
use crate::raw::Raw;
use crate::{Extent, ours, peer};

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let [ours, peer, single, segmented] = namespace::joined(|far| compared(extent, far))?;
    let work = "No-Code over a veth without segmentation offload";
    let row = Row::new("P3", work, Unit::MegapacketsPerCpuSecond);
    let raw = Row::new(
        "P3",
        "one call for each datagram",
        Unit::MegapacketsPerCpuSecond,
    );
    Ok(vec![
        row.target(Target::AtLeast(1.0))
            .ours(ours)
            .peer(peer::NAME, peer)
            .ceiling("raw GSO", segmented.clone()),
        raw.ours(single).ceiling("raw GSO", segmented),
    ])
}

fn compared(extent: Extent, far: &Far) -> anyhow::Result<[Samples; 4]> {
    let route = route()?;
    let load = shorter(extent)?;
    verify(&route, far, None, &load)?;
    let raw = Raw::open(&route)?;
    let packets = ours::packets(&load.oti, 0) * u64::from(load.passes);
    interleaved(
        extent.rounds(),
        [
            &mut || rate(&route, None, &load),
            &mut || peer_rate(&route, &load),
            &mut || per_cpu_second(|| raw.single(packets / 4)),
            &mut || per_cpu_second(|| raw.segmented(packets)),
        ],
    )
}

/// The sending end, seen from its namespace.
pub(crate) fn route() -> anyhow::Result<Route> {
    Route::over(SENDING, SENDER, 3)
}

/// The object of P2 with fewer passes: packets are dearer here.
pub(crate) fn shorter(extent: Extent) -> anyhow::Result<Load> {
    Ok(Load {
        passes: extent.choose(2, 10),
        ..load(extent)?
    })
}

/// The object arrives at the far side.
pub(crate) fn verify(
    route: &Route,
    far: &Far,
    backend: Option<Backend>,
    load: &Load,
) -> anyhow::Result<()> {
    let receiver = far.run(|| {
        let theirs = Route::over(RECEIVING, std::net::Ipv4Addr::new(10, 66, 0, 2), 3)?;
        Receiver::start(&theirs)
    })??;
    let load = Load {
        passes: 3,
        ..load.clone()
    };
    arrives(route, receiver, backend, &load)
}
