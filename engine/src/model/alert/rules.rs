//! Who has to agree.

use serde::{Deserialize, Serialize};

/// What a workspace demands before an alert goes out. In a live workspace a second person is
/// demanded whatever stands here ([`Workspace::rules`](crate::model::workspace::Workspace::rules)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRules {
    /// Whoever approves must have had no hand in what they approve.
    #[serde(default)]
    pub second_person: bool,
    /// Two approvers where more receivers than this are expected.
    #[serde(default)]
    pub two_above: Option<u64>,
    /// Two approvers where every area of the workspace is addressed.
    #[serde(default)]
    pub two_for_all_areas: bool,
}

/// Whom an alert would reach, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reach {
    /// Receivers expected, an estimate; `None` if there is no figure for any of its groups and
    /// areas.
    pub receivers: Option<u64>,
    /// Groups and areas without a figure: the estimate leaves them out.
    pub without_figure: u32,
    /// It addresses every area that there is, and there is more than one.
    pub all_areas: bool,
}

impl Reach {
    /// The order of magnitude in words, as whoever approves confirms it.
    pub const fn words(&self) -> &'static str {
        match self.receivers {
            None => "an unknown number of",
            Some(0..=9) => "a few",
            Some(10..=99) => "dozens of",
            Some(100..=999) => "hundreds of",
            Some(1_000..=9_999) => "thousands of",
            Some(10_000..=99_999) => "tens of thousands of",
            Some(100_000..=999_999) => "hundreds of thousands of",
            Some(_) => "millions of",
        }
    }
}

impl ApprovalRules {
    /// How many have to agree: 1 or 2.
    pub fn needed(&self, reach: &Reach) -> u32 {
        let is_wide = self
            .two_above
            .is_some_and(|most| reach.receivers.is_some_and(|receivers| receivers > most));
        if is_wide || (self.two_for_all_areas && reach.all_areas) {
            2
        } else {
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_alerts_need_two() {
        let rules = ApprovalRules {
            second_person: true,
            two_above: Some(1_000_000),
            two_for_all_areas: true,
        };
        let reach = |receivers, all_areas| Reach {
            receivers,
            without_figure: 0,
            all_areas,
        };
        assert_eq!(rules.needed(&reach(Some(1_000_000), false)), 1);
        assert_eq!(rules.needed(&reach(Some(1_000_001), false)), 2);
        assert_eq!(rules.needed(&reach(None, false)), 1);
        assert_eq!(rules.needed(&reach(None, true)), 2);
        assert_eq!(
            ApprovalRules::default().needed(&reach(Some(u64::MAX), true)),
            1
        );
    }
}
