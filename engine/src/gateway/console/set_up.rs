//! Choosing a password by a link: the very first person, and whoever was invited.

use std::net::IpAddr;

use super::ConsoleError;
use super::factor::SignIn;
use super::sign_in::check_password;
use super::state::{secret, secret_hash};
use crate::gateway::Gateway;
use crate::model::user::{Grant, Scope, Theme};
use crate::model::{Mode, Role, User, UserName};
use crate::store::Steps;

/// How long the link for the first person leads somewhere, ms.
const FIRST_LINK_MS: u64 = 24 * 3_600_000;

/// What the first person types, or somebody who was invited.
pub struct SetUp {
    /// The word of the link.
    pub link: String,
    /// Name to sign in with; only read where the link is the first one of a gateway, else whoever
    /// was invited has a name.
    pub name: String,
    /// What they are called.
    pub full_name: String,
    /// The password to be, at least [`MIN_PASSWORD_CHARS`](super::MIN_PASSWORD_CHARS) characters.
    pub password: String,
    /// The address of the browser.
    pub from: IpAddr,
    /// What the browser calls itself.
    pub agent: String,
}

impl Gateway {
    /// A new link for the first person, while there is nobody: the word of it.
    pub async fn first_link(&self) -> Result<Option<String>, ConsoleError> {
        if self.inner.store.has_users().await? {
            return Ok(None);
        }
        let word = secret()?;
        let expires_ms = self.inner.clock.unix_ms() + FIRST_LINK_MS;
        let steps = Steps::default().set_link(secret_hash(&word), None, expires_ms);
        self.inner.store.commit(steps).await?;
        Ok(Some(word))
    }

    /// Whether a link for setting up leads anywhere, and to whom: `None` for the very first
    /// person, who chooses a name.
    pub async fn set_up_link(&self, link: &str) -> Result<Option<UserName>, ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        let found = self.inner.store.link(secret_hash(link), now_ms).await?;
        found.ok_or(ConsoleError::NotFound { what: "link" })
    }

    /// Sets a password by a link, which leads nowhere afterwards, and begins a session. The very
    /// first person becomes administrator, and has every role in test workspaces. Whoever has a
    /// second factor is asked for a code all the same.
    pub async fn set_up(&self, set_up: SetUp) -> Result<SignIn, ConsoleError> {
        let invited = self.set_up_link(&set_up.link).await?;
        check_password(&set_up.password)?;
        let hash = self.console().passwords.hash(&set_up.password).await?;
        let now_ms = self.inner.clock.unix_ms();
        let steps = Steps::default().use_link(secret_hash(&set_up.link), now_ms);
        let (user, steps) = match invited {
            Some(name) => {
                let found = self.inner.store.user(name.as_str()).await?;
                let user = found.ok_or(ConsoleError::NotFound { what: "link" })?.user;
                let full_name = match set_up.full_name.trim() {
                    "" => user.full_name.clone(),
                    full_name => full_name.to_owned(),
                };
                let steps = steps
                    .set_password(&name, Some(&hash))
                    .set_account(&name, &full_name, user.theme)
                    .end_sessions(&name, None, now_ms);
                (user, steps)
            }
            None => {
                let user = self.first_user(&set_up, now_ms).await?;
                let steps = steps.add_user(&user, Some(&hash));
                (user, steps)
            }
        };
        let mut entry = self.signing_in(Some(&user.name), set_up.from, "done");
        entry.action = "set_up".to_owned();
        entry.details.object = Some(format!("user {}", user.name));
        self.go_on(&user, set_up.from, &set_up.agent, steps.audited(entry))
            .await
    }

    async fn first_user(&self, set_up: &SetUp, now_ms: u64) -> Result<User, ConsoleError> {
        let name = set_up.name.trim().parse::<UserName>();
        let name = name.map_err(|error| ConsoleError::field("name", error))?;
        let grant = |role, scope| Grant {
            role,
            scope,
            given_by: None,
            given_ms: now_ms,
            waiting: false,
        };
        let mut grants = vec![grant(Role::Administrator, Scope::Everywhere)];
        for (workspace, _) in self.inner.store.workspaces().await? {
            if workspace.mode == Mode::Test {
                let scope = || Scope::Workspace(workspace.name.clone());
                let others = Role::ALL
                    .iter()
                    .filter(|role| **role != Role::Administrator);
                grants.extend(others.map(|role| grant(*role, scope())));
            }
        }
        let workspace = grants.iter().find_map(|grant| match &grant.scope {
            Scope::Workspace(name) => Some(name.clone()),
            Scope::Everywhere => None,
        });
        Ok(User {
            name,
            full_name: set_up.full_name.trim().to_owned(),
            grants,
            created_ms: now_ms,
            has_password: true,
            signed_in_ms: None,
            tested_ms: None,
            disabled_ms: None,
            theme: Theme::default(),
            workspace,
        })
    }
}
