//! A gateway and a receiver in two network namespaces joined by a veth.

mod ipv6;
mod loss;
mod namespaces;
mod pushes;
mod recorder;

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use crate::process::{Process, wait_for};
use namespaces::{Namespaces, Side};

/// The gateway's main listener, on the near end of the veth.
const PPG: &str = "10.77.0.1:8080";
/// Port of every group.
const PORT: u16 = 5077;
/// A gateway must be up, and a receiver done, so soon.
const PATIENCE: Duration = Duration::from_secs(120);

/// Loss on the way to the receiver.
const LOSS_PERCENT: u32 = 10;

/// A gateway at work in the near namespace.
struct Lab {
    // Dropped before the namespaces that it lives in.
    _gateway: Process,
    namespaces: Namespaces,
    folder: tempfile::TempDir,
}

/// The channel that a test is about.
struct Channel {
    group: &'static str,
    /// Default: the interface's.
    source: Option<&'static str>,
    fec: &'static str,
    passes: u32,
}

impl Lab {
    /// `None`, and a line that says why, where this machine cannot do it.
    fn start(name: &str, channel: &Channel) -> Option<Self> {
        let namespaces = match Namespaces::join(name) {
            Ok(namespaces) => namespaces,
            Err(reason) => {
                println!("SKIPPED {name}: {reason}");
                return None;
            }
        };
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("pushcast.toml");
        std::fs::write(&config, configuration(folder.path(), channel)).unwrap();
        let mut serve = namespaces.command(Side::Near, env!("CARGO_BIN_EXE_pushcast"));
        serve.args(["serve", "--config"]).arg(&config);
        let gateway =
            Process::start(serve.stderr(std::fs::File::create("/tmp/v6/gw.log").unwrap()));
        let lab = Self {
            _gateway: gateway,
            namespaces,
            folder,
        };
        wait_for("the gateway", PATIENCE, || {
            let connect = || TcpStream::connect(PPG).ok().map(|_| ());
            lab.namespaces.inside(Side::Near, connect).join().unwrap()
        });
        Some(lab)
    }

    /// Runs `pushcast` in the near namespace to its end.
    fn near(&self, arguments: &[&str]) -> Output {
        let mut command = self
            .namespaces
            .command(Side::Near, env!("CARGO_BIN_EXE_pushcast"));
        command.args(arguments).output().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Pushes octets to the group.
    fn push(&self, octets: &[u8]) {
        let file = self.path("content");
        std::fs::write(&file, octets).unwrap();
        let file = file.to_str().unwrap();
        let answer = self.near(&[
            "submit",
            "--ppg",
            &ppg(),
            "--to",
            "group/all",
            "--file",
            file,
        ]);
        assert!(answer.status.success(), "{answer:?}");
    }

    /// A receiver in the far namespace that ends after so many files.
    fn receive(&self, listen: &[&str], count: usize) -> Process {
        let mut command = self
            .namespaces
            .command(Side::Far, env!("CARGO_BIN_EXE_pushcast"));
        command
            .arg("receive")
            .args(listen)
            .args([
                "--interface",
                Side::Far.interface(),
                "--json",
                "--timeout",
                "60s",
            ])
            .args(["--count", &count.to_string(), "--out"])
            .arg(self.path("received"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let receiver = Process::start(&mut command);
        self.namespaces.wait_for_member(PATIENCE);
        receiver
    }
}

fn ppg() -> String {
    format!("http://{PPG}/pap")
}

fn configuration(folder: &Path, channel: &Channel) -> String {
    let Channel {
        group,
        source,
        fec,
        passes,
    } = channel;
    let source = source.map_or_else(String::new, |source| format!("source = \"{source}\""));
    format!(
        r#"
[server]
listen = "{PPG}"
admin_listen = "127.0.0.1:9090"
data_dir = "{data}"
[limits]
body_bytes = 33554432
[[lane]]
name = "main"
interface = "{interface}"
[[channel]]
name = "air"
kind = "flute"
bearer = "MBMS"
group = "{group}"
port = {PORT}
{source}
tsi = 7
fec = "{fec}"
rate_bps = 100000000
carousel = {{ passes = {passes}, delay_ms = 200 }}
[[alias_group]]
name = "all"
channels = ["air"]
[[initiator]]
name = "pi"
trusted_from = ["10.77.0.0/24"]
groups = ["*"]
"#,
        data = folder.join("data").display(),
        interface = Side::Near.interface(),
    )
}
