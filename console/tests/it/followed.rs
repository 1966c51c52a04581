//! `pushcast submit --wait` follows a push over everything that passes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Output, Stdio};

use crate::lab::{LONG, Lab, PATIENCE, slow_lab};
use crate::process::{free_port, wait_for};
use crate::random::Random;

/// Starts `pushcast submit --wait` on a gateway.
fn submit(url: &str, lab: &Lab, bytes: usize, more: &[&str]) -> Child {
    let file = lab.path("content");
    std::fs::write(&file, Random::new(3).octets(bytes)).unwrap();
    Command::new(env!("CARGO_BIN_EXE_pushcast"))
        .args(["submit", "--ppg", url, "--to", "group/all", "--json"])
        .args(["--push-id", "followed@pi", "--wait", "--file"])
        .arg(&file)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// States told on standard output, and everything on standard error.
fn ended(child: Child) -> (Output, Vec<String>, String) {
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    let state = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["state"].as_str().map(str::to_owned)
    };
    let states = told.lines().filter_map(state).collect();
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, states, notes)
}

#[test]
fn a_push_is_followed_over_a_restart_of_its_gateway() {
    let (lab, air) = slow_lab();
    let gateway = lab.start();
    let mut child = submit(&lab.url(), &lab, LONG, &[]);
    wait_for("its first packet", PATIENCE, || {
        air.with(|heard| (heard.packets > 0).then_some(()))
    });
    drop(gateway);
    let mut notes = BufReader::new(child.stderr.take().unwrap());
    let mut missed = String::new();
    notes.read_line(&mut missed).unwrap();
    assert!(missed.contains("cannot be reached"), "{missed}");
    let _gateway = lab.start();
    let (output, states, _) = ended(child);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(states, ["delivered"]);
    let mut rest = String::new();
    notes.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("the gateway answers again"), "{rest}");
}

#[test]
fn a_gateway_that_stays_away_is_asked_until_the_time_is_up() {
    let (lab, air) = slow_lab();
    let gateway = lab.start();
    let child = submit(&lab.url(), &lab, LONG, &["--timeout", "4s"]);
    wait_for("its first packet", PATIENCE, || {
        air.with(|heard| (heard.packets > 0).then_some(()))
    });
    drop(gateway);
    let (output, states, notes) = ended(child);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(states.is_empty());
    assert!(notes.contains("no outcome within 4 s"), "{notes}");
}

/// Answers requests one after the other, each as given: a status with a body.
fn scripted(answers: &'static [(&'static str, &'static str)]) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, free_port())).unwrap();
    let url = format!("http://{}/pap", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for ((status, body), stream) in answers.iter().zip(listener.incoming()) {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !String::from_utf8_lossy(&request).contains("</pap>") {
                let len = stream.read(&mut buffer).unwrap();
                assert!(len > 0, "half a request");
                request.extend_from_slice(&buffer[..len]);
            }
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nConnection: close\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

const TAKEN: &str = "<pap><push-response push-id=\"followed@pi\"><response-result code=\"1001\"/>\
                     </push-response></pap>";
const DELIVERED: &str = "<pap><statusquery-response push-id=\"followed@pi\"><statusquery-result \
                         message-state=\"delivered\" code=\"1000\"><address \
                         address-value=\"a\"/></statusquery-result></statusquery-response></pap>";

#[test]
fn a_busy_gateway_is_asked_again_and_a_refusal_is_not() {
    let (lab, _air) = slow_lab();
    let url = scripted(&[
        ("202 Accepted", TAKEN),
        ("503 Service Unavailable", ""),
        ("429 Too Many Requests", "slow down"),
        ("202 Accepted", DELIVERED),
    ]);
    let (output, states, notes) = ended(submit(&url, &lab, 10, &[]));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(states, ["delivered"]);
    assert!(notes.contains("HTTP 503"), "{notes}");
    let url = scripted(&[("202 Accepted", TAKEN), ("401 Unauthorized", "")]);
    let (output, states, notes) = ended(submit(&url, &lab, 10, &[]));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(states.is_empty() && notes.contains("HTTP 401"), "{notes}");
}
