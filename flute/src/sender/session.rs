//! Several objects multiplexed on one channel.

mod passes;

use std::collections::{HashMap, VecDeque};

use crate::ids::{FdtInstanceId, Toi};
use crate::time::Now;

use super::fdt_table::FdtTable;
use super::object::Sending;
use super::pacer::Pacer;
use super::timers::{Timer, Timers};
use super::{
    Config, EncodeJob, Encoded, EndReason, Event, MAX_OBJECTS, Object, ObjectKey, PacketKind,
    Priority, Transmit,
};

/// Objects of one class that are in a pass at the same time; the others wait for their turn.
const MAX_ACTIVE: usize = 8;
/// Described objects of one class that wait for a place beside them: the next instance is ready
/// before the last of its predecessor begins.
const MAX_AHEAD: usize = super::instance::MAX_FILES;
/// FDT transmissions during the life of every object, however short.
const MIN_FDT_PER_OBJECT: u64 = 3;

/// An object that cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// The key or the TOI belongs to an object that is still sent.
    #[error("TOI {0} or its object is already being sent")]
    Duplicate(Toi),
    /// TOI 0 belongs to the FDT.
    #[error("TOI 0 is reserved for the FDT")]
    FdtToi,
    /// [`MAX_OBJECTS`] are being sent.
    #[error("{MAX_OBJECTS} objects are being sent already")]
    Full,
}

/// The answer to a request to take an object back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// A packet of it has left; nothing was changed.
    AlreadySent,
    /// No packet of it has left and none will.
    Withdrawn,
}

/// What a session has written so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Packets with FDT, repair and source symbols, in that order.
    pub packets: [u64; 3],
    /// UDP payload octets, in the same order.
    pub bytes: [u64; 3],
    /// Time by which the channel fell behind its rate for good, ns.
    pub late_ns: u64,
}

impl Stats {
    /// Position of a kind in the arrays.
    pub const fn index(kind: PacketKind) -> usize {
        match kind {
            PacketKind::Fdt => 0,
            PacketKind::Repair => 1,
            PacketKind::Source => 2,
        }
    }
}

/// The objects of one priority class.
#[derive(Debug, Default)]
pub(super) struct Class {
    /// Described, and their next pass may start.
    pub(super) waiting: VecDeque<usize>,
    /// In a pass.
    active: Vec<usize>,
    /// Whose turn it is.
    turn: usize,
}

/// The sending half of a FLUTE session. See the [module documentation](super).
#[derive(Debug)]
pub struct Session {
    pub(super) config: Config,
    pub(super) objects: Vec<Option<Sending>>,
    free_objects: Vec<usize>,
    by_key: HashMap<ObjectKey, usize>,
    tois: HashMap<Toi, usize>,
    /// Objects that no instance has described yet.
    pub(super) undescribed: [VecDeque<usize>; Priority::COUNT],
    /// Objects whose instance expires before they end.
    pub(super) renewed: [VecDeque<usize>; Priority::COUNT],
    pub(super) classes: [Class; Priority::COUNT],
    pub(super) fdts: FdtTable,
    timers: Timers,
    pacer: Pacer,
    pub(super) events: VecDeque<Event>,
    closing: bool,
    stats: Stats,
}

impl Session {
    /// A session without objects or FDT Instance IDs.
    pub fn new(config: Config) -> Self {
        Self {
            pacer: Pacer::new(config.rate),
            fdts: FdtTable::new(&config),
            config,
            objects: Vec::new(),
            free_objects: Vec::new(),
            by_key: HashMap::new(),
            tois: HashMap::new(),
            undescribed: Default::default(),
            renewed: Default::default(),
            classes: Default::default(),
            timers: Timers::default(),
            events: VecDeque::new(),
            closing: false,
            stats: Stats::default(),
        }
    }

    /// Gives the session FDT Instance IDs that were reserved for it: `count` from `first`,
    /// wrapping at 2^20. Without IDs new objects wait.
    pub fn grant_fdt_ids(&mut self, first: FdtInstanceId, count: u32) {
        self.fdts.grant_ids(first, count);
    }

    /// Takes an object. It is sent as soon as an FDT Instance describes it.
    pub fn add_object(&mut self, now: Now, object: Object) -> Result<(), AddError> {
        if object.toi == Toi::FDT {
            return Err(AddError::FdtToi);
        }
        if self.by_key.contains_key(&object.key) || self.tois.contains_key(&object.toi) {
            return Err(AddError::Duplicate(object.toi));
        }
        if self.by_key.len() >= MAX_OBJECTS {
            return Err(AddError::Full);
        }
        let slot = self.free_objects.pop().unwrap_or_else(|| {
            self.objects.push(None);
            self.objects.len() - 1
        });
        self.by_key.insert(object.key, slot);
        self.tois.insert(object.toi, slot);
        self.undescribed[object.priority as usize].push_back(slot);
        let mut sending = Sending::new(object, self.config.tsi);
        self.arm_end(&mut sending, slot, now);
        self.objects[slot] = Some(sending);
        Ok(())
    }

    fn arm_end(&mut self, sending: &mut Sending, slot: usize, now: Now) {
        let left_ms = sending
            .object
            .carousel
            .until_unix_ms
            .saturating_sub(now.unix_ms);
        if let Some(at_ns) = left_ms
            .checked_mul(1_000_000)
            .and_then(|left| now.mono_ns.checked_add(left))
        {
            sending.end_at_ns = Some(at_ns);
            self.timers.set(at_ns, Timer::End(slot));
        }
    }

    /// Takes an object back, if no packet of it has left yet. `None` for objects not here.
    pub fn withdraw(&mut self, key: ObjectKey) -> Option<Withdrawal> {
        let slot = *self.by_key.get(&key)?;
        if self.objects[slot].as_ref()?.first_packet_sent {
            return Some(Withdrawal::AlreadySent);
        }
        self.forget(slot);
        Some(Withdrawal::Withdrawn)
    }

    /// Ends an object's carousel with its next packet, which carries B. False for objects not
    /// here. An object of which nothing was sent ends at once.
    pub fn stop(&mut self, key: ObjectKey) -> bool {
        let Some(&slot) = self.by_key.get(&key) else {
            return false;
        };
        let Some(sending) = self.objects[slot].as_mut() else {
            return false;
        };
        if !sending.first_packet_sent {
            self.end(slot, EndReason::Stopped);
            return true;
        }
        sending.stopping = true;
        if let Some(at_ns) = sending.pass_at_ns.take() {
            self.timers.cancel(at_ns, Timer::Pass(slot));
            let class = sending.object.priority as usize;
            self.classes[class].waiting.push_front(slot);
        }
        true
    }

    /// Gives an object up at once, because a burst of it could not be sent.
    pub fn fail(&mut self, key: ObjectKey) {
        if let Some(&slot) = self.by_key.get(&key) {
            self.end(slot, EndReason::Failed);
        }
    }

    /// Ends the session: every carousel stops, and what is still sent carries A.
    pub fn close(&mut self) {
        self.closing = true;
        let keys: Vec<ObjectKey> = self.by_key.keys().copied().collect();
        for key in keys {
            self.stop(key);
        }
    }

    /// Objects being sent.
    pub fn objects(&self) -> usize {
        self.by_key.len()
    }

    /// What was written so far.
    pub fn stats(&self) -> Stats {
        Stats {
            late_ns: self.pacer.late_ns(),
            ..self.stats
        }
    }

    /// Something that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Symbols to be read or encoded, the most urgent first.
    pub fn poll_encode(&mut self) -> Option<EncodeJob> {
        for priority in Priority::DESCENDING {
            for &slot in &self.classes[priority as usize].active {
                if let Some(job) = self.objects[slot].as_mut().and_then(Sending::next_job) {
                    return Some(job);
                }
            }
        }
        None
    }

    /// Symbols that were asked for. Those of objects that are gone are dropped.
    pub fn handle_encoded(&mut self, encoded: Encoded) {
        let Some(&slot) = self.by_key.get(&encoded.object) else {
            return;
        };
        let accepted = self.objects[slot]
            .as_mut()
            .is_none_or(|sending| sending.accept(encoded));
        if !accepted {
            self.end(slot, EndReason::Failed);
        }
    }

    /// When to call [`Session::poll_transmit`] again if nothing else happens, ns.
    pub fn poll_timeout(&self) -> Option<u64> {
        let sendable = !self.fdts.is_queue_empty()
            || (0..Priority::COUNT).any(|class| {
                (self.wants_description(class) && self.fdts.has_ids()) || self.is_ready(class)
            });
        let pacing = sendable.then(|| self.pacer.ready_ns());
        [pacing, self.timers.next_ns()].into_iter().flatten().min()
    }

    /// Objects of the class are to be described now, if there are IDs.
    pub(super) fn wants_description(&self, class: usize) -> bool {
        let has_room = self.classes[class].waiting.len() < MAX_AHEAD;
        !self.renewed[class].is_empty() || (has_room && !self.undescribed[class].is_empty())
    }

    fn is_ready(&self, class: usize) -> bool {
        let class = &self.classes[class];
        (class.active.len() < MAX_ACTIVE && !class.waiting.is_empty())
            || class
                .active
                .iter()
                .any(|slot| self.objects[*slot].as_ref().is_some_and(Sending::is_ready))
    }

    /// Brings passes, repetitions and end times up to the present. [`Session::poll_transmit`]
    /// does this too; call it to get [`Session::poll_encode`] going before anything is due.
    pub fn handle_timeout(&mut self, now: Now) {
        while let Some(timer) = self.timers.pop_due(now.mono_ns) {
            match timer {
                Timer::End(slot) => self.end_time(slot, now),
                Timer::FdtRepeat(instance) => self.repeat_instance(instance, now),
                Timer::Pass(slot) => {
                    if let Some(sending) = self.objects[slot].as_mut() {
                        sending.pass_at_ns = None;
                        self.classes[sending.object.priority as usize]
                            .waiting
                            .push_back(slot);
                    }
                }
            }
        }
        self.begin_passes(now);
        self.describe(now);
        self.begin_passes(now);
    }

    /// Writes the next burst, if one may leave now. `buf` is cleared first.
    pub fn poll_transmit(
        &mut self,
        now: Now,
        max_segments: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        self.handle_timeout(now);
        if !self.has_work() {
            self.pacer.idle();
            return None;
        }
        if now.mono_ns < self.pacer.ready_ns() {
            return None;
        }
        let transmit = self.next_burst(now, max_segments, buf)?;
        let overhead = transmit.segments * usize::from(self.config.overhead_bytes);
        self.pacer.spend(now.mono_ns, buf.len() + overhead);
        let index = Stats::index(transmit.kind);
        self.stats.packets[index] += transmit.segments as u64;
        self.stats.bytes[index] += buf.len() as u64;
        Some(transmit)
    }

    /// Something waits to be sent, though its symbols may not be there yet.
    fn has_work(&self) -> bool {
        !self.fdts.is_queue_empty()
            || self
                .classes
                .iter()
                .any(|class| !class.active.is_empty() || !class.waiting.is_empty())
    }

    fn end_time(&mut self, slot: usize, now: Now) {
        let Some(mut sending) = self.objects[slot].take() else {
            return;
        };
        sending.end_at_ns = None;
        // The wall clock may have been set back since the timer was.
        let is_over = sending.object.carousel.until_unix_ms <= now.unix_ms;
        if !is_over {
            self.arm_end(&mut sending, slot, now);
        }
        self.objects[slot] = Some(sending);
        if is_over {
            self.end(slot, EndReason::Expired);
        }
    }

    pub(super) fn end(&mut self, slot: usize, reason: EndReason) {
        if let Some(sending) = self.objects[slot].as_ref() {
            let object = sending.object.key;
            self.forget(slot);
            self.events.push_back(Event::Ended { object, reason });
        }
    }

    fn forget(&mut self, slot: usize) {
        let Some(sending) = self.objects[slot].take() else {
            return;
        };
        self.by_key.remove(&sending.object.key);
        self.tois.remove(&sending.object.toi);
        if let Some(at_ns) = sending.end_at_ns {
            self.timers.cancel(at_ns, Timer::End(slot));
        }
        if let Some(at_ns) = sending.pass_at_ns {
            self.timers.cancel(at_ns, Timer::Pass(slot));
        }
        let class = sending.object.priority as usize;
        if sending.in_pass() {
            self.classes[class].active.retain(|other| *other != slot);
        } else {
            self.classes[class].waiting.retain(|other| *other != slot);
        }
        if sending.instance.is_none() {
            self.undescribed[class].retain(|other| *other != slot);
            self.renewed[class].retain(|other| *other != slot);
        }
        self.free_objects.push(slot);
        if let Some(instance) = sending.instance {
            self.fdts.leave(instance, &mut self.timers);
        }
    }
}
