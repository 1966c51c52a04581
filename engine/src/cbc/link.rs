//! One link: a task that keeps the alerts of one centre, asks, asks again, and tells what came of
//! it.
//!
//! Requests are made beside each other, up to [`MAX_UNDER_WAY`]: one that hangs keeps no other from
//! leaving. Of what waits the most urgent goes first, then what came first.

mod step;
mod tracked;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use pushcast_cbs::cbep::{Adapter as _, Broadcast, Reference, Stamp};
use pushcast_flute::sender::ObjectKey;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::model::{CbsState, LinkName, Priority};

use super::centre::Centre;
use super::course::{Came, Step};
use super::event::Event;
use super::spec::{LinkSpec, LinkSpecError, Speaks};
use super::stats::LinkStats;
use super::transport::Transport;
use step::Way;
use tracked::Tracked;

/// Requests of one link at a time. A centre that never answers holds each for its time-out, and the
/// others are not to wait for it.
pub const MAX_UNDER_WAY: usize = 256;
/// Commands waiting for the task.
const INBOX_LEN: usize = 256;
/// Longest wait without a look at the wall clock, which may be stepped.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// Between two looks whether somebody listens.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// A centre that could not be reached for so long is down, and alerts take other ways.
const DOWN_AFTER: Duration = Duration::from_secs(10);

/// One message as a link needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Key of its row.
    pub id: String,
    /// What to ask for.
    pub broadcast: Broadcast,
    /// Identities of the requests that this one continues, its own last.
    pub stamps: Vec<Stamp>,
    /// The message whose place it takes: key of its row, and what names it.
    pub earlier: Option<(String, Reference)>,
    /// How far it came.
    pub state: CbsState,
    /// When the centre took it.
    pub taken_ms: Option<u64>,
    /// When it was decided to take it off the air.
    pub killed_ms: Option<u64>,
    /// It is not put on the air after this.
    pub until_ms: u64,
    /// From the first broadcast to the end of the last.
    pub on_air: Duration,
}

/// An alert: one message for each language.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// What it is called in events.
    pub key: ObjectKey,
    /// Who goes first.
    pub priority: Priority,
    /// At least one.
    pub messages: Vec<Message>,
    /// An earlier process may have asked for it.
    pub is_resumed: bool,
}

/// What a link answers when it is to give an alert back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// Nothing was asked for, and nothing will be.
    Withdrawn,
    /// It may be on the air; it can be taken off.
    MayBeOnAir,
}

/// A link holds as many alerts as it may.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the queue of CBC {link} is full with {queue} alerts")]
pub struct Full {
    /// Which link.
    pub link: LinkName,
    /// How many it may hold.
    pub queue: usize,
}

enum Command {
    Add(Box<Alert>, oneshot::Sender<Result<(), Full>>),
    Pause(bool),
    Stop(ObjectKey),
    Withdraw(ObjectKey, oneshot::Sender<Option<Back>>),
}

/// A running link. Its task ends when the link is dropped.
#[derive(Debug)]
pub struct Link {
    inbox: mpsc::Sender<Command>,
    stats: Arc<LinkStats>,
    spec: LinkSpec,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Add(..) => "Add",
            Self::Pause(_) => "Pause",
            Self::Stop(_) => "Stop",
            Self::Withdraw(..) => "Withdraw",
        })
    }
}

impl Link {
    /// Starts the task. It reports to `events`, which has to be read.
    pub fn start(
        spec: LinkSpec,
        clock: Clock,
        events: mpsc::Sender<Event>,
    ) -> Result<Self, LinkSpecError> {
        let (inbox, commands) = mpsc::channel(INBOX_LEN);
        let stats = Arc::new(LinkStats::default());
        let command_port = match &spec.speaks {
            Speaks::Ecbe { command_port, .. } => command_port.clone(),
            Speaks::Cap { .. } => None,
        };
        let way = Way {
            centre: Centre::new(&spec)?,
            transport: Transport::new(&spec)?,
            command_port,
        };
        let task = Task {
            name: spec.name.clone(),
            queue: spec.queue,
            way: Arc::new(way),
            clock,
            events,
            stats: Arc::clone(&stats),
            alerts: HashMap::new(),
            next_number: 0,
            steps: JoinSet::new(),
            is_paused: false,
            silent_since: None,
        };
        tokio::spawn(task.run(commands));
        Ok(Self { inbox, stats, spec })
    }

    /// As it is configured.
    pub const fn spec(&self) -> &LinkSpec {
        &self.spec
    }

    /// Counters and state.
    pub fn stats(&self) -> &LinkStats {
        &self.stats
    }

    /// It is neither down nor held back.
    pub fn is_up(&self) -> bool {
        self.stats.is_up() && !self.stats.is_paused() && !self.inbox.is_closed()
    }

    /// Hands an alert over.
    pub async fn add(&self, alert: Alert) -> Result<(), Full> {
        let full = || Full {
            link: self.spec.name.clone(),
            queue: self.spec.queue,
        };
        let (reply, answer) = oneshot::channel();
        let command = Command::Add(Box::new(alert), reply);
        if self.inbox.send(command).await.is_err() {
            return Err(full());
        }
        answer.await.unwrap_or_else(|_| Err(full()))
    }

    /// Asks for an alert back. `None` if it is not there any more.
    pub async fn withdraw(&self, alert: ObjectKey) -> Option<Back> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Withdraw(alert, reply);
        self.inbox.send(command).await.ok()?;
        answer.await.ok().flatten()
    }

    /// Takes an alert off the air; its end is reported when the centre has let go.
    pub async fn stop(&self, alert: ObjectKey) {
        // A task that is gone has nothing to stop.
        let _ = self.inbox.send(Command::Stop(alert)).await;
    }

    /// Holds everything back, or goes on.
    pub async fn pause(&self, is_paused: bool) {
        self.stats.pause(is_paused);
        let _ = self.inbox.send(Command::Pause(is_paused)).await;
    }
}

/// What came of a step of which message.
struct Done {
    alert: ObjectKey,
    index: usize,
    step: Step,
    came: Came,
}

struct Task {
    name: LinkName,
    queue: usize,
    way: Arc<Way>,
    clock: Clock,
    events: mpsc::Sender<Event>,
    stats: Arc<LinkStats>,
    alerts: HashMap<ObjectKey, Tracked>,
    next_number: u64,
    steps: JoinSet<Done>,
    is_paused: bool,
    /// Since when the centre could not be reached.
    silent_since: Option<Instant>,
}

impl Task {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut looks = tokio::time::interval(LOOK_INTERVAL);
        let mut look: JoinSet<bool> = JoinSet::new();
        loop {
            let until = self.dispatch().await;
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.command(command).await,
                    None => return,
                },
                Some(done) = self.steps.join_next() => {
                    if let Ok(done) = done {
                        self.done(done).await;
                    }
                }
                Some(looked) = look.join_next() => self.reached(looked.unwrap_or(false)),
                _ = looks.tick() => {
                    if look.is_empty() {
                        let way = Arc::clone(&self.way);
                        look.spawn(async move { way.transport.is_reachable().await });
                    }
                }
                () = tokio::time::sleep(until) => {}
            }
        }
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Add(alert, reply) => {
                let added = self.add(*alert);
                let _ = reply.send(added);
            }
            Command::Pause(is_paused) => {
                self.is_paused = is_paused;
                let state = if is_paused { "held back" } else { "going on" };
                tracing::info!(cbc.name = %self.name, "CBC {} is {state}", self.name);
            }
            Command::Stop(key) => {
                let now_ms = self.clock.unix_ms();
                if let Some(tracked) = self.alerts.get_mut(&key) {
                    tracked.kill(now_ms);
                }
                self.settle(key).await;
            }
            Command::Withdraw(key, reply) => {
                let now_ms = self.clock.unix_ms();
                let back = self
                    .alerts
                    .get_mut(&key)
                    .map(|tracked| tracked.back(now_ms));
                self.settle(key).await;
                let _ = reply.send(back);
            }
        }
    }

    fn add(&mut self, alert: Alert) -> Result<(), Full> {
        if self.alerts.len() >= self.queue {
            return Err(Full {
                link: self.name.clone(),
                queue: self.queue,
            });
        }
        let capabilities = self.way.centre.capabilities();
        let number = self.next_number;
        self.next_number += 1;
        let key = alert.key;
        let has_command_port = self.way.command_port.is_some();
        let tracked = Tracked::new(alert, capabilities, has_command_port, number);
        for earlier in tracked.earlier() {
            for other in self.alerts.values_mut() {
                other.freeze(&earlier);
            }
        }
        let mut tracked = tracked;
        for other in self.alerts.values() {
            // After a start the newer one may come first.
            other.earlier().iter().for_each(|id| tracked.freeze(id));
        }
        self.alerts.insert(key, tracked);
        self.count();
        Ok(())
    }

    /// Begins what can begin; returns how long nothing else will.
    async fn dispatch(&mut self) -> Duration {
        let now_ms = self.clock.unix_ms();
        let most = if self.is_paused { 0 } else { MAX_UNDER_WAY };
        let mut due: Vec<_> = self
            .alerts
            .iter()
            .filter(|(_, tracked)| tracked.wake_ms().is_some_and(|wake_ms| wake_ms <= now_ms))
            .map(|(key, tracked)| (tracked.order(), *key))
            .collect();
        due.sort_unstable();
        for (_, key) in due {
            let room = most.saturating_sub(self.steps.len());
            let Some(tracked) = self.alerts.get_mut(&key) else {
                continue;
            };
            for (index, step, message) in tracked.next(now_ms, room) {
                let way = Arc::clone(&self.way);
                self.steps.spawn(async move {
                    let came = way.take(step, &message, now_ms).await;
                    Done {
                        alert: key,
                        index,
                        step,
                        came,
                    }
                });
            }
            self.settle(key).await;
        }
        if self.steps.len() >= most {
            return MAX_WAIT;
        }
        let next_ms = self.alerts.values().filter_map(Tracked::wake_ms).min();
        let wait = next_ms.map(|next_ms| Duration::from_millis(next_ms.saturating_sub(now_ms)));
        // Never quite zero: what is due and cannot begin waits for something else.
        wait.unwrap_or(MAX_WAIT)
            .clamp(Duration::from_millis(1), MAX_WAIT)
    }

    async fn done(&mut self, done: Done) {
        self.stats.came(&done.came);
        match &done.came {
            Came::Answer(_) => self.reached(true),
            Came::NotSent => self.reached(false),
            Came::Shown(_) | Came::Unwritable(_) => {}
        }
        let now_ms = self.clock.unix_ms();
        tracing::debug!(cbc.name = %self.name, step = ?done.step, came = ?done.came, "a step of CBC {} is over", self.name);
        if let Some(tracked) = self.alerts.get_mut(&done.alert) {
            tracked.came(done.index, done.step, done.came, now_ms);
        }
        self.settle(done.alert).await;
    }

    /// Whether the centre was reached just now.
    fn reached(&mut self, is_reached: bool) {
        let now = Instant::now();
        let is_up = if is_reached {
            self.silent_since = None;
            true
        } else {
            let since = *self.silent_since.get_or_insert(now);
            now.duration_since(since) < DOWN_AFTER && self.stats.is_up()
        };
        let name = &self.name;
        match (self.stats.up(is_up), is_up) {
            (true, false) => {
                tracing::warn!(cbc.name = %name, "CBC {name} is down: it cannot be reached");
            }
            (false, true) => tracing::info!(cbc.name = %name, "CBC {name} is up again"),
            _ => {}
        }
    }

    /// Tells what is new of an alert, and of those whose place it takes.
    async fn settle(&mut self, key: ObjectKey) {
        let now_ms = self.clock.unix_ms();
        let Some(tracked) = self.alerts.get_mut(&key) else {
            return;
        };
        let fates = tracked.fates();
        let mut events = tracked.news(now_ms);
        if tracked.is_over() {
            self.alerts.remove(&key);
        }
        let mut over = Vec::new();
        for (earlier, fate) in fates {
            for (key, other) in &mut self.alerts {
                if other.meets(&earlier, fate) {
                    events.extend(other.news(now_ms));
                    if other.is_over() {
                        over.push(*key);
                    }
                }
            }
        }
        for key in over {
            self.alerts.remove(&key);
        }
        self.count();
        for event in events {
            // Whoever does not listen any more ends the process.
            let _ = self.events.send(event).await;
        }
    }

    fn count(&self) {
        let unknown = self.alerts.values().map(Tracked::unknown).sum();
        self.stats.hold(self.alerts.len(), unknown);
    }
}

#[cfg(test)]
mod tests;
