//! Planning one claimed submission: routes, objects, numbers, commit, lanes.

use crate::cbc::Booking;
use crate::content::outgoing::TransformError;
use crate::model::{
    CbsMessage, Channel, ChannelName, Deliver, Delivery, DeliveryId, MessageState, Outcome,
    Priority, StatusCode, Submission, SubmissionId, Transmission,
};
use crate::ota::flute::PrepareError;
use crate::report::fold::Watch;
use crate::routing::{self, DeliveryPlan, PlanError, Route};
use crate::store::{Claimed, Plan, StoreError};

use super::broadcasts::{Attempted, Broadcasts, Unable, Ways};
use super::earlier::Earlier;
use super::modes::closed_wait_ms;
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
#[derive(Default)]
pub(super) struct Draft {
    pub(super) transmissions: Vec<Transmission>,
    pub(super) messages: Vec<CbsMessage>,
    /// Places of the messages at their centres.
    pub(super) bookings: Vec<Booking>,
    /// Deliveries that end here.
    pub(super) outcomes: Vec<(DeliveryId, Outcome)>,
    /// Deliveries that go on the air.
    pub(super) watches: Vec<Watch>,
}

impl Draft {
    /// A delivery goes nowhere.
    fn end(&mut self, delivery: &Delivery, (state, code, desc): Ending, now_ms: u64) {
        let outcome = Outcome {
            state,
            code,
            desc,
            event_ms: now_ms,
            bearer: None,
        };
        self.outcomes.push((delivery.id.clone(), outcome));
    }

    /// What a channel cannot be given is not sent on the others either.
    fn end_unsendable(&mut self, delivery: &Delivery, error: &TransformError, now_ms: u64) {
        let state = MessageState::Undeliverable;
        let code = StatusCode::TransformationFailure;
        self.end(delivery, (state, code, error.to_string()), now_ms);
    }
}

/// What planning came to.
pub(super) enum Drafted {
    /// An operator has closed this channel, which it needs: it waits until the channel opens again.
    Closed(ChannelName),
    /// It can be stored.
    Draft(Draft),
    /// A channel has too much to do, and this is what.
    Full(String),
}

/// How a delivery ends without going anywhere.
pub(super) type Ending = (MessageState, StatusCode, String);

/// Why a delivery has no way now.
pub(super) enum NoWay {
    /// An operator has closed a channel that it needs.
    Closed(ChannelName),
    /// It ends so.
    Ended(Ending),
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
            Drafted::Full(why) => {
                self.waits(&pending, &format!("waits: {why}")).await?;
                self.store.requeue(claim, now_ms + FULL_RETRY_MS).await?;
                return Ok(());
            }
            Drafted::Closed(channel) => {
                let wait_ms = closed_wait_ms(claim.attempt);
                let why = format!("waits: an operator holds channel {channel} or its link back");
                self.waits(&pending, &why).await?;
                self.store.requeue(claim, now_ms + wait_ms).await?;
                return Ok(());
            }
        };
        // What it waited for is there.
        self.waits(&pending, "").await?;
        let Draft {
            transmissions,
            messages,
            bookings,
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
                messages: messages.clone(),
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
        keep_places(bookings, &messages, &transmissions);
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
        let mut draft = Draft::default();
        let mut objects = Objects::new(self, submission, now_ms);
        let broadcasts = Broadcasts::new(self, submission, now_ms);
        let mut broadcasts = broadcasts.repeated(earlier.repetition());
        for delivery in pending {
            if earlier.on_air.contains(&delivery.id) {
                // Another address of the push is planned again.
                continue;
            }
            let Ways {
                route,
                plan,
                unable,
            } = match broadcasts.ways(delivery, earlier).await? {
                Attempted::Goes(ways) => *ways,
                Attempted::Closed(channel) => return Ok(Drafted::Closed(channel)),
                Attempted::Waits(why) => return Ok(Drafted::Full(why)),
                Attempted::Ends(how) => {
                    draft.end(delivery, how, now_ms);
                    continue;
                }
            };
            if self.is_full(&plan, submission.priority()) {
                self.queue.waits(now_ms);
                let why = "its channel has as much on the air as it may";
                return Ok(Drafted::Full(why.to_owned()));
            }
            let planned_before = draft.transmissions.len();
            let mut unsendable = None;
            for planned in &plan.channels {
                let Some(channel) = self.directory.channel(&planned.channel) else {
                    continue;
                };
                let required = planned.required;
                let channel = match channel {
                    Channel::Flute(channel) => channel,
                    Channel::Cbs(channel) => {
                        let made = broadcasts.transmission(delivery, channel, &route);
                        draft
                            .transmissions
                            .extend(made.map(|sent| Transmission { required, ..sent }));
                        continue;
                    }
                };
                let numbered = match objects.on(channel, route.application_id.as_ref()).await {
                    Err(PlanningError::Prepare(PrepareError::Transform(error))) => {
                        unsendable = Some(error);
                        break;
                    }
                    numbered => numbered?,
                };
                let transmission = objects.transmission(delivery, channel, numbered);
                draft.transmissions.push(Transmission {
                    required,
                    ..earlier.repeated(transmission)
                });
            }
            if let Some(error) = unsendable {
                draft.transmissions.truncate(planned_before);
                draft.end_unsendable(delivery, &error, now_ms);
                continue;
            }
            let one_of = route.deliver == Deliver::First;
            let watch = Watch::new(delivery.id.clone(), one_of);
            let watch = watch.without(plan.left_out).unable(unable);
            draft.watches.push(watch);
        }
        (draft.messages, draft.bookings) = broadcasts.finish();
        Ok(Drafted::Draft(draft))
    }

    /// Route and channels of a delivery, or how it ends without. Those that cannot carry it count as
    /// down.
    pub(super) fn ways(
        &self,
        submission: &Submission,
        delivery: &Delivery,
        earlier: &Earlier,
        unable: &[Unable],
    ) -> Result<(Route, DeliveryPlan), NoWay> {
        let initiator = self.initiators.get(&submission.initiator).ok_or_else(|| {
            let desc = format!("initiator {} is no longer known", submission.initiator);
            NoWay::Ended((MessageState::Rejected, StatusCode::Forbidden, desc))
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
                NoWay::Ended((
                    MessageState::Undeliverable,
                    StatusCode::from(&error),
                    error.to_string(),
                ))
            })?;
        let has_failed = |channel: &ChannelName| earlier.has_failed(delivery, channel);
        let is_able = |channel: &ChannelName| {
            let mut unable = unable.iter();
            unable.all(|(planned, ..)| planned.channel != *channel)
        };
        let can_take =
            |channel: &ChannelName| !has_failed(channel) && is_able(channel) && self.takes(channel);
        // A centre that is away is no reason to fail: its link asks as long as the push lives. Where
        // one channel is enough, one that can send now goes before.
        let may_wait = match route.deliver {
            Deliver::All => true,
            Deliver::First => !route.channels.iter().any(can_take),
        };
        let is_up = |channel: &ChannelName| {
            let holds = || !has_failed(channel) && is_able(channel) && self.holds(channel);
            can_take(channel) || (may_wait && holds())
        };
        let mut closed = route.channels.iter().filter(|name| self.is_closed(name));
        let waits_for = match route.deliver {
            Deliver::All => closed.find(|name| route.required.contains(name)),
            Deliver::First if route.channels.iter().any(is_up) => None,
            Deliver::First => closed.next(),
        };
        if let Some(channel) = waits_for {
            return Err(NoWay::Closed(channel.clone()));
        }
        let plan = routing::plan(&route, is_up).map_err(|error| {
            let PlanError::NoneUp(down) = &error;
            if !down.iter().any(has_failed) {
                let code = StatusCode::RequiredBearerNotAvailable;
                return NoWay::Ended((MessageState::Undeliverable, code, error.to_string()));
            }
            let why = |channel: &ChannelName| match earlier.why(delivery, channel) {
                Some("") => format!("{channel} could not send it"),
                Some(why) => format!("{channel}: {why}"),
                None => format!("{channel} is not up"),
            };
            let desc = down.iter().map(why).collect::<Vec<_>>().join(", ");
            let code = StatusCode::ServiceFailure;
            NoWay::Ended((MessageState::Undeliverable, code, desc))
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

/// Keeps the places of messages that are stored; the others are free again.
pub(super) fn keep_places(
    bookings: Vec<Booking>,
    messages: &[CbsMessage],
    stored: &[Transmission],
) {
    let is_stored = |booking: &Booking| {
        let message = messages.iter().find(|message| message.id == booking.id());
        message.is_some_and(|message| {
            let mut sent = stored.iter();
            sent.any(|sent| sent.channel == message.channel && sent.toi == message.toi)
        })
    };
    let stored = bookings.into_iter().filter(is_stored);
    stored.for_each(Booking::keep);
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
