//! The gateway at one end of the wire and `pushcast receive` at the other.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use pushcast_engine::model::Sha256;
use serde_json::Value;
use sha2::Digest as _;
use tempfile::TempDir;

use super::{DEVICE, Namespaces, SENDER_V4};
use crate::process::{Admin, Metrics, Process, serve, wait_for};
use crate::programs::run;

/// UDP port of every channel.
pub(super) const PORT: u16 = 5077;
/// Longest wait for anything, even where other tests need the processor.
const PATIENCE: Duration = Duration::from_secs(120);
/// The receiver ends when so long nothing new came.
const SILENCE: &str = "30s";

/// A channel, and the alias group of the same name.
pub(super) struct Channel {
    pub(super) name: &'static str,
    pub(super) group: IpAddr,
    pub(super) tsi: u16,
    /// Further lines.
    pub(super) more: String,
}

impl Channel {
    fn section(&self) -> String {
        let Self {
            name,
            group,
            tsi,
            more,
        } = self;
        format!(
            r#"
[[channel]]
name = "{name}"
kind = "flute"
bearer = "MBMS"
group = "{group}"
port = {PORT}
tsi = {tsi}
rate_bps = 100000000
{more}
[[alias_group]]
name = "{name}"
channels = ["{name}"]
"#
        )
    }
}

/// What is pushed: a push-id and its content.
pub(super) struct Push {
    pub(super) push_id: String,
    pub(super) body: Vec<u8>,
}

/// A wire with a gateway.
pub(super) struct Link {
    // Dropped first: a namespace with processes in it lives on.
    gateway: Process,
    folder: TempDir,
    pub(super) namespaces: Namespaces,
}

impl Link {
    pub(super) fn open(namespaces: Namespaces, channels: &[&Channel]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("pushcast.toml");
        let channels: String = channels.iter().map(|channel| channel.section()).collect();
        let text = format!(
            r#"
[server]
listen = "0.0.0.0:8080"
data_dir = "{data}"
[[lane]]
name = "main"
interface = "{DEVICE}"
{channels}
[[initiator]]
name = "pi"
trusted_from = ["127.0.0.0/8"]
groups = ["*"]
body_bytes = 33554432
"#,
            data = folder.path().join("data").display(),
        );
        std::fs::write(&config, text).unwrap();
        let inside = serve(&config);
        let mut command = namespaces.sender.command(inside.get_program());
        let gateway = Process::start(command.args(inside.get_args()));
        let mut link = Self {
            gateway,
            folder,
            namespaces,
        };
        wait_for("readiness", PATIENCE, || {
            link.gateway.expect_running("the gateway");
            link.admin(Admin::is_ready).then_some(())
        });
        link
    }

    fn admin<T: Send>(&self, ask: impl FnOnce(Admin) -> T + Send) -> T {
        let admin = Admin((Ipv4Addr::LOCALHOST, 9090).into());
        self.namespaces.sender.enter(|| ask(admin))
    }

    pub(super) fn metrics(&self) -> Metrics {
        self.admin(Admin::metrics)
    }

    /// Submits to the alias group of a channel.
    pub(super) fn submit(&self, channel: &str, push: &Push) {
        let file = self.folder.path().join(&push.push_id);
        std::fs::write(&file, &push.body).unwrap();
        let mut command = self.namespaces.sender.command(pushcast());
        command
            .args(["submit", "--ppg", "http://127.0.0.1:8080/pap", "--json"])
            .args(["--to", &format!("group/{channel}")])
            .args(["--push-id", &push.push_id, "--file"])
            .arg(&file);
        run(&mut command).unwrap();
    }

    /// Starts `pushcast receive` on a channel whose session description it fetches.
    pub(super) fn receive(&self, channel: &Channel, count: usize) -> Receiver {
        let url = format!("http://{SENDER_V4}:8080/sessions/{}.sdp", channel.name);
        self.receive_with(channel, &["--session", &url], count)
    }

    /// Starts `pushcast receive`, and waits until it has joined the channel's group.
    pub(super) fn receive_with(&self, channel: &Channel, how: &[&str], count: usize) -> Receiver {
        let out = tempfile::tempdir().unwrap();
        let mut command = self.namespaces.receiver.command(pushcast());
        command
            .args(["receive", "--json", "--interface", DEVICE])
            .args(["--timeout", SILENCE, "--count", &count.to_string(), "--out"])
            .arg(out.path())
            .args(how)
            .stdout(Stdio::piped());
        let mut process = Process::start(&mut command);
        let pid = process.id();
        wait_for("joining", PATIENCE, || {
            process.expect_running("the receiver");
            has_joined(pid, channel.group).then_some(())
        });
        Receiver { process, out }
    }
}

fn pushcast() -> PathBuf {
    serve(Path::new("")).get_program().into()
}

/// The group stands among the memberships of the process's namespace.
fn has_joined(pid: u32, group: IpAddr) -> bool {
    let (file, group) = match group {
        IpAddr::V4(v4) => ("igmp", format!("{:08X}", u32::from_le_bytes(v4.octets()))),
        IpAddr::V6(v6) => ("igmp6", format!("{:032x}", u128::from(v6))),
    };
    // It may end between two looks.
    let memberships = std::fs::read_to_string(format!("/proc/{pid}/net/{file}"));
    memberships.is_ok_and(|memberships| memberships.contains(&group))
}

/// A running `pushcast receive`.
pub(super) struct Receiver {
    process: Process,
    out: TempDir,
}

impl Receiver {
    /// Waits until it has received what it was to, and compares every file with its push.
    pub(super) fn received(mut self, pushes: &[Push]) {
        let status = self.process.ended("receiving", PATIENCE);
        let mut lines = String::new();
        let stdout = self.process.child().stdout.as_mut().unwrap();
        stdout.read_to_string(&mut lines).unwrap();
        assert!(status.success(), "receive: {status}, {lines}");
        let files: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let mut push_ids: Vec<&str> = files
            .iter()
            .map(|file| self.compare(file, pushes))
            .collect();
        push_ids.sort_unstable();
        let mut expected: Vec<&str> = pushes.iter().map(|push| push.push_id.as_str()).collect();
        expected.sort_unstable();
        assert_eq!(push_ids, expected);
    }

    /// Octets, length and digest of a file are those of its push.
    fn compare<'a>(&self, file: &Value, pushes: &'a [Push]) -> &'a str {
        let path = self.out.path().join(file["path"].as_str().unwrap());
        let mut headers = path.clone().into_os_string();
        headers.push(".headers");
        let headers = std::fs::read_to_string(headers).unwrap();
        let name = "X-Pushcast-Push-Id: ";
        let push_id = headers.lines().find_map(|line| line.strip_prefix(name));
        let push = pushes
            .iter()
            .find(|push| Some(push.push_id.as_str()) == push_id);
        let push = push.unwrap_or_else(|| panic!("nobody pushed {headers}"));
        assert!(
            std::fs::read(&path).unwrap() == push.body,
            "{}: other octets",
            push.push_id
        );
        assert_eq!(file["bytes"], push.body.len(), "{}", push.push_id);
        assert_eq!(
            file["sha256"],
            Sha256(sha2::Sha256::digest(&push.body).into()).to_hex(),
            "{}",
            push.push_id
        );
        &push.push_id
    }
}
