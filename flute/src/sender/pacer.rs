//! A token bucket with debt: lateness is repaid, but never as a flood.

/// A wire rate, at least 1 bit/s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u64);

impl Rate {
    /// A rate in bit/s; 0 is taken as 1.
    pub const fn bits_per_second(rate: u64) -> Self {
        Self(if rate == 0 { 1 } else { rate })
    }

    /// Time that octets take at this rate, ns.
    pub(super) fn nanos(self, bytes: u64) -> u64 {
        let nanos = u128::from(bytes) * 8 * 1_000_000_000 / u128::from(self.0);
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }

    /// Octets that fit a time.
    fn bytes_in(self, nanos: u64) -> usize {
        (u128::from(self.0) * u128::from(nanos) / 8_000_000_000) as usize
    }
}

/// Lateness beyond this is written off, ns: a sender that was stopped for a second must not
/// flood the bearer for the next.
const MAX_DEBT_NS: u64 = 100_000_000;
/// Time covered by one burst, ns. It is the silence between two bursts of a punctual sender, to
/// which every delay of its thread is added.
const BURST_NS: u64 = 250_000;
/// A sender that wakes late by less repays it with its next burst, ns: one that is late every time
/// would fall behind otherwise.
const SLACK_NS: u64 = 500_000;

/// Decides when the next burst may leave.
#[derive(Debug, Clone)]
pub(super) struct Pacer {
    rate: Option<Rate>,
    /// When the next burst leaves if everything is punctual, ns.
    nominal_ns: u64,
    /// When it may leave at the earliest while catching up at 5/4 of the rate, ns.
    earliest_ns: u64,
    /// Nothing was waiting at the last look, so time that passed is not lateness.
    idle: bool,
    late_ns: u64,
}

impl Pacer {
    pub(super) const fn new(rate: Option<Rate>) -> Self {
        Self {
            rate,
            nominal_ns: 0,
            earliest_ns: 0,
            idle: true,
            late_ns: 0,
        }
    }

    /// When the next burst may leave, ns.
    pub(super) const fn ready_ns(&self) -> u64 {
        if self.nominal_ns < self.earliest_ns {
            self.earliest_ns
        } else {
            self.nominal_ns
        }
    }

    /// Octets of one burst, overhead included.
    pub(super) fn burst_bytes(&self) -> usize {
        self.rate.map_or(usize::MAX, |rate| rate.bytes_in(BURST_NS))
    }

    /// There is nothing to send.
    pub(super) const fn idle(&mut self) {
        self.idle = true;
    }

    /// A burst of so many octets, overhead included, leaves now.
    pub(super) fn spend(&mut self, now_ns: u64, bytes: usize) {
        let Some(rate) = self.rate else { return };
        if self.idle {
            self.idle = false;
            self.nominal_ns = self.nominal_ns.max(now_ns);
        }
        let lateness = now_ns.saturating_sub(self.nominal_ns);
        if let Some(excess) = lateness.checked_sub(MAX_DEBT_NS) {
            self.late_ns += excess;
            self.nominal_ns += excess;
        }
        let cost = rate.nanos(bytes as u64);
        self.nominal_ns = self.nominal_ns.saturating_add(cost);
        let not_before_ns = now_ns.saturating_sub(SLACK_NS);
        self.earliest_ns = self
            .earliest_ns
            .max(not_before_ns)
            .saturating_add(cost - cost / 5);
    }

    /// Lateness written off so far, ns.
    pub(super) const fn late_ns(&self) -> u64 {
        self.late_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Sends as the pacer allows, waking `wake_after` ns late each time; octets sent until `end`.
    fn run(pacer: &mut Pacer, start: u64, end: u64, wake_after: u64) -> usize {
        let burst = pacer.burst_bytes();
        let mut sent = 0;
        let mut now = start;
        loop {
            now = now.max(pacer.ready_ns() + wake_after);
            if now >= end {
                return sent;
            }
            pacer.spend(now, burst);
            sent += burst;
        }
    }

    #[test]
    fn a_late_sender_keeps_its_rate() {
        for rate in [1_000_000, 20_000_000, 100_000_000] {
            let mut pacer = Pacer::new(Some(Rate::bits_per_second(rate)));
            let sent = run(&mut pacer, 0, 10_000 * MS, 60_000) * 8;
            let expected = rate as usize * 10;
            assert!(
                sent.abs_diff(expected) * 1000 <= expected,
                "{sent} of {expected}"
            );
        }
    }

    #[test]
    fn a_sender_that_is_always_late_keeps_its_rate() {
        let mut pacer = Pacer::new(Some(Rate::bits_per_second(100_000_000)));
        let sent = run(&mut pacer, 0, 10_000 * MS, SLACK_NS) * 8;
        assert!(sent.abs_diff(1_000_000_000) <= 1_000_000, "{sent}");
    }

    #[test]
    fn debt_is_repaid_slowly_and_only_in_part() {
        let mut pacer = Pacer::new(Some(Rate::bits_per_second(80_000_000)));
        run(&mut pacer, 0, 100 * MS, 0);
        // Stopped for one second: 900 ms are written off, 100 ms are repaid at a quarter extra.
        let sent = run(&mut pacer, 1100 * MS, 1500 * MS, 0);
        assert!(sent.abs_diff(5_000_000) <= 20_000, "{sent}");
        let sent = run(&mut pacer, 1500 * MS, 2500 * MS, 0);
        assert!(sent.abs_diff(10_000_000) <= 20_000, "{sent}");
        assert!(pacer.late_ns().abs_diff(900 * MS) <= 2 * MS);
    }

    #[test]
    fn an_idle_session_owes_nothing() {
        let mut pacer = Pacer::new(Some(Rate::bits_per_second(80_000_000)));
        run(&mut pacer, 0, 10 * MS, 0);
        pacer.idle();
        let sent = run(&mut pacer, 5000 * MS, 6000 * MS, 0);
        assert!(sent.abs_diff(10_000_000) <= 20_000, "{sent}");
        assert_eq!(pacer.late_ns(), 0);
    }
}
