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

use std::time::Duration;

use pushcast_cbs::cbep::ecbe::vty::Shown;
use pushcast_cbs::cbep::{
    Capabilities, Cause, Cells, Certainty, Key, Operation, Outcome, RefusalKind, UpdateMode,
};
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::serial::SerialNumber;

use crate::model::{CbsState, CellCount};

use super::event::Ending;

/// Waits before a request is made again, s: outcomes that are unknown are to be resolved within
/// 30 s, and a centre that is back is to have its alerts soon.
const RETRY_S: [u64; 6] = [1, 2, 4, 8, 15, 30];
/// Looks for cells after the centre took a message, one a second.
const MAX_FIRST_LOOKS: u32 = 10;
/// Looks that may fail before the command port counts for nothing.
const MAX_FAILED_LOOKS: u32 = 3;
/// Between looks at a message on the air, at least.
const LOOK_INTERVAL_MS: u64 = 10_000;
/// A centre that does not let go of a message is asked for so long after its last broadcast.
const MAX_CANCEL_MS: u64 = 600_000;

/// What is to be done for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Take the message off the air whose place this one takes.
    Clear,
    /// Put it on the air.
    Ask,
    /// Put it in the place of the earlier one, in one request.
    Change,
    /// Take it off the air.
    Cancel,
    /// Ask the command port about it.
    Look,
}

impl Step {
    /// As adapters know it; a look is no request.
    pub const fn operation(self) -> Option<Operation> {
        match self {
            Self::Clear | Self::Cancel => Some(Operation::Cancel),
            Self::Ask => Some(Operation::Submit),
            Self::Change => Some(Operation::Update),
            Self::Look => None,
        }
    }
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// The centre's answer, or that none came.
    Answer(Outcome),
    /// The centre was not reached.
    NotSent,
    /// What the command port shows, if it does.
    Shown(Option<Shown>),
    /// The request cannot be written.
    Unwritable(String),
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The earlier message is to be taken off first.
    Clearing,
    /// It is to be asked for.
    Waiting,
    /// The centre took it and is asked about its cells.
    Looking,
    /// A request had no answer: was it carried out?
    Doubt,
    /// It is on the air.
    OnAir,
    /// It is to be taken off the air.
    Closing,
    /// Nothing is left to do.
    Over,
}

/// What a message needs of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// It is not put on the air after this.
    pub until_ms: u64,
    /// From the first broadcast to the end of the last.
    pub on_air: Duration,
    /// Time between two broadcasts.
    pub period: Duration,
}

/// What names a message, and how its centre can be asked about it.
#[derive(Debug, Clone, Copy)]
pub struct Nature {
    /// What the centre can do.
    pub capabilities: &'static Capabilities,
    /// It has a command port.
    pub has_command_port: bool,
    /// Message identifier.
    pub message_id: MessageId,
    /// Serial number.
    pub serial: SerialNumber,
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
            is_doubtful: false,
            has_earlier,
            was_asked: false,
            ends_ms,
            closing: (stage == Stage::Closing).then_some(Ending::Killed),
            ending: None,
            cells: None,
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
            (Some(Ending::Refused(_)), _) => CbsState::Refused,
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

    /// Takes in what came of the step that is under way.
    pub fn came(&mut self, step: Step, came: Came, now_ms: u64) {
        self.is_busy = false;
        if self.stage == Stage::Over {
            return;
        }
        match came {
            Came::Unwritable(why) => self.end(Ending::Refused(why)),
            Came::NotSent => self.again(now_ms),
            Came::Shown(shown) => self.seen(shown.as_ref(), now_ms),
            Came::Answer(outcome) => match step {
                Step::Ask | Step::Change => self.asked(step, outcome, now_ms),
                Step::Clear | Step::Cancel => self.cancelled(step, &outcome, now_ms),
                Step::Look => {}
            },
        }
    }

    fn asked(&mut self, step: Step, outcome: Outcome, now_ms: u64) {
        let was_doubtful = self.is_doubtful;
        match outcome {
            Outcome::Accepted {
                certainty: Certainty::Taken,
            } => self.taken(now_ms),
            Outcome::AlreadyThere if was_doubtful => self.taken(now_ms),
            Outcome::AlreadyThere if self.can_look() => {
                // Somebody else's, or ours from a request that nobody remembers.
                self.stage_unless_closing(Stage::Doubt, now_ms);
            }
            Outcome::AlreadyThere => self.end(Ending::Refused(format!(
                "message identifier {} is in use at the centre by somebody else",
                self.nature.message_id
            ))),
            Outcome::Accepted {
                certainty: Certainty::NoPeer,
            } => {
                let why = "no part of the network is connected to the centre".to_owned();
                self.is_doubtful = false;
                self.close(Ending::Refused(why), now_ms);
            }
            Outcome::NotFound if step == Step::Change => {
                // The earlier message is gone: this one stands alone.
                self.has_earlier = false;
                self.not_before_ms = now_ms;
            }
            Outcome::Refused { reason } if reason.kind == RefusalKind::Busy => self.again(now_ms),
            Outcome::Refused { reason } => {
                self.end(Ending::Refused(format!(
                    "the centre refused it: {}",
                    reason.text
                )));
            }
            Outcome::NotFound | Outcome::Unknown { .. } => {
                self.is_doubtful = true;
                if self.stage == Stage::Closing {
                    self.not_before_ms = now_ms;
                } else if self.can_look() {
                    self.stage = Stage::Doubt;
                    self.not_before_ms = now_ms + self.retry_ms();
                } else {
                    self.again(now_ms);
                }
            }
        }
    }

    fn cancelled(&mut self, step: Step, outcome: &Outcome, now_ms: u64) {
        let is_gone = matches!(outcome, Outcome::Accepted { .. } | Outcome::NotFound);
        match (step, outcome) {
            (Step::Clear, _) if is_gone => {
                self.has_earlier = false;
                self.tries = 0;
                self.stage_unless_closing(Stage::Waiting, now_ms);
            }
            (_, _) if is_gone => self.end_closing(),
            (Step::Clear, Outcome::Refused { reason }) if reason.kind != RefusalKind::Busy => {
                let why = format!(
                    "the centre does not let go of the earlier one: {}",
                    reason.text
                );
                self.end(Ending::Refused(why));
            }
            (_, _) => self.again(now_ms),
        }
    }

    /// Takes in what the command port shows.
    fn seen(&mut self, shown: Option<&Shown>, now_ms: u64) {
        let Nature {
            message_id, serial, ..
        } = self.nature;
        let Some(shown) = shown else {
            self.failed_looks += 1;
            self.not_before_ms = now_ms + self.retry_ms();
            if !self.can_look() {
                // Nothing more will be known: as if there were no such port.
                match self.stage {
                    Stage::Doubt => self.stage = Stage::Waiting,
                    Stage::Looking => self.on_air(now_ms),
                    _ => {}
                }
            }
            return;
        };
        self.failed_looks = 0;
        let details = shown.details_of(message_id, serial);
        if let Some(details) = details {
            let cells = Cells::from(details);
            self.cells = Some(CellCount {
                installed: u32::try_from(cells.installed).unwrap_or(u32::MAX),
                failed: u32::try_from(cells.failed.len()).unwrap_or(u32::MAX),
                broadcasts: cells.broadcasts_completed,
            });
            match self.stage {
                Stage::Doubt => {
                    self.is_doubtful = false;
                    self.judge(&cells, now_ms);
                }
                Stage::Looking => self.judge(&cells, now_ms),
                Stage::OnAir => {
                    self.not_before_ms = now_ms + millis(self.times.period).max(LOOK_INTERVAL_MS);
                }
                _ => {}
            }
            return;
        }
        match self.stage {
            // The centre has another message under the identifier, and did nothing.
            Stage::Doubt if shown.details.iter().any(|one| one.message_id == message_id) => {
                self.is_doubtful = false;
                self.end(Ending::Refused(format!(
                    "message identifier {message_id} is in use at the centre by somebody else"
                )));
            }
            Stage::Doubt => {
                // It was not carried out.
                self.is_doubtful = false;
                self.stage = Stage::Waiting;
                self.not_before_ms = now_ms;
            }
            Stage::Looking => self.judge(&Cells::default(), now_ms),
            Stage::OnAir => self.not_before_ms = now_ms + LOOK_INTERVAL_MS,
            _ => {}
        }
    }

    /// The centre has it: what do its cells say?
    fn judge(&mut self, cells: &Cells, now_ms: u64) {
        self.looks += 1;
        if cells.installed > 0 {
            self.on_air(now_ms);
        } else if let Some((_, cause)) = cells.failed.first() {
            let why = format!(
                "every one of {} cells refused it: {}",
                cells.total(),
                told(*cause)
            );
            self.close(Ending::Refused(why), now_ms);
        } else if self.looks >= MAX_FIRST_LOOKS {
            // The centre took it and no cell has said anything: that is all that can be told.
            self.on_air(now_ms);
        } else {
            self.stage = Stage::Looking;
            self.not_before_ms = now_ms + 1000;
        }
    }

    fn taken(&mut self, now_ms: u64) {
        self.is_doubtful = false;
        self.tries = 0;
        if self.stage == Stage::Closing {
            self.not_before_ms = now_ms;
        } else if self.can_look() {
            self.stage = Stage::Looking;
            self.not_before_ms = now_ms + 100;
            self.ends_ms = Some(now_ms + millis(self.times.on_air));
        } else {
            self.on_air(now_ms);
        }
    }

    fn on_air(&mut self, now_ms: u64) {
        self.stage = Stage::OnAir;
        let full = now_ms + millis(self.times.on_air);
        self.ends_ms.get_or_insert(full);
        self.not_before_ms = now_ms + millis(self.times.period).max(LOOK_INTERVAL_MS);
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

fn told(cause: Cause) -> String {
    cause.to_string()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
