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
use pushcast_engine::model::{Action, AlertId, SubmissionId};

use super::boards::{Boards, MAX_PUSHES_SHOWN, advance, is_news};
use super::call::Call;
use super::failure::Failure;
use super::shared::Reading;
use crate::board::Board;

/// A comment so often tells proxies and browser that the connection lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams the workspace's events; with `submission` the progress of that push alone, with `alert`
/// that of an alert's pushes, whose page is loaded again once the alert comes to something else
/// than `seen`. A browser that connects again says by `Last-Event-ID` what it saw last, and hears the rest. Whoever
/// connects hears first how things are, since something may have happened after the page was made.
pub async fn events(call: Call) -> Result<Response, Failure> {
    let header = call.headers.get("last-event-id");
    let last = header.and_then(|value| value.to_str().ok()?.parse::<EventId>().ok());
    let (about, watch) = about(&call).await?;
    let actor = call.actor()?;
    // Before things are looked at: nothing in between is lost.
    let subscription = call.gateway().subscribe(actor, last, &watch).await?;
    let mut watched = Vec::new();
    for id in &watch {
        watched.push(call.gateway().submission_detail(actor, id).await?);
    }
    let overview = match about {
        About::Overview => Some(call.gateway().overview(actor).await?),
        About::Alert(_) | About::Submission => None,
    };
    let mut ready = VecDeque::new();
    if let About::Alert(id) = &about {
        let alert = call.gateway().alert(actor, id).await?;
        if alert.state.as_str() != call.query.text("seen") {
            ready.push_back(reload());
        }
    }
    let boards = Boards::new(&call);
    let reading = Reading {
        zone: call.chosen_zone(),
        base: call.path_to(""),
        may_stop: call.may(Action::Stop),
    };
    let mut reader = Reader {
        reading,
        call,
        boards,
        subscription,
        about,
        watched,
        ready,
    };
    reader.ready.push_back(match overview {
        Some(overview) => board(&reader.boards.overview(&overview)),
        None => board(&reader.drawn()),
    });
    let events = stream::unfold(reader, Reader::next);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

/// What a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    /// An alert with its pushes.
    Alert(AlertId),
    /// Everything of the workspace.
    Overview,
    /// One push.
    Submission,
}

/// What is asked for, and the pushes that belong to it.
async fn about(call: &Call) -> Result<(About, Vec<SubmissionId>), Failure> {
    if let Some(id) = call.query.read_as("submission") {
        return Ok((About::Submission, vec![id]));
    }
    match call.query.read_as::<AlertId>("alert") {
        Some(id) => {
            let alert = call.gateway().alert(call.actor()?, &id).await?;
            let pushes = alert.submissions.into_iter().take(MAX_PUSHES_SHOWN);
            Ok((About::Alert(id), pushes.collect()))
        }
        None => Ok((About::Overview, Vec::new())),
    }
}

/// One browser that looks.
struct Reader {
    call: Call,
    boards: Boards,
    reading: Reading,
    subscription: Subscription,
    about: About,
    watched: Vec<SubmissionDetail>,
    ready: VecDeque<Sent>,
}

fn reload() -> Sent {
    Sent::default().event("reload").data("now")
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

    /// The board of the pushes that are watched.
    fn drawn(&self) -> Board {
        match (&self.about, self.watched.as_slice()) {
            (About::Submission, [detail]) => self.boards.submission(detail),
            (_, details) => self.boards.pushes(details),
        }
    }

    /// Makes of an event what the browser draws; the last of it carries the event's number.
    /// `None` where the reader may not look any more.
    async fn take(&mut self, event: Event) -> Option<()> {
        match event.what {
            What::Overview(overview) if self.about == About::Overview => {
                let shared = self.call.app.boards();
                let make = || text(&self.boards.overview(&overview));
                let data = shared.of(event.id, &self.reading, make);
                self.ready
                    .push_back(Sent::default().event("board").data(data));
            }
            // Only then: to load the page anew would take a form back that is just being sent.
            What::Alert { id, state, .. } if self.about == About::Alert(id.clone()) => {
                if state.as_str() != self.call.query.text("seen") {
                    self.ready.push_back(reload());
                }
            }
            What::Alert { title, state, .. } if self.about == About::Overview => {
                let said = format!("{title}: {}", state.label().to_lowercase());
                self.ready
                    .push_back(Sent::default().event("said").data(one_line(&said)));
            }
            What::Submission(progress) => {
                let mut watched = self.watched.iter_mut();
                let detail = watched.find(|detail| detail.id == progress.id)?;
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
                let drawn = self.drawn();
                self.ready.push_back(board(&drawn));
                if !said.is_empty() {
                    self.ready
                        .push_back(Sent::default().event("said").data(one_line(&said)));
                }
            }
            What::Reload => self.ready.push_back(reload()),
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
