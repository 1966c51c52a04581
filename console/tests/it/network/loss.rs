//! Loss is what the tests say it is: single packets, or whole bursts.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use pushcast_flute::fec::no_code;

use super::link::{Channel, Link, Push};
use super::wire::{Lost, Recorder, Rules};
use super::{Namespaces, Segmentation, V6};
use crate::process::wait_for;
use crate::random::Random;

const PATIENCE: Duration = Duration::from_secs(60);
/// LCT header and FEC Payload ID, octets.
const HEADER_BYTES: u64 = 16;
const SYMBOL_BYTES: u16 = 1400;
/// As the gateway cuts objects.
const BLOCK_SYMBOLS: u32 = 1024;
/// A known object of so many octets.
const OBJECT_BYTES: usize = 8 << 20;

/// One pass shows what is lost.
fn once() -> Channel {
    Channel {
        name: "once",
        group: IpAddr::V4(Ipv4Addr::new(239, 255, 77, 1)),
        tsi: 8,
        more: "fec = \"none\"\ncarousel = { passes = 1 }".to_owned(),
    }
}

/// Sends one pass over a known object and tells what was lost of it.
fn lost(link: &Link, once: &Channel, seed: u64) -> Lost {
    let recorder = Recorder::listen(&link.namespaces.receiver, once.group);
    let body = Random::new(seed).octets(OBJECT_BYTES);
    let push_id = format!("{seed}@pi");
    link.submit(once.name, &Push { push_id, body });
    let (packets, bytes) = wait_for("the pass", PATIENCE, || {
        let metrics = link.metrics();
        let of = |name: &str, kind: &str| {
            let labels = format!("{{lane=\"main\",channel=\"once\",kind=\"{kind}\"}}");
            metrics.value(&format!("pushcast_{name}{labels}"))
        };
        let sent = (
            of("lane_packets_total", "data"),
            of("lane_bytes_total", "data"),
        );
        (of("flute_objects", "all") == 0 && sent.0 > 0).then_some(sent)
    });
    let transfer_bytes = bytes - HEADER_BYTES * packets;
    let oti = no_code::Oti::new(transfer_bytes, SYMBOL_BYTES, BLOCK_SYMBOLS).unwrap();
    let lost = Lost::of(&oti, &recorder.heard());
    println!(
        "seed {seed}: {lost:?}, {:.2} %, mean run {:.2}",
        lost.percent(),
        lost.mean_run()
    );
    assert_eq!(lost.sent as u64, packets);
    lost
}

#[test]
fn random_loss_takes_single_packets() {
    let Some(namespaces) = Namespaces::open(Segmentation::Kernel, V6::Global) else {
        return;
    };
    let once = once();
    let link = Link::open(namespaces, &[&once]);
    let rules = Rules::lose(&link.namespaces.receiver);
    let lost = lost(&link, &once, 31_001);
    // Five standard deviations of 6000 packets are two percent.
    assert!((8.0..12.0).contains(&lost.percent()), "{lost:?}");
    assert!(lost.mean_run() < 2.0, "{lost:?}");
    let percent = 100.0 * rules.packets("lost") as f64 / rules.packets("arrived") as f64;
    println!("{percent:.2} % by the counters");
    assert!((8.0..12.0).contains(&percent));
}

#[test]
fn raptorq_fills_the_loss_of_whole_bursts() {
    let Some(namespaces) = Namespaces::open(Segmentation::Device, V6::Global) else {
        return;
    };
    let air = Channel {
        name: "air",
        group: IpAddr::V4(Ipv4Addr::new(232, 77, 0, 1)),
        tsi: 9,
        more: "fec = \"raptorq\"\ncarousel = { passes = 6, delay_ms = 500 }".to_owned(),
    };
    let once = once();
    let link = Link::open(namespaces, &[&once, &air]);
    let _rules = Rules::lose(&link.namespaces.receiver);
    let lost = lost(&link, &once, 32_001);
    assert!(lost.mean_run() > 2.0, "{lost:?}");
    let push = Push {
        push_id: "burst@pi".to_owned(),
        body: Random::new(32_002).octets(3_000_000),
    };
    let receiver = link.receive(&air, 1);
    link.submit(air.name, &push);
    receiver.received(&[push]);
}
