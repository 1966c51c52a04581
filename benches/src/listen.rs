//! A receiver that joined the group: it checks what arrives and when.

use std::io::IoSliceMut;
use std::net::UdpSocket;
use std::os::fd::AsRawFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use bytes::Bytes;
use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt};
use pushcast_engine::clock::Clock;
use pushcast_engine::ota::socket::{self, Ingress};
use pushcast_flute::receiver::{Config, Event, Session};

use crate::ours::{Load, OurLane, Route};

/// How long a receiver waits for its object.
const PATIENCE: Duration = Duration::from_secs(60);
/// Rate of checks: what an ordinary receive buffer can take.
const CHECK_BPS: u64 = 200_000_000;

fn ingress(route: &Route) -> Ingress {
    Ingress {
        group: route.group.ip(),
        port: route.group.port(),
        source: None,
        interface: route.interface.clone(),
    }
}

fn joined(ingress: &Ingress) -> anyhow::Result<UdpSocket> {
    let socket = socket::receiver(ingress)?;
    socket.set_read_timeout(Some(Duration::from_millis(50)))?;
    Ok(socket)
}

/// Collects one object and compares it.
pub(crate) struct Collector {
    pub(crate) session: Session,
    octets: Vec<u8>,
    pub(crate) complete: bool,
}

impl Collector {
    pub(crate) fn new() -> Self {
        Self {
            session: Session::new(Config::default()),
            octets: Vec::new(),
            complete: false,
        }
    }

    /// Takes what the session has given out.
    pub(crate) fn take_events(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Started { description, .. } => {
                    self.octets
                        .resize(description.oti.transfer_length() as usize, 0);
                }
                Event::Data { offset, octets, .. } => {
                    let at = offset as usize;
                    self.octets[at..at + octets.len()].copy_from_slice(&octets);
                }
                Event::Completed { .. } => self.complete = true,
                _ => {}
            }
        }
    }

    /// Compares what arrived with what was sent.
    pub(crate) fn compare(&self, expected: &Bytes) -> anyhow::Result<()> {
        if !self.complete {
            bail!("the object did not arrive: {:?}", self.session.stats());
        }
        if self.octets != *expected {
            bail!("the object arrived with other octets");
        }
        Ok(())
    }
}

/// Sends an object slowly enough for a receiver and checks that it arrives octet for octet.
pub(crate) fn arrives(
    ours: &Route,
    theirs: Receiver,
    backend: Option<pushcast_engine::ota::Backend>,
    load: &Load,
) -> anyhow::Result<()> {
    let mut lane = OurLane::start(ours, backend, Some(CHECK_BPS))?;
    lane.begin(load)?;
    theirs.finish(&load.octets)
}

/// A receiver on its own thread.
pub(crate) struct Receiver(JoinHandle<anyhow::Result<Collector>>);

impl Receiver {
    /// Joins on this thread, so that the caller's network namespace counts.
    pub(crate) fn start(route: &Route) -> anyhow::Result<Self> {
        let socket = joined(&ingress(route))?;
        Ok(Self(std::thread::spawn(move || {
            let clock = Clock::system();
            let mut collector = Collector::new();
            let mut datagram = vec![0; 65_536];
            let deadline = Instant::now() + PATIENCE;
            while !collector.complete && Instant::now() < deadline {
                let Ok((len, source)) = socket.recv_from(&mut datagram) else {
                    continue;
                };
                let heard = &datagram[..len];
                collector
                    .session
                    .handle_datagram(clock.now(), source.ip(), heard);
                collector.take_events();
            }
            Ok(collector)
        })))
    }

    fn finish(self, expected: &Bytes) -> anyhow::Result<()> {
        let collector = self
            .0
            .join()
            .map_err(|_| anyhow!("the receiver panicked"))?;
        collector?.compare(expected)
    }
}

/// When a datagram arrived, by the kernel's clock, and how long it was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) at: Duration,
    pub(crate) bytes: usize,
}

/// Notes when datagrams arrive, and what `note` makes of them. The kernel stamps them, so a slow
/// reader changes nothing.
pub(crate) struct Watcher<T> {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<Vec<(Duration, T)>>>,
}

impl<T: Send + 'static> Watcher<T> {
    /// Joins on this thread, so that its network namespace counts.
    pub(crate) fn start(
        ingress: &Ingress,
        note: impl Fn(&[u8]) -> Option<T> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let socket = joined(ingress)?;
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        let stop = Arc::<AtomicBool>::default();
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut noted = Vec::new();
            let mut datagram = [0; 2048];
            while !stopped.load(Ordering::Relaxed) {
                let mut parts = [IoSliceMut::new(&mut datagram)];
                let mut control = nix::cmsg_space!(nix::sys::time::TimeSpec);
                let received = recvmsg::<SockaddrStorage>(
                    socket.as_raw_fd(),
                    &mut parts,
                    Some(&mut control),
                    MsgFlags::empty(),
                );
                let Ok(received) = received else { continue };
                let stamp = received.cmsgs()?.find_map(|message| match message {
                    ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
                    _ => None,
                });
                let Some(at) = stamp else {
                    bail!("the kernel does not stamp datagrams")
                };
                let bytes = received.bytes;
                noted.extend(note(&datagram[..bytes]).map(|what| (at, what)));
            }
            Ok(noted)
        });
        Ok(Self { stop, thread })
    }

    /// Everything that arrived so far.
    pub(crate) fn finish(self) -> anyhow::Result<Vec<(Duration, T)>> {
        self.stop.store(true, Ordering::Relaxed);
        let noted = self.thread.join();
        noted.map_err(|_| anyhow!("the watcher panicked"))?
    }
}

/// Notes when datagrams arrive and how long they are.
pub(crate) struct Stopwatch(Watcher<usize>);

impl Stopwatch {
    pub(crate) fn start(route: &Route) -> anyhow::Result<Self> {
        let watcher = Watcher::start(&ingress(route), |datagram| Some(datagram.len()));
        Ok(Self(watcher?))
    }

    /// Everything that arrived so far.
    pub(crate) fn finish(self) -> anyhow::Result<Vec<Arrival>> {
        let noted = self.0.finish()?.into_iter();
        Ok(noted.map(|(at, bytes)| Arrival { at, bytes }).collect())
    }
}
