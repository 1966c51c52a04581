//! Deciding about alerts and about pushes that wait, and stopping what is on the air.

use super::pushes::Earlier;
use super::state::Done;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::{Act, Effect, MAX_REASON_BYTES, Refusal, Seen};
use crate::model::listing::{Entry, ListQuery, Tab};
use crate::model::{
    Action, Alert, AlertId, AlertState, MessageState, Outcome, StatusCode, SubmissionId,
};
use crate::scheduler::Stopped;
use crate::store::{Approving, Change, Steps};

impl Gateway {
    /// What waits for approval in the workspace, the oldest first: alerts, updates, and pushes of
    /// initiators whose pushes wait. Needs `See`.
    pub async fn approvals(&self, actor: &Actor) -> Result<Vec<Entry>, ConsoleError> {
        let query = ListQuery {
            tab: Tab::Waiting,
            rows: crate::model::listing::MAX_PAGE_ROWS,
            ..ListQuery::default()
        };
        Ok(self.list(actor, &query).await?.rows)
    }

    /// Agrees to exactly what was read. `acknowledged` is the tick beside the reach. Once enough
    /// have agreed, the version becomes one submission for each language, in the transaction that
    /// makes it approved. Returns what the alert is then. Needs `Approve`.
    pub async fn approve_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
        acknowledged: bool,
    ) -> Result<AlertState, ConsoleError> {
        self.authorize(actor, Action::Approve).await?;
        let alert = self.own_alert(actor, id).await?;
        let Some(proposal) = &alert.proposal else {
            let label = alert.state().label();
            return Err(Refusal::State { label }.into());
        };
        // Names may have gone and times may have passed since it was submitted.
        let problems = self.problems(actor, &proposal.content, self.inner.clock.unix_ms());
        let reach = self.reach(&proposal.content).await?;
        let act = Act::Approve {
            seen,
            reach,
            acknowledged,
        };
        let (next, effect, steps) = self.acted(actor, &alert, act).await?;
        if !problems.is_empty() {
            return Err(ConsoleError::Content(problems));
        }
        let mut approving = Approving {
            steps,
            ..Approving::default()
        };
        let mut dropped = Vec::new();
        if let (Effect::Broadcast { replaces }, Some(approved)) = (effect, &next.approved) {
            let earlier = match replaces {
                Some(version) => self.earlier(id, version).await?,
                None => Vec::new(),
            };
            self.add_pushes(&next, approved, &earlier, &mut approving)?;
            let is_replaced = |old: &Earlier| {
                let mut replaced = approving.replacing.iter();
                replaced.any(|(submission, _)| *submission == old.part.submission)
            };
            let gone = earlier.iter().filter(|old| !is_replaced(old));
            dropped.extend(gone.map(|old| old.part.submission.clone()));
        }
        let approved = self.inner.core.clone().approve(approving).await;
        approved.map_err(ConsoleError::of)?;
        for submission in dropped {
            // A language that the new version does not have any more.
            let desc = "not part of the new version".to_owned();
            self.inner.core.clone().stop(submission, desc).await?;
        }
        self.tell_alert(&next);
        Ok(next.state())
    }

    /// What a version was sent as.
    async fn earlier(&self, id: &AlertId, version: u32) -> Result<Vec<Earlier>, ConsoleError> {
        let mut earlier = Vec::new();
        for part in self.inner.store.console_parts(id, version).await? {
            let summary = self.inner.store.summary(&part.submission).await?;
            let Some(summary) = summary else {
                continue;
            };
            earlier.push(Earlier {
                deliveries: self.inner.store.deliveries(&part.submission).await?,
                lineage: summary.lineage,
                part,
            });
        }
        Ok(earlier)
    }

    /// Gives it back to be written again; the reason is demanded. Needs `Approve`.
    pub async fn return_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
        reason: &str,
    ) -> Result<(), ConsoleError> {
        let reason = reason.to_owned();
        let act = Act::Return { seen, reason };
        let returned = self.act(actor, id, Action::Approve, act);
        returned.await.map(|_| ())
    }

    /// Ends it; the reason is demanded. Needs `Approve`.
    pub async fn reject_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
        reason: &str,
    ) -> Result<(), ConsoleError> {
        let reason = reason.to_owned();
        let act = Act::Reject { seen, reason };
        let rejected = self.act(actor, id, Action::Approve, act);
        rejected.await.map(|_| ())
    }

    /// Takes the alert off the air at once, or keeps it from going there. One person is enough.
    /// Returns whether a packet of it had left. Needs `Stop`.
    pub async fn stop_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        reason: &str,
    ) -> Result<bool, ConsoleError> {
        self.authorize(actor, Action::Stop).await?;
        let alert = self.own_alert(actor, id).await?;
        let reason = reason.to_owned();
        let (next, _, steps) = self.acted(actor, &alert, Act::Stop { reason }).await?;
        self.commit(steps).await?;
        self.tell_alert(&next);
        self.off_the_air(&next).await
    }

    /// Takes everything of an alert off the air, older versions included.
    pub(super) async fn off_the_air(&self, alert: &Alert) -> Result<bool, ConsoleError> {
        let newest = alert
            .approved
            .as_ref()
            .map_or(0, |approved| approved.version);
        let mut was_sent = false;
        for version in (1..=newest).rev() {
            for part in self.inner.store.console_parts(&alert.id, version).await? {
                let desc = "stopped at the console".to_owned();
                let core = self.inner.core.clone();
                let stopped: Stopped = core.stop(part.submission, desc).await?;
                was_sent |= stopped.was_sent;
            }
        }
        Ok(was_sent)
    }

    /// Takes a push of an initiator off the air at once. Returns whether a packet of it had left.
    /// Needs `Stop`.
    pub async fn stop_submission(
        &self,
        actor: &Actor,
        id: &SubmissionId,
        reason: &str,
    ) -> Result<bool, ConsoleError> {
        self.authorize(actor, Action::Stop).await?;
        let reason = reason.trim();
        if reason.len() > MAX_REASON_BYTES {
            return Err(Refusal::ReasonTooLong.into());
        }
        let entry = self.seen_entry(actor, id).await?;
        if entry.alert.is_some() {
            let why = "this is part of an alert: stop the alert";
            return Err(ConsoleError::NotNow(why.to_owned()));
        }
        let done = Done::new("stop_submission", format!("submission {id}"));
        let audited = Steps::default().audited(self.done(actor, done.after(&reason)));
        self.inner.store.commit(audited).await?;
        let desc = match reason {
            "" => "stopped by the operator".to_owned(),
            reason => format!("stopped by the operator: {reason}"),
        };
        let stopped = self.inner.core.clone().stop(id.clone(), desc).await?;
        Ok(stopped.was_sent)
    }

    /// Lets a push go that waits. Needs `Approve`.
    pub async fn release_submission(
        &self,
        actor: &Actor,
        id: &SubmissionId,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::Approve).await?;
        let entry = self.seen_entry(actor, id).await?;
        if entry.held_ms.is_none() {
            return Err(ConsoleError::NotFound {
                what: "waiting push",
            });
        }
        let now_ms = self.inner.clock.unix_ms();
        let done = Done::new("release_submission", format!("submission {id}"));
        let steps = Steps::default()
            .release(id, now_ms)
            .audited(self.done(actor, done));
        self.commit(steps).await?;
        self.inner.signals.due.notify_one();
        Ok(())
    }

    /// Ends a push that waits: its deliveries are rejected (PAP 2001) and the initiator is told.
    /// The reason is demanded. Needs `Approve`.
    pub async fn refuse_submission(
        &self,
        actor: &Actor,
        id: &SubmissionId,
        reason: &str,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::Approve).await?;
        let reason = match reason.trim() {
            "" => return Err(Refusal::NoReason.into()),
            reason if reason.len() > MAX_REASON_BYTES => {
                return Err(Refusal::ReasonTooLong.into());
            }
            reason => reason,
        };
        let entry = self.seen_entry(actor, id).await?;
        if entry.held_ms.is_none() {
            return Err(ConsoleError::NotFound {
                what: "waiting push",
            });
        }
        let done = Done::new("refuse_submission", format!("submission {id}"));
        let steps = Steps::default()
            .unhold(id)
            .audited(self.done(actor, done.after(&reason)));
        // Held no longer and never due: what is left open by a crash here expires.
        self.commit(steps).await?;
        let outcome = Outcome {
            state: MessageState::Rejected,
            code: StatusCode::Forbidden,
            desc: format!("not approved: {reason}"),
            event_ms: self.inner.clock.unix_ms(),
            bearer: None,
        };
        let deliveries = self.inner.store.deliveries(id).await?;
        let changes = deliveries.into_iter().map(|delivery| Change::Deliver {
            delivery: delivery.id,
            outcome: outcome.clone(),
        });
        self.inner.store.conclude(changes.collect()).await?;
        self.inner.signals.outcome.notify_one();
        Ok(())
    }
}
