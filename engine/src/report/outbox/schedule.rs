//! When a notification that was not taken is posted again.

use std::time::Duration;

/// From the outcome on; then the notification is given up.
pub(super) const MAX_AGE: Duration = Duration::from_secs(24 * 3600);
/// After the first, second, .. attempt; the last one from then on.
const BACK_OFF: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(3600),
];
/// Jitter: at most a tenth, so that what failed together does not come back together.
const JITTER_DIVISOR: u64 = 10;

/// Milliseconds until the next attempt, or `None` if that would come too late.
///
/// `attempt` counts claims, and a claim may end without an attempt, where a host was busy. So the
/// wait never exceeds 10 s and five times the notification's age, which real attempts always
/// allow. `random` decides the jitter.
pub(super) fn next_attempt(attempt: u32, age_ms: u64, random: u32) -> Option<u64> {
    let last = BACK_OFF.len() - 1;
    let step = usize::try_from(attempt.saturating_sub(1)).map_or(last, |step| step.min(last));
    let allowed = millis(BACK_OFF[0]).saturating_add(age_ms.saturating_mul(5));
    let wait_ms = millis(BACK_OFF[step]).min(allowed);
    let wait_ms = wait_ms + jitter(wait_ms / JITTER_DIVISOR, random);
    (age_ms.saturating_add(wait_ms) <= millis(MAX_AGE)).then_some(wait_ms)
}

/// A share of `most`, chosen by `random`.
pub(super) fn jitter(most: u64, random: u32) -> u64 {
    (most.saturating_mul(u64::from(random))) >> 32
}

/// A duration as the store counts it.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    #[test]
    fn attempts_come_at_the_times_promised_and_end_after_a_day() {
        for random in [0, u32::MAX] {
            let mut age_ms = 0;
            let mut waits = Vec::new();
            for attempt in 1.. {
                let Some(wait_ms) = next_attempt(attempt, age_ms, random) else {
                    break;
                };
                waits.push(wait_ms);
                age_ms += wait_ms;
            }
            let promised = [10_000, 30_000, 120_000, 600_000, HOUR, HOUR];
            for (wait_ms, promised) in waits.iter().zip(promised) {
                assert!(
                    (promised..=promised + promised / 10).contains(wait_ms),
                    "{waits:?}"
                );
            }
            assert!((22 * HOUR..=24 * HOUR).contains(&age_ms), "{age_ms}");
        }
    }

    #[test]
    fn claims_without_an_attempt_do_not_lengthen_the_wait() {
        assert_eq!(next_attempt(100, 0, 0), Some(10_000));
        assert_eq!(next_attempt(100, 60_000, 0), Some(310_000));
        assert_eq!(next_attempt(100, HOUR, 0), Some(HOUR));
        assert_eq!(next_attempt(0, HOUR, 0), Some(10_000));
        assert_eq!(next_attempt(1, 25 * HOUR, 0), None);
        assert_eq!(next_attempt(u32::MAX, u64::MAX, u32::MAX), None);
    }
}
