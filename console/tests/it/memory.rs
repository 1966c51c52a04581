//! Ten thousand pushes leave nothing behind in the gateway's memory.

use std::net::Ipv4Addr;
use std::ops::Range;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::StatusCode;
use pushcast_engine::pap::Response;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use crate::initiator::{octets, push};
use crate::process::{Admin, Process, free_port, serve, wait_for};
use crate::random::Random;

/// Pushes between two looks at the gateway's memory.
const STRIDE: u64 = 250;
/// Submitting at the same time, each on its connection.
const PIS: u64 = 8;
/// Octets of content.
const BODY_BYTES: Range<u64> = 1_000..2_000;
/// What comes first and is not measured: so many at the same time, so long and so many that the
/// gateway plans as much at once as it ever does, and that the database's page cache reaches its
/// limit of 32 MB. Else used push-ids, which are remembered for a week, would fill it.
const FIRST_PIS: u64 = 64;
const FIRST_BYTES: Range<u64> = 55_000..60_000;
const FIRST_PUSHES: u64 = 3 * STRIDE;
/// Submissions stored at a time: enough to keep the gateway busy, and few enough that many go
/// while others come.
const MAX_STORED: u64 = 3_000;
/// Octets that a push may add to the gateway's memory.
const MAX_SLOPE: f64 = 100.0;
/// So many times as many pushes may settle what fewer left open.
const MAX_LONGER: u64 = 4;
const SEED: u64 = 11_001;
const PATIENCE: Duration = Duration::from_secs(120);

/// A second after its end a push is forgotten.
fn configuration(folder: &Path, listen: u16, admin: u16) -> String {
    format!(
        r#"
[server]
listen = "127.0.0.1:{listen}"
admin_listen = "127.0.0.1:{admin}"
data_dir = "{data}"
[retention]
finished_days = 0.00001
[[lane]]
name = "main"
interface = "lo"
[[channel]]
name = "air"
kind = "flute"
bearer = "MBMS"
group = "239.255.51.1"
port = {listen}
ttl = 0
tsi = 6
rate_bps = 1000000000
carousel = {{ passes = 1 }}
[[alias_group]]
name = "all"
channels = ["air"]
[[initiator]]
name = "pi"
trusted_from = ["127.0.0.0/8"]
groups = ["*"]
"#,
        data = folder.join("data").display(),
    )
}

/// A gateway, and what it is asked for.
struct Lab {
    gateway: Process,
    admin: Admin,
    ppg: String,
    accepted: Arc<AtomicU64>,
    // After the gateway, so that what is under way ends with an error and not with a wait.
    runtime: Runtime,
}

impl Lab {
    fn open(folder: &Path) -> Self {
        let (listen, admin) = (free_port(), free_port());
        let config = folder.join("pushcast.toml");
        std::fs::write(&config, configuration(folder, listen, admin)).unwrap();
        let mut gateway = Process::start(serve(&config).stderr(Stdio::null()));
        let admin = Admin((Ipv4Addr::LOCALHOST, admin).into());
        wait_for("readiness", PATIENCE, || {
            gateway.expect_running("the gateway");
            admin.is_ready().then_some(())
        });
        Self {
            gateway,
            admin,
            ppg: format!("http://127.0.0.1:{listen}/pap"),
            accepted: Arc::default(),
            runtime: Runtime::new().unwrap(),
        }
    }

    /// Makes PIs that submit a push of such a length for every permit.
    fn initiators(&self, count: u64, body_bytes: &Range<u64>) -> Arc<Semaphore> {
        let allowed = Arc::new(Semaphore::new(0));
        for pi in 0..count {
            let client = PapClient::new(&self.ppg, None).unwrap();
            let initiator = Initiator {
                client,
                name: format!("{pi}-of-{count}"),
                random: Random::new(SEED + pi),
                body_bytes: body_bytes.clone(),
                allowed: Arc::clone(&allowed),
                accepted: Arc::clone(&self.accepted),
            };
            self.runtime.spawn(initiator.run());
        }
        allowed
    }

    fn stored(&self, state: &str) -> u64 {
        let name = format!("pushcast_submissions{{state=\"{state}\"}}");
        self.admin.metrics().value(&name)
    }

    /// Nothing is under way: what is in memory now is there to stay.
    fn is_idle(&self) -> bool {
        ["queued", "planned"]
            .iter()
            .all(|state| self.stored(state) == 0)
    }

    /// Has so many pushes submitted, as soon as there is room, and waits until all are sent.
    fn push(&self, initiators: &Semaphore, pushes: u64) {
        wait_for("old pushes to go", PATIENCE, || {
            (self.stored("done") + pushes <= MAX_STORED).then_some(())
        });
        let goal = self.accepted.load(Ordering::Relaxed) + pushes;
        initiators.add_permits(pushes as usize);
        wait_for("acceptance", PATIENCE, || {
            (self.accepted.load(Ordering::Relaxed) >= goal).then_some(())
        });
        wait_for("the end of every transmission", PATIENCE, || {
            self.is_idle().then_some(())
        });
    }

    /// Octets of the gateway that are in memory.
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.gateway.id()));
        let status = status.unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse::<u64>().unwrap() * 1024
    }
}

/// A PI on its connection.
struct Initiator {
    client: PapClient,
    name: String,
    random: Random,
    body_bytes: Range<u64>,
    /// A permit for each push that may be submitted.
    allowed: Arc<Semaphore>,
    accepted: Arc<AtomicU64>,
}

impl Initiator {
    /// What is refused is not counted, and so the test fails.
    async fn run(mut self) {
        for number in 0.. {
            self.allowed.acquire().await.unwrap().forget();
            let Range { start, end } = self.body_bytes;
            let body_bytes = start + self.random.below(end - start);
            let entity = octets(self.random.octets(body_bytes as usize));
            let push = push(&format!("{number}@{}", self.name), None);
            match self.client.submit(push, &entity).await {
                Ok(Response::Push(answer)) if answer.code == StatusCode::Accepted.into() => {
                    self.accepted.fetch_add(1, Ordering::Relaxed);
                }
                other => println!("push {number} of PI {}: {other:?}", self.name),
            }
        }
    }
}

/// Octets a push, by least squares.
fn slope_of(samples: &[(u64, u64)]) -> f64 {
    let count = samples.len() as f64;
    let mean = |of: fn(&(u64, u64)) -> u64| samples.iter().map(of).sum::<u64>() as f64 / count;
    let (x, y) = (mean(|sample| sample.0), mean(|sample| sample.1));
    let (mut xy, mut xx) = (0.0, 0.0);
    for (pushes, resident) in samples {
        let dx = *pushes as f64 - x;
        xy += dx * (*resident as f64 - y);
        xx += dx * dx;
    }
    xy / xx
}

#[test]
fn pushes_leave_nothing_in_memory() {
    let pushes: u64 =
        std::env::var("PUSHCAST_PUSHES").map_or(10_000, |pushes| pushes.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::open(folder.path());
    let start = lab.resident();
    lab.push(&lab.initiators(FIRST_PIS, &FIRST_BYTES), FIRST_PUSHES);
    let initiators = lab.initiators(PIS, &BODY_BYTES);
    let mut samples = vec![(0, lab.resident())];
    let middle = (pushes / STRIDE / 2) as usize;
    let (mut goal, mut slope) = (pushes, f64::MAX);
    // What an allocator keeps for later comes and goes; what leaks goes on with every push.
    while slope >= MAX_SLOPE && goal <= MAX_LONGER * pushes {
        for number in samples.len() as u64..=goal / STRIDE {
            lab.push(&initiators, STRIDE);
            samples.push((number * STRIDE, lab.resident()));
        }
        slope = slope_of(&samples[middle..]);
        println!("{slope:.0} octets a push from {} to {goal}", pushes / 2);
        goal += pushes;
    }
    let sent = samples[samples.len() - 1].0 + FIRST_PUSHES;
    wait_for("the end of every transmission", PATIENCE, || {
        let metrics = lab.admin.metrics();
        let of = |name: &str, kind: &str| {
            let labels = format!("{{lane=\"main\",channel=\"air\",kind=\"{kind}\"}}");
            metrics.value(&format!("pushcast_{name}{labels}"))
        };
        assert_eq!(of("lane_send_failures_total", "all"), 0);
        let is_sent = of("lane_packets_total", "data") >= sent && of("flute_objects", "all") == 0;
        (is_sent && lab.stored("done") <= MAX_STORED).then_some(())
    });
    let kept = lab.stored("done");
    println!(
        "seed {SEED}: {start} octets at the start, then {}, {} in the middle, {} at the end; \
         {kept} of {sent} pushes still stored",
        samples[0].1,
        samples[middle].1,
        samples[samples.len() - 1].1,
    );
    assert!(slope < MAX_SLOPE, "{slope:.0} octets a push: {samples:?}");
}
