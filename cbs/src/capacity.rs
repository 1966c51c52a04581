//! How much a GSM cell can broadcast: one page in 1.883 s on each channel (TS 44.012).
//!
//! A message of p pages and a repetition period of r such slots takes p / r of its channel. The
//! shares of all messages together are at most 1. A CBC may say yes to more than that, and the
//! base station then refuses: so it is counted before anything is sent.

use std::time::Duration;

use crate::page::MAX_PAGES;

/// Time on the air of one page: 8 multiframes of 51 frames.
pub const PAGE_AIR_TIME: Duration = Duration::from_millis(1883);
/// Longest repetition period, slots (TS 48.049): 7711 s.
pub const MAX_PERIOD: u16 = 4095;
/// Messages of one channel that are added up; each takes at least 1/4095.
pub const MAX_LOADS: usize = MAX_PERIOD as usize;

/// The whole channel, in the unit of [`Share`].
const WHOLE: u64 = 1 << 40;

/// Time between two starts of a message, 1 to [`MAX_PERIOD`] slots of [`PAGE_AIR_TIME`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepetitionPeriod(u16);

/// What one message takes of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Load {
    /// Pages, 1 to 15.
    pub pages: u8,
    /// Repetition period.
    pub period: RepetitionPeriod,
}

/// A part of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Share(u64);

/// A repetition period that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a repetition period is 1 to 4095 slots, not {slots}")]
pub struct PeriodError {
    /// Slots asked for.
    pub slots: u64,
}

/// A message that does not fit. `shortest` is the shortest period with which it would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The other messages leave too little of the channel.
    #[error("{used} of the channel is taken; {}", advice(*shortest))]
    ChannelFull {
        /// Shortest period that fits; `None` if none does.
        shortest: Option<RepetitionPeriod>,
        /// What the others take.
        used: Share,
    },
    /// The pages do not fit into the period even alone.
    #[error("{pages} pages in a period of {period}; {}", advice(*shortest))]
    PeriodTooShort {
        /// Pages of the message.
        pages: u8,
        /// Period asked for.
        period: RepetitionPeriod,
        /// Shortest period that fits; `None` if none does.
        shortest: Option<RepetitionPeriod>,
    },
}

fn advice(shortest: Option<RepetitionPeriod>) -> String {
    match shortest {
        Some(period) => format!("the shortest period that fits is {period}"),
        None => "no period fits".to_owned(),
    }
}

impl RepetitionPeriod {
    /// A period of this many slots.
    pub fn from_slots(slots: u64) -> Result<Self, PeriodError> {
        match u16::try_from(slots) {
            Ok(short @ 1..=MAX_PERIOD) => Ok(Self(short)),
            _ => Err(PeriodError { slots }),
        }
    }

    /// The period closest to `interval` that is not shorter, has room for `pages` pages and exists.
    pub fn for_interval(interval: Duration, pages: u8) -> Self {
        let slots = interval.as_micros().div_ceil(PAGE_AIR_TIME.as_micros());
        let least = u128::from(pages.max(1));
        Self(slots.clamp(least, u128::from(MAX_PERIOD)) as u16)
    }

    /// How many slots, 1 to [`MAX_PERIOD`].
    pub const fn slots(self) -> u16 {
        self.0
    }

    /// How long it is on GSM.
    pub fn duration(self) -> Duration {
        PAGE_AIR_TIME * u32::from(self.0)
    }

    /// The period for LTE and NR, whole seconds, not shorter than this one.
    pub fn seconds(self) -> u16 {
        self.duration().as_millis().div_ceil(1000) as u16
    }

    /// Number of broadcasts that fill `window`, the first one at its start: 1 to 65535.
    pub fn broadcasts(self, window: Duration) -> u16 {
        let repeats = window.as_micros() / self.duration().as_micros();
        u16::try_from(repeats + 1).unwrap_or(u16::MAX)
    }
}

impl std::fmt::Display for RepetitionPeriod {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:.1} s", self.duration().as_secs_f64())
    }
}

impl Share {
    /// Per cent of the channel, rounded up.
    pub const fn percent(self) -> u64 {
        (self.0 * 100).div_ceil(WHOLE)
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} %", self.percent())
    }
}

impl Load {
    /// Rounded down by less than one page in 10^12 slots, so that three thirds are a whole.
    fn share(self) -> u64 {
        WHOLE * u64::from(self.pages) / u64::from(self.period.0)
    }
}

/// What these messages take of one channel together.
pub fn used(loads: &[Load]) -> Share {
    Share(loads.iter().map(|load| load.share()).sum())
}

/// Whether `new` fits on a channel beside `present`; gives what all take together then.
///
/// The basic and the extended channel of a cell are counted apart. Of `present` at most
/// [`MAX_LOADS`] count.
pub fn admit(present: &[Load], new: Load) -> Result<Share, Refusal> {
    let used = used(present.get(..MAX_LOADS).unwrap_or(present));
    let shortest = shortest(WHOLE.saturating_sub(used.0), new.pages);
    if u16::from(new.pages) > new.period.0 {
        return Err(Refusal::PeriodTooShort {
            pages: new.pages,
            period: new.period,
            shortest,
        });
    }
    let total = used.0 + new.share();
    if total > WHOLE {
        return Err(Refusal::ChannelFull { shortest, used });
    }
    Ok(Share(total))
}

fn shortest(free: u64, pages: u8) -> Option<RepetitionPeriod> {
    let pages = u64::from(pages.clamp(1, MAX_PAGES as u8));
    let slots = (WHOLE * pages).checked_div(free)?;
    // One slot fewer than the exact quotient may do because shares are rounded down.
    (slots.saturating_sub(1).max(pages)..=slots + 1)
        .find(|slots| WHOLE * pages / slots <= free)
        .and_then(|slots| RepetitionPeriod::from_slots(slots).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn period(slots: u64) -> RepetitionPeriod {
        RepetitionPeriod::from_slots(slots).unwrap()
    }

    fn load(pages: u8, slots: u64) -> Load {
        Load {
            pages,
            period: period(slots),
        }
    }

    #[test]
    fn three_pages_do_not_fit_into_two_slots() {
        let refusal = admit(&[], load(3, 2)).unwrap_err();
        assert_eq!(
            refusal,
            Refusal::PeriodTooShort {
                pages: 3,
                period: period(2),
                shortest: Some(period(3))
            }
        );
        assert_eq!(
            refusal.to_string(),
            "3 pages in a period of 3.8 s; the shortest period that fits is 5.6 s"
        );
    }

    #[test]
    fn three_thirds_are_a_whole_and_no_more_fits() {
        let third = load(1, 3);
        assert_eq!(admit(&[third, third], third).unwrap().percent(), 100);
        assert_eq!(
            admit(&[third; 3], load(1, 4095)),
            Err(Refusal::ChannelFull {
                shortest: None,
                used: Share(3 * (WHOLE / 3))
            })
        );
        assert_eq!(
            admit(&[load(15, 20)], load(2, 7)),
            Err(Refusal::ChannelFull {
                shortest: Some(period(8)),
                used: Share(WHOLE / 4 * 3)
            })
        );
    }

    proptest! {
        #[test]
        fn the_period_proposed_fits_and_no_shorter_one_does(
            present in proptest::collection::vec((1_u8..=15, 1_u64..=4095), 0..6),
            pages in 1_u8..=15, slots in 1_u64..=4095,
        ) {
            let present: Vec<_> = present.iter().map(|(pages, slots)| load(*pages, *slots)).collect();
            let (Err(Refusal::ChannelFull { shortest, .. })
            | Err(Refusal::PeriodTooShort { shortest, .. })) = admit(&present, load(pages, slots)) else {
                return Ok(());
            };
            match shortest {
                Some(shortest) => {
                    prop_assert!(u64::from(shortest.slots()) > slots);
                    let at = |slots: u16| admit(&present, load(pages, u64::from(slots)));
                    prop_assert!(at(shortest.slots()).is_ok());
                    let shorter = shortest.slots() - 1;
                    prop_assert!(shorter == 0 || at(shorter).is_err());
                }
                None => prop_assert!(admit(&present, load(pages, 4095)).is_err()),
            }
        }
    }

    #[test]
    fn intervals_and_windows() {
        let for_interval = |seconds, pages| {
            RepetitionPeriod::for_interval(Duration::from_secs(seconds), pages).slots()
        };
        assert_eq!(for_interval(30, 3), 16);
        assert_eq!(for_interval(0, 0), 1);
        assert_eq!(for_interval(1, 15), 15);
        assert_eq!(for_interval(1_000_000, 1), MAX_PERIOD);
        assert_eq!(period(16).broadcasts(Duration::from_secs(3600)), 120);
        assert_eq!(period(16).broadcasts(Duration::ZERO), 1);
        assert_eq!(period(1).broadcasts(Duration::from_secs(1_000_000)), 65535);
        assert_eq!(period(16).seconds(), 31);
        assert!(RepetitionPeriod::from_slots(0).is_err());
        assert!(RepetitionPeriod::from_slots(4096).is_err());
    }
}
