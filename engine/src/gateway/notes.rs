//! What an initiator is told of how its submission got on, where it asks for that (PAP 8.3): what
//! its addresses mean, which channels are chosen for each, and what was replaced.

use crate::model::{Address, ChannelName, Deliver};
use crate::pap::response::ProgressNote;
use crate::routing::{Directory, Route};

/// Addresses whose channels are told one by one; a push-response stays short.
const MAX_SELECTIONS: usize = 64;

/// Notes on one submission.
#[derive(Debug)]
pub(super) struct Notes {
    wanted: bool,
    addresses: usize,
    selections: Vec<String>,
}

impl Notes {
    pub(super) const fn new(wanted: bool, addresses: usize) -> Self {
        Self {
            wanted,
            addresses,
            selections: Vec::new(),
        }
    }

    /// The channels for an address, as they are now: a push that is due later may go another way.
    pub(super) fn routed(
        &mut self,
        directory: &Directory,
        address: &Address,
        route: &Route,
        is_up: impl Fn(&ChannelName) -> bool,
    ) {
        if !self.wanted || self.selections.len() >= MAX_SELECTIONS {
            return;
        }
        let channels = directory.named(&route.channels);
        let channels: Vec<String> = channels
            .map(|channel| {
                let state = if is_up(channel.name()) {
                    ""
                } else {
                    ", not up"
                };
                format!("{} ({}{state})", channel.name(), channel.bearer().as_str())
            })
            .collect();
        let channels = channels.join(match route.deliver {
            Deliver::All => " and ",
            Deliver::First => ", else ",
        });
        self.selections
            .push(format!("{}: {channels}", address.raw()));
    }

    /// A channel that cannot carry it, for a reason that does not decide about the push.
    pub(super) fn unable(&mut self, address: &Address, channel: &ChannelName, why: &str) {
        if self.wanted && self.selections.len() < MAX_SELECTIONS {
            let note = format!("{}: not on {channel}: {why}", address.raw());
            self.selections.push(note);
        }
    }

    /// What is told of a submission that was taken in. `cancelled` counts the addresses whose
    /// older push it cancelled, if it replaces one.
    pub(super) fn told(self, cancelled: Option<usize>, time_ms: u64) -> Vec<ProgressNote> {
        if !self.wanted {
            return Vec::new();
        }
        let addresses = self.addresses;
        let more = addresses.saturating_sub(self.selections.len());
        let mut notes = vec![(
            "addressing",
            format!("{addresses} of {addresses} addresses resolved"),
        )];
        let selections = self.selections.into_iter();
        notes.extend(selections.map(|selection| ("bearer-selection", selection)));
        if more > 0 {
            let note = format!("{more} more addresses are not listed");
            notes.push(("bearer-selection", note));
        }
        notes.extend(cancelled.map(|cancelled| {
            let note = format!("replaced push cancelled for {cancelled} of {addresses} addresses");
            ("replacement", note)
        }));
        let noted = |(stage, note): (&str, String)| ProgressNote {
            stage: stage.to_owned(),
            note: Some(note),
            time_ms: Some(time_ms),
        };
        notes.into_iter().map(noted).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lab() -> (Address, Route) {
        let address = Address::group(&"lab".parse().unwrap(), "ppg").unwrap();
        let route = Route {
            channels: Vec::new(),
            deliver: Deliver::First,
            required: Vec::new(),
            application_id: None,
            areas: Vec::new(),
        };
        (address, route)
    }

    #[test]
    fn nothing_is_told_to_those_who_do_not_ask() {
        let (address, route) = lab();
        let mut notes = Notes::new(false, 1);
        notes.routed(&Directory::default(), &address, &route, |_| true);
        assert!(notes.told(Some(1), 0).is_empty());
    }

    #[test]
    fn many_addresses_are_not_told_one_by_one() {
        let (address, route) = lab();
        let mut notes = Notes::new(true, 1000);
        for _ in 0..1000 {
            notes.routed(&Directory::default(), &address, &route, |_| true);
        }
        let told = notes.told(None, 7);
        assert_eq!(told.len(), 1 + MAX_SELECTIONS + 1);
        let last = told.last().unwrap();
        assert_eq!(
            last.note.as_deref(),
            Some("936 more addresses are not listed")
        );
        assert_eq!(last.time_ms, Some(7));
    }
}
