//! Pushes: the list, one of them, its content, taking it off the air.

use axum::response::Response;
use pushcast_engine::gateway::console::ConsoleError;
use pushcast_engine::model::SubmissionId;
use pushcast_engine::model::listing::{Cursor, ListQuery, MAX_PAGE_ROWS, Order, Source, Tab};
use pushcast_engine::model::{Bearer, MessageState};

use super::csv::Csv;
use crate::components::Clock;
use crate::http::failure::problems;
use crate::http::{Call, Failure, Problem, download, see_other};
use crate::pages::{raw, submission, submissions as pages};

/// Rows of a download: a page is asked for after the other until then.
const MAX_CSV_ROWS: usize = 100_000;

fn query(call: &Call) -> ListQuery {
    let query = &call.query;
    let clock = Clock::new(call.zone(), call.app.now_ms());
    let tab = Tab::from_query(query.text("tab")).unwrap_or_default();
    ListQuery {
        tab,
        source: Source::from_query(query.text("source")),
        initiator: query.read_as("initiator"),
        state: MessageState::from_pap(query.text("state")),
        bearer: Bearer::from_pap(query.text("bearer")),
        channel: query.read_as("channel"),
        from_ms: clock.read(query.text("from")),
        to_ms: clock.read(query.text("to")),
        text: Some(query.text("text").to_owned()).filter(|text| !text.is_empty()),
        order: match query.text("order") {
            "oldest" => Order::Oldest,
            _ => Order::Newest,
        },
        after: query.read_as::<Cursor>("after"),
        rows: 0,
    }
}

pub(crate) async fn list(call: Call) -> Result<Response, Failure> {
    let query = query(&call);
    let rows = call.gateway().list(call.actor()?, &query).await?;
    Ok(pages::show(&call, query.tab, rows))
}

pub(crate) async fn csv(call: Call) -> Result<Response, Failure> {
    let mut query = ListQuery {
        after: None,
        rows: MAX_PAGE_ROWS,
        ..query(&call)
    };
    let mut csv = Csv::new(&[
        "title",
        "state",
        "sender",
        "source",
        "targets",
        "bearers",
        "came_in_utc",
        "start_utc",
        "end_utc",
        "delivered",
        "pending",
        "cancelled",
        "failed",
    ]);
    let mut count = 0;
    loop {
        let page = call.gateway().list(call.actor()?, &query).await?;
        count += page.rows.len();
        for entry in &page.rows {
            csv.entry(entry);
        }
        query.after = page.next;
        if query.after.is_none() || count >= MAX_CSV_ROWS {
            break;
        }
    }
    Ok(download(
        "submissions.csv",
        "text/csv; charset=utf-8",
        csv.into_octets(),
    ))
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let id: SubmissionId = call.part("id")?;
    let actor = call.actor()?;
    let detail = call.gateway().submission_detail(actor, &id).await?;
    let view = submission::View::of(call.query.text("view"));
    let raw = match view {
        submission::View::Message => Some((
            call.gateway().raw_parts(actor, &id).await?,
            call.gateway().raw_air(actor, &id).await?,
        )),
        _ => None,
    };
    Ok(submission::show(&call, view, detail, raw))
}

/// The octets as they were pushed. Never shown by the browser: they may be anything.
pub(crate) async fn content(call: Call) -> Result<Response, Failure> {
    let id: SubmissionId = call.part("id")?;
    let (_, octets) = call.gateway().raw_body(call.actor()?, &id).await?;
    Ok(download(
        &format!("{id}.bin"),
        "application/octet-stream",
        octets,
    ))
}

/// A part of the raw form as a file.
pub(crate) async fn raw_part(call: Call) -> Result<Response, Failure> {
    let id: SubmissionId = call.part("id")?;
    let wanted: String = call.part("part")?;
    let actor = call.actor()?;
    if wanted == "control.xml" {
        let raw = call.gateway().raw_parts(actor, &id).await?;
        return Ok(download(
            &wanted,
            "application/xml",
            raw.control.into_bytes(),
        ));
    }
    let air = call.gateway().raw_air(actor, &id).await?;
    for (place, message) in air.messages.into_iter().enumerate() {
        if raw::pages_name(place, &message) == wanted {
            let octets = message.pages.into_iter().flat_map(|(octets, _)| octets);
            return Ok(download(
                &wanted,
                "application/octet-stream",
                octets.collect(),
            ));
        }
    }
    for (place, instance) in air.instances.into_iter().enumerate() {
        if raw::instance_name(place, &instance) == wanted {
            return Ok(download(&wanted, "application/xml", instance.document));
        }
    }
    Err(Failure::NotFound)
}

pub(crate) async fn stop_page(call: Call) -> Result<Response, Failure> {
    stop_form(&call, Vec::new()).await
}

async fn stop_form(call: &Call, problems: Vec<Problem>) -> Result<Response, Failure> {
    let id: SubmissionId = call.part("id")?;
    let detail = call.gateway().submission_detail(call.actor()?, &id).await?;
    Ok(submission::stop(call, &detail, problems))
}

pub(crate) async fn stop(call: Call) -> Result<Response, Failure> {
    let id: SubmissionId = call.part("id")?;
    let reason = call.form.text("reason");
    let stopped = call
        .gateway()
        .stop_submission(call.actor()?, &id, reason)
        .await;
    match stopped {
        Ok(_) => Ok(see_other(&call.path_to(&format!("/submissions/{id}")))),
        Err(error @ (ConsoleError::NotNow(_) | ConsoleError::Invalid(_))) => {
            stop_form(&call, problems(error)?).await
        }
        Err(error) => Err(error.into()),
    }
}
