//! Channels: how they are, what operators ask of them, and their definitions.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::channel_status::{ChannelMode, ChannelStatus};
use crate::model::{Channel, ChannelName, SubmissionId};

/// A channel as a form has it.
pub type ChannelForm = Channel;

/// A channel with what is around it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelDetail {
    /// How it is.
    pub status: ChannelStatus,
    /// Its definition as stored; secrets are not in it.
    pub channel: Channel,
    /// Groups and areas that use it: it cannot be deleted while there are any.
    pub used_by: Vec<String>,
    /// When it was changed last, Unix ms.
    pub changed_ms: u64,
}

/// A test of a channel.
#[derive(Debug, Clone)]
pub struct Test {
    /// Which channel.
    pub channel: ChannelName,
    /// Why.
    pub reason: String,
}

/// A test that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestOutcome {
    /// The push that was submitted to the channel alone; its page shows how it gets on.
    pub submission: SubmissionId,
}

impl Gateway {
    /// The workspace's channels; with `ManageWorkspaces` all of them. Needs `See`.
    pub async fn channel_states(&self, actor: &Actor) -> Result<Vec<ChannelStatus>, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// One of them. Needs `See`.
    pub async fn channel(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<ChannelDetail, ConsoleError> {
        let _ = (actor, name);
        Err(ConsoleError::NotYet)
    }

    /// Pauses, drains or resumes a channel; the reason is demanded. It holds across restarts. What
    /// a pause ends is told: the number of objects that were on the air. Needs `OperateChannels`.
    pub async fn set_channel_mode(
        &self,
        actor: &Actor,
        name: &ChannelName,
        mode: ChannelMode,
        reason: &str,
    ) -> Result<u64, ConsoleError> {
        let _ = (actor, name, mode, reason);
        Err(ConsoleError::NotYet)
    }

    /// Sends a short test push on a channel of a test workspace. Refused in live workspaces, where
    /// only what was approved may leave. Needs `OperateChannels`.
    pub async fn test_channel(
        &self,
        actor: &Actor,
        test: Test,
    ) -> Result<TestOutcome, ConsoleError> {
        let _ = (actor, test);
        Err(ConsoleError::NotYet)
    }

    /// Stores a new channel, which belongs to the workspace. It is used from the next start on.
    /// Needs `EditChannels`.
    pub async fn create_channel(
        &self,
        actor: &Actor,
        form: ChannelForm,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, form);
        Err(ConsoleError::NotYet)
    }

    /// Changes a channel from the next start on; what runs is not disturbed. `seen_ms` is the time
    /// of change that the form showed. Returns how many objects are on the air there. Needs
    /// `EditChannels`.
    pub async fn change_channel(
        &self,
        actor: &Actor,
        form: ChannelForm,
        seen_ms: u64,
    ) -> Result<u64, ConsoleError> {
        let _ = (actor, form, seen_ms);
        Err(ConsoleError::NotYet)
    }

    /// Deletes a channel, while no group or area uses it and nothing is on the air there. Needs
    /// `EditChannels`.
    pub async fn delete_channel(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, name);
        Err(ConsoleError::NotYet)
    }
}
