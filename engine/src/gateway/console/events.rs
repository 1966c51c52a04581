//! What changes, as a stream.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::SubmissionId;
use crate::model::event::{Event, EventId};

/// A reader of the stream. Dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    _private: (),
}

impl Subscription {
    /// The next event that concerns the reader; waits for it. `None` once the gateway ends or the
    /// session does.
    pub async fn next(&mut self) -> Option<Event> {
        None
    }
}

impl Gateway {
    /// Events of the workspace from now on, after what was missed since `last`. Where that is not
    /// remembered any more, the first event says to load the page again. With `watch` also the
    /// progress of one push. Needs `See`.
    pub async fn subscribe(
        &self,
        actor: &Actor,
        last: Option<EventId>,
        watch: Option<SubmissionId>,
    ) -> Result<Subscription, ConsoleError> {
        let _ = (actor, last, watch);
        Err(ConsoleError::NotYet)
    }
}
