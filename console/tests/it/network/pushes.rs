//! Pushes of every size arrive octet for octet, whatever the network loses.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};

use sha2::Digest as _;

use super::{Channel, LOSS_PERCENT, Lab, PATIENCE, PORT, PPG};
use crate::random::Random;

const SIZES: [usize; 10] = [
    1, 1_399, 1_400, 1_401, 65_536, 200_003, 1_000_000, 3_000_000, 8_388_608, 20_000_000,
];
const SEED: u64 = 77_001;

/// Pushes everything and compares what is written on the other side.
pub(super) fn arrive(lab: &Lab, listen: &[&str], sizes: &[usize]) {
    let mut receiver = lab.receive(listen, sizes.len());
    let mut random = Random::new(SEED);
    let mut pushed = HashMap::new();
    for size in sizes {
        let octets = random.octets(*size);
        lab.push(&octets);
        pushed.insert(*size as u64, octets);
    }
    let told = BufReader::new(receiver.child().stdout.take().unwrap());
    let status = receiver.ended("every file", PATIENCE);
    let told: Vec<String> = told.lines().map(Result::unwrap).collect();
    assert!(
        status.success(),
        "the receiver ended with {status}, seed {SEED}, after {told:?}"
    );
    for line in told {
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let expected = pushed.remove(&line["bytes"].as_u64().unwrap()).unwrap();
        let path = lab.path("received").join(line["path"].as_str().unwrap());
        assert!(std::fs::read(path).unwrap() == expected, "{line}");
        let digest = sha2::Sha256::digest(&expected);
        let hex: String = digest.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(line["sha256"], hex, "{line}");
    }
    assert!(pushed.is_empty(), "{} files were not told of", pushed.len());
}

fn ten_pushes(name: &str, channel: &Channel) {
    let Some(lab) = Lab::start(name, channel) else {
        return;
    };
    lab.namespaces.segment_in_software();
    lab.namespaces.lose(LOSS_PERCENT, PORT);
    let session = format!("http://{PPG}/sessions/air.sdp");
    arrive(&lab, &["--session", &session], &SIZES);
}

#[test]
fn raptorq_fills_what_a_tenth_of_loss_took() {
    let channel = Channel {
        group: "239.255.77.1",
        source: Some("10.77.0.1"),
        fec: "raptorq",
        passes: 2,
    };
    ten_pushes("raptorq", &channel);
}

#[test]
fn a_carousel_of_eight_fills_it_without_repair() {
    let channel = Channel {
        group: "239.255.77.2",
        source: Some("10.77.0.1"),
        fec: "none",
        passes: 8,
    };
    ten_pushes("carousel", &channel);
}

#[test]
fn raptorq_fills_lost_bursts() {
    let channel = Channel {
        group: "239.255.77.4",
        source: Some("10.77.0.1"),
        fec: "raptorq",
        passes: 4,
    };
    let Some(lab) = Lab::start("filled", &channel) else {
        return;
    };
    lab.namespaces.lose(LOSS_PERCENT, PORT);
    let port = PORT.to_string();
    let listen = [
        "--group",
        channel.group,
        "--port",
        &port,
        "--source",
        "10.77.0.1",
    ];
    arrive(&lab, &listen, &[200_003, 5_000_000]);
}
