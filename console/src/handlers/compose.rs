//! Writing an alert: each step reads its part of the form, puts it into the draft, stores it.

use std::collections::BTreeMap;

use axum::response::Response;
use pushcast_engine::gateway::console::{ConsoleError, NewAlert};
use pushcast_engine::model::alert::{Message, Refusal, Severity, Start};
use pushcast_engine::model::listing::{ListQuery, Source, Tab};
use pushcast_engine::model::{AlertContent, AlertId, Bearer, Language};

use super::approvals::{drawn, seen};
use super::entry::first_upper;
use crate::components::Clock;
use crate::count;
use crate::http::failure::problems;
use crate::http::fields::encode;
use crate::http::{Call, Failure, Problem, see_other};
use crate::islands::Choice;
use crate::pages::compose as pages;
use crate::pages::compose::Draft;

/// Past alerts that can be copied from the list; others from their own pages.
const PAST: u32 = 30;
/// Groups, and areas, that a step shows at a time.
const CHOICES: u32 = 100;

/// The language that an alert begins with.
const FIRST_LANGUAGE: &str = "en";

pub(crate) async fn new_page(call: Call) -> Result<Response, Failure> {
    begin(&call, Vec::new()).await
}

async fn begin(call: &Call, problems: Vec<Problem>) -> Result<Response, Failure> {
    let actor = call.actor()?;
    let templates = call.gateway().templates(actor).await?;
    let query = ListQuery {
        tab: Tab::Finished,
        source: Some(Source::Console),
        rows: PAST,
        ..ListQuery::default()
    };
    let past = call.gateway().list(actor, &query).await?.rows;
    Ok(pages::begin(call, &templates, &past, problems))
}

pub(crate) async fn create(call: Call) -> Result<Response, Failure> {
    let actor = call.actor()?;
    let form = &call.form;
    let from = match (form.read_as("template"), form.read_as("copy")) {
        (Some(template), _) => {
            let blanks = form
                .iter()
                .filter_map(|(name, value)| Some((name.strip_prefix("blank:")?, value)));
            let values: BTreeMap<String, String> = blanks
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            NewAlert::Template { template, values }
        }
        (None, Some(copy)) => NewAlert::Copy(copy),
        (None, None) => NewAlert::Blank,
    };
    let id = match call.gateway().create_alert(actor, from).await {
        Ok(id) => id,
        Err(error) => return begin(&call, problems(error)?).await,
    };
    if let Some(other) = form.read_as::<AlertId>("audience_of") {
        same_audience(&call, &id, &other).await?;
    }
    Ok(see_other(&call.path_to(&format!("/alerts/{id}/message"))))
}

/// A correction goes to whom the alert went.
async fn same_audience(call: &Call, id: &AlertId, other: &AlertId) -> Result<(), Failure> {
    let actor = call.actor()?;
    let other = call.gateway().alert(actor, other).await?;
    let Some(sent) = other.alert.content().cloned() else {
        return Ok(());
    };
    let draft = load(call, id).await?;
    let content = AlertContent {
        groups: sent.groups,
        areas: sent.areas,
        bearers: sent.bearers,
        duration_s: sent.duration_s,
        ..draft.content
    };
    call.gateway()
        .edit_alert(actor, id, draft.seen, content)
        .await?;
    Ok(())
}

/// The draft as it is stored.
async fn load(call: &Call, id: &AlertId) -> Result<Draft, Failure> {
    let alert = call.gateway().alert(call.actor()?, id).await?;
    let proposal = alert
        .alert
        .proposal
        .as_ref()
        .filter(|_| !alert.state.is_final());
    let Some(proposal) = proposal else {
        return Err(Failure::Refused(
            "no version of this alert is being written".to_owned(),
        ));
    };
    Ok(Draft {
        seen: proposal.seen(),
        content: proposal.content.clone(),
        problems: Vec::new(),
        saved: call.query.has("saved"),
        alert,
    })
}

/// Stores the draft's content. `Ok(None)` once it is, else the draft with what stands against it.
async fn store(
    call: &Call,
    mut draft: Draft,
    mut found: Vec<Problem>,
) -> Result<Option<Draft>, Failure> {
    let id = draft.alert.alert.id.clone();
    if found.is_empty() {
        let content = draft.content.clone();
        match call
            .gateway()
            .edit_alert(call.actor()?, &id, seen(call), content)
            .await
        {
            Ok(_) => return Ok(None),
            Err(ConsoleError::Alert(Refusal::Changed { .. })) => {
                let by = draft
                    .alert
                    .alert
                    .proposal
                    .as_ref()
                    .map(|proposal| proposal.edited_by.to_string());
                let by = by.unwrap_or_else(|| "somebody".to_owned());
                let text = format!(
                    "{by} has changed the alert in the meantime. What you have written stands below: compare it with the versions of the alert, then save again."
                );
                found.push(Problem::new("form", text));
            }
            Err(error) => found = problems(error)?,
        }
    }
    for problem in &mut found {
        problem.message = first_upper(&problem.message);
    }
    draft.problems = found;
    Ok(Some(draft))
}

/// Which button was pressed.
fn wanted(call: &Call) -> &str {
    match call.form.text("do") {
        "" => "save",
        wanted => wanted,
    }
}

pub(crate) async fn message_page(call: Call) -> Result<Response, Failure> {
    let draft = load(&call, &call.part("id")?).await?;
    let asked = call.query.text("language");
    let first = draft
        .content
        .messages
        .first()
        .map(|message| message.language.to_string());
    let language = match asked.parse::<Language>() {
        Ok(language) => language.to_string(),
        Err(_) => first.unwrap_or_else(|| FIRST_LANGUAGE.to_owned()),
    };
    Ok(pages::message(&call, &draft, &language))
}

pub(crate) async fn message(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let mut draft = load(&call, &id).await?;
    let form = &call.form;
    let language: Language = form
        .text("language")
        .parse()
        .map_err(|_| Failure::Malformed("the language is missing".to_owned()))?;
    let mut found = Vec::new();
    let mut next = language.to_string();
    // The form that only removes a file has no text in it.
    if form.has("text") {
        draft.content.title = form.text("title").to_owned();
        draft.content.severity = Severity::from_stored(form.text("severity")).unwrap_or_default();
        draft.content.kind = form.text("kind").to_owned();
        let text = form.raw("text").replace("\r\n", "\n");
        match find(&mut draft.content, &language) {
            Some(message) => message.text = text,
            None if text.trim().is_empty() && wanted(&call) != "save" => {}
            None => draft.content.messages.push(blank(&language, text)),
        }
    }
    match wanted(&call) {
        "add-language" => match form.text("new_language").parse::<Language>() {
            Ok(new) => {
                if find(&mut draft.content, &new).is_none() {
                    draft.content.messages.push(blank(&new, String::new()));
                }
                next = new.to_string();
            }
            Err(_) => found.push(Problem::new(
                "new_language",
                "Type a language tag such as en or pt-BR.",
            )),
        },
        "remove-language" => {
            draft
                .content
                .messages
                .retain(|message| message.language != language);
            next = draft.content.messages.first().map_or_else(
                || FIRST_LANGUAGE.to_owned(),
                |message| message.language.to_string(),
            );
        }
        "remove-attachment" => {
            if let Some(message) = find(&mut draft.content, &language) {
                message.attachment = None;
            }
        }
        "plain" => {
            if let Some(message) = find(&mut draft.content, &language)
                && let Some(plain) = count::plain(&message.text, language.as_str())
            {
                message.text = plain;
            }
        }
        _ => {}
    }
    let path = call.path_to(&format!("/alerts/{id}"));
    let there = match wanted(&call) {
        "next" => format!("{path}/audience?saved"),
        _ => format!("{path}/message?language={}&saved", encode(&next)),
    };
    match store(&call, draft, found).await? {
        None => Ok(see_other(&there)),
        Some(draft) => Ok(pages::message(&call, &draft, language.as_str())),
    }
}

fn blank(language: &Language, text: String) -> Message {
    Message {
        language: language.clone(),
        text,
        attachment: None,
    }
}

pub(crate) fn find<'a>(
    content: &'a mut AlertContent,
    language: &Language,
) -> Option<&'a mut Message> {
    content
        .messages
        .iter_mut()
        .find(|message| message.language == *language)
}

pub(crate) async fn audience_page(call: Call) -> Result<Response, Failure> {
    let draft = load(&call, &call.part("id")?).await?;
    let find = call.query.text("find").to_owned();
    show_audience(&call, draft, find).await
}

async fn show_audience(call: &Call, draft: Draft, find: String) -> Result<Response, Failure> {
    let actor = call.actor()?;
    let gateway = call.gateway();
    let text = Some(find.as_str()).filter(|text| !text.is_empty());
    let groups = gateway.groups(actor, text, None, CHOICES).await?;
    let areas = gateway.areas(actor, text, None, CHOICES).await?;
    let more = groups.next.is_some() || areas.next.is_some();
    let receivers = |figure: Option<u64>| match figure {
        Some(figure) => format!("{} receivers expected", crate::components::count(figure)),
        None => "receivers unknown".to_owned(),
    };
    let mut group_choices: Vec<Choice> =
        ticked(draft.content.groups.iter().map(ToString::to_string));
    for row in groups.rows {
        let channels: Vec<&str> = row
            .group
            .channels
            .iter()
            .map(|channel| channel.as_str())
            .collect();
        let hint = format!(
            "{}; {}",
            channels.join(", "),
            receivers(row.group.receivers_expected)
        );
        offer(&mut group_choices, row.group.name.to_string(), hint);
    }
    let mut area_choices: Vec<Choice> = ticked(draft.content.areas.iter().map(ToString::to_string));
    for row in areas.rows {
        let channels: Vec<&str> = row
            .area
            .channels
            .iter()
            .map(|channel| channel.as_str())
            .collect();
        let hint = format!(
            "{}; {}",
            channels.join(", "),
            receivers(row.outline.population)
        );
        offer(&mut area_choices, row.area.name.to_string(), hint);
    }
    let shown = pages::Audience {
        groups: group_choices,
        areas: area_choices,
        drawn: drawn(call, &draft.content).await?,
        preview: gateway.preview(actor, &draft.content).await?,
        more,
        find,
    };
    Ok(pages::audience(call, &draft, shown))
}

fn ticked(names: impl Iterator<Item = String>) -> Vec<Choice> {
    names
        .map(|name| Choice {
            label: name.clone(),
            value: name,
            hint: String::new(),
            ticked: true,
        })
        .collect()
}

/// What is ticked stands there already and only gets its hint.
fn offer(choices: &mut Vec<Choice>, name: String, hint: String) {
    match choices.iter_mut().find(|choice| choice.value == name) {
        Some(choice) => choice.hint = hint,
        None => choices.push(Choice {
            label: name.clone(),
            value: name,
            hint,
            ticked: false,
        }),
    }
}

pub(crate) async fn audience(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let mut draft = load(&call, &id).await?;
    let form = &call.form;
    draft.content.groups = form
        .all("group")
        .filter_map(|name| name.parse().ok())
        .collect();
    draft.content.areas = form
        .all("area")
        .filter_map(|name| name.parse().ok())
        .collect();
    let find = form.text("find").to_owned();
    let path = call.path_to(&format!("/alerts/{id}"));
    let there = match wanted(&call) {
        "next" => format!("{path}/delivery?saved"),
        "find" => format!("{path}/audience?find={}", encode(&find)),
        _ => format!("{path}/audience?saved"),
    };
    match store(&call, draft, Vec::new()).await? {
        None => Ok(see_other(&there)),
        Some(draft) => show_audience(&call, draft, find).await,
    }
}

pub(crate) async fn delivery_page(call: Call) -> Result<Response, Failure> {
    let draft = load(&call, &call.part("id")?).await?;
    show_delivery(&call, &draft).await
}

async fn show_delivery(call: &Call, draft: &Draft) -> Result<Response, Failure> {
    let preview = call
        .gateway()
        .preview(call.actor()?, &draft.content)
        .await?;
    Ok(pages::delivery(call, draft, &preview))
}

pub(crate) async fn delivery(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let mut draft = load(&call, &id).await?;
    let form = &call.form;
    let clock = Clock::new(call.zone(), call.app.now_ms());
    let mut found = Vec::new();
    draft.content.bearers = form.all("bearers").filter_map(Bearer::from_pap).collect();
    draft.content.start = match (form.text("start"), clock.read(form.text("at"))) {
        ("at", Some(at_ms)) => Start::At(at_ms),
        ("at", None) => {
            found.push(Problem::new("at", "Give the start as a date and a time."));
            draft.content.start
        }
        _ => Start::Now,
    };
    let mut number = |name: &'static str, what: &str| -> u64 {
        match form.text(name) {
            "" => 0,
            text => text.parse::<u32>().map_or_else(
                |_| {
                    found.push(Problem::new(
                        name,
                        format!("Give {what} as a whole number."),
                    ));
                    0
                },
                u64::from,
            ),
        }
    };
    let (hours, minutes) = (
        number("hours", "the hours"),
        number("minutes", "the minutes"),
    );
    let repetition = number("repetition", "the repetition");
    if found.is_empty() {
        draft.content.duration_s = hours * 3600 + minutes * 60;
        draft.content.repetition_s = (repetition > 0).then_some(repetition * 60);
    }
    let path = call.path_to(&format!("/alerts/{id}"));
    let there = match wanted(&call) {
        "next" => format!("{path}/check"),
        _ => format!("{path}/delivery?saved"),
    };
    match store(&call, draft, found).await? {
        None => Ok(see_other(&there)),
        Some(draft) => show_delivery(&call, &draft).await,
    }
}

pub(crate) async fn check_page(call: Call) -> Result<Response, Failure> {
    let draft = load(&call, &call.part("id")?).await?;
    show_check(&call, &draft).await
}

async fn show_check(call: &Call, draft: &Draft) -> Result<Response, Failure> {
    let preview = call
        .gateway()
        .preview(call.actor()?, &draft.content)
        .await?;
    Ok(pages::check(call, draft, &preview))
}

pub(crate) async fn submit(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    match call
        .gateway()
        .submit_alert(call.actor()?, &id, seen(&call))
        .await
    {
        Ok(()) => Ok(see_other(&call.path_to(&format!("/alerts/{id}")))),
        Err(ConsoleError::Content(_)) => {
            let draft = load(&call, &id).await?;
            show_check(&call, &draft).await
        }
        Err(error) => {
            let mut draft = load(&call, &id).await?;
            draft.problems = problems(error)?;
            show_check(&call, &draft).await
        }
    }
}

pub(crate) async fn take_back(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    call.gateway()
        .take_back_alert(call.actor()?, &id, seen(&call))
        .await?;
    Ok(see_other(&call.path_to(&format!("/alerts/{id}"))))
}

pub(crate) async fn discard(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    call.gateway()
        .discard_alert(call.actor()?, &id, seen(&call))
        .await?;
    Ok(see_other(&call.path_to("/submissions?tab=drafts")))
}

pub(crate) async fn revise(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    call.gateway().revise_alert(call.actor()?, &id).await?;
    Ok(see_other(&call.path_to(&format!("/alerts/{id}/message"))))
}
