//! Receiving objects until enough have come.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use pushcast_flute::Tsi;
use pushcast_flute::receiver::{self, Description, Event, ObjectId, Reception, Session};

use crate::clock::Clock;
use crate::ota::socket::{self, Ingress};

use super::files::{Folder, ReceivedFile};
use super::reader::Reader;

/// How often progress is reported and time-outs are looked at.
const TICK: Duration = Duration::from_millis(200);

/// What to listen to and when to stop.
#[derive(Debug, Clone)]
pub struct Receive {
    /// The group.
    pub listen: Listen,
    /// Output folder.
    pub out: PathBuf,
    /// Stop after so many distinct objects.
    pub count: Option<usize>,
    /// Stop when nothing new came for so long.
    pub timeout: Option<Duration>,
}

/// A session on a group.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Group, port, sender, interface.
    pub ingress: Ingress,
    /// Only this session.
    pub tsi: Option<Tsi>,
}

/// Receiving could not begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The output folder cannot be written.
    #[error("the output folder {path} cannot be written")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The group cannot be joined.
    #[error("cannot join {group} port {port} on interface {interface}")]
    Join {
        /// Group address.
        group: IpAddr,
        /// UDP port.
        port: u16,
        /// Interface name.
        interface: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Why receiving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As many objects as asked for.
    Complete,
    /// It was told to stop.
    Stopped,
    /// Nothing new came for too long.
    TimedOut,
}

/// What is under way, a few times a second.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Objects complete.
    pub complete: usize,
    /// Symbols received and needed of the objects under way.
    pub symbols: Reception,
    /// Octets received since the last report.
    pub bytes: u64,
    /// Time since the last report.
    pub elapsed: Duration,
}

/// Something to show.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A file was written.
    File(ReceivedFile, Vec<(String, String)>),
    /// A complete object was refused, with the reason.
    Refused {
        /// Its Content-Location.
        content_location: String,
        /// One sentence.
        reason: String,
    },
    /// How it goes.
    Progress(Progress),
}

/// An object under way.
struct UnderWay {
    description: Box<Description>,
    began: Instant,
    bytes: u64,
}

struct Receiving<'a> {
    config: &'a Receive,
    session: Session,
    folder: Folder,
    under_way: HashMap<ObjectId, UnderWay>,
    /// Content-Location and digest of what was written: an object counts once.
    distinct: HashSet<(String, String)>,
    bytes: u64,
    notify: &'a mut dyn FnMut(Notice),
}

impl Receive {
    /// Joins the group, writes what arrives, tells `notify`, leaves the group. Blocks; `stop`
    /// ends it early.
    pub fn run(
        &self,
        stop: &Arc<AtomicBool>,
        notify: &mut dyn FnMut(Notice),
    ) -> Result<Outcome, ReceiveError> {
        let folder = Folder::open(&self.out).map_err(|source| ReceiveError::Folder {
            path: self.out.clone(),
            source,
        })?;
        let ingress = &self.listen.ingress;
        let join = |source| ReceiveError::Join {
            group: ingress.group,
            port: ingress.port,
            interface: ingress.interface.name.clone(),
            source,
        };
        let socket = socket::receiver(ingress).map_err(join)?;
        let reader = Reader::start(&socket).map_err(join)?;
        let config = receiver::Config {
            source: ingress.source,
            tsi: self.listen.tsi,
            ..receiver::Config::default()
        };
        let mut receiving = Receiving {
            config: self,
            session: Session::new(config),
            folder,
            under_way: HashMap::new(),
            distinct: HashSet::new(),
            bytes: 0,
            notify,
        };
        let outcome = receiving.run(&reader, stop);
        if let Err(error) = socket::leave(&socket, ingress) {
            tracing::warn!(%error, "leaving the group failed; the kernel does it when the process ends");
        }
        Ok(outcome)
    }
}

impl Receiving<'_> {
    fn run(&mut self, reader: &Reader, stop: &AtomicBool) -> Outcome {
        let clock = Clock::system();
        let mut progressed = Instant::now();
        let mut ticked = Instant::now();
        let mut novelty = self.novelty();
        loop {
            if let Ok(batch) = reader.batches.recv_timeout(TICK) {
                let now = clock.now();
                for datagram in batch.datagrams() {
                    self.bytes += datagram.len() as u64;
                    self.session.handle_datagram(now, batch.source, datagram);
                }
            }
            self.session.handle_timeout(clock.now());
            self.events();
            if self
                .config
                .count
                .is_some_and(|count| self.distinct.len() >= count)
            {
                return Outcome::Complete;
            }
            if stop.load(Ordering::Relaxed) {
                return Outcome::Stopped;
            }
            if ticked.elapsed() < TICK {
                continue;
            }
            self.tick(ticked.elapsed());
            ticked = Instant::now();
            let new = self.novelty();
            if new != novelty {
                novelty = new;
                progressed = Instant::now();
            } else if self
                .config
                .timeout
                .is_some_and(|timeout| progressed.elapsed() >= timeout)
            {
                return Outcome::TimedOut;
            }
        }
    }

    /// Grows with everything that is not a repetition.
    fn novelty(&self) -> u64 {
        let stats = self.session.stats();
        stats.symbols + stats.fdt_instances
    }

    fn events(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Started {
                    object,
                    description,
                } => {
                    let began = Instant::now();
                    if let Err(error) = self.folder.begin(object) {
                        self.refuse(object, &description.file.content_location, &error, true);
                    }
                    self.under_way.insert(
                        object,
                        UnderWay {
                            description,
                            began,
                            bytes: 0,
                        },
                    );
                }
                Event::Data {
                    object,
                    offset,
                    octets,
                } => {
                    if let Err(error) = self.folder.write(object, offset, &octets) {
                        tracing::error!(%error, "a part file cannot be written");
                        self.folder.abandon(object);
                    }
                    if let Some(under_way) = self.under_way.get_mut(&object) {
                        under_way.bytes += octets.len() as u64;
                    }
                }
                Event::Completed { object, reception } => self.completed(object, reception),
                Event::Abandoned { object, .. } => {
                    self.folder.abandon(object);
                    self.under_way.remove(&object);
                }
                Event::NoMoreSymbols { .. } | Event::SessionClosed { .. } => {}
            }
        }
    }

    fn completed(&mut self, object: ObjectId, reception: Reception) {
        let Some(UnderWay {
            description, began, ..
        }) = self.under_way.remove(&object)
        else {
            return;
        };
        match self.folder.finish(object, &description) {
            Ok(received) => {
                let location = description.file.content_location.clone();
                let sha256 = received.sha256.to_hex();
                self.distinct.insert((location.clone(), sha256.clone()));
                let ingress = &self.config.listen.ingress;
                let file = ReceivedFile {
                    path: received.name,
                    bytes: received.bytes,
                    sha256,
                    content_location: location,
                    content_type: received.content_type,
                    group: std::net::SocketAddr::new(ingress.group, ingress.port).to_string(),
                    tsi: description.tsi.value(),
                    toi: description.toi.value(),
                    symbols_received: reception.symbols_received,
                    symbols_needed: reception.symbols_needed,
                    repaired_bytes: 0,
                    seconds: began.elapsed().as_secs_f64(),
                    push: received.push,
                };
                (self.notify)(Notice::File(file, received.headers));
            }
            Err(error) => self.refuse(
                object,
                &description.file.content_location,
                &error,
                error.is_content(),
            ),
        }
    }

    fn refuse(
        &mut self,
        object: ObjectId,
        location: &str,
        error: &dyn std::error::Error,
        again: bool,
    ) {
        if again {
            self.session.reject(object);
        }
        let reason = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        (self.notify)(Notice::Refused {
            content_location: location.to_owned(),
            reason,
        });
    }

    fn tick(&mut self, elapsed: Duration) {
        let mut symbols = Reception::default();
        for under_way in self.under_way.values() {
            let symbol_bytes = u64::from(under_way.description.oti.symbol_bytes());
            symbols.symbols_received += under_way.bytes.div_ceil(symbol_bytes);
            symbols.symbols_needed += under_way.description.oti.source_symbols();
        }
        let bytes = std::mem::take(&mut self.bytes);
        (self.notify)(Notice::Progress(Progress {
            complete: self.distinct.len(),
            symbols,
            bytes,
            elapsed,
        }));
    }
}
