//! What was made of a submission before it is planned again.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::model::{
    Bearer, ChannelName, Delivery, DeliveryId, Submission, Transmission, TransmissionState,
};
use crate::store::StoreError;

use super::confinement::Confinement;
use super::runner::Core;

/// Message identifiers that are tried for one alert where the centre says that they are in use by
/// somebody else. A centre that says so of every one is not to be asked thousands of times.
const MAX_IDENTIFIERS: usize = 8;

/// What was made of a submission before, and what it is confined to.
#[derive(Default)]
pub(super) struct Earlier {
    pub(super) confinement: Option<Confinement>,
    /// With what was said of it.
    pub(super) failed: Vec<(DeliveryId, ChannelName, String)>,
    pub(super) on_air: HashSet<DeliveryId>,
}

impl Earlier {
    pub(super) fn repeated(&self, transmission: Transmission) -> Transmission {
        match &self.confinement {
            Some(confinement) => confinement.repeat(transmission),
            None => transmission,
        }
    }

    pub(super) fn repetition(&self) -> Option<Duration> {
        self.confinement.as_ref()?.repetition()
    }

    pub(super) fn has_failed(&self, delivery: &Delivery, channel: &ChannelName) -> bool {
        self.why(delivery, channel).is_some()
    }

    /// Why a channel has failed.
    pub(super) fn why(&self, delivery: &Delivery, channel: &ChannelName) -> Option<&str> {
        let mut failed = self.failed.iter();
        let failed = failed.find(|(id, name, _)| *id == delivery.id && name == channel);
        failed.map(|(_, _, why)| why.as_str())
    }
}

impl Core {
    /// Where parts of the submission are on the air, and where they have failed.
    pub(super) async fn earlier(&self, submission: &Submission) -> Result<Earlier, StoreError> {
        let mut earlier = Earlier::default();
        let mut given_back: HashMap<(DeliveryId, ChannelName), (usize, String)> = HashMap::new();
        for transmission in self
            .store
            .transmissions_of_submission(&submission.id)
            .await?
        {
            let (delivery, channel) = (transmission.delivery_id, transmission.channel);
            let is_centre = transmission.bearer == Bearer::Cbs;
            if !transmission.state.is_over() {
                earlier.on_air.insert(delivery);
            } else if transmission.state == TransmissionState::Failed {
                // What a centre says is worth telling; a lane only says that it could not.
                let why = Some(transmission.desc).filter(|_| is_centre);
                earlier
                    .failed
                    .push((delivery, channel, why.unwrap_or_default()));
            } else if transmission.state == TransmissionState::Withdrawn && is_centre {
                let (count, why) = given_back.entry((delivery, channel)).or_default();
                *count += 1;
                *why = transmission.desc;
            }
        }
        for ((delivery, channel), (count, why)) in given_back {
            if count >= MAX_IDENTIFIERS {
                earlier.failed.push((delivery, channel, why));
            }
        }
        Ok(earlier)
    }
}
