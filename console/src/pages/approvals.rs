//! Screen 3: what waits for a second pair of eyes.

use std::sync::Arc;

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::{AlertView, Preview};
use pushcast_engine::model::backdrop::Backdrop;
use pushcast_engine::model::listing::{Entry, EntryKey};
use pushcast_engine::model::{Mode, UserName};

use super::alert::name;
use super::content::{self, Links};
use crate::components::{
    AreaMap, CheckBox, Clock, Drawn, Empty, ErrorSummary, Head, Hidden, Notice, Row, Section,
    Table, TextArea, Tone, entry_tag, page, severity_tag,
};
use crate::http::{Call, Problem};

pub(crate) fn list(call: &Call, entries: Vec<Entry>) -> Response {
    let head = Head::new(Section::Approvals, "Approvals").live();
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        if entries.is_empty() {
            return view! { <Empty text="Nothing waits for approval. Alerts that authors send for approval show here, the oldest first." /> }.into_any();
        }
        let approve = call.may(pushcast_engine::model::Action::Approve);
        let rows = entries
            .into_iter()
            .map(|entry| {
                let path = match &entry.key {
                    EntryKey::Alert(id) if approve => call.path_to(&format!("/alerts/{id}/review")),
                    EntryKey::Alert(id) => call.path_to(&format!("/alerts/{id}")),
                    EntryKey::Submission(id) => call.path_to(&format!("/submissions/{id}")),
                };
                let cells = vec![
                    entry_tag(entry.state),
                    entry.severity.map_or_else(|| "–".into_any(), severity_tag),
                    entry.sender.clone().into_any(),
                    entry.targets.join(", ").into_any(),
                    view! { {clock.short(entry.at_ms)} <br /> <span class="muted">{clock.away(entry.at_ms)}</span> }.into_any(),
                ];
                Row::new(view! { <a href=path><bdi>{entry.title}</bdi></a> }, cells)
            })
            .collect();
        let columns = vec![
            "Title or push-id",
            "State",
            "Severity",
            "From",
            "To",
            "Waiting since",
        ];
        view! { <Table caption="What waits for approval, the oldest first" columns=columns rows=rows /> }.into_any()
    })
}

/// What the page shows besides the alert.
pub(crate) struct Around {
    pub preview: Preview,
    pub areas: Vec<Drawn>,
    pub backdrop: Option<Arc<Backdrop>>,
    /// What was typed in the form that was sent, for the two reasons.
    pub reason: String,
    pub problems: Vec<Problem>,
}

pub(crate) fn review(call: &Call, alert: &AlertView, mut around: Around) -> Response {
    let path = call.path_to(&format!("/alerts/{}", alert.alert.id));
    let head = Head::new(Section::Approvals, format!("Review: {}", name(alert)))
        .under("Approvals", call.path_to("/approvals"))
        .wrong(!around.problems.is_empty());
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let Some(proposal) = alert
            .alert
            .proposal
            .as_ref()
            .filter(|_| alert.alert.is_waiting())
        else {
            return view! {
                <ErrorSummary problems=around.problems.clone() />
                <Empty text="This alert does not wait for approval any more." />
                <p><a href=path.clone()>"Look at it"</a></p>
            }
            .into_any();
        };
        let changed = (!alert.changes.is_empty()).then(|| {
            view! {
                <h2>"What has changed since it was last looked at"</h2>
                {content::changes(&alert.changes)}
            }
        });
        let areas = std::mem::take(&mut around.areas);
        let map = (!areas.is_empty()).then(|| {
            view! { <h2>"Where"</h2> <AreaMap label="Service areas of the alert" areas=areas backdrop=around.backdrop.take() /> }
        });
        view! {
            <ErrorSummary problems=around.problems.clone() />
            <p>
                {format!("Version {}.{}, written by {}, sent for approval by {}.", proposal.version, proposal.revision, proposal.edited_by,
                    proposal.submitted.as_ref().map_or("nobody", |by| by.by.as_str()))}
            </p>
            {content::warnings(&proposal.content, &around.preview)}
            <div class="two-thirds">
                <div>
                    <h2>"Exactly what will be sent"</h2>
                    {content::handsets(call, &proposal.content)}
                    {content::summary(&clock, &proposal.content, Some(&around.preview), &Links::NONE)}
                    {content::routes(&around.preview)}
                    {changed}
                    {map}
                </div>
                <div>{decide(call, alert, &around, &path)}</div>
            </div>
        }
        .into_any()
    })
}

fn decide(call: &Call, alert: &AlertView, around: &Around, path: &str) -> AnyView {
    let Some(person) = &call.person else {
        return ().into_any();
    };
    let seen = alert
        .alert
        .proposal
        .as_ref()
        .map(|proposal| proposal.seen());
    let token = person.form_token.clone();
    let hidden = || {
        seen.map(|seen| {
            view! {
                <Hidden name="token" value=token.clone() />
                <Hidden name="version" value=seen.version.to_string() />
                <Hidden name="revision" value=seen.revision.to_string() />
            }
        })
    };
    let button = match person.workspace.mode {
        Mode::Live => "Approve: send it to the public",
        Mode::Test => "Approve the test",
    };
    let reach = confirmation(person.workspace.mode, &around.preview);
    let needed = alert.approvals_needed;
    let agreed = alert
        .alert
        .proposal
        .as_ref()
        .map_or(0, |proposal| proposal.approvals.len());
    let count = (needed > 1)
        .then(|| view! { <p>{format!("{needed} approvers have to agree; {agreed} have.")}</p> });
    let own = person.workspace.mode == Mode::Test && wrote(person.name(), alert);
    let own = own.then(|| {
        view! { <p class="hint">"This is your own: in a test workspace you may approve it too. In a live one somebody else has to."</p> }
    });
    let approve = if alert.duty.approve {
        view! {
            {own}
            <form method="post" action=format!("{path}/approve")>
                {hidden()}
                <CheckBox name="acknowledged" label=reach required=true problems=around.problems.clone() />
                <button class="button">{button}</button>
            </form>
        }
        .into_any()
    } else {
        let why = alert
            .duty
            .cannot_approve
            .clone()
            .unwrap_or_else(|| "You cannot approve this.".to_owned());
        view! { <Notice tone=Tone::Neutral title=why /> }.into_any()
    };
    let others = alert.duty.decide.then(|| {
        let reason = around.reason.clone();
        view! {
            <h2>"Or not"</h2>
            <form method="post" action=format!("{path}/return")>
                {hidden()}
                <TextArea name="reason" label="Reason" value=reason hint="The author reads it." required=true problems=around.problems.clone() />
                <p class="buttons">
                    <button class="button-secondary">"Return for edit"</button>
                    <button class="button-danger" formaction=format!("{path}/reject")>
                        "Reject for good"
                    </button>
                </p>
            </form>
        }
    });
    view! { <h2>"Decide"</h2> {count} {approve} {others} }.into_any()
}

/// Whether somebody has written or submitted what waits.
fn wrote(name: &UserName, alert: &AlertView) -> bool {
    let proposal = alert.alert.proposal.as_ref();
    proposal.is_some_and(|proposal| {
        let submitted = proposal.submitted.as_ref();
        proposal.hands.contains(name) || submitted.is_some_and(|submitted| submitted.by == *name)
    })
}

/// What whoever approves confirms: the scale in words, and where.
fn confirmation(mode: Mode, preview: &Preview) -> String {
    let targets: Vec<&str> = preview
        .targets
        .iter()
        .map(|target| target.target.as_str())
        .collect();
    let public = match mode {
        Mode::Live => "in public",
        Mode::Test => "in this test workspace",
    };
    let figure = preview.reach.receivers;
    let figure = figure.map(|receivers| format!(" (about {receivers}, an estimate)"));
    format!(
        "I understand that this will reach {} receivers{} {public}, in {}.",
        preview.reach.words(),
        figure.unwrap_or_default(),
        targets.join(", ")
    )
}
