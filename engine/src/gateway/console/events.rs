//! What changes, as a stream: a short memory of events, and who watches what.
//!
//! ```text
//!  somebody's act ─▶ publish ─▶ memory of MEMORY events ─▶ every Subscription that it concerns
//!  follow: store changed? ─▶ figures of each workspace, pushes that are watched ─▶ publish
//! ```
//! However many watch, figures and pushes are read from the store once for all of them, and only
//! while it changes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::event::{Event, EventId, What};
use crate::model::{Action, SubmissionId, WorkspaceName};

/// Events that are remembered for readers who were away: a minute or more of a busy night.
const MEMORY: usize = 1_024;
/// Most pushes that are watched at a time; others hear of the end alone, from the figures.
const MAX_WATCHED: usize = 256;
/// How often a stream looks whether its session is still open.
const SESSION_LOOK: Duration = Duration::from_secs(30);

/// Events and those who read them.
#[derive(Debug)]
pub(super) struct Feed {
    epoch: u64,
    memory: Mutex<VecDeque<Arc<Event>>>,
    sender: broadcast::Sender<Arc<Event>>,
    watched: Mutex<BTreeMap<SubmissionId, usize>>,
}

impl Feed {
    pub(super) fn new(epoch: u64) -> Self {
        Self {
            epoch,
            memory: Mutex::default(),
            sender: broadcast::Sender::new(MEMORY),
            watched: Mutex::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, VecDeque<Arc<Event>>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody whom it concerns.
    pub(super) fn publish(&self, at_ms: u64, workspace: Option<WorkspaceName>, what: What) {
        let mut memory = self.memory();
        let number = memory.back().map_or(1, |last| last.id.number + 1);
        let event = Arc::new(Event {
            id: EventId {
                epoch: self.epoch,
                number,
            },
            at_ms,
            workspace,
            what,
        });
        if memory.len() == MEMORY {
            memory.pop_front();
        }
        memory.push_back(Arc::clone(&event));
        // Nobody may be reading. Sent under the lock, so that nobody misses or hears one twice.
        let _ = self.sender.send(event);
    }

    /// Whether anybody reads.
    pub(super) fn has_readers(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// The pushes that somebody watches.
    pub(super) fn watched(&self) -> Vec<SubmissionId> {
        let watched = self.watched.lock();
        let watched = watched.unwrap_or_else(PoisonError::into_inner);
        watched.keys().cloned().collect()
    }

    fn watch(&self, push: &SubmissionId) -> bool {
        let watched = self.watched.lock();
        let mut watched = watched.unwrap_or_else(PoisonError::into_inner);
        if watched.len() >= MAX_WATCHED && !watched.contains_key(push) {
            return false;
        }
        *watched.entry(push.clone()).or_default() += 1;
        true
    }

    fn unwatch(&self, push: &SubmissionId) {
        let watched = self.watched.lock();
        let mut watched = watched.unwrap_or_else(PoisonError::into_inner);
        if let Some(readers) = watched.get_mut(push) {
            *readers -= 1;
            if *readers == 0 {
                watched.remove(push);
            }
        }
    }

    /// What was missed since an event, and a receiver of all that follows. `None` where that is not
    /// remembered any more.
    fn since(
        &self,
        last: Option<EventId>,
    ) -> (Option<Vec<Arc<Event>>>, broadcast::Receiver<Arc<Event>>) {
        let memory = self.memory();
        let receiver = self.sender.subscribe();
        let Some(last) = last else {
            return (Some(Vec::new()), receiver);
        };
        let newest = memory.back().map_or(0, |event| event.id.number);
        let oldest = memory.front().map_or(newest + 1, |event| event.id.number);
        let is_known =
            last.epoch == self.epoch && last.number + 1 >= oldest && last.number <= newest;
        let missed = is_known.then(|| {
            let missed = memory.iter().filter(|event| event.id.number > last.number);
            missed.cloned().collect()
        });
        (missed, receiver)
    }

    fn reload(&self) -> Event {
        let number = self.memory().back().map_or(0, |last| last.id.number);
        Event {
            id: EventId {
                epoch: self.epoch,
                number,
            },
            at_ms: 0,
            workspace: None,
            what: What::Reload,
        }
    }
}

/// A reader of the stream. Dropping it ends it.
pub struct Subscription {
    gateway: Gateway,
    actor: Actor,
    watch: Vec<SubmissionId>,
    missed: VecDeque<Arc<Event>>,
    reload: bool,
    receiver: broadcast::Receiver<Arc<Event>>,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription")
            .field("workspace", &self.actor.workspace.name)
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}

impl Subscription {
    /// The next event that concerns the reader; waits for it. `None` once the gateway ends or the
    /// session does.
    pub async fn next(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.reload) {
            return Some(self.gateway.console().feed.reload());
        }
        loop {
            if let Some(event) = self.missed.pop_front() {
                if self.concerns(&event) {
                    return Some((*event).clone());
                }
                continue;
            }
            let received = tokio::time::timeout(SESSION_LOOK, self.receiver.recv()).await;
            match received {
                Ok(Ok(event)) if self.concerns(&event) => return Some((*event).clone()),
                Ok(Ok(_)) => {}
                Ok(Err(RecvError::Lagged(_))) => {
                    return Some(self.gateway.console().feed.reload());
                }
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {
                    let open = self.gateway.is_session_open(&self.actor).await;
                    if matches!(open, Ok(false)) {
                        return None;
                    }
                }
            }
        }
    }

    fn concerns(&self, event: &Event) -> bool {
        if let What::Submission(progress) = &event.what {
            return self.watch.contains(&progress.id);
        }
        (event.workspace.as_ref()).is_none_or(|workspace| *workspace == self.actor.workspace.name)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        for watch in &self.watch {
            self.gateway.console().feed.unwatch(watch);
        }
    }
}

impl Gateway {
    /// Events of the workspace from now on, after what was missed since `last`. Where that is not
    /// remembered any more, the first event says to load the page again. With `watch` also the
    /// progress of these pushes. Needs `See`.
    pub async fn subscribe(
        &self,
        actor: &Actor,
        last: Option<EventId>,
        watch: &[SubmissionId],
    ) -> Result<Subscription, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let feed = &self.console().feed;
        for push in watch {
            self.seen_entry(actor, push).await?;
        }
        let watched = watch.iter().filter(|push| feed.watch(push));
        let watch = watched.cloned().collect();
        let (missed, receiver) = feed.since(last);
        Ok(Subscription {
            gateway: self.clone(),
            actor: actor.clone(),
            watch,
            reload: missed.is_none(),
            missed: missed.unwrap_or_default().into(),
            receiver,
        })
    }

    /// Tells those who watch.
    pub(super) fn tell(&self, workspace: Option<&WorkspaceName>, what: What) {
        let at_ms = self.inner.clock.unix_ms();
        self.console().feed.publish(at_ms, workspace.cloned(), what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(count: usize) -> Feed {
        let feed = Feed::new(7);
        for _ in 0..count {
            feed.publish(0, None, What::Reload);
        }
        feed
    }

    fn missed(feed: &Feed, epoch: u64, number: u64) -> Option<Vec<u64>> {
        let (missed, _) = feed.since(Some(EventId { epoch, number }));
        missed.map(|missed| missed.iter().map(|event| event.id.number).collect())
    }

    #[test]
    fn what_was_missed_is_told_again() {
        let feed = published(5);
        assert_eq!(missed(&feed, 7, 3), Some(vec![4, 5]));
        assert_eq!(missed(&feed, 7, 5), Some(vec![]));
        assert_eq!(missed(&feed, 6, 3), None, "another process");
        assert_eq!(missed(&feed, 7, 6), None, "nobody has said that");
    }

    #[test]
    fn beyond_the_memory_the_page_is_loaded_again() {
        let feed = published(MEMORY + 10);
        assert_eq!(missed(&feed, 7, 9), None);
        assert_eq!(
            missed(&feed, 7, 10).map(|missed| missed.len()),
            Some(MEMORY)
        );
    }

    #[tokio::test]
    async fn none_is_missed_or_heard_twice_between_memory_and_stream() {
        let feed = published(3);
        let last = EventId {
            epoch: 7,
            number: 1,
        };
        let (missed, mut receiver) = feed.since(Some(last));
        feed.publish(0, None, What::Reload);
        assert_eq!(missed.unwrap().len(), 2);
        assert_eq!(receiver.recv().await.unwrap().id.number, 4);
    }
}
