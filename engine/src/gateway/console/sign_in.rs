//! Sessions: signing in, being signed in, signing out, and the very first person.

use std::net::IpAddr;

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::user::SessionView;
use crate::model::{SessionId, UserName, WorkspaceName};

/// The secret of a session: 256 random bits, hexadecimal. The store holds only its hash. It goes
/// into a cookie that is `HttpOnly`, `SameSite=Lax` and, under TLS, `Secure` and `__Host-`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub(super) String);

impl Token {
    /// The value of a cookie, whatever stands in it: what is no token opens nothing.
    pub fn from_cookie(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// The value for a cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What somebody types to sign in.
pub struct Credentials {
    /// Name, as typed.
    pub name: String,
    /// Password, as typed.
    pub password: String,
    /// The address of the browser.
    pub from: IpAddr,
    /// What the browser calls itself; cut at 200 octets.
    pub agent: String,
}

/// A session that has begun.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// For the cookie. Always a new one.
    pub token: Token,
    /// Where the session is.
    pub workspace: WorkspaceName,
    /// When it ends in any case, Unix ms.
    pub ends_ms: u64,
}

/// What the first person types, or somebody who was invited.
pub struct SetUp {
    /// The word of the link.
    pub link: String,
    /// Name to sign in with; only read where the link is the first one of a gateway, else whoever
    /// was invited has a name.
    pub name: String,
    /// What they are called.
    pub full_name: String,
    /// The password to be, at least 12 characters.
    pub password: String,
    /// The address of the browser.
    pub from: IpAddr,
    /// What the browser calls itself.
    pub agent: String,
}

impl Gateway {
    /// Begins a session. The answer to a wrong name is the one to a wrong password, and takes as
    /// long; after ten wrong attempts one a minute is looked at.
    pub async fn sign_in(&self, credentials: Credentials) -> Result<SignedIn, ConsoleError> {
        let _ = credentials;
        Err(ConsoleError::NotYet)
    }

    /// Who is at work. `workspace` is the one that a page names; `None` takes the one of the
    /// session. [`ConsoleError::NotFound`] where they have no role in it.
    pub async fn session(
        &self,
        token: &Token,
        workspace: Option<&WorkspaceName>,
        from: IpAddr,
    ) -> Result<Actor, ConsoleError> {
        let _ = (token, workspace, from);
        Err(ConsoleError::NotYet)
    }

    /// Ends a session; one that is over already is no error.
    pub async fn sign_out(&self, token: &Token) -> Result<(), ConsoleError> {
        let _ = token;
        Err(ConsoleError::NotYet)
    }

    /// Whether a link for setting up leads anywhere, and to whom: `None` for the very first
    /// person, who chooses a name.
    pub async fn set_up_link(&self, link: &str) -> Result<Option<UserName>, ConsoleError> {
        let _ = link;
        Err(ConsoleError::NotYet)
    }

    /// Sets a password by a link, which leads nowhere afterwards, and begins a session. The very
    /// first person becomes administrator, and has every role in test workspaces.
    pub async fn set_up(&self, set_up: SetUp) -> Result<SignedIn, ConsoleError> {
        let _ = set_up;
        Err(ConsoleError::NotYet)
    }

    /// The sessions of the person, the newest first.
    pub async fn own_sessions(&self, actor: &Actor) -> Result<Vec<SessionView>, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// Ends one of their own sessions.
    pub async fn end_own_session(
        &self,
        actor: &Actor,
        session: &SessionId,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, session);
        Err(ConsoleError::NotYet)
    }
}
