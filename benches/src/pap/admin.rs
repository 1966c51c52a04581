//! What the gateway says of itself on its admin listener.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// Longest wait for a state.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two questions.
const ASK: Duration = Duration::from_millis(50);

/// An admin listener.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admin(pub(crate) u16);

impl Admin {
    fn get(self, path: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.0))?;
        stream.set_read_timeout(Some(PATIENCE))?;
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

    /// The value of a metric, with its labels as they are written.
    pub(crate) fn metric(self, name: &str) -> anyhow::Result<f64> {
        let text = self.get("/metrics")?;
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        let value = value.with_context(|| format!("no metric {name}"))?;
        Ok(value.trim().parse()?)
    }

    /// Waits until so many submissions are done.
    pub(crate) fn wait_for_done(self, submissions: usize) -> anyhow::Result<()> {
        self.wait_for("done", |done| done >= submissions as f64)
    }

    /// Waits until everything is on the air or beyond.
    pub(crate) fn wait_for_queue(self) -> anyhow::Result<()> {
        self.wait_for("queued", |queued| queued == 0.0)
    }

    fn wait_for(self, state: &str, enough: impl Fn(f64) -> bool) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let number = self.metric(&format!("pushcast_submissions{{state=\"{state}\"}}"))?;
            if enough(number) {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!("{number} submissions are still {state}");
            }
            std::thread::sleep(ASK);
        }
    }
}
