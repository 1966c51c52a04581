//! Live events of a page: one stream, with what was missed while the connection was broken.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use pushcast_engine::gateway::console::Subscription;
use pushcast_engine::model::detail::SubmissionDetail;
use pushcast_engine::model::event::{Event, EventId, What};
use pushcast_engine::model::{Action, SubmissionId};

use super::boards::{Boards, advance, is_news};
use super::call::Call;
use super::failure::Failure;
use super::shared::Reading;
use crate::board::Board;

/// A comment so often tells proxies and browser that the connection lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams the workspace's events; with `submission` the progress of that push alone. A browser
/// that connects again says by `Last-Event-ID` what it saw last, and hears the rest. Whoever
/// connects hears first how things are, since something may have happened after the page was made.
pub async fn events(call: Call) -> Result<Response, Failure> {
    let header = call.headers.get("last-event-id");
    let last = header.and_then(|value| value.to_str().ok()?.parse::<EventId>().ok());
    let watch: Option<SubmissionId> = call.query.read_as("submission");
    let actor = call.actor()?;
    // Before things are looked at: nothing in between is lost.
    let subscription = call.gateway().subscribe(actor, last, watch.clone()).await?;
    let boards = Boards::new(&call);
    let (first, watched) = match watch {
        Some(id) => {
            let detail = call.gateway().submission_detail(actor, &id).await?;
            (boards.submission(&detail), Some(detail))
        }
        None => (
            boards.overview(&call.gateway().overview(actor).await?),
            None,
        ),
    };
    let reading = Reading {
        zone: call.chosen_zone(),
        base: call.path_to(""),
        may_stop: call.may(Action::Stop),
    };
    let reader = Reader {
        reading,
        call,
        boards,
        subscription,
        watched,
        ready: VecDeque::from([board(&first)]),
    };
    let events = stream::unfold(reader, Reader::next);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

/// One browser that looks.
struct Reader {
    call: Call,
    boards: Boards,
    reading: Reading,
    subscription: Subscription,
    watched: Option<SubmissionDetail>,
    ready: VecDeque<Sent>,
}

fn text(board: &Board) -> String {
    serde_json::to_string(board).unwrap_or_default()
}

fn board(board: &Board) -> Sent {
    Sent::default().event("board").data(text(board))
}

impl Reader {
    async fn next(mut self) -> Option<(Result<Sent, Infallible>, Self)> {
        loop {
            if let Some(sent) = self.ready.pop_front() {
                return Some((Ok(sent), self));
            }
            let event = self.subscription.next().await?;
            self.take(event).await?;
        }
    }

    /// Makes of an event what the browser draws; the last of it carries the event's number.
    /// `None` where the reader may not look any more.
    async fn take(&mut self, event: Event) -> Option<()> {
        match event.what {
            What::Overview(overview) if self.watched.is_none() => {
                let shared = self.call.app.boards();
                let make = || text(&self.boards.overview(&overview));
                let data = shared.of(event.id, &self.reading, make);
                self.ready
                    .push_back(Sent::default().event("board").data(data));
            }
            What::Alert { title, state, .. } if self.watched.is_none() => {
                let said = format!("{title}: {}", state.label().to_lowercase());
                self.ready
                    .push_back(Sent::default().event("said").data(one_line(&said)));
            }
            What::Submission(progress) => {
                let detail = self.watched.as_mut()?;
                let said = advance(detail, &progress);
                if is_news(detail, &progress) {
                    let (actor, id) = (self.call.actor().ok()?, &progress.id);
                    *detail = self
                        .call
                        .gateway()
                        .submission_detail(actor, id)
                        .await
                        .ok()?;
                }
                self.ready.push_back(board(&self.boards.submission(detail)));
                if !said.is_empty() {
                    self.ready
                        .push_back(Sent::default().event("said").data(one_line(&said)));
                }
            }
            What::Reload => self
                .ready
                .push_back(Sent::default().event("reload").data("now")),
            What::Alert { .. } | What::Channel { .. } | What::Overview(_) => {}
        }
        if let Some(sent) = self.ready.pop_back() {
            self.ready.push_back(sent.id(event.id.to_string()));
        }
        Some(())
    }
}

/// An event's text may not hold a carriage return.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
