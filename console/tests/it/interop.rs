//! What others make of our answers, and what we make of their submissions: xmllint with the DTD of
//! PAP 2.0, and the client that comes with Kannel.

use std::path::Path;
use std::process::Command;

use crate::gateway::{Gateway, OPEN, PATIENCE, Setup, control, submission};
use crate::notified::Notified;
use crate::process::wait_for;

const DTD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/pap_2.0.dtd");
/// Where Debian has it.
const TEST_PPG: &str = "/usr/lib/kannel/test/test_ppg";

const DECLARED: &str = r#"
[[channel]]
name = "declared"
kind = "flute"
bearer = "BCAST"
group = "239.255.54.2"
port = 5042
ttl = 0
tsi = 10
capabilities = { accept = ["text/plain"], message_bytes = 1000 }
[[alias_group]]
name = "declared"
channels = ["declared"]
"#;

/// The document in an HTTP answer, alone or as the first of several entities.
fn document(answer: &str) -> &str {
    let start = answer
        .find("<?xml")
        .unwrap_or_else(|| panic!("no document: {answer}"));
    let end = answer.find("</pap>").unwrap() + "</pap>".len();
    &answer[start..end]
}

/// Fails unless xmllint finds the document valid. False where there is no xmllint.
fn is_valid(folder: &Path, document: &str) -> bool {
    let file = folder.join("document.xml");
    std::fs::write(&file, document).unwrap();
    let checked = Command::new("xmllint")
        .args(["--nonet", "--noout", "--dtdvalid", DTD])
        .arg(&file)
        .output();
    let Ok(checked) = checked else {
        println!("SKIPPED answers against the DTD: xmllint is not installed");
        return false;
    };
    let errors = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{errors}\n{document}");
    true
}

fn told(gateway: &Gateway, push_id: &str) -> String {
    gateway.ask(
        "",
        &control(&format!("<statusquery-message push-id=\"{push_id}\"/>")),
    )
}

const ADDRESS: &str = "<address address-value=\"WAPPUSH=group%2Fall/TYPE=USER@ppg\"/>";
/// Far ahead.
const LATER: &str = "deliver-after-timestamp=\"2999-01-01T00:00:00Z\"";

/// Codes expected and the answers that came.
type Answers = Vec<(u16, String)>;

fn submissions(gateway: &Gateway, notify: &str) -> Answers {
    let push = |push_id: &str, group: &str, attributes: &str| {
        gateway.push("", &submission(push_id, group, attributes))
    };
    let notes = "progress-notes-requested=\"true\"";
    let past = "deliver-before-timestamp=\"2001-01-01T00:00:00Z\"";
    let unknown = "replace-push-id=\"x\" replace-method=\"pending-only\"";
    let instead = format!("{LATER} replace-push-id=\"later@pi\" {notes}");
    vec![
        (1001, push("one@pi", "all", &format!("{notes} {notify}"))),
        (1001, push("later@pi", "all", &format!("{LATER} {notify}"))),
        (2007, push("one@pi", "all", "")),
        (2002, push("two@pi", "nowhere", "")),
        (2000, push("two@pi", "all", past)),
        (2004, push("two@pi", "all", unknown)),
        (1001, push("instead@pi", "all", &instead)),
    ]
}

fn questions(gateway: &Gateway) -> Answers {
    let ask = |inside: &str| gateway.ask("", &control(inside));
    let ccq = |group: &str| {
        let address = ADDRESS.replace("all", group);
        ask(&format!(
            "<ccq-message query-id=\"q&quot;1\">{address}</ccq-message>"
        ))
    };
    let stranger = ADDRESS.replace("all", "x");
    let of_stranger = format!("<cancel-message push-id=\"one@pi\">{stranger}</cancel-message>");
    vec![
        (1000, ask("<cancel-message push-id=\"instead@pi\"/>")),
        (2003, ask(&of_stranger)),
        (2004, ask("<cancel-message push-id=\"never@pi\"/>")),
        (1000, told(gateway, "instead@pi")),
        (2004, told(gateway, "never@pi")),
        (3008, ccq("all")),
        (1000, ccq("declared")),
        (2002, ccq("nowhere")),
    ]
}

fn unreadable(gateway: &Gateway) -> Answers {
    let version = "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 3.0//EN\" \"x\"><pap>\
                   <cancel-message push-id=\"a\"/></pap>";
    vec![
        (2000, gateway.ask("", "<pap><push-message/></pap>")),
        (2000, gateway.ask("", "no \u{1} <document & at all")),
        (3002, gateway.ask("", version)),
    ]
}

#[test]
fn every_answer_and_notification_is_valid_by_the_dtd() {
    let gateway = Setup::new().with(OPEN).with(DECLARED).start();
    let notified = Notified::start();
    let folder = tempfile::tempdir().unwrap();
    let notify = format!("ppg-notify-requested-to=\"{}\"", notified.url);
    let mut answers = submissions(&gateway, &notify);
    answers.extend(questions(&gateway));
    answers.extend(unreadable(&gateway));
    for (code, answer) in &answers {
        let document = document(answer);
        assert!(
            document.contains(&format!("code=\"{code}\"")),
            "{code}: {answer}"
        );
        if !is_valid(folder.path(), document) {
            return;
        }
    }
    wait_for("two notifications", PATIENCE, || {
        (notified.told().len() == 2).then_some(())
    });
    for document in notified.documents() {
        is_valid(folder.path(), &document);
    }
    assert!(told(&gateway, "later@pi").contains("cancelled"));
}

#[test]
fn kannels_client_is_served_and_understands_the_answers() {
    if !Path::new(TEST_PPG).exists() {
        println!("SKIPPED submissions by Kannel's client: test_ppg is not installed");
        return;
    }
    let mut gateway = Setup::new().with(OPEN).with(DECLARED).start();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://127.0.0.1:{}/pap", gateway.listen);
    let si = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../engine/tests/samples/content/si.xml"
    );
    // One name each: a second push under the same one is refused.
    let submit = |name: &str, group: &str, options: &[&str]| {
        let file = folder.path().join(name);
        std::fs::write(&file, submission(name, group, "")).unwrap();
        let output = Command::new(TEST_PPG)
            .args(options)
            .args([&url, si])
            .arg(&file)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let ways: [(&str, &[&str]); 5] = [
        ("plain@pi", &[]),
        ("base64@pi", &["-e", "base64"]),
        ("lf@pi", &["-d", "lf"]),
        ("around@pi", &["-p", "-E"]),
        ("numeric@pi", &["-n", "-k", "keep-alive"]),
    ];
    for (name, options) in ways {
        let log = submit(name, "all", options);
        assert!(log.contains("1 succeeded, 0 failed"), "{name}: {log}");
        assert!(log.contains("and type push response"), "{name}: {log}");
        assert!(log.contains("1001"), "{name}: {log}");
        wait_for(name, PATIENCE, || {
            told(&gateway, name).contains("delivered").then_some(())
        });
    }
    let again = submit("plain@pi", "all", &[]);
    assert!(again.contains("2007"), "{again}");
    let nowhere = submit("nowhere@pi", "nowhere", &[]);
    assert!(nowhere.contains("2002"), "{nowhere}");
    gateway.expect_service("after@pi");
}
