//! Where a new alert begins: a template, a past alert, nothing.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::Template;
use pushcast_engine::model::listing::{Entry, EntryKey};

use crate::components::{ErrorSummary, Head, Hidden, Option_, Section, Select, page};
use crate::http::{Call, Problem};

/// Where a new alert begins.
pub(crate) fn begin(
    call: &Call,
    templates: &[Template],
    past: &[Entry],
    problems: Vec<Problem>,
) -> Response {
    let head = Head::new(Section::Submissions, "Compose an alert")
        .under("Submissions", call.path_to("/submissions"))
        .wrong(!problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    let action = call.path_to("/alerts");
    page(call, head, || {
        let forms: Vec<_> = templates
            .iter()
            .map(|template| from_template(template, &action, &token))
            .collect();
        let forms = if forms.is_empty() {
            view! { <p>"There are no templates in this workspace. An editor can write them."</p> }
                .into_any()
        } else {
            forms.into_any()
        };
        let copies: Vec<Option_> = past
            .iter()
            .filter_map(|entry| match &entry.key {
                EntryKey::Alert(id) => Some(Option_::new(id.to_string(), entry.title.clone())),
                EntryKey::Submission(_) => {
                    let (id, _) = entry.alert.as_ref()?;
                    Some(Option_::new(id.to_string(), entry.title.clone()))
                }
            })
            .collect();
        let copy = (!copies.is_empty()).then(|| {
            view! {
                <h2>"From a past alert"</h2>
                <form method="post" action=action.clone()>
                    <Hidden name="token" value=token.clone() />
                    <Select name="copy" label="Alert to copy" options=copies />
                    <p><button class="button-secondary">"Copy it"</button></p>
                </form>
            }
        });
        view! {
            <ErrorSummary problems=problems.clone() />
            <h2>"From a template"</h2>
            <p>"Complete messages are written fastest from a template: fill in its blanks, then change what does not fit."</p>
            {forms}
            {copy}
            <h2>"From nothing"</h2>
            <form method="post" action=action.clone()>
                <Hidden name="token" value=token.clone() />
                <p><button class="button-secondary">"Begin with an empty alert"</button></p>
            </form>
        }
        .into_any()
    })
}

fn from_template(template: &Template, action: &str, token: &str) -> AnyView {
    let blanks: Vec<_> = template
        .blanks()
        .into_iter()
        .enumerate()
        .map(|(index, blank)| {
            let id = format!("{}-{index}", template.id);
            view! {
                <div class="field">
                    <label for=id.clone()>{blank.to_owned()}</label>
                    <input type="text" id=id name=format!("blank:{blank}") autocomplete="off" />
                </div>
            }
        })
        .collect();
    let languages: Vec<&str> = template
        .content
        .messages
        .iter()
        .map(|message| message.language.as_str())
        .collect();
    view! {
        <details class="card">
            <summary>{template.name.clone()} " " <span class="muted">{languages.join(", ")}</span></summary>
            <form method="post" action=action.to_owned()>
                <Hidden name="token" value=token.to_owned() />
                <Hidden name="template" value=template.id.to_string() />
                {blanks}
                <p><button class="button">"Begin with this template"</button></p>
            </form>
        </details>
    }
    .into_any()
}
