//! What `/metrics` says of submissions, at random moments under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{MessageState, StatusCode};
use pushcast_engine::pap::Response;

use crate::initiator::{octets, push};
use crate::lab::{Lab, channel, reaches};
use crate::process::{Metrics, free_port};
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
