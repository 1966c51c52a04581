//! What a link counts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pushcast_cbs::cbep::Outcome;

use super::course::Came;

/// Names of outcomes, as labels.
pub const OUTCOMES: [&str; 6] = [
    "accepted",
    "already_there",
    "not_found",
    "not_sent",
    "refused",
    "unknown",
];

/// Counters and state of one link.
#[derive(Debug)]
pub struct LinkStats {
    requests: [AtomicU64; OUTCOMES.len()],
    unknown: AtomicU64,
    alerts: AtomicU64,
    is_up: AtomicBool,
    is_paused: AtomicBool,
    /// 0 before the first answer.
    answered_ms: AtomicU64,
}

impl Default for LinkStats {
    /// Up until it shows that it is not.
    fn default() -> Self {
        Self {
            requests: Default::default(),
            unknown: AtomicU64::default(),
            alerts: AtomicU64::default(),
            is_up: AtomicBool::new(true),
            is_paused: AtomicBool::default(),
            answered_ms: AtomicU64::default(),
        }
    }
}

impl LinkStats {
    /// Requests by outcome, in the order of [`OUTCOMES`].
    pub fn requests(&self) -> [u64; OUTCOMES.len()] {
        std::array::from_fn(|index| {
            let count = self.requests.get(index);
            count.map_or(0, |count| count.load(Ordering::Relaxed))
        })
    }

    /// Messages of which nobody knows whether they are on the air.
    pub fn unknown(&self) -> u64 {
        self.unknown.load(Ordering::Relaxed)
    }

    /// Alerts that it holds.
    pub fn alerts(&self) -> u64 {
        self.alerts.load(Ordering::Relaxed)
    }

    /// The centre answers, or has not been silent for long.
    pub fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    /// When the centre answered last, Unix ms.
    pub fn answered_ms(&self) -> Option<u64> {
        Some(self.answered_ms.load(Ordering::Relaxed)).filter(|at_ms| *at_ms > 0)
    }

    /// A person holds it back.
    pub fn is_paused(&self) -> bool {
        self.is_paused.load(Ordering::Relaxed)
    }

    pub(super) fn came(&self, came: &Came, now_ms: u64) {
        // What nobody answered is unknown; all else came from the centre.
        if let Came::Answer(outcome) = came
            && !matches!(outcome, Outcome::Unknown { .. })
        {
            self.answered_ms.store(now_ms, Ordering::Relaxed);
        }
        let index = match came {
            Came::Answer(outcome) => match outcome {
                Outcome::Accepted { .. } => 0,
                Outcome::AlreadyThere => 1,
                Outcome::NotFound => 2,
                Outcome::Refused { .. } => 4,
                Outcome::Unknown { .. } => 5,
            },
            Came::NotSent => 3,
            Came::Shown(_) | Came::Unwritable(_) => return,
        };
        if let Some(count) = self.requests.get(index) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn hold(&self, alerts: usize, unknown: usize) {
        self.alerts.store(alerts as u64, Ordering::Relaxed);
        self.unknown.store(unknown as u64, Ordering::Relaxed);
    }

    /// Returns what was before.
    pub(super) fn up(&self, is_up: bool) -> bool {
        self.is_up.swap(is_up, Ordering::Relaxed)
    }

    pub(super) fn pause(&self, is_paused: bool) {
        self.is_paused.store(is_paused, Ordering::Relaxed);
    }
}
