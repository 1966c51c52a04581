//! People who work in the console.

use serde::{Deserialize, Serialize};

use super::ids::{SessionId, UserName, WorkspaceName};
use super::role::{Action, Role};

/// Where a role counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// In every workspace, also those to come.
    Everywhere,
    /// In one.
    Workspace(WorkspaceName),
}

impl Scope {
    /// As stored and as written: `*` or the workspace's name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Everywhere => "*",
            Self::Workspace(name) => name.as_str(),
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        match text {
            "*" => Some(Self::Everywhere),
            name => name.parse().ok().map(Self::Workspace),
        }
    }

    /// Whether it covers a workspace.
    pub fn covers(&self, workspace: &WorkspaceName) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Workspace(name) => name == workspace,
        }
    }
}

/// A role that somebody was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Which.
    pub role: Role,
    /// Where it counts.
    pub scope: Scope,
    /// Who gave it; `None` for the command line of the machine itself.
    pub given_by: Option<UserName>,
    /// When.
    pub given_ms: u64,
    /// It does not count before a second administrator has agreed.
    pub waiting: bool,
}

/// How pages look to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the browser wants it.
    #[default]
    Automatic,
    /// Dark text on tint reversed.
    Dark,
    /// Light.
    Light,
}

impl Theme {
    /// Every theme.
    pub const ALL: &[Self] = &[Self::Automatic, Self::Dark, Self::Light];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        (Self::ALL.iter().copied()).find(|theme| theme.as_str() == text)
    }
}

/// A person. Never deleted: the audit names it for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// What they sign in with.
    pub name: UserName,
    /// What they are called; the name itself if empty.
    pub full_name: String,
    /// Roles, also those that do not count yet.
    pub grants: Vec<Grant>,
    /// When they were added.
    pub created_ms: u64,
    /// They have a password; without one only a set-up link lets them in.
    pub has_password: bool,
    /// The last sign-in.
    pub signed_in_ms: Option<u64>,
    /// The last test alert that they submitted or approved and that was completed.
    pub tested_ms: Option<u64>,
    /// Since when they may not sign in.
    pub disabled_ms: Option<u64>,
    /// How pages look.
    pub theme: Theme,
    /// The page to come back to where none is asked for: the workspace last worked in.
    pub workspace: Option<WorkspaceName>,
}

impl User {
    /// The name to show.
    pub fn full_name(&self) -> &str {
        match self.full_name.trim() {
            "" => self.name.as_str(),
            name => name,
        }
    }

    /// Roles that count in a workspace.
    pub fn roles(&self, workspace: &WorkspaceName) -> impl Iterator<Item = Role> + '_ {
        let workspace = workspace.clone();
        let counts = move |grant: &&Grant| !grant.waiting && grant.scope.covers(&workspace);
        self.grants.iter().filter(counts).map(|grant| grant.role)
    }

    /// Whether they may do something in a workspace.
    pub fn may(&self, action: Action, workspace: &WorkspaceName) -> bool {
        self.disabled_ms.is_none() && self.roles(workspace).any(|role| role.may(action))
    }

    /// They are an administrator: a role that counts everywhere or nowhere.
    pub fn is_administrator(&self) -> bool {
        let counts = |grant: &Grant| {
            grant.role == Role::Administrator && !grant.waiting && grant.scope == Scope::Everywhere
        };
        self.disabled_ms.is_none() && self.grants.iter().any(counts)
    }
}

/// A session as its owner and administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// To end it.
    pub id: SessionId,
    /// When it began.
    pub created_ms: u64,
    /// The last request.
    pub seen_ms: u64,
    /// It ends by itself then unless it is used before.
    pub idle_until_ms: u64,
    /// It ends then in any case.
    pub ends_ms: u64,
    /// The address it was begun from.
    pub from: String,
    /// What the browser called itself.
    pub agent: String,
    /// It is the one that asks.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(grants: &[(Role, &str, bool)]) -> User {
        let grant = |(role, scope, waiting): &(Role, &str, bool)| Grant {
            role: *role,
            scope: Scope::from_stored(scope).unwrap(),
            given_by: None,
            given_ms: 0,
            waiting: *waiting,
        };
        User {
            name: "anna".parse().unwrap(),
            full_name: String::new(),
            grants: grants.iter().map(grant).collect(),
            created_ms: 0,
            has_password: true,
            signed_in_ms: None,
            tested_ms: None,
            disabled_ms: None,
            theme: Theme::default(),
            workspace: None,
        }
    }

    #[test]
    fn roles_count_where_they_were_given_and_once_they_are_agreed_to() {
        let (live, lab) = ("live".parse().unwrap(), "lab".parse().unwrap());
        let anna = user(&[
            (Role::Author, "lab", false),
            (Role::Approver, "live", true),
            (Role::Viewer, "*", false),
        ]);
        assert!(anna.may(Action::Compose, &lab));
        assert!(!anna.may(Action::Compose, &live));
        assert!(anna.may(Action::See, &live));
        assert!(!anna.may(Action::Approve, &live), "nobody has agreed yet");
        let gone = User {
            disabled_ms: Some(1),
            ..anna
        };
        assert!(!gone.may(Action::See, &lab));
    }

    #[test]
    fn administrators_are_so_everywhere() {
        assert!(user(&[(Role::Administrator, "*", false)]).is_administrator());
        assert!(!user(&[(Role::Administrator, "lab", false)]).is_administrator());
        assert!(!user(&[(Role::Administrator, "*", true)]).is_administrator());
    }
}
