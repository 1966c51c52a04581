//! What the tests lose is what they say they lose.

use std::net::Ipv4Addr;

use pushcast_flute::fec::no_code::Oti;

use super::{Channel, LOSS_PERCENT, Lab, PORT};
use crate::random::Random;

/// Some 3,570 symbols.
const BYTES: usize = 5_000_000;
/// As the gateway cuts objects.
const SYMBOL_BYTES: u16 = 1400;
const BLOCK_SYMBOLS: u32 = 1024;

/// Share of symbols lost, percent, and how many in a row.
fn losses(name: &str, segment_in_software: bool) -> Option<(f64, f64)> {
    let group = "239.255.77.3";
    let channel = Channel {
        group,
        source: Some("10.77.0.1"),
        fec: "none",
        passes: 1,
    };
    let lab = Lab::start(name, &channel)?;
    if segment_in_software {
        lab.namespaces.segment_in_software();
    }
    lab.namespaces.lose(LOSS_PERCENT, PORT);
    // The headers in front of the content are less than a symbol, so the blocks are the same.
    let oti = Oti::new(BYTES as u64 + 700, SYMBOL_BYTES, BLOCK_SYMBOLS).unwrap();
    let group: Ipv4Addr = group.parse().unwrap();
    let recorder = super::recorder::record(&lab.namespaces, group, oti);
    lab.push(&Random::new(3).octets(BYTES));
    let heard = recorder.join().unwrap();
    let (percent, run) = (heard.lost_percent(), heard.mean_loss_run());
    println!("{name}: {percent:.1} % lost, {run:.2} symbols in a row");
    Some((percent, run))
}

#[test]
fn segmented_in_software_each_datagram_is_lost_by_itself() {
    let Some((percent, run)) = losses("single", true) else {
        return;
    };
    assert!((7.0..13.0).contains(&percent), "{percent} %");
    assert!(run < 2.0, "{run} symbols in a row");
}

#[test]
fn segmented_by_the_device_whole_bursts_are_lost() {
    let Some((percent, run)) = losses("bursts", false) else {
        return;
    };
    assert!((4.0..20.0).contains(&percent), "{percent} %");
    assert!(run > 2.0, "{run} symbols in a row");
}
