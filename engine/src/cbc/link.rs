//! One link: a task that keeps the alerts of one centre, asks, asks again, and tells what came of
//! it.
//!
//! Requests are made beside each other, up to [`MAX_UNDER_WAY`]: one that hangs keeps no other from
//! leaving. Of what waits the most urgent goes first, then what came first.

mod step;
mod task;
mod tracked;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use pushcast_cbs::cbep::{Broadcast, Reference, Stamp};
use pushcast_flute::sender::ObjectKey;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::model::{CbsState, LinkName, Priority};

use super::centre::Centre;
use super::event::Event;
use super::spec::{LinkSpec, LinkSpecError, Speaks};
use super::stats::LinkStats;
use super::transport::Transport;
use step::Way;
use task::Task;

/// Requests of one link at a time. A centre that never answers holds each for its time-out, and the
/// others are not to wait for it.
pub const MAX_UNDER_WAY: usize = 256;
/// Commands waiting for the task.
const INBOX_LEN: usize = 256;

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
            news: Vec::new(),
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

#[cfg(test)]
mod tests;
