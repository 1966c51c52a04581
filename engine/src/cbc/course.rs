//! One message on its way: what to do next, decided by what the centre said. Pure: no socket, no
//! clock.
//!
//! ```text
//!             ┌──not reached: wait, ask again──┐
//!  [clearing] ▼                                │
//!  waiting ──Ask──▶ asking ──taken──▶ [looking] ──▶ on air ──last broadcast──▶ ending ──Cancel──▶ over
//!      ▲               │ └─refused──▶ over                        kill ──────────▲
//!      └─same again── doubt ◀──no answer
//! ```
//!
//! *Clearing* takes the message off whose place this one takes, at centres that cannot change one
//! in place. *Looking* asks the command port, where there is one: it tells whether cells took the
//! message, and whether a request without an answer was carried out.
//!
//! After a doubt the same is asked again, with the same identifier and serial number and at centres
//! that number requests under the same number. A centre that then says "already there" has it from
//! us. A doubt that nothing has resolved when the window closes ends as [`Ending::Unknown`]; a
//! message that was never asked for ends as [`Ending::Expired`] and is not asked for late.

mod answers;
mod kinds;

use std::time::Duration;

use pushcast_cbs::cbep::{Key, UpdateMode};

use crate::model::{CbsState, CellCount};

use super::event::Ending;
pub use kinds::{Came, Nature, Stage, Step, Times, Trouble};

/// Waits before a request is made again, s: outcomes that are unknown are to be resolved within
/// 30 s, and a centre that is back is to have its alerts soon.
const RETRY_S: [u64; 6] = [1, 2, 4, 8, 15, 30];
/// Looks that may fail before the command port counts for nothing.
const MAX_FAILED_LOOKS: u32 = 3;
/// Between looks at a message on the air, at least.
const LOOK_INTERVAL_MS: u64 = 10_000;
/// A centre that does not let go of a message is asked for so long after its last broadcast.
const MAX_CANCEL_MS: u64 = 600_000;

/// The look at its cells after the last broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LookBack {
    Ahead,
    Due,
    Done,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Course {
    nature: Nature,
    times: Times,
    stage: Stage,
    /// A step is under way.
    is_busy: bool,
    /// Nothing is done before this.
    not_before_ms: u64,
    tries: usize,
    looks: u32,
    failed_looks: u32,
    look_back: LookBack,
    /// A request was sent whose outcome is not known.
    is_doubtful: bool,
    /// It takes the place of an earlier one.
    has_earlier: bool,
    /// It was ever asked for.
    was_asked: bool,
    /// End of the last broadcast, once it is on the air.
    ends_ms: Option<u64>,
    /// Why it is taken off the air, or was.
    closing: Option<Ending>,
    ending: Option<Ending>,
    cells: Option<CellCount>,
    /// Why it is not further yet.
    trouble: Option<Trouble>,
}

impl Course {
    /// A message that is to be put on the air, as its row has it.
    pub fn new(
        nature: Nature,
        times: Times,
        has_earlier: bool,
        state: CbsState,
        taken_ms: Option<u64>,
    ) -> Self {
        let clears = nature.capabilities.update == UpdateMode::DeleteAndSubmit;
        let stage = match state {
            CbsState::OnAir => Stage::OnAir,
            CbsState::Killing => Stage::Closing,
            _ if state.is_over() => Stage::Over,
            _ if has_earlier && clears => Stage::Clearing,
            _ => Stage::Waiting,
        };
        let ends_ms = taken_ms.map(|taken_ms| taken_ms + millis(times.on_air));
        Self {
            nature,
            times,
            stage,
            is_busy: false,
            not_before_ms: 0,
            tries: 0,
            looks: 0,
            failed_looks: 0,
            look_back: LookBack::Ahead,
            is_doubtful: false,
            has_earlier,
            was_asked: false,
            ends_ms,
            closing: (stage == Stage::Closing).then_some(Ending::Killed),
            ending: None,
            cells: None,
            trouble: None,
        }
    }

    /// The process that planned it has ended: it may have been asked for.
    pub fn resume(&mut self) {
        self.was_asked = true;
        if matches!(self.stage, Stage::Clearing | Stage::Waiting) {
            self.is_doubtful = true;
        }
        if self.stage == Stage::Waiting && self.can_look() {
            self.stage = Stage::Doubt;
        }
    }

    /// Where it stands.
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// How it ended, once it did.
    pub const fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// What cells said last.
    pub const fn cells(&self) -> Option<CellCount> {
        self.cells
    }

    /// Why it is not on the air yet, if something is in the way.
    pub fn trouble(&self) -> Option<&Trouble> {
        let is_before = matches!(self.stage, Stage::Clearing | Stage::Waiting | Stage::Doubt);
        self.trouble.as_ref().filter(|_| is_before)
    }

    /// The centre has it, and cells too where it tells.
    pub const fn is_taken(&self) -> bool {
        matches!(self.stage, Stage::OnAir) || matches!(self.ending, Some(Ending::Done))
    }

    /// It may be on the air: somebody was asked to put it there.
    pub const fn may_be_on_air(&self) -> bool {
        self.was_asked
    }

    /// Nothing was asked for and nothing is under way.
    pub const fn can_be_withdrawn(&self) -> bool {
        !self.was_asked && !self.is_busy && !matches!(self.stage, Stage::Over)
    }

    /// The centre has let go of the earlier message, if there was one.
    pub const fn has_let_go(&self) -> bool {
        !self.has_earlier
    }

    /// How it ended, or will as soon as the centre has let go of it.
    pub fn failing(&self) -> Option<&Ending> {
        self.ending.as_ref().or(self.closing.as_ref())
    }

    /// A request was sent whose outcome is not known.
    pub const fn is_doubtful(&self) -> bool {
        self.is_doubtful && !matches!(self.stage, Stage::Over)
    }

    /// As it is stored.
    pub const fn state(&self) -> CbsState {
        match (&self.ending, self.stage) {
            (Some(Ending::Done), _) => CbsState::Done,
            (Some(Ending::Expired | Ending::Unknown), _) => CbsState::Expired,
            (Some(Ending::Killed), _) => CbsState::Killed,
            (Some(Ending::Occupied(_) | Ending::Refused(_)), _) => CbsState::Refused,
            (Some(Ending::Replaced), _) => CbsState::Replaced,
            // The end of its time is no decision that a restart would have to repeat.
            (None, Stage::Closing) if matches!(self.closing, Some(Ending::Done)) => CbsState::OnAir,
            (None, Stage::Closing) => CbsState::Killing,
            (None, Stage::OnAir) => CbsState::OnAir,
            (None, _) if self.is_doubtful => CbsState::Unknown,
            (None, _) => CbsState::Asked,
        }
    }

    /// The next step, which is under way from now on. Also ends what time ends.
    pub fn next(&mut self, now_ms: u64) -> Option<Step> {
        if self.is_busy {
            return None;
        }
        self.pass_time(now_ms);
        if now_ms < self.not_before_ms {
            return None;
        }
        let step = match self.stage {
            Stage::Clearing => Step::Clear,
            Stage::Waiting if self.has_earlier && self.changes_in_place() => Step::Change,
            Stage::Waiting => Step::Ask,
            Stage::Closing => Step::Cancel,
            Stage::Doubt | Stage::Looking => Step::Look,
            Stage::OnAir if self.looks_at_cells() => Step::Look,
            Stage::OnAir | Stage::Over => return None,
        };
        self.is_busy = true;
        if matches!(step, Step::Ask | Step::Change) {
            self.was_asked = true;
        }
        Some(step)
    }

    /// When [`Course::next`] has something to do or to end; `None` while a step is under way, or
    /// once it is over.
    pub fn wake_ms(&self) -> Option<u64> {
        if self.is_busy || self.stage == Stage::Over {
            return None;
        }
        let end = match self.stage {
            Stage::OnAir => self.ends_ms,
            Stage::Clearing | Stage::Waiting | Stage::Doubt => Some(self.times.until_ms),
            Stage::Looking | Stage::Closing | Stage::Over => None,
        };
        let next = match self.stage {
            Stage::OnAir if !self.looks_at_cells() => None,
            _ => Some(self.not_before_ms),
        };
        next.into_iter().chain(end).min()
    }

    /// Takes it off the air, or does not put it there. True if it was never asked for.
    pub fn kill(&mut self, now_ms: u64) -> bool {
        match self.stage {
            Stage::Over => {}
            _ if !self.was_asked && !self.is_busy => {
                self.end(Ending::Killed);
                return true;
            }
            Stage::Closing => {
                self.closing.get_or_insert(Ending::Killed);
            }
            _ => self.close(Ending::Killed, now_ms),
        }
        false
    }

    /// A newer version has taken its place: the centre has let go of it.
    pub fn replaced(&mut self) {
        if self.stage != Stage::Over {
            self.end(Ending::Replaced);
        }
    }

    /// Ends what time ends, unless a step is under way.
    pub fn pass_time(&mut self, now_ms: u64) {
        match self.stage {
            _ if self.is_busy => {}
            Stage::Clearing | Stage::Waiting | Stage::Doubt if now_ms >= self.times.until_ms => {
                self.end(match self.is_doubtful {
                    true => Ending::Unknown,
                    false => Ending::Expired,
                });
            }
            Stage::OnAir if self.ends_ms.is_some_and(|ends_ms| now_ms >= ends_ms) => {
                // How often it was broadcast is known now, and no more once it is gone.
                match self.look_back {
                    LookBack::Ahead if self.can_look() => {
                        self.look_back = LookBack::Due;
                        self.not_before_ms = now_ms;
                        return;
                    }
                    LookBack::Due if self.can_look() => return,
                    LookBack::Ahead | LookBack::Due | LookBack::Done => {}
                }
                match self.nature.capabilities.key {
                    // Until it is told to let go, the centre takes nothing else under the identifier.
                    Key::MessageId => self.close(Ending::Done, now_ms),
                    Key::Stamp => self.end(Ending::Done),
                }
            }
            Stage::Closing => {
                let last_ms = self.ends_ms.unwrap_or(self.times.until_ms);
                let most_ms = last_ms.saturating_add(MAX_CANCEL_MS);
                if now_ms >= most_ms {
                    self.end_closing();
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, why: Ending, now_ms: u64) {
        self.stage = Stage::Closing;
        self.closing = Some(why);
        self.tries = 0;
        self.not_before_ms = now_ms;
    }

    fn end_closing(&mut self) {
        let why = self.closing.take().unwrap_or(Ending::Killed);
        self.end(why);
    }

    fn end(&mut self, how: Ending) {
        self.stage = Stage::Over;
        self.ending = Some(how);
    }

    fn stage_unless_closing(&mut self, stage: Stage, now_ms: u64) {
        if self.stage != Stage::Closing {
            self.stage = stage;
        }
        self.not_before_ms = now_ms;
    }

    /// The same again, after a while.
    fn again(&mut self, now_ms: u64) {
        if self.stage == Stage::Closing && !self.was_asked {
            self.end_closing();
            return;
        }
        self.not_before_ms = now_ms + self.retry_ms();
    }

    fn retry_ms(&mut self) -> u64 {
        let wait = RETRY_S.get(self.tries).or(RETRY_S.last());
        self.tries += 1;
        wait.map_or(0, |seconds| seconds * 1000)
    }

    fn changes_in_place(&self) -> bool {
        self.nature.capabilities.update == UpdateMode::InPlace
    }

    const fn can_look(&self) -> bool {
        self.nature.has_command_port && self.failed_looks < MAX_FAILED_LOOKS
    }

    const fn looks_at_cells(&self) -> bool {
        self.can_look()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
