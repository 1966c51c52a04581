//! Documents that are refused, and how they are answered.

use std::time::{Duration, Instant};

use super::*;
use crate::model::ids::NameError;
use crate::pap::message::MAX_ADDRESSES;
use crate::pap::xml_tree::MAX_CONTROL_BYTES;

fn missing(element: &'static str, child: &'static str) -> PapError {
    PapError::MissingChild { element, child }
}

fn required(element: &'static str, attribute: &'static str) -> PapError {
    PapError::MissingAttribute { element, attribute }
}

fn unexpected(element: &'static str, child: &str) -> PapError {
    let child = child.to_owned();
    PapError::UnexpectedChild { element, child }
}

fn impossible(element: &'static str, attribute: &'static str, value: &str) -> PapError {
    PapError::Enumeration {
        element,
        attribute,
        value: value.to_owned(),
    }
}

fn answered_under_push_id(cases: &[(&str, &str, PapError)]) {
    for (attributes, children, error) in cases {
        let text = push(attributes, children);
        let read = refused(&text);
        assert_eq!(&read.error, error, "{text}");
        assert_eq!(read.push_id, Some(id("p")), "{text}");
        assert!(matches!(read.response(), Response::Push(_)), "{text}");
        assert_eq!(answered(&read), 2000, "{text}");
    }
}

#[test]
fn invalid_content_is_answered_under_the_push_id() {
    const QOS: &str = "<quality-of-service/>";
    let text = PapError::Text {
        element: "push-message",
    };
    let late = format!("{ADDRESS}{QOS}{ADDRESS}");
    let twice = format!("{ADDRESS}{QOS}{QOS}");
    answered_under_push_id(&[
        ("", "", missing("push-message", "address")),
        ("", QOS, missing("push-message", "address")),
        ("", "<addres/>", unexpected("push-message", "addres")),
        ("", &late, unexpected("push-message", "address")),
        ("", &twice, unexpected("push-message", "quality-of-service")),
        (
            "",
            "<address address-value='a'><address/></address>",
            unexpected("address", "address"),
        ),
        ("", "<address/>", required("address", "address-value")),
        ("", "text", text.clone()),
        ("", "<![CDATA[ x ]]>", text.clone()),
        ("", "&#120;", text),
    ]);
}

#[test]
fn invalid_attributes_are_answered_under_the_push_id() {
    let timestamp = |attribute, value: &str| PapError::Timestamp {
        attribute,
        value: value.to_owned(),
    };
    let qos = |attributes: &str| format!("{ADDRESS}<quality-of-service {attributes}/>");
    answered_under_push_id(&[
        (
            "progress-notes-requested='yes'",
            ADDRESS,
            impossible("push-message", "progress-notes-requested", "yes"),
        ),
        (
            "",
            &qos("priority='High'"),
            impossible("quality-of-service", "priority", "High"),
        ),
        (
            "",
            &qos("delivery-method=''"),
            impossible("quality-of-service", "delivery-method", ""),
        ),
        (
            "Deliver-After='x'",
            ADDRESS,
            PapError::UnknownAttribute {
                element: "push-message",
                attribute: "Deliver-After".into(),
            },
        ),
        (
            "deliver-before-timestamp='2026-11-22T09:30:00z'",
            ADDRESS,
            timestamp("deliver-before-timestamp", "2026-11-22T09:30:00z"),
        ),
        (
            "deliver-after-timestamp='2026-02-30T09:30:00Z'",
            ADDRESS,
            timestamp("deliver-after-timestamp", "2026-02-30T09:30:00Z"),
        ),
        (
            "replace-push-id=''",
            ADDRESS,
            PapError::PushId {
                attribute: "replace-push-id",
                source: NameError::Empty { what: "push-id" },
            },
        ),
    ]);
}

#[test]
fn messages_without_usable_push_id_are_bad() {
    let unusable = |source| PapError::PushId {
        attribute: "push-id",
        source,
    };
    let character = NameError::Character {
        what: "push-id",
        character: '\n',
    };
    let too_long = NameError::TooLong {
        what: "push-id",
        bytes: 257,
        max: 256,
    };
    let with_id =
        |id: &str| format!("<pap><push-message push-id='{id}'>{ADDRESS}</push-message></pap>");
    let without_id = format!("<pap><push-message>{ADDRESS}</push-message></pap>");
    let response =
        "<pap><push-response push-id='p'><response-result code='1001'/></push-response></pap>";
    for (body, error) in [
        (without_id.as_str(), required("push-message", "push-id")),
        (&with_id("a&#10;b"), unusable(character)),
        (&with_id(&"x".repeat(257)), unusable(too_long)),
        ("<pap/>", missing("pap", "a message")),
        ("<pap>  </pap>", missing("pap", "a message")),
        ("<pap><x/></pap>", unexpected("pap", "x")),
        (
            "<PAP/>",
            PapError::Root {
                found: "PAP".into(),
            },
        ),
        (
            &format!("<pap><ccq-message>{ADDRESS}{ADDRESS}</ccq-message></pap>"),
            unexpected("ccq-message", "address"),
        ),
        (
            response,
            PapError::NotExpected {
                element: "push-response",
            },
        ),
    ] {
        let read = refused(&format!("{DOCTYPE_2}{body}"));
        assert_eq!(read.error, error, "{body}");
        assert!(matches!(read.response(), Response::BadMessage(_)), "{body}");
        assert_eq!(answered(&read), 2000, "{body}");
    }
}

#[test]
fn errors_repeat_little() {
    let long = "x".repeat(100_000);
    for text in [
        push(&format!("progress-notes-requested='{long}'"), ADDRESS),
        push(&format!("{long}='1'"), ADDRESS),
        push("", &format!("<{long}/>")),
        push(&format!("deliver-after-timestamp='{long}'"), ADDRESS),
        format!("<{long}/>"),
        format!("<pap></{long}>"),
        format!("<?xml version='1.0' encoding='{long}'?><pap>\u{e9}</pap>"),
    ] {
        let read = refused(&text);
        assert!(read.error.to_string().len() < 200, "{}", read.error);
        assert!(read.response().to_xml(read.envelope()).len() < 3000);
    }
}

#[test]
fn two_messages_are_one_too_many() {
    let two = "<pap><statusquery-message push-id=\"p\"/><cancel-message push-id=\"q\"/></pap>";
    let read = refused(two);
    let child = "cancel-message".into();
    assert_eq!(
        read.error,
        PapError::UnexpectedChild {
            element: "pap",
            child
        }
    );
    assert!(matches!(read.response(), Response::StatusQuery(_)));
    assert_eq!(read.fragment, "<cancel-message push-id=\"q\"/>");
}

#[test]
fn responses_are_validated_too() {
    let read = |body: &str| {
        Response::read(format!("<pap>{body}</pap>").as_bytes())
            .unwrap_err()
            .error
    };
    assert_eq!(
        read("<push-response push-id=\"p\"><response-result code=\"1\"/></push-response>"),
        PapError::Code { value: "1".into() }
    );
    assert_eq!(
        read(
            "<push-response push-id=\"p\"><response-result code=\"1001\"/><progress-note stage=\"s\"/></push-response>"
        ),
        PapError::UnexpectedChild {
            element: "push-response",
            child: "progress-note".into()
        }
    );
    assert_eq!(
        read("<push-response push-id=\"p\"><progress-note stage=\"s\"/></push-response>"),
        PapError::MissingChild {
            element: "push-response",
            child: "response-result"
        }
    );
    assert_eq!(
        read(
            "<statusquery-response push-id=\"p\"><statusquery-result code=\"1000\" message-state=\"x\"/></statusquery-response>"
        ),
        PapError::Enumeration {
            element: "statusquery-result",
            attribute: "message-state",
            value: "x".into()
        }
    );
    assert_eq!(
        read("<cancel-message push-id=\"p\"/>"),
        PapError::NotExpected {
            element: "cancel-message"
        }
    );
}

#[test]
fn ill_formed_documents_show_nothing() {
    for text in [
        "",
        " ",
        "plain text",
        "<pap",
        "<pap>",
        "<pap></PAP>",
        "</pap>",
        "<pap/><pap/>",
        "<pap/>text",
        "text<pap/>",
        "<pap a=\"1\" a=\"2\"/>",
        "<pap a=1/>",
        "<pap a=\"<\"/>",
        "<pap a=\"&\"/>",
        "<pap a=\"&amp\"/>",
        "<pap a=\"&#x;\"/>",
        "<pap a=\"&#xD800;\"/>",
        "<pap><!-- a -- b --></pap>",
        "<pap><!-- </pap>",
        "<pap><![CDATA[</pap>",
        " <?xml version=\"1.0\"?><pap/>",
        "<pap><?xml version=\"1.0\"?></pap>",
        "<pap><push-message push-id=\"p\"></pap></push-message>",
    ] {
        let read = refused(text);
        assert!(
            matches!(read.error, PapError::Syntax { .. }),
            "{text}: {:?}",
            read.error
        );
        assert_eq!(
            (read.push_id.as_ref(), read.operation),
            (None, None),
            "{text}"
        );
        assert_eq!(answered(&read), 2000);
    }
}

#[test]
fn entities_and_declarations_are_refused() {
    let bomb = "<!DOCTYPE pap [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><pap product-name=\"&b;\"/>";
    let external = "<!DOCTYPE pap [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><pap>&x;</pap>";
    let parameter = "<!DOCTYPE pap [<!ENTITY % x SYSTEM \"http://192.0.2.1/x\">%x;]><pap/>";
    for (text, error) in [
        (bomb, PapError::Declaration),
        (external, PapError::Declaration),
        (parameter, PapError::Declaration),
        (
            "<!DOCTYPE pap SYSTEM \"file:///etc/passwd\"><pap product-name=\"&x;\"/>",
            PapError::Entity,
        ),
        ("<pap>&x;</pap>", PapError::Entity),
        ("<!DOCTYPE wml><pap/>", PapError::Doctype),
        ("<!DOCTYPE pap><!DOCTYPE pap><pap/>", PapError::Doctype),
        ("<pap/><!DOCTYPE pap>", PapError::Doctype),
        ("<pap><!DOCTYPE pap></pap>", PapError::Doctype),
    ] {
        assert_eq!(refused(text).error, error, "{text}");
    }
}

#[test]
fn the_five_entities_and_white_space_are_normalised() {
    let text = "<?xml version='1.0'?><!-- c --><pap product-name='&lt;&amp;&gt;&quot;&apos;&#x41;\r\n\tx'>\n\
                <statusquery-message push-id='p'> <!-- c --> <?pi x?> </statusquery-message></pap>\n<!-- end -->";
    let expected = "<&>\"'A  x";
    assert_eq!(request(text).product_name.as_deref(), Some(expected));
}

#[test]
fn only_unicode_is_read() {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><pap product-name=\"\u{e9}\u{1f30a}\"><statusquery-message push-id=\"p\"/></pap>";
    let units: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for octets in [
        little.clone(),
        big.clone(),
        [b"\xFF\xFE", little.as_slice()].concat(),
        [b"\xFE\xFF", big.as_slice()].concat(),
        [b"\xEF\xBB\xBF", text.replace("16", "8").as_bytes()].concat(),
    ] {
        let request = Request::read(&octets).unwrap();
        assert_eq!(request.product_name.as_deref(), Some("\u{e9}\u{1f30a}"));
    }
    let error = |octets: &[u8]| Request::read(octets).unwrap_err().error;
    assert_eq!(error(&big[..big.len() - 1]), PapError::Utf16);
    assert_eq!(error(b"\xFF\xFE<\0\x00\xD8"), PapError::Utf16);
    assert_eq!(error(b"<pap a=\"\xE9\"/>"), PapError::Utf8 { offset: 8 });
    assert_eq!(
        error(text.as_bytes()),
        PapError::Encoding {
            name: "UTF-16".into()
        }
    );
    let latin = text.replace("UTF-16", "ISO-8859-1");
    assert_eq!(
        error(latin.as_bytes()),
        PapError::Encoding {
            name: "ISO-8859-1".into()
        }
    );
    assert!(Request::read(latin.replace(['\u{e9}', '\u{1f30a}'], "e").as_bytes()).is_ok());
    assert_eq!(
        error(b"<pap a=\"\0\"/>"),
        PapError::Character {
            character: '\0',
            offset: 8
        }
    );
    assert!(matches!(
        error(b"<pap a=\"&#0;\"/>"),
        PapError::Syntax { .. }
    ));
    assert_eq!(
        error(b"<pap a=\"&#1;\"/>"),
        PapError::Character {
            character: '\u{1}',
            offset: 0
        }
    );
    assert_eq!(
        error(b"<pap a=\"\xEF\xBF\xBF\"/>"),
        PapError::Character {
            character: '\u{FFFF}',
            offset: 8
        }
    );
}

#[test]
fn floods_are_cut_short() {
    let deep = format!("{}{}", "<a>".repeat(17), "</a>".repeat(17));
    let wide = |count: usize| {
        let attributes: String = (0..count)
            .map(|number| format!(" a{number}=\"\""))
            .collect();
        format!("<pap{attributes}/>")
    };
    let addresses = |count: usize| push("", &ADDRESS.repeat(count));
    for (text, error) in [
        (deep, PapError::Depth),
        (wide(33), PapError::Attributes),
        (wide(20_000), PapError::Attributes),
        (
            addresses(MAX_ADDRESSES + 1),
            PapError::Addresses {
                count: MAX_ADDRESSES + 1,
            },
        ),
        (
            "<a>".repeat(1_000_000),
            PapError::TooLong { bytes: 3_000_000 },
        ),
        (
            wide(100_000),
            PapError::TooLong {
                bytes: wide(100_000).len(),
            },
        ),
        (
            addresses(100_000),
            PapError::TooLong {
                bytes: addresses(100_000).len(),
            },
        ),
        (
            " ".repeat(MAX_CONTROL_BYTES + 1),
            PapError::TooLong {
                bytes: MAX_CONTROL_BYTES + 1,
            },
        ),
    ] {
        let start = Instant::now();
        let read = refused(&text);
        assert!(start.elapsed() < Duration::from_secs(1));
        assert_eq!(read.error, error);
        assert!(read.fragment.chars().count() <= MAX_FRAGMENT_CHARS);
    }
    let crowd = refused(&addresses(MAX_ADDRESSES + 1));
    assert_eq!(
        (crowd.push_id.as_ref(), answered(&crowd)),
        (Some(&id("p")), 3005)
    );
    assert_eq!(
        push_of(request(&addresses(MAX_ADDRESSES))).addresses.len(),
        MAX_ADDRESSES
    );
}
