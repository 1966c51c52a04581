//! Lane events become changes in the store.

use std::time::Duration;

use pushcast_flute::ids::FdtInstanceId;
use pushcast_flute::sender::{EndReason, ObjectKey};
use tokio::sync::mpsc;

use crate::cbc;
use crate::model::ChannelName;
use crate::ota::Event;
use crate::report::fold::Happened;
use crate::store::{Change, StoreError};

use super::numbers::FDT_ID_BLOCK;
use super::runner::Core;

/// Events stored in one go.
const MAX_BATCH: usize = 1024;
/// For so long events are gathered before they are stored: they carry their own times, so that
/// nothing of what is reported changes, and the store does far less for many at once.
const GATHERING: Duration = Duration::from_millis(20);
/// Looks in that time for events that somebody waits for.
const LOOKS: u32 = 4;

impl Core {
    /// Stores what lanes report until they are gone; a gateway of Cell Broadcast alone has none.
    pub(super) async fn events(&self, mut events: mpsc::Receiver<Event>) -> Result<(), StoreError> {
        if self.fleet.is_empty() {
            std::future::pending::<()>().await;
        }
        let mut batch = Vec::new();
        while events.recv_many(&mut batch, MAX_BATCH).await > 0 {
            if !batch.iter().any(is_urgent) {
                gather(&mut events, &mut batch).await;
            }
            let mut changes = Vec::new();
            for event in batch.drain(..) {
                if let Event::FdtIdsLow { channel } = event {
                    self.grant_fdt_ids(&channel).await?;
                    continue;
                }
                if let Some((key, happened, at_ms)) = known(&event) {
                    self.desk().happened(key, &happened, at_ms, &mut changes);
                }
            }
            self.store_changes(changes).await?;
        }
        Ok(())
    }

    /// Stores what links to CBCs report until they are gone; without links there is nothing to wait
    /// for.
    pub(super) async fn cbc_events(
        &self,
        mut events: mpsc::Receiver<cbc::Event>,
    ) -> Result<(), StoreError> {
        if self.links.names().next().is_none() {
            std::future::pending::<()>().await;
        }
        let mut batch = Vec::new();
        while events.recv_many(&mut batch, MAX_BATCH).await > 0 {
            let mut changes = Vec::new();
            for event in batch.drain(..) {
                let (key, happened, at_ms) = match event {
                    cbc::Event::Progress(progress) => {
                        if progress.state.is_over() {
                            self.bookings.release_everywhere(&progress.id);
                        }
                        changes.push(Change::Cbs(progress));
                        continue;
                    }
                    cbc::Event::Asked { alert, at_ms } => (alert, Happened::FirstPacket, at_ms),
                    cbc::Event::Taken { alert, at_ms } => (alert, Happened::PassDone(1), at_ms),
                    cbc::Event::Repeated {
                        alert,
                        times,
                        at_ms,
                    } => (alert, Happened::PassDone(times), at_ms),
                    cbc::Event::Told { alert, what, at_ms } => (alert, Happened::Told(what), at_ms),
                    cbc::Event::Waits { alert, why, at_ms } => (alert, Happened::Waits(why), at_ms),
                    cbc::Event::Ended { alert, how, at_ms } => {
                        if let cbc::Ending::Occupied(message_id) = how {
                            self.occupied(alert, message_id, at_ms);
                        }
                        (alert, how.into(), at_ms)
                    }
                };
                self.desk().happened(key, &happened, at_ms, &mut changes);
            }
            self.store_changes(changes).await?;
        }
        Ok(())
    }

    /// Somebody else has a message under an identifier: others are used for a while.
    fn occupied(&self, alert: ObjectKey, message_id: u16, at_ms: u64) {
        let channel = self.desk().channel_of(alert);
        let Some(link) = channel.and_then(|channel| self.links.of(&channel)) else {
            return;
        };
        let name = &link.spec().name;
        tracing::warn!(cbc.name = %name, "message identifier {message_id} is in use at CBC {name} by somebody else; it is passed over for a while");
        self.bookings.occupy(name, message_id, at_ms);
    }

    /// Folds something that no lane reported.
    pub(super) async fn happened(&self, key: ObjectKey, happened: Happened, at_ms: u64) {
        let mut changes = Vec::new();
        self.desk().happened(key, &happened, at_ms, &mut changes);
        if let Err(error) = self.store_changes(changes).await {
            // The transmission stays open in the store and is taken up at the next start.
            tracing::error!(%error, "an outcome could not be stored");
        }
    }

    async fn store_changes(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let replan = |change: &Change| matches!(change, Change::Replan { .. });
        let replanned = changes.iter().any(replan);
        let concluded = self.store.conclude(changes).await?;
        if !concluded.ended.is_empty() {
            self.signals.outcome.notify_one();
        }
        if replanned {
            self.signals.due.notify_one();
        }
        Ok(())
    }

    /// Reserves FDT Instance IDs and hands them to the channel's session.
    pub(super) async fn grant_fdt_ids(&self, channel: &ChannelName) -> Result<(), StoreError> {
        let epoch = self.numbers.lock().await.epoch(channel);
        let first = self
            .store
            .reserve_fdt_ids(channel, epoch, FDT_ID_BLOCK)
            .await?;
        self.fleet
            .grant_fdt_ids(channel, FdtInstanceId::from_low_bits(first), FDT_ID_BLOCK)
            .await;
        Ok(())
    }
}

/// What somebody waits for: another channel that takes over, or the channel itself.
const fn is_urgent(event: &Event) -> bool {
    match event {
        Event::Ended { reason, .. } => matches!(reason, EndReason::Failed),
        Event::FdtIdsLow { .. } => true,
        Event::FirstPacket { .. } | Event::PassDone { .. } => false,
    }
}

/// Adds what comes in the next moment. Looks now and then instead of being woken by each.
async fn gather(events: &mut mpsc::Receiver<Event>, batch: &mut Vec<Event>) {
    for _ in 0..LOOKS {
        tokio::time::sleep(GATHERING / LOOKS).await;
        while batch.len() < MAX_BATCH
            && let Ok(event) = events.try_recv()
        {
            batch.push(event);
        }
        if batch.len() == MAX_BATCH || batch.iter().any(is_urgent) {
            return;
        }
    }
}

/// What an event says of an object.
fn known(event: &Event) -> Option<(ObjectKey, Happened, u64)> {
    match event {
        Event::FirstPacket { object, at_ms } => Some((*object, Happened::FirstPacket, *at_ms)),
        Event::PassDone {
            object,
            passes_done,
            at_ms,
        } => Some((*object, Happened::PassDone(*passes_done), *at_ms)),
        Event::Ended {
            object,
            reason,
            at_ms,
        } => {
            let happened = match reason {
                EndReason::Complete | EndReason::Stopped => Happened::Complete,
                EndReason::Expired => Happened::Expired,
                EndReason::Failed => Happened::Failed,
            };
            Some((*object, happened, *at_ms))
        }
        Event::FdtIdsLow { .. } => None,
    }
}

impl From<cbc::Ending> for Happened {
    fn from(how: cbc::Ending) -> Self {
        match how {
            cbc::Ending::Done | cbc::Ending::Killed | cbc::Ending::Replaced => Self::Complete,
            cbc::Ending::Expired => Self::Expired,
            cbc::Ending::Occupied(message_id) => Self::Occupied(message_id),
            cbc::Ending::Refused(why) => Self::Refused(why),
            cbc::Ending::Unknown => Self::Unknown,
        }
    }
}
