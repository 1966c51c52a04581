//! The first step: what it says, language by language.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::alert::Severity;

use super::{Draft, Step, frame, quoted};
use crate::components::{Field, Hidden, Option_, Select, bytes};
use crate::http::Call;
use crate::islands::MessageEditor;

/// What a complete warning says; beside the text box, since a blank box is where it is forgotten.
const CHECKLIST: [&str; 6] = [
    "What is happening",
    "Where it is",
    "How serious it is and for how long",
    "What to do now",
    "Who is speaking",
    "Where to learn more",
];

pub(crate) fn message(call: &Call, draft: &Draft, language: &str) -> Response {
    frame(call, draft, Step::Message, |path| {
        let mut messages = draft.content.messages.iter();
        let message = messages.find(|message| message.language.as_str() == language);
        let text = message.map_or_else(String::new, |message| message.text.clone());
        let action = format!("{path}/message");
        let described = if draft.problems.iter().any(|problem| problem.field == "text") {
            "text-error"
        } else {
            ""
        };
        let wrong = draft
            .problems
            .iter()
            .find(|problem| problem.field == "text")
            .map(|problem| problem.message.clone());
        let wrong =
            wrong.map(|text| view! { <p id="text-error" class="field-error">"Error: " {text}</p> });
        let severities = Severity::ALL
            .iter()
            .map(|severity| Option_::new(severity.as_str(), severity.label()))
            .collect();
        let checklist: Vec<_> = CHECKLIST
            .iter()
            .map(|item| view! { <li>{*item}</li> })
            .collect();
        view! {
            {language_tabs(call, draft, language, &action)}
            <form method="post" action=action.clone()>
                {quoted(call, draft.seen)}
                <Hidden name="language" value=language.to_owned() />
                <Field
                    name="title"
                    label="Title"
                    value=draft.content.title.clone()
                    hint="For lists and the history; it is not sent."
                    problems=draft.problems.clone()
                />
                <div class="fields-row">
                    <Select name="severity" label="Severity" options=severities value=draft.content.severity.as_str() />
                    <Field name="kind" label="What it is about" value=draft.content.kind.clone() />
                </div>
                <div class="field">
                    <label for="text">{format!("Message in {language}")}</label>
                    <details>
                        <summary>"Does it say all six?"</summary>
                        <ul class="checklist">{checklist}</ul>
                    </details>
                    {wrong}
                    <MessageEditor
                        text=text
                        language=language.to_owned()
                        title=draft.content.title.clone()
                        described_by=described.to_owned()
                    />
                </div>
                <p class="buttons">
                    <button class="button-secondary" name="do" value="save">"Save and count"</button>
                    <button class="button" name="do" value="next">"Save and go on to the audience"</button>
                </p>
                {tools(draft, language)}
            </form>
            {attachment(call, draft, language, path)}
        }
        .into_any()
    })
}

/// More and fewer languages, plainer characters.
fn tools(draft: &Draft, language: &str) -> AnyView {
    view! {
        <details>
            <summary>"Languages and characters"</summary>
            <div class="fields-row">
                <Field name="new_language" label="Add a language" hint="Such as en, cy, ar" short=true problems=draft.problems.clone() />
                <div class="field">
                    <button class="button-secondary" name="do" value="add-language">"Add"</button>
                </div>
            </div>
            <p class="buttons">
                <button class="button-secondary" name="do" value="remove-language">
                    {format!("Remove {language}")}
                </button>
                <button class="button-secondary" name="do" value="plain">"Replace typographic characters by plain ones"</button>
            </p>
        </details>
    }
    .into_any()
}

fn language_tabs(call: &Call, draft: &Draft, language: &str, action: &str) -> AnyView {
    let known = draft
        .content
        .messages
        .iter()
        .map(|message| message.language.as_str());
    let mut languages: Vec<&str> = known.collect();
    let person = call.person.as_ref();
    let wanted = person.map(|person| person.workspace.missing_languages(&draft.content));
    let wanted = wanted.unwrap_or_default();
    for language in wanted
        .iter()
        .map(|language| language.as_str())
        .chain([language])
    {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    let items: Vec<_> = languages
        .into_iter()
        .map(|of| {
            let current = (of == language).then_some("page");
            let path = format!("{action}?language={of}");
            let empty =
                draft.content.messages.iter().any(|message| {
                    message.language.as_str() == of && message.text.trim().is_empty()
                });
            let words = match wanted.iter().any(|language| language.as_str() == of) {
                true => Some(" (wanted here, missing)"),
                false => empty.then_some(" (empty)"),
            };
            let missing = words.map(|words| view! { <span class="muted">{words}</span> });
            view! { <li><a href=path aria-current=current>{of.to_owned()} {missing}</a></li> }
        })
        .collect();
    view! { <nav class="tabs" aria-label="Languages"><ul>{items}</ul></nav> }.into_any()
}

fn attachment(call: &Call, draft: &Draft, language: &str, path: &str) -> AnyView {
    let language = language.to_owned();
    let mut messages = draft.content.messages.iter();
    let message = messages.find(|message| message.language.as_str() == language);
    let there = message.and_then(|message| message.attachment.as_ref());
    let there = there.map(|attachment| {
        let link = call.path_to(&format!("/attachments/{}", attachment.sha256.to_hex()));
        view! {
            <form method="post" action=format!("{path}/message")>
                {quoted(call, draft.seen)}
                <Hidden name="language" value=language.clone() />
                <p class="buttons">
                    <a href=link>{attachment.name.clone()}</a>
                    {format!("{}, {}", bytes(attachment.bytes), attachment.content_type)}
                    <button class="button-secondary" name="do" value="remove-attachment">"Remove the file"</button>
                </p>
            </form>
        }
    });
    view! {
        <section>
            <h2>"A file beside the message"</h2>
            <p class="hint">"For bearers that carry files; Cell Broadcast sends the text alone. At most 64 MiB. Save what you have written first."</p>
            {there}
            <form method="post" action=format!("{path}/attachment") enctype="multipart/form-data">
                {quoted(call, draft.seen)}
                <Hidden name="language" value=language.clone() />
                <div class="field">
                    <label for="file">"File"</label>
                    <input type="file" id="file" name="file" required=true />
                </div>
                <p><button class="button-secondary">"Upload the file"</button></p>
            </form>
        </section>
    }
    .into_any()
}
