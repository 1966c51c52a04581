//! Addresses to notify that lead somewhere else, or nowhere.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::gateway::{PATIENCE, Setup, TRUSTED, submission};
use crate::notified::Notified;
use crate::process::wait_for;

/// An initiator that may be notified on this machine.
const NOTIFIED: &str = "[[initiator]]\nname = \"pi\"\ntrusted_from = [\"127.0.0.0/8\"]\n\
     groups = [\"all\"]\nnotify_hosts = [\"127.0.0.1\", \"localhost\"]\n";

fn wish(url: &str) -> String {
    format!("ppg-notify-requested-to=\"{url}\"")
}

#[test]
fn row_14_notifications_into_our_own_networks() {
    let inside = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    let gateway = Setup::new().with(TRUSTED).start();
    let urls = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://[64:ff9b::7f00:1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0177.0.0.1:{port}/"),
        format!("http://0x7f.1:{port}/"),
        "http://10.0.0.1/".to_owned(),
        "http://192.168.0.1/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fe80::1]/".to_owned(),
        "http://[fd00::1]/".to_owned(),
        "http://239.255.42.1/".to_owned(),
        "http://0.0.0.0/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://192.0.2.1/".to_owned(),
    ];
    for (number, url) in urls.iter().enumerate() {
        let document = submission(&format!("{number}@pi"), "all", &wish(url));
        let answer = gateway.push("", &document);
        assert!(
            ["2000", "2001"]
                .iter()
                .any(|code| answer.contains(&format!("code=\"{code}\""))),
            "{url}: {answer}"
        );
    }
    // A name shows where it leads only when it is looked up.
    let document = submission(
        "name@pi",
        "all",
        &wish(&format!("http://localhost:{port}/")),
    );
    let answer = gateway.push("", &document);
    assert!(answer.contains("code=\"1001\""), "{answer}");
    wait_for("the name to be refused", PATIENCE, || {
        (gateway
            .admin
            .metrics()
            .value("pushcast_submissions{state=\"done\"}")
            == 1
            && gateway.admin.metrics().value("pushcast_outbox_depth") == 0)
            .then_some(())
    });
    assert!(inside.accept().is_err(), "somebody was notified");
    let stopped = gateway.stop();
    assert_eq!(
        stopped.refusals(Some("pi"), "notify_url"),
        urls.len() as u64
    );
}

#[test]
fn row_15_a_peer_that_never_answers() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    // Another host than the good one, although both are here.
    let url = format!("http://localhost:{}/", silent.local_addr().unwrap().port());
    let good = Notified::start();
    let gateway = Setup::new().with(NOTIFIED).start();
    for number in 0..20 {
        let document = submission(&format!("{number}@silent"), "all", &wish(&url));
        let answer = gateway.push("", &document);
        assert!(answer.contains("code=\"1001\""), "{answer}");
    }
    let answer = gateway.push("", &submission("good@pi", "all", &wish(&good.url)));
    assert!(answer.contains("code=\"1001\""), "{answer}");
    wait_for("the good peer to be told", PATIENCE, || {
        good.told().contains_key("good@pi").then_some(())
    });
    wait_for("the others to be kept", PATIENCE, || {
        (gateway.admin.metrics().value("pushcast_outbox_depth") == 20).then_some(())
    });
}

#[test]
fn row_16_a_peer_that_answers_garbage() {
    let peer = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/", peer.local_addr().unwrap());
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in peer.incoming().flatten() {
            if stream.read(&mut [0; 4096]).unwrap_or(0) == 0 {
                continue;
            }
            counted.fetch_add(1, Ordering::Relaxed);
            let _ = stream.write_all(b"\x00\xFF garbage \r\n\r\n");
        }
    });
    let gateway = Setup::new().with(NOTIFIED).start();
    let answer = gateway.push("", &submission("p", "all", &wish(&url)));
    assert!(answer.contains("code=\"1001\""), "{answer}");
    wait_for("another attempt", PATIENCE, || {
        (asked.load(Ordering::Relaxed) >= 2).then_some(())
    });
    assert_eq!(gateway.admin.metrics().value("pushcast_outbox_depth"), 1);
}
