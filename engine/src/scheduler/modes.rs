//! What operators ask of channels: open, draining, paused.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::model::channel_status::ChannelMode;
use crate::model::link_status::LinkMode;
use crate::model::{ChannelName, Delivery};

use crate::store::{Change, StoreError};

use super::runner::Core;

/// What was asked of each channel; a channel that is not named is open.
#[derive(Debug, Default)]
pub struct Modes(RwLock<HashMap<ChannelName, ChannelMode>>);

impl Modes {
    /// What is asked of a channel.
    pub fn of(&self, channel: &ChannelName) -> ChannelMode {
        let modes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        modes.get(channel).copied().unwrap_or_default()
    }

    /// Asks something of a channel.
    pub fn set(&self, channel: ChannelName, mode: ChannelMode) {
        let mut modes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        modes.insert(channel, mode);
    }
}

/// What waits for a closed channel is looked at again after a while that grows to a minute: whoever
/// opens the channel wakes it up.
pub(super) fn closed_wait_ms(attempt: u32) -> u64 {
    1_000 << attempt.min(6)
}

impl Core {
    /// What was asked before this process began.
    pub(super) async fn restore_modes(&self) -> Result<(), StoreError> {
        for row in self.store.channel_modes().await? {
            self.modes.set(row.channel, row.mode);
        }
        for row in self.store.link_modes().await? {
            if let Some(link) = self.links.link(&row.link) {
                link.pause(row.mode == LinkMode::Paused).await;
            }
        }
        Ok(())
    }

    /// What operators ask of channels.
    pub const fn modes(&self) -> &Modes {
        &self.modes
    }

    /// A channel can send and may be given something new.
    pub fn takes(&self, channel: &ChannelName) -> bool {
        self.modes.of(channel) == ChannelMode::Open && self.is_up(channel)
    }

    /// A channel may be given something although its centre cannot be reached for the moment.
    pub(super) fn holds(&self, channel: &ChannelName) -> bool {
        self.modes.of(channel) == ChannelMode::Open && self.links.is_away(channel)
    }

    /// A channel could send if an operator had not closed it or its link: what waits for it is not lost.
    pub(super) fn is_closed(&self, channel: &ChannelName) -> bool {
        self.modes.of(channel) != ChannelMode::Open || self.links.is_paused(channel)
    }

    /// Ends everything on the air on a channel: carousels with their next packet, Cell Broadcast by
    /// killing its pages. Returns how many objects that were; what is ending already does not count.
    pub async fn stop_channel(&self, channel: &ChannelName) -> Result<u64, StoreError> {
        let objects = self.desk().on_channel(channel);
        self.end(&objects).await
    }

    /// Objects on the air on a channel.
    pub fn live_on(&self, channel: &ChannelName) -> u64 {
        self.desk().live(channel) as u64
    }

    /// Says of deliveries why they are pending still, for whoever asks.
    pub(super) async fn waits(&self, pending: &[Delivery], why: &str) -> Result<(), StoreError> {
        let news = pending.iter().filter(|delivery| delivery.desc != why);
        let changes = news.map(|delivery| Change::Wait {
            delivery: delivery.id.clone(),
            desc: why.to_owned(),
        });
        let changes: Vec<Change> = changes.collect();
        if !changes.is_empty() {
            self.store.conclude(changes).await?;
        }
        Ok(())
    }
}
