//! A gateway to try things on: its folder, its configuration, its process.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{MessageState, PushId};
use pushcast_engine::pap::Response;
use pushcast_engine::pap::response::StatusResult;

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
        let folder = tempfile::tempdir().unwrap();
        let (listen, admin) = (free_port(), free_port());
        let config = folder.path().join("pushcast.toml");
        let text = format!(
            r#"
[server]
listen = "127.0.0.1:{listen}"
admin_listen = "127.0.0.1:{admin}"
data_dir = "{data}"
[[lane]]
name = "main"
interface = "lo"
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
            let log = || std::fs::read_to_string(self.path("log")).unwrap();
            let ended = gateway.child().try_wait().unwrap();
            assert!(ended.is_none(), "the gateway has ended: {}", log());
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
