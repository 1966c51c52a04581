//! Follows a push to its end: asks for its status again and again.
//!
//! A gateway that does not answer for a while is asked again, ever more slowly, until the time is
//! up: it may be starting anew, and what it has accepted it still has.

use std::error::Error as _;
use std::time::Duration;

use indicatif::ProgressBar;
use tokio::time::Instant;

use crate::client::pap::{PapClient, PapClientError};
use crate::model::{MessageState, PushId};
use crate::pap::response::StatusResult;

use super::{Ended, output, status};

/// How often a gateway that answers is asked.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Longest wait between two questions to one that does not.
const MAX_BACK_OFF: Duration = Duration::from_secs(10);
/// Longest wait for one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Asks until every address has its outcome, but no longer than `limit`.
pub(super) async fn follow(
    client: &PapClient,
    push_id: &PushId,
    limit: Duration,
    json: bool,
) -> anyhow::Result<Ended> {
    let mut following = Following {
        deadline: Instant::now() + limit,
        bar: output::progress("{spinner} {msg}"),
        silences: 0,
    };
    loop {
        let left = following.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            following.bar.finish_and_clear();
            output::note(&format!(
                "{push_id}: no outcome within {} s",
                limit.as_secs()
            ));
            return Ok(Ended::TimedOut);
        }
        let client = client.clone().with_timeout(left.min(ANSWER_TIMEOUT));
        let wait = match status::ask(&client, push_id, Vec::new()).await {
            Ok(results) => match following.answered(&results) {
                Some(wait) => wait,
                None => return Ok(shown(push_id, &results, json)),
            },
            Err(error) => match error.downcast_ref::<PapClientError>() {
                Some(passing) if passing.is_passing() => following.unanswered(passing),
                _ => return Err(error),
            },
        };
        let until = (Instant::now() + wait).min(following.deadline);
        tokio::time::sleep_until(until).await;
    }
}

/// How it goes.
struct Following {
    deadline: Instant,
    bar: ProgressBar,
    /// Questions without an answer, one after the other.
    silences: u32,
}

impl Following {
    /// How long to wait before the next question; `None` once there is an outcome everywhere.
    fn answered(&mut self, results: &[StatusResult]) -> Option<Duration> {
        if self.silences > 0 {
            self.silences = 0;
            self.tell("the gateway answers again");
        }
        let pending = results.iter().filter(|result| !result.state.is_final());
        let pending: usize = pending.map(|result| result.addresses.len().max(1)).sum();
        if pending == 0 {
            self.bar.finish_and_clear();
            return None;
        }
        self.bar.set_message(format!("{pending} pending"));
        self.bar.tick();
        Some(POLL_INTERVAL)
    }

    /// How long to wait before the next question.
    fn unanswered(&mut self, error: &PapClientError) -> Duration {
        let wait = back_off(self.silences);
        let cause = error.source().map(|cause| format!(": {cause}"));
        let message = format!("{error}{}; asking again", cause.unwrap_or_default());
        if self.silences == 0 {
            self.tell(&message);
        }
        self.silences += 1;
        self.bar
            .set_message(format!("{message} in {:.1} s", wait.as_secs_f32()));
        self.bar.tick();
        wait
    }

    /// A line where there is no progress to be seen.
    fn tell(&self, message: &str) {
        if self.bar.is_hidden() {
            output::note(message);
        }
    }
}

fn back_off(silences: u32) -> Duration {
    let doubled = POLL_INTERVAL.saturating_mul(1_u32.checked_shl(silences).unwrap_or(u32::MAX));
    doubled.min(MAX_BACK_OFF)
}

fn shown(push_id: &PushId, results: &[StatusResult], json: bool) -> Ended {
    results
        .iter()
        .for_each(|result| status::show(push_id, result, json));
    let is_delivered = |result: &StatusResult| result.state == MessageState::Delivered;
    if results.iter().all(is_delivered) {
        Ended::Done
    } else {
        Ended::Failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_become_rarer_and_do_not_end() {
        let waits: Vec<u128> = (0..8)
            .map(|silences| back_off(silences).as_millis())
            .collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        assert_eq!(back_off(u32::MAX), MAX_BACK_OFF);
    }
}
