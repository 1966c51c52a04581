//! Sessions: signing in, being signed in, signing out.

use std::net::IpAddr;
use std::sync::Arc;

use argon2::PasswordHash;

use super::factor::SignIn;
use super::proficiency;
use super::state::{Done, attempt_key, millis, new_key, secret, secret_hash};
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::http::peer::Peer;
use crate::model::user::SessionView;
use crate::model::{SessionId, User, UserName, Workspace, WorkspaceName};
use crate::store::{AuditDetails, AuditEntry, Steps, StoredSession};

/// Shortest password, characters (NIST SP 800-63B 3.1.1.2 asks for 15 where nothing else is
/// shown, and for 8 at least).
pub const MIN_PASSWORD_CHARS: usize = 12;
/// Longest password, octets: far beyond any sentence, short enough to hash.
pub const MAX_PASSWORD_BYTES: usize = 1_024;
/// Of what a browser calls itself so much is kept, octets.
const MAX_AGENT_BYTES: usize = 200;
/// How often the use of a session is noted, ms.
const SEEN_EVERY_MS: u64 = 60_000;

/// The secret of a session: 256 random bits, hexadecimal. The store holds only its hash. It goes
/// into a cookie that is `HttpOnly`, `SameSite=Lax` and, under TLS, `Secure` and `__Host-`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

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

impl Gateway {
    /// Whether a password may come from there: over TLS, from this machine, or where the
    /// configuration lets passwords come in clear text.
    pub fn takes_passwords_of(&self, peer: &Peer) -> bool {
        self.console().takes_passwords_of(peer)
    }

    /// Begins a session, or asks for a code. The answer to a wrong name is the one to a wrong
    /// password, and takes as long; after ten wrong attempts one a minute is looked at.
    pub async fn sign_in(&self, credentials: Credentials) -> Result<SignIn, ConsoleError> {
        let Credentials {
            name,
            password,
            from,
            agent,
        } = credentials;
        let console = self.console();
        let (address, account) = attempt_key(from, &name);
        let now_ns = self.inner.clock.mono_ns();
        let attempt = console.attempts.begin(address, account, now_ns)?;
        let found = match name.len() {
            0..=crate::model::ids::MAX_NAME_BYTES => self.inner.store.user(&name).await?,
            _ => None,
        };
        let hash = found
            .as_ref()
            .and_then(|found| found.password_hash.as_deref());
        let hash = PasswordHash::new(hash.unwrap_or(&console.nobody));
        let hash = hash.map_err(|_| ConsoleError::WrongCredentials)?;
        let password = match password.len() {
            0..=MAX_PASSWORD_BYTES => password.as_str(),
            _ => "",
        };
        let right = console.passwords.check(Arc::new(hash), password).await?;
        let user = found
            .filter(|found| right && found.password_hash.is_some())
            .map(|found| found.user)
            .filter(|user| user.disabled_ms.is_none());
        let Some(user) = user else {
            let entry = self.signing_in(None, from, "wrong");
            self.inner.store.audit_append(vec![entry]).await?;
            return Err(ConsoleError::WrongCredentials);
        };
        attempt.forgive();
        self.go_on(&user, from, &agent, Steps::default()).await
    }

    /// After the password: the code, where there is a second factor, else a session.
    pub(super) async fn go_on(
        &self,
        user: &User,
        from: IpAddr,
        agent: &str,
        steps: Steps,
    ) -> Result<SignIn, ConsoleError> {
        match self.counting_factor(&user.name).await? {
            Some(_) => {
                let ticket = self.code_ticket(&user.name, steps).await?;
                Ok(SignIn::CodeNeeded(ticket))
            }
            None => {
                let session = self.begin_session(user, from, agent, steps).await?;
                Ok(SignIn::Begun(session))
            }
        }
    }

    pub(super) fn signing_in(
        &self,
        user: Option<&UserName>,
        from: IpAddr,
        result: &str,
    ) -> AuditEntry {
        AuditEntry {
            at_ms: self.inner.clock.unix_ms(),
            who: user.map(ToString::to_string),
            source: Some(from.to_canonical().to_string()),
            action: "sign_in".to_owned(),
            reason: result.to_owned(),
            count: 1,
            details: AuditDetails {
                who_kind: Some("user".to_owned()),
                ..AuditDetails::default()
            },
        }
    }

    pub(super) async fn begin_session(
        &self,
        user: &User,
        from: IpAddr,
        agent: &str,
        steps: Steps,
    ) -> Result<SignedIn, ConsoleError> {
        let workspace = self.first_workspace(user).await?;
        let now_ms = self.inner.clock.unix_ms();
        let token = secret()?;
        let ends_ms = now_ms + millis(self.console().settings.session);
        let session = StoredSession {
            hash: secret_hash(&token),
            id: new_key()?,
            user: user.name.clone(),
            workspace: workspace.clone(),
            created_ms: now_ms,
            seen_ms: now_ms,
            ends_ms,
            ended_ms: None,
            source: from.to_canonical().to_string(),
            agent: cut(agent),
        };
        let steps = steps
            .signed_in(&user.name, now_ms)
            .begin_session(&session)
            .audited(self.signing_in(Some(&user.name), from, "done"));
        self.commit(steps).await?;
        Ok(SignedIn {
            token: Token(token),
            workspace,
            ends_ms,
        })
    }

    /// The workspace that they were in last, else the first in which they have a role, live ones
    /// first.
    async fn first_workspace(&self, user: &User) -> Result<WorkspaceName, ConsoleError> {
        let open = self.open_workspaces(user).await?;
        let last = (open.iter()).find(|workspace| Some(&workspace.name) == user.workspace.as_ref());
        let first = last.or(open.first());
        let none = || ConsoleError::NotNow("you have no role in any workspace yet".to_owned());
        Ok(first.ok_or_else(none)?.name.clone())
    }

    /// Workspaces in which they have a role, live ones first.
    pub(super) async fn open_workspaces(
        &self,
        user: &User,
    ) -> Result<Vec<Workspace>, ConsoleError> {
        let all = self.inner.store.workspaces().await?;
        let mut open: Vec<Workspace> = all
            .into_iter()
            .map(|(workspace, _)| workspace)
            .filter(|workspace| user.roles(&workspace.name).next().is_some())
            .collect();
        open.sort_by_key(|workspace| workspace.mode);
        Ok(open)
    }

    /// Who is at work. `workspace` is the one that a page names; `None` takes the one of the
    /// session. [`ConsoleError::NotFound`] where they have no role in it.
    pub async fn session(
        &self,
        token: &Token,
        workspace: Option<&WorkspaceName>,
        from: IpAddr,
    ) -> Result<Actor, ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        let session = self.open_session(token, now_ms).await?;
        let found = self.inner.store.user(session.user.as_str()).await?;
        let user = found.map(|found| found.user);
        let user = user.filter(|user| user.disabled_ms.is_none());
        let user = user.ok_or(ConsoleError::SignedOut)?;
        let open = self.open_workspaces(&user).await?;
        let wanted = workspace.unwrap_or(&session.workspace);
        let named = open.iter().find(|open| open.name == *wanted);
        let found = match workspace {
            Some(_) => named,
            // The role in the session's workspace may have been taken.
            None => named.or(open.first()),
        };
        let found = found.ok_or(ConsoleError::NotFound { what: "workspace" })?;
        if now_ms.saturating_sub(session.seen_ms) >= SEEN_EVERY_MS {
            let steps = Steps::default().saw_session(&session.id, now_ms);
            self.inner.store.commit(steps).await?;
        }
        Ok(Actor {
            lacks_factor: found.second_factor && self.counting_factor(&user.name).await?.is_none(),
            rests: proficiency::rests(&user, found, now_ms),
            workspace: found.clone(),
            user,
            session: session.id,
            from,
            form_token: secret_hash(&format!("form {}", token.0)).to_hex(),
            idle_until_ms: (now_ms + millis(self.console().settings.idle)).min(session.ends_ms),
            ends_ms: session.ends_ms,
        })
    }

    async fn open_session(
        &self,
        token: &Token,
        now_ms: u64,
    ) -> Result<StoredSession, ConsoleError> {
        let session = self.inner.store.session(secret_hash(&token.0)).await?;
        session
            .filter(|session| self.is_open(session, now_ms))
            .ok_or(ConsoleError::SignedOut)
    }

    fn is_open(&self, session: &StoredSession, now_ms: u64) -> bool {
        // The use of a session is noted now and again, so that much is added.
        let idle_ms = millis(self.console().settings.idle) + SEEN_EVERY_MS;
        session.ended_ms.is_none()
            && now_ms < session.ends_ms
            && now_ms < session.seen_ms.saturating_add(idle_ms)
    }

    /// Whether the session of somebody is still open: for streams that outlive a request.
    pub(super) async fn is_session_open(&self, actor: &Actor) -> Result<bool, ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        let sessions = self.inner.store.sessions_of(actor.name(), now_ms).await?;
        Ok(sessions
            .iter()
            .any(|session| session.id == actor.session && self.is_open(session, now_ms)))
    }

    /// Ends a session; one that is over already is no error.
    pub async fn sign_out(&self, token: &Token) -> Result<(), ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        if let Ok(session) = self.open_session(token, now_ms).await {
            let steps = Steps::default().end_session(&session.user, &session.id, now_ms);
            self.inner.store.commit(steps).await?;
        }
        Ok(())
    }

    /// The sessions of the person, the newest first.
    pub async fn own_sessions(&self, actor: &Actor) -> Result<Vec<SessionView>, ConsoleError> {
        self.sessions_of(actor.name(), Some(&actor.session)).await
    }

    pub(super) async fn sessions_of(
        &self,
        name: &UserName,
        current: Option<&SessionId>,
    ) -> Result<Vec<SessionView>, ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        let sessions = self.inner.store.sessions_of(name, now_ms).await?;
        let idle_ms = millis(self.console().settings.idle);
        Ok(sessions
            .into_iter()
            .filter(|session| self.is_open(session, now_ms))
            .map(|session| SessionView {
                current: current == Some(&session.id),
                id: session.id,
                created_ms: session.created_ms,
                seen_ms: session.seen_ms,
                idle_until_ms: session.seen_ms.saturating_add(idle_ms),
                ends_ms: session.ends_ms,
                from: session.source,
                agent: session.agent,
            })
            .collect())
    }

    /// Ends one of their own sessions.
    pub async fn end_own_session(
        &self,
        actor: &Actor,
        session: &SessionId,
    ) -> Result<(), ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        let object = format!("session {session}");
        let steps = Steps::default()
            .end_session(actor.name(), session, now_ms)
            .audited(self.done(actor, Done::new("end_session", object)));
        Ok(self.inner.store.commit(steps).await?)
    }
}

/// A password that is long enough to be one.
pub(crate) fn check_password(password: &str) -> Result<(), ConsoleError> {
    if password.chars().count() < MIN_PASSWORD_CHARS {
        let message = format!("Choose a password of at least {MIN_PASSWORD_CHARS} characters.");
        return Err(ConsoleError::field("password", message));
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(ConsoleError::field("password", "The password is too long."));
    }
    Ok(())
}

fn cut(agent: &str) -> String {
    let visible = agent.chars().filter(|character| !character.is_control());
    let mut bytes = 0;
    visible
        .take_while(|character| {
            bytes += character.len_utf8();
            bytes <= MAX_AGENT_BYTES
        })
        .collect()
}
