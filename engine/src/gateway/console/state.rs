//! What the console needs besides the store.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::Digest as _;

use super::events::Feed;
use super::{Actor, ConsoleError};
use crate::config::ConsoleSettings;
use crate::gateway::Gateway;
use crate::http::auth::Cleartext;
use crate::http::auth::attempts::Attempts;
use crate::http::auth::error::AuthError;
use crate::http::auth::passwords::{HashError, Passwords, hash_password};
use crate::http::peer::{Peer, owner};
use crate::model::backdrop::Backdrop;
use crate::model::{Action, AliasGroup, Channel, Initiator, ServiceArea, Sha256};
use crate::store::{AuditDetails, AuditEntry, Steps, StoreError};

/// Definitions of the configuration file that the process was started with.
#[derive(Debug, Clone, Default)]
pub struct FileDefinitions {
    /// Channels.
    pub channels: Vec<Channel>,
    /// Alias groups.
    pub groups: Vec<AliasGroup>,
    /// Service areas.
    pub areas: Vec<ServiceArea>,
    /// Initiators.
    pub initiators: Vec<Initiator>,
}

/// What the console needs besides the store.
#[derive(Debug)]
pub struct Console {
    pub(super) settings: ConsoleSettings,
    pub(super) file: FileDefinitions,
    pub(super) passwords: Passwords,
    pub(super) attempts: Attempts,
    /// A hash that no password has: what a name without one is checked against.
    pub(super) nobody: String,
    pub(super) feed: Feed,
    /// Passwords are taken from other machines without TLS too.
    pub(super) cleartext: Cleartext,
    /// The backdrop as it was read last.
    pub(super) backdrop: Mutex<Option<Arc<Backdrop>>>,
    /// Held while names are read anew, so that an older answer does not come last.
    pub(super) renewing: tokio::sync::Mutex<()>,
}

impl Console {
    /// Nobody has signed in yet. Hashes once, which takes a core for some tens of milliseconds.
    pub fn new(
        settings: ConsoleSettings,
        file: FileDefinitions,
        now_ms: u64,
    ) -> Result<Self, HashError> {
        Ok(Self {
            settings,
            file,
            passwords: Passwords::default(),
            attempts: Attempts::default(),
            nobody: hash_password(&uuid::Uuid::now_v7().to_string())?,
            feed: Feed::new(now_ms),
            cleartext: Cleartext::LoopbackOnly,
            backdrop: Mutex::default(),
            renewing: tokio::sync::Mutex::default(),
        })
    }

    /// With another rule for passwords without TLS: without a word of it they are taken from this
    /// machine alone.
    #[must_use]
    pub fn with_cleartext(mut self, cleartext: Cleartext) -> Self {
        self.cleartext = cleartext;
        self
    }

    pub(super) fn takes_passwords_of(&self, peer: &Peer) -> bool {
        peer.is_private() || self.cleartext == Cleartext::Allowed
    }

    /// How long a console's alert can be stopped before its first octet.
    pub(super) fn undo_ms(&self) -> u64 {
        millis(self.settings.undo)
    }
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Attempts of an address at a name are counted together.
pub(super) fn attempt_key(from: IpAddr, name: &str) -> (IpAddr, [u8; 32]) {
    let name = sha2::Sha256::digest(name.to_lowercase());
    (owner(from), name.into())
}

/// SHA-256 of a secret, as the store has it.
pub(super) fn secret_hash(secret: &str) -> Sha256 {
    Sha256(sha2::Sha256::digest(secret).into())
}

/// 256 random bits, hexadecimal.
pub(super) fn secret() -> Result<String, ConsoleError> {
    let mut octets = [0; 32];
    getrandom::fill(&mut octets)
        .map_err(|_| ConsoleError::NotNow("there is no randomness".to_owned()))?;
    Ok(Sha256(octets).to_hex())
}

/// A key that sorts by time.
pub(super) fn new_key<T: std::str::FromStr>() -> Result<T, ConsoleError> {
    let key = uuid::Uuid::now_v7().to_string();
    key.parse()
        .map_err(|_| ConsoleError::NotNow("no key can be made".to_owned()))
}

impl From<AuthError> for ConsoleError {
    fn from(error: AuthError) -> Self {
        let wait_s = match error {
            AuthError::Attempts { wait } => wait.as_secs().max(1),
            _ => 1,
        };
        Self::Attempts { wait_s }
    }
}

/// What stands in the audit of something that was done.
pub(super) struct Done<'a> {
    pub(super) action: &'static str,
    pub(super) object: String,
    pub(super) before: Option<&'a dyn erased::Json>,
    pub(super) after: Option<&'a dyn erased::Json>,
}

/// Values of any type that have a JSON form.
pub(super) mod erased {
    pub(in super::super) trait Json: Sync {
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize + Sync> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap_or_default()
        }
    }
}

impl<'a> Done<'a> {
    pub(super) const fn new(action: &'static str, object: String) -> Self {
        Self {
            action,
            object,
            before: None,
            after: None,
        }
    }

    #[must_use]
    pub(super) fn before(mut self, value: &'a dyn erased::Json) -> Self {
        self.before = Some(value);
        self
    }

    #[must_use]
    pub(super) fn after(mut self, value: &'a dyn erased::Json) -> Self {
        self.after = Some(value);
        self
    }
}

impl Gateway {
    pub(super) fn console(&self) -> &Console {
        &self.inner.console
    }

    /// The row of the audit of something that a person does.
    pub(super) fn done(&self, actor: &Actor, done: Done<'_>) -> AuditEntry {
        AuditEntry {
            at_ms: self.inner.clock.unix_ms(),
            who: Some(actor.name().to_string()),
            source: Some(actor.from.to_canonical().to_string()),
            action: done.action.to_owned(),
            reason: "done".to_owned(),
            count: 1,
            details: AuditDetails {
                who_kind: Some("user".to_owned()),
                workspace: Some(actor.workspace.name.to_string()),
                object: Some(done.object),
                before: done.before.map(erased::Json::json),
                after: done.after.map(erased::Json::json),
            },
        }
    }

    /// Stores steps, all of them or none; that others were faster is a conflict.
    pub(super) async fn commit(&self, steps: Steps) -> Result<(), ConsoleError> {
        let committed = self.inner.store.commit(steps).await;
        committed.map_err(ConsoleError::of)
    }

    /// Whether they may; what they may not is recorded.
    pub async fn authorize(&self, actor: &Actor, action: Action) -> Result<(), ConsoleError> {
        if actor.may(action) {
            return Ok(());
        }
        let why = match actor.resting(action) {
            _ if actor.needs_factor(action) => "second_factor",
            Some(_) => "resting",
            None => "role",
        };
        self.refused(actor, action.as_str(), why).await?;
        Err(actor.refusal(action))
    }

    /// Records something that was refused to a person.
    pub(super) async fn refused(
        &self,
        actor: &Actor,
        action: &'static str,
        why: &str,
    ) -> Result<(), StoreError> {
        let mut entry = self.done(actor, Done::new(action, format!("user {}", actor.name())));
        entry.reason = why.to_owned();
        self.inner.store.audit_append(vec![entry]).await
    }
}

/// [`StoreError::Stale`] is somebody else's change.
impl ConsoleError {
    pub(super) fn of(error: StoreError) -> Self {
        match error {
            StoreError::Stale { what } => Self::Conflict {
                what: what.to_owned(),
            },
            error => Self::Store(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::peer::Transport;

    #[test]
    fn passwords_come_in_clear_text_from_here_or_where_the_configuration_lets_them() {
        let far = |transport| Peer {
            address: "192.0.2.1:1".parse().unwrap(),
            transport,
        };
        let tls = Transport::Tls { certificate: None };
        let console = || {
            let settings = ConsoleSettings::default();
            Console::new(settings, FileDefinitions::default(), 0).unwrap()
        };
        assert!(console().takes_passwords_of(&far(tls)));
        assert!(!console().takes_passwords_of(&far(Transport::Cleartext)));
        let open = console().with_cleartext(Cleartext::Allowed);
        assert!(open.takes_passwords_of(&far(Transport::Cleartext)));
    }
}
