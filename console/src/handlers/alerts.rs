//! One alert: looking at it, stopping it.

use axum::response::Response;
use pushcast_engine::gateway::console::ConsoleError;
use pushcast_engine::model::AlertId;
use pushcast_engine::model::alert::Use;

use crate::http::boards::MAX_PUSHES_SHOWN;
use crate::http::failure::problems;
use crate::http::{Call, Failure, Problem, see_other};
use crate::pages::alert as pages;

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let actor = call.actor()?;
    let gateway = call.gateway();
    let alert = gateway.alert(actor, &id).await?;
    let view = pages::View::of(call.query.text("view"));
    let preview = match alert.alert.proposal.as_ref() {
        Some(proposal) => Some(gateway.preview(actor, &proposal.content).await?),
        None => None,
    };
    let mut pushes = Vec::new();
    for push in alert.submissions.iter().take(MAX_PUSHES_SHOWN) {
        pushes.push(gateway.submission_detail(actor, push).await?);
    }
    let mut corrections = gateway.templates(actor).await?;
    corrections.retain(|template| template.purpose == Use::Correction);
    let around = pages::Around {
        preview,
        edits: match view {
            pages::View::Versions => gateway.alert_edits(actor, &id).await?,
            _ => Vec::new(),
        },
        history: match view {
            pages::View::History => gateway.alert_history(actor, &id).await?,
            _ => Vec::new(),
        },
        corrections,
        pushes,
        view,
    };
    Ok(pages::show(&call, &alert, around))
}

/// What it becomes on the air.
pub(crate) async fn raw(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let alert = call.gateway().alert(call.actor()?, &id).await?;
    let forms = call.gateway().raw_forms(call.actor()?, &id).await?;
    Ok(crate::pages::raw::alert(&call, &alert, forms))
}

pub(crate) async fn stop_page(call: Call) -> Result<Response, Failure> {
    stop_form(&call, Vec::new()).await
}

async fn stop_form(call: &Call, problems: Vec<Problem>) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let alert = call.gateway().alert(call.actor()?, &id).await?;
    if !alert.duty.stop && problems.is_empty() {
        return Err(Failure::Refused(
            "there is nothing to stop: the alert is over, or being stopped".to_owned(),
        ));
    }
    Ok(pages::stop(call, &alert, problems))
}

pub(crate) async fn stop(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let reason = call.form.text("reason");
    match call.gateway().stop_alert(call.actor()?, &id, reason).await {
        Ok(_) => Ok(see_other(&call.path_to(&format!("/alerts/{id}")))),
        Err(error @ ConsoleError::Alert(_)) => stop_form(&call, problems(error)?).await,
        Err(error) => Err(error.into()),
    }
}
