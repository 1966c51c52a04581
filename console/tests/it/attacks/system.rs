//! Attacks on what lies under the gateway: disk, clock, configuration, database, logs, TLS.

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use rcgen::{CertificateParams, KeyPair};

use crate::gateway::{
    Gateway, PATIENCE, Setup, TRUSTED, answered, basic, control, pushcast, secret, status,
    submission,
};
use crate::process::serve;
use crate::traced::Traced;

/// What fails of a disk.
enum Failing {
    /// Every call that would put something on stable storage.
    Everything,
    /// Those for the folder of the files beside the database.
    Files,
}

/// Submits to a gateway whose disk fails, and waits for its end.
fn ends_when(failing: &Failing) {
    let mut gateway = Setup::new().with(TRUSTED).start();
    gateway.expect_service("before");
    let objects = gateway.data().join("objects");
    let mut arguments = vec![
        "-e",
        "trace=fsync,fdatasync",
        "-e",
        "inject=fsync,fdatasync:error=EIO",
    ];
    let content_bytes = match failing {
        Failing::Everything => 1,
        Failing::Files => {
            arguments.extend(["-P", objects.to_str().unwrap()]);
            200_000
        }
    };
    let Some(_traced) = Traced::attach(gateway.process.id(), &arguments) else {
        return;
    };
    let document = submission("lost", "all", "");
    let content = "x".repeat(content_bytes);
    let body =
        format!("--b\r\n\r\n{document}\r\n--b\r\nContent-Type: a/b\r\n\r\n{content}\r\n--b--\r\n");
    let request = format!(
        "POST /pap HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: multipart/related; boundary=b\r\n\r\n{body}",
        body.len()
    );
    // It writes by itself too, so it may have ended before it is asked.
    if let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, gateway.listen)) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let answer = answered(stream, request.as_bytes());
        assert!(!answer.contains("code=\"1001\""), "{answer}");
    }
    let ended = gateway.process.ended("the gateway", PATIENCE);
    assert_eq!(ended.code(), Some(1));
}

#[test]
fn row_35_a_disk_that_fails_ends_the_process() {
    ends_when(&Failing::Everything);
    ends_when(&Failing::Files);
}

#[test]
fn row_36_times_at_the_edges() {
    let mut gateway = Setup::new().with(TRUSTED).start();
    let after = |time: &str| format!("deliver-after-timestamp=\"{time}\"");
    for (number, time) in [
        "2036-02-07T06:28:16Z",
        "2038-01-19T03:14:08Z",
        "2100-02-28T23:59:59Z",
        "9999-12-31T23:59:59Z",
    ]
    .iter()
    .enumerate()
    {
        let id = format!("{number}@edge");
        let answer = gateway.push("", &submission(&id, "all", &after(time)));
        assert!(answer.contains("code=\"1001\""), "{time}: {answer}");
        let query = control(&format!("<statusquery-message push-id=\"{id}\"/>"));
        let answer = gateway.ask("", &query);
        assert!(answer.contains("pending"), "{time}: {answer}");
    }
    for time in [
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "2026-01-01T25:00:00Z",
    ] {
        let answer = gateway.push("", &submission("wrong", "all", &after(time)));
        assert!(answer.contains("code=\"2000\""), "{time}: {answer}");
    }
    for time in ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"] {
        let before = format!("deliver-before-timestamp=\"{time}\"");
        let answer = gateway.push("", &submission("past", "all", &before));
        assert!(answer.contains("code=\"2000\""), "{time}: {answer}");
    }
    gateway.expect_service("now");
}

/// What `serve` says about a configuration that it refuses.
fn refused(setup: &Setup) -> String {
    let written = setup.write();
    let output = serve(&written.config).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let checked = pushcast(&["check-config", written.config.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(2), "{checked:?}");
    text
}

#[test]
fn row_37_configurations_that_are_refused() {
    let cases = [
        ("colour = 1\n", "", "colour"),
        ("ppg_name = 7\n", "", "integer"),
        ("", "[colours]\n", "colours"),
        ("", "[limits]\nconnections = 0\n", "outside"),
        (
            "",
            "[[initiator]]\nname = \"x\"\nrate = { per_second = 0, burst = 1 }\n",
            "outside",
        ),
        (
            "",
            "[[initiator]]\nname = \"x\"\ntrusted_from = [\"::1\"]\nbearers = []\n",
            "bearers is empty",
        ),
        (
            "",
            "[tls]\ncert_file = \"none.pem\"\nkey_file = \"none.key\"\n",
            "none.pem",
        ),
    ];
    for (server, sections, reason) in cases {
        let text = refused(&Setup::new().server(server).with(sections));
        assert!(text.contains("pushcast.toml:"), "{text}");
        assert!(text.contains(reason), "{reason}: {text}");
    }
    let hash = secret("sesame", None);
    let digests = secret("sesame", Some("weather"));
    for (key, text) in [("password_hash_file", hash), ("digest_ha1_file", digests)] {
        for mode in [0o640, 0o604, 0o620, 0o602] {
            let section = format!("[[initiator]]\nname = \"weather\"\n{key} = \"weather\"\n");
            let setup = Setup::new().file("weather", &text).with(&section);
            let file = setup.folder.path().join("weather");
            std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let said = refused(&setup);
            assert!(said.contains("group or others may read or write"), "{said}");
            assert!(said.contains(file.to_str().unwrap()), "{said}");
        }
    }
}

/// Every octet of the files under a folder.
fn octets_under(folder: &std::path::Path) -> Vec<u8> {
    let mut octets = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            octets.extend(octets_under(&path));
        } else {
            octets.extend(std::fs::read(path).unwrap());
        }
    }
    octets
}

#[test]
fn row_38_a_stolen_database() {
    let digests = secret("sesame-street", Some("weather"));
    let ha1 = digests.lines().next().unwrap().split(':').nth(1).unwrap();
    let gateway = Setup::new()
        .file("weather.ha1", &digests)
        .with_password(
            "weather",
            "sesame-street",
            "digest_ha1_file = \"weather.ha1\"",
        )
        .start();
    let answer = gateway.submit(&basic("weather", "sesame-street"), "p", "all");
    assert!(answer.contains("code=\"1001\""), "{answer}");
    let stopped = gateway.stop();
    let data = octets_under(&stopped.setup.folder.path().join("data"));
    let holds = |text: &str| {
        data.windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(
        holds("$argon2id$"),
        "the hash is looked for in the wrong place"
    );
    assert!(!holds("sesame-street"));
    assert!(!holds(ha1), "who has the digest can enter by Digest");
}

#[test]
fn row_39_logs_and_metrics_hold_nothing_of_strangers() {
    let gateway = Setup::new().with_password("weather", "sesame", "").start();
    let hostile = "evil&#10;{&quot;level&quot;:&quot;ERROR&quot;}&#27;[2J";
    for number in 0..50 {
        let id = format!("label-{number}{hostile}");
        gateway.submit(&basic("weather", "sesame"), &id, "all");
        gateway.submit(&basic(&format!("label-{number}"), "hush"), "p", "all");
        let request = format!(
            "LABEL{number} /label-{number}?label-{number} HTTP/1.1\r\nHost: label\r\n\
             Connection: close\r\n\r\n"
        );
        let answer = gateway.exchange(request.as_bytes());
        assert_eq!(status(&answer), 404);
    }
    let metrics = gateway.admin.metrics().text().to_ascii_lowercase();
    assert!(!metrics.contains("label"), "{metrics}");
    assert!(metrics.contains("pushcast_http_server_request_duration_seconds_count"));
    let log = gateway.log();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_ne!(line["level"], "ERROR", "{line}");
    }
    assert!(!log.contains("hush") && !log.contains("sesame"), "{log}");
}

fn with_tls() -> Gateway {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Setup::new()
        .file("cert.pem", &certificate.pem())
        .file("key.pem", &key.serialize_pem())
        .with("[tls]\ncert_file = \"cert.pem\"\nkey_file = \"key.pem\"\n")
        .with(TRUSTED)
        .start()
}

/// A ClientHello of some TLS version without extensions.
fn client_hello(minor: u8) -> Vec<u8> {
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    // No session; TLS_RSA_WITH_AES_128_CBC_SHA and its ECDHE forms; no compression.
    body.extend([0, 0, 6, 0xC0, 0x09, 0xC0, 0x13, 0, 0x2F, 1, 0]);
    let len = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, len + 4, 1, 0, 0, len][..], &body].concat()
}

#[test]
fn row_40_old_tls_is_not_spoken() {
    let gateway = with_tls();
    // SSL 3.0, TLS 1.0 and 1.1.
    for minor in 0..=2 {
        let mut stream = gateway.connect();
        stream.write_all(&client_hello(minor)).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert_eq!(answer.first(), Some(&21), "an alert, not {answer:02x?}");
    }
    let plain = gateway.exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for version in [
        reqwest::tls::Version::TLS_1_2,
        reqwest::tls::Version::TLS_1_3,
    ] {
        let client = reqwest::Client::builder()
            .tls_danger_accept_invalid_certs(true)
            .tls_version_min(version)
            .tls_version_max(version)
            .no_proxy()
            .build()
            .unwrap();
        let url = format!("https://127.0.0.1:{}/pap", gateway.listen);
        let query = control("<statusquery-message push-id=\"none\"/>");
        let request = client
            .post(url)
            .header("Content-Type", "application/xml")
            .body(query);
        let answer = runtime.block_on(async { request.send().await.unwrap().text().await });
        assert!(answer.unwrap().contains("code=\"2004\""));
    }
}
