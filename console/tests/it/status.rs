//! `pushcast status` tells what became of a push.

use std::process::Output;

use crate::gateway::pushcast;
use crate::lab::{Lab, PATIENCE, channel};
use crate::process::{free_port, wait_for};

/// The only line of an answer.
fn told(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn a_push_is_known_by_its_id_and_nothing_else_is() {
    let air = channel("air", 4, free_port(), "carousel = { passes = 1 }");
    let lab = Lab::new(&format!(
        "{air}[[alias_group]]\nname = \"all\"\nchannels = [\"air\"]\n"
    ));
    let _gateway = lab.start();
    let file = lab.path("content");
    std::fs::write(&file, "Sturm").unwrap();
    let content = ["--file", file.to_str().unwrap()];
    let push = ["--to", "group/all", "--push-id", "known@pi"];
    let submitted = lab.pushcast("submit", &[&push[..], &content].concat());
    assert!(submitted.status.success(), "{submitted:?}");

    let ask = |more: &[&str]| lab.pushcast("status", &[&["--json"], more].concat());
    wait_for("delivery", PATIENCE, || {
        let known = ask(&["known@pi"]);
        assert_eq!(known.status.code(), Some(0), "{known:?}");
        (told(&known)["state"] == "delivered").then_some(())
    });
    let address = ask(&["known@pi", "--to", "group/all"]);
    assert_eq!(told(&address)["code"], 1000);

    let other = ask(&["known@pi", "--to", "group/none"]);
    assert_eq!(
        (other.status.code(), &told(&other)["code"]),
        (Some(1), &2003.into())
    );
    let unknown = ask(&["unknown@pi"]);
    assert_eq!(
        (unknown.status.code(), &told(&unknown)["code"]),
        (Some(1), &2004.into())
    );
    let nobody = pushcast(&["status", "--ppg", "http://127.0.0.1:1/pap", "known@pi"]);
    assert_eq!(nobody.status.code(), Some(1));
}
