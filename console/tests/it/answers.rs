//! Every kind of answer and notification as a PI gets it. Times, ports and versions are redacted.

use insta::assert_snapshot;

use crate::gateway::{Gateway, OPEN, PATIENCE, Setup, control, submission};
use crate::notified::Notified;
use crate::process::wait_for;

const SECTIONS: &str = r#"
[[channel]]
name = "crawling"
kind = "flute"
bearer = "BCAST"
group = "239.255.54.2"
port = 5042
ttl = 0
tsi = 10
rate_bps = 1000
fec = "none"
capabilities = { message_bytes = 1000 }
[[alias_group]]
name = "crawling"
channels = ["crawling"]
[[alias_group]]
name = "every"
channels = ["air", "crawling"]
deliver = "all"
"#;

const LATER: &str = "deliver-after-timestamp=\"2999-01-01T00:00:00Z\"";
const NOTES: &str = "progress-notes-requested=\"true\"";

fn start() -> Gateway {
    Setup::new().with(OPEN).with(SECTIONS).start()
}

/// The document of an answer from its root on, an element to a line.
fn stable(answer: &str) -> String {
    let start = answer.find("<pap").unwrap_or_else(|| panic!("{answer}"));
    let end = answer.find("</pap>").unwrap() + "</pap>".len();
    let mut text = answer[start..end].replace("><", ">\n<");
    let pattern = b"0000-00-00T00:00:00Z";
    let is_time = |window: &[u8]| {
        window.iter().zip(pattern).all(|(octet, pattern)| {
            octet == pattern || (octet.is_ascii_digit() && pattern.is_ascii_digit())
        })
    };
    while let Some(at) = text.as_bytes().windows(20).position(is_time) {
        text.replace_range(at..at + 20, "TIME");
    }
    between(&mut text, "product-name=\"pushcast/", "\"", "VERSION");
    between(&mut text, "127.0.0.1:", "/", "PORT");
    text
}

/// Replaces what stands between the first of the one and the next of the other.
fn between(text: &mut String, before: &str, after: &str, with: &str) {
    let Some(start) = text.find(before).map(|at| at + before.len()) else {
        return;
    };
    let end = start + text[start..].find(after).unwrap();
    text.replace_range(start..end, with);
}

fn push(gateway: &Gateway, push_id: &str, group: &str, attributes: &str) -> String {
    stable(&gateway.push("", &submission(push_id, group, attributes)))
}

fn ask(gateway: &Gateway, inside: &str) -> String {
    stable(&gateway.ask("", &control(inside)))
}

fn address(group: &str) -> String {
    format!("<address address-value=\"WAPPUSH=group%2F{group}/TYPE=USER@ppg\"/>")
}

#[test]
fn submissions_are_answered() {
    let gateway = start();
    assert_snapshot!(push(&gateway, "plain@pi", "all", ""), @r#"
    <pap product-name="pushcast/VERSION">
    <push-response push-id="plain@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" reply-time="TIME">
    <response-result code="1001" desc="Accepted for processing"/>
    </push-response>
    </pap>
    "#);
    assert_snapshot!(push(&gateway, "noted@pi", "every", &format!("{LATER} {NOTES}")), @r#"
    <pap product-name="pushcast/VERSION">
    <push-response push-id="noted@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" reply-time="TIME">
    <progress-note stage="addressing" note="1 of 1 addresses resolved" time="TIME"/>
    <progress-note stage="bearer-selection" note="WAPPUSH=group%2Fevery/TYPE=USER@ppg: air (MBMS) and crawling (BCAST)" time="TIME"/>
    <response-result code="1001" desc="Accepted for processing"/>
    </push-response>
    </pap>
    "#);
    let instead = format!("{LATER} {NOTES} replace-push-id=\"noted@pi\"");
    assert_snapshot!(push(&gateway, "instead@pi", "every", &instead), @r#"
    <pap product-name="pushcast/VERSION">
    <push-response push-id="instead@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" reply-time="TIME">
    <progress-note stage="addressing" note="1 of 1 addresses resolved" time="TIME"/>
    <progress-note stage="bearer-selection" note="WAPPUSH=group%2Fevery/TYPE=USER@ppg: air (MBMS) and crawling (BCAST)" time="TIME"/>
    <progress-note stage="replacement" note="replaced push cancelled for 1 of 1 addresses" time="TIME"/>
    <response-result code="1001" desc="Accepted for processing"/>
    </push-response>
    </pap>
    "#);
    assert_snapshot!(push(&gateway, "nowhere@pi", "nowhere", NOTES), @r#"
    <pap product-name="pushcast/VERSION">
    <push-response push-id="nowhere@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" reply-time="TIME">
    <response-result code="2002" desc="WAPPUSH=group%2Fnowhere/TYPE=USER@ppg names no alias group, service area or channel of this gateway"/>
    </push-response>
    </pap>
    "#);
    let missing = "replace-push-id=\"never@pi\" replace-method=\"pending-only\"";
    assert_snapshot!(push(&gateway, "missing@pi", "all", missing), @r#"
    <pap product-name="pushcast/VERSION">
    <push-response push-id="missing@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" reply-time="TIME">
    <response-result code="2004" desc="no push never@pi that could be replaced"/>
    </push-response>
    </pap>
    "#);
}

#[test]
fn questions_are_answered() {
    let gateway = start();
    let two = format!("{}{}", address("all"), address("every"));
    let submitted = gateway.push(
        "",
        &control(&format!(
            "<push-message push-id=\"two@pi\" {LATER}>{two}</push-message>"
        )),
    );
    assert!(submitted.contains("1001"), "{submitted}");
    let cancel = |inside: &str| {
        let message = format!("<cancel-message push-id=\"two@pi\">{inside}</cancel-message>");
        ask(&gateway, &message)
    };
    let query = |inside: &str| {
        let message =
            format!("<statusquery-message push-id=\"two@pi\">{inside}</statusquery-message>");
        ask(&gateway, &message)
    };
    assert_snapshot!(cancel(&format!("{}{}", address("all"), address("x"))), @r#"
    <pap product-name="pushcast/VERSION">
    <cancel-response push-id="two@pi">
    <cancel-result code="1000" desc="Cancelled">
    <address address-value="WAPPUSH=group%2Fall/TYPE=USER@ppg"/>
    </cancel-result>
    <cancel-result code="2003" desc="Address not found">
    <address address-value="WAPPUSH=group%2Fx/TYPE=USER@ppg"/>
    </cancel-result>
    </cancel-response>
    </pap>
    "#);
    assert_snapshot!(query(""), @r#"
    <pap product-name="pushcast/VERSION">
    <statusquery-response push-id="two@pi">
    <statusquery-result event-time="TIME" message-state="cancelled" code="1000" desc="cancelled by the initiator">
    <address address-value="WAPPUSH=group%2Fall/TYPE=USER@ppg"/>
    </statusquery-result>
    <statusquery-result event-time="TIME" message-state="pending" code="1000">
    <address address-value="WAPPUSH=group%2Fevery/TYPE=USER@ppg"/>
    </statusquery-result>
    </statusquery-response>
    </pap>
    "#);
    assert_snapshot!(query(&address("x")), @r#"
    <pap product-name="pushcast/VERSION">
    <statusquery-response push-id="two@pi">
    <statusquery-result message-state="unknown" code="2003" desc="Address not found">
    <address address-value="WAPPUSH=group%2Fx/TYPE=USER@ppg"/>
    </statusquery-result>
    </statusquery-response>
    </pap>
    "#);
}

#[test]
fn questions_about_what_is_not_there_are_answered() {
    let gateway = start();
    let ccq = |group: &str| {
        let message = format!(
            "<ccq-message query-id=\"q\">{}</ccq-message>",
            address(group)
        );
        ask(&gateway, &message)
    };
    assert_snapshot!(ask(&gateway, "<statusquery-message push-id=\"never@pi\"/>"), @r#"
    <pap product-name="pushcast/VERSION">
    <statusquery-response push-id="never@pi">
    <statusquery-result message-state="unknown" code="2004" desc="Push ID not found">
    </statusquery-result>
    </statusquery-response>
    </pap>
    "#);
    assert_snapshot!(ask(&gateway, "<cancel-message push-id=\"never@pi\"/>"), @r#"
    <pap product-name="pushcast/VERSION">
    <cancel-response push-id="never@pi">
    <cancel-result code="2004" desc="Push ID not found">
    </cancel-result>
    </cancel-response>
    </pap>
    "#);
    assert_snapshot!(ccq("crawling"), @r#"
    <pap product-name="pushcast/VERSION">
    <ccq-response query-id="q" code="1000" desc="OK">
    <address address-value="WAPPUSH=group%2Fcrawling/TYPE=USER@ppg"/>
    </ccq-response>
    </pap>
    "#);
    assert_snapshot!(ccq("all"), @r#"
    <pap product-name="pushcast/VERSION">
    <ccq-response query-id="q" code="3008" desc="no channel of this address declares what its receivers can do">
    <address address-value="WAPPUSH=group%2Fall/TYPE=USER@ppg"/>
    </ccq-response>
    </pap>
    "#);
}

#[test]
fn what_cannot_be_read_is_answered() {
    let gateway = start();
    let stable = |document: &str| stable(&gateway.ask("", document));
    assert_snapshot!(stable("<pap><push-message/></pap>"), @r#"
    <pap product-name="pushcast/VERSION">
    <badmessage-response code="2000" desc="attribute push-id of push-message is required" bad-message-fragment="&lt;push-message/&gt;"/>
    </pap>
    "#);
    assert_snapshot!(stable("no document & nothing"), @r#"
    <pap product-name="pushcast/VERSION">
    <badmessage-response code="2000" desc="not well-formed at octet 0: text outside pap" bad-message-fragment="no document &amp; nothing"/>
    </pap>
    "#);
    let unknown = "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 3.0//EN\" \"x\"><pap/>";
    assert_snapshot!(stable(unknown), @r#"
    <pap product-name="pushcast/VERSION">
    <badmessage-response code="3002" desc="PAP version 3.0 is not supported" bad-message-fragment="&lt;!DOCTYPE pap PUBLIC &quot;-//WAPFORUM//DTD PAP 3.0//EN&quot; &quot;x&quot;&gt;&lt;pap/&gt;"/>
    </pap>
    "#);
    let half = "<pap><push-message push-id=\"half@pi\"><adress/></push-message></pap>";
    assert_snapshot!(stable(half), @r#"
    <pap product-name="pushcast/VERSION">
    <push-response push-id="half@pi">
    <response-result code="2000" desc="&quot;adress&quot; is not possible in push-message or not at that place"/>
    </push-response>
    </pap>
    "#);
}

/// Waits for the notification about a push.
fn told(notified: &Notified, push_id: &str) -> String {
    let about = format!("push-id=\"{push_id}\"");
    wait_for(push_id, PATIENCE, || {
        let documents = notified.documents().into_iter();
        let mut about = documents.filter(|document| document.contains(&about));
        about.next().map(|document| stable(&document))
    })
}

fn notify_to(notified: &Notified) -> String {
    format!("ppg-notify-requested-to=\"{}\"", notified.url)
}

fn accepted(gateway: &Gateway, push_id: &str, group: &str, attributes: &str) {
    let answer = push(gateway, push_id, group, attributes);
    assert!(answer.contains("1001"), "{answer}");
}

#[test]
fn outcomes_are_told() {
    let (gateway, notified) = (start(), Notified::start());
    let notify = notify_to(&notified);
    let wishes = format!(
        "<push-message push-id=\"wished@pi\" {notify}>{}<quality-of-service priority=\"high\" \
         delivery-method=\"preferconfirmed\" bearer=\"mbms\"/></push-message>",
        address("every")
    );
    let answer = gateway.push("", &control(&wishes));
    assert!(answer.contains("1001"), "{answer}");
    assert_snapshot!(told(&notified, "wished@pi"), @r#"
    <pap product-name="pushcast/VERSION">
    <resultnotification-message push-id="wished@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" received-time="TIME" event-time="TIME" message-state="delivered" code="1000" desc="Transmitted on MBMS">
    <address address-value="WAPPUSH=group%2Fevery/TYPE=USER@ppg"/>
    <quality-of-service priority="high" delivery-method="unconfirmed" bearer="MBMS"/>
    </resultnotification-message>
    </pap>
    "#);
    accepted(&gateway, "plain@pi", "all", &notify);
    assert_snapshot!(told(&notified, "plain@pi"), @r#"
    <pap product-name="pushcast/VERSION">
    <resultnotification-message push-id="plain@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" received-time="TIME" event-time="TIME" message-state="delivered" code="1000" desc="Transmitted on MBMS">
    <address address-value="WAPPUSH=group%2Fall/TYPE=USER@ppg"/>
    <quality-of-service delivery-method="unconfirmed" bearer="MBMS"/>
    </resultnotification-message>
    </pap>
    "#);
    let later = format!("{LATER} {notify}");
    accepted(&gateway, "cancelled@pi", "all", &later);
    ask(&gateway, "<cancel-message push-id=\"cancelled@pi\"/>");
    assert_snapshot!(told(&notified, "cancelled@pi"), @r#"
    <pap product-name="pushcast/VERSION">
    <resultnotification-message push-id="cancelled@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" received-time="TIME" event-time="TIME" message-state="cancelled" code="1000" desc="cancelled by the initiator">
    <address address-value="WAPPUSH=group%2Fall/TYPE=USER@ppg"/>
    </resultnotification-message>
    </pap>
    "#);
}

#[test]
fn outcomes_of_replacements_and_late_pushes_are_told() {
    let (gateway, notified) = (start(), Notified::start());
    let notify = notify_to(&notified);
    let later = format!("{LATER} {notify}");
    accepted(&gateway, "old@pi", "all", &later);
    let both = format!("{}{}", address("all"), address("every"));
    let only = "replace-push-id=\"old@pi\" replace-method=\"pending-only\"";
    let message =
        format!("<push-message push-id=\"new@pi\" {LATER} {notify} {only}>{both}</push-message>");
    let answer = gateway.push("", &control(&message));
    assert!(answer.contains("1001"), "{answer}");
    assert_snapshot!(told(&notified, "old@pi"), @r#"
    <pap product-name="pushcast/VERSION">
    <resultnotification-message push-id="old@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" received-time="TIME" event-time="TIME" message-state="cancelled" code="1000" desc="replaced by new@pi">
    <address address-value="WAPPUSH=group%2Fall/TYPE=USER@ppg"/>
    </resultnotification-message>
    </pap>
    "#);
    assert_snapshot!(told(&notified, "new@pi"), @r#"
    <pap product-name="pushcast/VERSION">
    <resultnotification-message push-id="new@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" received-time="TIME" event-time="TIME" message-state="rejected" code="2008" desc="the push that it was to replace could not be cancelled">
    <address address-value="WAPPUSH=group%2Fevery/TYPE=USER@ppg"/>
    </resultnotification-message>
    </pap>
    "#);
    let soon = timestamp_in(3);
    let soon = format!("deliver-before-timestamp=\"{soon}\" {notify}");
    accepted(&gateway, "late@pi", "crawling", &soon);
    assert_snapshot!(told(&notified, "late@pi"), @r#"
    <pap product-name="pushcast/VERSION">
    <resultnotification-message push-id="late@pi" sender-address="http://127.0.0.1:PORT/pap" sender-name="pushcast" received-time="TIME" event-time="TIME" message-state="expired" code="4000" desc="crawling: deliver-before passed before the first pass was complete">
    <address address-value="WAPPUSH=group%2Fcrawling/TYPE=USER@ppg"/>
    </resultnotification-message>
    </pap>
    "#);
}

/// Now and so many seconds, as PAP writes it.
fn timestamp_in(seconds: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
