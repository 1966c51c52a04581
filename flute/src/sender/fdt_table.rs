//! The FDT Instances of a session: IDs to use, instances alive, and which are to be sent.

use std::collections::VecDeque;
use std::ops::Range;

use crate::ids::FdtInstanceId;
use crate::time::Now;

use super::instance::Instance;
use super::timers::{Timer, Timers};
use super::{Config, Transmit};

/// Ask for more IDs when so few are left.
const IDS_LOW: u32 = 8;
/// An instance sent so recently need not be sent again for the next object it describes, ns.
const FRESH_NS: u64 = 200_000_000;

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
    queue: VecDeque<usize>,
    ids: VecDeque<Range<u32>>,
    asked: bool,
}

impl FdtTable {
    pub(super) const fn new(config: &Config) -> Self {
        Self {
            repeat_ns: config.fdt_repeat_ms * 1_000_000,
            renew_below_ms: config.expiry_guard_ms / 2,
            instances: Vec::new(),
            queue: VecDeque::new(),
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

    /// Takes an instance and puts it in the queue.
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
        self.queue(slot);
        slot
    }

    pub(super) fn is_queue_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Puts an instance in the queue unless it is there.
    pub(super) fn queue(&mut self, slot: usize) {
        if let Some(instance) = self.instances[slot].as_mut()
            && !instance.queued
        {
            instance.queued = true;
            self.queue.push_back(slot);
        }
    }

    /// Puts an instance in the queue unless it was sent a moment ago.
    pub(super) fn queue_unless_fresh(&mut self, slot: usize, now: Now) {
        let last = self.instances[slot]
            .as_ref()
            .and_then(|instance| instance.last_sent_ns);
        if last.is_none_or(|last_ns| now.mono_ns.saturating_sub(last_ns) >= FRESH_NS) {
            self.queue(slot);
        }
    }

    /// How often an instance was sent.
    pub(super) fn sent(&self, slot: usize) -> u64 {
        self.instances[slot]
            .as_ref()
            .map_or(0, |instance| instance.sent)
    }

    /// Writes packets of the instance at the head of the queue.
    pub(super) fn write_burst(
        &mut self,
        now: Now,
        timers: &mut Timers,
        max_segments: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        let slot = *self.queue.front()?;
        let instance = self.instances[slot].as_mut()?;
        let (transmit, complete) = instance.write_burst(max_segments, buf);
        if !complete {
            return Some(transmit);
        }
        self.queue.pop_front();
        instance.sent += 1;
        instance.queued = false;
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
        Some(transmit)
    }

    /// A repetition is due.
    pub(super) fn repeat(&mut self, slot: usize, now: Now) -> Repetition {
        let Some(instance) = self.instances[slot].as_mut() else {
            return Repetition::Queued;
        };
        instance.repeat_at_ns = None;
        if instance.expires_unix_ms.saturating_sub(now.unix_ms) >= self.renew_below_ms {
            self.queue(slot);
            return Repetition::Queued;
        }
        self.instances[slot] = None;
        self.queue.retain(|queued| *queued != slot);
        Repetition::Renew
    }

    /// An object of the instance is no longer sent. What is in the queue still goes out.
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
        if !instance.queued {
            self.instances[slot] = None;
        }
    }
}
