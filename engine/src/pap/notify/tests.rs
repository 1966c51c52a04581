//! Posting to a server on loopback.

use super::peer::{Answer, Peer};
use super::*;
use crate::model::StatusCode;
use crate::pap::Envelope;
use crate::pap::response::ResultNotificationResponse;

const DOCUMENT: &str = "<pap>Ä</pap>";

fn notifier() -> Notifier {
    Notifier::new().unwrap()
}

fn named(peer: &Peer) -> NotifyUrl {
    check_url(&peer.url("127.0.0.1"), &["127.0.0.1".to_owned()]).unwrap()
}

async fn post(peer: &Peer) -> Posted {
    notifier().post(&named(peer), DOCUMENT.to_owned()).await
}

fn answer(code: StatusCode) -> String {
    Response::ResultNotification(ResultNotificationResponse {
        push_id: "one".parse().unwrap(),
        code: code.into(),
        desc: None,
        address: "WAPPUSH=group%2Flab/TYPE=USER@ppg.example".to_owned(),
    })
    .to_xml(Envelope::OWN)
}

#[tokio::test]
async fn the_document_is_posted_bare() {
    let mut peer = Peer::start(vec![Answer::body("202 Accepted", &answer(StatusCode::Ok))]).await;
    let posted = post(&peer).await;
    let Posted::Delivered { code: Some(code) } = posted else {
        panic!("{posted:?}");
    };
    assert_eq!(code, StatusCode::Ok.into());
    let seen = peer.request().await;
    assert_eq!(seen.text(), DOCUMENT);
    let head = seen.head.to_ascii_lowercase();
    assert!(head.starts_with("post /results http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/xml"), "{head}");
    assert!(head.contains(&format!("\r\nhost: 127.0.0.1:{}\r\n", peer.port())));
}

#[tokio::test]
async fn any_2xx_is_delivered() {
    let bad_request = answer(StatusCode::BadRequest);
    for (status, body, expected) in [
        ("200 OK", bad_request.as_str(), Some(StatusCode::BadRequest)),
        ("202 Accepted", "<html>thanks</html>", None),
        ("200 OK", "\0\u{7f}garbage", None),
        ("204 No Content", "", None),
    ] {
        let peer = Peer::start(vec![Answer::body(status, body)]).await;
        let posted = post(&peer).await;
        let expected = expected.map(Code::from);
        assert!(
            matches!(posted, Posted::Delivered { code } if code == expected),
            "{status} {body}: {posted:?}"
        );
    }
}

#[tokio::test]
async fn the_status_tells_whether_to_try_again() {
    for (status, again) in [
        ("500 Internal Server Error", true),
        ("503 Service Unavailable", true),
        ("408 Request Timeout", true),
        ("429 Too Many Requests", true),
        ("400 Bad Request", false),
        ("401 Unauthorized", false),
        ("404 Not Found", false),
        ("410 Gone", false),
        ("304 Not Modified", false),
    ] {
        let peer = Peer::start(vec![Answer::body(status, "")]).await;
        let number: u16 = status[..3].parse().unwrap();
        match post(&peer).await {
            Posted::Retry(Failure::Status { status }) if again => assert_eq!(status, number),
            Posted::GiveUp(Failure::Status { status }) if !again => assert_eq!(status, number),
            posted => panic!("{status}: {posted:?}"),
        }
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let mut target = Peer::start(vec![Answer::body("202 Accepted", "")]).await;
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
    ] {
        let location = target.url("127.0.0.1");
        let redirect = format!(
            "HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\
             Connection: close\r\n\r\n"
        );
        let peer = Peer::start(vec![Answer::Text(redirect)]).await;
        let posted = post(&peer).await;
        assert!(
            matches!(posted, Posted::GiveUp(Failure::Status { .. })),
            "{posted:?}"
        );
    }
    assert!(target.is_quiet());
}

#[tokio::test]
async fn endless_answers_are_cut() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
    let mut peer = Peer::start(vec![Answer::Endless(head)]).await;
    let posted = post(&peer).await;
    assert!(
        matches!(posted, Posted::Delivered { code: None }),
        "{posted:?}"
    );
    // What the sockets hold counts as written.
    let taken = peer.taken().await;
    assert!(taken < 1 << 26, "{taken}");
}

#[tokio::test]
async fn silence_is_a_time_out() {
    let mut peer = Peer::start(vec![Answer::Hang]).await;
    let hasty = notifier().with_timeout(Duration::from_secs(1));
    let posted = hasty.post(&named(&peer), DOCUMENT.to_owned()).await;
    assert!(
        matches!(posted, Posted::Retry(Failure::Timeout { .. })),
        "{posted:?}"
    );
    peer.request().await;
}

#[tokio::test]
async fn an_answer_that_stops_after_2xx_is_delivered() {
    let head = "HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n<pap>".to_owned();
    let peer = Peer::start(vec![Answer::Text(head)]).await;
    let posted = post(&peer).await;
    assert!(
        matches!(posted, Posted::Delivered { code: None }),
        "{posted:?}"
    );
}

#[tokio::test]
async fn nobody_there_is_worth_another_try() {
    let peer = Peer::start(vec![Answer::Hang]).await;
    let url = named(&peer);
    peer.stop().await;
    let posted = notifier().post(&url, DOCUMENT.to_owned()).await;
    assert!(
        matches!(posted, Posted::Retry(Failure::Transport(_))),
        "{posted:?}"
    );
}

#[tokio::test]
async fn broken_answers_are_worth_another_try() {
    let peer = Peer::start(vec![Answer::Text("SSH-2.0-OpenSSH_9\r\n".to_owned())]).await;
    let posted = post(&peer).await;
    assert!(
        matches!(posted, Posted::Retry(Failure::Transport(_))),
        "{posted:?}"
    );
}

#[tokio::test]
async fn names_of_our_networks_are_refused_when_they_are_looked_up() {
    let mut peer = Peer::start(vec![Answer::body("202 Accepted", "")]).await;
    let url = peer.url("localhost");
    let unnamed = check_url(&url, &[]).unwrap();
    let posted = notifier().post(&unnamed, DOCUMENT.to_owned()).await;
    let Posted::GiveUp(Failure::Address { address }) = posted else {
        panic!("{posted:?}");
    };
    assert!(address.is_loopback());
    assert!(peer.is_quiet());

    let named = check_url(&url, &[format!("localhost:{}", peer.port())]).unwrap();
    let posted = notifier().post(&named, DOCUMENT.to_owned()).await;
    assert!(matches!(posted, Posted::Delivered { .. }), "{posted:?}");
    peer.request().await;
}

#[tokio::test]
async fn names_that_nobody_has_are_worth_another_try() {
    let url = check_url("http://nobody.invalid/", &[]).unwrap();
    let posted = notifier().post(&url, DOCUMENT.to_owned()).await;
    assert!(
        matches!(
            posted,
            Posted::Retry(Failure::Transport(_) | Failure::Timeout { .. })
        ),
        "{posted:?}"
    );
}
