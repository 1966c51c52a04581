//! The machine itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::content::AlertContent;
use super::rules::{ApprovalRules, Reach};
use super::{
    Alert, AlertState, Approval, Approved, Decision, MAX_REASON_BYTES, Proposal, Stage, Standing,
};
use crate::model::ids::UserName;

/// The edit that a person has had before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seen {
    /// Number of the version.
    pub version: u32,
    /// Number of the edit.
    pub revision: u32,
}

/// What the deliveries of the approved version have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Its submissions.
    pub submissions: u32,
    /// Of them, those that nobody has planned yet.
    pub queued: u32,
    /// Of them, those of which nothing is open any more.
    pub done: u32,
    /// Deliveries that were transmitted.
    pub delivered: u32,
    /// Deliveries that were withdrawn before anything was sent.
    pub cancelled: u32,
    /// Deliveries that ended otherwise.
    pub failed: u32,
    /// Deliveries that have not ended.
    pub pending: u32,
}

/// What somebody does to an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Agrees to the version waiting for approval.
    Approve {
        /// What they have read.
        seen: Seen,
        /// Whom it would reach; decides how many have to agree.
        reach: Reach,
        /// They have confirmed the reach.
        acknowledged: bool,
    },
    /// Throws a version away that is not waiting for approval.
    Discard {
        /// What they have read.
        seen: Seen,
    },
    /// Writes the next edit of the version being prepared.
    Edit {
        /// The edit that it is based on.
        seen: Seen,
        /// What it says now.
        content: Box<AlertContent>,
    },
    /// The deliveries have come so far; nobody's act.
    Fold(Progress),
    /// Ends the version waiting for approval.
    Reject {
        /// What they have read.
        seen: Seen,
        /// Why.
        reason: String,
    },
    /// Gives the version waiting for approval back to be written again.
    Return {
        /// What they have read.
        seen: Seen,
        /// Why.
        reason: String,
    },
    /// Begins the next version of an alert that is approved.
    Revise,
    /// Takes it off the air, or keeps it from going there.
    Stop {
        /// Why; may be empty.
        reason: String,
    },
    /// Sends it for approval.
    Submit {
        /// What they have read.
        seen: Seen,
    },
    /// Takes it back from the approvers, to write on.
    TakeBack {
        /// What they have read.
        seen: Seen,
    },
}

/// What has to follow in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The version just approved becomes submissions; those of `replaces` give way to them.
    Broadcast {
        /// The version before it, if one was approved.
        replaces: Option<u32>,
    },
    /// Nothing.
    None,
    /// Everything of the approved version is taken back or off the air.
    Withdraw,
}

/// Why somebody may not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The same person has agreed already, and a second one is needed.
    #[error("you have approved this already; a second approver is needed")]
    AlreadyApproved,
    /// It has been changed since it was shown.
    #[error(
        "this is version {}.{} by now, you have read {}.{}: look at what has changed",
        now.version, now.revision, seen.version, seen.revision
    )]
    Changed {
        /// What they have read.
        seen: Seen,
        /// What there is.
        now: Seen,
    },
    /// Whoever wrote or submitted it may not approve it.
    #[error("you have written or submitted this version; another person has to approve it")]
    OwnHand,
    /// Nobody has said that they know whom it reaches.
    #[error("confirm whom the alert will reach")]
    NotAcknowledged,
    /// A decision without a reason.
    #[error("give a reason")]
    NoReason,
    /// A reason that nobody would read.
    #[error("the reason is too long: at most {MAX_REASON_BYTES} octets are possible")]
    ReasonTooLong,
    /// Whoever returned it may not write it.
    #[error("you have returned this version; another person has to change it")]
    ReturnedIt,
    /// It does not go from here.
    #[error("this is not possible: the alert is {}", label.to_lowercase())]
    State {
        /// The state that it is in.
        label: &'static str,
    },
    /// It is being stopped.
    #[error("the alert has been stopped")]
    Stopped,
    /// There is a version in preparation already.
    #[error("version {version} is being prepared already")]
    UpdateExists {
        /// Which.
        version: u32,
    },
}

impl Alert {
    /// Does something to it. The alert itself stays as it is; the answer is the one that follows.
    pub fn act(
        &self,
        act: Act,
        by: &UserName,
        rules: &ApprovalRules,
        at_ms: u64,
    ) -> Result<(Self, Effect), Refusal> {
        let mut next = self.clone();
        next.changes += 1;
        let decision = |reason: String| Decision {
            by: by.clone(),
            at_ms,
            reason,
        };
        let mut effect = Effect::None;
        match act {
            Act::Approve {
                seen,
                reach,
                acknowledged,
            } => {
                let proposal = next.reviewed(seen)?;
                if !acknowledged {
                    return Err(Refusal::NotAcknowledged);
                }
                proposal.approve(by, rules, at_ms)?;
                let agreed = u32::try_from(proposal.approvals.len()).unwrap_or(u32::MAX);
                if agreed >= rules.needed(&reach) {
                    effect = next.approve(at_ms);
                }
            }
            Act::Discard { seen } => {
                next.written(seen)?;
                next.drop_proposal(decision(String::new()));
            }
            Act::Edit { seen, content } => {
                let proposal = next.written(seen)?;
                proposal.edit(*content, by, at_ms)?;
            }
            Act::Fold(progress) => next.fold(progress, at_ms),
            Act::Reject { seen, reason } => {
                let reason = checked(reason)?;
                next.reviewed(seen)?;
                next.drop_proposal(decision(reason));
            }
            Act::Return { seen, reason } => {
                let reason = checked(reason)?;
                let proposal = next.reviewed(seen)?;
                proposal.stage = Stage::Returned;
                proposal.approvals.clear();
                proposal.returned = Some(decision(reason));
            }
            Act::Revise => next.revise(by, at_ms)?,
            Act::Stop { reason } => {
                if reason.len() > MAX_REASON_BYTES {
                    return Err(Refusal::ReasonTooLong);
                }
                next.stop(decision(reason.trim().to_owned()))?;
                effect = Effect::Withdraw;
            }
            Act::Submit { seen } => {
                let proposal = next.written(seen)?;
                proposal.stage = Stage::Pending;
                proposal.submitted = Some(Approval {
                    by: by.clone(),
                    at_ms,
                });
                proposal.hands.insert(by.clone());
                proposal.approvals.clear();
            }
            Act::TakeBack { seen } => {
                let proposal = next.reviewed(seen)?;
                proposal.stage = Stage::Draft;
                proposal.approvals.clear();
            }
        }
        Ok((next, effect))
    }

    fn here(&self) -> Refusal {
        Refusal::State {
            label: self.state().label(),
        }
    }

    /// The version being prepared, if it is the edit that was read.
    fn proposed(&mut self, seen: Seen) -> Result<&mut Proposal, Refusal> {
        let here = self.here();
        if self.state().is_final() {
            return Err(here);
        }
        let proposal = self.proposal.as_mut().ok_or(here)?;
        let now = proposal.seen();
        if now == seen {
            Ok(proposal)
        } else {
            Err(Refusal::Changed { seen, now })
        }
    }

    /// The same, waiting for approval.
    fn reviewed(&mut self, seen: Seen) -> Result<&mut Proposal, Refusal> {
        let proposal = self.proposed(seen)?;
        match proposal.stage {
            Stage::Pending => Ok(proposal),
            Stage::Draft | Stage::Returned => Err(Refusal::State {
                label: proposal.stage.label(),
            }),
        }
    }

    /// The same, in the hands of those who write.
    fn written(&mut self, seen: Seen) -> Result<&mut Proposal, Refusal> {
        let proposal = self.proposed(seen)?;
        match proposal.stage {
            Stage::Draft | Stage::Returned => Ok(proposal),
            Stage::Pending => Err(Refusal::State {
                label: AlertState::PendingApproval.label(),
            }),
        }
    }

    fn approve(&mut self, at_ms: u64) -> Effect {
        let Some(proposal) = self.proposal.take() else {
            return Effect::None;
        };
        let replaces = self.approved.take().map(|approved| approved.version);
        self.approved = Some(Approved {
            version: proposal.version,
            revision: proposal.revision,
            submitted_by: match proposal.submitted {
                Some(submitted) => submitted.by,
                None => proposal.edited_by,
            },
            content: proposal.content,
            approvals: proposal.approvals,
            at_ms,
            standing: Standing::Scheduled,
            ended_ms: None,
            stopped: None,
        });
        Effect::Broadcast { replaces }
    }

    /// Without an approved version before it, that is the end of the alert.
    fn drop_proposal(&mut self, decision: Decision) {
        match self.approved {
            Some(_) => self.proposal = None,
            None => self.rejected = Some(decision),
        }
    }

    fn revise(&mut self, by: &UserName, at_ms: u64) -> Result<(), Refusal> {
        let here = self.here();
        if let Some(proposal) = self.proposal.as_ref().filter(|_| self.approved.is_some()) {
            let version = proposal.version;
            return Err(Refusal::UpdateExists { version });
        }
        let approved = self.approved.as_ref().ok_or(here.clone())?;
        if !self.state().is_live() {
            return Err(here);
        }
        if approved.stopped.is_some() {
            return Err(Refusal::Stopped);
        }
        self.proposal = Some(Proposal {
            version: approved.version + 1,
            revision: 1,
            stage: Stage::Draft,
            content: approved.content.clone(),
            author: by.clone(),
            edited_by: by.clone(),
            edited_ms: at_ms,
            hands: BTreeSet::from([by.clone()]),
            submitted: None,
            approvals: Vec::new(),
            returned: None,
        });
        Ok(())
    }

    fn stop(&mut self, decision: Decision) -> Result<(), Refusal> {
        let here = self.here();
        if !self.state().is_live() {
            return Err(here);
        }
        // An update approved now would put on the air again what somebody has just taken off it.
        self.proposal = None;
        match &mut self.approved {
            Some(approved) if approved.stopped.is_some() => Err(Refusal::Stopped),
            Some(approved) => {
                approved.stopped = Some(decision);
                Ok(())
            }
            None => Err(here),
        }
    }

    fn fold(&mut self, progress: Progress, at_ms: u64) {
        let is_live = self.state().is_live();
        let Some(approved) = self.approved.as_mut().filter(|_| is_live) else {
            return;
        };
        let over = progress.submissions > 0 && progress.done >= progress.submissions;
        approved.standing = if over && approved.stopped.is_some() {
            Standing::Cancelled
        } else if over && progress.delivered > 0 {
            Standing::Completed
        } else if over && progress.failed == 0 && progress.cancelled > 0 {
            Standing::Cancelled
        } else if over {
            Standing::Failed
        } else if progress.queued < progress.submissions {
            Standing::Broadcasting
        } else {
            approved.standing
        };
        if over {
            approved.ended_ms = Some(at_ms);
        }
    }
}

impl Stage {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => AlertState::Draft.label(),
            Self::Pending => AlertState::PendingApproval.label(),
            Self::Returned => AlertState::Returned.label(),
        }
    }
}

impl Proposal {
    fn approve(&mut self, by: &UserName, rules: &ApprovalRules, at_ms: u64) -> Result<(), Refusal> {
        if rules.second_person && self.hands.contains(by) {
            return Err(Refusal::OwnHand);
        }
        if self.approvals.iter().any(|approval| approval.by == *by) {
            return Err(Refusal::AlreadyApproved);
        }
        self.approvals.push(Approval {
            by: by.clone(),
            at_ms,
        });
        Ok(())
    }

    fn edit(&mut self, content: AlertContent, by: &UserName, at_ms: u64) -> Result<(), Refusal> {
        let returned_it = |decision: &Decision| decision.by == *by;
        if self.stage == Stage::Returned && self.returned.as_ref().is_some_and(returned_it) {
            return Err(Refusal::ReturnedIt);
        }
        self.content = content;
        self.revision += 1;
        self.edited_by = by.clone();
        self.edited_ms = at_ms;
        self.hands.insert(by.clone());
        self.stage = Stage::Draft;
        Ok(())
    }
}

/// A reason that somebody can learn from.
fn checked(reason: String) -> Result<String, Refusal> {
    match reason.trim() {
        "" => Err(Refusal::NoReason),
        reason if reason.len() > MAX_REASON_BYTES => Err(Refusal::ReasonTooLong),
        reason => Ok(reason.to_owned()),
    }
}

#[cfg(test)]
mod tests;
