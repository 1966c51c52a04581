//! What lanes report, folded into what deliveries became. Pure.
//!
//! A delivery is `delivered` the moment every channel that its group demands has left its first
//! complete pass; what comes later changes reports, never the outcome. A demanded channel that
//! fails before its first octet gives the next channel of a `first` group its chance; otherwise
//! the delivery is undeliverable. It is too where a demanded channel was not up when it was planned:
//! that is told once the others have sent, and names them.

mod happened;
mod words;

use crate::model::{
    Bearer, ChannelName, DeliveryId, MessageState, Outcome, Planned, StatusCode, Transmission,
    TransmissionId, TransmissionState,
};
use crate::store::Change;
pub use happened::{FollowUp, Happened};
use words::{ending, loss};

/// One channel of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    transmission: TransmissionId,
    channel: ChannelName,
    bearer: Bearer,
    required: bool,
    state: TransmissionState,
    first_packet: bool,
    /// Where it is broadcast, as far as that is told.
    told: Option<String>,
}

impl Part {
    /// Its first complete pass has left.
    const fn is_out(&self) -> bool {
        matches!(
            self.state,
            TransmissionState::Transmitted | TransmissionState::Ended
        )
    }

    /// Nothing more will happen to it: what is stored of that.
    fn end(&mut self, happened: &Happened, at_ms: u64) -> Change {
        let was = self.state;
        let (state, desc) = ending(was, happened);
        self.state = state;
        let desc = match happened {
            Happened::Refused(why) if was == TransmissionState::OnAir => why.clone(),
            Happened::Occupied(message_id) => words::occupied(*message_id),
            _ => desc.to_owned(),
        };
        Change::Ended {
            transmission: self.transmission.clone(),
            state,
            desc,
            at_ms,
        }
    }
}

/// A delivery on the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    delivery: DeliveryId,
    parts: Vec<Part>,
    /// Channels that should carry it and were not up.
    left_out: Vec<Planned>,
    /// Channels that should carry it and cannot: the code for that, and why.
    unable: Vec<(Planned, StatusCode, String)>,
    concluded: bool,
    /// It was delivered by what this process saw.
    was_delivered: bool,
    /// It was on the air in an earlier process, and what lanes told last may be lost.
    resumed: bool,
    /// The group asks for one channel only, so another may take over.
    one_of: bool,
}

impl Watch {
    /// Watches the transmissions of a pending delivery.
    pub fn new(delivery: DeliveryId, one_of: bool) -> Self {
        Self {
            delivery,
            parts: Vec::new(),
            left_out: Vec::new(),
            unable: Vec::new(),
            concluded: false,
            was_delivered: false,
            resumed: false,
            one_of,
        }
    }

    /// Without channels that should carry it too and are not up.
    #[must_use]
    pub fn without(self, left_out: Vec<Planned>) -> Self {
        Self { left_out, ..self }
    }

    /// Without channels that cannot carry it, and why.
    #[must_use]
    pub fn unable(self, unable: Vec<(Planned, StatusCode, String)>) -> Self {
        Self { unable, ..self }
    }

    /// The delivery.
    pub const fn delivery(&self) -> &DeliveryId {
        &self.delivery
    }

    /// It was on the air already when the last process ended.
    pub const fn resume(&mut self) {
        self.resumed = true;
    }

    /// Adds a transmission.
    pub fn add(&mut self, transmission: &Transmission) {
        self.parts.push(Part {
            transmission: transmission.id.clone(),
            channel: transmission.channel.clone(),
            bearer: transmission.bearer,
            required: transmission.required,
            state: transmission.state,
            first_packet: transmission.first_packet_ms.is_some(),
            told: Some(transmission.desc.clone()).filter(|desc| !desc.is_empty()),
        });
    }

    /// The lane gave a transmission back before its first packet. Whoever withdrew it has stored
    /// that together with the outcome.
    pub fn withdraw(&mut self, transmission: &TransmissionId) {
        for part in &mut self.parts {
            if part.transmission == *transmission && !part.state.is_over() {
                part.state = TransmissionState::Withdrawn;
            }
        }
    }

    /// The delivery's outcome is known already.
    pub const fn conclude(&mut self) {
        self.concluded = true;
    }

    /// What is said of it stays as it is.
    pub const fn say_no_more(&mut self) {
        self.was_delivered = false;
    }

    /// A packet of it has left on some channel, or may have: after a restart nobody knows better.
    pub fn was_sent(&self) -> bool {
        self.resumed
            || self
                .parts
                .iter()
                .any(|part| part.first_packet || part.is_out())
    }

    /// The same, on a channel that cannot take it off the air again.
    pub fn was_multicast(&self) -> bool {
        let mut parts = self.parts.iter().filter(|part| part.bearer != Bearer::Cbs);
        parts.any(|part| self.resumed || part.first_packet || part.is_out())
    }

    /// No lane has anything left to do for it.
    pub fn is_over(&self) -> bool {
        self.parts.iter().all(|part| part.state.is_over())
    }

    /// Takes in what happened to a transmission; what is to be stored is appended to `changes`.
    pub fn fold(
        &mut self,
        transmission: &TransmissionId,
        happened: &Happened,
        at_ms: u64,
        changes: &mut Vec<Change>,
    ) -> FollowUp {
        let is_alone = self.is_alone(transmission);
        let mut parts = self.parts.iter_mut();
        let Some(part) = parts.find(|part| part.transmission == *transmission) else {
            return FollowUp::None;
        };
        if part.state.is_over() {
            return FollowUp::None;
        }
        let transmission = transmission.clone();
        match happened {
            Happened::FirstPacket => {
                part.first_packet = true;
                changes.push(Change::FirstPacket {
                    transmission,
                    at_ms,
                });
            }
            Happened::PassDone(passes_done) => {
                changes.push(Change::PassDone {
                    transmission: transmission.clone(),
                    passes_done: *passes_done,
                });
                if part.state == TransmissionState::OnAir {
                    part.state = TransmissionState::Transmitted;
                    changes.push(Change::Transmitted {
                        transmission,
                        at_ms,
                    });
                    changes.extend(self.settled(at_ms));
                }
            }
            Happened::Told(what) => {
                part.told = Some(what.clone());
                self.tell(transmission, what, changes);
            }
            Happened::Waits(why) => {
                let desc = match why.is_empty() {
                    true => String::new(),
                    false => format!("waits: {}: {why}", part.channel),
                };
                if part.required && !self.concluded {
                    let delivery = self.delivery.clone();
                    changes.push(Change::Wait { delivery, desc });
                }
            }
            Happened::Occupied(message_id) if is_alone && !self.concluded => {
                // Nothing was done: the push begins anew, with another identifier.
                part.state = TransmissionState::Withdrawn;
                changes.push(Change::Ended {
                    transmission,
                    state: part.state,
                    desc: words::occupied(*message_id),
                    at_ms,
                });
                return FollowUp::Replan;
            }
            Happened::Complete
            | Happened::Expired
            | Happened::Failed
            | Happened::Occupied(_)
            | Happened::Refused(_)
            | Happened::Unknown => {
                let was = part.state;
                changes.push(part.end(happened, at_ms));
                if was != TransmissionState::Transmitted {
                    return self.lost(&transmission, happened, at_ms, changes);
                }
            }
        }
        FollowUp::None
    }

    /// No other channel has sent it or may still do so.
    fn is_alone(&self, transmission: &TransmissionId) -> bool {
        let others = self.parts.iter();
        let mut others = others.filter(|part| part.transmission != *transmission);
        others.all(|part| part.state.is_over() && !part.is_out())
    }

    /// More is known of a transmission, and perhaps of a delivery that was delivered.
    fn tell(&self, transmission: TransmissionId, what: &str, changes: &mut Vec<Change>) {
        changes.push(Change::Noted {
            transmission,
            desc: what.to_owned(),
        });
        if self.was_delivered {
            changes.push(Change::Describe {
                delivery: self.delivery.clone(),
                desc: self.described(),
            });
        }
    }

    /// The outcome once no channel is waited for any more.
    fn settled(&mut self, at_ms: u64) -> Option<Change> {
        if self.concluded {
            None
        } else if self.is_incomplete() {
            self.incomplete(at_ms)
        } else {
            self.delivered(at_ms)
        }
    }

    /// A demanded channel was not up, or cannot carry it.
    fn is_incomplete(&self) -> bool {
        let unable = self.unable.iter().map(|(planned, ..)| planned);
        let mut missing = self.left_out.iter().chain(unable);
        missing.any(|planned| planned.required)
    }

    /// The outcome once every demanded channel is transmitted.
    fn delivered(&mut self, at_ms: u64) -> Option<Change> {
        let mut demanded = self.parts.iter().filter(|part| part.required);
        if !demanded.all(Part::is_out) {
            return None;
        }
        let mut out = self.parts.iter().filter(|part| part.is_out());
        let bearer = out.find(|part| part.required).map(|part| part.bearer);
        self.was_delivered = true;
        Some(self.concluded_by(Outcome {
            state: MessageState::Delivered,
            code: StatusCode::Ok,
            desc: self.described(),
            event_ms: at_ms,
            bearer,
        }))
    }

    /// The outcome where a demanded channel was not up, once the others are through.
    fn incomplete(&mut self, at_ms: u64) -> Option<Change> {
        let is_through = |part: &Part| part.is_out() || part.state.is_over();
        if !self.parts.iter().all(is_through) {
            return None;
        }
        let required = self.left_out.iter().filter(|planned| planned.required);
        let names: Vec<&str> = required.map(|planned| planned.channel.as_str()).collect();
        let mut unable = self.unable.iter().filter(|(planned, ..)| planned.required);
        let (code, why) = match unable.next() {
            Some((planned, code, why)) => (*code, format!("{}: {why}", planned.channel)),
            None => (
                StatusCode::RequiredBearerNotAvailable,
                format!("required channel not up: {}", names.join(", ")),
            ),
        };
        let desc = format!("{why}; {}", self.tally());
        let out = self.parts.iter().find(|part| part.is_out());
        let bearer = out.map(|part| part.bearer);
        Some(self.concluded_by(Outcome {
            state: MessageState::Undeliverable,
            code,
            desc,
            event_ms: at_ms,
            bearer,
        }))
    }

    /// A transmission ended before its first pass was complete.
    fn lost(
        &mut self,
        transmission: &TransmissionId,
        happened: &Happened,
        at_ms: u64,
        changes: &mut Vec<Change>,
    ) -> FollowUp {
        let Some(part) = self
            .parts
            .iter()
            .find(|part| part.transmission == *transmission)
        else {
            return FollowUp::None;
        };
        if self.concluded {
            return FollowUp::None;
        }
        if !part.required || self.is_incomplete() {
            changes.extend(self.settled(at_ms));
            return FollowUp::None;
        }
        // What a CBC refused is not on the air, though it was asked.
        let is_unsent = match happened {
            Happened::Failed => !part.first_packet,
            Happened::Occupied(_) | Happened::Refused(_) => true,
            _ => false,
        };
        if is_unsent && self.one_of {
            return FollowUp::Replan;
        }
        let (state, code, desc) = loss(part.bearer, happened);
        let mut desc = format!("{}: {desc}", part.channel);
        if self.parts.len() + self.left_out.len() + self.unable.len() > 1 {
            desc = format!("{desc}; {}", self.tally());
        }
        let bearer = Some(part.bearer).filter(|_| part.first_packet);
        let change = self.concluded_by(Outcome {
            state,
            code,
            desc,
            event_ms: at_ms,
            bearer,
        });
        changes.push(change);
        FollowUp::None
    }

    fn concluded_by(&mut self, outcome: Outcome) -> Change {
        self.concluded = true;
        Change::Deliver {
            delivery: self.delivery.clone(),
            outcome,
        }
    }
}

#[cfg(test)]
mod tests;
