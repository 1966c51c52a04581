//! The Cell Broadcast messages of one submission: made and numbered once for each channel and place.

use std::collections::HashMap;
use std::time::Duration;

use crate::cbc::{self, Booking, DraftError, NoRoom, Part, Unsendable};
use crate::content::Source;
use crate::model::channel::WhenBusy;
use crate::model::transmission::{CarouselPlan, StoredObject};
use crate::model::{
    AreaName, Bearer, Body, CbsChannel, CbsMessage, ChannelName, Deliver, Delivery, Planned,
    ServiceArea, StatusCode, Submission, Transmission, TransmissionState,
};
use crate::routing::{DeliveryPlan, Route};
use crate::store::StoreError;

use super::earlier::Earlier;
use super::objects::new_transmission_id;
use super::planning::{Ending, NoWay, PlanningError};
use super::runner::Core;

/// A channel that cannot carry a delivery: what is said of that, and why.
pub(super) type Unable = (Planned, StatusCode, String);

/// Where a delivery goes.
pub(super) struct Ways {
    pub(super) route: Route,
    pub(super) plan: DeliveryPlan,
    /// Channels that should carry it and cannot.
    pub(super) unable: Vec<Unable>,
}

/// What came of an attempt to plan a delivery.
pub(super) enum Attempted {
    /// It waits until an operator opens this channel.
    Closed(ChannelName),
    /// How it ends without.
    Ends(Ending),
    /// It waits for room, and this is why.
    Waits(String),
    /// Where it goes.
    Goes(Box<Ways>),
}

/// What came of a channel.
enum Attempt {
    Ready,
    Unable(StatusCode, String),
    /// It would have room later, and why not now.
    Waits(String),
}

/// Messages are one object where channel, place and application are the same.
type Key = (ChannelName, Vec<AreaName>, Option<String>);

/// The messages of one submission.
pub(super) struct Broadcasts<'a> {
    core: &'a Core,
    submission: &'a Submission,
    now_ms: u64,
    /// Time between two broadcasts, where the push says so and not the channel.
    repetition: Option<Duration>,
    made: HashMap<Key, Vec<CbsMessage>>,
    bookings: Vec<Booking>,
}

impl Core {
    /// Whether a channel can broadcast content in the areas of a route, as far as that is known
    /// without asking anybody.
    pub fn can_broadcast(
        &self,
        channel: &CbsChannel,
        route: &Route,
        source: &Source<'_>,
    ) -> Result<(), (StatusCode, String)> {
        self.parts(channel, route, source)?;
        self.place(channel, route)?;
        Ok(())
    }

    fn parts(
        &self,
        channel: &CbsChannel,
        route: &Route,
        source: &Source<'_>,
    ) -> Result<Vec<Part>, (StatusCode, String)> {
        let parts = cbc::parts(channel, source, route.application_id.as_deref());
        parts.map_err(|error| (StatusCode::from(&error), error.to_string()))
    }

    /// Where a route goes, as the channel's centre can say it.
    fn place(
        &self,
        channel: &CbsChannel,
        route: &Route,
    ) -> Result<Vec<pushcast_cbs::area::Area>, (StatusCode, String)> {
        let Some(capabilities) = self.links.capabilities(&channel.name) else {
            let why = format!("CBC {} is not configured", channel.link);
            return Err((StatusCode::RequiredBearerNotAvailable, why));
        };
        let areas = route.areas.iter();
        let areas: Vec<ServiceArea> = areas.filter_map(|name| self.directory.area(name)).collect();
        let areas: Vec<&ServiceArea> = areas.iter().collect();
        cbc::place(&areas, capabilities).map_err(|error| {
            let names: Vec<&str> = route.areas.iter().map(AreaName::as_str).collect();
            let why = format!("{} cannot be reached: {error}", names.join(", "));
            (StatusCode::AddressError, why)
        })
    }
}

impl From<&Unsendable> for StatusCode {
    /// PAP 8.13.
    fn from(error: &Unsendable) -> Self {
        match error {
            Unsendable::Transform(error) => error.into(),
            Unsendable::Charset { .. }
            | Unsendable::Indication { .. }
            | Unsendable::MediaType { .. }
            | Unsendable::Multipart
            | Unsendable::Push(_)
            | Unsendable::Text { .. }
            | Unsendable::TooLong { .. } => Self::TransformationFailure,
        }
    }
}

impl<'a> Broadcasts<'a> {
    pub(super) fn new(core: &'a Core, submission: &'a Submission, now_ms: u64) -> Self {
        Self {
            core,
            submission,
            now_ms,
            repetition: None,
            made: HashMap::new(),
            bookings: Vec::new(),
        }
    }

    /// With another time between two broadcasts than the channel's, until the push is over.
    pub(super) fn repeated(self, repetition: Option<Duration>) -> Self {
        Self { repetition, ..self }
    }

    /// Route and channels of a delivery, with the messages for those of Cell Broadcast. Where one
    /// channel is enough and it cannot carry the push, the next one is looked at.
    pub(super) async fn ways(
        &mut self,
        delivery: &Delivery,
        earlier: &Earlier,
    ) -> Result<Attempted, PlanningError> {
        let mut unable: Vec<Unable> = Vec::new();
        loop {
            let found = self.core.ways(self.submission, delivery, earlier, &unable);
            let (route, mut plan) = match (found, unable.first()) {
                (Ok(found), _) => found,
                (Err(NoWay::Closed(name)), _) => return Ok(Attempted::Closed(name)),
                (Err(NoWay::Ended(_)), Some((planned, code, why))) => {
                    let desc = format!("{}: {why}", planned.channel);
                    return Ok(Attempted::Ends((
                        crate::model::MessageState::Undeliverable,
                        *code,
                        desc,
                    )));
                }
                (Err(NoWay::Ended(ends)), None) => return Ok(Attempted::Ends(ends)),
            };
            let mut waiting = None;
            let before = unable.len();
            for planned in &plan.channels {
                let channel = self.core.directory.channel(&planned.channel);
                let Some(channel) = channel.and_then(|channel| channel.as_cbs()) else {
                    continue;
                };
                match self.attempt(channel, &route).await? {
                    Attempt::Ready => {}
                    // Others are not to wait for this one.
                    Attempt::Waits(why) if plan.channels.len() == 1 => {
                        waiting = Some(format!("{}: {why}", planned.channel));
                    }
                    Attempt::Waits(why) => {
                        unable.push((planned.clone(), StatusCode::ServiceFailure, why));
                    }
                    Attempt::Unable(code, why) => unable.push((planned.clone(), code, why)),
                }
            }
            if let Some(why) = waiting {
                return Ok(Attempted::Waits(why));
            }
            if unable.len() > before && route.deliver == Deliver::First {
                continue;
            }
            let is_unable = |channel: &ChannelName| {
                let mut unable = unable.iter();
                unable.any(|(planned, ..)| planned.channel == *channel)
            };
            plan.channels.retain(|planned| !is_unable(&planned.channel));
            if plan.channels.is_empty() {
                // The reason of the first stands for all.
                continue;
            }
            if route.deliver == Deliver::First {
                // The one that carries it is enough.
                unable.clear();
            }
            return Ok(Attempted::Goes(Box::new(Ways {
                route,
                plan,
                unable,
            })));
        }
    }

    async fn attempt(
        &mut self,
        channel: &CbsChannel,
        route: &Route,
    ) -> Result<Attempt, PlanningError> {
        let key = key(channel, route);
        if self.made.contains_key(&key) {
            return Ok(Attempt::Ready);
        }
        let core = self.core;
        let is_full = core
            .links
            .of(&channel.name)
            .is_some_and(|link| link.stats().alerts() >= link.spec().queue as u64);
        if is_full {
            let why = format!("the queue of CBC {} is full", channel.link);
            return Ok(Attempt::Waits(why));
        }
        let source = Source::of(self.submission);
        let parts = core.parts(channel, route, &source);
        let found = parts.and_then(|parts| Ok((parts, core.place(channel, route)?)));
        let (parts, areas) = match found {
            Ok(found) => found,
            Err((code, why)) => return Ok(Attempt::Unable(code, why)),
        };
        let Some(capabilities) = core.links.capabilities(&channel.name) else {
            let why = format!("CBC {} is not configured", channel.link);
            return Ok(Attempt::Unable(StatusCode::RequiredBearerNotAvailable, why));
        };
        let names: Vec<&str> = route.areas.iter().map(AreaName::as_str).collect();
        let wanted = cbc::Wanted {
            channel,
            capabilities,
            submission: self.submission,
            parts,
            areas,
            area_names: match names.is_empty() {
                true => "the whole network".to_owned(),
                false => names.join(", "),
            },
            earlier: self.earlier(channel).await?,
            repetition: self.repetition,
            now_ms: self.now_ms,
        };
        let mut numbers = core.cbs_numbers.lock().await;
        let draft = cbc::draft(&wanted, &core.store, &mut numbers, &core.bookings).await;
        let failure = StatusCode::ServiceFailure;
        match draft {
            Ok(draft) => {
                self.bookings.extend(draft.bookings);
                self.made.insert(key, draft.messages);
                Ok(Attempt::Ready)
            }
            Err(DraftError::Store(error)) => Err(error.into()),
            Err(DraftError::NoRoom(error @ NoRoom::Identifiers))
                if channel.when_busy == WhenBusy::Wait =>
            {
                Ok(Attempt::Waits(error.to_string()))
            }
            Err(error) => Ok(Attempt::Unable(failure, error.to_string())),
        }
    }

    /// The messages whose place those of this push take: of pushes that it replaces, where every
    /// address that they serve is replaced.
    async fn earlier(&self, channel: &CbsChannel) -> Result<Vec<CbsMessage>, StoreError> {
        let (core, submission) = (self.core, self.submission);
        if submission.lineage.replaces.is_none() {
            return Ok(Vec::new());
        }
        for old in core.store.predecessors_on_air(&submission.id).await? {
            let mut messages = cbc::open_messages(&core.store, &old, channel).await?;
            let Some(toi) = messages.first().map(|message| message.toi) else {
                continue;
            };
            messages.retain(|message| message.toi == toi);
            let deliveries = core.store.deliveries(&old).await?;
            let transmissions = core.store.transmissions_of_submission(&old).await?;
            let of_object = transmissions
                .iter()
                .filter(|sent| sent.channel == channel.name && sent.toi == toi);
            let is_replaced = |sent: &Transmission| {
                let old = deliveries.iter().find(|one| one.id == sent.delivery_id);
                old.is_some_and(|old| {
                    let mut addresses = submission.addresses.iter();
                    addresses.any(|address| address.key() == old.address.key())
                })
            };
            if of_object.clone().all(is_replaced) {
                return Ok(messages);
            }
        }
        Ok(Vec::new())
    }

    /// A delivery on a channel whose messages were made.
    pub(super) fn transmission(
        &self,
        delivery: &Delivery,
        channel: &CbsChannel,
        route: &Route,
    ) -> Option<Transmission> {
        let messages = self.made.get(&key(channel, route))?;
        let first = messages.first()?;
        let interval = self.repetition;
        let interval = interval.unwrap_or(Duration::from_secs(channel.repetition_s.into()));
        let content = &self.submission.content;
        let bytes = match &content.body {
            Body::Inline(octets) => octets.len() as u64,
            Body::File { bytes, .. } => *bytes,
        };
        Some(Transmission {
            id: new_transmission_id(),
            delivery_id: delivery.id.clone(),
            channel: channel.name.clone(),
            bearer: Bearer::Cbs,
            required: true,
            priority: self.submission.priority(),
            toi: first.toi,
            epoch: first.epoch,
            object: StoredObject {
                sha256: first.pages_sha256,
                transfer_bytes: bytes,
                content_bytes: bytes,
                gzip: false,
                content_md5: [0; 16],
                fec_encoding_id: 0,
                oti: Vec::new(),
                content_location: String::new(),
                content_type: content.content_type.clone(),
                octets: Some(Vec::new().into()),
            },
            plan: CarouselPlan {
                passes: None,
                delay_ms: 0,
                interval_ms: u64::try_from(interval.as_millis()).ok(),
                until_ms: self.submission.deliver_before_ms,
                repair_percent: 0,
            },
            state: TransmissionState::OnAir,
            passes_done: 0,
            planned_ms: self.now_ms,
            first_packet_ms: None,
            transmitted_ms: None,
            ended_ms: None,
            desc: String::new(),
        })
    }

    /// Every message, and the places that are to be kept once they are stored.
    pub(super) fn finish(self) -> (Vec<CbsMessage>, Vec<Booking>) {
        let messages = self.made.into_values().flatten().collect();
        (messages, self.bookings)
    }
}

fn key(channel: &CbsChannel, route: &Route) -> Key {
    (
        channel.name.clone(),
        route.areas.clone(),
        route.application_id.clone(),
    )
}
