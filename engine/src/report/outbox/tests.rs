//! Outboxes over a real store, posting to servers on loopback.

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::*;
use crate::model::submission::{Authentication, DeliveryMethod, Lineage, PapVersion};
use crate::model::{
    Bearer, Body, Content, Delivery, MessageState, Outcome, Priority, QualityOfService, Sha256,
    StatusCode, Submission,
};
use crate::pap::message::{Operation, ResultNotification};
use crate::pap::notify::peer::{Answer, PATIENCE, Peer};
use crate::pap::xml_write;
use crate::store::{Change, OutboxDepth, Submitted};

const ADDRESS: &str = "WapPush=Group%2flab/type=user@PPG.example";
const SECOND: u64 = 1000;

/// A store with outcomes to tell.
struct Place {
    store: Store,
    clock: Clock,
    _folder: TempDir,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pushcast.db");
        let store = Store::open(&format!("sqlite:{}", file.display()), "test").await;
        Self {
            store: store.unwrap(),
            clock: Clock::system(),
            _folder: folder,
        }
    }

    fn outbox(&self) -> Outbox {
        self.outbox_waiting(notify::TIMEOUT)
    }

    fn outbox_waiting(&self, timeout: Duration) -> Outbox {
        let sender = Sender {
            address: Some("http://ppg.example/pap".to_owned()),
            name: Some("lab".to_owned()),
        };
        let hosts = |initiator: &InitiatorName| {
            assert_eq!(initiator.as_str(), "pi");
            vec!["127.0.0.1".to_owned(), "127.0.0.2".to_owned()]
        };
        Outbox::new(
            self.store.clone(),
            self.clock.clone(),
            Notifier::new().unwrap().with_timeout(timeout),
            sender,
            Box::new(hosts),
        )
    }

    fn submission(&self, name: &str, url: &str) -> Submission {
        let received_ms = self.clock.unix_ms();
        Submission {
            id: format!("s-{name}").parse().unwrap(),
            initiator: "pi".parse().unwrap(),
            authentication: Authentication::Network,
            push_id: format!("push {name}").parse().unwrap(),
            lineage: Lineage::first(&format!("push {name}").parse().unwrap()),
            request_sha256: Sha256([1; 32]),
            pap_version: PapVersion::V2_0,
            pi_lists_versions: true,
            received_ms,
            deliver_after_ms: None,
            deliver_before_ms: received_ms + 3600 * SECOND,
            deliver_before_given: true,
            source_reference: None,
            notify_url: Some(url.to_owned()),
            progress_notes: false,
            quality_of_service: None,
            addresses: vec![ADDRESS.parse().unwrap()],
            content: Content {
                content_type: "text/plain".to_owned(),
                headers: Vec::new(),
                body: Body::Inline(b"Sturm".to_vec()),
            },
        }
    }

    /// Submits it and has it end as `outcome`.
    async fn conclude(&self, submission: Submission, outcome: Outcome) {
        let delivery = Delivery {
            id: format!("d-{}", submission.id).parse().unwrap(),
            submission_id: submission.id.clone(),
            address: submission.addresses[0].clone(),
            state: MessageState::Pending,
            code: StatusCode::Ok,
            desc: "queued".to_owned(),
            event_ms: submission.received_ms,
            bearer: None,
        };
        let id = delivery.id.clone();
        let answer = self.store.submit(submission, vec![delivery]).await.unwrap();
        assert_eq!(answer, Submitted::Stored);
        let change = Change::Deliver {
            delivery: id,
            outcome,
        };
        self.store.conclude(vec![change]).await.unwrap();
    }

    async fn deliver(&self, name: &str, url: &str) {
        let submission = self.submission(name, url);
        let outcome = self.delivered(&submission);
        self.conclude(submission, outcome).await;
    }

    fn delivered(&self, submission: &Submission) -> Outcome {
        Outcome {
            state: MessageState::Delivered,
            code: StatusCode::Ok,
            desc: "Transmitted on MBMS".to_owned(),
            event_ms: submission.received_ms,
            bearer: Some(Bearer::Mbms),
        }
    }

    fn step(&self, by_ms: u64) {
        self.clock.step(i64::try_from(by_ms).unwrap());
    }

    /// Until the next attempt, from now.
    async fn next_ms(&self) -> Option<u64> {
        let due_ms = self.store.next_notification_due().await.unwrap()?;
        Some(due_ms.saturating_sub(self.clock.unix_ms()))
    }

    async fn depth(&self) -> u64 {
        let OutboxDepth { waiting, .. } = self.store.outbox_depth().await.unwrap();
        waiting
    }
}

/// Works until there is nothing to do but wait.
async fn settle(outbox: &mut Outbox) {
    loop {
        let nap = outbox.turn().await.unwrap();
        if let Some(post) = outbox.posts.join_next_with_id().await {
            outbox.finished(post).await;
        } else if !nap.is_zero() {
            return;
        }
    }
}

fn counts(outbox: &Outbox) -> [u64; 3] {
    let stats = outbox.stats();
    [&stats.delivered, &stats.retried, &stats.failed].map(|count| count.load(Ordering::Relaxed))
}

fn ok() -> Answer {
    Answer::body("202 Accepted", "")
}

fn read(document: &str) -> ResultNotification {
    let request = crate::pap::Request::read(document.as_bytes()).unwrap();
    assert_eq!(
        request.product_name.as_deref(),
        Some(xml_write::PRODUCT_NAME)
    );
    match request.operation {
        Operation::ResultNotification(notification) => notification,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_pi_hears_what_became_of_its_push() {
    let place = Place::new().await;
    let mut peer = Peer::start(vec![ok()]).await;
    let submission = Submission {
        quality_of_service: Some(QualityOfService {
            priority: Priority::High,
            bearer: Some("any".to_owned()),
            bearer_required: true,
            ..QualityOfService::default()
        }),
        ..place.submission("one", &peer.url("127.0.0.1"))
    };
    let received_ms = submission.received_ms;
    let outcome = place.delivered(&submission);
    place.conclude(submission, outcome).await;
    let mut outbox = place.outbox();
    settle(&mut outbox).await;
    assert!(peer.is_quiet(), "not before a second has passed");

    place.step(SECOND);
    settle(&mut outbox).await;
    let seconds_ms = received_ms / SECOND * SECOND;
    let seen = peer.request().await;
    assert_eq!(
        read(seen.text()),
        ResultNotification {
            push_id: "push one".parse().unwrap(),
            sender_address: Some("http://ppg.example/pap".to_owned()),
            sender_name: Some("lab".to_owned()),
            received_ms: Some(seconds_ms),
            event_ms: Some(seconds_ms),
            state: MessageState::Delivered,
            code: StatusCode::Ok.into(),
            desc: Some("Transmitted on MBMS".to_owned()),
            address: ADDRESS.to_owned(),
            quality_of_service: Some(QualityOfService {
                priority: Priority::High,
                delivery_method: DeliveryMethod::Unconfirmed,
                bearer: Some("MBMS".to_owned()),
                ..QualityOfService::default()
            }),
        }
    );
    assert_eq!(counts(&outbox), [1, 0, 0]);
    assert_eq!(place.next_ms().await, None);
}

#[tokio::test]
async fn old_pis_hear_it_in_their_version() {
    let place = Place::new().await;
    let mut peer = Peer::start(vec![ok()]).await;
    let submission = Submission {
        pap_version: PapVersion::V1_0,
        pi_lists_versions: false,
        ..place.submission("old", &peer.url("127.0.0.1"))
    };
    let outcome = Outcome {
        state: MessageState::Expired,
        code: StatusCode::ServiceFailure,
        desc: String::new(),
        event_ms: submission.received_ms,
        bearer: None,
    };
    place.conclude(submission, outcome).await;
    place.step(SECOND);
    settle(&mut place.outbox()).await;
    let seen = peer.request().await;
    assert!(seen.text().contains("DTD PAP 1.0"), "{}", seen.text());
    assert!(!seen.text().contains("wap-pap-ver"));
    let notification = read(seen.text());
    assert_eq!(notification.state, MessageState::Expired);
    assert_eq!(notification.desc, None);
    assert_eq!(notification.quality_of_service, None);
}

#[tokio::test]
async fn a_failing_pi_is_tried_by_the_schedule_until_it_takes_it() {
    let place = Place::new().await;
    let failure = Answer::body("503 Service Unavailable", "");
    let mut answers = vec![failure; 5];
    answers.push(ok());
    let mut peer = Peer::start(answers).await;
    place.deliver("one", &peer.url("127.0.0.1")).await;
    let mut outbox = place.outbox();
    place.step(SECOND);
    for (tries, wait) in (1..).zip([10, 30, 120, 600, 3600]) {
        settle(&mut outbox).await;
        peer.request().await;
        assert_eq!(counts(&outbox), [0, tries, 0]);
        let next_ms = place.next_ms().await.unwrap();
        let promised = (wait - 1) * SECOND..=wait * SECOND * 11 / 10;
        assert!(promised.contains(&next_ms), "{wait} s: {next_ms} ms");
        place.step(next_ms);
        settle(&mut outbox).await;
        assert!(peer.is_quiet(), "not before its time");
        place.step(2 * SECOND);
    }
    settle(&mut outbox).await;
    peer.request().await;
    assert_eq!(counts(&outbox), [1, 5, 0]);
    assert_eq!(place.next_ms().await, None);
}

#[tokio::test]
async fn a_pi_that_stays_away_is_given_up_after_a_day() {
    let place = Place::new().await;
    let peer = Peer::start(vec![ok()]).await;
    let url = peer.url("127.0.0.1");
    peer.stop().await;
    place.deliver("one", &url).await;
    let begin_ms = place.clock.unix_ms();
    let mut outbox = place.outbox();
    place.step(SECOND);
    for _ in 0..100 {
        settle(&mut outbox).await;
        let Some(next_ms) = place.next_ms().await else {
            break;
        };
        place.step(next_ms + SECOND);
    }
    let hours = (place.clock.unix_ms() - begin_ms) / (3600 * SECOND);
    assert!((22..=24).contains(&hours), "{hours}");
    let [delivered, retried, failed] = counts(&outbox);
    assert_eq!((delivered, failed), (0, 1));
    assert!((24..=28).contains(&retried), "{retried}");
}

#[tokio::test]
async fn what_cannot_succeed_is_given_up_at_once() {
    let place = Place::new().await;
    let peer = Peer::start(vec![Answer::body("410 Gone", "")]).await;
    place.deliver("gone", &peer.url("127.0.0.1")).await;
    place.deliver("own", &peer.url("localhost")).await;
    place.deliver("other", "http://127.0.0.3/").await;
    place.deliver("file", "file:///etc/passwd").await;
    place.step(SECOND);
    let mut outbox = place.outbox();
    settle(&mut outbox).await;
    assert_eq!(counts(&outbox), [0, 0, 4]);
    assert_eq!(place.depth().await, 0);
}

#[tokio::test]
async fn a_hanging_host_delays_no_other() {
    let place = Place::new().await;
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let mut hanging = Peer::listen(listener, vec![Answer::Hang]);
    for number in 0..20 {
        let name = format!("hanging-{number}");
        place.deliver(&name, &hanging.url("127.0.0.2")).await;
    }
    let mut good = Peer::start(vec![ok()]).await;
    let good_url = good.url("127.0.0.1");
    place.deliver("good", &good_url).await;
    place.step(SECOND);

    let outbox = place.outbox_waiting(10 * PATIENCE);
    let (stats, wake) = (outbox.stats(), outbox.wake());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(outbox.run(async {
        let _ = stopped.await;
    }));
    hanging.request().await;
    hanging.request().await;
    let seen = good.request().await;
    assert_eq!(read(seen.text()).push_id.as_str(), "push good");
    assert_eq!(stats.put_back.load(Ordering::Relaxed), 12);

    place.deliver("later", &good_url).await;
    place.step(SECOND);
    wake.notify_one();
    let seen = good.request().await;
    assert_eq!(read(seen.text()).push_id.as_str(), "push later");
    assert!(hanging.is_quiet(), "two at once and no more");
    drop(stop);
    running.abort();
}

#[tokio::test]
async fn the_end_waits_for_posts_and_leaves_the_rest_to_others() {
    let place = Place::new().await;
    let mut peer = Peer::start(vec![Answer::Hang]).await;
    for number in 0..5 {
        let name = number.to_string();
        place.deliver(&name, &peer.url("127.0.0.1")).await;
    }
    place.step(SECOND);
    let outbox = place.outbox_waiting(Duration::from_secs(1));
    let stats = outbox.stats();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(outbox.run(async {
        let _ = stopped.await;
    }));
    peer.request().await;
    peer.request().await;
    drop(stop);
    let ended = tokio::time::timeout(PATIENCE, running).await;
    ended.unwrap().unwrap().unwrap();
    assert_eq!(stats.retried.load(Ordering::Relaxed), 2);
    assert_eq!(stats.put_back.load(Ordering::Relaxed), 3);
    assert!(place.next_ms().await.unwrap() <= SPREAD_MS);
    assert_eq!(place.depth().await, 5);
}

#[tokio::test]
async fn a_post_that_nobody_lived_to_store_is_repeated() {
    let place = Place::new().await;
    let mut peer = Peer::start(vec![Answer::Hang, ok()]).await;
    place.deliver("one", &peer.url("127.0.0.1")).await;
    place.step(SECOND);
    let mut killed = place.outbox();
    killed.turn().await.unwrap();
    let first = peer.request().await;
    drop(killed);

    let mut outbox = place.outbox();
    settle(&mut outbox).await;
    assert!(peer.is_quiet(), "the claim has not run out");
    place.step(place.next_ms().await.unwrap() + SECOND);
    settle(&mut outbox).await;
    let second = peer.request().await;
    assert_eq!(first.body, second.body);
    assert_eq!(counts(&outbox), [1, 0, 0]);
}

#[tokio::test]
async fn an_unreachable_host_rests_and_what_waits_for_it_goes_back() {
    let place = Place::new().await;
    let peer = Peer::start(vec![ok()]).await;
    let url = peer.url("127.0.0.1");
    peer.stop().await;
    for number in 0..40 {
        place.deliver(&number.to_string(), &url).await;
    }
    place.step(SECOND);
    let mut outbox = place.outbox();
    settle(&mut outbox).await;
    let [delivered, retried, failed] = counts(&outbox);
    assert_eq!((delivered, failed), (0, 0));
    assert!(retried <= 2, "{retried}");
    assert_eq!(
        outbox.stats().put_back.load(Ordering::Relaxed),
        40 - retried
    );
    assert_eq!(place.depth().await, 40);
    let next_ms = place.next_ms().await.unwrap();
    assert!((8 * SECOND..=12 * SECOND).contains(&next_ms), "{next_ms}");
}
