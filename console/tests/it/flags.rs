//! What receivers are told of the initiator: Push-Flag (OTA 6.4.1.3).

use std::net::{IpAddr, Ipv4Addr};

use crate::air::Air;
use crate::gateway::{Gateway, PATIENCE, Setup, TRUSTED, basic, submission};
use crate::process::wait_for;

/// Submits with a Push-Flag of the initiator's own, which is not its to set.
fn submit(gateway: &Gateway, headers: &str, push_id: &str) {
    let control = submission(push_id, "all", "");
    let body = format!(
        "--b\r\n\r\n{control}\r\n--b\r\nContent-Type: a/b\r\nPush-Flag: 111\r\n\r\nx\r\n--b--\r\n"
    );
    let answer = gateway.post(headers, "multipart/related; boundary=b", body.as_bytes());
    assert!(answer.contains("code=\"1001\""), "{answer}");
}

/// The Push-Flag that a push went out with.
fn flag(air: &Air, push_id: &str) -> Option<String> {
    wait_for(push_id, PATIENCE, || {
        air.with(|heard| heard.bodies.contains_key(push_id).then_some(()))
    });
    air.with(|heard| heard.flags.get(push_id).cloned())
}

#[test]
fn only_an_initiator_that_has_shown_who_it_is_is_vouched_for() {
    let setup = Setup::new()
        .with(TRUSTED)
        .with_password("known", "sesame", "");
    let gateway = setup.start();
    let group = IpAddr::V4(Ipv4Addr::new(239, 255, 54, 1));
    let air = Air::listen(group, gateway.listen);
    let known = basic("known", "sesame");
    submit(&gateway, &known, "known@pi");
    submit(&gateway, "", "trusted@pi");
    assert_eq!(flag(&air, "known@pi").as_deref(), Some("1"));
    assert_eq!(flag(&air, "trusted@pi"), None);
}
