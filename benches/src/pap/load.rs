//! Many connections that submit, from one thread.
//!
//! Every answer is read to its end and must be 202 with code 1001: a gateway that refuses quickly
//! is not fast.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::request::Form;

/// The longest answer, octets.
const MAX_ANSWER: usize = 64 << 10;
/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who is asked, and with what.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) port: u16,
    pub(crate) form: Form,
    /// Start of every push-id, so that no two runs use one twice.
    pub(crate) prefix: String,
}

/// What a load came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// From the first request to the last answer.
    pub(crate) took: Duration,
    /// From when a request should have left, or left, to the end of its answer. Sorted.
    pub(crate) waits: Vec<Duration>,
}

impl Outcome {
    /// Answers in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.waits.len() as f64 / self.took.as_secs_f64()
    }

    /// The wait that so many of a hundred stay below, ms.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        let last = self.waits.len().saturating_sub(1);
        let at = (last as f64 * percent / 100.0).round() as usize;
        self.waits
            .get(at)
            .map_or(f64::NAN, |wait| wait.as_secs_f64() * 1e3)
    }
}

/// Runs a future on this thread, so that its network namespace counts.
pub(crate) fn on_this_thread<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(tokio::task::LocalSet::new().block_on(&runtime, future))
}

/// Each connection sends its next request when the answer to the one before is there.
pub(crate) async fn closed(
    target: &Target,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<Outcome> {
    let target = Rc::new(target.clone());
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(target.port).await?);
    }
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for (number, mut connection) in open.into_iter().enumerate() {
        let target = Rc::clone(&target);
        tasks.spawn_local(async move {
            let mut waits = Vec::new();
            while began.elapsed() < duration {
                let turn = waits.len() * connections + number;
                let push_id = format!("{}-{turn}@bench", target.prefix);
                let request = target.form.request(&push_id, turn);
                let sent = Instant::now();
                connection.submit(&request).await?;
                waits.push(sent.elapsed());
            }
            anyhow::Ok(waits)
        });
    }
    gathered(tasks, began).await
}

/// Requests leave at fixed times, whether the ones before were answered or not; a wait counts from
/// the time at which its request should have left.
pub(crate) async fn open(
    target: &Target,
    connections: usize,
    per_second: u32,
    duration: Duration,
) -> anyhow::Result<Outcome> {
    let target = Rc::new(target.clone());
    let every = Duration::from_secs(1) / per_second;
    let mut tasks = JoinSet::new();
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(target.port).await?);
    }
    let began = Instant::now();
    for (number, mut connection) in open.into_iter().enumerate() {
        let target = Rc::clone(&target);
        tasks.spawn_local(async move {
            let mut waits = Vec::new();
            loop {
                let turn = u32::try_from(number + waits.len() * connections)?;
                let due = every * turn;
                if due >= duration {
                    return anyhow::Ok(waits);
                }
                let push_id = format!("{}-{turn}@bench", target.prefix);
                let request = target.form.request(&push_id, turn as usize);
                tokio::time::sleep_until((began + due).into()).await;
                connection.submit(&request).await?;
                waits.push(began.elapsed().saturating_sub(due));
            }
        });
    }
    gathered(tasks, began).await
}

/// Connections that ask without pause, whatever they are answered, until they are told to end.
#[derive(Debug)]
pub(crate) struct Flood {
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Flood {
    /// Ends it; fails if a connection broke before.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        while let Some(ended) = self.tasks.try_join_next() {
            ended??;
        }
        self.tasks.abort_all();
        Ok(())
    }
}

/// Begins a flood on this thread.
pub(crate) async fn flood(target: &Target, connections: usize) -> anyhow::Result<Flood> {
    let target = Rc::new(target.clone());
    let mut tasks = JoinSet::new();
    for number in 0..connections {
        let mut connection = Connection::open(target.port).await?;
        let target = Rc::clone(&target);
        tasks.spawn_local(async move {
            for turn in 0.. {
                let push_id = format!("{}-{number}-{turn}@bench", target.prefix);
                let request = target.form.request(&push_id, turn);
                connection.stream.write_all(&request).await?;
                connection.read_answer().await?;
            }
            Ok(())
        });
    }
    Ok(Flood { tasks })
}

async fn gathered(
    mut tasks: JoinSet<anyhow::Result<Vec<Duration>>>,
    began: Instant,
) -> anyhow::Result<Outcome> {
    let mut waits = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        waits.extend(ended??);
    }
    let took = began.elapsed();
    waits.sort_unstable();
    ensure!(!waits.is_empty(), "nothing was submitted");
    Ok(Outcome { took, waits })
}

/// A connection that stays open.
pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect(address).await;
        let stream = stream.with_context(|| format!("nobody listens on {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::new(),
        })
    }

    /// Sends a request and reads its answer, which must be 202 with 1001.
    pub(crate) async fn submit(&mut self, request: &[u8]) -> anyhow::Result<()> {
        let exchange = async {
            self.stream.write_all(request).await?;
            self.read_answer().await
        };
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .context("no answer")??;
        let accepted =
            self.answer.starts_with(b"HTTP/1.1 202") && find(&self.answer, b"\"1001\"").is_some();
        if !accepted {
            bail!(
                "a submission was refused: {}",
                String::from_utf8_lossy(&self.answer)
            );
        }
        Ok(())
    }

    async fn read_answer(&mut self) -> anyhow::Result<()> {
        self.answer.clear();
        let mut whole = usize::MAX;
        while self.answer.len() < whole {
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "the connection was closed");
            ensure!(self.answer.len() <= MAX_ANSWER, "an answer without end");
            if whole == usize::MAX
                && let Some(head) = find(&self.answer, b"\r\n\r\n")
            {
                let length = content_length(&self.answer[..head]);
                whole = head + 4 + length.context("an answer without a length")?;
            }
        }
        Ok(())
    }
}

/// Where a pattern begins.
pub(crate) fn find(octets: &[u8], pattern: &[u8]) -> Option<usize> {
    octets
        .windows(pattern.len())
        .position(|window| window == pattern)
}

/// Length of the body that a head announces, octets.
pub(crate) fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    value?.trim().parse().ok()
}
