//! Versions of PAP: each PI is answered and told in its own (PAP 9, 11).

use crate::gateway::{Gateway, PATIENCE, Setup, submission};
use crate::notified::Notified;
use crate::process::wait_for;

const INITIATOR: &str = "[[initiator]]\nname = \"pi\"\ntrusted_from = [\"127.0.0.0/8\"]\n\
     groups = [\"all\"]\nnotify_hosts = [\"127.0.0.1\"]\n";
/// What the gateway says that it supports.
const LIST: &str = "[<?wap-pap-ver supported-versions=\"2.0,1.*\"?>]";

/// A control entity in a version, with an internal subset.
fn in_version(version: &str, subset: &str, push_id: &str, attributes: &str) -> String {
    let document = submission(push_id, "all", attributes);
    let start = document.find("<!DOCTYPE").unwrap();
    let root = document.find("<pap>").unwrap();
    let doctype = format!(
        "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP {version}//EN\" \
         \"http://www.wapforum.org/DTD/pap_{version}.dtd\" {subset}>"
    );
    format!("{}{doctype}{}", &document[..start], &document[root..])
}

fn is_in(document: &str, version: &str) -> bool {
    document.contains(&format!("-//WAPFORUM//DTD PAP {version}//EN"))
}

fn start() -> Gateway {
    Setup::new().with(INITIATOR).start()
}

#[test]
fn a_pi_hears_of_versions_only_if_it_knows_more_than_1_0() {
    let gateway = start();
    for (number, (version, subset, answered, listed)) in [
        ("1.0", "", "1.0", false),
        ("1.0", LIST, "1.0", true),
        ("2.0", "", "2.0", true),
        ("2.3", "", "2.0", true),
    ]
    .into_iter()
    .enumerate()
    {
        let document = in_version(version, subset, &format!("{number}@pi"), "");
        let answer = gateway.push("", &document);
        assert!(
            answer.contains("code=\"1001\""),
            "{version} {subset}: {answer}"
        );
        assert!(is_in(&answer, answered), "{version} {subset}: {answer}");
        assert_eq!(
            answer.contains(LIST),
            listed,
            "{version} {subset}: {answer}"
        );
    }
}

#[test]
fn the_list_of_versions_is_right_and_complete() {
    let gateway = start();
    for (version, is_supported) in [("1.0", true), ("1.7", true), ("2.0", true), ("0.9", false)] {
        let push_id = format!("{version}@pi");
        let answer = gateway.push("", &in_version(version, "", &push_id, ""));
        assert_eq!(
            answer.contains("code=\"1001\""),
            is_supported,
            "{version}: {answer}"
        );
    }
    // Another major version, and what its PI knows besides, or not.
    for (subset, answered) in [
        ("", "1.0"),
        (
            "[<?wap-pap-ver supported-versions=\"3.0,2.*,1.*\"?>]",
            "2.0",
        ),
        ("[<?wap-pap-ver supported-versions=\"3.0,2.4\"?>]", "1.0"),
    ] {
        let answer = gateway.push("", &in_version("3.0", subset, "three@pi", ""));
        assert!(
            answer.contains("<badmessage-response code=\"3002\""),
            "{answer}"
        );
        assert!(
            is_in(&answer, answered) && answer.contains(LIST),
            "{subset}: {answer}"
        );
    }
}

#[test]
fn replacement_is_not_known_in_1_0() {
    let gateway = start();
    let replaces = "replace-push-id=\"old@pi\"";
    let answer = gateway.push("", &in_version("1.0", "", "new@pi", replaces));
    assert!(
        answer.contains("code=\"2000\"") && is_in(&answer, "1.0"),
        "{answer}"
    );
    let answer = gateway.push("", &in_version("2.0", "", "new@pi", replaces));
    assert!(answer.contains("code=\"1001\""), "{answer}");
}

#[test]
fn outcomes_are_told_in_the_version_of_their_submission() {
    let gateway = start();
    let notified = Notified::start();
    let notify = format!("ppg-notify-requested-to=\"{}\"", notified.url);
    for version in ["1.0", "2.0"] {
        let push_id = format!("in-{version}@pi");
        let answer = gateway.push("", &in_version(version, "", &push_id, &notify));
        assert!(answer.contains("code=\"1001\""), "{answer}");
        let about = format!("push-id=\"{push_id}\"");
        let document = wait_for(&push_id, PATIENCE, || {
            let mut documents = notified.documents().into_iter();
            documents.find(|document| document.contains(&about))
        });
        assert!(is_in(&document, version), "{document}");
        assert_eq!(document.contains(LIST), version == "2.0", "{document}");
    }
}
