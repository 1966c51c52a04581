//! A gateway of ours in a process of its own: this program once more, as `pushcast serve`.

use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
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
/// Where the channel of every gateway here sends.
pub(crate) const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 66, 9);
pub(crate) const GROUP_PORT: u16 = 5066;
/// Clock ticks of `/proc` in a second on Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// How long it may take to start, or to end.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder that lies where this program lies: on a disk, not in memory.
pub(crate) fn folder() -> anyhow::Result<tempfile::TempDir> {
    let program = std::env::current_exe()?;
    let beside = program.parent().context("a program lies in a folder")?;
    Ok(tempfile::tempdir_in(beside)?)
}

/// A gateway that runs until it is dropped.
pub(crate) struct Gateway {
    process: Child,
    log: PathBuf,
    /// Of one that starts with nothing.
    folder_to_remove: Option<tempfile::TempDir>,
}

impl Gateway {
    /// Starts one with a channel `air`, a group `all` that is open to the account, and what `rest`
    /// adds.
    pub(crate) fn start(rest: &str) -> anyhow::Result<Self> {
        let folder = folder()?;
        let mut gateway = Self::start_over(folder.path(), rest)?;
        gateway.folder_to_remove = Some(folder);
        Ok(gateway)
    }

    /// Starts one over a folder that may hold a database already.
    pub(crate) fn start_over(folder: &Path, rest: &str) -> anyhow::Result<Self> {
        Self::start_on(folder, "", rest)
    }

    /// Starts one with `server` among its settings of the server, such as its database.
    pub(crate) fn start_on(folder: &Path, server: &str, rest: &str) -> anyhow::Result<Self> {
        let config = configuration(folder, server, rest)?;
        let log = folder.join("log");
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", "--config"])
            .arg(&config)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log)?)
            .spawn()?;
        let began = Instant::now();
        while !Admin(ADMIN_PORT).is_ready() {
            let ended = process.try_wait()?;
            if ended.is_some() || began.elapsed() > PATIENCE {
                let _ = process.kill();
                let log = std::fs::read_to_string(&log)?;
                bail!("the gateway did not start: {log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self {
            process,
            log,
            folder_to_remove: None,
        })
    }

    pub(crate) const fn admin(&self) -> Admin {
        Admin(ADMIN_PORT)
    }

    /// Processor time of all its threads so far, in user space and in the kernel, s.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name, which may hold anything, ends with the last parenthesis.
        let fields = stat.rsplit_once(')').context("no process status")?.1;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let [.., user, system] = fields.get(..13).context("a short process status")? else {
            anyhow::bail!("a short process status");
        };
        let ticks: f64 = user.parse::<f64>()? + system.parse::<f64>()?;
        Ok(ticks / TICKS_PER_SECOND)
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        kill(
            Pid::from_raw(self.process.id().try_into()?),
            Signal::SIGTERM,
        )?;
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait()? {
                let log = std::fs::read_to_string(&self.log)?;
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

fn configuration(folder: &Path, server: &str, rest: &str) -> anyhow::Result<PathBuf> {
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
{server}
[[lane]]
name = "main"
interface = "lo"
[[channel]]
name = "air"
kind = "flute"
bearer = "MBMS"
group = "{GROUP}"
port = {GROUP_PORT}
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
