//! P1: how fast do objects become packets, without any socket?

use bytes::Bytes;
use pushcast_flute::sender::Repair;

use crate::figures::{Row, Target, Unit, interleaved};
use crate::listen::Collector;
use crate::peer::{self, Peer};
use crate::{Extent, content, cpu, ours};

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let small = row(extent, "P1", "1 MiB", 1 << 20, extent.choose(2, 200))?;
    let bytes = extent.choose(4 << 20, 64 << 20);
    let large = row(extent, "P1", "64 MiB", bytes, extent.choose(1, 8))?;
    let target = Target::AtLeast(10.0);
    Ok(vec![small.target(target), large])
}

fn row(
    extent: Extent,
    id: &'static str,
    name: &str,
    bytes: usize,
    passes: u32,
) -> anyhow::Result<Row> {
    let octets = content::octets(bytes);
    check(&octets)?;
    let work = format!("packetize No-Code, no socket, object of {name}");
    let [ours, peer, ceiling] = interleaved(
        extent.rounds(),
        [
            &mut || our_rate(&octets, passes),
            &mut || peer_rate(&octets, passes.min(20)),
            &mut || copy_rate(&octets, passes),
        ],
    )?;
    Ok(Row::new(id, work, Unit::MegapacketsPerCpuSecond)
        .ours(ours)
        .peer(peer::NAME, peer)
        .ceiling("copy alone", ceiling))
}

/// Everything that is packetized comes out of a receiver unchanged.
fn check(octets: &Bytes) -> anyhow::Result<()> {
    let oti = ours::no_code(octets.len())?;
    let mut session = ours::session(None)?;
    session.add_object(START, ours::object(1, oti, 1, Repair::default()))?;
    let mut collector = Collector::new();
    ours::drain(&mut session, &oti, octets, |transmit, burst| {
        for datagram in burst.chunks(transmit.segment_bytes) {
            collector
                .session
                .handle_datagram(START, LOCALHOST, datagram);
        }
        collector.take_events();
    })?;
    collector.compare(octets)
}

pub(crate) const START: pushcast_flute::Now = pushcast_flute::Now {
    mono_ns: 0,
    unix_ms: 1_790_000_000_000,
};
pub(crate) const LOCALHOST: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn our_rate(octets: &Bytes, passes: u32) -> anyhow::Result<f64> {
    let oti = ours::no_code(octets.len())?;
    let mut session = ours::session(None)?;
    session.add_object(START, ours::object(1, oti, passes, Repair::default()))?;
    let mut packets = 0;
    let ((), seconds) = cpu::of(|| {
        ours::drain(&mut session, &oti, octets, |transmit, burst| {
            packets += transmit.segments;
            std::hint::black_box(burst);
        })
    })?;
    Ok(packets as f64 / seconds / 1e6)
}

fn peer_rate(octets: &Bytes, passes: u32) -> anyhow::Result<f64> {
    let peer = Peer::new(&peer::no_code(), octets, passes)?;
    let (packets, seconds) = cpu::of(|| {
        peer.drain(|datagram| {
            std::hint::black_box(datagram);
            Ok(())
        })
    })?;
    Ok(packets as f64 / seconds / 1e6)
}

/// The one copy of each symbol that nothing can avoid.
fn copy_rate(octets: &Bytes, passes: u32) -> anyhow::Result<f64> {
    let symbol_bytes = usize::from(ours::SYMBOL_BYTES);
    let mut burst = Vec::with_capacity(1 << 16);
    let mut packets = 0;
    let ((), seconds) = cpu::of(|| {
        for _ in 0..passes {
            for run in octets.chunks(symbol_bytes * crate::raw::SEGMENTS) {
                burst.clear();
                for symbol in run.chunks(symbol_bytes) {
                    burst.extend_from_slice(&[0; ours::HEADER_BYTES]);
                    burst.extend_from_slice(symbol);
                    packets += 1;
                }
                std::hint::black_box(&burst);
            }
        }
        Ok(())
    })?;
    Ok(f64::from(packets) / seconds / 1e6)
}
