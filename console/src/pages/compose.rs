//! Screen 2: writing an alert, step by step. Each step is stored as a draft.

mod audience;
mod begin;
mod check;
mod delivery;
mod message;

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::AlertView;
use pushcast_engine::model::AlertContent;
use pushcast_engine::model::alert::{Field as Part, Seen};

use super::alert::name;
use crate::components::{ErrorSummary, Head, Hidden, Notice, Section, Tone, page};
use crate::http::{Call, Problem};

pub(crate) use audience::{Audience, audience};
pub(crate) use begin::begin;
pub(crate) use check::check;
pub(crate) use delivery::delivery;
pub(crate) use message::message;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Message,
    Audience,
    Delivery,
    Check,
}

const STEPS: [(Step, &str, &str); 4] = [
    (Step::Message, "message", "Message"),
    (Step::Audience, "audience", "Audience"),
    (Step::Delivery, "delivery", "Delivery"),
    (Step::Check, "check", "Check"),
];

/// A draft as a step shows it: what is stored, or what was typed and could not be.
pub(crate) struct Draft {
    pub alert: AlertView,
    pub seen: Seen,
    pub content: AlertContent,
    pub problems: Vec<Problem>,
    /// It has just been stored.
    pub saved: bool,
}

fn frame(call: &Call, draft: &Draft, step: Step, body: impl FnOnce(&str) -> AnyView) -> Response {
    let path = call.path_to(&format!("/alerts/{}", draft.alert.alert.id));
    let (_, _, words) = STEPS
        .iter()
        .find(|(of, _, _)| *of == step)
        .copied()
        .unwrap_or(STEPS[0]);
    let head = Head::new(Section::Submissions, words)
        .under("Submissions", call.path_to("/submissions?tab=drafts"))
        .under(name(&draft.alert), path.clone())
        .wrong(!draft.problems.is_empty());
    page(call, head, || {
        let steps: Vec<_> = STEPS
            .iter()
            .map(|(of, part, words)| {
                let current = (*of == step).then_some("step");
                view! { <li><a href=format!("{path}/{part}") aria-current=current>{*words}</a></li> }
            })
            .collect();
        let saved = draft
            .saved
            .then(|| view! { <Notice tone=Tone::Success title="Saved as a draft." /> });
        let returned = draft
            .alert
            .alert
            .proposal
            .as_ref()
            .and_then(|proposal| proposal.returned.as_ref());
        let returned = returned.map(|decision| {
            let title = format!("Returned by {}: {}", decision.by, decision.reason);
            view! { <Notice tone=Tone::Warning title=title /> }
        });
        view! {
            <ErrorSummary problems=draft.problems.clone() />
            {saved}
            {returned}
            <nav aria-label="Steps">
                <ol class="steps">{steps}</ol>
            </nav>
            {body(&path)}
        }
        .into_any()
    })
}

fn quoted(call: &Call, seen: Seen) -> AnyView {
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    view! {
        <Hidden name="token" value=token />
        <Hidden name="version" value=seen.version.to_string() />
        <Hidden name="revision" value=seen.revision.to_string() />
    }
    .into_any()
}

/// Where a problem can be mended.
const fn place(field: Part) -> (&'static str, &'static str) {
    match field {
        Part::Audience => ("audience", "audience"),
        Part::Attachment => ("message", "file"),
        Part::Bearers => ("delivery", "bearers"),
        Part::Duration => ("delivery", "hours"),
        Part::Language => ("message", "new_language"),
        Part::Reason => ("check", "main"),
        Part::Repetition => ("delivery", "repetition"),
        Part::Start => ("delivery", "at"),
        Part::Text => ("message", "text"),
        Part::Title => ("message", "title"),
    }
}
