//! A bucket that holds so many tokens and fills steadily.
//!
//! The generic cell rate algorithm (ITU-T I.371): a bucket is one number, the time at which it
//! will be full. Times are monotonic nanoseconds and come from the caller. Crates for rates keep
//! the buckets too, without a bound on their number and without a way to give a token back; here
//! the callers keep them.

use std::time::Duration;

/// How a bucket fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    interval_ns: u64,
    /// Time from empty to full.
    depth_ns: u64,
}

impl Pace {
    /// `burst` tokens, at least one, and another every `interval`.
    pub(crate) const fn new(burst: u32, interval: Duration) -> Self {
        let interval_ns = interval.as_nanos() as u64;
        Self {
            interval_ns,
            depth_ns: interval_ns.saturating_mul(burst as u64),
        }
    }
}

/// What is left of some tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Bucket {
    full_ns: u64,
}

impl Bucket {
    /// Takes a token, or says how long until there is one.
    pub(crate) const fn take(&mut self, pace: Pace, now_ns: u64) -> Result<(), Duration> {
        let from_ns = if self.full_ns > now_ns {
            self.full_ns
        } else {
            now_ns
        };
        let full_ns = from_ns.saturating_add(pace.interval_ns);
        let most_ns = now_ns.saturating_add(pace.depth_ns);
        if full_ns > most_ns {
            return Err(Duration::from_nanos(full_ns - most_ns));
        }
        self.full_ns = full_ns;
        Ok(())
    }

    /// Puts a token back that was taken for nothing.
    pub(crate) const fn give_back(&mut self, pace: Pace) {
        self.full_ns = self.full_ns.saturating_sub(pace.interval_ns);
    }

    /// When it will be full.
    pub(crate) const fn full_ns(&self) -> u64 {
        self.full_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NS_PER_S: u64 = 1_000_000_000;

    #[test]
    fn a_burst_then_one_each_interval() {
        let pace = Pace::new(3, Duration::from_secs(60));
        let mut bucket = Bucket::default();
        let start = 1_000 * NS_PER_S;
        for _ in 0..3 {
            assert_eq!(bucket.take(pace, start), Ok(()));
        }
        assert_eq!(bucket.take(pace, start), Err(Duration::from_secs(60)));
        let later = start + 45 * NS_PER_S;
        assert_eq!(bucket.take(pace, later), Err(Duration::from_secs(15)));
        assert_eq!(bucket.take(pace, start + 60 * NS_PER_S), Ok(()));
        assert!(bucket.take(pace, start + 60 * NS_PER_S).is_err());
        let rested = start + 1000 * NS_PER_S;
        for _ in 0..3 {
            assert_eq!(bucket.take(pace, rested), Ok(()));
        }
        assert!(bucket.take(pace, rested).is_err());
    }

    #[test]
    fn what_is_given_back_is_there_again() {
        let pace = Pace::new(1, Duration::from_secs(60));
        let mut bucket = Bucket::default();
        for _ in 0..5 {
            assert_eq!(bucket.take(pace, 7), Ok(()));
            bucket.give_back(pace);
        }
        assert_eq!(bucket.take(pace, 7), Ok(()));
        assert!(bucket.take(pace, 7).is_err());
    }
}
