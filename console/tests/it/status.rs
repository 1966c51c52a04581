//! `pushcast status` tells what became of a push.

use std::net::Ipv4Addr;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::process::{Admin, Process, free_port, serve, wait_for};

const PATIENCE: Duration = Duration::from_secs(60);

fn pushcast(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushcast"));
    command.args(arguments).output().unwrap()
}

/// The only line of an answer.
fn told(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn a_push_is_known_by_its_id_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let (listen, admin) = (free_port(), free_port());
    let config = folder.path().join("pushcast.toml");
    let text = format!(
        r#"
[server]
listen = "127.0.0.1:{listen}"
admin_listen = "127.0.0.1:{admin}"
data_dir = "{data}"
[[lane]]
name = "main"
interface = "lo"
[[channel]]
name = "air"
kind = "flute"
bearer = "MBMS"
group = "239.255.52.1"
port = {listen}
ttl = 0
tsi = 8
carousel = {{ passes = 1 }}
[[alias_group]]
name = "all"
channels = ["air"]
[[initiator]]
name = "pi"
trusted_from = ["127.0.0.0/8"]
groups = ["*"]
"#,
        data = folder.path().join("data").display(),
    );
    std::fs::write(&config, text).unwrap();
    let _gateway = Process::start(serve(&config).stderr(Stdio::null()));
    let admin = Admin((Ipv4Addr::LOCALHOST, admin).into());
    wait_for("readiness", PATIENCE, || admin.is_ready().then_some(()));
    let ppg = format!("http://127.0.0.1:{listen}/pap");
    let config = config.to_str().unwrap();
    let submitted = pushcast(&[
        "submit",
        "--ppg",
        &ppg,
        "--to",
        "group/all",
        "--push-id",
        "known@pi",
        "--file",
        config,
    ]);
    assert!(submitted.status.success(), "{submitted:?}");

    let ask = ["status", "--ppg", &ppg, "--json"];
    wait_for("delivery", PATIENCE, || {
        let known = pushcast(&[&ask, &["known@pi"][..]].concat());
        assert_eq!(known.status.code(), Some(0), "{known:?}");
        (told(&known)["state"] == "delivered").then_some(())
    });
    let address = pushcast(&[&ask, &["known@pi", "--to", "group/all"][..]].concat());
    assert_eq!(told(&address)["code"], 1000);

    let other = pushcast(&[&ask, &["known@pi", "--to", "group/none"][..]].concat());
    assert_eq!(
        (other.status.code(), &told(&other)["code"]),
        (Some(1), &2003.into())
    );
    let unknown = pushcast(&[&ask, &["unknown@pi"][..]].concat());
    assert_eq!(
        (unknown.status.code(), &told(&unknown)["code"]),
        (Some(1), &2004.into())
    );
    let nobody = pushcast(&["status", "--ppg", "http://127.0.0.1:1/pap", "known@pi"]);
    assert_eq!(nobody.status.code(), Some(1));
}
