//! Real-time scheduling of a lane's thread, where the system grants it.
//!
//! A paced channel is late by as long as its lane waits for a core: at ordinary priority that is a
//! time slice of whatever encodes there. Under SCHED_FIFO the lane runs the moment it wakes. A
//! lane that never sleeps would then leave nothing to others, and the kernel would stop it for
//! 50 ms in every second; so it asks only while it has idle time.

use thread_priority::unix::set_thread_priority_and_policy;
use thread_priority::{
    NormalThreadSchedulePolicy, RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue,
    ThreadSchedulePolicy, thread_native_id,
};

/// Longest work without a wait before a lane goes back to ordinary scheduling, ns.
const MAX_BUSY_NS: u64 = 50_000_000;

/// Niceness 0 on the scale of 0 to 99 that covers all of them.
const ORDINARY: u8 = 47;

/// How this thread is scheduled.
#[derive(Debug)]
pub(super) struct Urgency {
    granted: bool,
    urgent: bool,
    busy_since_ns: Option<u64>,
}

impl Urgency {
    /// Asks for real-time scheduling. A lane with a channel that has no rate is never punctual and
    /// does not ask.
    pub(super) fn new(paced: bool) -> Self {
        let granted = paced && promote();
        Self {
            granted,
            urgent: granted,
            busy_since_ns: None,
        }
    }

    /// The system grants it.
    pub(super) const fn granted(&self) -> bool {
        self.granted
    }

    /// The thread goes on without a wait.
    pub(super) fn busy(&mut self, now_ns: u64) {
        let since_ns = *self.busy_since_ns.get_or_insert(now_ns);
        if self.urgent && now_ns.saturating_sub(since_ns) > MAX_BUSY_NS {
            demote();
            self.urgent = false;
        }
    }

    /// The thread is about to wait.
    pub(super) fn idle(&mut self) {
        self.busy_since_ns = None;
        if self.granted && !self.urgent {
            self.urgent = promote();
        }
    }
}

/// Gives this thread the lowest real-time priority: before all ordinary threads, behind whatever
/// the operator holds for more urgent. False if the system refuses.
fn promote() -> bool {
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, policy).is_ok()
}

/// Gives this thread back to ordinary scheduling.
fn demote() {
    let policy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other);
    let niceness = ThreadPriorityValue::try_from(ORDINARY).map(ThreadPriority::Crossplatform);
    let Ok(niceness) = niceness else { return };
    if let Err(error) = set_thread_priority_and_policy(thread_native_id(), niceness, policy) {
        tracing::debug!(%error, "a busy lane keeps its real-time priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_that_never_waits_goes_back_to_ordinary_scheduling() {
        std::thread::spawn(|| {
            let mut urgency = Urgency::new(true);
            let granted = urgency.granted();
            assert_eq!(is_real_time(), granted);
            urgency.busy(0);
            urgency.busy(MAX_BUSY_NS);
            assert_eq!(is_real_time(), granted);
            urgency.busy(MAX_BUSY_NS + 1);
            assert!(!is_real_time());
            assert_eq!(rustix::process::nice(0), Ok(0));
            urgency.idle();
            assert_eq!(is_real_time(), granted);
            urgency.busy(2 * MAX_BUSY_NS);
            assert_eq!(is_real_time(), granted);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_lane_without_a_rate_does_not_ask() {
        std::thread::spawn(|| {
            let mut urgency = Urgency::new(false);
            assert!(!urgency.granted() && !is_real_time());
            urgency.idle();
            assert!(!is_real_time());
        })
        .join()
        .unwrap();
    }

    fn is_real_time() -> bool {
        let policy = thread_priority::thread_schedule_policy().unwrap();
        matches!(policy, ThreadSchedulePolicy::Realtime(_))
    }
}
