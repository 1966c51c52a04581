//! Templates: alerts with blanks, written while nobody is in a hurry.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::alert::{Severity, Use};
use pushcast_engine::model::{Action, Template};

use crate::components::{
    Clock, Empty, ErrorSummary, Field, Head, Hidden, Notice, Option_, Row, Section, Select, Table,
    TextArea, Tone, page, severity_tag,
};
use crate::http::fields::encode;
use crate::http::{Call, Fields, Problem};

const fn purpose(of: Use) -> &'static str {
    match of {
        Use::Alert => "Alert",
        Use::Correction => "Correction of a false alarm",
    }
}

/// Languages that a form has boxes for beside those that the template has.
pub(crate) const LANGUAGE_BOXES: usize = 3;

/// What a form shows: a stored template, or what was typed.
pub(crate) struct Shown {
    pub fields: Fields,
    pub problems: Vec<Problem>,
}

pub(crate) fn list(call: &Call, templates: &[Template], shown: &Shown) -> Response {
    let head = Head::new(Section::Templates, "Templates").wrong(!shown.problems.is_empty());
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let table = if templates.is_empty() {
            view! { <Empty text="There is no template yet. A complete message is written fastest from one." /> }.into_any()
        } else {
            let rows = templates
                .iter()
                .map(|template| row(call, &clock, template))
                .collect();
            view! { <Table caption="Templates" columns=vec!["Template", "For", "Severity", "Languages", "Blanks", "Changed"] rows=rows /> }.into_any()
        };
        let add = call.may(Action::EditTemplates).then(|| {
            view! { <h2>"Add a template"</h2> {form(call, &call.path_to("/templates"), shown, None)} }
        });
        view! {
            <ErrorSummary problems=shown.problems.clone() />
            {table}
            {add}
        }
        .into_any()
    })
}

fn row(call: &Call, clock: &Clock, template: &Template) -> Row {
    let path = call.path_to(&format!("/templates/{}", encode(template.id.as_str())));
    let languages: Vec<&str> = template
        .content
        .messages
        .iter()
        .map(|message| message.language.as_str())
        .collect();
    let by = template.changed_by.as_ref().map_or_else(
        || "came with the program".to_owned(),
        |by| format!("by {by}"),
    );
    let cells = vec![
        purpose(template.purpose).into_any(),
        severity_tag(template.content.severity),
        languages.join(", ").into_any(),
        template.blanks().join(", ").into_any(),
        view! { {clock.short(template.changed_ms)} " " {by} }.into_any(),
    ];
    Row::new(
        view! { <a href=path><bdi>{template.name.clone()}</bdi></a> },
        cells,
    )
}

pub(crate) fn show(call: &Call, template: &Template, shown: &Shown) -> Response {
    let path = call.path_to(&format!("/templates/{}", encode(template.id.as_str())));
    let head = Head::new(Section::Templates, template.name.clone())
        .under("Templates", call.path_to("/templates"))
        .wrong(!shown.problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let saved = call
            .query
            .has("saved")
            .then(|| view! { <Notice tone=Tone::Success title="Stored." /> });
        let handsets = super::content::handsets(call, &template.content);
        let edit = call.may(Action::EditTemplates).then(|| {
            view! {
                <h2>"Change"</h2>
                {form(call, &path, shown, Some(template.revision))}
                <form method="post" action=format!("{path}/delete")>
                    <Hidden name="token" value=token />
                    <p><button class="button-danger">"Delete the template"</button></p>
                </form>
            }
        });
        view! {
            <ErrorSummary problems=shown.problems.clone() />
            {saved}
            {handsets}
            {edit}
        }
        .into_any()
    })
}

fn form(call: &Call, action: &str, shown: &Shown, revision: Option<u32>) -> AnyView {
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    let fields = &shown.fields;
    let problems = &shown.problems;
    let purposes = vec![
        Option_::new(Use::Alert.as_str(), purpose(Use::Alert)),
        Option_::new(Use::Correction.as_str(), purpose(Use::Correction)),
    ];
    let severities = Severity::ALL
        .iter()
        .map(|severity| Option_::new(severity.as_str(), severity.label()))
        .collect();
    let revision =
        revision.map(|revision| view! { <Hidden name="revision" value=revision.to_string() /> });
    let languages: Vec<String> = fields.all("language").map(str::to_owned).collect();
    let texts: Vec<String> = fields.all("text").map(str::to_owned).collect();
    let boxes: Vec<_> = (0..languages.len().max(1) + LANGUAGE_BOXES - 1)
        .map(|index| {
            let language = languages.get(index).cloned().unwrap_or_default();
            let text = texts.get(index).cloned().unwrap_or_default();
            let (language_id, text_id) = (format!("language-{index}"), format!("text-{index}"));
            view! {
                <fieldset class="field">
                    <legend>{format!("Message {}", index + 1)}</legend>
                    <div class="field">
                        <label for=language_id.clone()>"Language"</label>
                        <input class="short" id=language_id name="language" value=language autocomplete="off" />
                    </div>
                    <label for=text_id.clone()>"Text"</label>
                    <textarea id=text_id name="text" rows="4" dir="auto">{text}</textarea>
                </fieldset>
            }
        })
        .collect();
    view! {
        <form method="post" action=action.to_owned()>
            <Hidden name="token" value=token />
            {revision}
            <Field name="name" label="Name" value=fields.text("name") required=true problems=problems.clone() />
            <div class="fields-row">
                <Select name="purpose" label="What it is for" options=purposes value=fields.text("purpose") />
                <Select name="severity" label="Severity" options=severities value=fields.text("severity") />
                <Field name="kind" label="What it is about" value=fields.text("kind") />
            </div>
            <Field name="title" label="Title of alerts made from it" value=fields.text("title") problems=problems.clone() />
            <p class="hint">"A blank stands as {{place}}; an alert cannot be sent while one is left. A message without a language is left out."</p>
            <div id="text">{boxes}</div>
            <TextArea name="groups" label="Alias groups to begin with" hint="One a line." rows=2 value=fields.raw("groups") problems=problems.clone() />
            <p><button class="button">"Store the template"</button></p>
        </form>
    }
    .into_any()
}
