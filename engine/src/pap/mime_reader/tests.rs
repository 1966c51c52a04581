use proptest::prelude::*;

use super::*;
use crate::pap::samples;

const TYPE: &str = "multipart/related; boundary=b";

type Outcome = Result<Message, Unreadable>;

/// The message when `chunk` octets arrive at a time.
fn chunked(content_type: &str, body: &[u8], chunk: usize) -> Outcome {
    let mut reader = Reader::new(content_type, Vec::new());
    for octets in body.chunks(chunk) {
        reader.push(octets).unwrap();
        assert!(reader.buffer.len() <= 300, "{}", reader.buffer.len());
    }
    reader.finish().unwrap()
}

fn read(body: &str) -> Outcome {
    Message::read(TYPE, body.as_bytes())
}

fn message(control: &str, content: &str, capabilities: &str) -> String {
    format!(
        "--b\r\n\r\n{control}\r\n--b\r\nContent-Type: a/b\r\n\r\n{content}\r\n--b\r\n\
         Content-Type: a/c\r\n\r\n{capabilities}\r\n--b--"
    )
}

#[test]
fn recorded_clients_are_read_octet_by_octet() {
    for name in [
        "pap20-submit.http",
        "testppg-4-basic-auth-pap20.http",
        "testppg-5-lf-delimiters-base64.http",
        "testppg-6-binary-body.http",
    ] {
        let (content_type, body) = samples::http(name).unwrap();
        let whole = Message::read(&content_type, &body).unwrap();
        for chunk in [1, 2, 7, 4096] {
            assert_eq!(chunked(&content_type, &body, chunk).as_ref(), Ok(&whole));
        }
    }
}

#[test]
fn the_control_entity_has_a_limit() {
    let control = "x".repeat(MAX_CONTROL_BYTES);
    assert!(read(&message(&control, "y", "z")).is_ok());
    assert!(Message::read("text/xml", control.as_bytes()).is_ok());
    let control = control + "x";
    let error = MimeError::ControlBytes;
    let refused = Unreadable {
        error,
        control: None,
    };
    assert_eq!(
        Message::read("text/xml", control.as_bytes()).as_ref(),
        Err(&refused)
    );
    assert_eq!(read(&message(&control, "y", "z")), Err(refused));
}

#[test]
fn the_capabilities_entity_has_a_limit() {
    let capabilities = "z".repeat(MAX_CAPABILITIES_BYTES);
    assert!(read(&message("x", "y", &capabilities)).is_ok());
    let refused = read(&message("x", "y", &(capabilities + "z"))).unwrap_err();
    assert_eq!(refused.error, MimeError::CapabilitiesBytes);
    assert_eq!(refused.control.as_deref(), Some(&b"x"[..]));
}

#[test]
fn a_fourth_entity_is_refused() {
    let body = message("x", "y", "z\r\n--b\r\nContent-Type: a/d\r\n\r\n");
    let refused = read(&body).unwrap_err();
    assert_eq!(refused.error, MimeError::Parts);
    assert_eq!(refused.control.as_deref(), Some(&b"x"[..]));
}

#[test]
fn a_cut_body_is_answered_under_its_control() {
    let whole = message("x", "y", "z");
    let control_end = whole.find("x\r\n--b\r\n").unwrap() + "x\r\n--b\r\n".len();
    for cut in 0..whole.len() {
        let refused = read(&whole[..cut]).unwrap_err();
        assert_eq!(refused.error, MimeError::Unclosed, "{cut}");
        assert_eq!(refused.control.is_some(), cut >= control_end, "{cut}");
    }
}

#[test]
fn the_first_error_counts() {
    let refused = read("--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b\r\nno header\r\n\r\n").unwrap_err();
    assert_eq!(refused.error, MimeError::NoContentType);
    assert_eq!(refused.control.as_deref(), Some(&b"x"[..]));
}

#[test]
fn a_sink_that_is_full_ends_the_reading() {
    let mut room = [0; 4];
    let mut reader = Reader::new(TYPE, &mut room[..]);
    let error = reader.push(message("x", "too long", "z").as_bytes());
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::WriteZero);
}

proptest! {
    #[test]
    fn chunks_make_no_difference(
        body in "((\r?\n)?--b(--)?\r?\n(Content-T(ype: (a/b|text/xml)|ransfer-Encoding: (base64|quoted-printable|8bit|x))\r?\n){0,2}(\r?\n)?[-=A-D0\r\n b]{0,12}){0,5}",
        chunk in 1usize..20,
    ) {
        prop_assert_eq!(chunked(TYPE, body.as_bytes(), chunk), read(&body));
    }

    #[test]
    fn content_survives(content in prop::collection::vec(any::<u8>(), 0..200), chunk in 1usize..50) {
        let body = [&b"--b\n\n<pap/>\n--b\nContent-Type: a/b\n\n"[..], &content, b"\n--b--"].concat();
        let entity = chunked(TYPE, &body, chunk).unwrap().content.unwrap();
        prop_assert_eq!(entity.body, content);
    }
}
