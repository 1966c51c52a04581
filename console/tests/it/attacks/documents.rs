//! Hostile PAP documents.

use std::net::{Ipv4Addr, TcpListener};

use crate::gateway::{Gateway, Setup, TRUSTED, control, status, submission};
use crate::traced::Traced;

fn gateway() -> Gateway {
    Setup::new().with(TRUSTED).start()
}

/// Fails unless an answer is PAP and says so about the document.
fn expect_code(answer: &str, code: u16) {
    assert_eq!(status(answer), 202, "{answer}");
    assert!(answer.contains(&format!("code=\"{code}\"")), "{answer}");
}

#[test]
fn row_01_malformed_multipart() {
    let mut gateway = gateway();
    let part = submission("p", "all", "");
    let long = "b".repeat(1000);
    let many: String = (0..30_000).map(|_| "--b\r\n\r\nx\r\n").collect();
    let nested = format!(
        "--b\r\nContent-Type: multipart/related; boundary=c\r\n\r\n--c\r\n\r\n{part}\r\n--c--\r\n\
         --b--\r\n"
    );
    let cases = [
        (
            "multipart/related",
            format!("--b\r\n\r\n{part}\r\n--b--\r\n"),
        ),
        ("multipart/related; boundary=b", String::new()),
        (
            "multipart/related; boundary=b",
            "no delimiter at all".to_owned(),
        ),
        ("multipart/related; boundary=b", many),
        ("multipart/related; boundary=b", nested),
        (
            "multipart/related; boundary=b",
            format!("--b\r\n\r\n{part}"),
        ),
    ];
    for (content_type, body) in cases {
        let answer = gateway.post("", content_type, body.as_bytes());
        assert!(
            [202, 415].contains(&status(&answer)),
            "{content_type}: {answer}"
        );
        assert!(!answer.contains("code=\"1001\""), "{answer}");
    }
    let content_type = format!("multipart/related; boundary={long}");
    let body = format!("--{long}\r\n\r\n{part}\r\n--{long}--\r\n");
    let answer = gateway.post("", &content_type, body.as_bytes());
    expect_code(&answer, 2000);
    let lines = format!(
        "--b\n\n{}\n--b\nContent-Type: a/b\n\nx\n--b--\n",
        submission("lf", "all", "")
    );
    let answer = gateway.post("", "multipart/related; boundary=b", lines.as_bytes());
    expect_code(&answer, 1001);
    gateway.expect_service("after");
}

#[test]
fn row_03_documents_that_kill_others() {
    let mut gateway = gateway();
    let addresses: String = (0..10_000)
        .map(|number| format!("<address address-value=\"WAPPUSH=+{number}/TYPE=PLMN@p\"/>"))
        .collect();
    let long = "x".repeat(64 << 10);
    let cases = [
        ("<?xml version=\"1.0\"?><pap/>".to_owned(), 2000),
        ("<?xml version=\"1.0\"?><pop></pop>".to_owned(), 2000),
        (control(""), 2000),
        (control("<push-message push-id=\"a\"></push-message>"), 2000),
        (
            control(
                "<push-message push-id=\"a\"><address address-value=\"WAPPUSH=::1/TYPE=IPv6@p\"/>\
                 </push-message>",
            ),
            2002,
        ),
        (submission(&long, "all", ""), 2000),
    ];
    for (document, code) in cases {
        expect_code(&gateway.push("", &document), code);
    }
    let many = control(&format!(
        "<push-message push-id=\"m\">{addresses}</push-message>"
    ));
    let answer = gateway.push("", &many);
    assert_eq!(status(&answer), 202, "{answer}");
    assert!(!answer.contains("code=\"1001\""), "{answer}");
    gateway.expect_service("after");
}

#[test]
fn row_04_entities_are_neither_expanded_nor_fetched() {
    let mut gateway = gateway();
    let traced = Traced::attach(
        gateway.process.id(),
        &["-e", "trace=open,openat,connect,accept4"],
    );
    let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let url = format!("http://{}/dtd", elsewhere.local_addr().unwrap());
    let laughs: String = (1..10)
        .map(|level| {
            let inner = format!("&l{};", level - 1).repeat(10);
            format!("<!ENTITY l{level} \"{inner}\">")
        })
        .collect();
    let quadratic = format!("<!ENTITY l9 \"{}\">", "x".repeat(10_000));
    let declarations = [
        format!("<!ENTITY l0 \"ha\">{laughs}"),
        quadratic,
        "<!ENTITY l9 SYSTEM \"file:///nowhere/row-04-probe\">".to_owned(),
        format!("<!ENTITY l9 SYSTEM \"{url}\">"),
        format!("<!ENTITY % p SYSTEM \"{url}\">%p;"),
        "<!ELEMENT pap ANY>".to_owned(),
        "<!ATTLIST pap x CDATA #IMPLIED>".to_owned(),
    ];
    for declaration in declarations {
        let document = format!(
            "<?xml version=\"1.0\"?><!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 2.0//EN\" \
             \"{url}\" [{declaration}]><pap><push-message push-id=\"&l9;\"><address \
             address-value=\"WAPPUSH=group%2Fall/TYPE=USER@p\"/></push-message></pap>"
        );
        expect_code(&gateway.push("", &document), 2000);
    }
    // An external identifier alone is what every document has.
    let document =
        submission("plain", "all", "").replace("http://www.openmobilealliance.org", &url);
    expect_code(&gateway.push("", &document), 1001);
    assert!(elsewhere.accept().is_err(), "somebody fetched the DTD");
    if let Some(traced) = traced {
        let calls = traced.calls();
        assert!(calls.contains("accept4"), "nothing was traced");
        assert!(!calls.contains("row-04-probe"), "{calls}");
    }
    gateway.process.expect_running("the gateway");
}

#[test]
fn row_05_deep_wide_and_wrongly_encoded_documents() {
    let mut gateway = gateway();
    let deep = 100_000;
    let attributes: String = (0..1000).map(|number| format!(" a{number}=\"\"")).collect();
    let cases = [
        control(&format!("{}{}", "<a>".repeat(deep), "</a>".repeat(deep))),
        control(&format!("<push-message push-id=\"a\"{attributes}/>")),
        submission(&"i".repeat(257), "all", ""),
        submission("nul\0", "all", ""),
    ];
    for document in cases {
        expect_code(&gateway.push("", &document), 2000);
    }
    let wrong: [&[u8]; 3] = [
        b"<?xml version=\"1.0\"?><pap>\xFF\xFE\xC0\x80</pap>",
        b"\xFF\xFE<\0?\0x\0m\0l\0 ",
        b"\xFE\xFF\0<\0?\0x",
    ];
    for octets in wrong {
        let answer = gateway.post("", "application/xml", octets);
        expect_code(&answer, 2000);
    }
    gateway.expect_service("after");
}

#[test]
fn row_06_ids_that_mean_something_elsewhere() {
    let mut gateway = gateway();
    let ids = [
        "'; DROP TABLE submission; --",
        "\" OR 1=1",
        "%00$(reboot)`id`",
        "a&#13;&#10;Set-Cookie: x=1",
    ];
    for id in ids {
        let escaped = id.replace('"', "&quot;").replace('\'', "&apos;");
        let answer = gateway.submit("", &escaped, "all");
        assert_eq!(status(&answer), 202, "{answer}");
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            !head.to_ascii_lowercase().contains("set-cookie"),
            "{answer}"
        );
        if answer.contains("code=\"1001\"") {
            let again = gateway.submit("", &escaped, "all");
            expect_code(&again, 2007);
        } else {
            expect_code(&answer, 2000);
        }
    }
    let headers = "X-Wap-Application-Id: a\x0bSet-Cookie: x=1\r\n";
    let answer = gateway.submit(headers, "header", "all");
    assert!(
        !answer.to_ascii_lowercase().contains("set-cookie"),
        "{answer}"
    );
    for line in gateway.log().lines() {
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok(), "{line}");
    }
    gateway.expect_service("after");
}
