//! argon2, on few threads and behind a short queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::Error as ArgonError;
use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use super::error::AuthError;

/// Hashes computed at a time: each takes a core and tens of megabytes.
pub(super) const MAX_HASHING: usize = 2;
/// Checks that wait for a thread: together less than a second of work.
pub(super) const MAX_WAITING: usize = 32;

/// Checks passwords.
#[derive(Debug)]
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    pub(super) threads: Arc<Semaphore>,
    hashed: AtomicU64,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MAX_HASHING + MAX_WAITING)),
            threads: Arc::new(Semaphore::new(MAX_HASHING)),
            hashed: AtomicU64::default(),
        }
    }
}

impl Passwords {
    /// Whether a password matches. Costs the hash's parameters, whatever comes out; a caller that
    /// goes away does not stop what has begun.
    pub(crate) async fn check(
        &self,
        hash: Arc<PasswordHash>,
        password: &str,
    ) -> Result<bool, AuthError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| AuthError::Busy)?;
        let thread = Arc::clone(&self.threads).acquire_owned().await;
        let thread = thread.map_err(|_| AuthError::Busy)?;
        let password = password.to_owned();
        self.hashed.fetch_add(1, Ordering::Relaxed);
        let check = tokio::task::spawn_blocking(move || {
            let outcome = Argon2::default().verify_password(password.as_bytes(), &*hash);
            drop((thread, place));
            outcome
        });
        match check.await {
            Ok(Ok(())) => Ok(true),
            Ok(Err(ArgonError::PasswordInvalid)) => Ok(false),
            Ok(Err(error)) => {
                tracing::error!(%error, "a password cannot be checked");
                Err(AuthError::Busy)
            }
            // The runtime ends.
            Err(_) => Err(AuthError::Busy),
        }
    }

    /// The argon2id hash of a new password.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, AuthError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| AuthError::Busy)?;
        let thread = Arc::clone(&self.threads).acquire_owned().await;
        let thread = thread.map_err(|_| AuthError::Busy)?;
        let password = password.to_owned();
        let hash = tokio::task::spawn_blocking(move || {
            let hash = hash_password(&password);
            drop((thread, place));
            hash
        });
        match hash.await {
            Ok(Ok(hash)) => Ok(hash),
            Ok(Err(error)) => {
                tracing::error!(%error, "a password cannot be hashed");
                Err(AuthError::Busy)
            }
            // The runtime ends.
            Err(_) => Err(AuthError::Busy),
        }
    }

    pub(super) fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(super) fn places_left(&self) -> usize {
        self.places.available_permits()
    }
}

/// A password that could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("the password cannot be hashed")]
pub struct HashError(#[source] ArgonError);

/// The argon2id hash of a password in PHC form, with a fresh salt. Takes a core for some tens of
/// milliseconds.
pub fn hash_password(password: &str) -> Result<String, HashError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(HashError)
}
