//! Times, lengths and numbers for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;

/// Tells the time in one zone, with UTC beside.
#[derive(Clone)]
pub(crate) struct Clock {
    zone: TimeZone,
    now_ms: u64,
}

impl Clock {
    pub(crate) const fn new(zone: TimeZone, now_ms: u64) -> Self {
        Self { zone, now_ms }
    }

    fn at(unix_ms: u64) -> Timestamp {
        let ms = i64::try_from(unix_ms).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
    }

    /// `2026-11-26 19:30 CET`
    pub(crate) fn local(&self, unix_ms: u64) -> String {
        let at = Self::at(unix_ms).to_zoned(self.zone.clone());
        at.strftime("%Y-%m-%d %H:%M %Z").to_string()
    }

    /// `19:30:05 CET`, of times that are not far away.
    pub(crate) fn second(&self, unix_ms: u64) -> String {
        let at = Self::at(unix_ms).to_zoned(self.zone.clone());
        at.strftime("%H:%M:%S %Z").to_string()
    }

    /// `2026-11-26`
    pub(crate) fn day(&self, unix_ms: u64) -> String {
        let at = Self::at(unix_ms).to_zoned(self.zone.clone());
        at.strftime("%Y-%m-%d").to_string()
    }

    /// `18:30:05 UTC`, with the date where it is another one there.
    fn utc(&self, unix_ms: u64) -> String {
        let at = Self::at(unix_ms).to_zoned(TimeZone::UTC);
        at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
    }

    /// What a `datetime-local` input takes.
    pub(crate) fn input(&self, unix_ms: u64) -> String {
        let at = Self::at(unix_ms).to_zoned(self.zone.clone());
        at.strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// Unix ms of what a `datetime-local` input gives; `None` where it is no time. A time that the
    /// clocks skip is the one after, one that they repeat is the first.
    pub(crate) fn read(&self, text: &str) -> Option<u64> {
        let at: jiff::civil::DateTime = text.parse().ok()?;
        let at = at.to_zoned(self.zone.clone()).ok()?;
        u64::try_from(at.timestamp().as_millisecond()).ok()
    }

    /// Name of the zone.
    pub(crate) fn zone(&self) -> String {
        self.zone.iana_name().unwrap_or("UTC").to_owned()
    }

    /// Local, UTC on hover. For tables: the zone stands at the foot of the page.
    pub(crate) fn short(&self, unix_ms: u64) -> AnyView {
        self.hover(unix_ms, "%Y-%m-%d %H:%M")
    }

    /// The same with seconds.
    pub(crate) fn exact(&self, unix_ms: u64) -> AnyView {
        self.hover(unix_ms, "%Y-%m-%d %H:%M:%S")
    }

    fn hover(&self, unix_ms: u64, form: &str) -> AnyView {
        let utc = self.utc(unix_ms);
        let local = Self::at(unix_ms).to_zoned(self.zone.clone());
        let local = local.strftime(form).to_string();
        let machine = Self::at(unix_ms).to_string();
        view! {
            <time class="nowrap" datetime=machine title=utc>
                {local}
            </time>
        }
        .into_any()
    }

    /// Local and UTC, and how far away.
    pub(crate) fn long(&self, unix_ms: u64) -> AnyView {
        let utc = self.utc(unix_ms);
        let local = self.local(unix_ms);
        let machine = Self::at(unix_ms).to_string();
        let away = self.away(unix_ms);
        view! {
            <time datetime=machine>{local}</time>
            " "
            <span class="muted">"(" {utc} ", " {away} ")"</span>
        }
        .into_any()
    }

    /// `in 5 min`, `2 h ago`.
    pub(crate) fn away(&self, unix_ms: u64) -> String {
        let distance = duration(unix_ms.abs_diff(self.now_ms) / 1000);
        if unix_ms > self.now_ms {
            format!("in {distance}")
        } else {
            format!("{distance} ago")
        }
    }
}

/// Seconds as a person says them, in two units at most.
pub(crate) fn duration(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut said = Vec::new();
    for (length, unit) in units {
        let number = left / length;
        left %= length;
        if number > 0 {
            said.push(format!("{number} {unit}"));
        }
        if said.len() == 2 || (said.len() == 1 && number == 0) {
            break;
        }
    }
    if said.is_empty() {
        "0 s".to_owned()
    } else {
        said.join(" ")
    }
}

/// Octets as a person says them.
pub(crate) fn bytes(octets: u64) -> String {
    const UNITS: [&str; 5] = ["octets", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut left = octets;
    let mut rest = 0;
    while left >= 1024 && unit + 1 < UNITS.len() {
        rest = left % 1024;
        left /= 1024;
        unit += 1;
    }
    if unit == 0 || left >= 100 {
        format!("{left} {}", UNITS[unit])
    } else {
        format!("{left}.{} {}", rest * 10 / 1024, UNITS[unit])
    }
}

/// A number with thin spaces between thousands.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202F}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_two_units() {
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(3_600), "1 h");
        assert_eq!(duration(3_725), "1 h 2 min");
        assert_eq!(duration(90_000), "1 d 1 h");
        assert_eq!(bytes(512), "512 octets");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(count(1_234_567), "1\u{202F}234\u{202F}567");
    }

    #[test]
    fn local_times_are_read_back_also_where_clocks_change() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let clock = Clock::new(berlin, 0);
        let at = clock.read("2026-07-01T14:30").unwrap();
        assert_eq!(clock.input(at), "2026-07-01T14:30");
        assert_eq!(clock.local(at), "2026-07-01 14:30 CEST");
        // 2026-03-29 02:30 does not exist there.
        let skipped = clock.read("2026-03-29T02:30").unwrap();
        assert_eq!(clock.input(skipped), "2026-03-29T03:30");
        assert_eq!(clock.read("soon"), None);
    }
}
