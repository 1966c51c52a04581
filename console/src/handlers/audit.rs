//! The audit.

use axum::response::Response;
use pushcast_engine::model::audit::AuditQuery;

use crate::components::Clock;
use crate::http::{Call, Failure, download};
use crate::pages::audit as pages;

fn query(call: &Call) -> AuditQuery {
    let query = &call.query;
    let clock = Clock::new(call.zone(), call.app.now_ms());
    let named = |name: &str| Some(query.text(name).to_owned()).filter(|text| !text.is_empty());
    AuditQuery {
        who: named("who"),
        action: named("action"),
        object: named("object"),
        workspace: None,
        refused: query.has("refused"),
        from_ms: clock.read(query.text("from")),
        to_ms: clock.read(query.text("to")),
        after: query.read_as("after"),
        rows: 0,
    }
}

pub(crate) async fn list(call: Call) -> Result<Response, Failure> {
    let rows = call.gateway().audit(call.actor()?, &query(&call)).await?;
    Ok(pages::list(&call, rows, None))
}

pub(crate) async fn csv(call: Call) -> Result<Response, Failure> {
    let csv = call
        .gateway()
        .audit_csv(call.actor()?, &query(&call))
        .await?;
    Ok(download(
        "audit.csv",
        "text/csv; charset=utf-8",
        csv.into_bytes(),
    ))
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let row = call
        .gateway()
        .audit_row(call.actor()?, call.part("seq")?)
        .await?;
    Ok(pages::show(&call, row))
}

pub(crate) async fn verify(call: Call) -> Result<Response, Failure> {
    let actor = call.actor()?;
    let verdict = call.gateway().verify_audit(actor).await?;
    let rows = call.gateway().audit(actor, &AuditQuery::default()).await?;
    Ok(pages::list(&call, rows, Some(verdict)))
}
