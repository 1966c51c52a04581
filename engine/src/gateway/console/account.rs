//! What somebody changes about themselves.

use std::sync::Arc;

use argon2::PasswordHash;

use super::sign_in::check_password;
use super::state::{Done, attempt_key};
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::WorkspaceName;
use crate::model::user::Theme;
use crate::model::workspace::Workspace;
use crate::store::Steps;

/// Longest name that somebody is called, octets.
pub(super) const MAX_FULL_NAME_BYTES: usize = 200;

impl Gateway {
    /// Changes their own password; their other sessions end.
    pub async fn change_password(
        &self,
        actor: &Actor,
        current: &str,
        new: &str,
    ) -> Result<(), ConsoleError> {
        check_password(new)?;
        self.own_password(actor, current, "change_password").await?;
        let hash = self.console().passwords.hash(new).await?;
        let object = format!("user {}", actor.name());
        let now_ms = self.inner.clock.unix_ms();
        let steps = Steps::default()
            .set_password(actor.name(), Some(&hash))
            .end_sessions(actor.name(), Some(&actor.session), now_ms)
            .audited(self.done(actor, Done::new("change_password", object)));
        Ok(self.inner.store.commit(steps).await?)
    }

    /// Asks for their password once more; attempts are counted as at the sign-in.
    pub(super) async fn own_password(
        &self,
        actor: &Actor,
        current: &str,
        action: &'static str,
    ) -> Result<(), ConsoleError> {
        let console = self.console();
        let (address, account) = attempt_key(actor.from, actor.name().as_str());
        let now_ns = self.inner.clock.mono_ns();
        let attempt = console.attempts.begin(address, account, now_ns)?;
        let found = self.inner.store.user(actor.name().as_str()).await?;
        let hash = found.and_then(|found| found.password_hash);
        let hash = PasswordHash::new(hash.as_deref().unwrap_or(&console.nobody))
            .map_err(|_| ConsoleError::WrongCredentials)?;
        if !console.passwords.check(Arc::new(hash), current).await? {
            self.refused(actor, action, "wrong").await?;
            let field = match action {
                "change_password" => "current",
                _ => "password",
            };
            let message = "This is not your current password.";
            return Err(ConsoleError::field(field, message));
        }
        attempt.forgive();
        Ok(())
    }

    /// Changes what they are called and how pages look.
    pub async fn change_account(
        &self,
        actor: &Actor,
        full_name: &str,
        theme: Theme,
    ) -> Result<(), ConsoleError> {
        let full_name = full_name.trim();
        if full_name.len() > MAX_FULL_NAME_BYTES || full_name.chars().any(char::is_control) {
            return Err(ConsoleError::field("full_name", "Shorten the name."));
        }
        let object = format!("user {}", actor.name());
        let done = Done::new("change_account", object);
        let done = done.before(&actor.user.full_name).after(&full_name);
        let steps = Steps::default()
            .set_account(actor.name(), full_name, theme)
            .audited(self.done(actor, done));
        Ok(self.inner.store.commit(steps).await?)
    }

    /// The workspaces in which they have a role, live ones first.
    pub async fn own_workspaces(&self, actor: &Actor) -> Result<Vec<Workspace>, ConsoleError> {
        self.open_workspaces(&actor.user).await
    }

    /// Moves their session to another workspace.
    pub async fn enter_workspace(
        &self,
        actor: &Actor,
        workspace: &WorkspaceName,
    ) -> Result<(), ConsoleError> {
        let open = self.open_workspaces(&actor.user).await?;
        if !open.iter().any(|open| open.name == *workspace) {
            return Err(ConsoleError::NotFound { what: "workspace" });
        }
        let steps = Steps::default().move_session(&actor.session, actor.name(), workspace);
        let moved = self.inner.store.commit(steps).await;
        moved.map_err(ConsoleError::of)
    }
}
