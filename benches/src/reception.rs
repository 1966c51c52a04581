//! P9: how fast does a receiver turn datagrams back into objects?

use std::cell::RefCell;
use std::rc::Rc;
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use flute::core::UDPEndpoint;
use flute::receiver::MultiReceiver;
use flute::receiver::writer::ObjectWriterBufferBuilder;
use pushcast_flute::fec::Oti;
use pushcast_flute::sender::Repair;
use raptorq::{EncodingPacket, ObjectTransmissionInformation, PayloadId, SourceBlockDecoder};

use crate::content::Random;
use crate::figures::{Row, Target, Unit, interleaved};
use crate::listen::Collector;
use crate::ours::{HEADER_BYTES, REPAIR_PERCENT, SYMBOL_BYTES, TSI};
use crate::packetize::{LOCALHOST, START};
use crate::{Extent, content, cpu, ours, peer};

/// Loss in front of the RaptorQ receiver, percent.
const LOSS_PERCENT: u64 = 10;

pub(crate) fn measure(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let octets = content::octets(extent.choose(4 << 20, 64 << 20));
    let plain = datagrams(&ours::no_code(octets.len())?, &octets, 0)?;
    let [ours, peer] = interleaved(
        extent.rounds(),
        [&mut || our_rate(&plain, &octets), &mut || {
            peer_rate(&plain, &octets)
        }],
    )?;
    let first = Row::new("P9", "receive No-Code", Unit::GigabitsPerCpuSecond)
        .target(Target::AtLeast(10.0))
        .ours(ours)
        .peer(peer::NAME, peer);
    let oti = ours::raptorq(octets.len())?;
    let lossy = datagrams(&oti, &octets, LOSS_PERCENT)?;
    let [ours, peer, codec] = interleaved(
        extent.rounds(),
        [
            &mut || our_rate(&lossy, &octets),
            &mut || peer_rate(&lossy, &octets),
            &mut || codec_rate(&lossy, &oti, &octets),
        ],
    )?;
    let work = "receive RaptorQ, K about 1000, 10 % loss";
    let second = Row::new("P9", work, Unit::GigabitsPerCpuSecond)
        .target(Target::AtLeast(4.0))
        .ours(ours)
        .peer(peer::NAME, peer)
        .ceiling("raptorq crate alone", codec);
    Ok(vec![first, second])
}

/// One pass of an object, with losses.
fn datagrams(oti: &Oti, octets: &Bytes, loss_percent: u64) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut session = ours::session(None)?;
    let repair = Repair {
        percent: REPAIR_PERCENT,
        ..Repair::default()
    };
    session.add_object(START, ours::object(1, *oti, 1, repair))?;
    let mut random = Random::new(42);
    let mut kept = Vec::new();
    ours::drain(&mut session, oti, octets, |transmit, burst| {
        for datagram in burst.chunks(transmit.segment_bytes) {
            let is_fdt = transmit.object.is_none();
            if is_fdt || !random.percent(loss_percent) {
                kept.push(datagram.to_vec());
            }
        }
    })?;
    Ok(kept)
}

fn gigabits(octets: &Bytes) -> f64 {
    octets.len() as f64 * 8.0 / 1e9
}

fn our_rate(datagrams: &[Vec<u8>], expected: &Bytes) -> anyhow::Result<f64> {
    let mut collector = Collector::new();
    let ((), seconds) = cpu::of(|| {
        for datagram in datagrams {
            collector
                .session
                .handle_datagram(START, LOCALHOST, datagram);
            collector.take_events();
        }
        Ok(())
    })?;
    collector.compare(expected)?;
    Ok(gigabits(expected) / seconds)
}

fn peer_rate(datagrams: &[Vec<u8>], expected: &Bytes) -> anyhow::Result<f64> {
    let endpoint = UDPEndpoint::new(None, "239.255.60.9".to_owned(), 5060);
    let written = Rc::new(ObjectWriterBufferBuilder::new(false));
    let mut receiver = MultiReceiver::new(written.clone(), None, false);
    receiver.add_listen_tsi(endpoint.clone(), u64::from(TSI));
    let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(START.unix_ms);
    let ((), seconds) = cpu::of(|| {
        for datagram in datagrams {
            // What it refuses after its object is complete is no loss.
            let _ = receiver.push(&endpoint, datagram, now);
        }
        Ok(())
    })?;
    let objects: &RefCell<Vec<_>> = &written.objects;
    let objects = objects.borrow();
    let object = objects.first().context("the peer received no object")?;
    let object = object.borrow();
    if !object.complete || object.data != *expected {
        bail!("the peer's object differs");
    }
    Ok(gigabits(expected) / seconds)
}

/// The codec on the same symbols, and nothing else.
fn codec_rate(datagrams: &[Vec<u8>], oti: &Oti, expected: &Bytes) -> anyhow::Result<f64> {
    let longest = u64::from(oti.max_block_symbols()) * u64::from(SYMBOL_BYTES);
    let config = ObjectTransmissionInformation::new(longest, SYMBOL_BYTES, 1, 1, 4);
    let full = HEADER_BYTES + usize::from(SYMBOL_BYTES);
    let mut blocks: Vec<Vec<EncodingPacket>> = vec![Vec::new(); oti.blocks() as usize];
    for datagram in datagrams
        .iter()
        .filter(|datagram| datagram.len() == full && datagram[11] == 1)
    {
        let (header, symbol) = datagram.split_at(HEADER_BYTES);
        let esi = u32::from_be_bytes([0, header[13], header[14], header[15]]);
        let packet = EncodingPacket::new(PayloadId::new(header[12], esi), symbol.to_vec());
        blocks[usize::from(header[12])].push(packet);
    }
    let mut decoded = 0;
    let ((), seconds) = cpu::of(|| {
        for (sbn, packets) in blocks.into_iter().enumerate() {
            let block = oti.block(pushcast_flute::ids::Sbn(sbn as u32));
            let symbols = block.context("a block of the object")?.symbols;
            let bytes = u64::from(symbols) * u64::from(SYMBOL_BYTES);
            let mut decoder = SourceBlockDecoder::new(sbn as u8, &config, bytes);
            let enough = packets.into_iter().take(symbols as usize + 3);
            decoded += u64::from(decoder.decode(enough).is_some());
        }
        Ok(())
    })?;
    anyhow::ensure!(
        decoded == u64::from(oti.blocks()),
        "{decoded} blocks decoded"
    );
    Ok(gigabits(expected) / seconds)
}
