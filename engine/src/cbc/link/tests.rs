mod answers;
mod over_tls;

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
