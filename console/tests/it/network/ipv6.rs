//! IPv6 multicast over the wire.

use super::link::{Channel, Link, PORT, Push};
use super::wire::Rules;
use super::{Namespaces, SENDER_V6, Segmentation, V6};
use crate::random::Random;

const BYTES: usize = 300_000;

fn channel(group: &str, more: &str) -> Channel {
    Channel {
        name: "air",
        group: group.parse().unwrap(),
        tsi: 10,
        more: more.to_owned(),
    }
}

/// A push arrives at a receiver that was told where to listen like this.
fn arrives(v6: V6, channel: &Channel, how: Option<&[&str]>, seed: u64) {
    let Some(namespaces) = Namespaces::open(Segmentation::Kernel, v6) else {
        return;
    };
    println!("seed {seed}");
    let link = Link::open(namespaces, &[channel]);
    let rules = Rules::count_hop_limit(&link.namespaces.receiver, 3);
    let receiver = match how {
        Some(how) => link.receive_with(channel, how, 1),
        None => link.receive(channel, 1),
    };
    let push = Push {
        push_id: format!("{seed}@pi"),
        body: Random::new(seed).octets(BYTES),
    };
    link.submit(channel.name, &push);
    receiver.received(&[push]);
    assert!(rules.packets("arrived") > 0);
    assert_eq!(rules.packets("other"), 0, "packets with another hop limit");
}

#[test]
fn a_push_arrives_whoever_sends_it() {
    let channel = channel("ff15::77", "ttl = 3");
    let port = PORT.to_string();
    let how = ["--group", "ff15::77", "--port", &port];
    arrives(V6::Global, &channel, Some(&how), 41_001);
}

#[test]
fn a_session_description_leads_to_the_push() {
    let channel = channel("ff05::77:1", &format!("source = \"{SENDER_V6}\"\nttl = 3"));
    arrives(V6::Global, &channel, None, 42_001);
}

#[test]
fn link_local_addresses_suffice() {
    let channel = channel("ff12::77", "ttl = 3");
    arrives(V6::LinkLocal, &channel, None, 43_001);
}
