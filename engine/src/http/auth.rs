//! Who sends a request: HTTP Basic (RFC 7617) against argon2 hashes, or a trusted network.
//!
//! ```text
//!  no credentials ─▶ first initiator that trusts the peer, else 401
//!  credentials ─▶ remembered? ─yes─▶ initiator
//!                     │no
//!                     ▼
//!        one at a time of those alike ─▶ queue ─▶ argon2 on two threads ─▶ initiator or 401
//!                     │full                │full
//!                     └───────────▶ 429 ◀──┘
//! ```
//!
//! Credentials, once given, decide alone, wherever they come from: a wrong password is not made
//! good by a trusted network. A right credential is remembered for [`REMEMBERED_FOR`] under a keyed
//! hash, so that a PI pays for argon2 now and again and not with every push. A wrong one is never
//! remembered.
//!
//! Nothing tells an unknown name from a wrong password: neither the answer, which is the same, nor
//! the time, as a name without a password costs a hash with the parameters of some account. Which
//! account that is depends on the name and a secret, so names that do not exist look like names that
//! do even where accounts have hashes of different cost.
//!
//! Not here: limits on attempts by address and account, and what an initiator may do.

mod accounts;
mod alike;
mod basic;
mod error;
mod fingerprint;
mod passwords;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderValue;

use crate::model::Initiator;

use accounts::Accounts;
use alike::Alike;
use basic::Credentials;
use fingerprint::Key;
use passwords::Passwords;

pub use error::{AuthError, NoEntropy};
pub use passwords::{HashError, hash_password};

/// How long a right credential is remembered at most.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(300);

/// Knows the initiators and tells them by their requests.
#[derive(Debug)]
pub struct Authenticator {
    key: Key,
    accounts: Mutex<Accounts>,
    alike: Alike,
    passwords: Passwords,
}

impl Authenticator {
    /// Starts with these initiators. Of two that trust one network the first counts.
    pub fn new(initiators: Vec<Initiator>) -> Result<Self, NoEntropy> {
        let mut accounts = Accounts::default();
        accounts.update(initiators);
        Ok(Self {
            key: Key::random()?,
            accounts: Mutex::new(accounts),
            alike: Alike::default(),
            passwords: Passwords::default(),
        })
    }

    /// Takes these initiators in place of all others. What was remembered of accounts that have
    /// changed in any way is forgotten.
    pub fn update(&self, initiators: Vec<Initiator>) {
        self.accounts().update(initiators);
    }

    /// Tells whose request this is.
    ///
    /// `peer` is the other end of the connection, `authorization` the header of that name, and
    /// `now_ns` the monotonic clock ([`Clock::mono_ns`](crate::clock::Clock::mono_ns)).
    pub async fn authenticate(
        &self,
        peer: IpAddr,
        authorization: Option<&HeaderValue>,
        now_ns: u64,
    ) -> Result<Arc<Initiator>, AuthError> {
        let Some(value) = authorization else {
            let trusted = self.accounts().trusting(peer.to_canonical());
            return trusted.ok_or(AuthError::Unauthorized);
        };
        let credentials = Credentials::try_from(value).map_err(|_| AuthError::Unauthorized)?;
        let (name, password) = (credentials.name(), credentials.password());
        let fingerprint = self.key.digest(&[name.as_bytes(), password.as_bytes()]);
        let remembered = self.accounts().recall(&fingerprint, now_ns);
        if let Some(initiator) = remembered {
            return Ok(initiator);
        }
        let _turn = self.alike.turn(fingerprint).await?;
        let remembered = self.accounts().recall(&fingerprint, now_ns);
        if let Some(initiator) = remembered {
            return Ok(initiator);
        }
        let pick = self.key.number(name.as_bytes());
        let challenge = self.accounts().challenge(name, pick);
        let matches = self.passwords.check(challenge.hash, password).await?;
        match challenge.account {
            Some(account) if matches => self
                .accounts()
                .admit(&account, fingerprint, now_ns)
                .ok_or(AuthError::Unauthorized),
            _ => Err(AuthError::Unauthorized),
        }
    }

    /// Passwords hashed so far, for metrics.
    pub fn hashed(&self) -> u64 {
        self.passwords.hashed()
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
