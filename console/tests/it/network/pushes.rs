//! Pushes of every size through random loss.

use std::net::{IpAddr, Ipv4Addr};

use super::link::{Channel, Link, Push};
use super::wire::Rules;
use super::{Namespaces, SENDER_V4, Segmentation, V6};
use crate::random::Random;

/// One octet, around one symbol, several blocks, 20 MB.
const SIZES: [usize; 10] = [
    1,
    1_399,
    1_400,
    1_401,
    65_536,
    200_003,
    1_000_000,
    3_000_000,
    8 << 20,
    20_000_000,
];

fn pushes_arrive(seed: u64, more: &str) {
    let Some(namespaces) = Namespaces::open(Segmentation::Kernel, V6::Global) else {
        return;
    };
    println!("seed {seed}");
    let channel = Channel {
        name: "air",
        group: IpAddr::V4(Ipv4Addr::new(232, 77, 0, 1)),
        tsi: 7,
        more: format!("source = \"{SENDER_V4}\"\n{more}"),
    };
    let link = Link::open(namespaces, &[&channel]);
    let rules = Rules::lose(&link.namespaces.receiver);
    let mut random = Random::new(seed);
    let pushes = SIZES.map(|size| Push {
        push_id: format!("{size}@pi"),
        body: random.octets(size),
    });
    let receiver = link.receive(&channel, pushes.len());
    for push in &pushes {
        link.submit(channel.name, push);
    }
    receiver.received(&pushes);
    let (arrived, lost) = (rules.packets("arrived"), rules.packets("lost"));
    println!("{lost} of {arrived} packets lost");
    assert!(lost > 0);
}

#[test]
fn raptorq_pushes_of_every_size_pass_random_loss() {
    pushes_arrive(
        21_001,
        "fec = \"raptorq\"\ncarousel = { passes = 6, delay_ms = 1000 }",
    );
}

#[test]
fn no_code_pushes_of_every_size_pass_random_loss() {
    pushes_arrive(
        22_001,
        "fec = \"none\"\ncarousel = { passes = 8, delay_ms = 1000 }",
    );
}
