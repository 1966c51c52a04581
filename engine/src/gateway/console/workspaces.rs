//! Workspaces, settings of initiators, and what the configuration file says besides.

use super::starters;
use super::state::Done;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::ApprovalRules;
use crate::model::initiator::CONSOLE;
use crate::model::{
    Action, ChannelName, InitiatorName, Language, Mode, Named, Workspace, WorkspaceName, workspace,
};
use crate::store::{Steps, StoreError};

/// A workspace as a form has it.
#[derive(Debug, Clone)]
pub struct WorkspaceForm {
    /// Its name for people.
    pub title: String,
    /// The channels it owns.
    pub channels: Vec<ChannelName>,
    /// Who has to agree.
    pub approval: ApprovalRules,
    /// Languages that every alert should have.
    pub languages: Vec<Language>,
    /// Whoever works here needs a second factor.
    pub second_factor: bool,
    /// In a live workspace: months without a successful test after which nobody writes or approves.
    pub rest_after_months: Option<u32>,
}

/// What the console keeps of an initiator; who it is and what it may do stays in its account.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct InitiatorSettings {
    /// Which.
    pub initiator: InitiatorName,
    /// The workspace whose people see its pushes; all of them if none.
    pub workspace: Option<WorkspaceName>,
    /// Its pushes wait until an approver lets them go.
    pub needs_approval: bool,
}

/// A definition that differs between the configuration file and the store; the store's counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDifference {
    /// `channel`, `alias group`, `service area` or `initiator`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What stands in the file, JSON for people.
    pub file: String,
    /// What the store has, JSON for people.
    pub stored: String,
}

impl Gateway {
    /// All workspaces. Needs `ManageWorkspaces`.
    pub async fn workspaces(&self, actor: &Actor) -> Result<Vec<Workspace>, ConsoleError> {
        self.authorize(actor, Action::ManageWorkspaces).await?;
        self.all_workspaces().await
    }

    /// Creates one. Needs `ManageWorkspaces`.
    pub async fn create_workspace(
        &self,
        actor: &Actor,
        name: &str,
        mode: Mode,
        form: WorkspaceForm,
    ) -> Result<WorkspaceName, ConsoleError> {
        self.authorize(actor, Action::ManageWorkspaces).await?;
        let name = name.trim().parse::<WorkspaceName>();
        let name = name.map_err(|error| ConsoleError::field("name", error))?;
        let created = Workspace {
            name,
            title: form.title,
            mode,
            channels: form.channels,
            approval: form.approval,
            languages: form.languages,
            second_factor: form.second_factor,
            rest_after_months: form.rest_after_months,
        };
        let mut all = self.all_workspaces().await?;
        all.push(created.clone());
        self.check_workspaces(&all).await?;
        let now_ms = self.inner.clock.unix_ms();
        let done = Done::new("create_workspace", format!("workspace {}", created.name));
        let steps = Steps::default()
            .create_workspace(&created, now_ms)?
            .and(starters::templates(&created, now_ms)?)
            .audited(self.done(actor, done.after(&created)));
        let stored = self.commit(steps).await;
        stored
            .map_err(|error| error.taken("There is a workspace of this name."))
            .map(|()| created.name)
    }

    /// Changes one; what is planned from then on obeys. Needs `ManageWorkspaces`.
    pub async fn change_workspace(
        &self,
        actor: &Actor,
        name: &WorkspaceName,
        form: WorkspaceForm,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::ManageWorkspaces).await?;
        let mut all = self.all_workspaces().await?;
        let found = all.iter_mut().find(|workspace| workspace.name == *name);
        let found = found.ok_or(ConsoleError::NotFound { what: "workspace" })?;
        let before = found.clone();
        found.title = form.title;
        found.channels = form.channels;
        found.approval = form.approval;
        found.languages = form.languages;
        found.second_factor = form.second_factor;
        found.rest_after_months = form.rest_after_months;
        let after = found.clone();
        self.check_workspaces(&all).await?;
        let now_ms = self.inner.clock.unix_ms();
        let done = Done::new("change_workspace", format!("workspace {name}"));
        let steps = Steps::default()
            .change_workspace(&after, now_ms)?
            .audited(self.done(actor, done.before(&before).after(&after)));
        self.commit(steps).await
    }

    /// Channels may be stored that are used from the next start on.
    async fn check_workspaces(&self, all: &[Workspace]) -> Result<(), ConsoleError> {
        workspace::check(all).map_err(|error| match error.key() {
            "channels" => ConsoleError::Workspace(error),
            key => ConsoleError::field(key, error),
        })?;
        let stored = self.inner.store.channels().await?;
        let is_unknown =
            |name: &&ChannelName| !stored.iter().any(|channel| channel.name() == *name);
        let mut named = all.iter().flat_map(|workspace| &workspace.channels);
        match named.find(is_unknown) {
            Some(unknown) => {
                let message = format!("There is no channel {unknown}.");
                Err(ConsoleError::field("channels", message))
            }
            None => Ok(()),
        }
    }

    /// Settings of every initiator but the console itself, by name. Needs `ManageInitiators`.
    pub async fn initiator_settings(
        &self,
        actor: &Actor,
    ) -> Result<Vec<InitiatorSettings>, ConsoleError> {
        self.authorize(actor, Action::ManageInitiators).await?;
        let stored = self.inner.store.initiator_settings().await?;
        let initiators = self.inner.store.initiators().await?;
        let settings = |name: InitiatorName| {
            let found = stored.iter().find(|(known, ..)| *known == name);
            let (workspace, needs_approval) = found
                .map(|(_, workspace, needs_approval)| (workspace.clone(), *needs_approval))
                .unwrap_or_default();
            InitiatorSettings {
                initiator: name,
                workspace,
                needs_approval,
            }
        };
        Ok(initiators
            .into_iter()
            .map(|initiator| settings(initiator.name))
            .collect())
    }

    /// Whether the pushes of an initiator wait for somebody to let them go.
    pub(in crate::gateway) async fn has_to_wait(
        &self,
        initiator: &InitiatorName,
    ) -> Result<bool, StoreError> {
        let known = self.inner.approvals.lock().ok().and_then(|set| set.clone());
        let waiting = match known {
            Some(waiting) => waiting,
            None => self.read_approvals().await?,
        };
        Ok(waiting.contains(initiator))
    }

    /// Those whose pushes wait, remembered so that a submission asks no database.
    pub(super) async fn read_approvals(
        &self,
    ) -> Result<std::sync::Arc<std::collections::HashSet<InitiatorName>>, StoreError> {
        let settings = self.inner.store.initiator_settings().await?;
        let waiting = settings.into_iter().filter(|(_, _, waits)| *waits);
        let waiting = std::sync::Arc::new(waiting.map(|(name, ..)| name).collect());
        if let Ok(mut known) = self.inner.approvals.lock() {
            *known = Some(std::sync::Arc::clone(&waiting));
        }
        Ok(waiting)
    }

    /// Changes them. Needs `ManageInitiators`.
    pub async fn change_initiator_settings(
        &self,
        actor: &Actor,
        settings: InitiatorSettings,
    ) -> Result<(), ConsoleError> {
        let all = self.initiator_settings(actor).await?;
        let same = |known: &&InitiatorSettings| known.initiator == settings.initiator;
        let before = all.iter().find(same);
        let before = before.ok_or(ConsoleError::NotFound { what: "initiator" })?;
        let workspaces = self.all_workspaces().await?;
        let unknown = |name: &&WorkspaceName| !workspaces.iter().any(|known| known.name == **name);
        if settings.workspace.as_ref().filter(unknown).is_some() {
            return Err(ConsoleError::NotFound { what: "workspace" });
        }
        let object = format!("initiator {}", settings.initiator);
        let done = Done::new("change_initiator", object);
        let steps = Steps::default()
            .set_initiator(
                &settings.initiator,
                settings.workspace.as_ref(),
                settings.needs_approval,
            )
            .audited(self.done(actor, done.before(before).after(&settings)));
        self.inner.store.commit(steps).await?;
        self.read_approvals().await?;
        Ok(())
    }

    /// Where the configuration file that the process was started with differs from the store.
    /// Needs `See`.
    pub async fn file_differences(
        &self,
        actor: &Actor,
    ) -> Result<Vec<FileDifference>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let (store, file) = (&self.inner.store, &self.console().file);
        let mut found = Vec::new();
        compare(
            "channel",
            &file.channels,
            &store.channels().await?,
            &mut found,
        );
        compare(
            "alias group",
            &file.groups,
            &store.groups().await?,
            &mut found,
        );
        compare(
            "service area",
            &file.areas,
            &store.areas().await?,
            &mut found,
        );
        let stored = store.initiators().await?;
        let (file, stored) = (hidden(&file.initiators), hidden(&stored));
        compare("initiator", &file, &stored, &mut found);
        Ok(found)
    }

    /// Puts the file's definition in the place of the stored one. Channels and initiators are used
    /// from the next start on. Needs `TakeFromFile`.
    pub async fn take_from_file(
        &self,
        actor: &Actor,
        kind: &str,
        name: &str,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::TakeFromFile).await?;
        let (store, file) = (&self.inner.store, &self.console().file);
        let now_ms = self.inner.clock.unix_ms();
        let missing = || ConsoleError::NotFound { what: "definition" };
        let steps = Steps::default();
        macro_rules! taken {
            ($list:expr, $one:ident, $change:ident) => {{
                let new = $list.iter().find(|one| Named::name(*one) == name);
                let new = new.ok_or_else(missing)?;
                let (old, seen_ms) = store.$one(name).await?.ok_or_else(missing)?;
                let steps = steps.$change(new, seen_ms, now_ms)?;
                let done = Done::new("take_from_file", format!("{kind} {name}"));
                match kind {
                    // Hashes of passwords do not belong in the audit.
                    "initiator" => steps.audited(self.done(actor, done)),
                    _ => steps.audited(self.done(actor, done.before(&old).after(new))),
                }
            }};
        }
        let steps = match kind {
            "alias group" => taken!(file.groups, group_dated, change_group),
            "channel" => {
                let named = name.parse::<ChannelName>().ok();
                let owned = named.is_some_and(|name| actor.workspace.owns(&name));
                if !owned && !actor.user.is_administrator() {
                    return Err(ConsoleError::NotFound { what: "channel" });
                }
                taken!(file.channels, channel_dated, change_channel)
            }
            "initiator" if name != CONSOLE => {
                taken!(file.initiators, initiator_dated, change_initiator)
            }
            "service area" => taken!(file.areas, area_dated, change_area),
            _ => return Err(missing()),
        };
        self.commit(steps).await?;
        self.renew_names().await
    }
}

fn hidden(initiators: &[crate::model::Initiator]) -> Vec<crate::model::Initiator> {
    let hide = |initiator: &crate::model::Initiator| {
        let mut shown = initiator.clone();
        // Whether it differs is told, not what it is.
        shown.password_hash = shown
            .password_hash
            .map(|hash| super::state::secret_hash(&hash).to_hex()[..8].to_owned());
        shown
    };
    initiators.iter().map(hide).collect()
}

fn compare<T: Named + PartialEq + serde::Serialize>(
    kind: &'static str,
    file: &[T],
    stored: &[T],
    found: &mut Vec<FileDifference>,
) {
    let text = |one: &T| serde_json::to_string_pretty(one).unwrap_or_default();
    for one in file {
        let known = stored.iter().find(|known| known.name() == one.name());
        if let Some(known) = known.filter(|known| *known != one) {
            found.push(FileDifference {
                kind,
                name: one.name().to_owned(),
                file: text(one),
                stored: text(known),
            });
        }
    }
}
