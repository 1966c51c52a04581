//! Requests with the same credentials wait for one another, so that one hash serves them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use super::error::AuthError;
use super::fingerprint::Fingerprint;

/// Most requests that wait for others with the same credentials: what a PI may begin with at once.
/// If the credentials are wrong they cost a hash each, one after the other, which holds up nobody
/// else.
const MAX_ALIKE: usize = 1024;

/// Credentials that are being checked.
#[derive(Debug, Default)]
pub(super) struct Alike {
    lines: Mutex<HashMap<Fingerprint, Line>>,
}

/// Who waits for one credential, or has its turn.
#[derive(Debug, Default)]
struct Line {
    turn: Arc<tokio::sync::Mutex<()>>,
    requests: usize,
}

/// The right to check a credential; no other request checks the same one.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _guard: OwnedMutexGuard<()>,
    _place: Place<'a>,
}

/// A place in a line, given up when dropped.
#[derive(Debug)]
struct Place<'a> {
    alike: &'a Alike,
    fingerprint: Fingerprint,
}

impl Alike {
    pub(super) async fn turn(&self, fingerprint: Fingerprint) -> Result<Turn<'_>, AuthError> {
        let (turn, place) = self.stand_in_line(fingerprint)?;
        Ok(Turn {
            _guard: turn.lock_owned().await,
            _place: place,
        })
    }

    fn stand_in_line(
        &self,
        fingerprint: Fingerprint,
    ) -> Result<(Arc<tokio::sync::Mutex<()>>, Place<'_>), AuthError> {
        let mut lines = self.lines();
        let line = lines.entry(fingerprint).or_default();
        if line.requests >= MAX_ALIKE {
            return Err(AuthError::Busy);
        }
        line.requests += 1;
        let place = Place {
            alike: self,
            fingerprint,
        };
        Ok((Arc::clone(&line.turn), place))
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<Fingerprint, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut lines = self.alike.lines();
        if let Some(line) = lines.get_mut(&self.fingerprint) {
            line.requests -= 1;
            if line.requests == 0 {
                lines.remove(&self.fingerprint);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_are_given_one_after_the_other() {
        let alike = Alike::default();
        let first = alike.turn([0; 32]).await.unwrap();
        let other = alike.turn([1; 32]).await.unwrap();
        let mut second = Box::pin(alike.turn([0; 32]));
        assert!(at_once(second.as_mut()).await.is_none());
        drop(first);
        drop(second.await.unwrap());
        drop(other);
        assert!(alike.lines().is_empty());
    }

    #[tokio::test]
    async fn a_line_has_an_end() {
        let alike = Alike::default();
        let _first = alike.turn([0; 32]).await.unwrap();
        let mut waiting = Vec::new();
        for _ in 1..MAX_ALIKE {
            let mut turn = Box::pin(alike.turn([0; 32]));
            assert!(at_once(turn.as_mut()).await.is_none());
            waiting.push(turn);
        }
        assert_eq!(alike.turn([0; 32]).await.unwrap_err(), AuthError::Busy);
        waiting.pop();
        let mut turn = Box::pin(alike.turn([0; 32]));
        assert!(at_once(turn.as_mut()).await.is_none());
    }

    /// What a future gives without waiting.
    async fn at_once<F: Future + Unpin>(future: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            () = std::future::ready(()) => None,
        }
    }
}
