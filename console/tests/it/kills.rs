//! Nothing accepted is lost, whatever process dies in between.
//!
//! The oracle is what was on the air and what the PI was told, never the store; "accepted" is
//! counted at the client.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::StatusCode;
use pushcast_engine::pap::Response;

use crate::air::Air;
use crate::initiator::{octets, push};
use crate::notified::Notified;
use crate::process::{Process, free_port, serve};
use crate::random::Random;

/// Submitting at the same time.
const PIS: u64 = 4;
/// Everything accepted must have been sent and told so long after the last start.
const PATIENCE: Duration = Duration::from_secs(90);

fn configuration(folder: &Path, port: u16, fec: &str) -> String {
    format!(
        r#"
[server]
listen = "127.0.0.1:{listen}"
admin_listen = "127.0.0.1:{admin}"
data_dir = "{data}"
[[lane]]
name = "main"
interface = "lo"
[[channel]]
name = "air"
kind = "flute"
bearer = "MBMS"
group = "239.255.50.1"
port = {port}
source = "127.0.0.1"
ttl = 0
tsi = 5
fec = "{fec}"
rate_bps = 40000000
carousel = {{ passes = 2, delay_ms = 300 }}
[[alias_group]]
name = "all"
channels = ["air"]
[[initiator]]
name = "pi"
trusted_from = ["127.0.0.0/8"]
groups = ["*"]
notify_hosts = ["127.0.0.1"]
"#,
        listen = free_port(),
        admin = free_port(),
        data = folder.join("data").display(),
    )
}

/// Push-ids that were accepted, and what they carry.
type Accepted = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// Submits until told to stop; what is under way is brought to its answer.
async fn initiate(
    ppg: String,
    notify_url: String,
    seed: u64,
    accepted: Accepted,
    stop: Arc<AtomicBool>,
) {
    let client = PapClient::new(&ppg, None)
        .unwrap()
        .with_timeout(Duration::from_secs(5));
    let mut random = Random::new(seed);
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let push_id = format!("{seed}-{number}@pi");
        let body_bytes = random.below(9_000) as usize;
        let body = random.octets(body_bytes);
        let entity = octets(body.clone());
        loop {
            let push = push(&push_id, Some(&notify_url));
            if let Ok(Response::Push(answer)) = client.submit(push, &entity).await {
                // A repeat after a lost answer is told that it was accepted before.
                assert!(
                    [StatusCode::Accepted, StatusCode::DuplicatePushId]
                        .map(Into::into)
                        .contains(&answer.code),
                    "{answer:?}"
                );
                accepted.lock().unwrap().insert(push_id, body);
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn nothing_is_lost(fec: &str, seed: u64) {
    let kills: u64 = std::env::var("PUSHCAST_KILLS").map_or(10, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let config = folder.path().join("pushcast.toml");
    let text = configuration(folder.path(), port, fec);
    std::fs::write(&config, &text).unwrap();
    let listen = text
        .split("listen = \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let air = Air::listen(Ipv4Addr::new(239, 255, 50, 1).into(), port);
    let notified = Notified::start();
    let accepted = Accepted::default();
    let stop = Arc::<AtomicBool>::default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let initiators: Vec<_> = (0..PIS)
        .map(|pi| {
            let ppg = format!("http://{listen}/pap");
            let parts = (
                notified.url.clone(),
                Arc::clone(&accepted),
                Arc::clone(&stop),
            );
            runtime.spawn(initiate(ppg, parts.0, seed + pi, parts.1, parts.2))
        })
        .collect();
    let mut random = Random::new(seed);
    let gateway = || Process::start(serve(&config).stderr(Stdio::null()));
    for _ in 0..kills {
        let gateway = gateway();
        std::thread::sleep(Duration::from_millis(150 + random.below(700)));
        drop(gateway);
    }
    let _gateway = gateway();
    stop.store(true, Ordering::Relaxed);
    for initiator in initiators {
        runtime.block_on(initiator).unwrap();
    }
    let accepted = accepted.lock().unwrap().clone();
    settle(&air, &notified, &accepted);
    println!(
        "seed {seed}: {kills} kills, {} accepted, {} packets",
        accepted.len(),
        air.with(|heard| heard.packets)
    );
    assert!(accepted.len() as u64 > kills, "too little happened");
    judge(&air, &notified, &accepted);
}

/// Waits until everything was heard and told, or for too long.
fn settle(air: &Air, notified: &Notified, accepted: &HashMap<String, Vec<u8>>) {
    let deadline = Instant::now() + PATIENCE;
    let is_settled = || {
        let told = notified.told();
        accepted.keys().all(|push_id| told.contains_key(push_id))
            && air.with(|heard| {
                accepted
                    .keys()
                    .all(|push_id| heard.bodies.contains_key(push_id))
            })
    };
    while !is_settled() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn judge(air: &Air, notified: &Notified, accepted: &HashMap<String, Vec<u8>>) {
    let told = notified.told();
    air.with(|heard| {
        assert_eq!(heard.conflicts, Vec::<String>::new());
        for (push_id, body) in accepted {
            assert_eq!(
                heard.bodies.get(push_id),
                Some(body),
                "{push_id} on the air"
            );
            let states = told
                .get(push_id)
                .unwrap_or_else(|| panic!("{push_id} was never told of"));
            assert!(
                states.iter().all(|state| state == "delivered"),
                "{push_id}: {states:?}"
            );
        }
    });
}

#[test]
fn no_code_pushes_survive_every_kill() {
    nothing_is_lost("none", 7_001);
}

#[test]
fn raptorq_pushes_survive_every_kill() {
    nothing_is_lost("raptorq", 9_001);
}
