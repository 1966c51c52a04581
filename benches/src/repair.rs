//! P4 to P6: what does RaptorQ cost, on the first pass, on later ones, and alone?
//!
//! Gigabits are those of the symbols sent, source and repair.

use bytes::Bytes;
use pushcast_engine::ota::Backend;
use pushcast_flute::fec::Oti;
use pushcast_flute::sender::Repair;
use raptorq::{ObjectTransmissionInformation, SourceBlockEncoder, SourceBlockEncodingPlan};

use crate::figures::{Row, Target, Unit, interleaved};
use crate::listen::{Receiver, arrives};
use crate::ours::{BLOCK_SYMBOLS, Load, OurLane, REPAIR_PERCENT, Route, SYMBOL_BYTES};
use crate::peer::{self, Peer};
use crate::raw::Raw;
use crate::{Extent, content, cpu, ours};

/// Passes after the first that are measured together.
const LATER: u32 = 20;

pub(crate) fn first_pass(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let route = Route::loopback(4)?;
    let load = load(extent, extent.choose(4 << 20, 64 << 20))?;
    verify(&route, None, &load)?;
    let plan = SourceBlockEncodingPlan::generate(longest_block(&load.oti));
    let [ours, peer, codec] = interleaved(
        extent.rounds(),
        [
            &mut || first_pass_rate(&route, None, &load),
            &mut || peer_rate(&route, &load.octets),
            &mut || codec_rate(&load.octets, &plan),
        ],
    )?;
    let work = "RaptorQ, K about 1000, 20 % repair, first pass to loopback";
    Ok(vec![
        Row::new("P4", work, Unit::GigabitsPerCpuSecond)
            .target(Target::AtLeast(5.0))
            .ours(ours)
            .peer(peer::NAME, peer)
            .ceiling("raptorq crate alone", codec),
    ])
}

pub(crate) fn later_passes(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let route = Route::loopback(5)?;
    let load = load(extent, extent.choose(4 << 20, 16 << 20))?;
    verify(&route, None, &load)?;
    let raw = Raw::open(&route)?;
    let [ours, peer, ceiling] = interleaved(
        extent.rounds(),
        [
            &mut || later_rate(&route, None, &load),
            &mut || peer_rate(&route, &load.octets),
            &mut || segmented_rate(&raw, &load.oti),
        ],
    )?;
    let work = "the same, later carousel passes with fresh repair";
    Ok(vec![
        Row::new("P5", work, Unit::GigabitsPerCpuSecond)
            .target(Target::AtLeast(30.0))
            .ours(ours)
            .peer(peer::NAME, peer)
            .ceiling("raw GSO", ceiling),
    ])
}

pub(crate) fn repair_only(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let route = Route::loopback(6)?;
    let load = Load {
        repair: Repair {
            source_passes: Some(1),
            percent: 100,
            ..Repair::default()
        },
        ..load(extent, extent.choose(4 << 20, 16 << 20))?
    };
    // Repair alone must give the object back.
    let fountain = Repair {
        source_passes: Some(0),
        ..load.repair
    };
    verify(
        &route,
        None,
        &Load {
            repair: fountain,
            ..load.clone()
        },
    )?;
    let raw = Raw::open(&route)?;
    let [ours, ceiling] = interleaved(
        extent.rounds(),
        [&mut || later_rate(&route, None, &load), &mut || {
            segmented_rate(&raw, &load.oti)
        }],
    )?;
    let work = "passes of fresh repair alone, as many symbols as the object has";
    Ok(vec![
        Row::new("P6", work, Unit::GigabitsPerCpuSecond)
            .target(Target::AtLeast(10.0))
            .ours(ours)
            .ceiling("raw GSO", ceiling),
    ])
}

/// An object with repair.
pub(crate) fn load(extent: Extent, bytes: usize) -> anyhow::Result<Load> {
    let octets = content::octets(bytes);
    Ok(Load {
        oti: ours::raptorq(octets.len())?,
        octets,
        passes: 1 + extent.choose(2, LATER),
        repair: Repair {
            percent: REPAIR_PERCENT,
            ..Repair::default()
        },
    })
}

/// The object arrives over this back-end.
pub(crate) fn verify(route: &Route, backend: Option<Backend>, load: &Load) -> anyhow::Result<()> {
    let load = Load {
        passes: 2,
        ..load.clone()
    };
    arrives(route, Receiver::start(route)?, backend, &load)
}

fn gigabits(packets: u64) -> f64 {
    packets as f64 * f64::from(SYMBOL_BYTES) * 8.0 / 1e9
}

fn longest_block(oti: &Oti) -> u16 {
    oti.max_block_symbols() as u16
}

/// First pass of an object that the lane has never seen.
pub(crate) fn first_pass_rate(
    route: &Route,
    backend: Option<Backend>,
    load: &Load,
) -> anyhow::Result<f64> {
    let once = Load {
        passes: 1,
        ..load.clone()
    };
    let mut lane = OurLane::start(route, backend, None)?;
    let ((), seconds) = cpu::of(|| lane.send(route, &once))?;
    Ok(gigabits(ours::packets(&load.oti, load.repair.percent)) / seconds)
}

/// All passes after the first.
pub(crate) fn later_rate(
    route: &Route,
    backend: Option<Backend>,
    load: &Load,
) -> anyhow::Result<f64> {
    let mut lane = OurLane::start(route, backend, None)?;
    let before = route.octets_sent()?;
    lane.begin(load)?;
    lane.wait_for_pass(1)?;
    let ((), seconds) = cpu::of(|| lane.wait_for_end())?;
    route.has_sent(before, load)?;
    let all = ours::packets(&load.oti, load.repair.percent);
    let each = match load.repair.source_passes {
        Some(_) => all - load.oti.source_symbols(),
        None => all,
    };
    Ok(gigabits(each * u64::from(load.passes - 1)) / seconds)
}

fn peer_rate(route: &Route, octets: &Bytes) -> anyhow::Result<f64> {
    let peer = Peer::new(&peer::raptorq(BLOCK_SYMBOLS)?, octets, 1)?;
    let (packets, seconds) = cpu::of(|| peer.send(route))?;
    Ok(gigabits(packets) / seconds)
}

/// Packets of the same kind straight into the socket.
fn segmented_rate(raw: &Raw, oti: &Oti) -> anyhow::Result<f64> {
    let packets = ours::packets(oti, REPAIR_PERCENT) * 10;
    let (sent, seconds) = cpu::of(|| raw.segmented(packets))?;
    Ok(gigabits(sent) / seconds)
}

/// The codec with a ready plan, and nothing else.
fn codec_rate(octets: &Bytes, plan: &SourceBlockEncodingPlan) -> anyhow::Result<f64> {
    let oti = ours::raptorq(octets.len())?;
    let symbols = longest_block(&oti);
    let block_bytes = usize::from(symbols) * usize::from(SYMBOL_BYTES);
    let config = ObjectTransmissionInformation::new(block_bytes as u64, SYMBOL_BYTES, 1, 1, 4);
    let repair = (u32::from(symbols) * u32::from(REPAIR_PERCENT)).div_ceil(100);
    let mut packets = 0;
    let ((), seconds) = cpu::of(|| {
        for block in octets.chunks_exact(block_bytes) {
            let encoder = SourceBlockEncoder::with_encoding_plan(0, &config, block, plan);
            packets += u64::from(symbols) + encoder.repair_packets(0, repair).len() as u64;
        }
        Ok(())
    })?;
    Ok(gigabits(packets) / seconds)
}
