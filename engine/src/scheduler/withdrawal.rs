//! Taking back what was not sent yet. The lane's answer decides, not the stored state.
//!
//! ```text
//!  deliveries wanted ──▶ their objects: does each belong to them alone?
//!       ├─ also carries another address ──▶ Shared: it goes on the air whatever happens
//!       └─ ask the lane ─┬─ AlreadySent ──▶ the delivery stands, and what was given back returns
//!                        └─ Withdrawn ────▶ Free
//!  commit: transmissions withdrawn + deliveries cancelled (+ the push that replaces them)
//!       ├─ refused ──▶ everything goes back to its lane: same TOI, nothing of it was sent
//!       └─ done ─────▶ the desk forgets it
//! ```
//! A crash between lane and commit changes nothing: the transmission is still open in the store and
//! is put back on the air by the next start.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pushcast_flute::sender::{ObjectKey, Withdrawal};

use crate::cbc::Back;
use crate::model::{
    Bearer, Delivery, DeliveryId, Lineage, MessageState, Outcome, StatusCode, SubmissionId,
    Transmission, TransmissionId,
};
use crate::store::{Replaced, Replacing, StoreError};

use super::desk::LiveObject;
use super::runner::Core;
use super::taken_back::{Broadcast, Standing, TakenBack, bind};

impl Core {
    /// Cancels pending deliveries of a submission where nothing of them was sent. Returns how each
    /// stood; those that stood [`Standing::Free`] are cancelled unless they ended otherwise in the
    /// same moment.
    pub async fn cancel(
        self: Arc<Self>,
        submission: SubmissionId,
        deliveries: Vec<DeliveryId>,
        desc: String,
    ) -> Result<HashMap<DeliveryId, Standing>, StoreError> {
        // A caller that gives up must not leave the work half done.
        spawned(async move {
            let _held = self.exclusive.hold(&submission).await;
            let outcome = Outcome {
                state: MessageState::Cancelled,
                code: StatusCode::Ok,
                desc,
                event_ms: self.clock.unix_ms(),
                bearer: None,
            };
            self.withdraw_held(&submission, &deliveries, &outcome).await
        })
        .await
    }

    /// Cancels what was not sent of a submission that the caller holds.
    pub(super) async fn withdraw_held(
        &self,
        submission: &SubmissionId,
        deliveries: &[DeliveryId],
        outcome: &Outcome,
    ) -> Result<HashMap<DeliveryId, Standing>, StoreError> {
        let taken = self
            .take_back(submission, deliveries, Broadcast::Killed)
            .await;
        let outcome = outcome.clone();
        let stored = self
            .store
            .withdraw(taken.transmissions(), taken.killed(), taken.free(), outcome)
            .await;
        match stored {
            Ok(_) => {
                self.let_go(&taken);
                self.desk().ending(&taken.killed);
                for object in &taken.killed {
                    self.links.stop(&object.channel, object.key).await;
                }
                Ok(taken.standings)
            }
            Err(error) => {
                self.put_back(submission, &taken.objects).await;
                Err(error)
            }
        }
    }

    /// Stores a push in the place of another one of which it cancels what was not sent yet.
    pub async fn replace(
        self: Arc<Self>,
        old: SubmissionId,
        replacing: Replacing,
    ) -> Result<Replaced, StoreError> {
        spawned(async move {
            let _held = self.exclusive.hold(&old).await;
            let wanted: Vec<DeliveryId> = replacing
                .deliveries
                .iter()
                .filter_map(|(_, old)| old.clone())
                .collect();
            let taken = self.take_back(&old, &wanted, Broadcast::Stands).await;
            let replacing = Replacing {
                withdrawn: taken.transmissions(),
                ..replacing
            };
            let replaced = self.store.replace(replacing).await;
            match &replaced {
                Ok(Replaced::NothingPending | Replaced::Stored { .. }) => self.let_go(&taken),
                Ok(Replaced::Duplicate { .. }) | Err(_) => {
                    self.put_back(&old, &taken.objects).await;
                }
            }
            replaced
        })
        .await
    }

    /// The deliveries of a submission of which something is on a lane.
    pub fn on_air(&self, submission: &SubmissionId) -> HashSet<DeliveryId> {
        self.desk()
            .of_submission(submission)
            .into_iter()
            .flat_map(|object| object.transmissions)
            .map(|(_, delivery)| delivery)
            .collect()
    }

    /// Asks lanes for everything that belongs to these deliveries alone.
    pub(super) async fn take_back(
        &self,
        submission: &SubmissionId,
        wanted: &[DeliveryId],
        broadcast: Broadcast,
    ) -> TakenBack {
        let standing = |delivery: &DeliveryId| {
            let was_sent = match broadcast {
                Broadcast::Killed => self.desk().was_multicast(delivery),
                Broadcast::Stands => self.desk().was_sent(delivery),
            };
            if was_sent {
                Standing::AlreadySent
            } else {
                Standing::Free
            }
        };
        let mut standings: HashMap<DeliveryId, Standing> = wanted
            .iter()
            .map(|delivery| (delivery.clone(), standing(delivery)))
            .collect();
        let concerns = |object: &LiveObject| {
            let mut deliveries = object.transmissions.iter().map(|(_, delivery)| delivery);
            deliveries.any(|delivery| wanted.contains(delivery))
        };
        let mut objects: Vec<LiveObject> = self
            .desk()
            .of_submission(submission)
            .into_iter()
            .filter(concerns)
            .collect();
        // A packet that has left stands; only then is it worth asking what can be taken off again.
        objects.sort_by_key(|object| object.bearer == Bearer::Cbs);
        bind(&mut standings, &objects);
        let mut killed = Vec::new();
        let mut given: HashSet<ObjectKey> = HashSet::new();
        for object in &objects {
            let free = |(_, delivery): &(TransmissionId, DeliveryId)| {
                standings.get(delivery) == Some(&Standing::Free)
            };
            if !object.transmissions.iter().all(free) {
                continue;
            }
            let back = self.ask_back(object).await;
            if back == Some(Back::MayBeOnAir) && broadcast == Broadcast::Killed {
                killed.push(object.clone());
            } else if back == Some(Back::Withdrawn) {
                self.desk().take(object.key);
                given.insert(object.key);
            } else {
                for (_, delivery) in &object.transmissions {
                    standings.insert(delivery.clone(), Standing::AlreadySent);
                }
                bind(&mut standings, &objects);
            }
        }
        let (kept, back): (Vec<_>, Vec<_>) = objects
            .into_iter()
            .filter(|object| given.contains(&object.key))
            .partition(|object| {
                let (_, first) = &object.transmissions[0];
                standings.get(first) == Some(&Standing::Free)
            });
        self.put_back(submission, &back).await;
        killed.retain(|object| {
            let mut deliveries = object.transmissions.iter().map(|(_, delivery)| delivery);
            deliveries.all(|delivery| standings.get(delivery) == Some(&Standing::Free))
        });
        TakenBack {
            standings,
            objects: kept,
            killed,
        }
    }

    /// Asks whoever has an object for it.
    async fn ask_back(&self, object: &LiveObject) -> Option<Back> {
        if object.bearer == Bearer::Cbs {
            return self.links.withdraw(&object.channel, object.key).await;
        }
        let asked = self.fleet.withdraw(&object.channel, object.key).await;
        (asked == Some(Withdrawal::Withdrawn)).then_some(Back::Withdrawn)
    }

    /// What lanes gave back goes on the air all the same.
    pub(super) async fn put_back(&self, submission: &SubmissionId, objects: &[LiveObject]) {
        for object in objects {
            let mut transmissions: Vec<Transmission> = Vec::new();
            for (id, _) in &object.transmissions {
                match self.store.transmission(id).await {
                    Ok(Some(transmission)) if !transmission.state.is_over() => {
                        transmissions.push(transmission);
                    }
                    Ok(_) => {}
                    Err(error) => {
                        // It stays open in the store, so the next start takes it up.
                        tracing::error!(transmission.id = %id, %error, "transmission {id} is off the air until the next start");
                    }
                }
            }
            self.put_on_air(submission, &transmissions, None).await;
        }
    }

    pub(super) fn let_go(&self, taken: &TakenBack) {
        for delivery in taken.free() {
            let of_delivery = |(_, of): &&(TransmissionId, DeliveryId)| *of == delivery;
            let transmissions: Vec<TransmissionId> = taken
                .objects
                .iter()
                .flat_map(|object| object.transmissions.iter().filter(of_delivery))
                .map(|(id, _)| id.clone())
                .collect();
            self.desk().withdrawn(&delivery, &transmissions);
        }
        self.signals.outcome.notify_one();
    }

    /// Ends the carousels of the pushes whose place one takes, each with its next packet. The push
    /// that it replaces may itself have been replaced before it came on the air, so all that came
    /// before are looked at.
    pub(super) async fn supersede(
        &self,
        submission: &SubmissionId,
        lineage: &Lineage,
    ) -> Result<(), StoreError> {
        if lineage.replaces.is_none() {
            return Ok(());
        }
        for old in self.store.predecessors_on_air(submission).await? {
            self.end_carousels(&old).await?;
        }
        Ok(())
    }

    /// Ends what of a push is replaced. An object that also carries an address which nothing has
    /// replaced yet goes on.
    async fn end_carousels(&self, old: &SubmissionId) -> Result<(), StoreError> {
        let _held = self.exclusive.hold(old).await;
        let objects = self.desk().of_submission(old);
        if objects.is_empty() {
            return Ok(());
        }
        let taken_over = self.store.taken_over(old).await?;
        let replaced: HashSet<DeliveryId> = self
            .store
            .deliveries(old)
            .await?
            .into_iter()
            .filter(|delivery: &Delivery| taken_over.contains(delivery.address.key()))
            .map(|delivery| delivery.id)
            .collect();
        for object in objects {
            let mut deliveries = object.transmissions.iter().map(|(_, delivery)| delivery);
            if deliveries.all(|delivery| replaced.contains(delivery)) {
                match object.bearer {
                    Bearer::Cbs => self.links.stop(&object.channel, object.key).await,
                    Bearer::Bcast | Bearer::Mbms => {
                        self.fleet.stop(&object.channel, object.key).await;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Runs to its end even if nobody waits for it any more.
pub(super) async fn spawned<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(work).await.unwrap_or(Err(StoreError::Closed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: u64, deliveries: &[&str]) -> LiveObject {
        let of = |name: &&str| {
            let transmission = format!("{key}-{name}").parse().unwrap();
            (transmission, name.parse().unwrap())
        };
        LiveObject {
            key: ObjectKey(key),
            channel: "c".parse().unwrap(),
            bearer: Bearer::Mbms,
            toi: 1,
            transmissions: deliveries.iter().map(of).collect(),
        }
    }

    fn standings(wanted: &[(&str, Standing)], objects: &[LiveObject]) -> Vec<(String, Standing)> {
        let mut standings = wanted
            .iter()
            .map(|(name, standing)| (name.parse().unwrap(), *standing))
            .collect();
        bind(&mut standings, objects);
        let mut sorted: Vec<_> = standings
            .into_iter()
            .map(|(delivery, standing)| (delivery.to_string(), standing))
            .collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        sorted
    }

    #[test]
    fn what_carries_another_address_cannot_be_taken_back() {
        use Standing::{AlreadySent, Free, Shared};
        let named = |pairs: &[(&str, Standing)]| -> Vec<(String, Standing)> {
            pairs
                .iter()
                .map(|(name, standing)| ((*name).to_owned(), *standing))
                .collect()
        };
        let alone = [object(1, &["a"]), object(2, &["b"])];
        assert_eq!(standings(&[("a", Free)], &alone), named(&[("a", Free)]));
        let together = [object(1, &["a", "b"])];
        assert_eq!(
            standings(&[("a", Free)], &together),
            named(&[("a", Shared)])
        );
        let both = [("a", Free), ("b", Free)];
        assert_eq!(standings(&both, &together), named(&both));
        // a was sent; b shares an object with a, c one with b.
        let chain = [object(1, &["b", "c"]), object(2, &["a", "b"])];
        assert_eq!(
            standings(&[("a", AlreadySent), ("b", Free), ("c", Free)], &chain),
            named(&[("a", AlreadySent), ("b", Shared), ("c", Shared)])
        );
    }
}
