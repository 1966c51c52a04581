//! Screen 2: writing an alert, step by step. Each step is stored as a draft.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::{AlertView, Preview};
use pushcast_engine::model::alert::{Field as Part, Message, Seen, Severity, Start};
use pushcast_engine::model::listing::{Entry, EntryKey};
use pushcast_engine::model::{AlertContent, Bearer, Mode, Template};

use super::alert::name;
use super::content::{self, Links};
use crate::components::{
    AreaMap, Boxes, Clock, Drawn, ErrorSummary, Field, Head, Hidden, Notice, Option_, Radios,
    Section, Select, Tone, bytes, page,
};
use crate::http::{Call, Problem};
use crate::islands::{Choice, MessageEditor, Picker};

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
        let empty = Message {
            language: language.parse().unwrap_or_else(|_| default_language()),
            text: String::new(),
            attachment: None,
        };
        let messages = &draft.content.messages;
        let message = messages
            .iter()
            .find(|message| message.language.as_str() == language)
            .unwrap_or(&empty);
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
            {language_tabs(draft, language, &action)}
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
                        text=message.text.clone()
                        language=language.to_owned()
                        title=draft.content.title.clone()
                        described_by=described.to_owned()
                    />
                </div>
                <p class="buttons">
                    <button class="button-secondary" name="do" value="save">"Save and count"</button>
                    <button class="button" name="do" value="next">"Save and go on to the audience"</button>
                </p>
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
            </form>
            {attachment(call, draft, message, path)}
        }
        .into_any()
    })
}

fn default_language() -> pushcast_engine::model::Language {
    "en".parse()
        .unwrap_or_else(|_| unreachable!("two letters are a language"))
}

fn language_tabs(draft: &Draft, language: &str, action: &str) -> AnyView {
    let known = draft
        .content
        .messages
        .iter()
        .map(|message| message.language.as_str());
    let mut languages: Vec<&str> = known.collect();
    if !languages.contains(&language) {
        languages.push(language);
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
            let missing = empty.then(|| view! { <span class="muted">" (empty)"</span> });
            view! { <li><a href=path aria-current=current>{of.to_owned()} {missing}</a></li> }
        })
        .collect();
    view! { <nav class="tabs" aria-label="Languages"><ul>{items}</ul></nav> }.into_any()
}

fn attachment(call: &Call, draft: &Draft, message: &Message, path: &str) -> AnyView {
    let language = message.language.as_str().to_owned();
    let there = message.attachment.as_ref().map(|attachment| {
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

/// What the step shows to choose from.
pub(crate) struct Audience {
    pub groups: Vec<Choice>,
    pub areas: Vec<Choice>,
    pub drawn: Vec<Drawn>,
    pub preview: Preview,
    /// There are more than are shown: search.
    pub more: bool,
    pub find: String,
}

pub(crate) fn audience(call: &Call, draft: &Draft, shown: Audience) -> Response {
    frame(call, draft, Step::Audience, |path| {
        let more = shown.more.then(|| view! { <p class="hint">"Not all are shown: search for the others. What is ticked stays."</p> });
        let map = if shown.drawn.is_empty() {
            view! { <p class="hint">"The map shows the areas that are ticked once they are saved."</p> }.into_any()
        } else {
            view! {
                <AreaMap label="Service areas that are chosen" areas=shown.drawn />
                <p class="hint">"The dashed line is an estimate of where phones may still hear it."</p>
            }
            .into_any()
        };
        let boxes = |legend: &'static str,
                     name: &'static str,
                     choices: Vec<Choice>,
                     none: &'static str| {
            if choices.is_empty() {
                view! { <fieldset class="field"><legend>{legend}</legend><p class="muted">{none}</p></fieldset> }.into_any()
            } else {
                view! {
                    <fieldset class="field">
                        <legend>{legend}</legend>
                        <Picker name=name.to_owned() what=legend.to_lowercase() choices=choices />
                    </fieldset>
                }
                .into_any()
            }
        };
        view! {
            <form method="post" action=format!("{path}/audience")>
                {quoted(call, draft.seen)}
                <button class="visually-hidden" name="do" value="save" tabindex="-1" aria-hidden="true">"Save"</button>
                <div class="fields-row">
                    <Field name="find" label="Search all groups and areas" kind="search" value=shown.find />
                    <div class="field">
                        <button class="button-secondary" name="do" value="find">"Search"</button>
                    </div>
                </div>
                {more}
                <div class="two-thirds">
                    <div id="audience">
                        {boxes("Alias groups", "group", shown.groups, "There is no alias group.")}
                        {boxes("Service areas", "area", shown.areas, "There is no service area.")}
                    </div>
                    <div>
                        {map}
                        <p><strong>"Reach: "</strong> {content::reach(&shown.preview.reach)}</p>
                    </div>
                </div>
                <p class="buttons">
                    <button class="button-secondary" name="do" value="save">"Save"</button>
                    <button class="button" name="do" value="next">"Save and go on to the delivery"</button>
                </p>
            </form>
        }
        .into_any()
    })
}

pub(crate) fn delivery(call: &Call, draft: &Draft, preview: &Preview) -> Response {
    frame(call, draft, Step::Delivery, |path| {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let content = &draft.content;
        let bearers = Bearer::ALL
            .iter()
            .map(|bearer| {
                let hint = match bearer {
                    Bearer::Bcast => "Files to BCAST receivers",
                    Bearer::Cbs => "Text to every phone in the cells",
                    Bearer::Mbms => "Files to MBMS receivers",
                };
                Option_::new(bearer.as_str(), bearer.as_str()).with_hint(hint)
            })
            .collect();
        let ticked = content
            .bearers
            .iter()
            .map(|bearer| bearer.as_str().to_owned())
            .collect();
        let (start, at) = match content.start {
            Start::Now => ("now", String::new()),
            Start::At(at_ms) => ("at", clock.input(at_ms)),
        };
        let starts = vec![
            Option_::new("now", "As soon as it is approved"),
            Option_::new("at", "At this time:"),
        ];
        let repetition = content
            .repetition_s
            .map(|seconds| (seconds / 60).to_string())
            .unwrap_or_default();
        let zone = clock.zone();
        view! {
            <form method="post" action=format!("{path}/delivery")>
                {quoted(call, draft.seen)}
                <button class="visually-hidden" name="do" value="save" tabindex="-1" aria-hidden="true">"Save"</button>
                <Boxes name="bearers" legend="Bearers (none ticked: all that the groups and areas have)" options=bearers values=ticked problems=draft.problems.clone() />
                <Radios name="start" legend="Start" options=starts value=start problems=draft.problems.clone() />
                <Field
                    name="at"
                    label=format!("Start time ({zone})")
                    kind="datetime-local"
                    short=true
                    value=at
                    problems=draft.problems.clone()
                />
                <div class="fields-row">
                    <Field name="hours" label="Lasts, hours" kind="number" short=true value=(content.duration_s / 3600).to_string() problems=draft.problems.clone() />
                    <Field name="minutes" label="and minutes" kind="number" short=true value=(content.duration_s / 60 % 60).to_string() problems=draft.problems.clone() />
                </div>
                <Field
                    name="repetition"
                    label="Repeat every so many minutes"
                    kind="number"
                    short=true
                    value=repetition
                    hint="Repeating reaches those who come later. Empty: as each channel has it."
                    problems=draft.problems.clone()
                />
                <p class="buttons">
                    <button class="button-secondary" name="do" value="save">"Save and compute"</button>
                    <button class="button" name="do" value="next">"Save and go on to the check"</button>
                </p>
            </form>
            <h2>"What that comes to"</h2>
            <p>"If it were approved now: from " {clock.long(preview.window_ms.0)} " to " {clock.long(preview.window_ms.1)} "."</p>
            {content::routes(preview)}
        }
        .into_any()
    })
}

pub(crate) fn check(call: &Call, draft: &Draft, preview: &Preview) -> Response {
    frame(call, draft, Step::Check, |path| {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let links = Links {
            message: Some(format!("{path}/message")),
            audience: Some(format!("{path}/audience")),
            delivery: Some(format!("{path}/delivery")),
        };
        let problems: Vec<_> = draft
            .alert
            .problems
            .iter()
            .map(|problem| {
                let (step, anchor) = place(problem.field);
                let language = problem
                    .language
                    .as_ref()
                    .map(|language| format!("?language={language}"))
                    .unwrap_or_default();
                let link = format!("{path}/{step}{language}#{anchor}");
                let of = problem
                    .language
                    .as_ref()
                    .map(|language| format!(" ({language})"));
                view! { <li><a href=link>{problem.message.clone()} {of}</a></li> }
            })
            .collect();
        let ready = problems.is_empty();
        let missing = (!ready).then(|| {
            view! {
                <div class="error-summary" role="alert">
                    <h2>"It cannot be sent for approval yet"</h2>
                    <ul>{problems}</ul>
                </div>
            }
        });
        let live = call
            .person
            .as_ref()
            .is_some_and(|person| person.workspace.mode == Mode::Live);
        let button = if live {
            "Send for approval: the public will receive it"
        } else {
            "Send the test for approval"
        };
        let send = (ready && draft.alert.duty.submit).then(|| {
            view! {
                <form method="post" action=format!("{path}/submit")>
                    {quoted(call, draft.seen)}
                    <p><button class="button">{button}</button></p>
                </form>
            }
        });
        view! {
            {missing}
            {content::warnings(&draft.content, preview)}
            {content::summary(&clock, &draft.content, Some(preview), &links)}
            <h2>"As it will be shown"</h2>
            {content::handsets(call, &draft.content)}
            <h2>"As it will be sent"</h2>
            {content::routes(preview)}
            {send}
        }
        .into_any()
    })
}

/// Where a problem can be mended.
pub(crate) const fn place(field: Part) -> (&'static str, &'static str) {
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
