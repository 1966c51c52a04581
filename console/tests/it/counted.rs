//! What `/metrics` says: of submissions at random moments under load, and of everything else after
//! a push whose outcome nobody takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{MessageState, StatusCode};
use pushcast_engine::pap::Response;

use crate::initiator::{octets, push};
use crate::lab::{Lab, PATIENCE, channel, reaches};
use crate::notified::Notified;
use crate::process::{Metrics, free_port, wait_for};
use crate::random::Random;

const SEED: u64 = 11;
const MOMENTS: usize = 40;

/// Submissions that are stored, in all states together.
fn stored(metrics: &Metrics) -> u64 {
    ["done", "planned", "queued"]
        .iter()
        .map(|state| metrics.value(&format!("pushcast_submissions{{state=\"{state}\"}}")))
        .sum()
}

/// Submits one after the other; counts what was begun and what was accepted.
async fn initiate(
    client: PapClient,
    name: usize,
    begun: Arc<AtomicU64>,
    accepted: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
) {
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) {
        number += 1;
        begun.fetch_add(1, Ordering::SeqCst);
        let push = push(&format!("{name}-{number}@pi"), None);
        match client.submit(push, &octets(vec![7; 100])).await.unwrap() {
            Response::Push(answer) if answer.code == StatusCode::Accepted.into() => {
                accepted.fetch_add(1, Ordering::SeqCst);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_submission_is_in_one_state_at_every_moment() {
    println!("seed {SEED}");
    let port = free_port();
    let rest = format!(
        "{}[[alias_group]]\nname = \"all\"\nchannels = [\"air\"]\n",
        channel(
            "air",
            3,
            port,
            "carousel = { passes = 1 }\nrate_bps = 40000000"
        )
    );
    let lab = Lab::new(&rest);
    let _gateway = lab.start();
    let (begun, accepted) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    let stop = Arc::<AtomicBool>::default();
    let initiators: Vec<_> = (0..4)
        .map(|name| {
            let (begun, accepted) = (Arc::clone(&begun), Arc::clone(&accepted));
            tokio::spawn(initiate(
                lab.client(),
                name,
                begun,
                accepted,
                Arc::clone(&stop),
            ))
        })
        .collect();
    let mut random = Random::new(SEED);
    for _ in 0..MOMENTS {
        tokio::time::sleep(Duration::from_millis(random.below(30))).await;
        let at_least = accepted.load(Ordering::SeqCst);
        let counted = stored(&lab.admin().metrics());
        let at_most = begun.load(Ordering::SeqCst);
        assert!(
            (at_least..=at_most).contains(&counted),
            "{counted} counted, {at_least} accepted, {at_most} begun"
        );
    }
    stop.store(true, Ordering::SeqCst);
    for initiator in initiators {
        initiator.await.unwrap();
    }
    let accepted = accepted.load(Ordering::SeqCst);
    assert!(accepted > 10, "{accepted}");
    assert_eq!(stored(&lab.admin().metrics()), accepted);
    for name in 0..4 {
        reaches(
            &lab.client(),
            &format!("{name}-1@pi"),
            MessageState::Delivered,
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_air_times_notifications_and_the_disk_are_told() {
    let rest = format!(
        "{}[[alias_group]]\nname = \"all\"\nchannels = [\"air\"]\n",
        channel("air", 3, free_port(), "carousel = { passes = 1 }")
    );
    let lab = Lab::new(&rest);
    let _gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    let nobody = format!("http://127.0.0.1:{}/", free_port());
    for (push_id, url) in [("one@pi", &notified.url), ("two@pi", &nobody)] {
        let push = push(push_id, Some(url));
        let answer = client.submit(push, &octets(vec![7; 100])).await.unwrap();
        assert!(matches!(answer, Response::Push(answer) if answer.code.is_success()));
        reaches(&client, push_id, MessageState::Delivered).await;
    }
    let told = |outcome: &str| format!("pushcast_notifications_total{{outcome=\"{outcome}\"}}");
    let metrics = wait_for("a notification that nobody takes", PATIENCE, || {
        let metrics = lab.admin().metrics();
        (metrics.value(&told("retried")) > 0).then_some(metrics)
    });
    assert_eq!(metrics.value(&told("delivered")), 1);
    assert_eq!(metrics.value(&told("failed")), 0);
    assert_eq!(metrics.value("pushcast_outbox_depth"), 1);
    let oldest = metrics.number("pushcast_outbox_oldest_seconds");
    assert!((0.5..120.0).contains(&oldest), "{oldest}");
    let of_engine = |name: &str| format!("{name}{{engine=\"sqlite\"}}");
    let commits = metrics.value("pushcast_store_commits_total");
    let counted = of_engine("pushcast_store_commit_duration_seconds_count");
    assert_eq!(metrics.value(&counted), commits);
    let took = metrics.number(&of_engine("pushcast_store_commit_duration_seconds_sum"));
    assert!(took > 0.0);
    let operations = metrics.number(&of_engine("pushcast_store_batch_size_sum"));
    let writes = metrics.value("pushcast_store_writes_total");
    assert_eq!(operations, writes as f64);
    let on_air = |name: &str, bearer: &str| {
        format!("pushcast_accept_to_air_seconds_{name}{{bearer=\"{bearer}\"}}")
    };
    assert_eq!(metrics.value(&on_air("count", "MBMS")), 2);
    assert_eq!(metrics.value(&on_air("count", "BCAST")), 0);
    let waited = metrics.number(&on_air("sum", "MBMS"));
    assert!((0.0..120.0).contains(&waited), "{waited}");
    assert!(metrics.value("pushcast_disk_free_bytes") > 0);
    let rate = r#"pushcast_lane_rate_bits_per_second{lane="main",channel="air",kind="all"}"#;
    assert!(metrics.value(rate) >= 1000);
    assert!(metrics.text().contains("pushcast_build_info{version=\""));
}
