//! Links to Cell Broadcast Centres: how they are, and holding them back.
//!
//! A link belongs to whoever owns its channels, and channels of several workspaces may share one:
//! whoever pauses it must be allowed to operate channels in each of these.

use super::channels::checked_reason;
use super::state::Done;
use super::{Actor, ConsoleError};
use crate::cbc::{Link, OUTCOMES};
use crate::gateway::Gateway;
use crate::model::event::What;
use crate::model::link_status::{LinkMode, LinkStatus};
use crate::model::{Action, ChannelName, LinkName, Workspace};
use crate::store::{LinkModeRow, Steps};

const MISSING: ConsoleError = ConsoleError::NotFound { what: "CBC link" };

impl Gateway {
    /// Links that channels of the workspace use; administrators see all of them. Needs `See`.
    pub async fn link_states(&self, actor: &Actor) -> Result<Vec<LinkStatus>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let modes = self.inner.store.link_modes().await?;
        let links = self.inner.core.links();
        let mut names: Vec<&LinkName> = links.names().collect();
        names.sort();
        let seen = names.into_iter().filter_map(|name| {
            let channels = self.channels_over(name);
            let link = links.link(name)?;
            is_seen(actor, &channels).then(|| {
                let row = modes.iter().find(|row| row.link == *name);
                status(link, channels, row)
            })
        });
        Ok(seen.collect())
    }

    /// Holds a link back, or lets it go on; the reason is demanded. It holds across restarts.
    /// Nothing that is on the air ends by it, see [`LinkMode`]. Needs `OperateChannels` in each
    /// workspace that has a channel on this link.
    pub async fn set_link_mode(
        &self,
        actor: &Actor,
        name: &LinkName,
        mode: LinkMode,
        reason: &str,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::OperateChannels).await?;
        let channels = self.channels_over(name);
        let links = self.inner.core.links();
        let link = links.link(name).filter(|_| is_seen(actor, &channels));
        let link = link.ok_or(MISSING)?;
        let owners = self.owners(&channels).await?;
        self.operates(actor, &owners).await?;
        let row = LinkModeRow {
            link: name.clone(),
            mode,
            since_ms: self.inner.clock.unix_ms(),
            by: actor.name().clone(),
            reason: checked_reason(reason)?,
        };
        let was_paused = link.stats().is_paused();
        let before = match was_paused {
            true => LinkMode::Paused,
            false => LinkMode::Open,
        };
        let action = match mode {
            LinkMode::Open => "resume_link",
            LinkMode::Paused => "pause_link",
        };
        let after = (mode, &row.reason);
        let done = Done::new(action, format!("CBC link {name}"));
        let steps = Steps::default()
            .set_link_mode(&row)
            .audited(self.done(actor, done.before(&before).after(&after)));
        // Held back before it is stored, so that nothing new slips out; let go after.
        if mode == LinkMode::Paused {
            link.pause(true).await;
        }
        if let Err(error) = self.inner.store.commit(steps).await {
            link.pause(was_paused).await;
            return Err(ConsoleError::of(error));
        }
        link.pause(mode == LinkMode::Paused).await;
        self.inner.signals.due.notify_one();
        self.tell_channels(&owners, &channels);
        Ok(())
    }

    /// The channels that send over a link.
    fn channels_over(&self, name: &LinkName) -> Vec<ChannelName> {
        let all = self.directory().cbs_channels();
        let over = all.filter(|channel| channel.link == *name);
        over.map(|channel| channel.name.clone()).collect()
    }

    async fn owners(&self, channels: &[ChannelName]) -> Result<Vec<Workspace>, ConsoleError> {
        let mut all = self.all_workspaces().await?;
        all.retain(|workspace| channels.iter().any(|name| workspace.owns(name)));
        Ok(all)
    }

    /// Whether somebody may operate channels in all of these workspaces.
    async fn operates(&self, actor: &Actor, owners: &[Workspace]) -> Result<(), ConsoleError> {
        let may = |open: &Workspace| actor.user.may(Action::OperateChannels, &open.name);
        if owners.iter().all(may) {
            return Ok(());
        }
        let action = Action::OperateChannels;
        self.refused(actor, action.as_str(), "other_workspace")
            .await?;
        Err(ConsoleError::Forbidden(action))
    }

    /// Channels of a link are up or down by what was asked of it.
    fn tell_channels(&self, owners: &[Workspace], channels: &[ChannelName]) {
        let core = &self.inner.core;
        for workspace in owners {
            for name in channels.iter().filter(|name| workspace.owns(name)) {
                let what = What::Channel {
                    name: name.clone(),
                    mode: core.modes().of(name),
                    up: core.is_up(name),
                };
                self.tell(Some(&workspace.name), what);
            }
        }
    }
}

fn is_seen(actor: &Actor, channels: &[ChannelName]) -> bool {
    let mut channels = channels.iter();
    actor.user.is_administrator() || channels.any(|name| actor.workspace.owns(name))
}

fn status(link: &Link, channels: Vec<ChannelName>, row: Option<&LinkModeRow>) -> LinkStatus {
    let (spec, stats) = (link.spec(), link.stats());
    LinkStatus {
        name: spec.name.clone(),
        url: spec.url.clone(),
        speaks: spec.capabilities().name.to_owned(),
        channels,
        mode: row.map_or(LinkMode::Open, |row| row.mode),
        mode_since_ms: row.map(|row| row.since_ms),
        mode_by: row.map(|row| row.by.clone()),
        mode_reason: row.map_or_else(String::new, |row| row.reason.clone()),
        up: stats.is_up(),
        alerts: stats.alerts(),
        queue: spec.queue as u64,
        unknown: stats.unknown(),
        answered_ms: stats.answered_ms(),
        requests: OUTCOMES
            .map(str::to_owned)
            .into_iter()
            .zip(stats.requests())
            .collect(),
    }
}
