//! The loops: planning what is due, storing what happened, keeping leases.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::time::Instant;

use crate::cbc::{self, Bookings, Links};
use crate::clock::Clock;
use crate::model::{ChannelName, Initiator, InitiatorName, MessageState, Outcome, StatusCode};
use crate::ota::links::LOOK_INTERVAL;
use crate::ota::{Event, Fleet};
use crate::routing::Directory;
use crate::store::{Change, Files, Store, StoreError};

use super::air_times::AirTimes;
use super::at_once::Queue;
use super::backlog::Backlog;
use super::desk::Desk;
use super::exclusive::Exclusive;
use super::modes::Modes;
use super::numbers::{LEASE_RENEWAL, LEASE_TTL, Numbers, lease_name};

/// Submissions claimed at a time.
const CLAIM_BATCH: u32 = 32;
/// Submissions planned at the same time.
const MAX_PLANNING: usize = 64;
/// A planner that needs longer is taken for dead, ms.
const CLAIM_MS: u64 = 15_000;
/// Longest wait between two looks for due submissions: the wall clock may be stepped.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// Pause after the database refused.
const RETRY_WAIT: Duration = Duration::from_millis(500);
/// Deliveries expired in one go.
const EXPIRY_BATCH: u32 = 256;

/// Wake-ups between the parts of the gateway.
#[derive(Debug, Default)]
pub struct Signals {
    /// A submission was stored or may be due.
    pub due: Notify,
    /// A delivery ended: a notification may wait.
    pub outcome: Arc<Notify>,
}

impl Signals {
    /// A submission was stored that is due then. One that is due later than the next look anyway
    /// wakes nobody.
    pub fn due_at(&self, due_ms: u64, now_ms: u64) {
        if Duration::from_millis(due_ms.saturating_sub(now_ms)) <= MAX_WAIT {
            self.due.notify_one();
        }
    }
}

/// The process must end and start again.
#[derive(Debug, thiserror::Error)]
pub enum Fatal {
    /// Another process holds what this one needs.
    #[error("another process holds the lease of channel {0}")]
    Lease(String),
    /// The store cannot go on.
    #[error("the store cannot go on")]
    Store(#[from] StoreError),
}

/// What all loops share.
pub struct Core {
    pub(super) store: Store,
    pub(super) files: Files,
    pub(super) clock: Clock,
    pub(super) directory: Arc<Directory>,
    pub(super) initiators: HashMap<InitiatorName, Initiator>,
    pub(super) fleet: Fleet,
    pub(super) links: Links,
    pub(super) cbs_numbers: tokio::sync::Mutex<cbc::Numbers>,
    pub(super) bookings: Bookings,
    pub(super) ppg_name: String,
    pub(super) signals: Arc<Signals>,
    pub(super) numbers: tokio::sync::Mutex<Numbers>,
    pub(super) exclusive: Exclusive,
    pub(super) queue: Queue,
    pub(super) backlog: Backlog,
    pub(super) modes: Modes,
    desk: Mutex<Desk>,
    /// Finished submissions are forgotten after so long, ms.
    pub(super) finished_ms: u64,
}

/// The scheduler.
pub struct Scheduler {
    core: Arc<Core>,
    events: mpsc::Receiver<Event>,
    cbc_events: mpsc::Receiver<cbc::Event>,
}

/// What a scheduler is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The files beside it.
    pub files: Files,
    /// The time.
    pub clock: Clock,
    /// Names.
    pub directory: Arc<Directory>,
    /// Accounts.
    pub initiators: Vec<Initiator>,
    /// Lanes, and what they report.
    pub fleet: Fleet,
    /// What the lanes report.
    pub events: mpsc::Receiver<Event>,
    /// Links to Cell Broadcast Centres.
    pub links: Links,
    /// What the links report.
    pub cbc_events: mpsc::Receiver<cbc::Event>,
    /// Name of the gateway in Content-Locations.
    pub ppg_name: String,
    /// Wake-ups.
    pub signals: Arc<Signals>,
    /// Finished submissions are forgotten after so long, ms.
    pub finished_ms: u64,
}

impl Scheduler {
    /// Takes the leases, hands FDT Instance IDs to the channels, and puts back on the air what
    /// was there when the last process ended.
    pub async fn start(parts: Parts) -> Result<Self, Fatal> {
        let Parts {
            store,
            files,
            clock,
            directory,
            initiators,
            fleet,
            events,
            links,
            cbc_events,
            ppg_name,
            signals,
            finished_ms,
        } = parts;
        store.take_over_claims(clock.unix_ms()).await?;
        let mut numbers = Numbers::default();
        for channel in directory.flute_channels() {
            let lease = store
                .acquire_lease(&lease_name(&channel.name), LEASE_TTL)
                .await?;
            let lease = lease.ok_or_else(|| Fatal::Lease(channel.name.to_string()))?;
            numbers.hold(channel.name.clone(), lease);
        }
        let mut cbs_numbers = cbc::Numbers::default();
        for link in links.names() {
            let name = cbc::lease_name(link);
            let lease = store.acquire_lease(&name, LEASE_TTL).await?;
            let lease = lease.ok_or_else(|| Fatal::Lease(link.to_string()))?;
            cbs_numbers.hold(link.clone(), lease);
        }
        let initiators = initiators
            .into_iter()
            .map(|initiator| (initiator.name.clone(), initiator))
            .collect();
        let core = Arc::new(Core {
            store,
            files,
            clock,
            directory,
            initiators,
            fleet,
            links,
            cbs_numbers: tokio::sync::Mutex::new(cbs_numbers),
            bookings: Bookings::default(),
            ppg_name,
            signals,
            numbers: tokio::sync::Mutex::new(numbers),
            exclusive: Exclusive::default(),
            queue: Queue::default(),
            backlog: Backlog::default(),
            modes: Modes::default(),
            desk: Mutex::default(),
            finished_ms,
        });
        core.restore_modes().await?;
        for channel in core.directory.flute_channels() {
            core.grant_fdt_ids(&channel.name).await?;
        }
        let objects = core.recover().await?;
        if objects > 0 {
            tracing::info!(objects, "{objects} objects are back on the air");
        }
        Ok(Self {
            core,
            events,
            cbc_events,
        })
    }

    /// The lanes, for metrics and health.
    pub fn core(&self) -> Arc<Core> {
        Arc::clone(&self.core)
    }

    /// Runs until something fatal happens.
    pub async fn run(self) -> Fatal {
        let Self {
            core,
            events,
            cbc_events,
        } = self;
        let result = tokio::select! {
            result = core.events(events) => result.map_err(Fatal::from),
            result = core.cbc_events(cbc_events) => result.map_err(Fatal::from),
            result = Arc::clone(&core).plan_due() => result.map_err(Fatal::from),
            result = core.expire() => result.map_err(Fatal::from),
            result = core.keep_leases() => result.map_err(Fatal::from),
            result = core.forget() => result.map_err(Fatal::from),
            result = core.sum_up() => result.map_err(Fatal::from),
            never = core.look() => match never {},
            never = Arc::clone(&core).plan_backlog() => match never {},
        };
        result.err().unwrap_or(Fatal::Store(StoreError::Closed))
    }
}

/// Whether the store may recover by itself.
fn is_passing(error: &StoreError) -> bool {
    !matches!(
        error,
        StoreError::Closed | StoreError::Failed | StoreError::Fenced { .. }
    )
}

impl Core {
    /// The lanes.
    pub const fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The links to Cell Broadcast Centres.
    pub const fn links(&self) -> &Links {
        &self.links
    }

    /// The channel can send now, whichever kind it is.
    pub fn is_up(&self, channel: &ChannelName) -> bool {
        match self.links.has(channel) {
            true => self.links.is_up(channel),
            false => self.fleet.is_up(channel),
        }
    }

    /// How long pushes took to the air.
    pub fn air_times(&self) -> Arc<AirTimes> {
        self.desk().air_times()
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a signal, a point of the wall clock, or a while.
    async fn wait(&self, signal: &Notify, next_ms: Option<u64>) {
        let now_ms = self.clock.unix_ms();
        let until = next_ms.map_or(MAX_WAIT, |next_ms| {
            Duration::from_millis(next_ms.saturating_sub(now_ms))
        });
        let _ = tokio::time::timeout(until.min(MAX_WAIT), signal.notified()).await;
    }

    /// Retries after a passing error; hands on the others.
    pub(super) async fn settle<T>(
        &self,
        result: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_passing(&error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the store refused; trying again"
                );
                tokio::time::sleep(RETRY_WAIT).await;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn plan_due(self: Arc<Self>) -> Result<(), StoreError> {
        let planning = Arc::new(Semaphore::new(MAX_PLANNING));
        loop {
            let now_ms = self.clock.unix_ms();
            let due = self
                .store
                .claim_due(now_ms, CLAIM_BATCH, now_ms + CLAIM_MS)
                .await;
            let Some(due) = self.settle(due).await? else {
                continue;
            };
            for (submission, error) in due.unreadable {
                tracing::error!(submission.id = %submission, %error, "submission {submission} cannot be read");
            }
            if due.claimed.is_empty() {
                let next_ms = self.store.next_due().await;
                let Some(next_ms) = self.settle(next_ms).await? else {
                    continue;
                };
                self.wait(&self.signals.due, next_ms).await;
                continue;
            }
            if due.claimed.len() >= CLAIM_BATCH as usize {
                self.queue.waits(now_ms);
            }
            for claimed in due.claimed {
                let Ok(permit) = Arc::clone(&planning).acquire_owned().await else {
                    return Ok(());
                };
                let core = Arc::clone(&self);
                tokio::spawn(async move {
                    core.plan_claimed(claimed).await;
                    drop(permit);
                });
            }
        }
    }

    /// Ends deliveries whose window closed before they were planned.
    async fn expire(&self) -> Result<(), StoreError> {
        let never = Notify::new();
        loop {
            let now_ms = self.clock.unix_ms();
            let expired = self.store.expired(now_ms, EXPIRY_BATCH).await;
            let Some(expired) = self.settle(expired).await? else {
                continue;
            };
            if expired.is_empty() {
                let next_ms = self.store.next_expiry().await;
                let next_ms = self.settle(next_ms).await?.flatten();
                self.wait(&never, next_ms.map(|next_ms| next_ms.max(now_ms + 10)))
                    .await;
                continue;
            }
            let changes = expired.into_iter().map(|delivery| Change::Deliver {
                delivery: delivery.id,
                outcome: Outcome {
                    state: MessageState::Expired,
                    code: StatusCode::ServiceFailure,
                    desc: "deliver-before passed before it could be sent".to_owned(),
                    event_ms: now_ms,
                    bearer: None,
                },
            });
            let concluded = self.store.conclude(changes.collect()).await;
            if self.settle(concluded).await?.is_some() {
                self.signals.outcome.notify_one();
            }
        }
    }

    /// Keeps an eye on the interfaces.
    async fn look(&self) -> Infallible {
        loop {
            tokio::time::sleep(LOOK_INTERVAL).await;
            self.fleet.look();
        }
    }

    /// Renews every lease. One that is lost, or that cannot be renewed in time, ends the process.
    async fn keep_leases(&self) -> Result<(), StoreError> {
        let mut deadline = Instant::now() + LEASE_TTL;
        loop {
            tokio::time::sleep(LEASE_RENEWAL).await;
            let began = Instant::now();
            let mut leases = self.numbers.lock().await.leases();
            leases.extend(self.cbs_numbers.lock().await.leases().cloned());
            let mut renewed = Ok(());
            for lease in &leases {
                renewed = renewed.and(self.store.renew_lease(lease, LEASE_TTL).await);
            }
            match renewed {
                Ok(()) => deadline = began + LEASE_TTL,
                Err(error) if is_passing(&error) && Instant::now() < deadline => {}
                Err(error) => return Err(error),
            }
        }
    }
}
