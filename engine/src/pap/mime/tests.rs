use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::pap::mime_part::PartHeaders;
use crate::pap::samples;

const TYPE: &str = "multipart/related; boundary=b; type=\"application/xml\"";

fn read(body: &str) -> Result<Message, Unreadable> {
    Message::read(TYPE, body.as_bytes())
}

fn refused(body: &str) -> MimeError {
    read(body).unwrap_err().error
}

fn header<'a>(entity: &'a Entity, name: &str) -> Option<&'a str> {
    let (_, value) = entity
        .headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(value)
}

#[test]
fn a_bare_document_is_a_message() {
    for content_type in ["application/xml", "text/xml; charset=utf-8"] {
        let message = Message::read(content_type, b"<pap/>").unwrap();
        assert_eq!(message.control, &b"<pap/>"[..]);
        assert_eq!((message.content, message.capabilities), (None, None));
    }
}

#[test]
fn other_media_types_are_unsupported() {
    for content_type in ["", "text/plain", "multipart/mixed; boundary=b", "garbage"] {
        assert_eq!(
            Message::read(content_type, b"<pap/>").unwrap_err().error,
            MimeError::UnsupportedMediaType {
                text: content_type.into()
            }
        );
    }
}

#[test]
fn our_own_clients_are_read() {
    let (content_type, body) = samples::http("pap20-submit.http").unwrap();
    let message = Message::read(&content_type, &body).unwrap();
    assert!(message.control.starts_with(b"<?xml version=\"1.0\""));
    assert!(message.control.ends_with(b"</pap>"));
    let content = message.content.unwrap();
    assert_eq!(content.content_type, "text/vnd.wap.si; charset=UTF-8");
    assert_eq!(
        header(&content, "x-wap-application-id"),
        Some("x-wap-application:wml.ua")
    );
    assert_eq!(content.headers.len(), 5);
    assert!(content.body.ends_with(b"</si>"));
    assert_eq!(message.capabilities, None);
}

#[test]
fn kannels_client_is_read() {
    let (content_type, body) = samples::http("testppg-4-basic-auth-pap20.http").unwrap();
    let plain = Message::read(&content_type, &body).unwrap();
    let plain_content = plain.content.unwrap();
    assert_eq!(plain_content.content_type, "text/vnd.wap.si");
    assert_eq!(
        header(&plain_content, "X-Wap-Application-ID"),
        Some("http://www.wiral.com:wml.ua")
    );

    let (content_type, body) = samples::http("testppg-5-lf-delimiters-base64.http").unwrap();
    let encoded = Message::read(&content_type, &body).unwrap();
    assert_eq!(encoded.control, plain.control);
    let encoded_content = encoded.content.unwrap();
    assert_eq!(encoded_content.body, plain_content.body);
    assert_eq!(header(&encoded_content, "Content-Transfer-Encoding"), None);

    let (content_type, body) = samples::http("testppg-6-binary-body.http").unwrap();
    let content = Message::read(&content_type, &body)
        .unwrap()
        .content
        .unwrap();
    assert_eq!(content.content_type, "application/vnd.wap.mms-message");
    assert_eq!(content.body, b"\x02\x05j\x00");
}

#[test]
fn pypap_is_read() {
    let Some(file) = samples::sample("pypap-multipart.mime") else {
        return;
    };
    let (headers, octets) = PartHeaders::read(&file).unwrap();
    let content_type = headers.content_type.unwrap();
    let message = Message::read(&content_type, &file[octets..]).unwrap();
    assert!(message.control.starts_with(b"<?xml version=\"1.0\" ?>"));
    assert!(message.control.ends_with(b"</pap>"));
    let content = message.content.unwrap();
    assert_eq!(content.content_type, "text/plain; charset=\"us-ascii\"");
    assert_eq!(content.body, b"Flood warning: river Aln");
}

#[test]
fn entities_are_in_order() {
    let message = read(
        "preamble\r\n--b\r\n\r\n<pap/>\r\n--b\r\nContent-Type: a/b\r\n\r\none\r\n--b\r\ncontent-type: \
         application/xml\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n<a=3D/>\r\n--b--\r\nepilogue",
    )
    .unwrap();
    assert_eq!(message.control, &b"<pap/>"[..]);
    assert_eq!(message.content.unwrap().body, b"one");
    assert_eq!(message.capabilities.unwrap().body, b"<a=/>");
    let alone = read("--b\nContent-Type: text/xml\n\n<pap/>\n--b--").unwrap();
    assert_eq!((alone.content, alone.capabilities), (None, None));
}

#[test]
fn malformed_bodies_are_told_apart() {
    for (body, error) in [
        ("", MimeError::Unclosed),
        ("<pap/>", MimeError::Unclosed),
        ("--b\r\n\r\n<pap/>\r\n", MimeError::Unclosed),
        ("--b\r\n\r\n<pap/>\r\n--b\r\n", MimeError::Unclosed),
        ("--b--\r\n", MimeError::NoParts),
        (
            "--b\r\nContent-Type: text/plain\r\n\r\n<pap/>\r\n--b--",
            MimeError::ControlType {
                essence: "text/plain".into(),
            },
        ),
        (
            "--b\r\nContent-Type: xml\r\n\r\n<pap/>\r\n--b--",
            MimeError::ContentType { text: "xml".into() },
        ),
        (
            "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n<pap/>\r\n--b--",
            MimeError::Encoded,
        ),
    ] {
        assert_eq!(refused(body), error, "{body:?}");
    }
    for (content_type, error) in [
        ("multipart/related", MimeError::NoBoundary),
        ("multipart/related; boundary=\"\"", MimeError::NoBoundary),
        ("multipart/related; boundary=\" \"", MimeError::NoBoundary),
    ] {
        assert_eq!(Framing::read(content_type), Err(error), "{content_type}");
    }
    assert!(Framing::read(&format!("multipart/related; boundary={}", "x".repeat(200))).is_ok());
    assert_eq!(
        Framing::read(&format!("multipart/related; boundary={}", "x".repeat(1000))),
        Err(MimeError::BoundaryBytes { bytes: 1000 })
    );
}

#[test]
fn a_bad_content_leaves_the_control_readable() {
    for (content, error) in [
        ("\r\nx", MimeError::NoContentType),
        (
            "Content-Type: x\r\n\r\n",
            MimeError::ContentType { text: "x".into() },
        ),
        ("Content-Type\r\n\r\n", MimeError::HeaderText),
        (
            "Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n*",
            MimeError::Encoded,
        ),
    ] {
        let body = format!("--b\r\n\r\n<pap/>\r\n--b\r\n{content}\r\n--b--");
        let unreadable = read(&body).unwrap_err();
        assert_eq!(unreadable.error, error, "{content:?}");
        assert_eq!(unreadable.control.as_deref(), Some(&b"<pap/>"[..]));
    }
}

#[test]
fn floods_cost_nothing() {
    let delimiters = "--b\r\n\r\n".repeat(100_000);
    let nested = "--b\r\nContent-Type: multipart/related; boundary=b\r\n\r\n".repeat(100_000);
    for (flood, error) in [
        (delimiters, MimeError::NoContentType),
        (
            nested,
            MimeError::ControlType {
                essence: "multipart/related".into(),
            },
        ),
    ] {
        assert!(fastest(|| assert_eq!(refused(&flood), error)) < Duration::from_millis(1));
    }
    let near = "\r\n--".repeat(100_000);
    assert!(
        fastest(|| assert_eq!(refused(&near), MimeError::Unclosed)) < Duration::from_millis(100)
    );
}

/// The best of ten: the machine may be busy with other things.
fn fastest(work: impl Fn()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..10).map(time).min().unwrap()
}

proptest! {
    #[test]
    fn nothing_panics(content_type in ".{0,40}", body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Message::read(&content_type, &body);
        let _ = Message::read(TYPE, &body);
    }

    #[test]
    fn no_media_type_panics(text in "(multipart/related; ?)?([a-z*]{1,4}[*=0-9'\"\\\\();?&%\u{e9} ]{0,6}){0,8}") {
        let _ = Framing::read(&text);
    }

    #[test]
    fn structured_bodies_do_not_panic(
        body in "((\r?\n)?--b(--)?\r?\n(Content-T[a-z-]{1,20}:[ -~]{0,20}\r?\n){0,3}(\r?\n)?[ -~]{0,20}){0,5}",
    ) {
        let _ = read(&body);
    }
}
