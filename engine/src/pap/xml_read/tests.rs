mod malformed;
mod round_trip;

use super::*;
use crate::model::address::{AddressError, Target};
use crate::model::delivery::MessageState;
use crate::model::ids::PushId;
use crate::model::submission::{DeliveryMethod, Priority, QualityOfService};
use crate::pap::mime::Message;
use crate::pap::samples::{http, sample};
use crate::pap::version::{Edition, Envelope};

const DOCTYPE_2: &str = "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 2.0//EN\" \"pap_2.0.dtd\">";
const DOCTYPE_3: &str = "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 3.0//EN\" \"pap_3.0.dtd\" \
                         [<?wap-pap-ver supported-versions=\"3.0,2.0\"?>]>";
const ADDRESS: &str = "<address address-value=\"WAPPUSH=a/TYPE=USER@p\"/>";
const LATE: u64 = 1_795_339_800_000;

fn request(text: &str) -> Request {
    Request::read(text.as_bytes()).unwrap()
}

fn refused(text: &str) -> ReadError {
    *Request::read(text.as_bytes()).unwrap_err()
}

fn push_of(request: Request) -> PushMessage {
    match request.operation {
        Operation::Push(push) => push,
        other => panic!("{other:?}"),
    }
}

fn push(attributes: &str, children: &str) -> String {
    format!(
        "{DOCTYPE_2}<pap><push-message push-id=\"p\" {attributes}>{children}</push-message></pap>"
    )
}

fn id(text: &str) -> PushId {
    text.parse().unwrap()
}

#[test]
fn our_own_submission_is_read() {
    let request = Request::read(&sample("pap20-submit.xml").unwrap()).unwrap();
    assert_eq!(request.version, PapVersion::V2_0);
    assert_eq!(request.pi_versions.as_ref().map(Vec::len), Some(2));
    assert_eq!(request.product_name.as_deref(), Some("example-pi 1.0"));
    assert_eq!(request.envelope(), Envelope::OWN);
    let push = push_of(request);
    let targets: Vec<_> = push
        .addresses
        .iter()
        .map(|recipient| recipient.address().unwrap().target().clone())
        .collect();
    assert_eq!(
        targets,
        [
            Target::Group("flood-aln".parse().unwrap()),
            Target::Multicast {
                group: "239.192.7.20".parse().unwrap(),
                port: None
            }
        ]
    );
    let expected = PushMessage {
        push_id: id("20261122-0001@alerts.example.org"),
        replaces: None,
        deliver_before_ms: Some(LATE + 9_000_000),
        deliver_after_ms: Some(LATE),
        source_reference: Some("River authority".into()),
        notify_url: Some("https://alerts.example.org/pap/results".into()),
        progress_notes: true,
        addresses: push.addresses.clone(),
        quality_of_service: Some(QualityOfService {
            priority: Priority::High,
            delivery_method: DeliveryMethod::Unconfirmed,
            bearer: Some("MBMS".into()),
            ..QualityOfService::default()
        }),
    };
    assert_eq!(push, expected);
    let (content_type, body) = http("pap20-submit.http").unwrap();
    let message = Message::read(&content_type, &body).unwrap();
    assert_eq!(push_of(Request::read(&message.control).unwrap()), expected);
}

#[test]
fn our_own_operations_are_read() {
    let read = |name: &str| Request::read(&sample(name).unwrap()).unwrap();
    let push = push_of(read("pap20-replace.xml"));
    let replaces = Replacement {
        push_id: id("20261122-0001@alerts.example.org"),
        method: ReplaceMethod::PendingOnly,
    };
    assert_eq!(push.replaces, Some(replaces));
    match read("pap20-cancel.xml").operation {
        Operation::Cancel(cancel) => assert_eq!(cancel.addresses.len(), 1),
        other => panic!("{other:?}"),
    }
    match read("pap20-statusquery.xml").operation {
        Operation::StatusQuery(query) => assert!(query.addresses.is_empty()),
        other => panic!("{other:?}"),
    }
    match read("pap20-ccq.xml").operation {
        Operation::Ccq(ccq) => {
            assert_eq!(ccq.query_id.as_deref(), Some("q-17"));
            assert_eq!(ccq.app_id.as_deref(), Some("x-wap-application:wml.ua"));
            assert_eq!(ccq.address.address().unwrap().target(), &Target::Other);
        }
        other => panic!("{other:?}"),
    }
    let (_, body) = http("pap20-resultnotification.http").unwrap();
    for octets in [body, sample("pap20-resultnotification.xml").unwrap()] {
        match Request::read(&octets).unwrap().operation {
            Operation::ResultNotification(notification) => {
                assert_eq!(notification.state, MessageState::Delivered);
                assert_eq!(notification.code.number(), 1000);
                assert_eq!(notification.event_ms, Some(LATE + 72_000));
                let qos = notification.quality_of_service.unwrap();
                assert_eq!(qos.bearer.as_deref(), Some("MBMS"));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn our_own_responses_are_read() {
    let read = |name: &str| Response::read(&sample(name).unwrap()).unwrap();
    let (_, body) = http("pap20-submit-response.http").unwrap();
    for response in [
        read("pap20-submit-response.xml"),
        Response::read(&body).unwrap(),
    ] {
        match response {
            Response::Push(response) => {
                assert_eq!(response.code.number(), 1001);
                assert_eq!(response.progress_notes.len(), 2);
                assert_eq!(response.progress_notes[1].stage, "addressing");
                assert_eq!(response.reply_ms, Some(LATE - 1_799_000));
            }
            other => panic!("{other:?}"),
        }
    }
    match read("pap20-statusquery-response.xml") {
        Response::StatusQuery(response) => {
            let states: Vec<_> = response.results.iter().map(|result| result.state).collect();
            assert_eq!(states, [MessageState::Delivered, MessageState::Cancelled]);
        }
        other => panic!("{other:?}"),
    }
    match read("pap20-cancel-response.xml") {
        Response::Cancel(response) => assert_eq!(response.results[0].code.number(), 1000),
        other => panic!("{other:?}"),
    }
    match read("pap20-ccq-response.xml") {
        Response::Ccq(response) => assert_eq!(response.code.number(), 3001),
        other => panic!("{other:?}"),
    }
    match read("pap20-resultnotification-response.xml") {
        Response::ResultNotification(response) => assert!(response.code.is_success()),
        other => panic!("{other:?}"),
    }
    match read("pap20-badmessage.xml") {
        Response::BadMessage(bad) => assert_eq!(bad.fragment.as_deref(), Some("<push-message>")),
        other => panic!("{other:?}"),
    }
    match read("pap20-badmessage-3002.xml") {
        Response::BadMessage(bad) => assert_eq!(bad.code.number(), 3002),
        other => panic!("{other:?}"),
    }
}

#[test]
fn kannels_client_is_read() {
    for name in [
        "testppg-4-basic-auth-pap20.http",
        "testppg-5-lf-delimiters-base64.http",
        "testppg-6-binary-body.http",
    ] {
        let (content_type, body) = http(name).unwrap();
        let message = Message::read(&content_type, &body).unwrap();
        let push = push_of(Request::read(&message.control).unwrap());
        assert_eq!(push.push_id.as_str(), "20261122-1@pi.example");
        assert!(push.progress_notes);
        let qos = push.quality_of_service.unwrap();
        assert_eq!(
            (qos.network.as_deref(), qos.network_required),
            (Some("GSM"), true)
        );
        assert_eq!(
            (qos.bearer.as_deref(), qos.bearer_required),
            (Some("CSD"), true)
        );
    }
}

#[test]
fn pypap_is_read() {
    let Some(file) = sample("pypap-multipart.mime") else {
        return;
    };
    let body = file
        .windows(2)
        .position(|window| window == b"\n\n")
        .unwrap()
        + 2;
    let content_type = "multipart/related; boundary=\"===============9023781066326044014==\"";
    let message = Message::read(content_type, &file[body..]).unwrap();
    let request = Request::read(&message.control).unwrap();
    assert_eq!(request.version, PapVersion { major: 2, minor: 1 });
    assert_eq!(request.envelope(), Envelope::OWN);
    let push = push_of(request);
    assert_eq!(push.push_id.as_str(), "20261122-9@pi.example");
    assert_eq!(push.deliver_before_ms, Some(LATE + 9_000_000));
    assert_eq!(
        push.addresses[0].raw(),
        "WAPPUSH=flood-alert/TYPE=USER@ppg.example"
    );
    assert!(push.quality_of_service.unwrap().bearer_required);
}

#[test]
fn kannels_gateway_is_read() {
    for (name, push_id) in [
        ("ok", Some("20261122-2@pi.example")),
        ("dup", Some("20261122-2@pi.example")),
        ("multi", Some("u3@pi.example")),
        ("badxml", None),
        ("cancel", None),
        ("replace", None),
        ("user", None),
    ] {
        let Some((content_type, body)) = http(&format!("kannel-ppg-response-{name}.http")) else {
            return;
        };
        let message = Message::read(&content_type, &body).unwrap();
        match (Response::read(&message.control).unwrap(), push_id) {
            (Response::Push(response), Some(push_id)) => {
                assert_eq!(response.push_id.as_str(), push_id);
                assert_eq!(response.code.number(), 1001);
                assert!(response.reply_ms.is_some());
                assert_eq!(response.sender_address.as_deref(), Some("/wappush"));
            }
            (Response::BadMessage(bad), None) => assert_eq!(bad.code.number(), 2000),
            (other, _) => panic!("{name}: {other:?}"),
        }
    }
    for name in ["noauth", "nosuch"] {
        if let Some((content_type, body)) = http(&format!("kannel-ppg-response-{name}.http")) {
            let control = Message::read(&content_type, &body).map(|message| message.control);
            assert!(control.is_err() || Response::read(&control.unwrap()).is_err());
        }
    }
}

#[test]
fn bad_addresses_are_left_to_the_gateway() {
    let text = push(
        "",
        &format!("{ADDRESS}<address address-value=\"push_all\"/>"),
    );
    let push = push_of(request(&text));
    assert!(push.addresses[0].address().is_ok());
    assert_eq!(push.addresses[1].raw(), "push_all");
    assert_eq!(push.addresses[1].address(), Err(&AddressError::NoScheme));
}

#[test]
fn replacement_came_with_2_0() {
    let attributes = "replace-push-id=\"o\"";
    let with_2_0 = push(attributes, ADDRESS);
    let replaces = push_of(request(&with_2_0)).replaces.unwrap();
    assert_eq!(replaces.method, ReplaceMethod::All);
    let without_doctype = with_2_0.replace(DOCTYPE_2, "");
    let error = refused(&without_doctype);
    assert_eq!(error.version, PapVersion::V1_0);
    assert_eq!(error.push_id, Some(id("p")));
    assert_eq!(
        error.error,
        PapError::UnknownAttribute {
            element: "push-message",
            attribute: "replace-push-id".into()
        }
    );
    let alone = push("replace-method=\"pending-only\"", ADDRESS);
    assert_eq!(push_of(request(&alone)).replaces, None);
}

#[test]
fn newer_minor_versions_may_add() {
    let body = format!(
        "<pap colour=\"red\"><note/><push-message push-id=\"p\" ttl=\"5\"><extra><a/>text</extra>{ADDRESS}\
         <extra/><quality-of-service speed=\"1\"/></push-message></pap>"
    );
    let newer = format!("{}{body}", DOCTYPE_2.replace("2.0//", "2.3//"));
    assert!(push_of(request(&newer)).quality_of_service.is_some());
    assert!(matches!(
        refused(&format!("{DOCTYPE_2}{body}")).error,
        PapError::UnknownAttribute { element: "pap", .. }
    ));
    let misplaced = newer.replace("<note/>", ADDRESS);
    assert_eq!(
        refused(&misplaced).error,
        PapError::UnexpectedChild {
            element: "pap",
            child: "address".into()
        }
    );
}

#[test]
fn other_major_versions_are_refused() {
    let error = refused(&format!("{DOCTYPE_3}<whatever"));
    let version = PapVersion { major: 3, minor: 0 };
    assert_eq!(error.error, PapError::Version { version });
    assert_eq!(error.envelope().edition, Edition::V2_0);
    assert!(error.fragment.contains("DTD PAP 3.0"));
    assert_eq!(answered(&error), 3002);
    let unlisted = format!("{}<pap/>", DOCTYPE_2.replace("2.0//", "0.9//"));
    assert!(matches!(refused(&unlisted).error, PapError::Version { .. }));
}

/// The code of the answer to an error.
fn answered(error: &ReadError) -> u16 {
    let code = match error.response() {
        Response::BadMessage(bad) => bad.code,
        Response::Push(response) => response.code,
        Response::Cancel(response) => response.results[0].code,
        Response::StatusQuery(response) => response.results[0].code,
        other => panic!("{other:?}"),
    };
    code.number()
}
