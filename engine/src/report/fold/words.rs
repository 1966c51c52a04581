//! What is said of deliveries and transmissions.

use super::{Happened, Part, Watch};
use crate::model::{Bearer, ChannelName, MessageState, StatusCode, TransmissionState};

impl Watch {
    /// Who has sent it, where it is broadcast, and who has not.
    pub(super) fn described(&self) -> String {
        let out = || self.parts.iter().filter(|part| part.is_out());
        let mut desc = format!("Transmitted on {}", bearers(out()));
        for part in out() {
            if let Some(told) = &part.told {
                desc = format!("{desc}; {}: {told}", part.channel);
            }
        }
        let missing = self.missing();
        if !missing.is_empty() {
            desc = format!("{desc}; not on {}", missing.join(", "));
        }
        desc
    }

    /// Channels that have not sent it and will not.
    pub(super) fn missing(&self) -> Vec<&str> {
        let failed = self.parts.iter();
        let failed = failed.filter(|part| part.state.is_over() && !part.is_out());
        let down = self.left_out.iter().map(|planned| &planned.channel);
        let unable = self.unable.iter().map(|(planned, ..)| &planned.channel);
        let all = failed.map(|part| &part.channel).chain(down).chain(unable);
        all.map(ChannelName::as_str).collect()
    }

    /// Who has sent it and who has not.
    pub(super) fn tally(&self) -> String {
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
}

/// The last state of a transmission, and why.
pub(super) const fn ending(
    was: TransmissionState,
    happened: &Happened,
) -> (TransmissionState, &'static str) {
    match (was, happened) {
        (TransmissionState::Transmitted, Happened::Failed) => (
            TransmissionState::Ended,
            "ended early: a later pass could not be sent",
        ),
        (TransmissionState::Transmitted, _) => (TransmissionState::Ended, ""),
        (_, Happened::Expired) => (TransmissionState::Failed, "deliver-before passed first"),
        (_, Happened::Complete) => (TransmissionState::Failed, "stopped"),
        (_, Happened::Unknown) => (
            TransmissionState::Failed,
            "the centre did not say whether it took it",
        ),
        (_, _) => (TransmissionState::Failed, "it could not be sent"),
    }
}

/// The outcome of a delivery whose last demanded channel ended before its first complete pass, and
/// why.
pub(super) fn loss(bearer: Bearer, happened: &Happened) -> (MessageState, StatusCode, String) {
    match happened {
        Happened::Expired if bearer == Bearer::Cbs => (
            MessageState::Expired,
            StatusCode::ServiceFailure,
            "deliver-before passed before the centre took it; it was not broadcast".to_owned(),
        ),
        Happened::Expired => (
            MessageState::Expired,
            StatusCode::ServiceFailure,
            "deliver-before passed before the first pass was complete".to_owned(),
        ),
        Happened::Unknown => (
            MessageState::Timeout,
            StatusCode::ServiceFailure,
            "the centre did not say whether it took it; it may have been broadcast".to_owned(),
        ),
        Happened::Occupied(message_id) => (
            MessageState::Undeliverable,
            StatusCode::ServiceFailure,
            occupied(*message_id),
        ),
        Happened::Refused(why) => (
            MessageState::Undeliverable,
            StatusCode::ServiceFailure,
            why.clone(),
        ),
        Happened::Complete => (
            MessageState::Cancelled,
            StatusCode::Ok,
            "stopped before the first pass was complete".to_owned(),
        ),
        _ => (
            MessageState::Undeliverable,
            StatusCode::ServiceFailure,
            "the channel could not send it".to_owned(),
        ),
    }
}

/// What is said of a message identifier that somebody else uses.
pub(super) fn occupied(message_id: u16) -> String {
    format!("message identifier {message_id} is in use at the centre by somebody else")
}

fn bearers<'a>(parts: impl Iterator<Item = &'a Part>) -> String {
    let mut names: Vec<&str> = parts.map(|part| part.bearer.as_str()).collect();
    names.dedup();
    names.join(" and ")
}
