//! Live events of a page: one stream, with what was missed since the page was made or the
//! connection broke.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use pushcast_engine::gateway::console::Subscription;
use pushcast_engine::model::SubmissionId;
use pushcast_engine::model::event::EventId;

use super::call::Call;
use super::failure::Failure;

/// A comment so often tells proxies and browser that the connection lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams the workspace's events; with `submission` also the progress of that push. What was
/// missed is asked for by `Last-Event-ID`, which browsers send when they connect again, or by
/// `last`, which the page says when it connects first.
pub async fn events(call: Call) -> Result<Response, Failure> {
    let header = call.headers.get("last-event-id");
    let header = header.and_then(|value| value.to_str().ok()?.parse::<EventId>().ok());
    let last = header.or_else(|| call.query.read_as("last"));
    let watch: Option<SubmissionId> = call.query.read_as("submission");
    let actor = call.actor()?;
    let subscription = call.gateway().subscribe(actor, last, watch).await?;
    let events = stream::unfold(subscription, next);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

async fn next(mut subscription: Subscription) -> Option<(Result<Sent, Infallible>, Subscription)> {
    let event = subscription.next().await?;
    let data = serde_json::to_string(&event.what).unwrap_or_default();
    let sent = Sent::default()
        .id(event.id.to_string())
        .event(event.what.name())
        .data(data);
    Some((Ok(sent), subscription))
}
