//! Who sends a request: HTTP Basic (RFC 7617) against argon2 hashes, HTTP Digest (RFC 7616), a
//! client certificate, or a trusted network.
//!
//! ```text
//!  no credentials ─▶ initiator with the client's certificate, else the first that trusts the
//!                    peer, else 401
//!  Basic  ─▶ may be read on the way? ─▶ 403
//!               │no
//!               ▼
//!            remembered? ─yes─▶ initiator
//!               │no
//!               ▼
//!            one at a time of those alike ─▶ attempts left? ─▶ queue ─▶ argon2 on two threads
//!               │full                          │no              │full        └▶ initiator or 401
//!               └───────────▶ 429 ◀────────────┴────────────────┘
//!  Digest ─▶ attempts left? ─▶ right? ─▶ nonce and count fresh? ─▶ initiator, else 401
//! ```
//!
//! Credentials, once given, decide alone, wherever they come from: a wrong password is not made
//! good by a certificate or a trusted network. A right Basic credential is remembered for
//! [`REMEMBERED_FOR`] under a keyed hash, so that a PI pays for argon2 now and again and not with
//! every push. A wrong one is never remembered.
//!
//! Nothing tells an unknown name from a wrong password: neither the answer, which is the same, nor
//! the time, as a name without a password costs a hash with the parameters of some account. Which
//! account that is depends on the name and a secret, so names that do not exist look like names that
//! do even where accounts have hashes of different cost. Attempts are counted alike too.
//!
//! Basic sends the password. From another machine it is taken only through TLS, unless the operator
//! has allowed otherwise; Digest does not send it and is taken always.
//!
//! Not here: what an initiator may do ([`access`](crate::access)).

mod accounts;
mod alike;
pub(crate) mod attempts;
mod basic;
mod digest;
pub(crate) mod error;
mod fingerprint;
pub(crate) mod passwords;
mod refusal;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};

use crate::model::submission::Authentication;
use crate::model::{Initiator, InitiatorName};

use super::peer::Peer;
use accounts::Accounts;
use alike::Alike;
use attempts::Attempts;
use basic::Credentials;
use digest::{Answer, Nonces};
use fingerprint::Key;
use passwords::Passwords;

pub use digest::{DigestSecret, NotDigests, REALM};
pub use error::{AuthError, NoEntropy};
pub use passwords::{HashError, hash_password};

/// How long a right credential is remembered at most.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(300);

/// Digests of passwords, by account.
pub type DigestSecrets = HashMap<InitiatorName, DigestSecret>;

/// Whether a password may be sent so that everybody on the way can read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleartext {
    /// From any machine.
    Allowed,
    /// From this machine alone.
    LoopbackOnly,
}

/// A request, as far as it tells who sends it.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The other end of the connection.
    pub peer: &'a Peer,
    /// Method of the request.
    pub method: &'a Method,
    /// Target of the request.
    pub uri: &'a Uri,
    /// Its Authorization header.
    pub authorization: Option<&'a HeaderValue>,
}

impl<'a> Asking<'a> {
    /// Of the parts of a request.
    pub fn new(peer: &'a Peer, method: &'a Method, uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        Self {
            peer,
            method,
            uri,
            authorization: headers.get(header::AUTHORIZATION),
        }
    }
}

/// Who sends a request, and how that is known.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who.
    pub initiator: Arc<Initiator>,
    /// How.
    pub by: Authentication,
}

/// Knows the initiators and tells them by their requests.
#[derive(Debug)]
pub struct Authenticator {
    key: Key,
    cleartext: Cleartext,
    accounts: Mutex<Accounts>,
    alike: Alike,
    attempts: Attempts,
    nonces: Nonces,
    passwords: Passwords,
}

impl Authenticator {
    /// Starts with these initiators. Of two that trust one network, or have one certificate, the
    /// first counts.
    pub fn new(
        initiators: Vec<Initiator>,
        digests: DigestSecrets,
        cleartext: Cleartext,
    ) -> Result<Self, NoEntropy> {
        let mut accounts = Accounts::default();
        accounts.update(initiators, digests);
        Ok(Self {
            key: Key::random()?,
            cleartext,
            accounts: Mutex::new(accounts),
            alike: Alike::default(),
            attempts: Attempts::default(),
            nonces: Nonces::new()?,
            passwords: Passwords::default(),
        })
    }

    /// Takes these initiators in place of all others. What was remembered of accounts that have
    /// changed in any way is forgotten.
    pub fn update(&self, initiators: Vec<Initiator>, digests: DigestSecrets) {
        self.accounts().update(initiators, digests);
    }

    /// Tells whose request this is. `now_ns` is the monotonic clock
    /// ([`Clock::mono_ns`](crate::clock::Clock::mono_ns)).
    pub async fn authenticate(&self, asking: &Asking<'_>, now_ns: u64) -> Result<Known, AuthError> {
        let Some(value) = asking.authorization else {
            return self.without_credentials(asking.peer);
        };
        let (initiator, by) = match scheme(value) {
            Some(Scheme::Basic) => (
                self.basic(asking.peer, value, now_ns).await?,
                Authentication::Basic,
            ),
            Some(Scheme::Digest) => (self.digest(asking, value, now_ns)?, Authentication::Digest),
            None => return Err(AuthError::Malformed),
        };
        Ok(Known { initiator, by })
    }

    fn without_credentials(&self, peer: &Peer) -> Result<Known, AuthError> {
        let accounts = self.accounts();
        let certified = peer
            .certificate()
            .and_then(|certificate| accounts.certified(certificate));
        let (initiator, by) = match certified {
            Some(initiator) => (initiator, Authentication::Certificate),
            None => (
                accounts.trusting(peer.ip()).ok_or(AuthError::Missing)?,
                Authentication::Network,
            ),
        };
        Ok(Known { initiator, by })
    }

    async fn basic(
        &self,
        peer: &Peer,
        value: &HeaderValue,
        now_ns: u64,
    ) -> Result<Arc<Initiator>, AuthError> {
        if !self.may_send_password(peer) {
            return Err(AuthError::Cleartext);
        }
        let credentials = Credentials::try_from(value).map_err(|_| AuthError::Malformed)?;
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
        let account = self.key.digest(&[name.as_bytes()]);
        let attempt = self.attempts.begin(peer.owner(), account, now_ns)?;
        let pick = self.key.number(name.as_bytes());
        let challenge = self.accounts().challenge(name, pick);
        let matches = match self.passwords.check(challenge.hash, password).await {
            Ok(matches) => matches,
            Err(error) => {
                attempt.forgive();
                return Err(error);
            }
        };
        let account = challenge.account.filter(|_| matches);
        let admitted =
            account.and_then(|account| self.accounts().admit(&account, fingerprint, now_ns));
        let initiator = admitted.ok_or(AuthError::Wrong)?;
        attempt.forgive();
        Ok(initiator)
    }

    fn digest(
        &self,
        asking: &Asking<'_>,
        value: &HeaderValue,
        now_ns: u64,
    ) -> Result<Arc<Initiator>, AuthError> {
        let answer = Answer::try_from(value).map_err(|_| AuthError::Malformed)?;
        if !answer.is_about(asking.uri) {
            return Err(AuthError::Malformed);
        }
        let name = answer.username.as_bytes();
        let account = self.key.digest(&[name]);
        let attempt = self.attempts.begin(asking.peer.owner(), account, now_ns)?;
        let found = self.accounts().digest(&answer.username);
        // A name without digests is checked against some too.
        let nobody = DigestSecret::new(&answer.username, &format!("{:x}", self.key.number(name)));
        let (initiator, secret) = match found {
            Some((initiator, secret)) => (Some(initiator), secret),
            None => (None, nobody),
        };
        let is_right = answer.is_right(&secret, asking.method);
        let initiator = initiator.filter(|_| is_right).ok_or(AuthError::Wrong)?;
        attempt.forgive();
        self.nonces
            .take(&answer.nonce, answer.count, now_ns)
            .map_err(|_| AuthError::Stale)?;
        Ok(initiator)
    }

    /// The account that a request claims to be, if there is one of that name: for the audit alone.
    pub fn claimed(&self, authorization: Option<&HeaderValue>) -> Option<InitiatorName> {
        let value = authorization?;
        let name = match scheme(value)? {
            Scheme::Basic => Credentials::try_from(value).ok()?.name().to_owned(),
            Scheme::Digest => Answer::try_from(value).ok()?.username,
        };
        self.accounts().known(&name)
    }

    /// Passwords hashed so far, for metrics.
    pub fn hashed(&self) -> u64 {
        self.passwords.hashed()
    }

    fn may_send_password(&self, peer: &Peer) -> bool {
        match self.cleartext {
            Cleartext::Allowed => true,
            Cleartext::LoopbackOnly => peer.is_private(),
        }
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ways to send credentials.
enum Scheme {
    Basic,
    Digest,
}

fn scheme(value: &HeaderValue) -> Option<Scheme> {
    let octets = value.as_bytes();
    let name = octets.split(|octet| *octet == b' ').next()?;
    if name.eq_ignore_ascii_case(b"Basic") {
        Some(Scheme::Basic)
    } else if name.eq_ignore_ascii_case(b"Digest") {
        Some(Scheme::Digest)
    } else {
        None
    }
}
