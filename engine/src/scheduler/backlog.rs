//! Pushes that are taken in first and planned a little later, while many are coming in.
//!
//! ```text
//!  few requests under way ─▶ planned while it is taken in (at_once)
//!  many ─▶ one commit: accepted, and claimed by this process ─▶ backlog ─▶ planned, many at a time
//!                                                                  ▲            │
//!                                                                  └── pause ◀──┘
//! ```
//!
//! To take a push in costs a fraction of what it costs to plan it and to follow it on the air, so
//! a crowd is answered sooner when planning waits. It has a share of the time all the same, the
//! oldest first, and when the oldest has waited for [`MAX_AGE_MS`] planning pauses no more and one
//! push comes in for each that goes out: the crowd then waits for its answers.
//!
//! What waits here is claimed in the store like anything that is being planned. A process that
//! dies leaves claims that its successor takes over; what is planned too late has lost its claim
//! and is planned by whoever claims it next. High priority never waits here.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::store::Claimed;

/// With so many requests under way each is answered before it is planned: their answers wait for
/// each other.
const SEVERAL: usize = 4;
/// With so many planning pauses for them.
const CROWD: usize = 24;
/// A crowd is there for so long after it was last seen, ms: a commit answers all of it at once, and
/// until its next requests are here nobody waits.
const CROWD_MS: u64 = 20;
/// Most that wait: five seconds of the largest crowd that one machine has brought, some 3 KiB each.
const MAX_WAITING: usize = 131_072;
/// Most octets of content that wait.
const MAX_WAITING_BYTES: u64 = 32 << 20;
/// Taken out at a time: enough for one commit, little enough that the next commit of those who
/// come in is soon.
const BATCH: usize = 64;
/// While a crowd comes in, planning pauses so many times as long as it took.
const PAUSES: u32 = 39;
/// Longest step of such a pause: the crowd may be gone.
const LOOK: Duration = Duration::from_millis(5);
/// The oldest has waited so long that planning comes first, ms.
const MAX_AGE_MS: u64 = 5_000;

/// What is planned later.
#[derive(Debug)]
pub(super) struct Backlog {
    /// Requests that wait for their answer.
    entered: AtomicUsize,
    /// Times here are counted from then on.
    began: Instant,
    /// Until when there is a crowd, ms.
    crowd_until_ms: AtomicU64,
    waiting: Mutex<Waiting>,
    arrived: Notify,
    left: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    pushes: VecDeque<Claimed>,
    bytes: u64,
    /// Places given out that are not filled yet.
    places: usize,
    /// How many may come in although the oldest is old: as many as have gone out.
    turns: usize,
}

/// A request under way, until dropped.
#[derive(Debug)]
pub(super) struct Entered<'a>(&'a Backlog);

/// A place for a push that goes to the store. Dropped, it lets the push in: whoever asked may have
/// gone before the answer, and then it may be stored.
#[derive(Debug)]
pub(super) struct Place<'a> {
    backlog: &'a Backlog,
    push: Option<Claimed>,
}

impl Default for Backlog {
    fn default() -> Self {
        Self {
            entered: AtomicUsize::default(),
            began: Instant::now(),
            crowd_until_ms: AtomicU64::default(),
            waiting: Mutex::default(),
            arrived: Notify::default(),
            left: Notify::default(),
        }
    }
}

impl Backlog {
    /// A request has come.
    pub(super) fn enter(&self) -> Entered<'_> {
        if self.entered.fetch_add(1, Ordering::Relaxed) + 1 >= CROWD {
            let until_ms = self.age_ms() + CROWD_MS;
            self.crowd_until_ms.store(until_ms, Ordering::Relaxed);
        }
        Entered(self)
    }

    fn age_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn is_crowded(&self) -> bool {
        self.entered.load(Ordering::Relaxed) >= CROWD
            || self.age_ms() < self.crowd_until_ms.load(Ordering::Relaxed)
    }

    /// Whether a push has to go behind others, or others come in with it: whether it is taken in
    /// first and planned later.
    pub(super) fn comes_first(&self) -> bool {
        self.entered.load(Ordering::Relaxed) >= SEVERAL || !self.waiting().pushes.is_empty()
    }

    /// Waits until one more may come in. `now_ms` tells the time.
    pub(super) async fn turn(&self, now_ms: impl Fn() -> u64) {
        loop {
            let left = self.left.notified();
            if self.waiting().has_turn(now_ms()) {
                return;
            }
            left.await;
        }
    }

    /// A place for a push, if there is room.
    pub(super) fn place(&self, push: Claimed) -> Option<Place<'_>> {
        let mut waiting = self.waiting();
        let is_full = waiting.pushes.len() + waiting.places >= MAX_WAITING
            || waiting.bytes >= MAX_WAITING_BYTES;
        if is_full {
            return None;
        }
        waiting.places += 1;
        waiting.bytes += push.submission.content.body.len();
        Some(Place {
            backlog: self,
            push: Some(push),
        })
    }

    /// The oldest of those that wait, as soon as there are any.
    pub(super) async fn next(&self) -> Vec<Claimed> {
        loop {
            let batch = self.take();
            if !batch.is_empty() {
                return batch;
            }
            self.arrived.notified().await;
        }
    }

    fn take(&self) -> Vec<Claimed> {
        let mut waiting = self.waiting();
        let number = waiting.pushes.len().min(BATCH);
        let batch: Vec<Claimed> = waiting.pushes.drain(..number).collect();
        for push in &batch {
            waiting.bytes -= push.submission.content.body.len();
        }
        if waiting.pushes.is_empty() {
            // A crowd leaves no megabytes behind.
            waiting.pushes.shrink_to(BATCH);
        }
        waiting.turns = (waiting.turns + number).min(BATCH);
        drop(waiting);
        self.left.notify_waiters();
        batch
    }

    /// Whether planning need not give way: nobody comes in, or what came then is old.
    pub(super) fn is_first(&self, received_ms: u64, now_ms: u64) -> bool {
        !self.is_crowded() || is_old(received_ms, now_ms)
    }

    /// Lets the crowd go first for a while after planning took so long, unless what is planned has
    /// waited long enough. `received_ms` is when the oldest of it came, `now_ms` tells the time.
    pub(super) async fn give_way(
        &self,
        took: Duration,
        received_ms: u64,
        now_ms: impl Fn() -> u64,
    ) {
        let until = Instant::now() + took * PAUSES;
        while Instant::now() < until && !self.is_first(received_ms, now_ms()) {
            tokio::time::sleep(took.min(LOOK)).await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn has_turn(&mut self, now_ms: u64) -> bool {
        let oldest = self.pushes.front();
        if oldest.is_none_or(|push| !is_old(push.submission.received_ms, now_ms)) {
            return true;
        }
        let has_turn = self.turns > 0;
        self.turns -= usize::from(has_turn);
        has_turn
    }
}

fn is_old(received_ms: u64, now_ms: u64) -> bool {
    now_ms.saturating_sub(received_ms) >= MAX_AGE_MS
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.entered.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Place<'_> {
    /// The push is not stored: it does not come in.
    pub(super) fn leave(mut self) {
        if let Some(push) = self.push.take() {
            let mut waiting = self.backlog.waiting();
            waiting.places -= 1;
            waiting.bytes -= push.submission.content.body.len();
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(push) = self.push.take() {
            let mut waiting = self.backlog.waiting();
            waiting.places -= 1;
            waiting.pushes.push_back(push);
            drop(waiting);
            self.backlog.arrived.notify_one();
        }
    }
}

#[cfg(test)]
mod tests;
