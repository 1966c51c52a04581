//! People: added, given roles, disabled, never deleted.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::user::{Scope, SessionView};
use crate::model::{Role, SessionId, User, UserName};

/// A person to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Name to sign in with, as typed.
    pub name: String,
    /// What they are called.
    pub full_name: String,
    /// Roles to begin with.
    pub roles: Vec<(Role, Scope)>,
}

/// A role given or taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantChange {
    /// Whose.
    pub user: UserName,
    /// Which.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

/// A person as administrators see them.
#[derive(Debug, Clone)]
pub struct UserView {
    /// Who.
    pub user: User,
    /// Sessions that are not over.
    pub sessions: Vec<SessionView>,
    /// An invitation that has not been used leads somewhere until then, Unix ms.
    pub invited_until_ms: Option<u64>,
}

impl Gateway {
    /// Everybody, by name. Needs `ManageUsers`.
    pub async fn users(&self, actor: &Actor) -> Result<Vec<User>, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// One person. Needs `ManageUsers`.
    pub async fn user(&self, actor: &Actor, name: &UserName) -> Result<UserView, ConsoleError> {
        let _ = (actor, name);
        Err(ConsoleError::NotYet)
    }

    /// Adds somebody. Returns the word of the link by which they choose a password; it is shown
    /// once and leads somewhere for three days. Author and Approver of a live workspace wait for a
    /// second administrator. Needs `ManageUsers`.
    pub async fn add_user(&self, actor: &Actor, user: NewUser) -> Result<String, ConsoleError> {
        let _ = (actor, user);
        Err(ConsoleError::NotYet)
    }

    /// A new link to choose a password by; the old password and link open nothing any more. Needs
    /// `ManageUsers`.
    pub async fn invite_again(
        &self,
        actor: &Actor,
        name: &UserName,
    ) -> Result<String, ConsoleError> {
        let _ = (actor, name);
        Err(ConsoleError::NotYet)
    }

    /// Gives a role; it may have to wait. True if it counts at once. Needs `ManageUsers`.
    pub async fn give_role(
        &self,
        actor: &Actor,
        change: GrantChange,
    ) -> Result<bool, ConsoleError> {
        let _ = (actor, change);
        Err(ConsoleError::NotYet)
    }

    /// Agrees to a role that another administrator has given. Needs `ManageUsers`.
    pub async fn agree_to_role(
        &self,
        actor: &Actor,
        change: GrantChange,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, change);
        Err(ConsoleError::NotYet)
    }

    /// Takes a role, also one that waits. The last administrator keeps theirs. Needs
    /// `ManageUsers`.
    pub async fn take_role(&self, actor: &Actor, change: GrantChange) -> Result<(), ConsoleError> {
        let _ = (actor, change);
        Err(ConsoleError::NotYet)
    }

    /// Roles that wait for a second administrator. Needs `ManageUsers`.
    pub async fn waiting_roles(&self, actor: &Actor) -> Result<Vec<GrantChange>, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// Keeps somebody from signing in, and ends their sessions; or lets them in again. Not
    /// oneself, and not the last administrator. Needs `ManageUsers`.
    pub async fn set_disabled(
        &self,
        actor: &Actor,
        name: &UserName,
        disabled: bool,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, name, disabled);
        Err(ConsoleError::NotYet)
    }

    /// Ends somebody's session. Needs `ManageUsers`.
    pub async fn end_session(
        &self,
        actor: &Actor,
        name: &UserName,
        session: &SessionId,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, name, session);
        Err(ConsoleError::NotYet)
    }
}
