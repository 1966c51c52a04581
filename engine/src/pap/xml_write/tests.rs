use insta::assert_snapshot;

use super::*;
use crate::model::StatusCode;
use crate::model::delivery::MessageState;
use crate::model::ids::PushId;
use crate::pap::message::Replacement;
use crate::pap::response::{BadMessage, CancelResult, ProgressNote};

const LATE_MS: u64 = 1_795_339_801_999;
const GROUP: &str = "WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net";
const OLD: Envelope = Envelope {
    edition: Edition::V1_0,
    lists_versions: false,
};

fn id() -> PushId {
    "20261122-0001@alerts.example.org".parse().unwrap()
}

/// The version of the product changes; line ends make it readable.
fn stable(document: &str) -> String {
    assert!(!document.contains("> "), "{document}");
    document
        .replace(PRODUCT_NAME, "pushcast/VERSION")
        .replace("><", ">\n<")
}

fn answer(response: &Response) -> String {
    stable(&response.to_xml(Envelope::OWN))
}

fn used() -> QualityOfService {
    QualityOfService {
        priority: Priority::High,
        delivery_method: DeliveryMethod::Unconfirmed,
        bearer: Some("MBMS".into()),
        ..QualityOfService::default()
    }
}

#[test]
fn push_response() {
    let response = Response::Push(PushResponse {
        sender_address: Some("https://ppg.example.net/pap?a=1&b=2".into()),
        sender_name: Some("pushcast".into()),
        reply_ms: Some(LATE_MS),
        progress_notes: vec![ProgressNote {
            stage: "addressing".into(),
            note: Some("2 of 2 addresses resolved".into()),
            time_ms: Some(LATE_MS),
        }],
        ..PushResponse::new(id(), StatusCode::Accepted, "Accepted for processing")
    });
    assert_snapshot!(answer(&response), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <push-response push-id="20261122-0001@alerts.example.org" sender-address="https://ppg.example.net/pap?a=1&amp;b=2" sender-name="pushcast" reply-time="2026-11-22T09:30:01Z">
    <progress-note stage="addressing" note="2 of 2 addresses resolved" time="2026-11-22T09:30:01Z"/>
    <response-result code="1001" desc="Accepted for processing"/>
    </push-response>
    </pap>
    "#);
}

#[test]
fn cancel_response() {
    let response = Response::Cancel(CancelResponse {
        push_id: id(),
        results: vec![
            CancelResult {
                code: StatusCode::Ok.into(),
                desc: Some("Cancelled".into()),
                addresses: vec![GROUP.into()],
            },
            CancelResult {
                code: StatusCode::AddressNotFound.into(),
                desc: None,
                addresses: Vec::new(),
            },
        ],
    });
    assert_snapshot!(answer(&response), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <cancel-response push-id="20261122-0001@alerts.example.org">
    <cancel-result code="1000" desc="Cancelled">
    <address address-value="WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net"/>
    </cancel-result>
    <cancel-result code="2003">
    </cancel-result>
    </cancel-response>
    </pap>
    "#);
}

#[test]
fn status_query_response() {
    let response = Response::StatusQuery(StatusQueryResponse {
        push_id: id(),
        results: vec![StatusResult {
            event_ms: Some(LATE_MS),
            state: MessageState::Delivered,
            code: StatusCode::Ok.into(),
            desc: None,
            addresses: vec![GROUP.into()],
            quality_of_service: Some(used()),
        }],
    });
    assert_snapshot!(answer(&response), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <statusquery-response push-id="20261122-0001@alerts.example.org">
    <statusquery-result event-time="2026-11-22T09:30:01Z" message-state="delivered" code="1000">
    <address address-value="WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net"/>
    <quality-of-service priority="high" delivery-method="unconfirmed" bearer="MBMS"/>
    </statusquery-result>
    </statusquery-response>
    </pap>
    "#);
}

#[test]
fn ccq_response() {
    let response = Response::Ccq(CcqResponse {
        query_id: Some("q-17".into()),
        code: StatusCode::NotImplemented.into(),
        desc: None,
        address: "WAPPUSH=+155519990730/TYPE=PLMN@ppg.example.net".into(),
    });
    assert_snapshot!(answer(&response), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <ccq-response query-id="q-17" code="3001">
    <address address-value="WAPPUSH=+155519990730/TYPE=PLMN@ppg.example.net"/>
    </ccq-response>
    </pap>
    "#);
}

#[test]
fn result_notification() {
    let notification = Operation::ResultNotification(ResultNotification {
        push_id: id(),
        sender_address: None,
        sender_name: Some("pushcast".into()),
        received_ms: Some(0),
        event_ms: Some(LATE_MS),
        state: MessageState::Delivered,
        code: StatusCode::Ok.into(),
        desc: Some("Transmitted on MBMS".into()),
        address: GROUP.into(),
        quality_of_service: Some(used()),
    });
    assert_snapshot!(stable(&notification.to_xml(Envelope::OWN)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <resultnotification-message push-id="20261122-0001@alerts.example.org" sender-name="pushcast" received-time="1970-01-01T00:00:00Z" event-time="2026-11-22T09:30:01Z" message-state="delivered" code="1000" desc="Transmitted on MBMS">
    <address address-value="WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net"/>
    <quality-of-service priority="high" delivery-method="unconfirmed" bearer="MBMS"/>
    </resultnotification-message>
    </pap>
    "#);
}

#[test]
fn result_notification_response() {
    let response = Response::ResultNotification(ResultNotificationResponse {
        push_id: id(),
        code: StatusCode::Ok.into(),
        desc: Some("OK".into()),
        address: GROUP.into(),
    });
    assert_snapshot!(answer(&response), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <resultnotification-response push-id="20261122-0001@alerts.example.org" code="1000" desc="OK">
    <address address-value="WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net"/>
    </resultnotification-response>
    </pap>
    "#);
}

#[test]
fn bad_message_in_1_0() {
    let response = Response::BadMessage(BadMessage {
        code: StatusCode::VersionNotSupported.into(),
        desc: Some("PAP version 3.0 is not supported".into()),
        fragment: Some("<!DOCTYPE pap\r\n\0\"DTD PAP 3.0\">".into()),
    });
    assert_snapshot!(stable(&response.to_xml(OLD)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 1.0//EN" "http://www.wapforum.org/DTD/pap_1.0.dtd">
    <pap product-name="pushcast/VERSION">
    <badmessage-response code="3002" desc="PAP version 3.0 is not supported" bad-message-fragment="&lt;!DOCTYPE pap  �&quot;DTD PAP 3.0&quot;&gt;"/>
    </pap>
    "#);
    let listing = Envelope {
        lists_versions: true,
        ..OLD
    };
    assert_snapshot!(stable(&response.to_xml(listing)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 1.0//EN" "http://www.wapforum.org/DTD/pap_1.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <badmessage-response code="3002" desc="PAP version 3.0 is not supported" bad-message-fragment="&lt;!DOCTYPE pap  �&quot;DTD PAP 3.0&quot;&gt;"/>
    </pap>
    "#);
}

#[test]
fn requests() {
    let push = Operation::Push(PushMessage {
        push_id: id(),
        replaces: Some(Replacement {
            push_id: "old".parse().unwrap(),
            method: ReplaceMethod::PendingOnly,
        }),
        deliver_before_ms: Some(LATE_MS),
        deliver_after_ms: None,
        source_reference: Some("River authority".into()),
        notify_url: None,
        progress_notes: true,
        addresses: vec![GROUP.into(), "WAPPUSH=\"a%3Ab\"/TYPE=URI@p".into()],
        quality_of_service: Some(QualityOfService::default()),
    });
    assert_snapshot!(stable(&push.to_xml(Envelope::OWN)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <push-message push-id="20261122-0001@alerts.example.org" replace-push-id="old" replace-method="pending-only" deliver-before-timestamp="2026-11-22T09:30:01Z" source-reference="River authority" progress-notes-requested="true">
    <address address-value="WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net"/>
    <address address-value="WAPPUSH=&quot;a%3Ab&quot;/TYPE=URI@p"/>
    <quality-of-service/>
    </push-message>
    </pap>
    "#);
    assert!(!push.to_xml(OLD).contains("replace-"));
    let query = Operation::StatusQuery(StatusQuery {
        push_id: id(),
        addresses: Vec::new(),
    });
    assert_snapshot!(stable(&query.to_xml(Envelope::OWN)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <statusquery-message push-id="20261122-0001@alerts.example.org">
    </statusquery-message>
    </pap>
    "#);
    let cancel = Operation::Cancel(Cancel {
        push_id: id(),
        addresses: vec![GROUP.into()],
    });
    assert_snapshot!(stable(&cancel.to_xml(OLD)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 1.0//EN" "http://www.wapforum.org/DTD/pap_1.0.dtd">
    <pap product-name="pushcast/VERSION">
    <cancel-message push-id="20261122-0001@alerts.example.org">
    <address address-value="WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net"/>
    </cancel-message>
    </pap>
    "#);
    let ccq = Operation::Ccq(Ccq {
        query_id: None,
        app_id: Some("x-wap-application:wml.ua".into()),
        address: GROUP.into(),
    });
    assert_snapshot!(stable(&ccq.to_xml(Envelope::OWN)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.wapforum.org/DTD/pap_2.0.dtd" [<?wap-pap-ver supported-versions="2.0,1.*"?>]>
    <pap product-name="pushcast/VERSION">
    <ccq-message app-id="x-wap-application:wml.ua">
    <address address-value="WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net"/>
    </ccq-message>
    </pap>
    "#);
}

#[test]
fn fragments_are_cut_before_they_are_escaped() {
    let response = Response::BadMessage(BadMessage {
        code: StatusCode::BadRequest.into(),
        desc: None,
        fragment: Some("<".repeat(1000)),
    });
    assert_eq!(
        response.to_xml(OLD).matches("&lt;").count(),
        MAX_FRAGMENT_CHARS
    );
}

#[test]
fn codes_stand_only_where_they_may() {
    for number in 1000..6000 {
        let code = Code::try_from(number).unwrap();
        for edition in [Edition::V1_0, Edition::V2_0] {
            let envelope = Envelope { edition, ..OLD };
            for (place, document) in documents(code, envelope) {
                let written = document.split(" code=\"").nth(1).unwrap();
                let written: Code = written[..4].parse().unwrap();
                assert!(
                    place.admits(written, edition),
                    "{place:?} {code}: {document}"
                );
            }
        }
    }
}

/// Every element with a code, asked to carry that one.
fn documents(code: Code, envelope: Envelope) -> Vec<(Place, String)> {
    let state = MessageState::Unknown;
    let bad = BadMessage {
        code,
        desc: None,
        fragment: None,
    };
    let cancelled = CancelResult {
        code,
        desc: None,
        addresses: Vec::new(),
    };
    let capabilities = CcqResponse {
        query_id: None,
        code,
        desc: None,
        address: String::new(),
    };
    let answered = ResultNotificationResponse {
        push_id: id(),
        code,
        desc: None,
        address: String::new(),
    };
    let status = StatusResult {
        event_ms: None,
        state,
        code,
        desc: None,
        addresses: Vec::new(),
        quality_of_service: None,
    };
    let cancelled = CancelResponse {
        push_id: id(),
        results: vec![cancelled],
    };
    let status = StatusQueryResponse {
        push_id: id(),
        results: vec![status],
    };
    let pushed = PushResponse::new(id(), code, "");
    let mut documents: Vec<_> = [
        (Place::BadMessage, Response::BadMessage(bad)),
        (Place::CancelResult, Response::Cancel(cancelled)),
        (Place::CcqResponse, Response::Ccq(capabilities)),
        (Place::ResponseResult, Response::Push(pushed)),
        (
            Place::ResultNotificationResponse,
            Response::ResultNotification(answered),
        ),
        (Place::StatusQueryResult, Response::StatusQuery(status)),
    ]
    .into_iter()
    .map(|(place, response)| (place, response.to_xml(envelope)))
    .collect();
    documents.push((
        Place::ResultNotification,
        notified(code, state).to_xml(envelope),
    ));
    documents
}

fn notified(code: Code, state: MessageState) -> Operation {
    Operation::ResultNotification(ResultNotification {
        push_id: id(),
        sender_address: None,
        sender_name: None,
        received_ms: None,
        event_ms: None,
        state,
        code,
        desc: None,
        address: String::new(),
        quality_of_service: None,
    })
}
