//! Definitions of channels: new ones, other ones, none. They are checked as the configuration file
//! is, and used from the next start on; what runs is not disturbed.

use std::collections::HashSet;

use super::state::Done;
use super::{Actor, ConsoleError};
use crate::cbc;
use crate::gateway::Gateway;
use crate::model::channel::ChannelError;
use crate::model::{
    Action, CbsChannel, Channel, ChannelName, FluteChannel, LaneName, LinkName, Workspace,
};
use crate::store::Steps;

/// A channel as a form has it.
pub type ChannelForm = Channel;

/// What a new channel can name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelChoices {
    /// Lanes that serve FLUTE channels.
    pub lanes: Vec<LaneName>,
    /// Links to Cell Broadcast Centres, by name.
    pub links: Vec<LinkName>,
}

impl Gateway {
    /// What a new channel can name. Needs `EditChannels`.
    pub async fn channel_choices(&self, actor: &Actor) -> Result<ChannelChoices, ConsoleError> {
        self.authorize(actor, Action::EditChannels).await?;
        let core = &self.inner.core;
        let mut links: Vec<LinkName> = core.links().names().cloned().collect();
        links.sort();
        let lanes = core.fleet().backends();
        Ok(ChannelChoices {
            lanes: lanes.map(|(name, _)| name.clone()).collect(),
            links,
        })
    }

    /// Stores a new channel, which belongs to the workspace. It is used from the next start on.
    /// Needs `EditChannels`.
    pub async fn create_channel(
        &self,
        actor: &Actor,
        form: ChannelForm,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditChannels).await?;
        let form = self.checked_channel(form).await?;
        let now_ms = self.inner.clock.unix_ms();
        let mut workspace = self.stored_workspace(actor).await?;
        workspace.channels.push(form.name().clone());
        let done = Done::new("create_channel", format!("channel {}", form.name()));
        let steps = Steps::default()
            .create_channel(&form, now_ms)?
            .change_workspace(&workspace, now_ms)?
            .audited(self.done(actor, done.after(&form)));
        let stored = self.commit(steps).await;
        stored.map_err(|error| error.taken("There is a channel of this name."))
    }

    async fn stored_workspace(&self, actor: &Actor) -> Result<Workspace, ConsoleError> {
        let mut all = self.all_workspaces().await?.into_iter();
        let found = all.find(|workspace| workspace.name == actor.workspace.name);
        found.ok_or(ConsoleError::NotFound { what: "workspace" })
    }

    /// A channel that the next start can use: what the types say, and what is around it.
    async fn checked_channel(&self, form: Channel) -> Result<Channel, ConsoleError> {
        match form {
            Channel::Cbs(cbs) => {
                let cbs = cbs.validated();
                let cbs = cbs.map_err(|error| ConsoleError::field(field_of(&error), error))?;
                self.check_link(&cbs)?;
                Ok(Channel::Cbs(cbs))
            }
            Channel::Flute(flute) => {
                let flute = flute.validated();
                let flute = flute.map_err(|error| ConsoleError::field(field_of(&error), error))?;
                self.check_lane(&flute)?;
                self.check_session(&flute).await?;
                Ok(Channel::Flute(flute))
            }
        }
    }

    /// The centre has to be configured, and to take what the channel would hand to it.
    fn check_link(&self, form: &CbsChannel) -> Result<(), ConsoleError> {
        let links = self.inner.core.links();
        let Some(link) = links.link(&form.link) else {
            let message = format!("There is no CBC link {}.", form.link);
            return Err(ConsoleError::field("link", message));
        };
        if let Some(what) = cbc::not_carried(form, link.spec().capabilities()) {
            return Err(ConsoleError::field("payload", what));
        }
        match cbc::wrong_word(&form.cap) {
            Some((key, word)) => {
                let message = format!("{word:?} is no word of CAP 1.2 for {key}.");
                Err(ConsoleError::field("channel", message))
            }
            None => Ok(()),
        }
    }

    fn check_lane(&self, form: &FluteChannel) -> Result<(), ConsoleError> {
        let Some(lane) = &form.lane else {
            return Ok(());
        };
        let mut known = self.inner.core.fleet().backends();
        match known.any(|(name, _)| name == lane) {
            true => Ok(()),
            false => {
                let message = format!("There is no lane {lane}.");
                Err(ConsoleError::field("lane", message))
            }
        }
    }

    /// Two channels cannot be one session: same group, port and TSI.
    async fn check_session(&self, form: &FluteChannel) -> Result<(), ConsoleError> {
        let session = |flute: &FluteChannel| (flute.group, flute.port, flute.tsi);
        let all = self.inner.store.channels().await?;
        let mut others = all.iter().filter_map(Channel::as_flute);
        let same =
            |other: &&FluteChannel| other.name != form.name && session(other) == session(form);
        match others.find(same) {
            Some(other) => {
                let message = format!("Channel {} has this group, port and TSI.", other.name);
                Err(ConsoleError::field("group", message))
            }
            None => Ok(()),
        }
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
        self.authorize(actor, Action::EditChannels).await?;
        let (before, _) = self.own_channel(actor, form.name()).await?;
        let form = self.checked_channel(form).await?;
        let done = Done::new("change_channel", format!("channel {}", form.name()));
        let steps = Steps::default()
            .change_channel(&form, seen_ms, self.inner.clock.unix_ms())?
            .audited(self.done(actor, done.before(&before).after(&form)));
        self.commit(steps).await?;
        Ok(self.inner.core.live_on(form.name()))
    }

    /// Deletes a channel, while no group or area uses it, nothing is on the air there, and it does
    /// not stand in the configuration file, which would bring it back. Its lane stops serving it at
    /// the next start. Needs `EditChannels`.
    pub async fn delete_channel(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditChannels).await?;
        let (before, _) = self.own_channel(actor, name).await?;
        let by = self.channel_users(name).await?;
        if !by.is_empty() {
            let what = format!("channel {name}");
            return Err(ConsoleError::InUse { what, by });
        }
        let mut workspace = self.stored_workspace(actor).await?;
        workspace.channels.retain(|channel| channel != name);
        let done = Done::new("delete_channel", format!("channel {name}"));
        let steps = Steps::default()
            .delete_channel(name.as_str())
            .delete_channel_mode(name)
            .change_workspace(&workspace, self.inner.clock.unix_ms())?
            .audited(self.done(actor, done.before(&before)));
        self.commit(steps).await
    }

    /// Channels that groups and areas may name: those that run now and are there at the next start.
    pub(super) async fn usable_channels(&self) -> Result<HashSet<ChannelName>, ConsoleError> {
        let stored = self.inner.store.channels().await?;
        let names = stored.iter().map(Channel::name);
        let running = names.filter(|name| self.directory().channel(name).is_some());
        Ok(running.cloned().collect())
    }
}

/// The key that an error is about.
const fn field_of(error: &ChannelError) -> &'static str {
    match error {
        ChannelError::Capability { error, .. } => error.key(),
        ChannelError::Family { .. } => "source",
        ChannelError::Group { .. } => "group",
        ChannelError::Language { .. } => "language",
        ChannelError::Range { key, .. } => key,
    }
}
