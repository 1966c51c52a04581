//! Planning one claimed submission: routes, objects, numbers, commit, lanes.

use std::collections::HashMap;

use crate::model::transmission::{CarouselPlan, StoredObject};
use crate::model::{
    Channel, ChannelName, Deliver, Delivery, DeliveryId, MessageState, Outcome, Priority,
    StatusCode, Submission, Transform, Transmission, TransmissionId, TransmissionState,
};
use crate::ota::flute::{self, Encoded, PrepareError};
use crate::report::fold::Watch;
use crate::routing::{self, DeliveryPlan, PlanError, Route};
use crate::store::{Claimed, Plan, StoreError};

use super::runner::Core;

/// Objects of a channel beyond which submissions wait in the store; urgent ones do not.
const MAX_LIVE_OBJECTS: usize = 3500;
/// How long they wait before the next look, ms.
const FULL_RETRY_MS: u64 = 250;

/// Planning did not come to an end; the claim runs out and the submission is planned again.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlanningError {
    /// The transport object could not be made.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that makes transport objects ended.
    #[error("making the transport object was interrupted")]
    Interrupted,
}

/// What a submission becomes.
struct Draft {
    transmissions: Vec<Transmission>,
    outcomes: Vec<(DeliveryId, Outcome)>,
    /// Deliveries that go on the air, and whether one channel suffices.
    watches: Vec<(DeliveryId, bool)>,
}

impl Core {
    /// Plans a claimed submission and puts it on the air.
    pub(super) async fn plan(&self, claimed: Claimed) -> Result<(), PlanningError> {
        let Claimed {
            claim,
            submission,
            pending,
        } = claimed;
        let now_ms = self.clock.unix_ms();
        // What was never planned has no channel that failed.
        let failed = match claim.attempt {
            1 => Vec::new(),
            _ => self.failed_channels(&submission).await?,
        };
        let draft = self.draft(&submission, &pending, &failed, now_ms).await?;
        let Some(draft) = draft else {
            self.store.requeue(claim, now_ms + FULL_RETRY_MS).await?;
            return Ok(());
        };
        let Draft {
            transmissions,
            outcomes,
            watches,
        } = draft;
        let has_outcomes = !outcomes.is_empty();
        // From the commit to the lane nobody may try to take it back.
        let held = self.exclusive.hold(&submission.id).await;
        let stored = self
            .store
            .plan(Plan {
                claim,
                transmissions: transmissions.clone(),
                outcomes,
            })
            .await?;
        if has_outcomes {
            self.signals.outcome.notify_one();
        }
        let transmissions: Vec<Transmission> = transmissions
            .into_iter()
            .filter(|transmission| stored.contains(&transmission.id))
            .collect();
        let planned: Vec<DeliveryId> = transmissions
            .iter()
            .map(|transmission| transmission.delivery_id.clone())
            .collect();
        self.begin(&submission, transmissions, watches).await;
        drop(held);
        // Old and new must not stay on the air together because the store was away for a moment.
        loop {
            let superseded = self.supersede(&submission.id, &submission.lineage, &planned);
            if self.settle(superseded.await).await?.is_some() {
                return Ok(());
            }
        }
    }

    /// What becomes of each pending delivery; `None` while a channel has too much to do.
    async fn draft(
        &self,
        submission: &Submission,
        pending: &[Delivery],
        failed: &[(DeliveryId, ChannelName)],
        now_ms: u64,
    ) -> Result<Option<Draft>, PlanningError> {
        let mut draft = Draft {
            transmissions: Vec::new(),
            outcomes: Vec::new(),
            watches: Vec::new(),
        };
        let mut objects = Objects {
            core: self,
            submission,
            now_ms,
            encoded: HashMap::new(),
            cut: HashMap::new(),
        };
        for delivery in pending {
            let (route, plan) = match self.ways(submission, delivery, failed) {
                Ok(ways) => ways,
                Err((state, code, desc)) => {
                    let outcome = Outcome {
                        state,
                        code,
                        desc,
                        event_ms: now_ms,
                        bearer: None,
                    };
                    draft.outcomes.push((delivery.id.clone(), outcome));
                    continue;
                }
            };
            if self.is_full(&plan, submission.priority()) {
                return Ok(None);
            }
            let planned_before = draft.transmissions.len();
            let mut unsendable = None;
            for planned in &plan.channels {
                let Some(channel) = self.directory.channel(&planned.channel) else {
                    continue;
                };
                let numbered = match objects.on(channel, route.application_id.as_ref()).await {
                    Err(PlanningError::Prepare(PrepareError::Transform(error))) => {
                        unsendable = Some(error);
                        break;
                    }
                    numbered => numbered?,
                };
                let required = planned.required;
                let transmission = objects.transmission(delivery, channel, numbered);
                draft.transmissions.push(Transmission {
                    required,
                    ..transmission
                });
            }
            if let Some(error) = unsendable {
                // What a channel cannot be given is not sent on the others either.
                draft.transmissions.truncate(planned_before);
                let outcome = Outcome {
                    state: MessageState::Undeliverable,
                    code: StatusCode::TransformationFailure,
                    desc: error.to_string(),
                    event_ms: now_ms,
                    bearer: None,
                };
                draft.outcomes.push((delivery.id.clone(), outcome));
                continue;
            }
            draft
                .watches
                .push((delivery.id.clone(), route.deliver == Deliver::First));
        }
        Ok(Some(draft))
    }

    /// Channels on which a part of the submission has failed already.
    async fn failed_channels(
        &self,
        submission: &Submission,
    ) -> Result<Vec<(DeliveryId, ChannelName)>, StoreError> {
        let earlier = self
            .store
            .transmissions_of_submission(&submission.id)
            .await?;
        let failed = earlier
            .into_iter()
            .filter(|transmission| transmission.state == TransmissionState::Failed);
        Ok(failed
            .map(|transmission| (transmission.delivery_id, transmission.channel))
            .collect())
    }

    /// Route and channels of a delivery, or how it ends without.
    fn ways(
        &self,
        submission: &Submission,
        delivery: &Delivery,
        failed: &[(DeliveryId, ChannelName)],
    ) -> Result<(Route, DeliveryPlan), (MessageState, StatusCode, String)> {
        let initiator = self.initiators.get(&submission.initiator).ok_or_else(|| {
            let desc = format!("initiator {} is no longer known", submission.initiator);
            (MessageState::Rejected, StatusCode::Forbidden, desc)
        })?;
        let wishes = submission.quality_of_service.as_ref();
        let route = self
            .directory
            .route(&delivery.address, initiator, wishes)
            .map_err(|error| {
                (
                    MessageState::Undeliverable,
                    StatusCode::from(&error),
                    error.to_string(),
                )
            })?;
        let has_failed = |channel: &ChannelName| {
            failed
                .iter()
                .any(|(id, name)| *id == delivery.id && name == channel)
        };
        let is_up = |channel: &ChannelName| !has_failed(channel) && self.fleet.is_up(channel);
        let plan = routing::plan(&route, is_up).map_err(|error| {
            let (PlanError::NoneUp(down) | PlanError::RequiredDown(down)) = &error;
            let code = if down.iter().any(has_failed) {
                StatusCode::ServiceFailure
            } else {
                StatusCode::RequiredBearerNotAvailable
            };
            (MessageState::Undeliverable, code, error.to_string())
        })?;
        Ok((route, plan))
    }

    fn is_full(&self, plan: &DeliveryPlan, priority: Priority) -> bool {
        let desk = self.desk();
        priority != Priority::High
            && plan
                .channels
                .iter()
                .any(|planned| desk.live(&planned.channel) >= MAX_LIVE_OBJECTS)
    }

    /// Watches deliveries and hands their objects to the lanes.
    async fn begin(
        &self,
        submission: &Submission,
        transmissions: Vec<Transmission>,
        watches: Vec<(DeliveryId, bool)>,
    ) {
        for (delivery, one_of) in watches {
            let mut watch = Watch::new(delivery.clone(), one_of);
            for transmission in transmissions
                .iter()
                .filter(|transmission| transmission.delivery_id == delivery)
            {
                watch.add(transmission);
            }
            self.desk().watch(delivery, watch);
        }
        for together in by_object(transmissions) {
            self.put_on_air(&submission.id, &together).await;
        }
    }
}

/// Transmissions that are one object on the air: same channel, same TOI.
pub(super) fn by_object(transmissions: Vec<Transmission>) -> Vec<Vec<Transmission>> {
    let mut objects: Vec<Vec<Transmission>> = Vec::new();
    for transmission in transmissions {
        let same = objects.iter_mut().find(|object| {
            object.first().is_some_and(|first| {
                first.channel == transmission.channel && first.toi == transmission.toi
            })
        });
        match same {
            Some(object) => object.push(transmission),
            None => objects.push(vec![transmission]),
        }
    }
    objects
}

/// An object with its number.
#[derive(Clone)]
struct Numbered {
    toi: u32,
    epoch: i64,
    object: StoredObject,
}

/// What tells the encoded forms of one submission apart.
type FormKey = (Option<String>, Transform);

/// The transport objects of one submission: encoded once for each application id and form, cut and
/// numbered once for each channel.
struct Objects<'a> {
    core: &'a Core,
    submission: &'a Submission,
    now_ms: u64,
    encoded: HashMap<FormKey, Encoded>,
    cut: HashMap<(ChannelName, Option<String>), Numbered>,
}

impl Objects<'_> {
    async fn on(
        &mut self,
        channel: &Channel,
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

    fn transmission(
        &self,
        delivery: &Delivery,
        channel: &Channel,
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

fn new_transmission_id() -> TransmissionId {
    let id = uuid::Uuid::now_v7().to_string();
    id.parse().expect("a UUID is an identifier")
}
