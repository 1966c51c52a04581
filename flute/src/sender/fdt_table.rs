//! The FDT Instances of a session: IDs to use, instances alive, and which are to be sent.
//!
//! An instance is *needed* when an object cannot start or end before it has left; those go out
//! with the class of their objects. A *repetition* only helps receivers that join late. It takes
//! at most a quarter of the octets while objects are ready, so that a channel with more objects
//! than airtime is late with its repetitions and not silent about its objects.

use std::collections::VecDeque;
use std::ops::Range;

use crate::ids::FdtInstanceId;
use crate::time::Now;

use super::instance::{Burst, Instance};
use super::timers::{Timer, Timers};
use super::{Config, Priority, Transmit};

/// Ask for more IDs when so few are left.
const IDS_LOW: u32 = 8;
/// An instance sent so recently need not be sent again for the next object it describes, ns.
const FRESH_NS: u64 = 200_000_000;

/// Octets of everything else that pay for one octet of repetitions.
const REPETITION_PRICE: u64 = 3;

/// Where an instance stands to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queued {
    /// Among those that objects wait for.
    Needed,
    /// Nowhere.
    No,
    /// Among the repetitions.
    Repetition,
}

/// What a repetition that is due comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repetition {
    /// The instance stands in the queue again.
    Queued,
    /// It is about to expire: its objects must be described anew.
    Renew,
}

/// Instances by slot.
#[derive(Debug)]
pub(super) struct FdtTable {
    repeat_ns: u64,
    /// An instance with less time left is renewed instead of repeated, ms.
    renew_below_ms: u64,
    instances: Vec<Option<Instance>>,
    needed: [VecDeque<usize>; Priority::COUNT],
    repetitions: VecDeque<usize>,
    /// Octets of objects and their needed instances to be sent before the next repetition.
    owed_bytes: u64,
    ids: VecDeque<Range<u32>>,
    asked: bool,
}

impl FdtTable {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            repeat_ns: config.fdt_repeat_ms * 1_000_000,
            renew_below_ms: config.expiry_guard_ms / 2,
            instances: Vec::new(),
            needed: Default::default(),
            repetitions: VecDeque::new(),
            owed_bytes: 0,
            ids: VecDeque::new(),
            asked: false,
        }
    }

    pub(super) fn grant_ids(&mut self, first: FdtInstanceId, count: u32) {
        let first = first.value();
        self.ids
            .push_back(first..first + count.min(FdtInstanceId::COUNT));
        self.asked = false;
    }

    pub(super) fn has_ids(&self) -> bool {
        !self.ids.is_empty()
    }

    /// The next ID, if one is left, and once the number that remain when they run out.
    pub(super) fn next_id(&mut self) -> (Option<FdtInstanceId>, Option<u32>) {
        let id = self
            .ids
            .front_mut()
            .and_then(Range::next)
            .map(FdtInstanceId::from_low_bits);
        self.ids.retain(|range| !range.is_empty());
        let left = self.ids.iter().map(|range| range.end - range.start).sum();
        let low = (left <= IDS_LOW && !self.asked).then_some(left);
        self.asked |= low.is_some();
        (id, low)
    }

    /// Takes an instance that its objects wait for.
    pub(super) fn insert(&mut self, instance: Instance) -> usize {
        let slot = self
            .instances
            .iter()
            .position(Option::is_none)
            .unwrap_or_else(|| {
                self.instances.push(None);
                self.instances.len() - 1
            });
        self.instances[slot] = Some(instance);
        self.need(slot);
        slot
    }

    /// ID and document of an instance.
    pub(super) fn document(&self, slot: usize) -> Option<(FdtInstanceId, &[u8])> {
        let instance = self.instances.get(slot)?.as_ref()?;
        Some(instance.document())
    }

    /// Nothing is to be sent.
    pub(super) fn is_queue_empty(&self) -> bool {
        self.repetitions.is_empty() && self.needed.iter().all(VecDeque::is_empty)
    }

    /// Something waits for an instance of the class.
    pub(super) fn is_needed(&self, class: usize) -> bool {
        !self.needed[class].is_empty()
    }

    /// An object waits for the instance.
    pub(super) fn need(&mut self, slot: usize) {
        let Some(instance) = self.instances[slot].as_mut() else {
            return;
        };
        match std::mem::replace(&mut instance.queued, Queued::Needed) {
            Queued::Needed => return,
            Queued::No => {}
            Queued::Repetition => self.repetitions.retain(|queued| *queued != slot),
        }
        self.needed[instance.class].push_back(slot);
    }

    /// An object waits for the instance, unless it was sent a moment ago.
    pub(super) fn need_unless_fresh(&mut self, slot: usize, now: Now) {
        let last = self.instances[slot]
            .as_ref()
            .and_then(|instance| instance.last_sent_ns);
        if last.is_none_or(|last_ns| now.mono_ns.saturating_sub(last_ns) >= FRESH_NS) {
            self.need(slot);
        }
    }

    /// So many octets of objects, or of instances that they need, have been sent.
    pub(super) const fn paid(&mut self, bytes: usize) {
        self.owed_bytes = self.owed_bytes.saturating_sub(bytes as u64);
    }

    /// Whether enough has been sent for the next repetition.
    pub(super) const fn may_repeat(&self) -> bool {
        self.owed_bytes == 0
    }

    /// How often an instance was sent.
    pub(super) fn sent(&self, slot: usize) -> u64 {
        self.instances[slot]
            .as_ref()
            .map_or(0, |instance| instance.sent)
    }

    /// Writes packets of the first instance that objects of the class wait for.
    pub(super) fn write_needed(
        &mut self,
        class: usize,
        now: Now,
        timers: &mut Timers,
        burst: Burst<'_>,
    ) -> Option<Transmit> {
        let slot = *self.needed[class].front()?;
        let (transmit, complete) = self.instances[slot].as_mut()?.write_burst(burst);
        if complete {
            self.needed[class].pop_front();
            self.sent_once(slot, now, timers);
        }
        Some(transmit)
    }

    /// Writes packets of the first repetition.
    pub(super) fn write_repetition(
        &mut self,
        now: Now,
        timers: &mut Timers,
        burst: Burst<'_>,
    ) -> Option<Transmit> {
        let slot = *self.repetitions.front()?;
        let (transmit, complete) = self.instances[slot].as_mut()?.write_burst(burst);
        let bytes = (transmit.segments * transmit.segment_bytes) as u64;
        self.owed_bytes = self.owed_bytes.max(bytes * REPETITION_PRICE);
        if complete {
            self.repetitions.pop_front();
            self.sent_once(slot, now, timers);
        }
        Some(transmit)
    }

    fn sent_once(&mut self, slot: usize, now: Now, timers: &mut Timers) {
        let Some(instance) = self.instances[slot].as_mut() else {
            return;
        };
        instance.sent += 1;
        instance.queued = Queued::No;
        instance.last_sent_ns = Some(now.mono_ns);
        if let Some(at_ns) = instance.repeat_at_ns.take() {
            timers.cancel(at_ns, Timer::FdtRepeat(slot));
        }
        if instance.members == 0 {
            self.instances[slot] = None;
        } else {
            let at_ns = now.mono_ns + self.repeat_ns;
            instance.repeat_at_ns = Some(at_ns);
            timers.set(at_ns, Timer::FdtRepeat(slot));
        }
    }

    /// A repetition is due.
    pub(super) fn repeat(&mut self, slot: usize, now: Now) -> Repetition {
        let Some(instance) = self.instances[slot].as_mut() else {
            return Repetition::Queued;
        };
        instance.repeat_at_ns = None;
        if instance.expires_unix_ms.saturating_sub(now.unix_ms) >= self.renew_below_ms {
            if instance.queued == Queued::No {
                instance.queued = Queued::Repetition;
                self.repetitions.push_back(slot);
            }
            return Repetition::Queued;
        }
        let class = instance.class;
        self.instances[slot] = None;
        self.repetitions.retain(|queued| *queued != slot);
        self.needed[class].retain(|queued| *queued != slot);
        Repetition::Renew
    }

    /// An object of the instance is no longer sent.
    pub(super) fn leave(&mut self, slot: usize, timers: &mut Timers) {
        let Some(instance) = self.instances[slot].as_mut() else {
            return;
        };
        instance.members = instance.members.saturating_sub(1);
        if instance.members > 0 {
            return;
        }
        if let Some(at_ns) = instance.repeat_at_ns.take() {
            timers.cancel(at_ns, Timer::FdtRepeat(slot));
        }
        match instance.queued {
            Queued::Needed => {}
            Queued::No => self.instances[slot] = None,
            // Nobody is left whom it would help.
            Queued::Repetition => {
                self.repetitions.retain(|queued| *queued != slot);
                self.instances[slot] = None;
            }
        }
    }
}
