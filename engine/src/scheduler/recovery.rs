//! After a start: everything that may have been sent goes on where it was.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use pushcast_flute::fec::Oti;

use crate::model::initiator::CONSOLE;
use crate::model::{
    Bearer, ChannelName, Deliver, DeliveryId, Planned, SubmissionId, Transmission,
    TransmissionState,
};
use crate::ota::{Source, flute};
use crate::report::fold::{Happened, Watch};
use crate::routing::Route;
use crate::store::{StoreError, Summary};

use super::planning::by_object;
use super::runner::Core;

impl Core {
    /// Puts every transmission that is not over back on its lane: same TOI, same octets, the
    /// passes that are left. Returns how many objects that are.
    pub(super) async fn recover(&self) -> Result<usize, StoreError> {
        self.store.end_cbs_orphans(self.clock.unix_ms()).await?;
        let running = self.store.running_transmissions().await?;
        let mut by_submission: HashMap<SubmissionId, Vec<Transmission>> = HashMap::new();
        for transmission in running {
            let Some(delivery) = self.store.delivery(&transmission.delivery_id).await? else {
                continue;
            };
            by_submission
                .entry(delivery.submission_id)
                .or_default()
                .push(transmission);
        }
        let mut objects = 0;
        let mut replacements = Vec::new();
        for (submission, transmissions) in by_submission {
            let Some(summary) = self.store.summary(&submission).await? else {
                continue;
            };
            let mut deliveries: Vec<DeliveryId> = transmissions
                .iter()
                .map(|transmission| transmission.delivery_id.clone())
                .collect();
            deliveries.dedup();
            for delivery in &deliveries {
                self.watch_again(&summary, delivery).await?;
            }
            for together in by_object(transmissions) {
                objects += 1;
                self.put_on_air(&submission, &together, None).await;
            }
            replacements.push((summary.id, summary.lineage));
        }
        // A crash may have come between a push's first packet and the end of the one it replaces.
        for (submission, lineage) in replacements {
            self.supersede(&submission, &lineage).await?;
        }
        Ok(objects)
    }

    async fn watch_again(
        &self,
        summary: &Summary,
        delivery: &DeliveryId,
    ) -> Result<(), StoreError> {
        let Some(stored) = self.store.delivery(delivery).await? else {
            return Ok(());
        };
        let mut all = self.store.transmissions_of_delivery(delivery).await?;
        let route = self
            .initiators
            .get(&summary.initiator)
            .and_then(|initiator| {
                let wishes = summary.quality_of_service.as_ref();
                let route = self.directory.route(&stored.address, initiator, wishes);
                route.ok()
            });
        let confinement = match summary.initiator.as_str() {
            CONSOLE => Some(self.confinement_of(&summary.id).await?),
            _ => None,
        };
        let route = match (route, &confinement) {
            (Some(route), Some(confinement)) => {
                let address = stored.address.raw();
                confinement.narrow(&self.directory, &route, address).ok()
            }
            (route, _) => route,
        };
        let one_of = route
            .as_ref()
            .map_or(all.len() == 1, |route| route.deliver == Deliver::First);
        if one_of {
            // Others have taken over from those that failed.
            all.retain(|transmission| transmission.state != TransmissionState::Failed);
        }
        let left_out = route.filter(|_| !one_of);
        let left_out = left_out.map_or_else(Vec::new, |route| without(&route, &all));
        let mut watch = Watch::new(delivery.clone(), one_of).without(left_out);
        if stored.state.is_final() {
            watch.conclude();
        }
        watch.resume();
        all.iter().for_each(|transmission| watch.add(transmission));
        self.desk().watch(delivery.clone(), watch);
        Ok(())
    }

    /// Where the octets of a transmission are.
    fn source(&self, transmission: &Transmission, oti: Oti) -> Result<Arc<Source>, String> {
        let stored = &transmission.object;
        if let Some(octets) = &stored.octets {
            return Ok(Source::memory(oti, Bytes::from_owner(Arc::clone(octets))));
        }
        let file = self.files.open_file(stored.sha256);
        let file = file.map_err(|error| format!("{error}: {}", error.source))?;
        Ok(Source::file(oti, file))
    }

    /// Hands an object to its lane; `due_ms` as for [`Desk::put`](super::desk::Desk::put). What the
    /// lane cannot take has failed, and is folded as such.
    pub(super) async fn put_on_air(
        &self,
        submission: &SubmissionId,
        transmissions: &[Transmission],
        due_ms: Option<u64>,
    ) {
        let Some(first) = transmissions.first() else {
            return;
        };
        let key = self.desk().put(submission, transmissions, due_ms);
        if first.bearer == Bearer::Cbs {
            return self.put_at_centre(key, first, due_ms.is_none()).await;
        }
        let epoch = self.numbers.lock().await.epoch(&first.channel);
        let prepared = flute::lane_object(first, key, epoch)
            .map_err(|error| error.to_string())
            .and_then(|object| Ok((self.source(first, object.oti)?, object)));
        let refusal = match prepared {
            Ok((source, object)) => self
                .fleet
                .add(&first.channel, object, source)
                .await
                .err()
                .map(|error| error.to_string()),
            Err(error) => Some(error),
        };
        if let Some(error) = refusal {
            tracing::error!(transmission.id = %first.id, channel.name = %first.channel, %error, "transmission {} cannot be sent", first.id);
            self.happened(key, Happened::Failed, self.clock.unix_ms())
                .await;
        }
    }
}

/// Channels of a route that were not up when the delivery was planned.
fn without(route: &Route, planned: &[Transmission]) -> Vec<Planned> {
    let is_missing = |name: &&ChannelName| planned.iter().all(|sent| sent.channel != **name);
    let missing = route.channels.iter().filter(is_missing);
    missing
        .map(|channel| Planned {
            channel: channel.clone(),
            required: route.required.contains(channel),
        })
        .collect()
}
