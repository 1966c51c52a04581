//! Deciding about what waits.

use axum::response::Response;
use pushcast_engine::gateway::console::{AlertView, ConsoleError};
use pushcast_engine::model::alert::Seen;
use pushcast_engine::model::spill::Spill;
use pushcast_engine::model::{AlertContent, AlertId, SubmissionId};

use crate::components::Drawn;
use crate::http::failure::problems;
use crate::http::{Call, Failure, Problem, see_other};
use crate::pages::approvals as pages;

pub(crate) async fn list(call: Call) -> Result<Response, Failure> {
    let entries = call.gateway().approvals(call.actor()?).await?;
    Ok(pages::list(&call, entries))
}

pub(crate) async fn review(call: Call) -> Result<Response, Failure> {
    review_form(&call, Vec::new()).await
}

async fn review_form(call: &Call, problems: Vec<Problem>) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let actor = call.actor()?;
    let alert: AlertView = call.gateway().alert(actor, &id).await?;
    let content = alert
        .alert
        .proposal
        .as_ref()
        .map(|proposal| proposal.content.clone());
    let content = content
        .or_else(|| alert.alert.content().cloned())
        .unwrap_or_default();
    let preview = call.gateway().preview(actor, &content).await?;
    let areas = drawn(call, &content).await?;
    let around = pages::Around {
        preview,
        areas,
        backdrop: call.gateway().backdrop(actor).await?,
        reason: call.form.text("reason").to_owned(),
        problems,
    };
    Ok(pages::review(call, &alert, around))
}

/// The areas of an alert on a map.
pub(crate) async fn drawn(call: &Call, content: &AlertContent) -> Result<Vec<Drawn>, Failure> {
    let outlines = call.gateway().area_outlines(call.actor()?, &content.areas);
    let outlines = outlines.await?.into_iter();
    let areas = outlines.filter(|(_, outline)| !outline.shapes.is_empty());
    let drawn = areas.map(|(name, outline)| Drawn {
        name,
        spill: Some(Spill::of(&outline)),
        outline,
        class: "map-shape",
    });
    Ok(drawn.collect())
}

/// The edit that a form quotes; one that is not there has been read by nobody.
pub(crate) fn seen(call: &Call) -> Seen {
    Seen {
        version: call.form.read_as("version").unwrap_or_default(),
        revision: call.form.read_as("revision").unwrap_or_default(),
    }
}

pub(crate) async fn approve(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let acknowledged = call.form.has("acknowledged");
    let approved = call
        .gateway()
        .approve_alert(call.actor()?, &id, seen(&call), acknowledged)
        .await;
    decided(&call, approved.map(drop), "acknowledged").await
}

pub(crate) async fn give_back(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let reason = call.form.text("reason");
    let returned = call
        .gateway()
        .return_alert(call.actor()?, &id, seen(&call), reason)
        .await;
    decided(&call, returned, "reason").await
}

pub(crate) async fn reject(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let reason = call.form.text("reason");
    let rejected = call
        .gateway()
        .reject_alert(call.actor()?, &id, seen(&call), reason)
        .await;
    decided(&call, rejected, "reason").await
}

/// Goes on to the alert, or shows the form again with what stands against it.
async fn decided(
    call: &Call,
    result: Result<(), ConsoleError>,
    field: &'static str,
) -> Result<Response, Failure> {
    use pushcast_engine::model::alert::Refusal;
    let id: AlertId = call.part("id")?;
    match result {
        Ok(()) => Ok(see_other(&call.path_to(&format!("/alerts/{id}")))),
        Err(ConsoleError::Alert(
            refusal @ (Refusal::NoReason | Refusal::ReasonTooLong | Refusal::NotAcknowledged),
        )) => {
            let text = super::entry::first_upper(&refusal.to_string());
            review_form(call, vec![Problem::new(field, text)]).await
        }
        Err(
            error @ (ConsoleError::Alert(_)
            | ConsoleError::Conflict { .. }
            | ConsoleError::Content(_)
            | ConsoleError::NotNow(_)),
        ) => {
            let text = super::entry::first_upper(&error.to_string());
            review_form(call, vec![Problem::new("form", text)]).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn release(call: Call) -> Result<Response, Failure> {
    let id: SubmissionId = call.part("id")?;
    call.gateway()
        .release_submission(call.actor()?, &id)
        .await?;
    Ok(see_other(&call.path_to(&format!("/submissions/{id}"))))
}

pub(crate) async fn refuse(call: Call) -> Result<Response, Failure> {
    let id: SubmissionId = call.part("id")?;
    let reason = call.form.text("reason");
    let refused = call
        .gateway()
        .refuse_submission(call.actor()?, &id, reason)
        .await;
    refused.map_err(|error| match problems(error) {
        Ok(found) => Failure::Refused(found.into_iter().map(|problem| problem.message).collect()),
        Err(failure) => failure,
    })?;
    Ok(see_other(&call.path_to(&format!("/submissions/{id}"))))
}
