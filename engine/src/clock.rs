//! The one place that asks for the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use pushcast_flute::Now;

/// Wall clock and monotonic clock. Clones share one origin, so their times compare.
#[derive(Debug, Clone)]
pub struct Clock {
    origin: Instant,
    /// Added to the wall clock: tests step it, nothing else does.
    step_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's clocks.
    pub fn system() -> Self {
        Self {
            origin: Instant::now(),
            step_ms: Arc::default(),
        }
    }

    /// Both clocks now.
    pub fn now(&self) -> Now {
        Now {
            mono_ns: self.mono_ns(),
            unix_ms: self.unix_ms(),
        }
    }

    /// Nanoseconds since the origin.
    pub fn mono_ns(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Milliseconds since 1970 in UTC.
    pub fn unix_ms(&self) -> u64 {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let unix_ms = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        unix_ms.saturating_add_signed(self.step_ms.load(Ordering::Relaxed))
    }

    /// When a point of the monotonic clock comes, for waiting.
    pub fn instant(&self, mono_ns: u64) -> Instant {
        self.origin + std::time::Duration::from_nanos(mono_ns)
    }

    /// Steps the wall clock of this and all clones.
    pub fn step(&self, by_ms: i64) {
        self.step_ms.fetch_add(by_ms, Ordering::Relaxed);
    }
}
