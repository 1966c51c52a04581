//! Alerts as their pages show them: what they are, whom they would reach, what may be done to them.

use super::alerts::standing;
use super::previews::reach_of;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::{
    Act, Change, ContentProblem, Decision, Field, Reach, Seen, Stage, changes,
};
use crate::model::{Action, Alert, AlertContent, AlertId, AlertState, SubmissionId, UserName};
use crate::store::AlertAct;

/// What the person who looks may do to the alert now, and why not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duty {
    /// They may write the version being prepared.
    pub edit: bool,
    /// They may send it for approval.
    pub submit: bool,
    /// They may take it back from the approvers.
    pub take_back: bool,
    /// They may throw it away.
    pub discard: bool,
    /// They may approve it.
    pub approve: bool,
    /// They may return or reject it.
    pub decide: bool,
    /// They may take the alert off the air.
    pub stop: bool,
    /// They may begin an update.
    pub revise: bool,
    /// Why somebody who approves cannot approve this, in a sentence for them.
    pub cannot_approve: Option<String>,
}

/// An alert as a page shows it.
#[derive(Debug, Clone)]
pub struct AlertView {
    /// The alert.
    pub alert: Alert,
    /// What it is now.
    pub state: AlertState,
    /// What keeps the version being prepared from being sent.
    pub problems: Vec<ContentProblem>,
    /// Whom the version being prepared, else the approved one, would reach.
    pub reach: Reach,
    /// How many have to agree.
    pub approvals_needed: u32,
    /// What differs from what was on the air, or from what was returned, whichever came later.
    pub changes: Vec<Change>,
    /// What the person may do.
    pub duty: Duty,
    /// Submissions of the approved version.
    pub submissions: Vec<SubmissionId>,
    /// Stopping it keeps all of it from the air until then, Unix ms.
    pub undo_until_ms: Option<u64>,
}

/// An edit of an alert.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Which.
    pub seen: Seen,
    /// Whose.
    pub by: UserName,
    /// When.
    pub at_ms: u64,
    /// What it said.
    pub content: AlertContent,
    /// What it changed.
    pub changes: Vec<Change>,
}

/// Something that was done to an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// `created`, `copied`, `edited`, `submitted`, `taken_back`, `approved`, `returned`,
    /// `rejected`, `discarded`, `revised`, `stopped`.
    pub act: String,
    /// Version and edit.
    pub seen: Seen,
    /// By whom, when, and why.
    pub decision: Decision,
}

impl Gateway {
    /// An alert of the workspace. Needs `See`.
    pub async fn alert(&self, actor: &Actor, id: &AlertId) -> Result<AlertView, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let alert = self.own_alert(actor, id).await?;
        let now_ms = self.inner.clock.unix_ms();
        let proposed = alert.proposal.as_ref().map(|proposal| &proposal.content);
        let content = proposed.or(alert.content()).cloned().unwrap_or_default();
        let reach = self.reach(&content).await?;
        let approvals_needed = actor.workspace.rules().needed(&reach);
        let problems = match proposed {
            Some(content) => self.problems(actor, content, now_ms),
            None => Vec::new(),
        };
        let submissions = match &alert.approved {
            Some(approved) => {
                let parts = self.inner.store.console_parts(id, approved.version).await?;
                parts.into_iter().map(|part| part.submission).collect()
            }
            None => Vec::new(),
        };
        let edits = self.inner.store.alert_edits(id).await?;
        let changed = match (&alert.proposal, &alert.approved) {
            (Some(proposal), _) if proposal.returned.is_some() || proposal.version == 1 => {
                let at_ms = proposal
                    .returned
                    .as_ref()
                    .map_or(0, |returned| returned.at_ms);
                let before = edits
                    .iter()
                    .find(|edit| edit.at_ms <= at_ms && edit.seen.version == proposal.version);
                before.map(|before| changes(&before.content, &proposal.content))
            }
            (Some(proposal), Some(approved)) => Some(changes(&approved.content, &proposal.content)),
            _ => None,
        };
        Ok(AlertView {
            state: alert.state(),
            problems,
            duty: self.duty(actor, &alert, &reach),
            reach,
            approvals_needed,
            changes: changed.unwrap_or_default(),
            submissions,
            undo_until_ms: self.undo_until(&alert, now_ms),
            alert,
        })
    }

    /// Until when stopping an alert keeps all of it from the air, if that is still possible.
    pub(super) fn undo_until(&self, alert: &Alert, now_ms: u64) -> Option<u64> {
        let approved = alert.approved.as_ref()?;
        if alert.state() != AlertState::Scheduled || approved.stopped.is_some() {
            return None;
        }
        let until_ms = approved.at_ms + self.console().undo_ms();
        let until_ms = until_ms.max(approved.content.window(approved.at_ms).0);
        Some(until_ms).filter(|until_ms| now_ms < *until_ms)
    }

    /// What keeps an alert from being sent, names that do not exist and texts that cannot be
    /// broadcast included.
    pub(super) fn problems(
        &self,
        actor: &Actor,
        content: &AlertContent,
        now_ms: u64,
    ) -> Vec<ContentProblem> {
        let mut problems = content.problems(&self.alert_limits(), now_ms);
        let mut unknown = |what: String| {
            problems.push(ContentProblem {
                field: Field::Audience,
                language: None,
                message: format!("There is no {what} any more: remove it."),
            });
        };
        let directory = self.directory();
        for group in content
            .groups
            .iter()
            .filter(|name| directory.group(name).is_none())
        {
            unknown(format!("group {group}"));
        }
        for area in content
            .areas
            .iter()
            .filter(|name| directory.area(name).is_none())
        {
            unknown(format!("area {area}"));
        }
        problems.extend(self.broadcast_problems(&actor.workspace, content));
        problems
    }

    /// Whom an alert would reach, as far as figures are known.
    pub(super) async fn reach(&self, content: &AlertContent) -> Result<Reach, ConsoleError> {
        let outlines = self.inner.store.outlines().await?;
        Ok(reach_of(self.directory(), &outlines, content))
    }

    fn duty(&self, actor: &Actor, alert: &Alert, reach: &Reach) -> Duty {
        let now_ms = self.inner.clock.unix_ms();
        let rules = actor.workspace.rules();
        let can = |act: Act| alert.act(act, actor.name(), &rules, now_ms);
        let seen = standing(alert);
        let reason = || "x".to_owned();
        let (compose, approve) = (actor.may(Action::Compose), actor.may(Action::Approve));
        let approving = can(Act::Approve {
            seen,
            reach: *reach,
            acknowledged: true,
        });
        let content = Box::<AlertContent>::default();
        let pending = |alert: &Alert| {
            let proposal = alert.proposal.as_ref();
            proposal.is_some_and(|proposal| proposal.stage == Stage::Pending)
        };
        Duty {
            edit: compose && can(Act::Edit { seen, content }).is_ok(),
            submit: compose && can(Act::Submit { seen }).is_ok(),
            take_back: compose && can(Act::TakeBack { seen }).is_ok(),
            discard: compose && can(Act::Discard { seen }).is_ok(),
            approve: approve && approving.is_ok(),
            decide: approve
                && can(Act::Reject {
                    seen,
                    reason: reason(),
                })
                .is_ok(),
            stop: actor.may(Action::Stop) && can(Act::Stop { reason: reason() }).is_ok(),
            revise: compose && can(Act::Revise).is_ok(),
            cannot_approve: match approve {
                true => approving.err().map(|refusal| refusal.to_string()),
                false => (actor.user.may(Action::Approve, &actor.workspace.name))
                    .then(|| actor.refusal(Action::Approve).to_string()),
            }
            .filter(|_| pending(alert)),
        }
    }

    /// Every edit, the newest first. Needs `See`.
    pub async fn alert_edits(
        &self,
        actor: &Actor,
        id: &AlertId,
    ) -> Result<Vec<Edit>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        self.own_alert(actor, id).await?;
        let stored = self.inner.store.alert_edits(id).await?;
        let changed = |place: usize| match stored.get(place + 1) {
            Some(before) => changes(&before.content, &stored[place].content),
            None => Vec::new(),
        };
        let edits = stored.iter().enumerate().map(|(place, edit)| Edit {
            seen: edit.seen,
            by: edit.by.clone(),
            at_ms: edit.at_ms,
            content: edit.content.clone(),
            changes: changed(place),
        });
        Ok(edits.collect())
    }

    /// What was done to it, the newest first. Needs `See`.
    pub async fn alert_history(
        &self,
        actor: &Actor,
        id: &AlertId,
    ) -> Result<Vec<HistoryEntry>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        self.own_alert(actor, id).await?;
        let acts = self.inner.store.alert_acts(id).await?;
        let entry = |act: AlertAct| HistoryEntry {
            act: act.act,
            seen: act.seen,
            decision: Decision {
                by: act.by,
                at_ms: act.at_ms,
                reason: act.reason,
            },
        };
        Ok(acts.into_iter().map(entry).collect())
    }
}
