//! Handing alerts to Cell Broadcast Centres, and taking delivered ones off the air.

use std::collections::HashSet;
use std::sync::Arc;

use pushcast_flute::sender::ObjectKey;

use crate::cbc::{self, Alert, Booked, DraftError};
use crate::model::{
    Bearer, CbsMessage, CbsProgress, CbsState, DeliveryId, MessageState, SubmissionId, Transmission,
};
use crate::report::fold::Happened;
use crate::store::{Change, StoreError};

use super::desk::LiveObject;
use super::runner::Core;
use super::withdrawal::spawned;

/// What is said of a delivery whose messages were taken off the air.
const TAKEN_OFF: &str = "taken off the air at the initiator's request";

/// An alert that cannot be handed over.
#[derive(Debug, thiserror::Error)]
enum HandOverError {
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error(transparent)]
    Link(#[from] cbc::LinkRefusal),
    #[error("its messages are not in the store")]
    NoMessages,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Core {
    /// Hands the messages of a transmission to its link. What the link cannot take has failed, and
    /// is folded as such.
    pub(super) async fn put_at_centre(
        &self,
        key: ObjectKey,
        first: &Transmission,
        is_resumed: bool,
    ) {
        if let Err(error) = self.hand_over(key, first, is_resumed).await {
            tracing::error!(transmission.id = %first.id, channel.name = %first.channel, %error, "transmission {} cannot be handed to its CBC", first.id);
            self.give_up(first, &error.to_string()).await;
            self.happened(key, Happened::Failed, self.clock.unix_ms())
                .await;
        }
    }

    /// Ends messages that no link has: nobody was asked, or nobody will be any more.
    async fn give_up(&self, first: &Transmission, why: &str) {
        let rows = self.store.cbs_messages(&first.channel, first.toi).await;
        let at_ms = self.clock.unix_ms();
        let ended = |row: CbsMessage| {
            self.bookings.release_everywhere(&row.id);
            Change::Cbs(CbsProgress {
                id: row.id,
                state: CbsState::Refused,
                at_ms,
                cells: None,
                desc: Some(why.to_owned()),
            })
        };
        let changes = rows.unwrap_or_default().into_iter().map(ended).collect();
        if let Err(error) = self.store.conclude(changes).await {
            // The next start ends what no transmission needs.
            tracing::error!(%error, "messages could not be ended");
        }
    }

    async fn hand_over(
        &self,
        key: ObjectKey,
        first: &Transmission,
        is_resumed: bool,
    ) -> Result<(), HandOverError> {
        let rows = self.store.cbs_messages(&first.channel, first.toi).await?;
        let mut messages = Vec::new();
        for row in rows.iter().filter(|row| row.ended_ms.is_none()) {
            let earlier = match &row.earlier {
                Some(id) => self.store.cbs_message(id).await?,
                None => None,
            };
            if is_resumed {
                self.adopt(row);
            }
            messages.push(cbc::for_link(row, earlier.as_ref())?);
        }
        if messages.is_empty() {
            return Err(HandOverError::NoMessages);
        }
        let alert = Alert {
            key,
            priority: first.priority,
            messages,
            is_resumed,
        };
        self.links.add(&first.channel, alert).await?;
        Ok(())
    }

    /// Identifier and air time of a message that an earlier process asked for.
    fn adopt(&self, row: &CbsMessage) {
        let channel = self.directory.channel(&row.channel);
        let load = cbc::load(row, channel.and_then(|channel| channel.as_cbs()));
        let booked = Booked {
            id: row.id.clone(),
            message_id: row.message_id,
            load,
        };
        self.bookings.adopt(&row.link, booked);
    }

    /// Takes deliveries off the air that went out over Cell Broadcast alone and were delivered: they
    /// stay so, and say that they are off. Returns which.
    pub async fn take_off_air(
        self: Arc<Self>,
        submission: SubmissionId,
        deliveries: Vec<DeliveryId>,
    ) -> Result<HashSet<DeliveryId>, StoreError> {
        spawned(async move {
            let _held = self.exclusive.hold(&submission).await;
            let mut alone = HashSet::new();
            for delivery in deliveries {
                let all = self.store.transmissions_of_delivery(&delivery).await?;
                if all.iter().all(|sent| sent.bearer == Bearer::Cbs) {
                    alone.insert(delivery);
                }
            }
            let on_air = self.desk().of_submission(&submission);
            let is_theirs = |object: &&LiveObject| {
                let mut deliveries = object.transmissions.iter().map(|(_, delivery)| delivery);
                object.bearer == Bearer::Cbs && deliveries.all(|delivery| alone.contains(delivery))
            };
            let objects: Vec<&LiveObject> = on_air.iter().filter(is_theirs).collect();
            if objects.is_empty() {
                return Ok(HashSet::new());
            }
            self.kill(&objects).await?;
            let of_objects = objects.iter().flat_map(|object| &object.transmissions);
            let off: HashSet<DeliveryId> = of_objects.map(|(_, id)| id.clone()).collect();
            self.tell_taken_off(&off).await?;
            Ok(off)
        })
        .await
    }

    /// Takes messages off the air: that is stored before a centre is asked, so that no crash leaves
    /// them there.
    pub(super) async fn kill(&self, objects: &[&LiveObject]) -> Result<(), StoreError> {
        if objects.is_empty() {
            return Ok(());
        }
        let tois = objects.iter();
        let tois = tois.map(|object| (object.channel.clone(), object.toi));
        let at_ms = self.clock.unix_ms();
        self.store.kill_cbs(tois.collect(), at_ms).await?;
        for object in objects {
            self.links.stop(&object.channel, object.key).await;
        }
        Ok(())
    }

    async fn tell_taken_off(&self, off: &HashSet<DeliveryId>) -> Result<(), StoreError> {
        let mut changes = Vec::new();
        for id in off {
            let stored = self.store.delivery(id).await?;
            if let Some(stored) = stored.filter(|one| one.state == MessageState::Delivered) {
                changes.push(Change::Describe {
                    delivery: id.clone(),
                    desc: format!("{}; {TAKEN_OFF}", stored.desc),
                });
            }
            self.desk().say_no_more(id);
        }
        self.store.conclude(changes).await?;
        Ok(())
    }
}
