//! One alert: how it is, what it says, what was done to it.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::{AlertView, Edit, HistoryEntry, Preview};
use pushcast_engine::model::detail::SubmissionDetail;
use pushcast_engine::model::listing::EntryState;
use pushcast_engine::model::{Action, AlertState, Template};

use super::content::{self, Links};
use crate::components::{
    Clock, Confirm, Head, Notice, Section, Tab, Tabs, Timeline, TimelineItem, Tone, entry_tag,
    page, severity_tag,
};
use crate::http::boards::Boards;
use crate::http::{Call, Problem};
use crate::islands::LiveBoard;

/// A time so near is told without its day and with its seconds, ms.
const SOON_MS: u64 = 3_600_000;

/// Part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    History,
    Message,
    Versions,
}

impl View {
    pub(crate) fn of(text: &str) -> Self {
        match text {
            "history" => Self::History,
            "versions" => Self::Versions,
            _ => Self::Message,
        }
    }
}

/// What the page shows besides the alert.
pub(crate) struct Around {
    pub view: View,
    pub preview: Option<Preview>,
    pub edits: Vec<Edit>,
    pub history: Vec<HistoryEntry>,
    pub corrections: Vec<Template>,
    pub pushes: Vec<SubmissionDetail>,
}

pub(crate) fn name(view: &AlertView) -> String {
    match view.alert.title().trim() {
        "" => "Alert without a title".to_owned(),
        title => title.to_owned(),
    }
}

pub(crate) fn show(call: &Call, alert: &AlertView, around: Around) -> Response {
    let path = call.path_to(&format!("/alerts/{}", alert.alert.id));
    let mut head = Head::new(Section::Submissions, name(alert))
        .under("Submissions", call.path_to("/submissions"))
        .tag(entry_tag(EntryState::Alert(alert.state)));
    if let Some(content) = alert.alert.content() {
        head = head.tag(severity_tag(content.severity));
    }
    if alert.duty.stop {
        let words = stop_words(call, alert);
        let stop = format!("{path}/stop");
        head = head.action(view! { <a class="button-danger" href=stop>{words}</a> });
    }
    if alert.state.is_live() {
        head = head.live();
    }
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let tab = |name, query: &str, of| Tab {
            name,
            path: format!("{path}{query}"),
            current: around.view == of,
        };
        let tabs = vec![
            tab("Message", "", View::Message),
            tab("History", "?view=history", View::History),
            tab("Versions", "?view=versions", View::Versions),
        ];
        let content = match around.view {
            View::Message => message(call, &clock, alert, around.preview.as_ref()),
            View::History => history(&clock, &around.history),
            View::Versions => versions(&clock, &around.edits),
        };
        view! {
            {state(call, &clock, alert)}
            {actions(call, alert, &path)}
            {submissions(call, alert, &around.pushes)}
            {corrections(call, alert, &around.corrections)}
            <Tabs label="Views of this alert" tabs=tabs />
            {content}
        }
        .into_any()
    })
}

/// Where it stands, in a sentence or two.
fn state(call: &Call, clock: &Clock, alert: &AlertView) -> AnyView {
    let mut said: Vec<AnyView> = Vec::new();
    let inner = &alert.alert;
    if let Some(until_ms) = alert
        .undo_until_ms
        .filter(|until_ms| *until_ms > call.app.now_ms())
    {
        let is_soon = until_ms.saturating_sub(call.app.now_ms()) < SOON_MS;
        let until = match is_soon {
            true => clock.second(until_ms),
            false => clock.local(until_ms),
        };
        let text =
            format!("Nothing has left yet: cancel until {until} and nobody will have received it.");
        said.push(view! { <Notice tone=Tone::Warning title=text /> }.into_any());
    }
    if let Some(approved) = &inner.approved {
        let by: Vec<String> = approved
            .approvals
            .iter()
            .map(|approval| approval.by.to_string())
            .collect();
        said.push(
            view! {
                <p>
                    {format!("Version {} was written and sent for approval by {} and approved by {}, ", approved.version, approved.submitted_by, by.join(" and "))}
                    {clock.long(approved.at_ms)} "."
                </p>
            }
            .into_any(),
        );
        if let Some(stopped) = &approved.stopped {
            said.push(
                view! { <p>{format!("Stopped by {}, ", stopped.by)} {clock.long(stopped.at_ms)} ". " <bdi>{stopped.reason.clone()}</bdi></p> }.into_any(),
            );
        }
    }
    if let Some(proposal) = &inner.proposal {
        if let Some(returned) = &proposal.returned {
            let title = format!("Returned by {}: {}", returned.by, returned.reason);
            said.push(view! { <Notice tone=Tone::Warning title=title /> }.into_any());
        }
        let agreed = proposal.approvals.len();
        if alert.alert.is_waiting() {
            let needed = alert.approvals_needed;
            said.push(
                view! { <p>{format!("Version {} waits for approval: {agreed} of {needed} have agreed.", proposal.version)}</p> }.into_any(),
            );
        } else if inner.approved.is_some() {
            said.push(
                view! { <p>{format!("Version {} is being written.", proposal.version)}</p> }
                    .into_any(),
            );
        }
    }
    if let Some(rejected) = &inner.rejected {
        let title = format!("Rejected by {}: {}", rejected.by, rejected.reason);
        said.push(view! { <Notice tone=Tone::Neutral title=title /> }.into_any());
    }
    said.into_any()
}

/// What the person may do, as forms and links.
fn actions(call: &Call, alert: &AlertView, path: &str) -> AnyView {
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    let seen = alert
        .alert
        .proposal
        .as_ref()
        .map(|proposal| proposal.seen());
    let seen = seen.map(|seen| (seen.version.to_string(), seen.revision.to_string()));
    let form = |act: &'static str, words: &'static str| {
        let seen = seen.clone().map(|(version, revision)| {
            view! {
                <input type="hidden" name="version" value=version />
                <input type="hidden" name="revision" value=revision />
            }
        });
        view! {
            <form class="inline-form" method="post" action=format!("{path}/{act}")>
                <input type="hidden" name="token" value=token.clone() />
                {seen}
                <button class="button-secondary">{words}</button>
            </form>
        }
    };
    let duty = &alert.duty;
    let edit = duty
        .edit
        .then(|| view! { <a class="button" href=format!("{path}/message")>"Go on writing"</a> });
    let review = duty
        .decide
        .then(|| view! { <a class="button" href=format!("{path}/review")>"Review"</a> });
    let revise = duty
        .revise
        .then(|| form("revise", "Update: write the next version"));
    let take_back = duty
        .take_back
        .then(|| form("take-back", "Take back from the approvers"));
    let discard = duty.discard.then(|| form("discard", "Discard"));
    let copy = call.may(Action::Compose).then(|| {
        view! {
            <form class="inline-form" method="post" action=call.path_to("/alerts")>
                <input type="hidden" name="token" value=token.clone() />
                <input type="hidden" name="copy" value=alert.alert.id.to_string() />
                <button class="button-secondary">"Copy to a new alert"</button>
            </form>
        }
    });
    view! { <div class="buttons">{edit} {review} {revise} {take_back} {discard} {copy}</div> }
        .into_any()
}

/// How its pushes get on, live.
fn submissions(call: &Call, alert: &AlertView, pushes: &[SubmissionDetail]) -> AnyView {
    if alert.submissions.is_empty() {
        return ().into_any();
    }
    let board = Boards::new(call).pushes(pushes);
    let live = match alert.state.is_live() {
        true => call.path_to(&format!(
            "/live?alert={}&seen={}",
            alert.alert.id,
            alert.state.as_str()
        )),
        false => String::new(),
    };
    let more = alert.submissions.len().saturating_sub(pushes.len());
    let more = (more > 0).then(|| {
        let list = call.path_to("/submissions?tab=all");
        view! { <p><a href=list>{format!("{more} more pushes are in the list")}</a></p> }
    });
    view! {
        <h2>"How it gets on"</h2>
        <LiveBoard board=board path=live />
        {more}
    }
    .into_any()
}

/// Ready beside every alert on the air: a false alarm has to be taken back in minutes.
fn corrections(call: &Call, alert: &AlertView, templates: &[Template]) -> AnyView {
    if !alert.state.is_live() || !call.may(Action::Compose) || templates.is_empty() {
        return ().into_any();
    }
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    let forms: Vec<_> = templates
        .iter()
        .map(|template| {
            view! {
                <form class="inline-form" method="post" action=call.path_to("/alerts")>
                    <input type="hidden" name="token" value=token.clone() />
                    <input type="hidden" name="template" value=template.id.to_string() />
                    <input type="hidden" name="audience_of" value=alert.alert.id.to_string() />
                    <button class="button-secondary">{template.name.clone()}</button>
                </form>
            }
        })
        .collect();
    view! {
        <section>
            <h2>"Sent in error?"</h2>
            <p>"Stop it, then tell the same people so:"</p>
            <div class="buttons">{forms}</div>
        </section>
    }
    .into_any()
}

fn message(call: &Call, clock: &Clock, alert: &AlertView, preview: Option<&Preview>) -> AnyView {
    let shown = |heading: &'static str,
                 content: &pushcast_engine::model::AlertContent,
                 preview: Option<&Preview>| {
        view! {
            <h2>{heading}</h2>
            {content::summary(clock, content, preview, &Links::NONE)}
            {content::handsets(call, content)}
        }
        .into_any()
    };
    let approved = alert
        .alert
        .approved
        .as_ref()
        .map(|approved| shown("What is sent", &approved.content, None));
    let proposal = alert
        .alert
        .proposal
        .as_ref()
        .map(|proposal| shown("What is being prepared", &proposal.content, preview));
    let raw = call.path_to(&format!("/alerts/{}/raw", alert.alert.id));
    view! {
        {approved}
        {proposal}
        <p><a href=raw>"Raw form: PAP control entity, Cell Broadcast pages, FDT Instance"</a></p>
    }
    .into_any()
}

fn history(clock: &Clock, history: &[HistoryEntry]) -> AnyView {
    let items = history
        .iter()
        .map(|entry| {
            let reason = entry.decision.reason.clone();
            let reason = (!reason.is_empty()).then(|| view! { <p><bdi>{reason}</bdi></p> });
            let what = format!(
                "Version {}.{}: {} by {}",
                entry.seen.version, entry.seen.revision, entry.act, entry.decision.by
            );
            TimelineItem {
                time: clock.long(entry.decision.at_ms),
                text: view! { <p>{what}</p> {reason} }.into_any(),
                wrong: matches!(entry.act.as_str(), "rejected" | "stopped"),
            }
        })
        .collect();
    view! { <Timeline items=items /> }.into_any()
}

fn versions(clock: &Clock, edits: &[Edit]) -> AnyView {
    let items = edits
        .iter()
        .map(|edit| {
            let changes = if edit.changes.is_empty() {
                view! { <p class="muted">"The first edit, or nothing changed."</p> }.into_any()
            } else {
                content::changes(&edit.changes)
            };
            TimelineItem {
                time: clock.long(edit.at_ms),
                text: view! {
                    <h3>{format!("{}.{} by {}", edit.seen.version, edit.seen.revision, edit.by)}</h3>
                    {changes}
                }
                .into_any(),
                wrong: false,
            }
        })
        .collect();
    view! { <Timeline items=items /> }.into_any()
}

/// Whether nothing of it has left, for certain.
fn can_be_undone(call: &Call, alert: &AlertView) -> bool {
    let until_ms = alert.undo_until_ms.unwrap_or_default();
    alert.state == AlertState::Scheduled && until_ms > call.app.now_ms()
}

fn stop_words(call: &Call, alert: &AlertView) -> &'static str {
    if can_be_undone(call, alert) {
        "Cancel before it is sent"
    } else {
        "Stop broadcasting"
    }
}

/// The one page between a button and silence.
pub(crate) fn stop(call: &Call, alert: &AlertView, problems: Vec<Problem>) -> Response {
    let path = call.path_to(&format!("/alerts/{}", alert.alert.id));
    let title = stop_words(call, alert);
    let scheduled = can_be_undone(call, alert);
    let head = Head::new(Section::Submissions, title)
        .under("Submissions", call.path_to("/submissions"))
        .under(name(alert), path.clone())
        .wrong(!problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let what = if scheduled {
            format!("“{}” will not be sent.", name(alert))
        } else {
            format!("“{}” will be taken off the air at once.", name(alert))
        };
        let text = view! {
            <p>"You alone can do this. What phones and receivers already show stays there: send a correction if it was wrong. An update that waits is dropped. This cannot be undone."</p>
        };
        view! {
            <Confirm
                action=format!("{path}/stop")
                token=token
                what=what
                text=text.into_any()
                button=title
                back=path
                problems=problems
            />
        }
        .into_any()
    })
}
