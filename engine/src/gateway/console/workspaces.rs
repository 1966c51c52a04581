//! Workspaces, settings of initiators, and what the configuration file says besides.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::ApprovalRules;
use crate::model::{ChannelName, InitiatorName, Mode, Workspace, WorkspaceName};

/// A workspace as a form has it.
#[derive(Debug, Clone)]
pub struct WorkspaceForm {
    /// Its name for people.
    pub title: String,
    /// The channels it owns.
    pub channels: Vec<ChannelName>,
    /// Who has to agree.
    pub approval: ApprovalRules,
}

/// What the console keeps of an initiator; who it is and what it may do stays in its account.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// Creates one. Needs `ManageWorkspaces`.
    pub async fn create_workspace(
        &self,
        actor: &Actor,
        name: &str,
        mode: Mode,
        form: WorkspaceForm,
    ) -> Result<WorkspaceName, ConsoleError> {
        let _ = (actor, name, mode, form);
        Err(ConsoleError::NotYet)
    }

    /// Changes one; what is planned from then on obeys. Needs `ManageWorkspaces`.
    pub async fn change_workspace(
        &self,
        actor: &Actor,
        name: &WorkspaceName,
        form: WorkspaceForm,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, name, form);
        Err(ConsoleError::NotYet)
    }

    /// Settings of every initiator but the console itself, by name. Needs `ManageInitiators`.
    pub async fn initiator_settings(
        &self,
        actor: &Actor,
    ) -> Result<Vec<InitiatorSettings>, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// Changes them. Needs `ManageInitiators`.
    pub async fn change_initiator_settings(
        &self,
        actor: &Actor,
        settings: InitiatorSettings,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, settings);
        Err(ConsoleError::NotYet)
    }

    /// Where the configuration file that the process was started with differs from the store.
    /// Needs `See`.
    pub async fn file_differences(
        &self,
        actor: &Actor,
    ) -> Result<Vec<FileDifference>, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// Puts the file's definition in the place of the stored one. Channels and initiators are used
    /// from the next start on. Needs `TakeFromFile`.
    pub async fn take_from_file(
        &self,
        actor: &Actor,
        kind: &str,
        name: &str,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, kind, name);
        Err(ConsoleError::NotYet)
    }
}
