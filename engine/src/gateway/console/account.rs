//! What somebody changes about themselves.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::WorkspaceName;
use crate::model::user::Theme;
use crate::model::workspace::Workspace;

impl Gateway {
    /// Changes their own password; their other sessions end.
    pub async fn change_password(
        &self,
        actor: &Actor,
        current: &str,
        new: &str,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, current, new);
        Err(ConsoleError::NotYet)
    }

    /// Changes what they are called and how pages look.
    pub async fn change_account(
        &self,
        actor: &Actor,
        full_name: &str,
        theme: Theme,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, full_name, theme);
        Err(ConsoleError::NotYet)
    }

    /// The workspaces in which they have a role, live ones first.
    pub async fn own_workspaces(&self, actor: &Actor) -> Result<Vec<Workspace>, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// Moves their session to another workspace.
    pub async fn enter_workspace(
        &self,
        actor: &Actor,
        workspace: &WorkspaceName,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, workspace);
        Err(ConsoleError::NotYet)
    }
}
