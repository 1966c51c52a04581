//! What is due when.

use std::collections::BTreeSet;

/// What to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// An object's end time.
    End(usize),
    /// An instance's next repetition.
    FdtRepeat(usize),
    /// The start of an object's next pass.
    Pass(usize),
}

/// A queue of timers by time. Whoever set one cancels it, so nothing stale ever fires and the
/// queue is as small as what lives.
#[derive(Debug, Default)]
pub(super) struct Timers {
    queue: BTreeSet<(u64, Timer)>,
}

impl Timers {
    pub(super) fn set(&mut self, at_ns: u64, timer: Timer) {
        self.queue.insert((at_ns, timer));
    }

    pub(super) fn cancel(&mut self, at_ns: u64, timer: Timer) {
        self.queue.remove(&(at_ns, timer));
    }

    /// The earliest time at which something is due.
    pub(super) fn next_ns(&self) -> Option<u64> {
        self.queue.first().map(|(at_ns, _)| *at_ns)
    }

    /// The next timer that is due.
    pub(super) fn pop_due(&mut self, now_ns: u64) -> Option<Timer> {
        if self.next_ns()? > now_ns {
            return None;
        }
        self.queue.pop_first().map(|(_, timer)| timer)
    }
}
