//! Alerts before anybody has approved them: drafts, edits, copies, history.

use std::collections::BTreeMap;

use super::previews::reach_of;
use super::state::{Done, new_key};
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::{
    Act, Change, ContentProblem, Decision, Effect, Field, Limits, Reach, Seen, Stage, changes, fill,
};
use crate::model::event::What;
use crate::model::{
    Action, Alert, AlertContent, AlertId, AlertState, SubmissionId, TemplateId, UserName,
};
use crate::store::{AlertAct, Steps};

/// Drafts of a duration that nobody has chosen yet, s.
const DEFAULT_DURATION_S: u64 = 3_600;

/// What a new alert begins with.
#[derive(Debug, Clone)]
pub enum NewAlert {
    /// Nothing.
    Blank,
    /// What another alert of the workspace says.
    Copy(AlertId),
    /// What a template says, its blanks filled where there is something for them.
    Template {
        /// Which.
        template: TemplateId,
        /// Values by name of the blank.
        values: BTreeMap<String, String>,
    },
}

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

/// The word for an act, in history and audit.
pub(super) const fn word(act: &Act) -> &'static str {
    match act {
        Act::Approve { .. } => "approved",
        Act::Discard { .. } => "discarded",
        Act::Edit { .. } => "edited",
        Act::Fold(_) => "followed",
        Act::Reject { .. } => "rejected",
        Act::Return { .. } => "returned",
        Act::Revise => "revised",
        Act::Stop { .. } => "stopped",
        Act::Submit { .. } => "submitted",
        Act::TakeBack { .. } => "taken_back",
    }
}

/// The edit that stands, of the version being prepared or else of the approved one.
pub(super) fn standing(alert: &Alert) -> Seen {
    let proposed = alert.proposal.as_ref().map(|proposal| proposal.seen());
    let approved = alert.approved.as_ref().map(|approved| Seen {
        version: approved.version,
        revision: approved.revision,
    });
    proposed.or(approved).unwrap_or(Seen {
        version: 1,
        revision: 1,
    })
}

impl Gateway {
    /// Bounds on what alerts say and when.
    pub fn alert_limits(&self) -> Limits {
        Limits::default()
    }

    /// Begins an alert. Needs `Compose`.
    pub async fn create_alert(
        &self,
        actor: &Actor,
        from: NewAlert,
    ) -> Result<AlertId, ConsoleError> {
        self.authorize(actor, Action::Compose).await?;
        let (content, act, reason) = match from {
            NewAlert::Blank => {
                let content = AlertContent {
                    duration_s: DEFAULT_DURATION_S,
                    ..AlertContent::default()
                };
                (content, "created", String::new())
            }
            NewAlert::Copy(id) => {
                let alert = self.own_alert(actor, &id).await?;
                let proposed = alert.proposal.as_ref().map(|proposal| &proposal.content);
                let content = proposed.or(alert.content()).cloned();
                (content.unwrap_or_default(), "copied", format!("alert {id}"))
            }
            NewAlert::Template { template, values } => {
                let template = self.template(actor, &template).await?;
                let mut content = template.content;
                for message in &mut content.messages {
                    message.text = fill(&message.text, &values);
                }
                content.title = fill(&content.title, &values);
                (content, "created", format!("template {}", template.name))
            }
        };
        let now_ms = self.inner.clock.unix_ms();
        let id: AlertId = new_key()?;
        let workspace = actor.workspace.name.clone();
        let alert = Alert::draft(id.clone(), workspace, content, actor.name().clone(), now_ms);
        let act = AlertAct {
            act: act.to_owned(),
            seen: standing(&alert),
            by: actor.name().clone(),
            at_ms: now_ms,
            reason,
        };
        let done = Done::new("create_alert", format!("alert {id}"));
        let after = alert.content();
        let steps = Steps::default()
            .create_alert(&alert, &act)?
            .audited(self.done(actor, done.after(&after)));
        self.inner
            .store
            .commit(steps)
            .await
            .map_err(ConsoleError::of)?;
        self.tell_alert(&alert);
        Ok(id)
    }

    /// An alert of the workspace.
    pub(super) async fn own_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
    ) -> Result<Alert, ConsoleError> {
        let alert = self.inner.store.alert(id).await?;
        alert
            .filter(|alert| alert.workspace == actor.workspace.name)
            .ok_or(ConsoleError::NotFound { what: "alert" })
    }

    pub(super) fn tell_alert(&self, alert: &Alert) {
        let what = What::Alert {
            id: alert.id.clone(),
            title: alert.title().to_owned(),
            state: alert.state(),
            waiting: alert.is_waiting(),
        };
        self.tell(Some(&alert.workspace), what);
    }

    /// Does something to an alert that has no effect beyond it.
    pub(super) async fn act(
        &self,
        actor: &Actor,
        id: &AlertId,
        action: Action,
        act: Act,
    ) -> Result<Alert, ConsoleError> {
        self.authorize(actor, action).await?;
        let alert = self.own_alert(actor, id).await?;
        let (next, effect, steps) = self.acted(actor, &alert, act).await?;
        debug_assert_eq!(effect, Effect::None, "has effects beyond the alert");
        self.inner
            .store
            .commit(steps)
            .await
            .map_err(ConsoleError::of)?;
        self.tell_alert(&next);
        Ok(next)
    }

    /// What an act makes of an alert, and the statements that store it. A refusal is recorded.
    pub(super) async fn acted(
        &self,
        actor: &Actor,
        alert: &Alert,
        act: Act,
    ) -> Result<(Alert, Effect, Steps), ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        let word = word(&act);
        let reason = match &act {
            Act::Reject { reason, .. } | Act::Return { reason, .. } | Act::Stop { reason } => {
                reason.trim().to_owned()
            }
            _ => String::new(),
        };
        let object = format!("alert {}", alert.id);
        let acted = alert.act(act, actor.name(), &actor.workspace.rules(), now_ms);
        let (next, effect) = match acted {
            Ok(acted) => acted,
            Err(refusal) => {
                let mut entry = self.done(actor, Done::new(action_of(word), object));
                entry.reason = refusal.to_string();
                self.inner.store.audit_append(vec![entry]).await?;
                return Err(refusal.into());
            }
        };
        let seen = match (&alert.proposal, &next.proposal) {
            (Some(before), None) => before.seen(),
            _ => standing(&next),
        };
        let done = AlertAct {
            act: word.to_owned(),
            seen,
            by: actor.name().clone(),
            at_ms: now_ms,
            reason: reason.clone(),
        };
        let before = (alert.state(), proposed(alert));
        let after = (next.state(), proposed(&next), reason);
        let entry = Done::new(action_of(word), object);
        let entry = self.done(actor, entry.before(&before).after(&after));
        let steps = Steps::default()
            .change_alert(alert, &next, Some(&done))?
            .audited(entry);
        Ok((next, effect, steps))
    }

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
            Some(content) => self.problems(content, now_ms),
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

    /// What keeps an alert from being sent, names that do not exist included.
    pub(super) fn problems(&self, content: &AlertContent, now_ms: u64) -> Vec<ContentProblem> {
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
            cannot_approve: approving
                .err()
                .filter(|_| approve && pending(alert))
                .map(|refusal| refusal.to_string()),
        }
    }

    /// Stores the next edit, whatever is still missing in it. Returns what a form has to quote
    /// from then on. Needs `Compose`.
    pub async fn edit_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
        content: AlertContent,
    ) -> Result<Seen, ConsoleError> {
        self.authorize(actor, Action::Compose).await?;
        self.check_attachments(actor, &content).await?;
        let content = Box::new(content);
        let act = Act::Edit { seen, content };
        let alert = self.act(actor, id, Action::Compose, act).await?;
        Ok(standing(&alert))
    }

    /// Sends it for approval; refused with [`ConsoleError::Content`] while something is missing.
    /// Needs `Compose`.
    pub async fn submit_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::Compose).await?;
        let alert = self.own_alert(actor, id).await?;
        if let Some(proposal) = &alert.proposal {
            let problems = self.problems(&proposal.content, self.inner.clock.unix_ms());
            if !problems.is_empty() {
                return Err(ConsoleError::Content(problems));
            }
        }
        let submitted = self.act(actor, id, Action::Compose, Act::Submit { seen });
        submitted.await.map(|_| ())
    }

    /// Takes it back from the approvers. Needs `Compose`.
    pub async fn take_back_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
    ) -> Result<(), ConsoleError> {
        let taken = self.act(actor, id, Action::Compose, Act::TakeBack { seen });
        taken.await.map(|_| ())
    }

    /// Throws the version being prepared away; a first version ends rejected. Needs `Compose`.
    pub async fn discard_alert(
        &self,
        actor: &Actor,
        id: &AlertId,
        seen: Seen,
    ) -> Result<(), ConsoleError> {
        let discarded = self.act(actor, id, Action::Compose, Act::Discard { seen });
        discarded.await.map(|_| ())
    }

    /// Begins the next version of an alert on the air. Needs `Compose`.
    pub async fn revise_alert(&self, actor: &Actor, id: &AlertId) -> Result<Seen, ConsoleError> {
        let alert = self.act(actor, id, Action::Compose, Act::Revise).await?;
        Ok(standing(&alert))
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

/// The content of the version being prepared, where that is what counts.
fn proposed(alert: &Alert) -> Option<&AlertContent> {
    alert.proposal.as_ref().map(|proposal| &proposal.content)
}

/// As the audit names an act.
fn action_of(word: &str) -> &'static str {
    match word {
        "approved" => "approve_alert",
        "discarded" => "discard_alert",
        "edited" => "edit_alert",
        "rejected" => "reject_alert",
        "returned" => "return_alert",
        "revised" => "revise_alert",
        "stopped" => "stop_alert",
        "submitted" => "submit_alert",
        _ => "take_back_alert",
    }
}
