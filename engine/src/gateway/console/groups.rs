//! Alias groups.

use std::collections::HashSet;

use super::state::Done;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::listing::{Cursor, MAX_PAGE_ROWS, PAGE_ROWS, Page};
use crate::model::{Action, Address, AliasGroup, ApplicationId, ChannelName, GroupName};
use crate::store::{Dated, Steps};

/// An alias group as a form has it.
pub type GroupForm = AliasGroup;

/// A group in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// The group.
    pub group: AliasGroup,
    /// The address that initiators write.
    pub address: String,
    /// When it was changed last, Unix ms.
    pub changed_ms: u64,
    /// When something was last sent to it, Unix ms; `None` in lists.
    pub last_push_ms: Option<u64>,
}

/// A group with what is around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDetail {
    /// Its row in the list.
    pub row: GroupRow,
    /// Alerts, templates and initiators that name it: it cannot be deleted or renamed while there
    /// are any.
    pub used_by: Vec<String>,
    /// Channels that are its own workspace's; the others do not carry what is sent from here.
    pub channels_here: Vec<ChannelName>,
}

/// Rows of a page that is asked for.
pub(super) fn page_rows(rows: u32) -> u32 {
    match rows {
        0 => PAGE_ROWS,
        rows => rows.min(MAX_PAGE_ROWS),
    }
}

/// A page of definitions, each named, from one more than the page has.
pub(super) fn page<T, R>(
    mut dated: Vec<Dated<T>>,
    rows: u32,
    name: impl Fn(&T) -> String,
    row: impl Fn(T, u64) -> R,
) -> Page<R> {
    let wanted = rows as usize;
    let more = dated.len() > wanted;
    dated.truncate(wanted);
    let next = dated.last().filter(|_| more).map(|(last, at)| Cursor {
        at: *at,
        key: name(last),
    });
    Page {
        rows: dated.into_iter().map(|(one, at)| row(one, at)).collect(),
        next,
    }
}

impl Gateway {
    /// Groups by name, those that contain `text` in any case. Needs `See`.
    pub async fn groups(
        &self,
        actor: &Actor,
        text: Option<&str>,
        after: Option<&Cursor>,
        rows: u32,
    ) -> Result<Page<GroupRow>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let rows = page_rows(rows);
        let after = after.map(|after| after.key.as_str());
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let found = self.inner.store.groups_page(text, after, rows + 1).await?;
        let name = |group: &AliasGroup| group.name.to_string();
        Ok(page(found, rows, name, |group, at| {
            self.group_row(group, at)
        }))
    }

    fn group_row(&self, group: AliasGroup, changed_ms: u64) -> GroupRow {
        let address = Address::group(&group.name, &self.inner.identity.name);
        GroupRow {
            address: address.map_or_else(|_| String::new(), |address| address.raw().to_owned()),
            group,
            changed_ms,
            last_push_ms: None,
        }
    }

    async fn stored_group(&self, name: &GroupName) -> Result<Dated<AliasGroup>, ConsoleError> {
        let found = self.inner.store.group_dated(name.as_str()).await?;
        found.ok_or(ConsoleError::NotFound { what: "group" })
    }

    /// One of them. Needs `See`.
    pub async fn group(
        &self,
        actor: &Actor,
        name: &GroupName,
    ) -> Result<GroupDetail, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let (group, changed_ms) = self.stored_group(name).await?;
        let channels = group.channels.iter();
        let here = channels.filter(|channel| actor.workspace.owns(channel));
        let address = Address::group(name, &self.inner.identity.name);
        let key = address.map_or_else(|_| String::new(), |address| address.key().to_owned());
        let mut row = self.group_row(group.clone(), changed_ms);
        row.last_push_ms = self.inner.store.last_push_to(&key).await?;
        Ok(GroupDetail {
            channels_here: here.cloned().collect(),
            used_by: self.group_users(name).await?,
            row,
        })
    }

    async fn group_users(&self, name: &GroupName) -> Result<Vec<String>, ConsoleError> {
        let mut users = self.users_of("groups", name.as_str()).await?;
        let initiators = self.inner.store.initiators().await?;
        let naming = initiators
            .iter()
            .filter(|initiator| initiator.groups.iter().any(|group| group == name.as_str()));
        users.extend(naming.map(|initiator| format!("initiator {}", initiator.name)));
        Ok(users)
    }

    /// Alerts that are not over and templates with a name in a list.
    pub(super) async fn users_of(
        &self,
        list: &str,
        name: &str,
    ) -> Result<Vec<String>, ConsoleError> {
        Ok(self.inner.store.naming(list, name).await?)
    }

    /// `usable` are the channels that may be named.
    pub(super) fn check_group(
        &self,
        group: &AliasGroup,
        usable: &HashSet<ChannelName>,
    ) -> Result<(), ConsoleError> {
        if group.channels.is_empty() {
            return Err(ConsoleError::field(
                "channels",
                "Choose at least one channel.",
            ));
        }
        let mut seen = HashSet::new();
        for channel in &group.channels {
            if !usable.contains(channel) {
                let message = format!("There is no channel {channel}.");
                return Err(ConsoleError::field("channels", message));
            }
            if !seen.insert(channel) {
                let message = format!("Channel {channel} stands there twice.");
                return Err(ConsoleError::field("channels", message));
            }
        }
        if let Some(channel) = group.required.iter().find(|name| !seen.contains(name)) {
            let message = format!("Channel {channel} is required and not in the group.");
            return Err(ConsoleError::field("required", message));
        }
        let unknown = |name: &&crate::model::AreaName| self.directory().area(name).is_none();
        if let Some(area) = group.areas.iter().find(unknown) {
            return Err(ConsoleError::field(
                "areas",
                format!("There is no area {area}."),
            ));
        }
        let id = group
            .application_id
            .as_deref()
            .map(str::parse::<ApplicationId>);
        if let Some(Err(error)) = id {
            return Err(ConsoleError::field("application_id", error));
        }
        Ok(())
    }

    /// Reads groups and areas anew: what was changed can be addressed from then on.
    pub(super) async fn renew_names(&self) -> Result<(), ConsoleError> {
        let _one_at_a_time = self.console().renewing.lock().await;
        let (groups, areas) = (
            self.inner.store.groups().await?,
            self.inner.store.areas().await?,
        );
        self.directory().renew(groups, areas);
        Ok(())
    }

    /// Commits changes of names and has them count at once.
    pub(super) async fn commit_names(&self, steps: Steps) -> Result<(), ConsoleError> {
        self.commit(steps).await?;
        self.renew_names().await
    }

    /// Creates one; it can be addressed from then on. Needs `EditGroups`.
    pub async fn create_group(&self, actor: &Actor, form: GroupForm) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditGroups).await?;
        self.check_group(&form, &self.usable_channels().await?)?;
        let now_ms = self.inner.clock.unix_ms();
        let done = Done::new("create_group", format!("group {}", form.name));
        let steps = Steps::default()
            .create_group(&form, now_ms)?
            .audited(self.done(actor, done.after(&form)));
        let stored = self.commit_names(steps).await;
        stored.map_err(|error| error.taken("There is a group of this name."))
    }

    /// Changes one, the order of its channels included. `seen_ms` is the time of change that the
    /// form showed. What is on the air goes on as it was planned. Needs `EditGroups`.
    pub async fn change_group(
        &self,
        actor: &Actor,
        form: GroupForm,
        seen_ms: u64,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditGroups).await?;
        self.check_group(&form, &self.usable_channels().await?)?;
        let (before, _) = self.stored_group(&form.name).await?;
        let done = Done::new("change_group", format!("group {}", form.name));
        let steps = Steps::default()
            .change_group(&form, seen_ms, self.inner.clock.unix_ms())?
            .audited(self.done(actor, done.before(&before).after(&form)));
        self.commit_names(steps).await
    }

    /// Gives one another name, while nothing uses it. Needs `EditGroups`.
    pub async fn rename_group(
        &self,
        actor: &Actor,
        name: &GroupName,
        new: &GroupName,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditGroups).await?;
        let (before, _) = self.stored_group(name).await?;
        self.unused_group(name).await?;
        let after = AliasGroup {
            name: new.clone(),
            ..before.clone()
        };
        let done = Done::new("rename_group", format!("group {name}"));
        let steps = Steps::default()
            .delete_group(name.as_str())
            .create_group(&after, self.inner.clock.unix_ms())?
            .audited(self.done(actor, done.before(&before).after(&after)));
        let stored = self.commit_names(steps).await;
        stored.map_err(|error| error.taken("There is a group of this name."))
    }

    async fn unused_group(&self, name: &GroupName) -> Result<(), ConsoleError> {
        let by = self.group_users(name).await?;
        match by.is_empty() {
            true => Ok(()),
            false => Err(ConsoleError::InUse {
                what: format!("group {name}"),
                by,
            }),
        }
    }

    /// Deletes one, while nothing uses it. Needs `EditGroups`.
    pub async fn delete_group(&self, actor: &Actor, name: &GroupName) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditGroups).await?;
        let (before, _) = self.stored_group(name).await?;
        self.unused_group(name).await?;
        let done = Done::new("delete_group", format!("group {name}"));
        let steps = Steps::default()
            .delete_group(name.as_str())
            .audited(self.done(actor, done.before(&before)));
        self.commit_names(steps).await
    }
}
