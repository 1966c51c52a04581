//! The door: filters datagrams and hands them to the flow they belong to.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use crate::alc::Packet;
use crate::ids::Tsi;
use crate::time::Now;

use super::flow::{Context, Flow};
use super::{Config, Event, Missing, ObjectId, Stats};

/// Expiry is looked at so often, ns.
const TICK_NS: u64 = 1_000_000_000;

/// The receiving half of one or more FLUTE sessions. See the [module documentation](super).
#[derive(Debug)]
pub struct Session {
    config: Config,
    flows: HashMap<(IpAddr, Tsi), Flow>,
    events: VecDeque<Event>,
    stats: Stats,
    next_object: u64,
    next_tick_ns: Option<u64>,
}

impl Session {
    /// A receiver that has heard nothing yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            flows: HashMap::new(),
            events: VecDeque::new(),
            stats: Stats::default(),
            next_object: 0,
            next_tick_ns: None,
        }
    }

    /// Takes a datagram from a sender. Several may be handed in before events are drained.
    pub fn handle_datagram(&mut self, now: Now, source: IpAddr, datagram: &[u8]) {
        self.stats.datagrams += 1;
        if self.config.source.is_some_and(|wanted| wanted != source) {
            self.stats.foreign_source += 1;
            return;
        }
        let Ok(packet) = Packet::decode(datagram, self.config.version) else {
            self.stats.malformed += 1;
            return;
        };
        let tsi = packet.tsi();
        if self.config.tsi.is_some_and(|wanted| wanted != tsi) {
            self.stats.foreign_tsi += 1;
            return;
        }
        self.next_tick_ns.get_or_insert(now.mono_ns + TICK_NS);
        if !self.flows.contains_key(&(source, tsi)) && !self.admit_flow(now) {
            self.stats.too_many_flows += 1;
            return;
        }
        let flow = self
            .flows
            .entry((source, tsi))
            .or_insert_with(|| Flow::new(source, tsi));
        let mut context = Context {
            now,
            config: &self.config,
            stats: &mut self.stats,
            events: &mut self.events,
            next_object: &mut self.next_object,
        };
        flow.packet(&mut context, &packet, datagram);
    }

    /// Makes room for another flow by dropping one that has been quiet for long.
    fn admit_flow(&mut self, now: Now) -> bool {
        if self.flows.len() < self.config.limits.flows {
            return true;
        }
        let idle_ms = self.config.limits.idle_ms;
        self.flows
            .retain(|_, flow| flow.last_unix_ms.saturating_add(idle_ms) > now.unix_ms);
        self.flows.len() < self.config.limits.flows
    }

    /// Something that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`Session::handle_timeout`], ns.
    pub const fn poll_timeout(&self) -> Option<u64> {
        self.next_tick_ns
    }

    /// Gives up objects that expired or went quiet.
    pub fn handle_timeout(&mut self, now: Now) {
        if self
            .next_tick_ns
            .is_none_or(|tick_ns| tick_ns > now.mono_ns)
        {
            return;
        }
        self.next_tick_ns = Some(now.mono_ns + TICK_NS);
        let mut context = Context {
            now,
            config: &self.config,
            stats: &mut self.stats,
            events: &mut self.events,
            next_object: &mut self.next_object,
        };
        for flow in self.flows.values_mut() {
            flow.handle_timeout(&mut context);
        }
    }

    /// What an object still needs; `None` unless it is being collected.
    pub fn missing(&self, object: ObjectId) -> Option<Vec<Missing>> {
        self.flows.values().find_map(|flow| flow.missing(object))
    }

    /// Tells that a completed object proved wrong, by its digest for example: it is collected
    /// again, under a new [`ObjectId`]. False for objects that are not known.
    pub fn reject(&mut self, object: ObjectId) -> bool {
        self.flows.values_mut().any(|flow| flow.reject(object))
    }

    /// Packets by what became of them.
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }
}
