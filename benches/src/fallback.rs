//! P11: what does a machine without io_uring lose?

use pushcast_engine::ota::Backend;

use crate::figures::{Row, Samples, Target, Unit, interleaved};
use crate::ours::{Load, Route};
use crate::{Extent, multicast, namespace, repair, software};

/// Share of the first back-end's figure that the fallback must reach.
const SHARE: f64 = 0.85;

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let route = Route::loopback(11)?;
    let plain = multicast::load(extent)?;
    multicast::verify(&route, Some(Backend::Gso), &plain)?;
    let coded = repair::load(extent, extent.choose(4 << 20, 16 << 20))?;
    repair::verify(&route, Some(Backend::Gso), &coded)?;
    let packets = Unit::MegapacketsPerCpuSecond;
    let bits = Unit::GigabitsPerCpuSecond;
    let mut rows = vec![row(extent, "P2", packets, |backend| {
        multicast::rate(&route, Some(backend), &plain)
    })?];
    rows.push(namespace::joined(|far| {
        let route = software::route()?;
        let load: Load = software::shorter(extent)?;
        software::verify(&route, far, Some(Backend::Gso), &load)?;
        row(extent, "P3", packets, |backend| {
            multicast::rate(&route, Some(backend), &load)
        })
    })?);
    rows.push(row(extent, "P4", bits, |backend| {
        repair::first_pass_rate(&route, Some(backend), &coded)
    })?);
    rows.push(row(extent, "P5", bits, |backend| {
        repair::later_rate(&route, Some(backend), &coded)
    })?);
    Ok(rows)
}

fn row(
    extent: Extent,
    of: &str,
    unit: Unit,
    rate: impl Fn(Backend) -> anyhow::Result<f64>,
) -> anyhow::Result<Row> {
    let [first, fallback]: [Samples; 2] = interleaved(
        extent.rounds(),
        [&mut || rate(Backend::Gso), &mut || rate(Backend::Uring)],
    )?;
    let least = (first.median() * SHARE * 100.0).round() / 100.0;
    Ok(Row::new("P11", format!("{of} with ordinary sockets"), unit)
        .target(Target::AtLeast(least))
        .ours(fallback)
        .ceiling("io_uring", first))
}
