//! What operators ask of channels: open, draining, paused.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::model::ChannelName;
use crate::model::channel_status::ChannelMode;

use crate::store::StoreError;

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

impl Core {
    /// What operators ask of channels.
    pub const fn modes(&self) -> &Modes {
        &self.modes
    }

    /// A channel can send and may be given something new.
    pub fn takes(&self, channel: &ChannelName) -> bool {
        self.modes.of(channel) == ChannelMode::Open && self.is_up(channel)
    }

    /// A channel could send if an operator had not closed it: what waits for it is not lost.
    pub(super) fn is_closed(&self, channel: &ChannelName) -> bool {
        self.modes.of(channel) != ChannelMode::Open
    }

    /// Ends everything on the air on a channel: carousels with their next packet, Cell Broadcast by
    /// killing its pages. Returns how many objects that were.
    pub async fn stop_channel(&self, channel: &ChannelName) -> Result<u64, StoreError> {
        let objects = self.desk().on_channel(channel);
        self.end(&objects).await?;
        Ok(objects.len() as u64)
    }

    /// Objects on the air on a channel.
    pub fn live_on(&self, channel: &ChannelName) -> u64 {
        self.desk().live(channel) as u64
    }
}
