//! The `pushcast` binary as a child process, and what its admin listener says.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::path::Path;
use std::process::{self, Child, Command, ExitStatus};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(20);
/// Longest exchange with an admin listener.
const EXCHANGE: Duration = Duration::from_secs(10);

/// Ports that tests listen on: below those that the system gives to whoever asks for any.
const PORTS: Range<u16> = 10_000..30_000;
/// Of these, how many a process tries before those of the next.
const PORTS_OF_PROCESS: u32 = 20;

/// `pushcast serve` with a configuration file.
pub(crate) fn serve(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushcast"));
    command.args(["serve", "--config"]).arg(config);
    command
}

/// A port that nobody listens on, and that this process has not been given before.
pub(crate) fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let all = u32::from(PORTS.end - PORTS.start);
    let first = process::id().wrapping_mul(PORTS_OF_PROCESS);
    loop {
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        assert!(given < all, "no port is free");
        let port = PORTS.start + u16::try_from(first.wrapping_add(given) % all).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Looks again and again until there is something, or fails saying what did not come.
pub(crate) fn wait_for<T>(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: not within {} s",
            patience.as_secs()
        );
        std::thread::sleep(LOOK);
    }
}

/// A child process, killed without warning when dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) const fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Fails if it has ended, as one that was to go on.
    pub(crate) fn expect_running(&mut self, what: &str) {
        let ended = self.0.try_wait().unwrap();
        assert!(ended.is_none(), "{what} has ended: {ended:?}");
    }

    /// Waits until it ends by itself.
    pub(crate) fn ended(&mut self, what: &str, patience: Duration) -> ExitStatus {
        wait_for(what, patience, || self.0.try_wait().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An admin listener.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admin(pub(crate) SocketAddr);

impl Admin {
    fn get(self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.0, EXCHANGE)?;
        stream.set_read_timeout(Some(EXCHANGE))?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    pub(crate) fn is_ready(self) -> bool {
        self.get("/readyz")
            .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    pub(crate) fn metrics(self) -> Metrics {
        Metrics(self.get("/metrics").unwrap())
    }
}

/// The text of `/metrics`.
pub(crate) struct Metrics(String);

impl Metrics {
    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The value of a metric, with its labels as they are written.
    pub(crate) fn value(&self, name: &str) -> u64 {
        self.written(name).parse().unwrap()
    }

    /// The value of a metric that need not be whole.
    pub(crate) fn number(&self, name: &str) -> f64 {
        self.written(name).parse().unwrap()
    }

    fn written(&self, name: &str) -> &str {
        let line = self.0.lines().find_map(|line| line.strip_prefix(name));
        let value = line.unwrap_or_else(|| panic!("no {name} in {}", self.0));
        value.trim()
    }
}
