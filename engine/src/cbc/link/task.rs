//! The task of a link: begins steps, takes in what comes of them, and tells.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use pushcast_cbs::cbep::Adapter as _;
use pushcast_flute::sender::ObjectKey;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cbc::course::{Came, Step};
use crate::cbc::event::Event;
use crate::cbc::stats::LinkStats;
use crate::clock::Clock;
use crate::model::LinkName;

use super::step::Way;
use super::tracked::Tracked;
use super::{Alert, Command, Full, MAX_UNDER_WAY};

/// Longest wait without a look at the wall clock, which may be stepped.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// Between two looks whether somebody listens.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// A centre that could not be reached for so long is down, and alerts take other ways.
const DOWN_AFTER: Duration = Duration::from_secs(10);

/// What came of a step of which message.
pub(super) struct Done {
    alert: ObjectKey,
    index: usize,
    step: Step,
    came: Came,
}

pub(super) struct Task {
    pub(super) name: LinkName,
    pub(super) queue: usize,
    pub(super) way: Arc<Way>,
    pub(super) clock: Clock,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) stats: Arc<LinkStats>,
    pub(super) alerts: HashMap<ObjectKey, Tracked>,
    pub(super) next_number: u64,
    pub(super) steps: JoinSet<Done>,
    pub(super) is_paused: bool,
    /// Since when the centre could not be reached.
    pub(super) silent_since: Option<Instant>,
    /// What has happened and is not told yet.
    pub(super) news: Vec<Event>,
}

impl Task {
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut looks = tokio::time::interval(LOOK_INTERVAL);
        let mut look: JoinSet<bool> = JoinSet::new();
        loop {
            let until = self.dispatch();
            self.tell().await;
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.command(command).await,
                    None => return,
                },
                Some(done) = self.steps.join_next() => {
                    if let Ok(done) = done {
                        self.done(done);
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
                self.settle(key);
            }
            Command::Withdraw(key, reply) => {
                let now_ms = self.clock.unix_ms();
                let back = self
                    .alerts
                    .get_mut(&key)
                    .map(|tracked| tracked.back(now_ms));
                self.settle(key);
                self.tell().await;
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
            // After a start the newer one may come first, and be through already.
            tracked.yield_to(other);
        }
        self.alerts.insert(key, tracked);
        self.settle(key);
        self.count();
        Ok(())
    }

    /// Begins what can begin; returns how long nothing else will.
    fn dispatch(&mut self) -> Duration {
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
            self.settle(key);
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

    fn done(&mut self, done: Done) {
        let now_ms = self.clock.unix_ms();
        self.stats.came(&done.came, now_ms);
        match &done.came {
            Came::Answer(_) => self.reached(true),
            Came::NotSent => self.reached(false),
            Came::Shown(_) | Came::Unwritable(_) => {}
        }
        tracing::debug!(cbc.name = %self.name, step = ?done.step, came = ?done.came, "a step of CBC {} is over", self.name);
        if let Some(tracked) = self.alerts.get_mut(&done.alert) {
            tracked.came(done.index, done.step, done.came, now_ms);
        }
        self.settle(done.alert);
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

    /// Takes down what is new of an alert, and of those whose place it takes.
    fn settle(&mut self, key: ObjectKey) {
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
        self.news.extend(events);
    }

    /// Counts, which takes a look at every alert, and tells what is new.
    async fn tell(&mut self) {
        self.count();
        for event in self.news.drain(..) {
            // Whoever does not listen any more ends the process.
            let _ = self.events.send(event).await;
        }
    }

    fn count(&self) {
        let unknown = self.alerts.values().map(Tracked::unknown).sum();
        self.stats.hold(self.alerts.len(), unknown);
    }
}
