//! Rights that rest: where a live workspace says so, whoever has had no successful test for some
//! months neither writes nor approves there until they have. Stopping never rests.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::{Actor, ConsoleError};
use crate::model::{Action, User, Workspace};

/// What rests.
const RESTING: [Action; 2] = [Action::Approve, Action::Compose];

/// The months that somebody's last successful test lies back at least, where that makes their
/// rights in a workspace rest.
pub(super) fn rests(user: &User, workspace: &Workspace, now_ms: u64) -> Option<u32> {
    let months = workspace.rests_after_months()?;
    let is_fresh = user
        .tested_ms
        .and_then(|tested_ms| end_of(tested_ms, months))
        .is_some_and(|end_ms| now_ms < end_ms);
    (!is_fresh).then_some(months)
}

/// When a test has lost its worth: so many months of the calendar (UTC) later.
fn end_of(tested_ms: u64, months: u32) -> Option<u64> {
    let tested = Timestamp::from_millisecond(i64::try_from(tested_ms).ok()?).ok()?;
    let end = tested.to_zoned(TimeZone::UTC);
    let end = end.checked_add(i64::from(months).months()).ok()?;
    u64::try_from(end.timestamp().as_millisecond()).ok()
}

impl Actor {
    /// Months without a successful test, where an action that their roles allow rests for it.
    pub fn resting(&self, action: Action) -> Option<u32> {
        let allowed = self.user.may(action, &self.workspace.name);
        self.rests.filter(|_| allowed && RESTING.contains(&action))
    }

    /// Whether an action needs a second factor that they do not have: all but seeing and stopping.
    pub fn needs_factor(&self, action: Action) -> bool {
        self.lacks_factor && !matches!(action, Action::See | Action::Stop)
    }

    /// Why they may not do something.
    pub(super) fn refusal(&self, action: Action) -> ConsoleError {
        if self.needs_factor(action) {
            return ConsoleError::FactorNeeded;
        }
        match self.resting(action) {
            Some(months) => ConsoleError::Resting { months },
            None => ConsoleError::Forbidden(action),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        let ms = |text: &str| {
            let at: Timestamp = text.parse().unwrap();
            u64::try_from(at.as_millisecond()).unwrap()
        };
        let table = [
            ("2026-11-27T01:02:03Z", 1, "2026-12-27T01:02:03Z"),
            ("2026-11-30T00:00:00Z", 3, "2027-02-28T00:00:00Z"),
            ("2024-02-29T12:00:00Z", 12, "2025-02-28T12:00:00Z"),
        ];
        for (tested, months, end) in table {
            assert_eq!(end_of(ms(tested), months), Some(ms(end)), "{tested}");
        }
        assert_eq!(end_of(u64::MAX, 1), None);
    }
}
