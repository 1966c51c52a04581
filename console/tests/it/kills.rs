//! Nothing accepted is lost, whatever process dies in between.
//!
//! The oracle is what was on the air and what the PI was told, never the store; "accepted" is
//! counted at the client.

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{Address, StatusCode};
use pushcast_engine::pap::Response;
use pushcast_engine::pap::message::PushMessage;
use pushcast_engine::pap::mime::Entity;

use crate::air::Air;
use crate::notified::Notified;

/// Submitting at the same time.
const PIS: u64 = 4;
/// Everything accepted must have been sent and told so long after the last start.
const PATIENCE: Duration = Duration::from_secs(90);

/// A small generator with a full period.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// The gateway as a child process, killed without warning when dropped.
struct Gateway(Child);

impl Gateway {
    fn start(config: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pushcast"));
        command
            .args(["serve", "--config"])
            .arg(config)
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

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
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let push_id = format!("{seed}-{number}@pi");
        let body: Vec<u8> = (0..random.below(9_000))
            .map(|_| random.below(256) as u8)
            .collect();
        loop {
            let push = PushMessage {
                push_id: push_id.parse().unwrap(),
                replaces: None,
                deliver_before_ms: None,
                deliver_after_ms: None,
                source_reference: None,
                notify_url: Some(notify_url.clone()),
                progress_notes: false,
                addresses: vec![
                    Address::group(&"all".parse().unwrap(), "ppg")
                        .unwrap()
                        .into(),
                ],
                quality_of_service: None,
            };
            let content_type = "application/octet-stream".to_owned();
            let entity = Entity {
                content_type,
                headers: Vec::new(),
                body: body.clone(),
            };
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
    let mut random = Random(seed);
    for _ in 0..kills {
        let gateway = Gateway::start(&config);
        std::thread::sleep(Duration::from_millis(150 + random.below(700)));
        drop(gateway);
    }
    let _gateway = Gateway::start(&config);
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
