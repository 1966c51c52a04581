//! Pushes are replaced one after the other while the gateway is killed at random moments.
//!
//! The oracle is what was on the air, what the PI was told at submission and by notifications, and
//! what the gateway says in the end.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{MessageState, StatusCode};
use pushcast_engine::pap::Response;
use pushcast_engine::pap::message::{PushMessage, ReplaceMethod};
use pushcast_engine::pap::response::StatusResult;

use crate::initiator::{cancel, codes, octets, push, replacing};
use crate::lab::{Lab, PATIENCE, channel, listen, off_the_air, reaches, status};
use crate::notified::Notified;
use crate::process::{free_port, wait_for};
use crate::random::Random;

const SEED: u64 = 5_003;
const KILLS: u64 = 8;
/// Chains of replacements at the same time.
const CHAINS: u64 = 2;

/// A push of a chain; all but the first take the place of the one before.
fn link(chain: u64, number: u64, notify_url: &str) -> PushMessage {
    let name = |number: u64| format!("{chain}-{number}@pi");
    let new = push(&name(number), Some(notify_url));
    match number {
        1 => new,
        _ => replacing(new, &name(number - 1), ReplaceMethod::All),
    }
}

/// Replaces until told to stop; what is under way is brought to its answer. Returns how many
/// pushes the chain has, and what each carries.
async fn initiate(
    client: PapClient,
    notify_url: String,
    chain: u64,
    stop: Arc<AtomicBool>,
) -> Vec<Vec<u8>> {
    let client = client.with_timeout(Duration::from_secs(5));
    let mut random = Random::new(SEED + chain);
    let mut sent = Vec::new();
    while !stop.load(Ordering::Relaxed) || sent.len() < 2 {
        let number = sent.len() as u64 + 1;
        let body_bytes = 1 + random.below(6000) as usize;
        let body = random.octets(body_bytes);
        let entity = octets(body.clone());
        loop {
            let push = link(chain, number, &notify_url);
            // A repeat after a lost answer is told that it was accepted before.
            if let Ok(Response::Push(answer)) = client.submit(push, &entity).await {
                let expected = [StatusCode::Accepted, StatusCode::DuplicatePushId];
                assert!(
                    expected.map(Into::into).contains(&answer.code),
                    "{answer:?}"
                );
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        sent.push(body);
        // Some are replaced while they wait, some while they are on the air.
        tokio::time::sleep(Duration::from_millis(random.below(60))).await;
    }
    sent
}

/// Waits until everything has been told.
fn settle(notified: &Notified, chains: &[Vec<Vec<u8>>]) -> HashMap<String, Vec<String>> {
    let expected: usize = chains.iter().map(Vec::len).sum();
    wait_for("every outcome", PATIENCE, || {
        (notified.told().len() >= expected).then_some(())
    });
    notified.told()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_chain_of_replacements_the_last_one_is_left_whatever_dies() {
    println!("seed {SEED}");
    let port = free_port();
    let endless =
        "rate_bps = 20000000\nfec = \"none\"\ncarousel = { passes = 100000, delay_ms = 200 }";
    let rest = format!(
        "{}[[alias_group]]\nname = \"all\"\nchannels = [\"air\"]\n",
        channel("air", 4, port, endless)
    );
    let lab = Lab::new(&rest);
    let air = listen(4, port);
    let notified = Notified::start();
    let stop = Arc::<AtomicBool>::default();
    let initiators: Vec<_> = (0..CHAINS)
        .map(|chain| {
            let (client, stop) = (lab.client(), Arc::clone(&stop));
            tokio::spawn(initiate(client, notified.url.clone(), chain, stop))
        })
        .collect();
    let mut random = Random::new(SEED);
    for _ in 0..KILLS {
        let gateway = lab.start();
        tokio::time::sleep(Duration::from_millis(random.below(500))).await;
        drop(gateway);
    }
    let _gateway = lab.start();
    stop.store(true, Ordering::Relaxed);
    let mut chains = Vec::new();
    for initiator in initiators {
        chains.push(initiator.await.unwrap());
    }
    let client = lab.client();
    for (chain, bodies) in chains.iter().enumerate() {
        let last = format!("{chain}-{}@pi", bodies.len());
        reaches(&client, &last, MessageState::Delivered).await;
    }
    let told = settle(&notified, &chains);
    for (chain, bodies) in chains.iter().enumerate() {
        println!("chain {chain}: {} pushes", bodies.len());
        for (number, body) in (1..).zip(bodies) {
            let push_id = format!("{chain}-{number}@pi");
            let results = status(&client, &push_id).await;
            let [result] = results.as_slice() else {
                panic!("{push_id}: {results:?}");
            };
            let is_last = number == bodies.len();
            if is_last {
                assert_eq!(result.state, MessageState::Delivered);
                let refused = cancel(&client, &push_id, &[]).await;
                assert_eq!(codes(&refused), [2008], "{push_id} is off the air");
            } else if result.state == MessageState::Delivered {
                off_the_air(&client, &push_id).await;
            }
            let states = &told[&push_id];
            assert!(
                states.iter().all(|told| told == result.state.as_str()),
                "{push_id}: told {states:?}, now {result:?}"
            );
            air.with(|heard| judge(result, heard.bodies.get(&push_id), body));
        }
    }
    air.with(|heard| assert!(heard.conflicts.is_empty(), "{:?}", heard.conflicts));
}

/// What is said of a push agrees with what was heard of it.
fn judge(result: &StatusResult, heard: Option<&Vec<u8>>, body: &Vec<u8>) {
    let desc = result.desc.as_deref().unwrap_or_default();
    match result.state {
        MessageState::Delivered => assert_eq!(heard, Some(body), "{result:?}"),
        MessageState::Cancelled if desc.starts_with("replaced by") => {
            assert_eq!(heard, None, "{result:?}");
        }
        // Its carousel was ended within the first pass: how much is heard is open.
        MessageState::Cancelled => assert!(heard.is_none_or(|heard| heard == body), "{result:?}"),
        _ => panic!("{result:?}"),
    }
}
