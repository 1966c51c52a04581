//! IPv6 multicast to any source.

use super::namespaces::LINK_LOCAL;
use super::{Channel, Lab, PORT, pushes};

fn pushes_arrive(name: &str, source: Option<&'static str>) {
    let channel = Channel {
        group: "ff15::77",
        source,
        fec: "raptorq",
        passes: 2,
    };
    let Some(lab) = Lab::start(name, &channel) else {
        return;
    };
    lab.namespaces.segment_in_software();
    lab.namespaces.lose(super::LOSS_PERCENT, PORT);
    let port = PORT.to_string();
    let listen = ["--group", channel.group, "--port", &port, "--tsi", "7"];
    pushes::arrive(&lab, &listen, &[1, 200_003, 1_000_000]);
}

#[test]
fn pushes_arrive_over_ipv6() {
    pushes_arrive("ipv6", None);
}

#[test]
fn pushes_arrive_from_a_link_local_address() {
    pushes_arrive("link-local", Some(LINK_LOCAL));
}
