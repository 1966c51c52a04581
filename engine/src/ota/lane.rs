//! The lane thread and the handle that the rest of the engine holds.

mod running;
mod urgency;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError};
use pushcast_flute::ids::{FdtInstanceId, Toi};
use pushcast_flute::sender::{
    self, AddError, Encoded, EndReason, Object, ObjectKey, Stats, Withdrawal,
};
use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::model::{ChannelName, LaneName};

use super::channel::{Delivered, LaneChannel};
use super::socket::{self, Egress};
use super::transmitter::{self, Backend, ProbeError, Transmitter};
use super::workers::{Source, Workers};
use running::{Running, Setup};
use urgency::Urgency;

/// Commands and symbols waiting for the lane.
const INBOX_LEN: usize = 1024;
/// Bursts between two looks at the inbox.
const BURSTS_PER_TURN: usize = 8;
/// Longest sleep, so that statistics stay fresh.
const MAX_SLEEP: Duration = Duration::from_secs(1);
/// Events kept while their reader is slow; beyond it passes are no longer reported one by one.
const MAX_EVENTS: usize = 100_000;

/// What to do.
pub enum Command {
    /// Send an object.
    Add {
        /// On which channel.
        channel: ChannelName,
        /// What and how; its key must be unique within the lane.
        object: Box<Object>,
        /// Its octets.
        source: Arc<Source>,
        /// Whether it was taken.
        reply: oneshot::Sender<Result<(), Refusal>>,
    },
    /// Show the FDT Instance that describes an object.
    Describe {
        /// On which channel.
        channel: ChannelName,
        /// Which object.
        toi: Toi,
        /// Its ID and document; `None` if the object is not here or not described.
        reply: oneshot::Sender<Option<Described>>,
    },
    /// Use these FDT Instance IDs.
    GrantFdtIds {
        /// On which channel.
        channel: ChannelName,
        /// The first of them.
        first: FdtInstanceId,
        /// How many.
        count: u32,
    },
    /// End a carousel with its next packet.
    Stop {
        /// On which channel.
        channel: ChannelName,
        /// Which object.
        object: ObjectKey,
    },
    /// Take an object back if nothing of it was sent.
    Withdraw {
        /// On which channel.
        channel: ChannelName,
        /// Which object.
        object: ObjectKey,
        /// The answer; `None` if it is not here.
        reply: oneshot::Sender<Option<Withdrawal>>,
    },
}

/// An FDT Instance on the air: its ID, and the document octet for octet.
pub type Described = (FdtInstanceId, Vec<u8>);

/// An object that the lane did not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The session refused it.
    #[error(transparent)]
    Add(#[from] AddError),
    /// The lane has no such channel.
    #[error("the lane has no channel {0}")]
    Channel(ChannelName),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The first packet of an object left.
    FirstPacket {
        /// Which object.
        object: ObjectKey,
        /// When.
        at_ms: u64,
    },
    /// A complete pass left.
    PassDone {
        /// Which object.
        object: ObjectKey,
        /// Passes complete.
        passes_done: u32,
        /// When.
        at_ms: u64,
    },
    /// The lane has forgotten the object.
    Ended {
        /// Which object.
        object: ObjectKey,
        /// Why.
        reason: EndReason,
        /// When.
        at_ms: u64,
    },
    /// The channel needs FDT Instance IDs.
    FdtIdsLow {
        /// Which channel.
        channel: ChannelName,
    },
}

pub(super) enum Inbox {
    Command(Command),
    Encoded { channel: usize, encoded: Encoded },
    Shutdown,
}

/// A channel to be served.
#[derive(Debug, Clone)]
pub struct LaneChannelConfig {
    /// Its name.
    pub name: ChannelName,
    /// Where its packets go.
    pub group: SocketAddr,
    /// How they leave.
    pub egress: Egress,
    /// Its session.
    pub session: sender::Config,
}

/// What a lane is made of.
#[derive(Debug, Clone)]
pub struct LaneConfig {
    /// Its name in logs and metrics.
    pub name: LaneName,
    /// The back-end asked for; `None` takes the best that works.
    pub backend: Option<Backend>,
    /// Its channels.
    pub channels: Vec<LaneChannelConfig>,
}

/// A lane that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    /// The back-end asked for does not work here.
    #[error("lane {lane} cannot send")]
    Backend {
        /// Which lane.
        lane: LaneName,
        /// Why.
        #[source]
        source: ProbeError,
    },
    /// A symbol does not fit the packets of the interface.
    #[error(
        "channel {channel}: packets of {packet_bytes} octets do not fit the MTU of {mtu_bytes} of interface \
         {interface}; lower symbol_bytes"
    )]
    Mtu {
        /// Which channel.
        channel: ChannelName,
        /// IP packet with one symbol, octets.
        packet_bytes: usize,
        /// Largest IP packet, octets.
        mtu_bytes: u32,
        /// Its name.
        interface: String,
    },
    /// A channel's socket cannot be made.
    #[error("channel {channel} cannot open its socket on {interface}")]
    Socket {
        /// Which channel.
        channel: ChannelName,
        /// Its interface.
        interface: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The thread cannot be made.
    #[error("lane {lane} cannot start its thread")]
    Thread {
        /// Which lane.
        lane: LaneName,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// What a channel has sent, for metrics.
#[derive(Debug, Clone)]
pub struct ChannelStats {
    /// Which channel.
    pub channel: ChannelName,
    /// Packets, octets, lateness.
    pub session: Stats,
    /// Objects being sent.
    pub objects: usize,
    /// Bursts that the kernel refused.
    pub send_failures: u64,
}

/// A running lane. Dropping it ends the thread; what it was sending stays unfinished.
pub struct Lane {
    inbox: Sender<Inbox>,
    stats: Arc<Mutex<Vec<ChannelStats>>>,
    backend: Backend,
    thread: Option<JoinHandle<()>>,
}

impl Lane {
    /// Starts the thread, probes the back-end and opens the sockets.
    pub fn start(
        config: LaneConfig,
        clock: Clock,
        workers: Workers,
        events: mpsc::Sender<Event>,
    ) -> Result<Self, LaneError> {
        let (inbox, receiver) = crossbeam_channel::bounded(INBOX_LEN);
        let (started, result) = std::sync::mpsc::sync_channel(1);
        let stats = Arc::new(Mutex::new(Vec::new()));
        let lane = config.name.clone();
        let setup = Setup {
            config,
            clock,
            workers,
            events,
            inbox: receiver,
            own: inbox.clone(),
            stats: Arc::clone(&stats),
        };
        let builder = std::thread::Builder::new().name(format!("lane-{lane}"));
        // The back-end lives and dies on its thread: a ring cannot move between threads.
        let thread = builder
            .spawn(move || match Running::open(setup) {
                Ok(running) => {
                    let _ = started.send(Ok(running.backend));
                    running.run();
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            })
            .map_err(|source| LaneError::Thread {
                lane: lane.clone(),
                source,
            })?;
        let backend = result.recv().unwrap_or_else(|_| {
            let source = std::io::Error::other("the thread ended before it had started");
            Err(LaneError::Thread { lane, source })
        })?;
        Ok(Self {
            inbox,
            stats,
            backend,
            thread: Some(thread),
        })
    }

    /// Hands a command over, or gives it back while the inbox is full or the lane is gone.
    pub fn command(&self, command: Command) -> Result<(), Command> {
        match self.inbox.try_send(Inbox::Command(command)) {
            Err(
                TrySendError::Full(Inbox::Command(command))
                | TrySendError::Disconnected(Inbox::Command(command)),
            ) => Err(command),
            _ => Ok(()),
        }
    }

    /// The thread is alive.
    pub fn is_running(&self) -> bool {
        self.thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
    }

    /// The back-end in use.
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// What was sent, at most a second old.
    pub fn stats(&self) -> Vec<ChannelStats> {
        self.stats
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let _ = self.inbox.send(Inbox::Shutdown);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
