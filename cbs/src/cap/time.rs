//! Times as CAP writes them (CAP 3.3.2): `2026-11-22T09:30:00-00:00`. UTC is `-00:00`, never `Z`;
//! there are no fractions.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::CapError;

/// Furthest time zone from UTC, minutes.
const MAX_OFFSET_MINUTES: i32 = 14 * 60;

/// A time of the years 1 to 9999 with its distance from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    local: DateTime,
    offset_minutes: i32,
}

const WRONG: CapError = CapError::Value { element: "time" };

impl Timestamp {
    /// The time of `seconds` since 1970, in UTC.
    pub fn of_unix(seconds: i64) -> Result<Self, CapError> {
        let instant = jiff::Timestamp::from_second(seconds).map_err(|_| WRONG)?;
        let local = Offset::UTC.to_datetime(instant);
        if (1..=9999).contains(&local.year()) {
            Ok(Self {
                local,
                offset_minutes: 0,
            })
        } else {
            Err(WRONG)
        }
    }

    /// Seconds since 1970.
    pub fn unix_seconds(self) -> i64 {
        let days = self
            .local
            .date()
            .duration_since(jiff::civil::date(1970, 1, 1));
        let time = self.local.time();
        let minutes = i64::from(time.hour()) * 60 + i64::from(time.minute());
        let of_day = (minutes - i64::from(self.offset_minutes)) * 60 + i64::from(time.second());
        days.as_secs() + of_day
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.local.date(), self.local.time());
        let sign = if self.offset_minutes > 0 { '+' } else { '-' };
        let offset = self.offset_minutes.abs();
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second(),
            offset / 60,
            offset % 60,
        )
    }
}

impl FromStr for Timestamp {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        // The places of the digits; everything else is literal.
        const FORM: &[u8] = b"0000-00-00T00:00:00+00:00";
        let octets: &[u8; FORM.len()] = text.as_bytes().try_into().map_err(|_| WRONG)?;
        let fits = octets.iter().zip(FORM).all(|(octet, form)| match form {
            b'0' => octet.is_ascii_digit(),
            b'+' => matches!(octet, b'+' | b'-'),
            _ => octet == form,
        });
        if !fits {
            return Err(WRONG);
        }
        let number = |from: usize, to: usize| {
            let digits = octets.get(from..to).unwrap_or_default();
            digits
                .iter()
                .fold(0_i16, |number, digit| number * 10 + i16::from(digit - b'0'))
        };
        let short = |from: usize| number(from, from + 2) as i8;
        let year = number(0, 4);
        let (month, day) = (short(5), short(8));
        let (hour, minute, second) = (short(11), short(14), short(17));
        let local = DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| WRONG)?;
        let (offset_hours, offset_minutes) = (i32::from(short(20)), i32::from(short(23)));
        let offset = offset_hours * 60 + offset_minutes;
        if year < 1 || offset_minutes > 59 || offset > MAX_OFFSET_MINUTES {
            return Err(WRONG);
        }
        Ok(Self {
            local,
            offset_minutes: if octets[19] == b'-' { -offset } else { offset },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back() {
        for (text, seconds) in [
            ("2026-11-22T09:30:00-00:00", 1_795_339_800),
            ("2026-11-22T10:30:00+01:00", 1_795_339_800),
            ("2026-11-22T02:00:30-07:30", 1_795_339_830),
            ("1970-01-01T00:00:00-00:00", 0),
            ("1969-12-31T23:59:59-00:00", -1),
        ] {
            let time: Timestamp = text.parse().unwrap();
            assert_eq!(time.to_string(), text);
            assert_eq!(time.unix_seconds(), seconds);
            let utc = Timestamp::of_unix(seconds).unwrap();
            assert_eq!(utc.unix_seconds(), seconds);
        }
        let plus: Timestamp = "2026-11-22T09:30:00+00:00".parse().unwrap();
        assert_eq!(plus.to_string(), "2026-11-22T09:30:00-00:00");
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2026-11-22T09:30:00Z",
            "2026-11-22T09:30:00.5-00:00",
            "2026-11-22T09:30:00",
            "2026-11-22 09:30:00-00:00",
            "2026-13-22T09:30:00-00:00",
            "2026-02-29T09:30:00-00:00",
            "2026-11-22T24:00:00-00:00",
            "2026-11-22T09:30:61-00:00",
            "0000-11-22T09:30:00-00:00",
            "2026-11-22T09:30:00-15:00",
            "2026-11-22T09:30:00+01:60",
            "2026-1-22T09:30:00-00:00 ",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        assert!(Timestamp::of_unix(i64::MAX).is_err());
    }
}
