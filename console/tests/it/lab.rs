//! A gateway to try things on: its folder, its configuration, its process.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{MessageState, PushId};
use pushcast_engine::pap::Response;
use pushcast_engine::pap::response::StatusResult;

use crate::air::Air;
use crate::initiator::{cancel, codes};
use crate::process::{Admin, Process, free_port, serve, wait_for};

/// Longest wait for anything in a lab.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Between two questions to a gateway.
const ASK: Duration = Duration::from_millis(20);

/// Folder and configuration; they outlive the processes.
pub(crate) struct Lab {
    folder: tempfile::TempDir,
    config: PathBuf,
    listen: u16,
    admin: u16,
}

impl Lab {
    /// One lane on loopback named `main`, an initiator `pi` trusted there, and what `rest` adds:
    /// channels, groups, areas.
    pub(crate) fn new(rest: &str) -> Self {
        Self::without_lane(&format!(
            "[[lane]]\nname = \"main\"\ninterface = \"lo\"\n{rest}"
        ))
    }

    /// The same without the lane, for gateways of Cell Broadcast alone.
    pub(crate) fn without_lane(rest: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (listen, admin) = (free_port(), free_port());
        let config = folder.path().join("pushcast.toml");
        let text = format!(
            r#"
[server]
listen = "127.0.0.1:{listen}"
admin_listen = "127.0.0.1:{admin}"
data_dir = "{data}"
[[initiator]]
name = "pi"
trusted_from = ["127.0.0.0/8"]
groups = ["*"]
areas = ["*"]
notify_hosts = ["127.0.0.1"]
{rest}
"#,
            data = folder.path().join("data").display(),
        );
        std::fs::write(&config, text).unwrap();
        Self {
            folder,
            config,
            listen,
            admin,
        }
    }

    /// Starts the gateway and waits until it is ready.
    pub(crate) fn start(&self) -> Process {
        let log = std::fs::File::create(self.path("log")).unwrap();
        let mut gateway = Process::start(serve(&self.config).stderr(Stdio::from(log)));
        wait_for("readiness", PATIENCE, || {
            let ended = gateway.child().try_wait().unwrap();
            assert!(ended.is_none(), "the gateway has ended: {}", self.log());
            self.admin().is_ready().then_some(())
        });
        gateway
    }

    pub(crate) fn admin(&self) -> Admin {
        Admin((Ipv4Addr::LOCALHOST, self.admin).into())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/pap", self.listen)
    }

    pub(crate) fn client(&self) -> PapClient {
        PapClient::new(&self.url(), None).unwrap()
    }

    /// What the gateway has logged since it was started last.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap()
    }

    /// A file of the lab's own.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `pushcast OPERATION --ppg URL ..`
    pub(crate) fn pushcast(&self, operation: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pushcast"));
        command.args([operation, "--ppg", &self.url()]);
        command.args(arguments).output().unwrap()
    }
}

/// A channel of a lab; `rest` adds keys.
pub(crate) fn channel(name: &str, last: u8, port: u16, rest: &str) -> String {
    format!(
        r#"
[[channel]]
name = "{name}"
kind = "flute"
bearer = "MBMS"
group = "239.255.54.{last}"
port = {port}
source = "127.0.0.1"
ttl = 0
tsi = {last}
{rest}
"#
    )
}

/// What a gateway says of a push.
pub(crate) async fn status(client: &PapClient, push_id: &str) -> Vec<StatusResult> {
    let push_id: PushId = push_id.parse().unwrap();
    match client.status(push_id, Vec::new()).await.unwrap() {
        Response::StatusQuery(answer) => answer.results,
        other => panic!("{other:?}"),
    }
}

/// Asks until every address of a push is in the state.
pub(crate) async fn reaches(client: &PapClient, push_id: &str, state: MessageState) {
    let asked = async {
        loop {
            let results = status(client, push_id).await;
            if results.iter().all(|result| result.state == state) {
                return;
            }
            let ended = results.iter().all(|result| result.state.is_final());
            assert!(!ended, "{push_id}: {results:?}");
            tokio::time::sleep(ASK).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap();
}

/// State and code of every address of a push once all are final, sorted.
pub(crate) async fn ended(client: &PapClient, push_id: &str) -> Vec<(&'static str, u16)> {
    let asked = async {
        loop {
            let results = status(client, push_id).await;
            if results.iter().all(|result| result.state.is_final()) {
                let mut found: Vec<_> = results
                    .iter()
                    .map(|result| (result.state.as_str(), result.code.number()))
                    .collect();
                found.sort_unstable();
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap()
}

/// Waits until a push that was delivered is off the air. While it is on the air it says so to
/// whoever cancels it.
pub(crate) async fn off_the_air(client: &PapClient, push_id: &str) {
    let asked = async {
        while codes(&cancel(client, push_id, &[]).await) != [3003] {
            tokio::time::sleep(ASK).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap();
}

/// Octets that take long at [`SLOW`].
pub(crate) const LONG: usize = 120_000;
/// Some 5 s for [`LONG`].
pub(crate) const SLOW: &str =
    "rate_bps = 200000\nfec = \"none\"\nsymbol_bytes = 1000\ncarousel = { passes = 1 }";

/// Waits until the first packet of a push has left.
pub(crate) async fn on_air(air: &Air, packets_before: u64) {
    let heard = async {
        while air.with(|heard| heard.packets) <= packets_before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.unwrap();
}

/// A lab with one slow channel behind two groups, and a recorder.
pub(crate) fn slow_lab() -> (Lab, Air) {
    let port = free_port();
    let rest = format!(
        r#"{}
[[alias_group]]
name = "all"
channels = ["air"]
[[alias_group]]
name = "same"
channels = ["air"]
"#,
        channel("air", 1, port, SLOW)
    );
    let lab = Lab::new(&rest);
    (lab, listen(1, port))
}

pub(crate) fn listen(last: u8, port: u16) -> Air {
    Air::listen(IpAddr::V4(Ipv4Addr::new(239, 255, 54, last)), port)
}

/// Waits until so many objects are on the lane.
pub(crate) fn live_objects(lab: &Lab, count: u64) {
    let name = r#"pushcast_flute_objects{lane="main",channel="air",kind="all"}"#;
    wait_for(&format!("{count} objects on the lane"), PATIENCE, || {
        (lab.admin().metrics().value(name) == count).then_some(())
    });
}
