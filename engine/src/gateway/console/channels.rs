//! Channels: how they are, what operators ask of them, and their definitions.

use super::state::{Done, secret_hash};
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::gateway::submit::{deliveries, new_id};
use crate::model::alert::MAX_REASON_BYTES;
use crate::model::channel_status::{ChannelMode, ChannelStatus};
use crate::model::event::What;
use crate::model::initiator::CONSOLE;
use crate::model::submission::{Authentication, PapVersion};
use crate::model::{
    Action, Address, Body, Channel, ChannelName, Content, Lineage, Mode, Submission, SubmissionId,
    Workspace,
};
use crate::store::{Approving, ChannelModeRow, ConsolePart, Dated, Directive, Part, Steps};

/// A test is over after so long, ms.
const TEST_MS: u64 = 60_000;

/// A channel with what is around it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelDetail {
    /// How it is.
    pub status: ChannelStatus,
    /// Its definition as stored; secrets are not in it.
    pub channel: Channel,
    /// Groups and areas that use it, objects on the air, the configuration file: it cannot be
    /// deleted while there is any.
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
    /// The workspace's channels; administrators see all of them. Needs `See`.
    pub async fn channel_states(&self, actor: &Actor) -> Result<Vec<ChannelStatus>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let all = self.channel_statuses().await?;
        let is_seen = |status: &ChannelStatus| {
            actor.workspace.owns(&status.name) || actor.user.is_administrator()
        };
        Ok(all.into_iter().filter(is_seen).collect())
    }

    /// How every channel is, those included that are used from the next start on.
    pub(super) async fn channel_statuses(&self) -> Result<Vec<ChannelStatus>, ConsoleError> {
        let stored = self.inner.store.channels().await?;
        let modes = self.inner.store.channel_modes().await?;
        let workspaces = self.all_workspaces().await?;
        let stats = self.inner.core.fleet().stats();
        let status = |channel: &Channel| {
            let running = self.directory().channel(channel.name());
            let mode = modes.iter().find(|row| row.channel == *channel.name());
            let sent = stats
                .iter()
                .find(|(_, stats)| stats.channel == *channel.name());
            let sent = sent.map(|(_, stats)| stats);
            let packets = sent.map(|stats| stats.session.packets.iter().sum());
            let bytes = sent.map(|stats| stats.session.bytes.iter().sum());
            let owner = |workspace: &&Workspace| workspace.owns(channel.name());
            ChannelStatus {
                name: channel.name().clone(),
                workspace: workspaces.iter().find(owner).map(|open| open.name.clone()),
                bearer: channel.bearer(),
                mode: mode.map_or(ChannelMode::Open, |row| row.mode),
                mode_since_ms: mode.map(|row| row.since_ms),
                mode_by: mode.map(|row| row.by.clone()),
                mode_reason: mode.map_or_else(String::new, |row| row.reason.clone()),
                up: self.inner.core.is_up(channel.name()),
                on_air: self.inner.core.live_on(channel.name()),
                packets: packets.unwrap_or(0),
                bytes: bytes.unwrap_or(0),
                send_failures: sent.map_or(0, |stats| stats.send_failures),
                rate_bps: channel.as_flute().map(|flute| flute.rate_bps),
                needs_restart: running != Some(channel),
            }
        };
        Ok(stored.iter().map(status).collect())
    }

    /// A channel that the person may see.
    async fn seen_channel(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<Dated<Channel>, ConsoleError> {
        let missing = ConsoleError::NotFound { what: "channel" };
        if !actor.workspace.owns(name) && !actor.user.is_administrator() {
            return Err(missing);
        }
        let found = self.inner.store.channel_dated(name.as_str()).await?;
        found.ok_or(missing)
    }

    /// A channel of the workspace itself: what is done to it is done from there.
    pub(super) async fn own_channel(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<Dated<Channel>, ConsoleError> {
        match actor.workspace.owns(name) {
            true => self.seen_channel(actor, name).await,
            false => Err(ConsoleError::NotFound { what: "channel" }),
        }
    }

    /// One of them. Needs `See`.
    pub async fn channel(
        &self,
        actor: &Actor,
        name: &ChannelName,
    ) -> Result<ChannelDetail, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let (channel, changed_ms) = self.seen_channel(actor, name).await?;
        let mut all = self.channel_statuses().await?.into_iter();
        let status = all.find(|status| status.name == *name);
        Ok(ChannelDetail {
            status: status.ok_or(ConsoleError::NotFound { what: "channel" })?,
            channel,
            used_by: self.channel_users(name).await?,
            changed_ms,
        })
    }

    /// What keeps a channel from being deleted.
    pub(super) async fn channel_users(
        &self,
        name: &ChannelName,
    ) -> Result<Vec<String>, ConsoleError> {
        let (groups, areas) = (
            self.inner.store.groups().await?,
            self.inner.store.areas().await?,
        );
        let groups = groups.iter().filter(|group| group.channels.contains(name));
        let areas = areas.iter().filter(|area| area.channels.contains(name));
        let groups = groups.take(20).map(|group| format!("group {}", group.name));
        let areas = areas.take(20).map(|area| format!("area {}", area.name));
        let mut users: Vec<String> = groups.chain(areas).collect();
        let on_air = self.inner.core.live_on(name);
        if on_air > 0 {
            users.push(format!("{on_air} objects on the air"));
        }
        let mut of_file = self.console().file.channels.iter();
        if of_file.any(|channel| channel.name() == name) {
            users.push("the configuration file".to_owned());
        }
        Ok(users)
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
        self.authorize(actor, Action::OperateChannels).await?;
        self.own_channel(actor, name).await?;
        let row = ChannelModeRow {
            channel: name.clone(),
            mode,
            since_ms: self.inner.clock.unix_ms(),
            by: actor.name().clone(),
            reason: checked_reason(reason)?,
        };
        let core = &self.inner.core;
        let before = core.modes().of(name);
        let action = match mode {
            ChannelMode::Draining => "drain_channel",
            ChannelMode::Open => "resume_channel",
            ChannelMode::Paused => "pause_channel",
        };
        let after = (mode, &row.reason);
        let done = Done::new(action, format!("channel {name}"));
        let steps = Steps::default()
            .set_channel_mode(&row)
            .audited(self.done(actor, done.before(&before).after(&after)));
        // Closed before it is stored, so that nothing new slips in; opened after.
        if mode != ChannelMode::Open {
            core.modes().set(name.clone(), mode);
        }
        if let Err(error) = self.inner.store.commit(steps).await {
            core.modes().set(name.clone(), before);
            return Err(ConsoleError::of(error));
        }
        core.modes().set(name.clone(), mode);
        let ended = match mode {
            ChannelMode::Paused => core.stop_channel(name).await.map_err(ConsoleError::of)?,
            ChannelMode::Draining | ChannelMode::Open => 0,
        };
        self.inner.signals.due.notify_one();
        let what = What::Channel {
            name: name.clone(),
            mode,
            up: core.is_up(name),
        };
        self.tell(Some(&actor.workspace.name), what);
        Ok(ended)
    }

    /// Sends a short test push on a channel of a test workspace. Refused in live workspaces, where
    /// only what was approved may leave. Needs `OperateChannels`.
    pub async fn test_channel(
        &self,
        actor: &Actor,
        test: Test,
    ) -> Result<TestOutcome, ConsoleError> {
        self.authorize(actor, Action::OperateChannels).await?;
        let Test { channel, reason } = test;
        self.own_channel(actor, &channel).await?;
        let reason = checked_reason(&reason)?;
        if actor.workspace.mode == Mode::Live {
            self.refused(actor, "test_channel", "live_workspace")
                .await?;
            let why = "from a live workspace only approved alerts may leave";
            return Err(ConsoleError::NotNow(why.to_owned()));
        }
        let submission = self.test_push(actor, &channel)?;
        let id = submission.id.clone();
        let done = Done::new("test_channel", format!("channel {channel}"));
        let part = ConsolePart {
            submission: id.clone(),
            workspace: actor.workspace.name.clone(),
            alert: None,
            part: Part::Test,
            directive: Directive {
                channel: Some(channel.clone()),
                ..Directive::default()
            },
        };
        let of_it = deliveries(&submission);
        let approving = Approving {
            steps: Steps::default().audited(self.done(actor, done.after(&reason))),
            new: vec![(submission, of_it)],
            replacing: Vec::new(),
            parts: vec![part],
        };
        let approved = self.inner.core.clone().approve(approving).await;
        approved.map_err(ConsoleError::of)?;
        Ok(TestOutcome { submission: id })
    }

    fn test_push(&self, actor: &Actor, channel: &ChannelName) -> Result<Submission, ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        let id = new_id();
        let push_id = format!("test-{id}").parse();
        let push_id = push_id.map_err(|_| ConsoleError::NotNow("no push-id".to_owned()))?;
        let initiator = CONSOLE.parse();
        let text = format!("Test of channel {channel} by {}.", actor.name());
        Ok(Submission {
            id,
            initiator: initiator.map_err(|_| ConsoleError::NotNow("no initiator".to_owned()))?,
            authentication: Authentication::Console,
            lineage: Lineage::first(&push_id),
            request_sha256: secret_hash(&text),
            push_id,
            pap_version: PapVersion::V2_0,
            pi_lists_versions: false,
            received_ms: now_ms,
            deliver_after_ms: None,
            deliver_before_ms: now_ms + TEST_MS,
            deliver_before_given: true,
            source_reference: Some(actor.workspace.name.to_string()),
            notify_url: None,
            progress_notes: false,
            quality_of_service: None,
            addresses: vec![self.address_over(channel)?],
            content: Content {
                content_type: "text/plain; charset=utf-8".to_owned(),
                headers: vec![("Content-Language".to_owned(), "en".to_owned())],
                body: Body::Inline(text.into_bytes()),
            },
        })
    }

    /// An address whose route has the channel: a group's or an area's.
    fn address_over(&self, channel: &ChannelName) -> Result<Address, ConsoleError> {
        let ppg = &self.inner.identity.name;
        let found = self
            .directory()
            .over(channel)
            .and_then(|target| match target {
                crate::model::Target::Group(name) => Address::group(&name, ppg).ok(),
                crate::model::Target::Area(name) => Address::area(&name, ppg).ok(),
                _ => None,
            });
        let none = "no group or area uses this channel: add it to one first";
        found.ok_or_else(|| ConsoleError::NotNow(none.to_owned()))
    }
}

/// A reason that somebody can learn from.
pub(super) fn checked_reason(reason: &str) -> Result<String, ConsoleError> {
    match reason.trim() {
        "" => Err(ConsoleError::field("reason", "Give a reason.")),
        reason if reason.len() > MAX_REASON_BYTES => {
            Err(ConsoleError::field("reason", "The reason is too long."))
        }
        reason => Ok(reason.to_owned()),
    }
}
