//! `Datetime` values of SI: the text form, and the digits in pairs as WBXML carries them
//! (WAP-167 8.2.2).
//!
//! ```text
//!  2026-11-22T12:00:00Z  ─▶  20 26 11 22 12          trailing 00 octets are left out
//! ```

use jiff::civil::DateTime;

/// Octets of a whole value.
const BYTES: usize = 7;

/// The text form, or `None` if it is another or no such time exists.
pub(super) fn is_datetime(text: &str) -> bool {
    digits(text).is_some()
}

/// Octets of a value in its text form.
pub(super) fn encode(text: &str) -> Option<Vec<u8>> {
    let digits = digits(text)?;
    let (pairs, _) = digits.as_chunks::<2>();
    let mut octets: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    while octets.last() == Some(&0) {
        octets.pop();
    }
    Some(octets)
}

/// The text form of octets.
pub(super) fn decode(octets: &[u8]) -> Option<String> {
    let mut padded = [0; BYTES];
    padded.get_mut(..octets.len())?.copy_from_slice(octets);
    let [century, year, month, day, hour, minute, second] = padded;
    let text = format!(
        "{century:02x}{year:02x}-{month:02x}-{day:02x}T{hour:02x}:{minute:02x}:{second:02x}Z"
    );
    is_datetime(&text).then_some(text)
}

/// The fourteen digits of a time that exists.
fn digits(text: &str) -> Option<[u8; 2 * BYTES]> {
    let octets: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let mut digits = [0; 2 * BYTES];
    let mut filled = digits.iter_mut();
    for (octet, pattern) in octets.iter().zip(b"0000-00-00T00:00:00Z") {
        if *pattern == b'0' {
            *filled.next()? = octet.checked_sub(b'0').filter(|digit| *digit < 10)?;
        } else if octet != pattern {
            return None;
        }
    }
    let two = |at: usize| -> Option<i8> {
        let [high, low]: [u8; 2] = digits.get(at..at + 2)?.try_into().ok()?;
        i8::try_from(10 * high + low).ok()
    };
    let year = i16::from(two(0)?) * 100 + i16::from(two(2)?);
    DateTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?, 0).ok()?;
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_paired_and_trailing_zeroes_left_out() {
        for (text, octets) in [
            (
                "2026-11-22T09:30:00Z",
                &[0x20, 0x26, 0x11, 0x22, 0x09, 0x30][..],
            ),
            ("2026-11-22T12:00:00Z", &[0x20, 0x26, 0x11, 0x22, 0x12]),
            ("2026-11-20T00:00:00Z", &[0x20, 0x26, 0x11, 0x20]),
            (
                "2026-10-30T10:20:30Z",
                &[0x20, 0x26, 0x10, 0x30, 0x10, 0x20, 0x30],
            ),
            ("0000-01-01T00:00:01Z", &[0, 0, 1, 1, 0, 0, 1]),
        ] {
            assert_eq!(encode(text).as_deref(), Some(octets), "{text}");
            assert_eq!(decode(octets).as_deref(), Some(text));
        }
        assert_eq!(
            decode(&[0x20, 0x26, 0x11, 0x22, 0, 0, 0]).as_deref(),
            Some("2026-11-22T00:00:00Z")
        );
    }

    #[test]
    fn other_forms_and_times_that_are_none_are_refused() {
        for text in [
            "",
            "2026-11-22T09:30:00z",
            "2026-11-22T09:30:00",
            "2026-11-22T09:30:00+00:00",
            "2026-02-29T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T09:30:60Z",
            "2026-11-22T09:30:0\u{e9}",
        ] {
            assert_eq!(encode(text), None, "{text}");
        }
        for octets in [
            &[][..],
            &[0x20, 0x26],
            &[0x20, 0x26, 0x1A, 0x01],
            &[0x20; 8],
        ] {
            assert_eq!(decode(octets), None, "{octets:?}");
        }
    }
}
