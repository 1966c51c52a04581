//! What the centre said, and what its command port shows.

use pushcast_cbs::cbep::ecbe::vty::Shown;
use pushcast_cbs::cbep::{Cells, Certainty, Outcome, RefusalKind};

use super::{Came, Course, LOOK_INTERVAL_MS, LookBack, Nature, Stage, Step, Trouble, millis};
use crate::cbc::event::Ending;
use crate::model::CellCount;

/// Looks for cells after the centre took a message, one a second.
pub(super) const MAX_FIRST_LOOKS: u32 = 10;

impl Course {
    /// Takes in what came of the step that is under way.
    pub fn came(&mut self, step: Step, came: Came, now_ms: u64) {
        self.is_busy = false;
        if self.stage == Stage::Over {
            return;
        }
        if step == Step::Look && self.look_back == LookBack::Due {
            self.look_back = LookBack::Done;
        }
        self.trouble = trouble(&came).or(self.trouble.take().filter(|_| {
            // A look says nothing of the request before it.
            step == Step::Look
        }));
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
            Outcome::AlreadyThere => self.end(Ending::Occupied(self.nature.message_id.0)),
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
                self.end(Ending::Occupied(message_id.0));
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
            let why = format!("every one of {} cells refused it: {}", cells.total(), cause);
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
}

/// What is in the way by what came of a step.
fn trouble(came: &Came) -> Option<Trouble> {
    match came {
        Came::NotSent => Some(Trouble::Unreached),
        Came::Answer(Outcome::Unknown { .. }) => Some(Trouble::Silent),
        Came::Answer(Outcome::Refused { reason }) if reason.kind == RefusalKind::Busy => {
            Some(Trouble::Busy(reason.text.clone()))
        }
        Came::Answer(_) | Came::Shown(_) | Came::Unwritable(_) => None,
    }
}
