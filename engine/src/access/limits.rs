//! How many requests of an initiator, over time and at a time.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::http::bucket::{Bucket, Pace};
use crate::metrics::QuotaRefusal;
use crate::model::initiator::Rate;
use crate::model::{Initiator, InitiatorName};

/// When to come back after too many at a time: the ones under way are short.
const CONCURRENT_WAIT: Duration = Duration::from_secs(1);

/// A request that comes too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooMany {
    /// As many as may be under way are.
    #[error("{most} requests of this initiator are under way, which is its limit")]
    Concurrent {
        /// How many.
        most: u32,
    },
    /// The bucket is empty.
    #[error("this initiator may send {per_second} requests a second")]
    Rate {
        /// In the long run.
        per_second: u32,
        /// Until the next one.
        wait: Duration,
    },
}

impl TooMany {
    /// When to come back, whole seconds.
    pub const fn retry_after_s(self) -> u64 {
        match self {
            Self::Concurrent { .. } => CONCURRENT_WAIT.as_secs(),
            Self::Rate { wait, .. } => wait.as_secs() + 1,
        }
    }
}

impl From<TooMany> for QuotaRefusal {
    fn from(error: TooMany) -> Self {
        match error {
            TooMany::Concurrent { .. } => Self::Concurrent,
            TooMany::Rate { .. } => Self::Rate,
        }
    }
}

/// What initiators are doing: as many entries at most as there are initiators.
#[derive(Debug, Default)]
pub(super) struct Limits {
    doing: Mutex<HashMap<InitiatorName, Doing>>,
}

#[derive(Debug, Default)]
struct Doing {
    bucket: Bucket,
    under_way: u32,
}

/// A request under way; ends when dropped.
#[derive(Debug)]
pub struct Entry<'a> {
    /// `None` where nothing is counted.
    counted: Option<(&'a Limits, InitiatorName)>,
}

impl Limits {
    pub(super) fn enter(&self, initiator: &Initiator, now_ns: u64) -> Result<Entry<'_>, TooMany> {
        if initiator.rate.is_none() && initiator.concurrent.is_none() {
            return Ok(Entry { counted: None });
        }
        let mut doing = self.doing();
        let doing = doing.entry(initiator.name.clone()).or_default();
        if let Some(most) = initiator.concurrent
            && doing.under_way >= most
        {
            return Err(TooMany::Concurrent { most });
        }
        if let Some(rate) = initiator.rate {
            let taken = doing.bucket.take(pace(rate), now_ns);
            taken.map_err(|wait| TooMany::Rate {
                per_second: rate.per_second,
                wait,
            })?;
        }
        doing.under_way += 1;
        Ok(Entry {
            counted: Some((self, initiator.name.clone())),
        })
    }

    fn doing(&self) -> MutexGuard<'_, HashMap<InitiatorName, Doing>> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        if let Some((limits, name)) = &self.counted
            && let Some(doing) = limits.doing().get_mut(name)
        {
            doing.under_way = doing.under_way.saturating_sub(1);
        }
    }
}

fn pace(rate: Rate) -> Pace {
    Pace::new(rate.burst, Duration::from_secs(1) / rate.per_second.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn initiator(name: &str) -> Initiator {
        Initiator::named(name.parse().unwrap())
    }

    #[test]
    fn a_rate_is_kept_for_each_initiator_alone() {
        let limits = Limits::default();
        let rate = Some(Rate {
            per_second: 2,
            burst: 3,
        });
        let [slow, other] = ["slow", "other"].map(|name| Initiator {
            rate,
            ..initiator(name)
        });
        for _ in 0..3 {
            assert!(limits.enter(&slow, 0).is_ok());
        }
        let refused = limits.enter(&slow, 0).unwrap_err();
        assert_eq!(refused.retry_after_s(), 1);
        assert!(matches!(refused, TooMany::Rate { per_second: 2, .. }));
        assert!(limits.enter(&other, 0).is_ok());
        assert!(limits.enter(&slow, 500_000_000).is_ok());
        assert!(limits.enter(&slow, 500_000_000).is_err());
    }

    #[test]
    fn so_many_at_a_time() {
        let limits = Limits::default();
        let narrow = Initiator {
            concurrent: Some(2),
            ..initiator("narrow")
        };
        let first = limits.enter(&narrow, 0).unwrap();
        let _second = limits.enter(&narrow, 0).unwrap();
        let refused = limits.enter(&narrow, 0).unwrap_err();
        assert_eq!(refused, TooMany::Concurrent { most: 2 });
        drop(first);
        assert!(limits.enter(&narrow, 0).is_ok());
    }

    #[test]
    fn without_limits_nothing_is_counted() {
        let limits = Limits::default();
        let free = initiator("free");
        let entries: Vec<_> = (0..1000).map(|_| limits.enter(&free, 0)).collect();
        assert!(entries.iter().all(Result::is_ok));
        assert!(limits.doing().is_empty());
    }
}
