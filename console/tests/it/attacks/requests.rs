//! Hostile requests: lengths, slowness, floods, secrets in the wrong place.

use std::io::{Read as _, Write as _};

use crate::gateway::{Setup, TRUSTED, basic, control, end_with, status, submission};

#[test]
fn row_02_lengths_that_lie() {
    let mut gateway = Setup::new()
        .with("[limits]\nbody_bytes = 65536\n")
        .with(TRUSTED)
        .start();
    let head = "POST /pap HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/related; boundary=b\r\n";
    // Refused by its announcement: nothing of the body is asked for.
    let announced = format!("{head}Content-Length: 65537\r\n\r\n");
    let answer = gateway.exchange(announced.as_bytes());
    assert_eq!(status(&answer), 413);
    assert!(
        answer.to_ascii_lowercase().contains("connection: close"),
        "{answer}"
    );
    // Refused on its way, however it is chunked.
    let mut bomb = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..2000 {
        bomb.extend_from_slice(b"100\r\n");
        bomb.extend_from_slice(&[b'x'; 256]);
        bomb.extend_from_slice(b"\r\n");
    }
    let answer = gateway.exchange(&bomb);
    // Octets that nobody reads can cost the answer its way back.
    assert!(answer.is_empty() || status(&answer) == 413, "{answer}");
    let lies = [
        "Content-Length: 1000\r\n\r\nshort",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\nx",
        "Content-Length: -1\r\n\r\nx",
        "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ];
    for lie in lies {
        let answer = end_with(gateway.connect(), format!("{head}{lie}").as_bytes());
        assert!(!answer.contains("code=\"1001\""), "{lie}: {answer}");
    }
    gateway.expect_service("after");
    let refused = gateway
        .admin
        .metrics()
        .value("pushcast_rejected_input_total{reason=\"body_bytes\"}");
    assert!(refused >= 2, "{refused}");
    assert!(gateway.stop().refusals(Some("pi"), "body_bytes") >= 2);
}

#[test]
fn row_07_slow_requests() {
    let mut gateway = Setup::new()
        .with("[limits]\nconnections = 400\nconnections_per_address = 300\n")
        .with(TRUSTED)
        .start();
    let slow: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = gateway.connect();
            stream.write_all(b"POST /pap HTTP/1.1\r\nHo").unwrap();
            stream
        })
        .collect();
    gateway.expect_service("beside slow ones");
    // They are cut off, and what they held is free again.
    for mut stream in slow {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    }
    let more: Vec<_> = (0..250).map(|_| gateway.connect()).collect();
    gateway.expect_service("again");
    drop(more);
}

#[test]
fn row_09_one_initiator_floods() {
    let mut gateway = Setup::new()
        .with_password("fast", "fast", "rate = { per_second = 1, burst = 3 }")
        .with_password("much", "much", "daily_quota = 2\ndaily_addresses = 100")
        .with_password("wide", "wide", "daily_addresses = 1")
        .with(TRUSTED)
        .start();
    let fast = basic("fast", "fast");
    let answers: Vec<_> = (0..30)
        .map(|number| gateway.submit(&fast, &format!("{number}@fast"), "all"))
        .collect();
    let refused: Vec<_> = answers
        .iter()
        .filter(|answer| status(answer) == 429)
        .collect();
    assert!(!refused.is_empty());
    for answer in refused {
        assert!(
            answer.to_ascii_lowercase().contains("\r\nretry-after: "),
            "{answer}"
        );
        assert!(!answer.contains("<pap"), "{answer}");
    }
    let much = basic("much", "much");
    for number in 0..2 {
        let answer = gateway.submit(&much, &format!("{number}@much"), "all");
        assert!(answer.contains("code=\"1001\""), "{answer}");
        let again = gateway.submit(&much, &format!("{number}@much"), "all");
        assert!(
            again.contains("code=\"2007\"") || again.contains("code=\"2001\""),
            "{again}"
        );
    }
    let beyond = gateway.submit(&much, "3@much", "all");
    assert!(beyond.contains("code=\"2001\""), "{beyond}");
    assert!(beyond.contains("quota"), "{beyond}");
    let two = control(
        "<push-message push-id=\"w\"><address address-value=\"WAPPUSH=group%2Fall/TYPE=USER@p\"/>\
         <address address-value=\"WAPPUSH=group%2Fall/TYPE=USER@q\"/></push-message>",
    );
    let answer = gateway.push(&basic("wide", "wide"), &two);
    assert!(answer.contains("code=\"2001\""), "{answer}");
    gateway.expect_service("another initiator");
    let metrics = gateway.admin.metrics();
    for reason in ["rate", "daily_quota", "daily_addresses"] {
        let name = format!("pushcast_quota_refusals_total{{reason=\"{reason}\"}}");
        assert!(metrics.value(&name) > 0, "{name}");
    }
    let stopped = gateway.stop();
    assert!(stopped.refusals(Some("fast"), "rate") > 0);
    assert_eq!(stopped.refusals(Some("wide"), "daily_addresses"), 1);
    // A restart does not forget.
    let gateway = stopped.start_again();
    let beyond = gateway.submit(&much, "4@much", "all");
    assert!(beyond.contains("code=\"2001\""), "{beyond}");
}

#[test]
fn row_13_credentials_in_the_address() {
    let mut gateway = Setup::new().with(TRUSTED).start();
    let targets = [
        "/pap?username=pi&password=hush-hush",
        "/pap?a=b&PASS=hush-hush",
        "/pap?user=hush-hush",
        "http://pi:hush-hush@localhost/pap",
    ];
    for target in targets {
        let body = submission("p", "all", "");
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Content-Type: application/xml\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = gateway.exchange(request.as_bytes());
        assert_eq!(status(&answer), 400, "{target}: {answer}");
        assert!(answer.contains("Authorization"), "{answer}");
        assert!(!answer.contains("hush-hush"), "{answer}");
    }
    gateway.expect_service("p");
    assert!(!gateway.log().contains("hush-hush"));
    let stopped = gateway.stop();
    assert_eq!(stopped.refusals(None, "credentials_in_url"), 4);
}
