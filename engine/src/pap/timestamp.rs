//! Timestamps of PAP: `YYYY-MM-DDThh:mm:ssZ`, always UTC, no fractions, no leap second (PAP 8).

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::DateTimePrinter;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// The last one that four digits of a year can say.
const LAST: DateTime = DateTime::constant(9999, 12, 31, 23, 59, 59, 0);

/// Reads exactly that form. A time before 1970 is long past, whatever it is: it becomes 0.
pub(super) fn read(text: &str) -> Option<u64> {
    let octets: &[u8; 20] = text.as_bytes().try_into().ok()?;
    for (octet, pattern) in octets.iter().zip(b"0000-00-00T00:00:00Z") {
        let fits = match pattern {
            b'0' => octet.is_ascii_digit(),
            _ => octet == pattern,
        };
        if !fits {
            return None;
        }
    }
    let two = |from: usize| -> Option<i8> { text.get(from..from + 2)?.parse().ok() };
    let date = Date::new(text.get(..4)?.parse().ok()?, two(5)?, two(8)?).ok()?;
    let time = Time::new(two(11)?, two(14)?, two(17)?, 0).ok()?;
    let ms = date.to_datetime(time).duration_since(EPOCH).as_millis();
    Some(u64::try_from(ms).unwrap_or(0))
}

/// Writes Unix milliseconds; the part of a second is dropped and times after the year 9999 are
/// its end.
pub(super) fn write(ms: u64) -> String {
    let since_epoch = SignedDuration::from_secs(i64::try_from(ms / 1000).unwrap_or(i64::MAX));
    let time = EPOCH.saturating_add(since_epoch).min(LAST);
    let mut written = DateTimePrinter::new().datetime_to_string(&time);
    written.push('Z');
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_one_form_is_read() {
        assert_eq!(read("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(read("2026-11-22T09:30:00Z"), Some(1_795_339_800_000));
        assert_eq!(read("2028-02-29T23:59:59Z"), Some(1_835_481_599_000));
        assert_eq!(read("1969-12-31T23:59:59Z"), Some(0));
        assert_eq!(read("0000-01-01T00:00:00Z"), Some(0));
        assert_eq!(read("9999-12-31T23:59:59Z"), Some(253_402_300_799_000));
        for text in [
            "",
            "2026-11-22T09:30:00z",
            "2026-11-22T09:30:00",
            "2026-11-22T09:30:00.0Z",
            "2026-11-22T09:30:00+00:00",
            "2026-11-22 09:30:00Z",
            " 2026-11-22T09:30:00Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-11-31T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T23:60:00Z",
            "2026-11-22T23:59:60Z",
            "+026-11-22T09:30:00Z",
            "2026-11-22T09:30:0\u{e9}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn far_futures_are_the_last_second() {
        assert_eq!(write(u64::MAX), "9999-12-31T23:59:59Z");
        assert_eq!(write(999), "1970-01-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn seconds_survive(seconds in 0u64..=253_402_300_799) {
            prop_assert_eq!(read(&write(seconds * 1000)), Some(seconds * 1000));
        }
    }
}
