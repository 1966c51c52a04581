use super::*;
use crate::model::Sha256;
use crate::model::submission::{Authentication, Content, Lineage, PapVersion};

const SI: &str = include_str!("../../../tests/samples/content/si.xml");

fn submission(content_type: &str, headers: &[(&str, &str)], body: &[u8]) -> Submission {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Submission {
        id: "s".parse().unwrap(),
        initiator: "pi".parse().unwrap(),
        authentication: Authentication::Network,
        push_id: "p@pi".parse().unwrap(),
        lineage: Lineage::first(&"p@pi".parse().unwrap()),
        request_sha256: Sha256([0; 32]),
        pap_version: PapVersion::V2_0,
        pi_lists_versions: false,
        received_ms: 1_795_339_800_000,
        deliver_after_ms: None,
        deliver_before_ms: 1_795_348_800_000,
        deliver_before_given: true,
        source_reference: None,
        notify_url: None,
        progress_notes: false,
        quality_of_service: None,
        addresses: Vec::new(),
        content: Content {
            content_type: content_type.to_owned(),
            headers: headers.iter().map(owned).collect(),
            body: Body::Inline(body.to_vec()),
        },
    }
}

fn binary(
    content_type: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Outgoing, TransformError> {
    let submission = submission(content_type, headers, body.as_bytes());
    transform(&submission, None, Transform::Binary)
}

fn shown(outgoing: &Outgoing) -> String {
    let lines = outgoing
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"));
    lines.collect()
}

fn value<'a>(outgoing: &'a Outgoing, name: &str) -> Option<&'a str> {
    let mut headers = outgoing.headers.iter();
    let found = headers.find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

#[test]
fn content_headers_follow_the_body() {
    let outgoing = binary(
        "text/vnd.wap.si; charset=\"UTF-8\"",
        &[
            ("Content-Length", "7"),
            ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="),
            ("Content-Language", "en"),
            ("X-Wap-Initiator-URI", "https://alerts.example.org/"),
        ],
        SI,
    )
    .unwrap();
    insta::assert_snapshot!(shown(&outgoing), @r"
    Content-Type: application/vnd.wap.sic; charset=utf-8
    Content-Length: 100
    Content-MD5: ozUtqGQpW3tMTrcPnNa0og==
    Content-Language: en
    X-Wap-Initiator-URI: https://alerts.example.org/
    Date: Sun, 22 Nov 2026 09:30:00 GMT
    Expires: Sun, 22 Nov 2026 12:00:00 GMT
    X-Pushcast-Push-Id: p@pi
    X-Pushcast-Revision: 1
    ");
    let sample = include_bytes!("../../../tests/samples/content/si.wbxml");
    assert_eq!(outgoing.body.as_deref(), Some(&sample[..]));
    let plain = binary("Text/Vnd.WAP.si", &[], SI).unwrap();
    assert_eq!(
        value(&plain, "Content-Type"),
        Some("application/vnd.wap.sic")
    );
    let untouched = binary(
        "text/plain",
        &[("content-length", "7"), ("Content-MD5", "x")],
        SI,
    )
    .unwrap();
    assert_eq!(untouched.body, None);
    assert_eq!(
        value(&untouched, "content-length"),
        Some(SI.len().to_string().as_str())
    );
    assert_eq!(value(&untouched, "Content-MD5"), Some("x"));
}

#[test]
fn each_kind_of_document_has_its_binary_type() {
    for (text, content_type, binary_type) in [
        (SI, "text/vnd.wap.si", "application/vnd.wap.sic"),
        (
            include_str!("../../../tests/samples/content/sl.xml"),
            "text/vnd.wap.sl",
            "application/vnd.wap.slc",
        ),
        (
            include_str!("../../../tests/samples/content/co.xml"),
            "text/vnd.wap.co",
            "application/vnd.wap.coc",
        ),
    ] {
        let outgoing = binary(content_type, &[], text).unwrap();
        assert_eq!(value(&outgoing, "Content-Type"), Some(binary_type));
        let binary = outgoing.body.unwrap();
        assert_eq!(binary[0], 2);
    }
}

#[test]
fn what_must_not_be_touched_is_not() {
    for header in [
        ("Cache-Control", "max-age=60, No-Transform"),
        ("cache-control", "no-transform"),
        ("Content-Encoding", "gzip"),
        ("Content-Range", "bytes 0-9/100"),
    ] {
        let outgoing = binary("text/vnd.wap.si", &[header], "<not an SI").unwrap();
        assert_eq!(outgoing.body, None, "{header:?}");
        assert_eq!(value(&outgoing, header.0), Some(header.1));
        assert_eq!(value(&outgoing, "Content-Type"), Some("text/vnd.wap.si"));
    }
    let identity = binary("text/vnd.wap.si", &[("Content-Encoding", "Identity")], SI).unwrap();
    assert!(identity.body.is_some());
    let submission = submission("text/vnd.wap.si", &[], b"<not an SI");
    assert_eq!(
        transform(&submission, None, Transform::None).unwrap().body,
        None
    );
}

#[test]
fn the_character_set_of_the_media_type_counts() {
    let si = b"<si><indication>\xDCberlauf</indication></si>";
    let latin = submission("text/vnd.wap.si; charset=iso-8859-1", &[], si);
    let outgoing = transform(&latin, None, Transform::Binary).unwrap();
    assert_eq!(
        value(&outgoing, "Content-Type"),
        Some("application/vnd.wap.sic; charset=utf-8")
    );
    let document = Document::decode(Dialect::Si, &outgoing.body.unwrap()).unwrap();
    assert_eq!(document.root().children()[0].text(), "Überlauf");
}

#[test]
fn a_document_that_is_none_is_a_transformation_failure() {
    let error = binary("text/vnd.wap.si", &[], "<si>\n<indication/><b/></si>").unwrap_err();
    assert_eq!(StatusCode::from(&error), StatusCode::TransformationFailure);
    assert_eq!(
        error.to_string(),
        "text/vnd.wap.si cannot be encoded: line 2: \"b\" has no place in si"
    );
    let long = Source {
        content_type: "text/vnd.wap.sl",
        headers: &[],
        octets: None,
        bytes: 1 << 30,
    };
    let error = check(&long, Transform::Binary).unwrap_err();
    assert_eq!(StatusCode::from(&error), StatusCode::TransformationFailure);
    assert_eq!(check(&long, Transform::None), Ok(()));
}

#[test]
fn application_ids_follow_the_algorithm() {
    let application = |headers: &[(&str, &str)], default| {
        let submission = submission("text/plain", headers, b"");
        let outgoing = transform(&submission, default, Transform::Binary).unwrap();
        value(&outgoing, APPLICATION_ID).map(str::to_owned)
    };
    let given = |value| application(&[("X-WAP-Application-ID", value)], Some("4"));
    assert_eq!(
        given("x-wap-application:wml.ua;app-encoding=9999").as_deref(),
        Some("2")
    );
    assert_eq!(given("urn:x; app-encoding=8001").as_deref(), Some("8001"));
    assert_eq!(given("urn:x").as_deref(), Some("urn:x"));
    assert_eq!(given("9023").as_deref(), Some("9023"));
    let default = application(&[], Some("x-oma-application:bcast.ua"));
    assert_eq!(default.as_deref(), Some("13"));
    assert_eq!(application(&[], None), None);
    for headers in [
        &[("X-Wap-Application-Id", "wml.ua")][..],
        &[("X-Wap-Application-Id", "2"), ("x-wap-application-id", "2")],
    ] {
        let error = binary("text/plain", headers, "").unwrap_err();
        assert_eq!(StatusCode::from(&error), StatusCode::BadRequest, "{error}");
    }
}

#[test]
fn header_fields_are_passed_on_or_dropped_by_rule() {
    let passed = [
        ("Age", "1"),
        ("Cache-Control", "no-cache"),
        ("Content-Disposition", "attachment; filename=a"),
        ("Content-Encoding", "gzip"),
        ("Content-Language", "en"),
        ("Content-Location", "http://a.example/"),
        ("Content-Range", "bytes 0-1/2"),
        ("Date", "Sun, 22 Nov 2026 00:00:00 GMT"),
        ("Etag", "\"x\""),
        ("Expires", "Sun, 22 Nov 2026 23:00:00 GMT"),
        ("Last-Modified", "Sun, 22 Nov 2026 00:00:00 GMT"),
        ("x-wap-content-uri", "http://a.example/"),
        ("X-Wap-Initiator-URI", "http://a.example/"),
        ("X-Oma-Bcast-Service", "1"),
        ("X-Own", "1"),
    ];
    let dropped = [
        ("Connection", "close, X-Hop"),
        ("X-Hop", "1"),
        ("Keep-Alive", "1"),
        ("Transfer-Encoding", "chunked"),
        ("TE", "trailers"),
        ("Upgrade", "h2c"),
        ("Authorization", "Basic Zm9vOmJhcg=="),
        ("Cookie", "a=b"),
        ("Push-Flag", "111"),
        ("x-pushcast-push-id", "forged"),
        ("X-Wap-Unknown", "1"),
    ];
    let all = [passed.as_slice(), &dropped].concat();
    let outgoing = binary("text/plain", &all, "").unwrap();
    let own = ["Content-Type", "X-Pushcast-Push-Id", "X-Pushcast-Revision"];
    let foreign = outgoing
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let foreign: Vec<_> = foreign.filter(|(name, _)| !own.contains(name)).collect();
    assert_eq!(foreign, passed);
    assert_eq!(value(&outgoing, "X-Pushcast-Push-Id"), Some("p@pi"));
}

#[test]
fn an_initiator_that_has_shown_who_it_is_is_vouched_for() {
    for (authentication, flag) in [
        (Authentication::Basic, Some("1")),
        (Authentication::Certificate, Some("1")),
        (Authentication::Digest, Some("1")),
        (Authentication::Network, None),
    ] {
        let submission = Submission {
            authentication,
            ..submission("text/plain", &[("push-flag", "111")], b"")
        };
        let outgoing = transform(&submission, None, Transform::Binary).unwrap();
        assert_eq!(value(&outgoing, "Push-Flag"), flag, "{authentication:?}");
        let flags = outgoing.headers.iter();
        let flags = flags.filter(|(name, _)| name.eq_ignore_ascii_case("push-flag"));
        assert_eq!(flags.count(), usize::from(flag.is_some()));
    }
}

#[test]
fn of_two_errors_the_same_is_told_at_submission_and_when_it_is_due() {
    let headers = [("X-Wap-Application-Id", "wml.ua")];
    let submission = submission("text/vnd.wap.si", &headers, b"<si>");
    let due = transform(&submission, None, Transform::Binary).unwrap_err();
    let submitted = check(&Source::of(&submission), Transform::Binary);
    assert_eq!(submitted, Err(due));
}
