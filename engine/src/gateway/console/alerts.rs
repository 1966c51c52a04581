//! Alerts before anybody has approved them: drafts, edits, copies.

use std::collections::BTreeMap;

use super::state::{Done, new_key};
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::{Act, Effect, Limits, Seen, fill};
use crate::model::event::What;
use crate::model::{Action, Alert, AlertContent, AlertId, TemplateId};
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
        self.commit(steps).await?;
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
        self.commit(steps).await?;
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
            let problems = self.problems(actor, &proposal.content, self.inner.clock.unix_ms());
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
