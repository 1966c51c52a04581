//! Whether the interface of each channel can send: looked at now and then, read without waiting.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::model::ChannelName;

use super::Interface;

/// Between two looks. What breaks in between shows when the kernel refuses a burst.
pub const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// What a channel needs of the system.
#[derive(Debug)]
struct Link {
    interface: String,
    source: IpAddr,
    is_up: AtomicBool,
}

/// The links of all channels.
#[derive(Debug, Default)]
pub(super) struct Links(HashMap<ChannelName, Link>);

impl Links {
    /// A channel that sends from an address of an interface. It counts as up until the first look.
    pub(super) fn add(&mut self, channel: ChannelName, interface: String, source: IpAddr) {
        let link = Link {
            interface,
            source,
            is_up: AtomicBool::new(true),
        };
        self.0.insert(channel, link);
    }

    pub(super) fn is_up(&self, channel: &ChannelName) -> bool {
        let link = self.0.get(channel);
        link.is_some_and(|link| link.is_up.load(Ordering::Relaxed))
    }

    /// Looks at the interfaces that there are now.
    pub(super) fn look(&self) {
        match Interface::all() {
            Ok(interfaces) => self.compare(&interfaces),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "nobody knows which interfaces are up");
            }
        }
    }

    fn compare(&self, interfaces: &[Interface]) {
        for (channel, link) in &self.0 {
            let found = interfaces
                .iter()
                .find(|interface| interface.name == link.interface);
            let is_up =
                found.is_some_and(|interface| interface.is_up && interface.has(link.source));
            if link.is_up.swap(is_up, Ordering::Relaxed) == is_up {
                continue;
            }
            let Link {
                interface, source, ..
            } = link;
            if is_up {
                tracing::info!(channel.name = %channel, "channel {channel} is up again");
            } else {
                tracing::warn!(channel.name = %channel, interface, "channel {channel} is down: {interface} cannot send from {source}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_needs_its_interface_its_address_and_a_link() {
        let lab: ChannelName = "lab".parse().unwrap();
        let lo = Interface::find("lo").unwrap();
        let mut links = Links::default();
        links.add(lab.clone(), "lo".to_owned(), [127, 0, 0, 1].into());
        links.look();
        assert!(links.is_up(&lab));
        let dark = Interface {
            is_up: false,
            ..lo.clone()
        };
        let bare = Interface {
            v4: Vec::new(),
            ..lo.clone()
        };
        let other = Interface {
            name: "other".to_owned(),
            ..lo.clone()
        };
        for gone in [dark, bare, other] {
            links.compare(std::slice::from_ref(&gone));
            assert!(!links.is_up(&lab), "{gone:?}");
            links.compare(std::slice::from_ref(&lo));
            assert!(links.is_up(&lab));
        }
        assert!(!links.is_up(&"unknown".parse().unwrap()));
    }
}
