//! All links, found by channel.

use std::collections::HashMap;

use pushcast_cbs::cbep::Capabilities;
use pushcast_flute::sender::ObjectKey;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::model::{CbsChannel, ChannelName, LinkName};

use super::event::Event;
use super::link::{Alert, Back, Full, Link};
use super::spec::{LinkSpec, LinkSpecError};
use super::stats::LinkStats;

/// The links, and which channel uses which.
#[derive(Debug, Default)]
pub struct Links {
    links: HashMap<LinkName, Link>,
    by_channel: HashMap<ChannelName, LinkName>,
}

impl Links {
    /// Starts every link. A channel whose link is not configured is never up.
    pub fn start<'a>(
        specs: &[LinkSpec],
        channels: impl Iterator<Item = &'a CbsChannel>,
        clock: &Clock,
        events: &mpsc::Sender<Event>,
    ) -> Result<Self, LinkSpecError> {
        let mut links = HashMap::new();
        for spec in specs {
            let link = Link::start(spec.clone(), clock.clone(), events.clone())?;
            tracing::info!(cbc.name = %spec.name, "CBC {} is spoken to by {} at {}", spec.name, spec.capabilities().name, spec.url);
            links.insert(spec.name.clone(), link);
        }
        let mut by_channel = HashMap::new();
        for channel in channels {
            if !links.contains_key(&channel.link) {
                tracing::warn!(channel.name = %channel.name, "channel {} names CBC {}, which is not configured", channel.name, channel.link);
            }
            by_channel.insert(channel.name.clone(), channel.link.clone());
        }
        Ok(Self { links, by_channel })
    }

    /// The link of a channel.
    pub fn of(&self, channel: &ChannelName) -> Option<&Link> {
        self.links.get(self.by_channel.get(channel)?)
    }

    /// A link by name.
    pub fn link(&self, name: &LinkName) -> Option<&Link> {
        self.links.get(name)
    }

    /// Names of the links that channels use, each once.
    pub fn names(&self) -> impl Iterator<Item = &LinkName> {
        self.links.keys()
    }

    /// Counters and state of every link, in the order of their names.
    pub fn stats(&self) -> Vec<(&LinkName, &LinkStats)> {
        let mut stats: Vec<_> = self
            .links
            .iter()
            .map(|(name, link)| (name, link.stats()))
            .collect();
        stats.sort_by_key(|(name, _)| *name);
        stats
    }

    /// Whether it is a Cell Broadcast channel.
    pub fn has(&self, channel: &ChannelName) -> bool {
        self.by_channel.contains_key(channel)
    }

    /// The channel's centre answers and nobody holds it back.
    pub fn is_up(&self, channel: &ChannelName) -> bool {
        self.of(channel).is_some_and(Link::is_up)
    }

    /// The channel's centre cannot be reached and nobody holds its link back: what the link is given
    /// waits there until the centre is back.
    pub fn is_away(&self, channel: &ChannelName) -> bool {
        self.of(channel)
            .is_some_and(|link| !link.stats().is_up() && !link.stats().is_paused())
    }

    /// A person holds the channel's link back.
    pub fn is_paused(&self, channel: &ChannelName) -> bool {
        self.of(channel)
            .is_some_and(|link| link.stats().is_paused())
    }

    /// What the channel's centre can do.
    pub fn capabilities(&self, channel: &ChannelName) -> Option<&'static Capabilities> {
        self.of(channel).map(|link| link.spec().capabilities())
    }

    /// Hands an alert over.
    pub async fn add(&self, channel: &ChannelName, alert: Alert) -> Result<(), LinkRefusal> {
        let link = self.of(channel);
        let link = link.ok_or_else(|| LinkRefusal::NoLink(channel.clone()))?;
        Ok(link.add(alert).await?)
    }

    /// Asks for an alert back. `None` if it is not there any more.
    pub async fn withdraw(&self, channel: &ChannelName, alert: ObjectKey) -> Option<Back> {
        self.of(channel)?.withdraw(alert).await
    }

    /// Takes an alert off the air.
    pub async fn stop(&self, channel: &ChannelName, alert: ObjectKey) {
        if let Some(link) = self.of(channel) {
            link.stop(alert).await;
        }
    }
}

/// An alert that cannot be handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// The link has too much to do.
    #[error(transparent)]
    Full(#[from] Full),
    /// The channel's link is not configured.
    #[error("the CBC of channel {0} is not configured")]
    NoLink(ChannelName),
}
