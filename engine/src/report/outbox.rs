//! Posts the result notifications that the store holds (PAP 5.2, PPG 5.2).
//!
//! ```text
//!  store ──claim──▶ hosts (two slots each, queue, rest) ──▶ task: read, check, POST ──▶ done, retry or failed
//!                     └──▶ back to the store: host busy or at rest
//! ```
//!
//! Each notification is claimed for longer than a post can take. A process that dies in between
//! leaves the claim to run out, and the notification is posted again: at least once, never lost.
//! A PI without answer is tried for a day. Hosts do not wait for each other, except that there is a
//! bound on all posts: sixteen hosts that hang at once hold it for one time-out, then they rest.
//!
//! Notifications start [`GRACE`] after their outcome. There is no outcome before the commit of its
//! submission, so the PI has had that long to read the 202.
//!
//! Times are those of the wall clock, because the store's are; after a step of the clock the next
//! look is at most 30 s away.

mod desk;
mod hosts;
mod message;
mod schedule;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tracing::{error, warn};

use crate::clock::Clock;
use crate::model::InitiatorName;
use crate::pap::notify::{self, Notifier};
use crate::store::{Store, StoreError};

use desk::{Desk, STORE_TIME};
use hosts::{Contact, Hosts, Job, PutBack};
use schedule::{jitter, millis};

pub use message::quality_of_service;

/// From an outcome to the first attempt to tell it.
pub const GRACE: Duration = Duration::from_secs(1);
/// Longest time without a look at the store.
const MAX_NAP: Duration = Duration::from_secs(30);
/// Pause after an error of the store.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Notifications per claim: one write each when they go back.
const CLAIM: usize = 64;
/// How long a claim may wait for its slot: five rounds of time-outs and some.
const CLAIM_WAIT: Duration = Duration::from_secs(60);
/// What goes back together comes again within that time.
const SPREAD_MS: u64 = 2_000;

/// The hosts that the operator has named for a PI.
pub type NotifyHosts = Box<dyn Fn(&InitiatorName) -> Vec<String> + Send + Sync>;

/// How the gateway calls itself to PIs (PAP 8.6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// `sender-address`: where submissions are posted to.
    pub address: Option<String>,
    /// `sender-name`: for people.
    pub name: Option<String>,
}

/// What the outbox has done since the start.
#[derive(Debug, Default)]
pub struct OutboxStats {
    /// Taken by the PI.
    pub delivered: AtomicU64,
    /// Given up.
    pub failed: AtomicU64,
    /// Put back untried, because the host was busy or at rest.
    pub put_back: AtomicU64,
    /// Not taken, to be tried again.
    pub retried: AtomicU64,
}

/// Posts notifications until it is told to stop.
pub struct Outbox {
    desk: Arc<Desk>,
    wake: Arc<Notify>,
    hosts: Hosts,
    posts: JoinSet<Contact>,
    /// Whose posts those are.
    posting: HashMap<Id, String>,
}

impl Outbox {
    /// An outbox that has not started.
    pub fn new(
        store: Store,
        clock: Clock,
        notifier: Notifier,
        sender: Sender,
        notify_hosts: NotifyHosts,
    ) -> Self {
        Self {
            desk: Arc::new(Desk {
                store,
                clock,
                notifier,
                sender,
                notify_hosts,
                stats: Arc::default(),
            }),
            wake: Arc::default(),
            hosts: Hosts::default(),
            posts: JoinSet::new(),
            posting: HashMap::new(),
        }
    }

    /// Its counters.
    pub fn stats(&self) -> Arc<OutboxStats> {
        Arc::clone(&self.desk.stats)
    }

    /// To be notified (`notify_one`) when outcomes have been stored.
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Runs until `shutdown`, then lets the posts under way end, which takes at most their
    /// time-out. Ends with an error only when the store can never write again.
    ///
    /// Stop it before the store is closed: a closed store looks like one that is out of reach for
    /// a while.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<(), StoreError> {
        let mut shutdown = pin!(shutdown);
        loop {
            let nap = match self.turn().await {
                Ok(nap) => nap,
                Err(error @ (StoreError::Closed | StoreError::Failed)) => return Err(error),
                Err(error) => {
                    warn!(
                        error = &error as &dyn Error,
                        "no notifications can be claimed"
                    );
                    STORE_PAUSE
                }
            };
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(post) = self.posts.join_next_with_id() => self.finished(post).await,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        let now_ms = self.desk.clock.unix_ms();
        let waiting = self.hosts.drain().into_iter();
        self.put_back(waiting.map(|job| PutBack {
            job,
            until_ms: now_ms,
        }))
        .await;
        while let Some(post) = self.posts.join_next_with_id().await {
            self.finished(post).await;
        }
        Ok(())
    }

    /// Claims what is due and starts what can be. Returns how long there is nothing else to do.
    async fn turn(&mut self) -> Result<Duration, StoreError> {
        self.start();
        let room = self.hosts.room().min(CLAIM);
        let Ok(limit @ 1..) = u32::try_from(room) else {
            return Ok(MAX_NAP);
        };
        let Some(due_ms) = self.desk.store.next_notification_due().await? else {
            return Ok(MAX_NAP);
        };
        let now_ms = self.desk.clock.unix_ms();
        let ripe_ms = now_ms.saturating_sub(millis(GRACE));
        if due_ms > ripe_ms {
            return Ok(Duration::from_millis(due_ms - ripe_ms).min(MAX_NAP));
        }
        let claimed_until_ms =
            now_ms + millis(CLAIM_WAIT + self.desk.notifier.timeout() + STORE_TIME);
        let claimed = self
            .desk
            .store
            .claim_notifications(ripe_ms, limit, claimed_until_ms)
            .await?;
        let mut back = Vec::new();
        for notification in claimed {
            let job = Job {
                host: notify::host(&notification.url),
                notification,
                claimed_until_ms,
            };
            back.extend(self.hosts.offer(job, now_ms));
        }
        self.put_back(back).await;
        self.start();
        Ok(Duration::ZERO)
    }

    fn start(&mut self) {
        while let Some(job) = self.hosts.start() {
            let host = job.host.clone();
            let desk = Arc::clone(&self.desk);
            let post = self.posts.spawn(async move { desk.tell(&job).await });
            self.posting.insert(post.id(), host);
        }
    }

    async fn finished(&mut self, post: Result<(Id, Contact), JoinError>) {
        let (id, contact) = match post {
            Ok(post) => post,
            Err(panic) => {
                error!(error = &panic as &dyn Error, "a post panicked");
                (panic.id(), Contact::Unreachable)
            }
        };
        let Some(host) = self.posting.remove(&id) else {
            return;
        };
        let now_ms = self.desk.clock.unix_ms();
        let back = self.hosts.finished(&host, contact, now_ms);
        self.put_back(back).await;
    }

    /// All at once, so that they share a commit.
    async fn put_back(&self, back: impl IntoIterator<Item = PutBack>) {
        let mut writes = JoinSet::new();
        for PutBack { job, until_ms } in back {
            let desk = Arc::clone(&self.desk);
            writes.spawn(async move {
                let until_ms = until_ms + jitter(SPREAD_MS, random());
                let delivery = &job.notification.delivery;
                let stored = desk.store.notification_retry(
                    delivery,
                    until_ms,
                    "waits for its turn at the host",
                );
                desk.stored(&job.notification, stored.await);
                desk.stats.put_back.fetch_add(1, Ordering::Relaxed);
            });
        }
        writes.join_all().await;
    }
}

/// For jitter, which may also do without.
fn random() -> u32 {
    getrandom::u32().unwrap_or_default()
}
