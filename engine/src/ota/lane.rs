//! The lane thread and the handle that the rest of the engine holds.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError};
use pushcast_flute::ids::FdtInstanceId;
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

struct Setup {
    config: LaneConfig,
    clock: Clock,
    workers: Workers,
    events: mpsc::Sender<Event>,
    inbox: Receiver<Inbox>,
    own: Sender<Inbox>,
    stats: Arc<Mutex<Vec<ChannelStats>>>,
}

/// The lane on its thread.
struct Running {
    backend: Backend,
    transmitter: Box<dyn Transmitter>,
    channels: Vec<LaneChannel>,
    send_failures: Vec<u64>,
    pending: VecDeque<Event>,
    stats_due_ns: u64,
    setup: Setup,
}

impl Running {
    fn open(setup: Setup) -> Result<Self, LaneError> {
        let config = &setup.config;
        let (backend, mut transmitter) =
            transmitter::open(config.backend).map_err(|source| LaneError::Backend {
                lane: config.name.clone(),
                source,
            })?;
        let mut channels = Vec::new();
        for (index, channel) in config.channels.iter().enumerate() {
            let interface = &channel.egress.interface;
            let failed = |source| LaneError::Socket {
                channel: channel.name.clone(),
                interface: interface.name.clone(),
                source,
            };
            let socket = socket::sender(&channel.egress).map_err(failed)?;
            let socket = transmitter
                .add_socket(socket, channel.group)
                .map_err(failed)?;
            let reply = Delivered::new(setup.own.clone(), index);
            channels.push(LaneChannel::new(
                channel.name.clone(),
                socket,
                channel.session,
                reply,
            ));
        }
        let send_failures = vec![0; channels.len()];
        Ok(Self {
            backend,
            transmitter,
            channels,
            send_failures,
            pending: VecDeque::new(),
            stats_due_ns: 0,
            setup,
        })
    }

    fn run(mut self) {
        loop {
            while let Ok(message) = self.setup.inbox.try_recv() {
                if !self.handle(message) {
                    return;
                }
            }
            if self.turn() {
                continue;
            }
            self.transmitter.flush();
            self.failures();
            self.report();
            let message = match self.wake_ns() {
                Some(at_ns) => self
                    .setup
                    .inbox
                    .recv_deadline(self.setup.clock.instant(at_ns))
                    .ok(),
                None => self.setup.inbox.recv_timeout(MAX_SLEEP).ok(),
            };
            if message.is_some_and(|message| !self.handle(message)) {
                return;
            }
        }
    }

    /// A few bursts of every channel; false once none has anything to send now.
    fn turn(&mut self) -> bool {
        let mut sent = false;
        for _ in 0..BURSTS_PER_TURN {
            let now = self.setup.clock.now();
            let mut sent_now = false;
            for channel in &mut self.channels {
                sent_now |= channel.advance(now, &self.setup.workers, self.transmitter.as_mut());
                channel.events(now.unix_ms, &mut self.pending);
            }
            if !sent_now {
                break;
            }
            sent = true;
        }
        if sent {
            self.failures();
            self.report();
        }
        sent
    }

    fn wake_ns(&self) -> Option<u64> {
        let limit = self.setup.clock.mono_ns() + MAX_SLEEP.as_nanos() as u64;
        self.channels
            .iter()
            .filter_map(LaneChannel::next_ns)
            .min()
            .map(|at_ns| at_ns.min(limit))
    }

    /// False when the lane is to end.
    fn handle(&mut self, message: Inbox) -> bool {
        match message {
            Inbox::Command(command) => self.command(command),
            Inbox::Encoded { channel, encoded } => {
                if let Some(channel) = self.channels.get_mut(channel) {
                    channel.session_mut().handle_encoded(encoded);
                }
            }
            Inbox::Shutdown => return false,
        }
        true
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Add {
                channel,
                object,
                source,
                reply,
            } => {
                let now = self.setup.clock.now();
                let result = match self.channel(&channel) {
                    Some(channel) => channel.add(now, *object, source).map_err(Refusal::Add),
                    None => Err(Refusal::Channel(channel)),
                };
                // Whoever asked may have gone; the object is sent all the same.
                let _ = reply.send(result);
            }
            Command::GrantFdtIds {
                channel,
                first,
                count,
            } => {
                if let Some(channel) = self.channel(&channel) {
                    channel.session_mut().grant_fdt_ids(first, count);
                }
            }
            Command::Stop { channel, object } => {
                if let Some(channel) = self.channel(&channel) {
                    channel.session_mut().stop(object);
                }
            }
            Command::Withdraw {
                channel,
                object,
                reply,
            } => {
                let answer = self
                    .channel(&channel)
                    .and_then(|channel| channel.withdraw(object));
                let _ = reply.send(answer);
            }
        }
    }

    fn channel(&mut self, name: &ChannelName) -> Option<&mut LaneChannel> {
        self.channels
            .iter_mut()
            .find(|channel| channel.name == *name)
    }

    /// What could not be sent was not transmitted: its object is given up.
    fn failures(&mut self) {
        while let Some(failure) = self.transmitter.poll_failure() {
            let channel = &mut self.channels[failure.socket];
            self.send_failures[failure.socket] += 1;
            tracing::error!(channel.name = %channel.name, error = %failure.error, "channel {} cannot send", channel.name);
            if let Some(object) = failure.object {
                channel.session_mut().fail(object);
            }
        }
    }

    /// Hands events to the engine without ever waiting for it, and refreshes the statistics.
    fn report(&mut self) {
        let at_ms = self.setup.clock.unix_ms();
        for channel in &mut self.channels {
            channel.events(at_ms, &mut self.pending);
        }
        if self.pending.len() > MAX_EVENTS {
            self.pending.retain(|event| {
                !matches!(
                    event,
                    Event::PassDone {
                        passes_done: 2..,
                        ..
                    }
                )
            });
        }
        while let Some(event) = self.pending.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(event)) = self.setup.events.try_send(event) {
                self.pending.push_front(event);
                break;
            }
        }
        let now_ns = self.setup.clock.mono_ns();
        if now_ns >= self.stats_due_ns {
            self.stats_due_ns = now_ns + MAX_SLEEP.as_nanos() as u64;
            let stats = self
                .channels
                .iter()
                .zip(&self.send_failures)
                .map(|(channel, failures)| ChannelStats {
                    channel: channel.name.clone(),
                    session: channel.stats(),
                    objects: channel.objects(),
                    send_failures: *failures,
                });
            *self
                .setup
                .stats
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = stats.collect();
        }
    }
}
