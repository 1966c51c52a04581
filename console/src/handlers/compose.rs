//! Writing an alert: each step reads its part of the form, puts it into the draft, stores it.

mod audience;
mod delivery;
mod message;

use std::collections::BTreeMap;

use axum::response::Response;
use pushcast_engine::gateway::console::{ConsoleError, NewAlert};
use pushcast_engine::model::alert::Refusal;
use pushcast_engine::model::listing::{ListQuery, Source, Tab};
use pushcast_engine::model::{AlertContent, AlertId};

use super::approvals::seen;
use super::entry::first_upper;
use crate::http::failure::problems;
use crate::http::{Call, Failure, Problem, see_other};
use crate::pages::compose as pages;
use crate::pages::compose::Draft;

pub(crate) use audience::{audience, audience_page};
pub(crate) use delivery::{delivery, delivery_page};
pub(crate) use message::{find, message, message_page};

/// Past alerts that can be copied from the list; others from their own pages.
const PAST: u32 = 30;
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
        Ok(()) => {
            // Whoever may approve it too goes on to that.
            let alert = call.gateway().alert(call.actor()?, &id).await?;
            let next = if alert.duty.approve { "/review" } else { "" };
            Ok(see_other(&call.path_to(&format!("/alerts/{id}{next}"))))
        }
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
