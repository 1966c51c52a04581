//! Time as the protocol sees it: a monotonic clock for pacing, and NTP seconds on the wire.

use std::time::Duration;

/// The present, as told by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Nanoseconds of a clock that never steps, from an origin of the caller's choice.
    pub mono_ns: u64,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: u64,
}

impl Now {
    /// This moment moved forward on both clocks.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        Self {
            mono_ns: self.mono_ns.saturating_add(nanos),
            unix_ms: self.unix_ms.saturating_add(nanos / 1_000_000),
        }
    }
}

/// Seconds between 1900 (NTP) and 1970 (Unix).
const NTP_UNIX_SECONDS: u64 = 2_208_988_800;
/// Length of one NTP era, seconds.
const NTP_ERA_SECONDS: u64 = 1 << 32;

/// The 32-bit second counter of NTP as FDT attributes and EXT_TIME carry it. It wraps on
/// 2036-02-07T06:28:16Z; the era is chosen so that the time lies nearest to a reference
/// (RFC 6726 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NtpSeconds(pub u32);

impl NtpSeconds {
    /// The counter at a Unix time, rounded up to a whole second.
    pub fn from_unix_ms(unix_ms: u64) -> Self {
        let seconds = unix_ms.div_ceil(1000).wrapping_add(NTP_UNIX_SECONDS);
        Self((seconds % NTP_ERA_SECONDS) as u32)
    }

    /// Unix milliseconds in the era that lies nearest to `reference_unix_ms`; 0 if that falls
    /// before 1970.
    pub fn to_unix_ms(self, reference_unix_ms: u64) -> u64 {
        let reference = reference_unix_ms / 1000 + NTP_UNIX_SECONDS;
        let same_era = reference / NTP_ERA_SECONDS * NTP_ERA_SECONDS + u64::from(self.0);
        let nearest = [
            same_era.checked_sub(NTP_ERA_SECONDS),
            Some(same_era),
            same_era.checked_add(NTP_ERA_SECONDS),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|seconds| seconds.abs_diff(reference))
        .unwrap_or(same_era);
        nearest
            .saturating_sub(NTP_UNIX_SECONDS)
            .saturating_mul(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_date_converts_both_ways() {
        // 2026-09-01T12:00:00Z
        let unix_ms = 1_788_264_000_000;
        assert_eq!(NtpSeconds::from_unix_ms(unix_ms), NtpSeconds(3_997_252_800));
        assert_eq!(NtpSeconds(3_997_252_800).to_unix_ms(unix_ms), unix_ms);
    }

    #[test]
    fn the_era_end_is_crossed_in_both_directions() {
        // 2036-02-07T06:28:16Z is second 0 of era 1.
        let era_1_ms = (NTP_ERA_SECONDS - NTP_UNIX_SECONDS) * 1000;
        assert_eq!(NtpSeconds::from_unix_ms(era_1_ms), NtpSeconds(0));
        assert_eq!(
            NtpSeconds(10).to_unix_ms(era_1_ms - 5_000),
            era_1_ms + 10_000
        );
        assert_eq!(
            NtpSeconds(u32::MAX).to_unix_ms(era_1_ms + 5_000),
            era_1_ms - 1_000
        );
    }

    #[test]
    fn a_part_of_a_second_rounds_up() {
        assert_eq!(NtpSeconds::from_unix_ms(1), NtpSeconds::from_unix_ms(1000));
    }
}
