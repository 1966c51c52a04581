//! What is on the lanes: which transmissions an object carries, and the deliveries they serve.

use std::collections::HashMap;
use std::sync::Arc;

use pushcast_flute::sender::ObjectKey;

use crate::model::{Bearer, ChannelName, DeliveryId, SubmissionId, Transmission, TransmissionId};
use crate::report::fold::{FollowUp, Happened, Watch};
use crate::store::Change;

use super::air_times::AirTimes;

/// An object on a lane. Several deliveries of one submission share it where they meet on a
/// channel.
#[derive(Debug)]
struct OnAir {
    channel: ChannelName,
    bearer: Bearer,
    toi: u32,
    submission: SubmissionId,
    transmissions: Vec<(TransmissionId, DeliveryId)>,
    /// Since when it may be sent, until its first packet is out.
    due_ms: Option<u64>,
    /// Whoever has it was told to end it, and has not answered yet.
    is_ending: bool,
}

/// An object on a lane, as seen from outside.
#[derive(Debug, Clone)]
pub(super) struct LiveObject {
    pub(super) key: ObjectKey,
    pub(super) channel: ChannelName,
    pub(super) bearer: Bearer,
    pub(super) toi: u32,
    pub(super) transmissions: Vec<(TransmissionId, DeliveryId)>,
}

/// The desk.
#[derive(Debug, Default)]
pub(super) struct Desk {
    objects: HashMap<ObjectKey, OnAir>,
    watches: HashMap<DeliveryId, Watch>,
    live: HashMap<ChannelName, usize>,
    next_key: u64,
    air_times: Arc<AirTimes>,
}

impl Desk {
    /// Watches a delivery; its transmissions come with [`Desk::put`].
    pub(super) fn watch(&mut self, delivery: DeliveryId, watch: Watch) {
        self.watches.insert(delivery, watch);
    }

    /// How long pushes took to the air.
    pub(super) fn air_times(&self) -> Arc<AirTimes> {
        Arc::clone(&self.air_times)
    }

    /// Registers an object that is about to go to its lane. `due_ms` says since when it may be
    /// sent, the first time that it goes there.
    pub(super) fn put(
        &mut self,
        submission: &SubmissionId,
        transmissions: &[Transmission],
        due_ms: Option<u64>,
    ) -> ObjectKey {
        let key = ObjectKey(self.next_key);
        self.next_key += 1;
        let Some(first) = transmissions.first() else {
            return key;
        };
        let ids = transmissions
            .iter()
            .map(|sent| (sent.id.clone(), sent.delivery_id.clone()))
            .collect();
        *self.live.entry(first.channel.clone()).or_default() += 1;
        let on_air = OnAir {
            channel: first.channel.clone(),
            bearer: first.bearer,
            toi: first.toi,
            submission: submission.clone(),
            transmissions: ids,
            due_ms,
            is_ending: false,
        };
        self.objects.insert(key, on_air);
        key
    }

    /// On which channel an object is.
    pub(super) fn channel_of(&self, key: ObjectKey) -> Option<ChannelName> {
        self.objects.get(&key).map(|on_air| on_air.channel.clone())
    }

    /// What of a submission is on lanes.
    pub(super) fn of_submission(&self, submission: &SubmissionId) -> Vec<LiveObject> {
        self.objects_that(|on_air| on_air.submission == *submission)
    }

    /// What is on the air on a channel.
    pub(super) fn on_channel(&self, channel: &ChannelName) -> Vec<LiveObject> {
        self.objects_that(|on_air| on_air.channel == *channel)
    }

    fn objects_that(&self, wanted: impl Fn(&OnAir) -> bool) -> Vec<LiveObject> {
        self.objects
            .iter()
            .filter(|(_, on_air)| wanted(on_air))
            .map(|(key, on_air)| LiveObject {
                key: *key,
                channel: on_air.channel.clone(),
                bearer: on_air.bearer,
                toi: on_air.toi,
                transmissions: on_air.transmissions.clone(),
            })
            .collect()
    }

    /// Marks objects as told to end. Returns how many had not been told before.
    pub(super) fn ending<'a>(&mut self, objects: impl IntoIterator<Item = &'a LiveObject>) -> u64 {
        let mut told = 0;
        for object in objects {
            if let Some(on_air) = self.objects.get_mut(&object.key)
                && !std::mem::replace(&mut on_air.is_ending, true)
            {
                told += 1;
            }
        }
        told
    }

    /// A packet of the delivery has left on some channel, perhaps one that has finished with it.
    pub(super) fn was_sent(&self, delivery: &DeliveryId) -> bool {
        self.watches.get(delivery).is_some_and(Watch::was_sent)
    }

    /// The same, on a channel that cannot take it off the air again.
    pub(super) fn was_multicast(&self, delivery: &DeliveryId) -> bool {
        self.watches.get(delivery).is_some_and(Watch::was_multicast)
    }

    /// What is said of a delivered delivery stays as it is.
    pub(super) fn say_no_more(&mut self, delivery: &DeliveryId) {
        if let Some(watch) = self.watches.get_mut(delivery) {
            watch.say_no_more();
        }
    }

    /// Lets go of an object that its lane gave back. Its deliveries stay watched: it may come back
    /// by [`Desk::put`].
    pub(super) fn take(&mut self, key: ObjectKey) {
        if let Some(taken) = self.objects.remove(&key)
            && let Some(live) = self.live.get_mut(&taken.channel)
        {
            *live = live.saturating_sub(1);
        }
    }

    /// A delivery has ended with all that was on lanes for it given back.
    pub(super) fn withdrawn(&mut self, delivery: &DeliveryId, transmissions: &[TransmissionId]) {
        let Some(watch) = self.watches.get_mut(delivery) else {
            return;
        };
        watch.conclude();
        transmissions
            .iter()
            .for_each(|transmission| watch.withdraw(transmission));
        if watch.is_over() {
            self.watches.remove(delivery);
        }
    }

    /// Objects of a channel that are not over.
    pub(super) fn live(&self, channel: &ChannelName) -> usize {
        self.live.get(channel).copied().unwrap_or(0)
    }

    /// Takes in what happened to an object.
    pub(super) fn happened(
        &mut self,
        key: ObjectKey,
        happened: &Happened,
        at_ms: u64,
        changes: &mut Vec<Change>,
    ) {
        let Some(on_air) = self.objects.get_mut(&key) else {
            return;
        };
        if *happened == Happened::FirstPacket
            && let Some(due_ms) = on_air.due_ms.take()
        {
            let took_ms = at_ms.saturating_sub(due_ms);
            self.air_times.of(on_air.bearer).observe(took_ms);
        }
        let mut replan = false;
        for (transmission, delivery) in &on_air.transmissions {
            let Some(watch) = self.watches.get_mut(delivery) else {
                continue;
            };
            replan |= watch.fold(transmission, happened, at_ms, changes) == FollowUp::Replan;
            if watch.is_over() {
                self.watches.remove(delivery);
            }
        }
        if replan {
            changes.push(Change::Replan {
                submission: on_air.submission.clone(),
                at_ms,
            });
        }
        if matches!(
            happened,
            Happened::Complete
                | Happened::Expired
                | Happened::Failed
                | Happened::Occupied(_)
                | Happened::Refused(_)
                | Happened::Unknown
        ) {
            self.take(key);
        }
    }
}
