//! What the published crate reads from its files is what we receive.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use pushcast_flute::Now;
use pushcast_flute::ids::Tsi;
use pushcast_flute::lct::Version;
use pushcast_flute::receiver::{Config, Event};

use super::peer::{Orders, Peer};
use super::{LIMIT, collect, listen, next};
use crate::listener::Listener;
use crate::pair::Random;

const SIZES: [usize; 6] = [0, 1, 1399, 1400, 1401, 200_003];

/// Files, half of them compressible.
fn write(folder: &Path, sizes: &[usize]) -> Vec<(String, Vec<u8>)> {
    let file = |len: usize| {
        let octets = Random::new(len as u64 + 3).octets(len);
        let octets = octets.iter().map(|octet| octet & 0x0F).collect::<Vec<_>>();
        let name = format!("of-{len:08}.bin");
        std::fs::write(folder.join(&name), &octets).unwrap();
        (name, octets)
    };
    sizes.iter().map(|len| file(*len)).collect()
}

/// Receives what a peer with these orders sends.
fn receives(orders: &Orders, sizes: &[usize], loss_percent: u64) -> Listener {
    receives_from(1, orders, sizes, loss_percent)
}

fn receives_from(tsi: u64, orders: &Orders, sizes: &[usize], loss_percent: u64) -> Listener {
    let folder = tempfile::tempdir().unwrap();
    let files = write(folder.path(), sizes);
    let (socket, address) = listen();
    let datagrams = collect(socket);
    let orders = orders
        .clone()
        .with("mode", "send")
        .with("tsi", tsi)
        .with("port", address.port())
        .with("dir", folder.path().display());
    let peer = Peer::start(&orders);
    let mut listener = Listener::new(Config {
        source: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        tsi: Some(Tsi::new(tsi).unwrap()),
        version: Version::V1,
        ..Config::default()
    });
    listener.source = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut random = Random::new(11);
    let start = Instant::now();
    while listener.heard.len() < files.len() {
        let Some(datagram) = next(&datagrams, start + LIMIT) else {
            break;
        };
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        listener.now = Now {
            mono_ns: start.elapsed().as_nanos() as u64,
            unix_ms: unix.as_millis() as u64,
        };
        if random.below(100) >= loss_percent {
            listener.hear(&datagram);
        }
    }
    let stats = *listener.session.stats();
    for (name, octets) in &files {
        let heard = listener
            .heard
            .values()
            .find(|heard| heard.file.content_location.ends_with(name));
        let heard = heard.unwrap_or_else(|| panic!("{name} is missing: {stats:?}"));
        let content = heard.content.as_ref();
        assert!(content == Ok(octets), "{name} differs: {stats:?}");
    }
    // What is left of the session: its close packet at least.
    if loss_percent == 0 {
        while !listener.events.iter().any(is_closed) {
            let Some(datagram) = next(&datagrams, start + LIMIT) else {
                break;
            };
            listener.hear(&datagram);
        }
        assert!(listener.events.iter().any(is_closed));
        assert_eq!(listener.session.stats().malformed, 0, "{stats:?}");
    }
    drop(peer);
    listener
}

fn is_closed(event: &Event) -> bool {
    matches!(event, Event::SessionClosed { .. })
}

fn order(pairs: &[(&str, &str)]) -> Orders {
    let orders = Orders::default();
    pairs
        .iter()
        .fold(orders, |orders, (name, value)| orders.with(name, value))
}

#[test]
fn both_profiles_by_no_code() {
    for profile in ["rfc3926", "rfc6726"] {
        receives(&order(&[("profile", profile)]), &SIZES, 0);
    }
}

/// The FDT itself goes by RaptorQ too: it has the session's parameters.
#[test]
fn both_profiles_by_raptorq() {
    for profile in ["rfc3926", "rfc6726"] {
        let orders = order(&[("profile", profile), ("fec", "raptorq")]);
        receives(&orders, &SIZES, 0);
    }
}

#[test]
fn without_parameters_on_file_packets() {
    for fec in ["nocode", "raptorq"] {
        let orders = order(&[("fec", fec), ("inband_fti", "false")]);
        receives(&orders, &SIZES, 0);
    }
}

#[test]
fn raptorq_in_sub_blocks() {
    let orders = order(&[("fec", "raptorq"), ("sub_blocks", "3")]);
    receives(&orders, &[1401, 200_003], 0);
}

#[test]
fn every_content_encoding() {
    for cenc in ["deflate", "gzip", "zlib"] {
        for fec in ["nocode", "raptorq"] {
            let orders = order(&[("cenc", cenc), ("fec", fec)]);
            receives(&orders, &[1400, 200_003], 0);
        }
        let orders = order(&[("cenc", cenc), ("inband_cenc", "true")]);
        receives(&orders, &[200_003], 0);
    }
}

#[test]
fn encoded_fdt() {
    for cenc in ["deflate", "gzip", "zlib"] {
        receives(&order(&[("fdt_cenc", cenc)]), &[1, 1401], 0);
    }
    let orders = order(&[("fdt_cenc", "gzip"), ("fec", "raptorq")]);
    receives(&orders, &[1, 1401], 0);
}

#[test]
fn without_the_senders_time() {
    receives(&order(&[("sct", "false")]), &[1401], 0);
}

#[test]
fn the_profiled_fdt_of_2022() {
    receives(&order(&[("xml", "l6")]), &[1, 1401], 0);
}

#[test]
fn a_tenth_lost() {
    let raptorq = order(&[("fec", "raptorq"), ("parity", "80"), ("passes", "4")]);
    receives(&raptorq, &SIZES, 10);
    let no_code = order(&[("passes", "8")]);
    receives(&no_code, &SIZES, 10);
}

#[test]
fn eight_mebibytes() {
    let no_code = order(&[("passes", "3")]);
    receives(&no_code, &[8 << 20], 0);
    let raptorq = order(&[("fec", "raptorq"), ("parity", "64")]);
    receives(&raptorq, &[8 << 20], 10);
}

#[test]
fn session_and_object_numbers_of_every_width() {
    let tois = [
        "1",
        "65535",
        "70000",
        "1099511627785",
        "1180591620717411303427",
    ];
    for (tsi, toi) in [1, 65_535, 65_535, 1 << 33 | 5, 1].into_iter().zip(tois) {
        let listener = receives_from(tsi, &order(&[("toi", toi)]), &[1401], 0);
        assert_eq!(listener.heard.keys().next().unwrap().to_string(), toi);
    }
}
