//! Workspaces, initiators' settings, and where the configuration file says otherwise.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::{FileDifference, InitiatorSettings};
use pushcast_engine::model::{Action, Mode, Workspace};

use crate::components::{
    Boxes, CheckBox, Empty, ErrorSummary, Field, Head, Hidden, Notice, Option_, Radios, Row,
    Section, SummaryList, Table, Tone, mode_words, page,
};
use crate::http::fields::encode;
use crate::http::{Call, Fields, Problem};

/// What the list shows.
pub(crate) struct Shown {
    pub workspaces: Vec<Workspace>,
    pub initiators: Vec<InitiatorSettings>,
    pub channels: Vec<String>,
    pub form: Fields,
    pub problems: Vec<Problem>,
}

pub(crate) fn list(call: &Call, shown: &Shown) -> Response {
    let head = Head::new(Section::Workspaces, "Workspaces").wrong(!shown.problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let rows = shown
            .workspaces
            .iter()
            .map(|workspace| {
                let path =
                    call.path_to(&format!("/workspaces/{}", encode(workspace.name.as_str())));
                let channels: Vec<&str> = workspace
                    .channels
                    .iter()
                    .map(|channel| channel.as_str())
                    .collect();
                let rules = if workspace.rules().second_person {
                    "a second person approves"
                } else {
                    "anybody with the role, the author too"
                };
                let cells = vec![
                    workspace.title().to_owned().into_any(),
                    mode_words(workspace.mode).into_any(),
                    channels.join(", ").into_any(),
                    rules.into_any(),
                ];
                Row::new(
                    view! { <a href=path>{workspace.name.to_string()}</a> },
                    cells,
                )
            })
            .collect();
        let modes = vec![
            Option_::new("test", "Test")
                .with_hint("Practice: no channel of a live workspace can be reached."),
            Option_::new("live", "Live")
                .with_hint("What is sent reaches the public; a second person always approves."),
        ];
        let form = &shown.form;
        view! {
            <ErrorSummary problems=shown.problems.clone() />
            <Table caption="Workspaces" columns=vec!["Name", "Called", "Mode", "Channels", "Approval"] rows=rows />
            <h2>"Add a workspace"</h2>
            <form method="post" action=call.path_to("/workspaces")>
                <Hidden name="token" value=token.clone() />
                <Field name="name" label="Name" value=form.text("name") hint="It stands in addresses of pages and is never changed." required=true problems=shown.problems.clone() />
                <Field name="title" label="What it is called" value=form.text("title") problems=shown.problems.clone() />
                <Radios name="mode" legend="Mode, which is never changed" options=modes value="test" problems=shown.problems.clone() />
                {rules_and_channels(shown, form)}
                <p><button class="button">"Add the workspace"</button></p>
            </form>
            <h2>"Initiators"</h2>
            {initiators(call, shown, &token)}
        }
        .into_any()
    })
}

fn rules_and_channels(shown: &Shown, form: &Fields) -> AnyView {
    let channels = shown
        .channels
        .iter()
        .map(|channel| Option_::new(channel.clone(), channel.clone()))
        .collect();
    view! {
        <Boxes name="channels" legend="Channels that it owns" options=channels values=form.all("channels").map(str::to_owned).collect() problems=shown.problems.clone() />
        <CheckBox name="second_person" label="Whoever approves must have had no hand in it (always so in live workspaces)" checked=form.has("second_person") />
        <Field name="two_above" label="Two approvers above so many receivers" kind="number" short=true hint="Empty: never." value=form.text("two_above") problems=shown.problems.clone() />
        <CheckBox name="two_for_all_areas" label="Two approvers where every area is addressed" checked=form.has("two_for_all_areas") />
        <Field name="languages" label="Languages that every alert should have" hint="Such as en, cy, ar. Where one is missing, authors and approvers are warned." value=form.text("languages") problems=shown.problems.clone() />
        <CheckBox name="second_factor" label="Whoever works here needs a second factor; without one they see and stop, and no more" checked=form.has("second_factor") />
        <Field name="rest_after_months" label="Months after which rights rest without a successful test" kind="number" short=true hint="In live workspaces: whoever has had no test alert that was completed for so long neither writes nor approves until they have. Stopping never rests. 1 to 36; empty: never." value=form.text("rest_after_months") problems=shown.problems.clone() />
    }
    .into_any()
}

fn initiators(call: &Call, shown: &Shown, token: &str) -> AnyView {
    if shown.initiators.is_empty() {
        return view! { <Empty text="There is no initiator; they are set up in the configuration file." /> }.into_any();
    }
    let forms: Vec<_> = shown
        .initiators
        .iter()
        .map(|settings| {
            let path = call.path_to(&format!("/initiators/{}", encode(settings.initiator.as_str())));
            let workspace = settings.workspace.as_ref().map(ToString::to_string).unwrap_or_default();
            let options: Vec<_> = Some(("", "all of them"))
                .into_iter()
                .map(|(value, label)| (value.to_owned(), label.to_owned()))
                .chain(shown.workspaces.iter().map(|workspace| (workspace.name.to_string(), workspace.title().to_owned())))
                .map(|(value, label)| {
                    let selected = value == workspace;
                    view! { <option value=value selected=selected>{label}</option> }
                })
                .collect();
            let id = format!("workspace-{}", settings.initiator);
            let box_id = format!("approval-{}", settings.initiator);
            view! {
                <form class="card" method="post" action=path>
                    <h3><bdi>{settings.initiator.to_string()}</bdi></h3>
                    <input type="hidden" name="token" value=token.to_owned() />
                    <div class="field">
                        <label for=id.clone()>"Workspace whose people see its pushes"</label>
                        <select id=id name="workspace" class="short">{options}</select>
                    </div>
                    <div class="choice field">
                        <input type="checkbox" id=box_id.clone() name="needs_approval" value="yes" checked=settings.needs_approval />
                        <label for=box_id>"Its pushes wait until an approver lets them go"</label>
                    </div>
                    <p><button class="button-secondary">"Store"</button></p>
                </form>
            }
        })
        .collect();
    forms.into_any()
}

pub(crate) fn show(call: &Call, workspace: &Workspace, shown: &Shown) -> Response {
    let path = call.path_to(&format!("/workspaces/{}", encode(workspace.name.as_str())));
    let head = Head::new(Section::Workspaces, workspace.title().to_owned())
        .under("Workspaces", call.path_to("/workspaces"))
        .wrong(!shown.problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let meaning = match workspace.mode {
            Mode::Live => "Live: what is sent reaches the public",
            Mode::Test => "Test: nothing reaches the public",
        };
        let pairs = vec![
            ("Name", workspace.name.to_string().into_any(), None),
            ("Mode", meaning.into_any(), None),
        ];
        let form = &shown.form;
        view! {
            <ErrorSummary problems=shown.problems.clone() />
            <SummaryList pairs=pairs />
            <form method="post" action=path>
                <Hidden name="token" value=token />
                <Field name="title" label="What it is called" value=form.text("title") problems=shown.problems.clone() />
                {rules_and_channels(shown, form)}
                <p class="hint">"What is planned from then on obeys; what is on the air goes on."</p>
                <p><button class="button">"Store the workspace"</button></p>
            </form>
        }
        .into_any()
    })
}

/// Where the file says otherwise than the store.
pub(crate) fn differences(call: &Call, differences: &[FileDifference]) -> Response {
    let head = Head::new(Section::Channels, "Configuration file and store")
        .under("Channels", call.path_to("/channels"));
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        if differences.is_empty() {
            return view! { <Empty text="The configuration file and the store say the same." /> }
                .into_any();
        }
        let may = call.may(Action::TakeFromFile);
        let cards: Vec<_> = differences
            .iter()
            .map(|difference| {
                let take = may.then(|| {
                    view! {
                        <form method="post" action=call.path_to("/file")>
                            <input type="hidden" name="token" value=token.clone() />
                            <input type="hidden" name="kind" value=difference.kind />
                            <input type="hidden" name="name" value=difference.name.clone() />
                            <p><button class="button-secondary">"Take from the file"</button></p>
                        </form>
                    }
                });
                view! {
                    <section class="card">
                        <h2>{difference.kind} " " <bdi>{difference.name.clone()}</bdi></h2>
                        <h3>"In the file"</h3>
                        <pre>{difference.file.clone()}</pre>
                        <h3>"In the store, which counts"</h3>
                        <pre>{difference.stored.clone()}</pre>
                        {take}
                    </section>
                }
            })
            .collect();
        view! {
            <Notice tone=Tone::Neutral title="What was changed at the console stays when the process starts again; the file's definitions do not overwrite it." />
            {cards}
        }
        .into_any()
    })
}

/// A select of workspaces to go to, for people with roles in several.
pub(crate) fn switch(workspaces: &[Workspace], here: &str, token: &str) -> AnyView {
    let others: Vec<_> = workspaces
        .iter()
        .filter(|workspace| workspace.name.as_str() != here)
        .map(|workspace| {
            let path = format!("/w/{}/enter", encode(workspace.name.as_str()));
            let words = format!(
                "{} ({})",
                workspace.title(),
                mode_words(workspace.mode).to_lowercase()
            );
            view! {
                <form class="inline-form" method="post" action=path>
                    <Hidden name="token" value=token.to_owned() />
                    <button class="button-secondary">{words}</button>
                </form>
            }
        })
        .collect();
    if others.is_empty() {
        return view! { <p>"You have a role in this one alone."</p> }.into_any();
    }
    view! { <div class="buttons">{others}</div> }.into_any()
}
