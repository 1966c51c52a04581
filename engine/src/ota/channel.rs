//! One channel on its lane: a FLUTE session, the socket it uses and the objects it sends.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crossbeam_channel::Sender;
use pushcast_flute::Now;
use pushcast_flute::sender::{
    self, EncodeJob, Encoded, Object, ObjectKey, Session, Withdrawal, Work,
};

use crate::model::ChannelName;

use super::lane::{Event, Inbox};
use super::transmitter::{Burst, Transmitter};
use super::workers::{Order, Source, Workers};

/// Where a worker puts its answer.
#[derive(Clone)]
pub(super) struct Delivered {
    inbox: Sender<Inbox>,
    channel: usize,
}

impl Delivered {
    pub(super) const fn new(inbox: Sender<Inbox>, channel: usize) -> Self {
        Self { inbox, channel }
    }

    /// Hands the symbols to the lane; waits while its inbox is full.
    pub(super) fn send(&self, encoded: Encoded) {
        // A lane that is gone needs no symbols.
        let _ = self.inbox.send(Inbox::Encoded {
            channel: self.channel,
            encoded,
        });
    }
}

/// One channel on its lane.
pub(super) struct LaneChannel {
    pub(super) name: ChannelName,
    socket: usize,
    session: Session,
    sources: HashMap<ObjectKey, Arc<Source>>,
    /// Orders that the workers had no room for.
    held: VecDeque<Order>,
    reply: Delivered,
}

impl LaneChannel {
    pub(super) fn new(
        name: ChannelName,
        socket: usize,
        config: sender::Config,
        reply: Delivered,
    ) -> Self {
        let session = Session::new(config);
        Self {
            name,
            socket,
            session,
            sources: HashMap::new(),
            held: VecDeque::new(),
            reply,
        }
    }

    pub(super) fn add(
        &mut self,
        now: Now,
        object: Object,
        source: Arc<Source>,
    ) -> Result<(), sender::AddError> {
        let key = object.key;
        self.session.add_object(now, object)?;
        self.sources.insert(key, source);
        Ok(())
    }

    pub(super) const fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    pub(super) fn stats(&self) -> sender::Stats {
        self.session.stats()
    }

    pub(super) fn objects(&self) -> usize {
        self.session.objects()
    }

    pub(super) fn withdraw(&mut self, key: ObjectKey, workers: &Workers) -> Option<Withdrawal> {
        let answer = self.session.withdraw(key);
        if answer == Some(Withdrawal::Withdrawn)
            && let Some(source) = self.sources.remove(&key)
        {
            workers.forget(&source);
        }
        answer
    }

    /// Brings the session up to the present, orders symbols and sends one burst if one is due.
    /// Returns whose it is.
    pub(super) fn advance(
        &mut self,
        now: Now,
        workers: &Workers,
        transmitter: &mut dyn Transmitter,
    ) -> Option<Option<ObjectKey>> {
        self.session.handle_timeout(now);
        self.order(workers);
        let mut octets = transmitter.buffer();
        let burst = self
            .session
            .poll_transmit(now, transmitter.max_segments(), &mut octets);
        match burst {
            Some(burst) => {
                let (segment_bytes, object) = (burst.segment_bytes, burst.object);
                transmitter.send(Burst {
                    socket: self.socket,
                    octets,
                    segment_bytes,
                    object,
                });
                Some(object)
            }
            None => {
                transmitter.give_back(octets);
                None
            }
        }
    }

    /// Orders what the session will need.
    fn order(&mut self, workers: &Workers) {
        while let Some(order) = self.held.pop_front() {
            if let Err(order) = workers.submit(order) {
                self.held.push_front(*order);
                return;
            }
        }
        while let Some(job) = self.session.poll_encode() {
            let Some(source) = self.sources.get(&job.object) else {
                continue;
            };
            if let Work::Read(range) = &job.work
                && let Some(symbols) = source.in_memory(range)
            {
                let EncodeJob {
                    object,
                    sbn,
                    first,
                    count,
                    ..
                } = job;
                self.session.handle_encoded(Encoded {
                    object,
                    sbn,
                    first,
                    count,
                    symbols: Some(symbols),
                });
                continue;
            }
            let order = Order::new(job, Arc::clone(source), self.reply.clone());
            if let Err(order) = workers.submit(order) {
                self.held.push_back(*order);
                return;
            }
        }
    }

    /// Collects what happened, and lets go of what has ended.
    pub(super) fn events(&mut self, at_ms: u64, workers: &Workers, events: &mut VecDeque<Event>) {
        while let Some(event) = self.session.poll_event() {
            let channel = self.name.clone();
            events.push_back(match event {
                sender::Event::FirstPacket { object } => Event::FirstPacket { object, at_ms },
                sender::Event::PassDone {
                    object,
                    passes_done,
                } => Event::PassDone {
                    object,
                    passes_done,
                    at_ms,
                },
                sender::Event::Ended { object, reason } => {
                    if let Some(source) = self.sources.remove(&object) {
                        workers.forget(&source);
                    }
                    Event::Ended {
                        object,
                        reason,
                        at_ms,
                    }
                }
                sender::Event::FdtIdsLow { .. } => Event::FdtIdsLow { channel },
            });
        }
    }

    /// When something is due, ns.
    pub(super) fn next_ns(&self) -> Option<u64> {
        self.session.poll_timeout()
    }
}
