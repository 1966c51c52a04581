//! The tools beside the gateway: pages by hand, and what is on the air as other programs see it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::{Centre, POOL, accept, cells, text};
use crate::initiator::push;
use crate::lab::{Lab, PATIENCE};
use crate::process::free_port;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cbs/tests/samples");

fn pushcast(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushcast"));
    command.args(arguments).output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// Every text that `receive --gsmtap` finds in a capture.
fn texts(path: &Path) -> Vec<String> {
    let output = pushcast(&["receive", "--json", "--gsmtap", path.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let texts = lines(&output).into_iter();
    texts
        .filter_map(|line| line["text"].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn a_text_is_measured_and_its_capture_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let pcap = folder.path().join("a.pcap");
    let said = "Überflutung: der Fluss steigt. ".repeat(8);
    let said = said.trim();
    let output = pushcast(&[
        "cbs",
        "encode",
        said,
        "--language",
        "de",
        "--json",
        "--pcap",
        pcap.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{output:?}");
    let described = &lines(&output)[0];
    assert_eq!(described["charset"], "gsm7");
    assert_eq!(described["dcs"], 0);
    assert_eq!(described["pages"], 3);
    assert_eq!(described["air_time_ms"], 3 * 1883);
    assert_eq!(texts(&pcap), [said]);
    let ucs2 = pushcast(&["cbs", "encode", "Вода", "--json"]);
    let described = &lines(&ucs2)[0];
    assert_eq!(described["charset"], "ucs2");
    assert_eq!(described["forcing_ucs2"][0][0], "В");
    let told = pushcast(&["cbs", "encode", "Вода"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(
        told.contains("4 characters are outside the GSM alphabet"),
        "{told}"
    );
    let long = pushcast(&["cbs", "encode", &"я".repeat(616)]);
    assert_eq!(long.status.code(), Some(1));
}

#[test]
fn a_text_is_shown_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let pcap = folder.path().join("a.pcap");
    let file = pcap.to_str().unwrap();
    let (first, second) = ("a".repeat(93), "b".repeat(20));
    let encoded = pushcast(&["cbs", "encode", &format!("{first}{second}"), "--pcap", file]);
    assert!(encoded.status.success());
    let output = pushcast(&["receive", "--gsmtap", file]);
    let shown = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = shown.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            format!("         1 | {first}"),
            format!("         2 | {second}")
        ]
    );
}

#[test]
fn the_demo_shows_an_alert_over_multicast_and_cells() {
    let output = pushcast(&["demo", "--once"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}");
    for part in [
        "handset    ",
        "1 | Flood warning: the river Aln rises. Go to high ground now, 10 m above it.",
        "Transmitted on MBMS and CBS",
        "broadcast in 3 of 3 cells",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    assert_eq!(told.matches("byte-exact").count(), 2, "{told}");
}

#[test]
fn captures_of_other_programs_are_read() {
    let vectors = texts(&Path::new(SAMPLES).join("vectors.pcap"));
    let expected = std::fs::read_to_string(Path::new(SAMPLES).join("vectors.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let known = expected.to_string();
    assert!(vectors.len() >= 10, "{vectors:?}");
    for text in &vectors {
        let quoted = Value::from(text.as_str()).to_string();
        let inside = quoted.trim_matches('"');
        assert!(known.contains(inside), "{text:?} is none of the vectors");
    }
    let air = texts(&Path::new(SAMPLES).join("air-cbch.pcap"));
    assert!(!air.is_empty());
}

#[test]
fn tshark_shows_the_same_text() {
    let Ok(version) = Command::new("tshark").arg("--version").output() else {
        println!("tshark is not installed");
        return;
    };
    assert!(version.status.success());
    let folder = tempfile::tempdir().unwrap();
    let pcap = folder.path().join("a.pcap");
    let said = "Flood warning: the river Aln rises. Leave low ground now and go up the hill. \
                Take your neighbours with you, and your animals too.";
    let file = pcap.to_str().unwrap();
    assert!(
        pushcast(&["cbs", "encode", said, "--pcap", file])
            .status
            .success()
    );
    let mut tshark = Command::new("tshark");
    tshark.args([
        "-r",
        file,
        "-Y",
        "gsm_cbs",
        "-T",
        "fields",
        "-e",
        "gsm_cbs.page_content",
    ]);
    let output = tshark.output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let shown: String = shown.lines().collect();
    assert_eq!(shown.trim(), said);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_centre_has_on_the_air_is_heard_as_gsmtap() {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushcast"));
    command.args([
        "receive",
        "--json",
        "--count",
        "1",
        "--timeout",
        "60s",
        "--gsmtap",
        &address,
    ]);
    let receiver = command.stdout(Stdio::piped()).spawn().unwrap();
    let centre = Centre::with(&["--gsmtap", &address]);
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let long: String = "Вода прибывает. ".repeat(10).trim().to_owned();
    accept(&lab.client(), push("a@pi", None), &text(&long)).await;
    let waited = tokio::task::spawn_blocking(move || receiver.wait_with_output().unwrap());
    let output = tokio::time::timeout(PATIENCE, waited)
        .await
        .unwrap()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(lines(&output)[0]["text"], long);
}
