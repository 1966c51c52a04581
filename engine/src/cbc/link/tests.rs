use std::net::Ipv4Addr;
use std::path::Path;

use pushcast_cbs::cap::{self, Notice, Timestamp};
use pushcast_cbs::capacity::RepetitionPeriod;
use pushcast_cbs::cbep::{Adapter as _, Broadcasts, Category, Payload};
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::serial::SerialNumber;
use pushcast_cbs::text;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::*;
use crate::cbc::event::Ending;
use crate::cbc::transport::Exchange;

const PATIENCE: Duration = Duration::from_secs(30);
const CREATED: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Length: 7\r\n\r\nCreated";
const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cbs/tests/samples/ecbe");

/// Reads one request: its head and its body.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream
            .read(&mut buffer)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        octets.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&octets).to_ascii_lowercase();
        let Some(head) = text.find("\r\n\r\n") else {
            continue;
        };
        let length = text.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        if octets.len() >= head + 4 + length.unwrap_or(0) {
            return Some(octets);
        }
    }
}

/// A centre that answers every request with the same octets and closes; `None` is silence. Gives the
/// requests that come.
async fn centre(answer: Option<Vec<u8>>) -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (came, requests) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (came, answer) = (came.clone(), answer.clone());
            tokio::spawn(async move {
                // A look whether somebody listens says nothing.
                let Some(octets) = request(&mut stream).await else {
                    return;
                };
                let _ = came.send(octets).await;
                match answer {
                    Some(answer) => _ = stream.write_all(&answer).await,
                    None => std::future::pending().await,
                }
            });
        }
    });
    (url, requests)
}

fn spec(url: &str) -> LinkSpec {
    LinkSpec {
        timeout: Some(Duration::from_secs(2)),
        ..LinkSpec::ecbe("one".parse().unwrap(), url, None)
    }
}

fn alert(key: u64, until_ms: u64) -> Alert {
    let encoded = text::encode("Flood", &text::Options::default()).unwrap();
    let seconds = 1_800_000_000;
    let notice = Notice {
        area_description: "Tal".to_owned(),
        categories: vec![cap::Category::Met],
        certainty: cap::Certainty::Observed,
        event: "Flood".to_owned(),
        expires: None,
        headline: None,
        language: "en".to_owned(),
        onset: None,
        sender_name: None,
        severity: cap::Severity::Severe,
        status: cap::Status::Actual,
        urgency: cap::Urgency::Immediate,
    };
    let message = Message {
        id: format!("message-{key}"),
        broadcast: Broadcast {
            areas: vec!["plmn".parse().unwrap()],
            broadcasts: Broadcasts::Count(1.try_into().unwrap()),
            category: Category::Normal,
            message_id: MessageId(40_960 + key as u16),
            notice: Some(notice),
            payload: Payload::Pages {
                contents: encoded.contents,
                dcs: encoded.dcs,
            },
            period: RepetitionPeriod::from_slots(32).unwrap(),
            serial: SerialNumber(0x4010),
            warning_period_s: None,
        },
        stamps: vec![Stamp {
            identifier: format!("message-{key}").parse().unwrap(),
            sent: Timestamp::of_unix(seconds).unwrap(),
        }],
        earlier: None,
        state: CbsState::Asked,
        taken_ms: None,
        killed_ms: None,
        until_ms,
        on_air: Duration::from_secs(600),
    };
    Alert {
        key: ObjectKey(key),
        priority: Priority::Medium,
        messages: vec![message],
        is_resumed: false,
    }
}

async fn next(events: &mut mpsc::Receiver<Event>) -> Event {
    timeout(PATIENCE, events.recv()).await.unwrap().unwrap()
}

/// Waits until the alert is taken.
async fn is_taken(events: &mut mpsc::Receiver<Event>) {
    loop {
        match next(events).await {
            Event::Taken { .. } => return,
            Event::Ended { how, .. } => panic!("{how:?}"),
            _ => {}
        }
    }
}

fn started(spec: LinkSpec, clock: &Clock) -> (Link, mpsc::Receiver<Event>) {
    let (sender, events) = mpsc::channel(64);
    (Link::start(spec, clock.clone(), sender).unwrap(), events)
}

#[tokio::test]
async fn every_recorded_answer_is_read_off_the_wire() {
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(RECORDED).unwrap().flatten().collect();
    files.sort_by_key(std::fs::DirEntry::path);
    for file in files {
        let path = file.path();
        if path
            .extension()
            .is_none_or(|ending| ending != "http-response")
        {
            continue;
        }
        let recorded = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&recorded).into_owned();
        let is_answer = text.starts_with("HTTP/1.1 ");
        let (url, _requests) = centre(Some(recorded)).await;
        let way = Transport::new(&spec(&url)).unwrap();
        let ecbe = Centre::new(&spec(&url)).unwrap();
        let alert = alert(1, u64::MAX);
        let [message] = &alert.messages[..] else {
            unreachable!("one message");
        };
        let request = ecbe.submit(&message.broadcast, &message.stamps[0]).unwrap();
        match way.exchange(&request).await {
            Exchange::Answer { status, body } if is_answer => {
                let expected = text.split(' ').nth(1).unwrap();
                assert_eq!(status.to_string(), expected, "{}", path.display());
                assert!(body.len() <= 1000, "{}", path.display());
            }
            // A recording of no answer.
            Exchange::NoAnswer if !is_answer => {}
            other => panic!("{}: {other:?}", path.display()),
        }
        count += 1;
    }
    assert!(count >= 20, "{count}");
}

#[tokio::test]
async fn garbage_and_half_frames_are_no_answers() {
    for answer in [
        &b"garbage\r\n\r\n"[..],
        b"",
        b"HTTP/1.1 201 Created\r\nContent-Le",
        b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nCre",
        b"\x16\x03\x01\x02\x00\x01",
    ] {
        let (url, _requests) = centre(Some(answer.to_vec())).await;
        let way = Transport::new(&spec(&url)).unwrap();
        let ecbe = Centre::new(&spec(&url)).unwrap();
        let alert = alert(1, u64::MAX);
        let message = &alert.messages[0];
        let request = ecbe.submit(&message.broadcast, &message.stamps[0]).unwrap();
        assert_eq!(
            way.exchange(&request).await,
            Exchange::NoAnswer,
            "{answer:?}"
        );
    }
    let (url, _requests) = centre(None).await;
    let way = Transport::new(&spec(&url)).unwrap();
    let ecbe = Centre::new(&spec(&url)).unwrap();
    let alert = alert(1, u64::MAX);
    let message = &alert.messages[0];
    let request = ecbe.submit(&message.broadcast, &message.stamps[0]).unwrap();
    assert_eq!(way.exchange(&request).await, Exchange::NoAnswer);
    let gone = Transport::new(&spec("http://127.0.0.1:1")).unwrap();
    assert_eq!(gone.exchange(&request).await, Exchange::NotSent);
    assert!(!gone.is_reachable().await);
}

#[tokio::test]
async fn an_answer_too_many_is_not_that_of_the_next_request() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while request(&mut stream).await.is_some() {
                    let conflict = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n";
                    let twice = [CREATED, conflict].concat();
                    if stream.write_all(&twice).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let way = Transport::new(&spec(&url)).unwrap();
    let ecbe = Centre::new(&spec(&url)).unwrap();
    let alert = alert(1, u64::MAX);
    let message = &alert.messages[0];
    let request = ecbe.submit(&message.broadcast, &message.stamps[0]).unwrap();
    for number in 0..20 {
        match way.exchange(&request).await {
            Exchange::Answer { status, .. } => assert_eq!(status, 201, "request {number}"),
            Exchange::NoAnswer => {}
            Exchange::NotSent => panic!("request {number} was not sent"),
        }
    }
}

#[tokio::test]
async fn an_alert_is_asked_for_and_taken() {
    let (url, mut requests) = centre(Some(CREATED.to_vec())).await;
    let clock = Clock::system();
    let (link, mut events) = started(spec(&url), &clock);
    link.add(alert(1, clock.unix_ms() + 60_000)).await.unwrap();
    let alert = ObjectKey(1);
    assert!(matches!(next(&mut events).await, Event::Asked { alert: one, .. } if one == alert));
    assert!(matches!(next(&mut events).await, Event::Taken { alert: one, .. } if one == alert));
    let progress = next(&mut events).await;
    assert!(
        matches!(&progress, Event::Progress(progress) if progress.state == CbsState::OnAir),
        "{progress:?}"
    );
    let sent = String::from_utf8(requests.recv().await.unwrap()).unwrap();
    assert!(
        sent.starts_with("POST /api/ecbe/v1/message HTTP/1.1\r\n"),
        "{sent}"
    );
    assert_eq!(link.stats().requests()[0], 1);
    assert!(link.is_up());
    assert_eq!(link.withdraw(alert).await, Some(Back::MayBeOnAir));
    assert_eq!(link.withdraw(ObjectKey(2)).await, None);
}

#[tokio::test]
async fn hours_away_nothing_expired_is_asked_for_and_the_rest_is() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let clock = Clock::system();
    let (link, mut events) = started(spec(&format!("http://{address}")), &clock);
    let now_ms = clock.unix_ms();
    const HOUR_MS: u64 = 3_600_000;
    for key in 0..20 {
        // Half of them hold for an hour, half for eight.
        let hours = if key % 2 == 0 { 1 } else { 8 };
        link.add(alert(key, now_ms + hours * HOUR_MS))
            .await
            .unwrap();
    }
    let mut asked = 0;
    while asked < 20 {
        asked += usize::from(matches!(next(&mut events).await, Event::Asked { .. }));
    }
    clock.step(4 * HOUR_MS as i64);
    let mut expired = Vec::new();
    while expired.len() < 10 {
        if let Event::Ended { alert, how, .. } = next(&mut events).await {
            assert_eq!(how, Ending::Expired);
            expired.push(alert.0);
        }
    }
    expired.sort_unstable();
    assert_eq!(expired, (0..20).step_by(2).collect::<Vec<u64>>());
    // The centre is back.
    let listener = TcpListener::bind(address).await.unwrap();
    let (came, mut requests) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let came = came.clone();
            tokio::spawn(async move {
                if let Some(octets) = request(&mut stream).await {
                    let _ = came.send(octets).await;
                    let _ = stream.write_all(CREATED).await;
                }
            });
        }
    });
    let mut taken = 0;
    while taken < 10 {
        match next(&mut events).await {
            Event::Taken { alert, .. } => {
                assert_eq!(alert.0 % 2, 1);
                taken += 1;
            }
            Event::Ended { alert, how, .. } => panic!("{alert:?} {how:?}"),
            _ => {}
        }
    }
    for _ in 0..10 {
        let sent = String::from_utf8(requests.recv().await.unwrap()).unwrap();
        let id = sent.split("\"message_id\":").nth(1).unwrap();
        let id: u64 = id.split(',').next().unwrap().parse().unwrap();
        assert_eq!(id % 2, 1, "nothing that has expired");
    }
}

#[tokio::test]
async fn an_older_version_that_comes_after_the_newer_one_is_through_is_replaced() {
    let (url, mut requests) = centre(Some(CREATED.to_vec())).await;
    let clock = Clock::system();
    let (link, mut events) = started(spec(&url), &clock);
    let now_ms = clock.unix_ms();
    let until_ms = now_ms + 60_000;
    let older = Alert {
        is_resumed: true,
        ..alert(1, until_ms)
    };
    // After a start: the centre has taken the newer one, and the older one was not told yet.
    let mut newer = Alert {
        is_resumed: true,
        ..alert(2, until_ms)
    };
    let earlier = &older.messages[0];
    newer.messages[0].earlier = Some((earlier.id.clone(), earlier.reference()));
    newer.messages[0].state = CbsState::OnAir;
    newer.messages[0].taken_ms = Some(now_ms);
    link.add(newer).await.unwrap();
    link.add(older).await.unwrap();
    loop {
        if let Event::Ended { alert, how, .. } = next(&mut events).await {
            assert_eq!((alert, how), (ObjectKey(1), Ending::Replaced));
            break;
        }
    }
    assert!(
        requests.try_recv().is_err(),
        "the older one is not asked for"
    );
}

#[tokio::test]
async fn the_queue_is_bounded_and_a_paused_link_asks_nobody() {
    let (url, mut requests) = centre(Some(CREATED.to_vec())).await;
    let clock = Clock::system();
    let bounded = LinkSpec {
        queue: 2,
        ..spec(&url)
    };
    let (link, mut events) = started(bounded, &clock);
    link.pause(true).await;
    assert!(!link.is_up());
    let until_ms = clock.unix_ms() + 60_000;
    link.add(alert(1, until_ms)).await.unwrap();
    link.add(alert(2, until_ms)).await.unwrap();
    let full = link.add(alert(3, until_ms)).await.unwrap_err();
    assert_eq!(
        full.to_string(),
        "the queue of CBC one is full with 2 alerts"
    );
    assert_eq!(link.withdraw(ObjectKey(1)).await, Some(Back::Withdrawn));
    let mut killed = false;
    while !killed {
        killed = matches!(
            next(&mut events).await,
            Event::Ended {
                how: Ending::Killed,
                ..
            }
        );
    }
    link.add(alert(3, clock.unix_ms() + 300)).await.unwrap();
    let mut expired = false;
    while !expired {
        let event = next(&mut events).await;
        expired = matches!(
            event,
            Event::Ended {
                how: Ending::Expired,
                ..
            }
        );
    }
    link.add(alert(3, until_ms)).await.unwrap();
    assert!(requests.try_recv().is_err(), "nobody was asked");
    link.pause(false).await;
    assert!(timeout(PATIENCE, requests.recv()).await.unwrap().is_some());
    assert!(timeout(PATIENCE, requests.recv()).await.unwrap().is_some());
}

/// Certificates of an authority: of a server and of a client, with their keys.
struct Certificates {
    authority: String,
    server: (String, String),
    client: (String, String),
}

fn certificates() -> Certificates {
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = parameters.self_signed(&key).unwrap();
    let authority_pem = authority.pem();
    let issuer = rcgen::Issuer::new(parameters, key);
    let signed = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    };
    Certificates {
        authority: authority_pem,
        server: signed("localhost"),
        client: signed("pushcast"),
    }
}

fn private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A centre that speaks CAP and lets nobody in without a certificate.
async fn cap_centre(
    folder: &Path,
    certificates: &Certificates,
) -> (String, mpsc::Receiver<String>) {
    private(&folder.join("server.pem"), &certificates.server.0);
    private(&folder.join("server.key"), &certificates.server.1);
    private(&folder.join("ca.pem"), &certificates.authority);
    let files = crate::http::tls::Files::from(&crate::config::Tls {
        cert_file: folder.join("server.pem"),
        key_file: folder.join("server.key"),
        client_ca_file: Some(folder.join("ca.pem")),
    });
    let server = files.read().unwrap().server().unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(server));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (came, alerts) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, came) = (acceptor.clone(), came.clone());
            tokio::spawn(async move { talk_cap(acceptor.accept(stream).await, came).await });
        }
    });
    (format!("https://localhost:{port}/cap"), alerts)
}

async fn talk_cap(
    stream: std::io::Result<tokio_rustls::server::TlsStream<TcpStream>>,
    came: mpsc::Sender<String>,
) {
    let Ok(mut stream) = stream else { return };
    // Without a certificate of a client nothing is looked at.
    if stream.get_ref().1.peer_certificates().is_none() {
        return;
    }
    answer_cap(&mut stream, &came).await;
}

async fn answer_cap(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    came: &mpsc::Sender<String>,
) {
    while let Some(octets) = request(stream).await {
        let text = String::from_utf8(octets).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /cap HTTP/1.1"), "{head}");
        let alert = cap::Alert::read(body.as_bytes()).unwrap();
        let sent = Timestamp::of_unix(1_800_000_001).unwrap();
        let ack = alert.ack("ack-1".parse().unwrap(), "cbc".parse().unwrap(), sent);
        let ack = ack.write().unwrap();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/cap+xml\r\nContent-Length: {}\r\n\r\n{ack}",
            ack.len()
        );
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = came.send(body.to_owned()).await;
    }
}

#[tokio::test]
async fn cap_goes_over_tls_with_certificates_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = certificates();
    let (url, mut alerts) = cap_centre(folder.path(), &certificates).await;
    private(&folder.path().join("client.pem"), &certificates.client.0);
    private(&folder.path().join("client.key"), &certificates.client.1);
    let known = LinkSpec {
        speaks: Speaks::Cap {
            sender: "pushcast@example.org".to_owned(),
            prefix: None,
        },
        cert_file: Some(folder.path().join("client.pem")),
        key_file: Some(folder.path().join("client.key")),
        ca_file: Some(folder.path().join("ca.pem")),
        ..spec(&url)
    };
    known.check().unwrap();
    let clock = Clock::system();
    let (link, mut events) = started(known.clone(), &clock);
    let until_ms = clock.unix_ms() + 60_000;
    link.add(alert(1, until_ms)).await.unwrap();
    is_taken(&mut events).await;
    let asked = cap::Alert::read(alerts.recv().await.unwrap().as_bytes()).unwrap();
    assert_eq!(asked.msg_type, cap::MsgType::Alert);
    assert_eq!(asked.identifier.as_str(), "message-1");
    // A newer version is an Update that names the first.
    let mut newer = alert(2, until_ms);
    let first = alert(1, until_ms).messages.remove(0);
    let update = &mut newer.messages[0];
    update.broadcast.message_id = first.broadcast.message_id;
    update.broadcast.serial = SerialNumber(0x4011);
    update.stamps.insert(0, first.stamps[0].clone());
    update.earlier = Some((first.id.clone(), first.reference()));
    link.add(newer).await.unwrap();
    let mut replaced = false;
    while !replaced {
        let event = next(&mut events).await;
        replaced = matches!(
            event,
            Event::Ended {
                alert: ObjectKey(1),
                how: Ending::Replaced,
                ..
            }
        );
    }
    let asked = cap::Alert::read(alerts.recv().await.unwrap().as_bytes()).unwrap();
    assert_eq!(asked.msg_type, cap::MsgType::Update);
    assert_eq!(asked.references[0].identifier.as_str(), "message-1");
    link.stop(ObjectKey(2)).await;
    let asked = cap::Alert::read(alerts.recv().await.unwrap().as_bytes()).unwrap();
    assert_eq!(asked.msg_type, cap::MsgType::Cancel);
    assert_eq!(asked.references.len(), 2);
    // Without our certificate nothing is taken.
    let nobody = LinkSpec {
        cert_file: None,
        key_file: None,
        ..known
    };
    let way = Transport::new(&nobody).unwrap();
    let cap = Centre::new(&nobody).unwrap();
    let message = alert(3, until_ms).messages.remove(0);
    let request = cap.submit(&message.broadcast, &message.stamps[0]).unwrap();
    let exchange = way.exchange(&request).await;
    assert!(
        matches!(exchange, Exchange::NoAnswer | Exchange::NotSent),
        "{exchange:?}"
    );
    assert!(alerts.try_recv().is_err());
}
