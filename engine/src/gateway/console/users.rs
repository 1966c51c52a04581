//! People: added, given roles, disabled, never deleted.

use super::account::MAX_FULL_NAME_BYTES;
use super::groups::{page, page_rows};
use super::state::{Done, secret, secret_hash};
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::listing::{Cursor, Page};
use crate::model::user::{Grant, Scope, SessionView, Theme};
use crate::model::{Action, Mode, Role, SessionId, User, UserName, Workspace};
use crate::store::{AuditDetails, AuditEntry, Steps, Store};

/// How long an invitation leads somewhere, ms.
const INVITATION_MS: u64 = 3 * 86_400_000;

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
    /// Each sign-in asks for a code.
    pub has_factor: bool,
}

/// Whether a role has to wait for a second administrator: Author and Approver, where they count in
/// a live workspace.
pub(crate) fn has_to_wait(role: Role, scope: &Scope, workspaces: &[Workspace]) -> bool {
    let is_live = |workspace: &Workspace| workspace.mode == Mode::Live;
    role.needs_second_administrator()
        && match scope {
            // Also of a live workspace to come.
            Scope::Everywhere => true,
            Scope::Workspace(name) => {
                let named = workspaces.iter().find(|workspace| workspace.name == *name);
                named.is_none_or(is_live)
            }
        }
}

impl Gateway {
    /// A page of people by name, those whose name or full name contains `text` in any case. Needs
    /// `ManageUsers`.
    pub async fn users(
        &self,
        actor: &Actor,
        text: Option<&str>,
        after: Option<&Cursor>,
        rows: u32,
    ) -> Result<Page<User>, ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let rows = page_rows(rows);
        let after = after.map(|after| after.key.as_str());
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let found = self.inner.store.users_page(text, after, rows + 1).await?;
        let found = found.into_iter().map(|user| (user, 0)).collect();
        Ok(page(
            found,
            rows,
            |user: &User| user.name.to_string(),
            |user, _| user,
        ))
    }

    async fn named(&self, name: &UserName) -> Result<User, ConsoleError> {
        let found = self.inner.store.user(name.as_str()).await?;
        let found = found.ok_or(ConsoleError::NotFound { what: "user" })?;
        Ok(found.user)
    }

    /// One person. Needs `ManageUsers`.
    pub async fn user(&self, actor: &Actor, name: &UserName) -> Result<UserView, ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let user = self.named(name).await?;
        let now_ms = self.inner.clock.unix_ms();
        Ok(UserView {
            sessions: self.sessions_of(&user.name, Some(&actor.session)).await?,
            invited_until_ms: self.inner.store.link_of(&user.name, now_ms).await?,
            has_factor: self.counting_factor(&user.name).await?.is_some(),
            user,
        })
    }

    /// Adds somebody. Returns the word of the link by which they choose a password; it is shown
    /// once and leads somewhere for three days. Author and Approver of a live workspace wait for a
    /// second administrator. Needs `ManageUsers`.
    pub async fn add_user(&self, actor: &Actor, user: NewUser) -> Result<String, ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let name = user.name.trim().parse::<UserName>();
        let name = name.map_err(|error| ConsoleError::field("name", error))?;
        let full_name = user.full_name.trim().to_owned();
        if full_name.len() > MAX_FULL_NAME_BYTES || full_name.chars().any(char::is_control) {
            return Err(ConsoleError::field("full_name", "Shorten the name."));
        }
        let now_ms = self.inner.clock.unix_ms();
        let workspaces = self.all_workspaces().await?;
        let mut grants: Vec<Grant> = Vec::new();
        for (role, scope) in user.roles {
            let scope = checked_scope(role, scope, &workspaces)?;
            grants.push(Grant {
                waiting: has_to_wait(role, &scope, &workspaces),
                role,
                scope,
                given_by: Some(actor.name().clone()),
                given_ms: now_ms,
            });
        }
        let user = User {
            name,
            full_name,
            grants,
            created_ms: now_ms,
            has_password: false,
            signed_in_ms: None,
            tested_ms: None,
            disabled_ms: None,
            theme: Theme::default(),
            workspace: None,
        };
        let word = secret()?;
        let done = Done::new("add_user", format!("user {}", user.name)).after(&user.grants);
        let steps = Steps::default()
            .add_user(&user, None)
            .set_link(secret_hash(&word), Some(&user.name), now_ms + INVITATION_MS)
            .audited(self.done(actor, done));
        match self.commit(steps).await {
            Err(ConsoleError::Conflict { .. }) => {
                Err(ConsoleError::field("name", "This name is taken."))
            }
            added => added.map(|()| word),
        }
    }

    /// Adds somebody on the word of whoever has the machine itself, which no second administrator
    /// could gainsay. Returns the word of the link by which they choose a password; somebody who is
    /// there already gets the roles and a new link.
    pub async fn add_from_command_line(
        &self,
        name: &str,
        full_name: &str,
        roles: Vec<(Role, Scope)>,
    ) -> Result<String, ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        add_from_command_line(&self.inner.store, now_ms, name, full_name, roles).await
    }

    pub(super) async fn all_workspaces(&self) -> Result<Vec<Workspace>, ConsoleError> {
        let all = self.inner.store.workspaces().await?;
        Ok(all.into_iter().map(|(workspace, _)| workspace).collect())
    }

    /// A new link to choose a password by; the old password and link open nothing any more. Needs
    /// `ManageUsers`.
    pub async fn invite_again(
        &self,
        actor: &Actor,
        name: &UserName,
    ) -> Result<String, ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let user = self.named(name).await?;
        let now_ms = self.inner.clock.unix_ms();
        let word = secret()?;
        let done = Done::new("invite_user", format!("user {}", user.name));
        let steps = Steps::default()
            .set_password(&user.name, None)
            .end_sessions(&user.name, None, now_ms)
            .set_link(secret_hash(&word), Some(&user.name), now_ms + INVITATION_MS)
            .audited(self.done(actor, done));
        self.commit(steps).await?;
        Ok(word)
    }

    /// Gives a role; it may have to wait. True if it counts at once. Needs `ManageUsers`.
    pub async fn give_role(
        &self,
        actor: &Actor,
        change: GrantChange,
    ) -> Result<bool, ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let user = self.named(&change.user).await?;
        let workspaces = self.all_workspaces().await?;
        let scope = checked_scope(change.role, change.scope, &workspaces)?;
        let grant = Grant {
            waiting: has_to_wait(change.role, &scope, &workspaces),
            role: change.role,
            scope,
            given_by: Some(actor.name().clone()),
            given_ms: self.inner.clock.unix_ms(),
        };
        let done = Done::new("give_role", format!("user {}", user.name)).after(&grant);
        let steps = Steps::default()
            .give_role(&user.name, &grant)
            .audited(self.done(actor, done));
        self.commit(steps).await?;
        Ok(!grant.waiting)
    }

    /// Agrees to a role that another administrator has given. Needs `ManageUsers`.
    pub async fn agree_to_role(
        &self,
        actor: &Actor,
        change: GrantChange,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let user = self.named(&change.user).await?;
        let same = |grant: &&Grant| {
            grant.waiting && grant.role == change.role && grant.scope == change.scope
        };
        let Some(grant) = user.grants.iter().find(same) else {
            return Err(ConsoleError::NotFound { what: "role" });
        };
        if grant.given_by.as_ref() == Some(actor.name()) {
            self.refused(actor, "agree_to_role", "own_grant").await?;
            let why = "you have given this role; another administrator has to agree";
            return Err(ConsoleError::NotNow(why.to_owned()));
        }
        if user.name == *actor.name() {
            self.refused(actor, "agree_to_role", "own_role").await?;
            let why = "this role is for you; another administrator has to agree";
            return Err(ConsoleError::NotNow(why.to_owned()));
        }
        let done = Done::new("agree_to_role", format!("user {}", user.name)).after(grant);
        let steps = Steps::default()
            .agree_to_role(&user.name, grant.role, &grant.scope, actor.name())
            .audited(self.done(actor, done));
        self.commit(steps).await
    }

    /// Takes a role, also one that waits. The last administrator keeps theirs. Needs
    /// `ManageUsers`.
    pub async fn take_role(&self, actor: &Actor, change: GrantChange) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let user = self.named(&change.user).await?;
        let what = (change.role, change.scope.as_str());
        let done = Done::new("take_role", format!("user {}", user.name)).before(&what);
        let steps = Steps::default()
            .take_role(&user.name, change.role, &change.scope)
            .audited(self.done(actor, done));
        self.keeping_an_administrator(steps).await
    }

    async fn keeping_an_administrator(&self, steps: Steps) -> Result<(), ConsoleError> {
        match self.commit(steps).await {
            Err(ConsoleError::Conflict { what }) if what == "the last administrator" => {
                let why = "nobody would be left who can add people and give roles";
                Err(ConsoleError::NotNow(why.to_owned()))
            }
            taken => taken,
        }
    }

    /// Roles that wait for a second administrator. Needs `ManageUsers`.
    pub async fn waiting_roles(&self, actor: &Actor) -> Result<Vec<GrantChange>, ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let waiting = self.inner.store.waiting_grants().await?.into_iter();
        let change = |(user, grant): (UserName, Grant)| GrantChange {
            user,
            role: grant.role,
            scope: grant.scope,
        };
        Ok(waiting.map(change).collect())
    }

    /// Keeps somebody from signing in, and ends their sessions; or lets them in again. Not
    /// oneself, and not the last administrator. Needs `ManageUsers`.
    pub async fn set_disabled(
        &self,
        actor: &Actor,
        name: &UserName,
        disabled: bool,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let user = self.named(name).await?;
        if user.name == *actor.name() {
            let why = "you cannot disable yourself";
            return Err(ConsoleError::NotNow(why.to_owned()));
        }
        let now_ms = self.inner.clock.unix_ms();
        let action = if disabled {
            "disable_user"
        } else {
            "enable_user"
        };
        let done = Done::new(action, format!("user {}", user.name));
        let mut steps = Steps::default()
            .set_disabled(&user.name, disabled.then_some(now_ms))
            .audited(self.done(actor, done));
        if disabled {
            steps = steps
                .end_sessions(&user.name, None, now_ms)
                .an_administrator_stays();
        }
        self.keeping_an_administrator(steps).await
    }

    /// Ends somebody's session. Needs `ManageUsers`.
    pub async fn end_session(
        &self,
        actor: &Actor,
        name: &UserName,
        session: &SessionId,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let user = self.named(name).await?;
        let done = Done::new("end_session", format!("user {}", user.name));
        let now_ms = self.inner.clock.unix_ms();
        let steps = Steps::default()
            .end_session(&user.name, session, now_ms)
            .audited(self.done(actor, done));
        self.commit(steps).await
    }
}

/// The same without a gateway: for the command line, beside one that runs.
pub async fn add_from_command_line(
    store: &Store,
    now_ms: u64,
    name: &str,
    full_name: &str,
    roles: Vec<(Role, Scope)>,
) -> Result<String, ConsoleError> {
    let name = name.trim().parse::<UserName>();
    let name = name.map_err(|error| ConsoleError::field("name", error))?;
    let stored = store.workspaces().await?;
    let workspaces: Vec<Workspace> = stored.into_iter().map(|(workspace, _)| workspace).collect();
    let mut grants = Vec::new();
    for (role, scope) in roles {
        grants.push(Grant {
            role,
            scope: checked_scope(role, scope, &workspaces)?,
            given_by: None,
            given_ms: now_ms,
            waiting: false,
        });
    }
    let word = secret()?;
    let entry = AuditEntry {
        at_ms: now_ms,
        who: None,
        source: None,
        action: "add_user".to_owned(),
        reason: "done".to_owned(),
        count: 1,
        details: AuditDetails {
            who_kind: Some("command_line".to_owned()),
            object: Some(format!("user {name}")),
            after: serde_json::to_string(&grants).ok(),
            ..AuditDetails::default()
        },
    };
    let steps = match store.user(name.as_str()).await? {
        Some(known) => grants.iter().fold(Steps::default(), |steps, grant| {
            steps
                .forget_waiting(&known.user.name, grant)
                .give_role(&known.user.name, grant)
        }),
        None => Steps::default().add_user(
            &User {
                name: name.clone(),
                full_name: full_name.trim().to_owned(),
                grants,
                created_ms: now_ms,
                has_password: false,
                signed_in_ms: None,
                tested_ms: None,
                disabled_ms: None,
                theme: Theme::default(),
                workspace: None,
            },
            None,
        ),
    };
    let steps = steps
        .set_link(secret_hash(&word), Some(&name), now_ms + INVITATION_MS)
        .audited(entry);
    store.commit(steps).await.map_err(ConsoleError::of)?;
    Ok(word)
}

/// Administrators are so everywhere; other roles in workspaces that exist.
pub(crate) fn checked_scope(
    role: Role,
    scope: Scope,
    workspaces: &[Workspace],
) -> Result<Scope, ConsoleError> {
    match (&scope, role) {
        (_, Role::Administrator) | (Scope::Everywhere, _) => Ok(Scope::Everywhere),
        (Scope::Workspace(name), _) if workspaces.iter().any(|open| open.name == *name) => {
            Ok(scope)
        }
        _ => Err(ConsoleError::NotFound { what: "workspace" }),
    }
}
