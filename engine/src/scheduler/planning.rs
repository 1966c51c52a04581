//! Planning one claimed submission: routes, objects, numbers, commit, lanes.

use std::collections::HashSet;

use crate::model::{
    ChannelName, Deliver, Delivery, DeliveryId, MessageState, Outcome, Priority, StatusCode,
    Submission, SubmissionId, Transmission, TransmissionState,
};
use crate::ota::flute::PrepareError;
use crate::report::fold::Watch;
use crate::routing::{self, DeliveryPlan, PlanError, Route};
use crate::store::{Claimed, Plan, StoreError};

use super::confinement::Confinement;
use super::objects::Objects;
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
pub(super) struct Draft {
    pub(super) transmissions: Vec<Transmission>,
    /// Deliveries that end here.
    pub(super) outcomes: Vec<(DeliveryId, Outcome)>,
    /// Deliveries that go on the air.
    pub(super) watches: Vec<Watch>,
}

/// What planning came to.
pub(super) enum Drafted {
    /// An operator has closed a channel that it needs: it waits until the channel opens again.
    Closed,
    /// It can be stored.
    Draft(Draft),
    /// A channel has too much to do.
    Full,
}

/// Why a delivery has no way now.
enum NoWay {
    /// An operator has closed a channel that it needs.
    Closed,
    /// It ends so.
    Ended(MessageState, StatusCode, String),
}

/// What waits for a closed channel is looked at again after a while that grows to a minute: whoever
/// opens the channel wakes it up.
fn closed_wait_ms(attempt: u32) -> u64 {
    1_000 << attempt.min(6)
}

/// What was made of a submission before, and what it is confined to.
#[derive(Default)]
pub(super) struct Earlier {
    confinement: Option<Confinement>,
    failed: Vec<(DeliveryId, ChannelName)>,
    on_air: HashSet<DeliveryId>,
}

impl Earlier {
    fn repeated(&self, transmission: Transmission) -> Transmission {
        match &self.confinement {
            Some(confinement) => confinement.repeat(transmission),
            None => transmission,
        }
    }

    fn has_failed(&self, delivery: &Delivery, channel: &ChannelName) -> bool {
        let same = |(id, name): &(DeliveryId, ChannelName)| *id == delivery.id && name == channel;
        self.failed.iter().any(same)
    }
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
        // What is claimed for the first time was never planned.
        let earlier = match claim.attempt {
            1 => Earlier::default(),
            _ => self.earlier(&submission).await?,
        };
        let earlier = Earlier {
            confinement: self.confinement(&submission).await?,
            ..earlier
        };
        let draft = self.draft(&submission, &pending, &earlier, now_ms).await?;
        let draft = match draft {
            Drafted::Draft(draft) => draft,
            Drafted::Full => {
                self.queue.waits(now_ms);
                self.store.requeue(claim, now_ms + FULL_RETRY_MS).await?;
                return Ok(());
            }
            Drafted::Closed => {
                let wait_ms = closed_wait_ms(claim.attempt);
                self.store.requeue(claim, now_ms + wait_ms).await?;
                return Ok(());
            }
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
        let due_ms = submission.due_ms().max(submission.received_ms);
        self.begin(&submission.id, due_ms, transmissions, watches)
            .await;
        drop(held);
        // Old and new must not stay on the air together because the store was away for a moment.
        loop {
            let superseded = self.supersede(&submission.id, &submission.lineage).await;
            if self.settle(superseded).await?.is_some() {
                return Ok(());
            }
        }
    }

    /// What becomes of each pending delivery.
    pub(super) async fn draft(
        &self,
        submission: &Submission,
        pending: &[Delivery],
        earlier: &Earlier,
        now_ms: u64,
    ) -> Result<Drafted, PlanningError> {
        let mut draft = Draft {
            transmissions: Vec::new(),
            outcomes: Vec::new(),
            watches: Vec::new(),
        };
        let mut objects = Objects::new(self, submission, now_ms);
        for delivery in pending {
            if earlier.on_air.contains(&delivery.id) {
                // Another address of the push is planned again.
                continue;
            }
            let (route, plan) = match self.ways(submission, delivery, earlier) {
                Ok(ways) => ways,
                Err(NoWay::Closed) => return Ok(Drafted::Closed),
                Err(NoWay::Ended(state, code, desc)) => {
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
                return Ok(Drafted::Full);
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
                    ..earlier.repeated(transmission)
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
            let one_of = route.deliver == Deliver::First;
            let watch = Watch::new(delivery.id.clone(), one_of);
            draft.watches.push(watch.without(plan.left_out));
        }
        Ok(Drafted::Draft(draft))
    }

    /// Where parts of the submission are on the air, and where they have failed.
    async fn earlier(&self, submission: &Submission) -> Result<Earlier, StoreError> {
        let mut earlier = Earlier::default();
        for transmission in self
            .store
            .transmissions_of_submission(&submission.id)
            .await?
        {
            let (delivery, channel) = (transmission.delivery_id, transmission.channel);
            if !transmission.state.is_over() {
                earlier.on_air.insert(delivery);
            } else if transmission.state == TransmissionState::Failed {
                earlier.failed.push((delivery, channel));
            }
        }
        Ok(earlier)
    }

    /// Route and channels of a delivery, or how it ends without.
    fn ways(
        &self,
        submission: &Submission,
        delivery: &Delivery,
        earlier: &Earlier,
    ) -> Result<(Route, DeliveryPlan), NoWay> {
        let initiator = self.initiators.get(&submission.initiator).ok_or_else(|| {
            let desc = format!("initiator {} is no longer known", submission.initiator);
            NoWay::Ended(MessageState::Rejected, StatusCode::Forbidden, desc)
        })?;
        let wishes = submission.quality_of_service.as_ref();
        let route = self
            .directory
            .route(&delivery.address, initiator, wishes)
            .and_then(|route| match &earlier.confinement {
                Some(confinement) => {
                    confinement.narrow(&self.directory, &route, delivery.address.raw())
                }
                None => Ok(route),
            })
            .map_err(|error| {
                NoWay::Ended(
                    MessageState::Undeliverable,
                    StatusCode::from(&error),
                    error.to_string(),
                )
            })?;
        let has_failed = |channel: &ChannelName| earlier.has_failed(delivery, channel);
        let is_up = |channel: &ChannelName| !has_failed(channel) && self.takes(channel);
        let mut closed = route.channels.iter().filter(|name| self.is_closed(name));
        let waits = match route.deliver {
            Deliver::All => closed.any(|name| route.required.contains(name)),
            Deliver::First => !route.channels.iter().any(is_up) && closed.next().is_some(),
        };
        if waits {
            return Err(NoWay::Closed);
        }
        let plan = routing::plan(&route, is_up).map_err(|error| {
            let PlanError::NoneUp(down) = &error;
            if !down.iter().any(has_failed) {
                let code = StatusCode::RequiredBearerNotAvailable;
                return NoWay::Ended(MessageState::Undeliverable, code, error.to_string());
            }
            let why = |channel: &ChannelName| match has_failed(channel) {
                true => format!("{channel} could not send it"),
                false => format!("{channel} is not up"),
            };
            let desc = down.iter().map(why).collect::<Vec<_>>().join(", ");
            let code = StatusCode::ServiceFailure;
            NoWay::Ended(MessageState::Undeliverable, code, desc)
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

    /// Watches deliveries and hands their objects to the lanes. `due_ms` is since when they may be
    /// sent.
    pub(super) async fn begin(
        &self,
        submission: &SubmissionId,
        due_ms: u64,
        transmissions: Vec<Transmission>,
        watches: Vec<Watch>,
    ) {
        for mut watch in watches {
            let delivery = watch.delivery().clone();
            for transmission in transmissions
                .iter()
                .filter(|transmission| transmission.delivery_id == delivery)
            {
                watch.add(transmission);
            }
            self.desk().watch(delivery, watch);
        }
        for together in by_object(transmissions) {
            self.put_on_air(submission, &together, Some(due_ms)).await;
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
