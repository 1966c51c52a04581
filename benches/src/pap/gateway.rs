//! A gateway of ours in a process of its own: this program once more, as `pushcast serve`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pushcast_engine::http::auth::hash_password;

use super::admin::Admin;
use super::request::{ACCOUNT, PASSWORD};

/// Port of the main listener; the namespace is ours alone.
pub(crate) const PORT: u16 = 8080;
const ADMIN_PORT: u16 = 9090;
/// How long it may take to start, or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A gateway that runs until it is dropped.
pub(crate) struct Gateway {
    process: Child,
    folder: tempfile::TempDir,
}

impl Gateway {
    /// Starts one with a channel `air`, a group `all` that is open to the account, and what `rest`
    /// adds. The folder lies where this program lies: on a disk, not in memory.
    pub(crate) fn start(rest: &str) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let beside = program.parent().context("a program lies in a folder")?;
        Self::start_in(tempfile::tempdir_in(beside)?, rest)
    }

    /// Starts one over a folder that may hold a database already.
    pub(crate) fn start_in(folder: tempfile::TempDir, rest: &str) -> anyhow::Result<Self> {
        let config = configuration(folder.path(), rest)?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", "--config"])
            .arg(&config)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let began = Instant::now();
        while !Admin(ADMIN_PORT).is_ready() {
            let ended = process.try_wait()?;
            if ended.is_some() || began.elapsed() > PATIENCE {
                let _ = process.kill();
                let log = std::fs::read_to_string(folder.path().join("log"))?;
                bail!("the gateway did not start: {log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { process, folder })
    }

    pub(crate) const fn admin(&self) -> Admin {
        Admin(ADMIN_PORT)
    }

    /// Ends it in order and gives its folder back.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        kill(
            Pid::from_raw(self.process.id().try_into()?),
            Signal::SIGTERM,
        )?;
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait()? {
                let log = std::fs::read_to_string(self.folder.path().join("log"))?;
                ensure!(status.success(), "the gateway ended with {status}: {log}");
                return Ok(());
            }
            ensure!(began.elapsed() < PATIENCE, "the gateway does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It has ended already where it was stopped.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(folder: &Path, rest: &str) -> anyhow::Result<std::path::PathBuf> {
    let hash = folder.join("account.phc");
    std::fs::write(&hash, hash_password(PASSWORD)?)?;
    std::fs::set_permissions(&hash, std::fs::Permissions::from_mode(0o600))?;
    let path = folder.join("pushcast.toml");
    std::fs::write(
        &path,
        format!(
            r#"
[server]
listen = "127.0.0.1:{PORT}"
admin_listen = "127.0.0.1:{ADMIN_PORT}"
data_dir = "{data}"
[[lane]]
name = "main"
interface = "lo"
[[channel]]
name = "air"
kind = "flute"
bearer = "MBMS"
group = "239.255.66.9"
port = 5066
source = "127.0.0.1"
ttl = 0
tsi = 9
rate_bps = 1_000_000_000
carousel = {{ passes = 1 }}
[[alias_group]]
name = "all"
channels = ["air"]
[[initiator]]
name = "{ACCOUNT}"
password_hash_file = "account.phc"
groups = ["*"]
{rest}
"#,
            data = folder.join("data").display(),
        ),
    )?;
    Ok(path)
}
