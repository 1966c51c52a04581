//! What lanes report, folded into what deliveries became. Pure.
//!
//! A delivery is `delivered` the moment every channel that its group demands has left its first
//! complete pass; what comes later changes reports, never the outcome. A demanded channel that
//! fails before its first octet gives the next channel of a `first` group its chance; otherwise
//! the delivery is undeliverable. It is too where a demanded channel was not up when it was planned:
//! that is told once the others have sent, and names them.

use crate::model::{
    Bearer, ChannelName, DeliveryId, MessageState, Outcome, Planned, StatusCode, Transmission,
    TransmissionId, TransmissionState,
};
use crate::store::Change;

/// What a lane said of a transmission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// Its carousel is over: all passes, or stopped.
    Complete,
    /// Its window closed.
    Expired,
    /// It cannot be sent.
    Failed,
    /// Its first packet left.
    FirstPacket,
    /// So many passes are complete.
    PassDone(u32),
}

/// What has to be done beside storing the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUp {
    /// Nothing.
    None,
    /// Plan the delivery again: another channel may carry it.
    Replan,
}

/// One channel of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    transmission: TransmissionId,
    channel: ChannelName,
    bearer: Bearer,
    required: bool,
    state: TransmissionState,
    first_packet: bool,
}

impl Part {
    /// Its first complete pass has left.
    const fn is_out(&self) -> bool {
        matches!(
            self.state,
            TransmissionState::Transmitted | TransmissionState::Ended
        )
    }
}

/// A delivery on the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    delivery: DeliveryId,
    parts: Vec<Part>,
    /// Channels that should carry it and were not up.
    left_out: Vec<Planned>,
    concluded: bool,
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
            concluded: false,
            resumed: false,
            one_of,
        }
    }

    /// Without channels that should carry it too and are not up.
    #[must_use]
    pub fn without(self, left_out: Vec<Planned>) -> Self {
        Self { left_out, ..self }
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

    /// A packet of it has left on some channel, or may have: after a restart nobody knows better.
    pub fn was_sent(&self) -> bool {
        self.resumed
            || self
                .parts
                .iter()
                .any(|part| part.first_packet || part.is_out())
    }

    /// No lane has anything left to do for it.
    pub fn is_over(&self) -> bool {
        self.parts.iter().all(|part| part.state.is_over())
    }

    /// Takes in what happened to a transmission; what is to be stored is appended to `changes`.
    pub fn fold(
        &mut self,
        transmission: &TransmissionId,
        happened: Happened,
        at_ms: u64,
        changes: &mut Vec<Change>,
    ) -> FollowUp {
        let Some(part) = self
            .parts
            .iter_mut()
            .find(|part| part.transmission == *transmission)
        else {
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
                FollowUp::None
            }
            Happened::PassDone(passes_done) => {
                changes.push(Change::PassDone {
                    transmission: transmission.clone(),
                    passes_done,
                });
                if part.state == TransmissionState::OnAir {
                    part.state = TransmissionState::Transmitted;
                    changes.push(Change::Transmitted {
                        transmission,
                        at_ms,
                    });
                    changes.extend(self.settled(at_ms));
                }
                FollowUp::None
            }
            Happened::Complete | Happened::Expired | Happened::Failed => {
                let was = part.state;
                let (state, desc) = ending(was, happened);
                part.state = state;
                let desc = desc.to_owned();
                changes.push(Change::Ended {
                    transmission: transmission.clone(),
                    state,
                    desc,
                    at_ms,
                });
                if was == TransmissionState::Transmitted {
                    return FollowUp::None;
                }
                self.lost(&transmission, happened, at_ms, changes)
            }
        }
    }

    /// The outcome once no channel is waited for any more.
    fn settled(&mut self, at_ms: u64) -> Option<Change> {
        if self.concluded {
            None
        } else if self.left_out.iter().any(|planned| planned.required) {
            self.incomplete(at_ms)
        } else {
            self.delivered(at_ms)
        }
    }

    /// The outcome once every demanded channel is transmitted.
    fn delivered(&mut self, at_ms: u64) -> Option<Change> {
        let mut demanded = self.parts.iter().filter(|part| part.required);
        if !demanded.all(Part::is_out) {
            return None;
        }
        let out = || self.parts.iter().filter(|part| part.is_out());
        let bearer = out().find(|part| part.required).map(|part| part.bearer);
        let mut desc = format!("Transmitted on {}", bearers(out()));
        let missing = self.missing();
        if !missing.is_empty() {
            desc = format!("{desc}; not on {}", missing.join(", "));
        }
        Some(self.concluded_by(Outcome {
            state: MessageState::Delivered,
            code: StatusCode::Ok,
            desc,
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
        let desc = format!(
            "required channel not up: {}; {}",
            names.join(", "),
            self.tally()
        );
        let out = self.parts.iter().find(|part| part.is_out());
        let bearer = out.map(|part| part.bearer);
        Some(self.concluded_by(Outcome {
            state: MessageState::Undeliverable,
            code: StatusCode::RequiredBearerNotAvailable,
            desc,
            event_ms: at_ms,
            bearer,
        }))
    }

    /// Channels that have not sent it and will not.
    fn missing(&self) -> Vec<&str> {
        let failed = self.parts.iter();
        let failed = failed.filter(|part| part.state.is_over() && !part.is_out());
        let down = self.left_out.iter().map(|planned| &planned.channel);
        let all = failed.map(|part| &part.channel).chain(down);
        all.map(ChannelName::as_str).collect()
    }

    /// Who has sent it and who has not.
    fn tally(&self) -> String {
        let named = |is: fn(&Part) -> bool| -> Vec<&str> {
            let parts = self.parts.iter().filter(|part| is(part));
            parts.map(|part| part.channel.as_str()).collect()
        };
        let all = [
            ("sent on", named(Part::is_out)),
            (
                "begun on",
                named(|part| !part.is_out() && !part.state.is_over()),
            ),
            ("not sent on", self.missing()),
        ];
        let told = all.iter().filter(|(_, names)| !names.is_empty());
        told.map(|(what, names)| format!("{what} {}", names.join(", ")))
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// A transmission ended before its first pass was complete.
    fn lost(
        &mut self,
        transmission: &TransmissionId,
        happened: Happened,
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
        if !part.required || self.left_out.iter().any(|planned| planned.required) {
            changes.extend(self.settled(at_ms));
            return FollowUp::None;
        }
        if happened == Happened::Failed && self.one_of && !part.first_packet {
            return FollowUp::Replan;
        }
        let (state, code, desc) = match happened {
            Happened::Expired => (
                MessageState::Expired,
                StatusCode::ServiceFailure,
                "deliver-before passed before the first pass was complete",
            ),
            Happened::Complete => (
                MessageState::Cancelled,
                StatusCode::Ok,
                "stopped before the first pass was complete",
            ),
            _ => (
                MessageState::Undeliverable,
                StatusCode::ServiceFailure,
                "the channel could not send it",
            ),
        };
        let mut desc = format!("{}: {desc}", part.channel);
        if self.parts.len() + self.left_out.len() > 1 {
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

/// The last state of a transmission, and why.
const fn ending(was: TransmissionState, happened: Happened) -> (TransmissionState, &'static str) {
    match (was, happened) {
        (TransmissionState::Transmitted, Happened::Failed) => (
            TransmissionState::Ended,
            "ended early: a later pass could not be sent",
        ),
        (TransmissionState::Transmitted, _) => (TransmissionState::Ended, ""),
        (_, Happened::Expired) => (TransmissionState::Failed, "deliver-before passed first"),
        (_, Happened::Complete) => (TransmissionState::Failed, "stopped"),
        (_, _) => (TransmissionState::Failed, "it could not be sent"),
    }
}

fn bearers<'a>(parts: impl Iterator<Item = &'a Part>) -> String {
    let mut names: Vec<&str> = parts.map(|part| part.bearer.as_str()).collect();
    names.dedup();
    names.join(" and ")
}

#[cfg(test)]
mod tests;
