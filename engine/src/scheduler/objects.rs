//! The transport objects of one submission, encoded, cut and numbered for its channels.

use std::collections::HashMap;

use crate::model::transmission::{CarouselPlan, StoredObject};
use crate::model::{
    ChannelName, Delivery, FluteChannel, Submission, Transform, Transmission, TransmissionId,
    TransmissionState,
};
use crate::ota::flute::{self, Encoded};

use super::planning::PlanningError;
use super::runner::Core;

/// An object with its number.
#[derive(Clone)]
pub(super) struct Numbered {
    toi: u32,
    epoch: i64,
    object: StoredObject,
}

/// What tells the encoded forms of one submission apart.
type FormKey = (Option<String>, Transform);

/// The transport objects of one submission: encoded once for each application id and form, cut and
/// numbered once for each channel.
pub(super) struct Objects<'a> {
    core: &'a Core,
    submission: &'a Submission,
    now_ms: u64,
    encoded: HashMap<FormKey, Encoded>,
    cut: HashMap<(ChannelName, Option<String>), Numbered>,
}

impl<'a> Objects<'a> {
    pub(super) fn new(core: &'a Core, submission: &'a Submission, now_ms: u64) -> Self {
        Self {
            core,
            submission,
            now_ms,
            encoded: HashMap::new(),
            cut: HashMap::new(),
        }
    }

    /// The object for a channel, made if this is the first address that goes there.
    pub(super) async fn on(
        &mut self,
        channel: &FluteChannel,
        application_id: Option<&String>,
    ) -> Result<Numbered, PlanningError> {
        let key = (channel.name.clone(), application_id.cloned());
        if let Some(numbered) = self.cut.get(&key) {
            return Ok(numbered.clone());
        }
        let encoded = self.encoded(application_id, channel.transform).await?;
        let location = flute::content_location(&self.core.ppg_name, self.submission);
        let object = encoded.for_channel(channel, location)?;
        let mut numbers = self.core.numbers.lock().await;
        let toi = numbers.toi(&self.core.store, channel, self.now_ms).await?;
        let numbered = Numbered {
            toi,
            epoch: numbers.epoch(&channel.name),
            object,
        };
        self.cut.insert(key, numbered.clone());
        Ok(numbered)
    }

    async fn encoded(
        &mut self,
        application_id: Option<&String>,
        transform: Transform,
    ) -> Result<Encoded, PlanningError> {
        let key = (application_id.cloned(), transform);
        if let Some(encoded) = self.encoded.get(&key) {
            return Ok(encoded.clone());
        }
        let (files, submission, own) = (
            self.core.files.clone(),
            self.submission.clone(),
            key.clone(),
        );
        let is_short = flute::is_short(&submission);
        let encode = move || flute::encode(&files, &submission, own.0.as_deref(), own.1);
        let encoded = if is_short {
            encode()?
        } else {
            tokio::task::spawn_blocking(encode)
                .await
                .map_err(|_| PlanningError::Interrupted)??
        };
        self.encoded.insert(key, encoded.clone());
        Ok(encoded)
    }

    /// A delivery on a channel that has to carry it.
    pub(super) fn transmission(
        &self,
        delivery: &Delivery,
        channel: &FluteChannel,
        numbered: Numbered,
    ) -> Transmission {
        Transmission {
            id: new_transmission_id(),
            delivery_id: delivery.id.clone(),
            channel: channel.name.clone(),
            bearer: channel.bearer,
            required: true,
            priority: self.submission.priority(),
            toi: numbered.toi,
            epoch: numbered.epoch,
            object: numbered.object,
            plan: CarouselPlan {
                passes: channel.passes(),
                delay_ms: channel.carousel.delay_ms,
                interval_ms: channel.carousel.interval_ms,
                until_ms: self.submission.deliver_before_ms,
                repair_percent: channel.repair_percent,
            },
            state: TransmissionState::OnAir,
            passes_done: 0,
            planned_ms: self.now_ms,
            first_packet_ms: None,
            transmitted_ms: None,
            ended_ms: None,
            desc: String::new(),
        }
    }
}

pub(super) fn new_transmission_id() -> TransmissionId {
    let id = uuid::Uuid::now_v7().to_string();
    id.parse().expect("a UUID is an identifier")
}
