//! Nonces that need not be remembered until they are used rightly.
//!
//! A nonce is its time, a number and a keyed hash of both: that it is ours and how old it is shows
//! by itself. Which counts have come with it is remembered from its first right use on, since a
//! count that comes again is a captured request that somebody repeats.
//!
//! The memory is bounded. When it is full every nonce made so far ends, which costs each client one
//! more round trip and lets nothing be repeated.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use super::super::error::NoEntropy;
use super::super::fingerprint::Key;

/// How long a nonce can be used.
const LIFETIME_NS: u64 = Duration::from_secs(300).as_nanos() as u64;
/// Most nonces in use: some megabytes.
const MAX_USED: usize = 65_536;
/// Octets of the keyed hash in a nonce.
const TAG_BYTES: usize = 16;

/// A nonce that is not ours, too old, or a count that came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http::auth) struct Stale;

#[derive(Debug)]
pub(in crate::http::auth) struct Nonces {
    key: Key,
    made: AtomicU64,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    /// By time and number.
    counts: HashMap<(u64, u64), Counts>,
    /// Nonces made before are over.
    not_before_ns: u64,
}

/// Which counts have come: the highest and, one bit each, the 64 up to it. Requests under way at
/// the same time arrive in any order; one that is further behind is refused.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    highest: u32,
    seen: u64,
}

impl Counts {
    fn take(&mut self, count: u32) -> Result<(), Stale> {
        if count > self.highest {
            let by = count - self.highest;
            self.seen = self.seen.checked_shl(by).unwrap_or(0) | 1;
            self.highest = count;
            return Ok(());
        }
        let bit = 1_u64.checked_shl(self.highest - count).ok_or(Stale)?;
        if self.seen & bit != 0 {
            return Err(Stale);
        }
        self.seen |= bit;
        Ok(())
    }
}

impl Nonces {
    pub(in crate::http::auth) fn new() -> Result<Self, NoEntropy> {
        Ok(Self {
            key: Key::random()?,
            made: AtomicU64::default(),
            used: Mutex::default(),
        })
    }

    /// A new nonce.
    pub(in crate::http::auth) fn make(&self, now_ns: u64) -> String {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let tag = self.tag(now_ns, number);
        let octets = [&now_ns.to_be_bytes()[..], &number.to_be_bytes(), &tag];
        BASE64_URL_SAFE_NO_PAD.encode(octets.concat())
    }

    /// Uses up a count of a nonce. Call it only once everything else is right.
    pub(in crate::http::auth) fn take(
        &self,
        nonce: &str,
        count: u32,
        now_ns: u64,
    ) -> Result<(), Stale> {
        let (made_ns, number) = self.read(nonce).ok_or(Stale)?;
        let is_alive = |made_ns: u64| now_ns.saturating_sub(made_ns) < LIFETIME_NS;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_alive(made_ns) || made_ns < used.not_before_ns {
            return Err(Stale);
        }
        let key = (made_ns, number);
        if !used.counts.contains_key(&key) && used.counts.len() >= MAX_USED {
            used.counts.retain(|(made_ns, _), _| is_alive(*made_ns));
            if used.counts.len() >= MAX_USED {
                used.counts.clear();
                used.not_before_ns = now_ns.saturating_add(1);
                return Err(Stale);
            }
        }
        used.counts.entry(key).or_default().take(count)
    }

    /// Time and number of a nonce of ours.
    fn read(&self, nonce: &str) -> Option<(u64, u64)> {
        let octets = BASE64_URL_SAFE_NO_PAD.decode(nonce).ok()?;
        let (made, rest) = octets.split_first_chunk::<8>()?;
        let (number, tag) = rest.split_first_chunk::<8>()?;
        let (made, number) = (u64::from_be_bytes(*made), u64::from_be_bytes(*number));
        let is_ours: bool = self.tag(made, number).ct_eq(tag).into();
        is_ours.then_some((made, number))
    }

    fn tag(&self, made_ns: u64, number: u64) -> [u8; TAG_BYTES] {
        let digest = self
            .key
            .digest(&[&made_ns.to_be_bytes(), &number.to_be_bytes()]);
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&digest[..TAG_BYTES]);
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_taken_once_in_any_near_order() {
        let nonces = Nonces::new().unwrap();
        let nonce = nonces.make(5);
        for count in [1, 3, 2, 100, 99, 37] {
            assert_eq!(nonces.take(&nonce, count, 6), Ok(()), "{count}");
            assert_eq!(nonces.take(&nonce, count, 6), Err(Stale), "{count}");
        }
        assert_eq!(nonces.take(&nonce, 36, 6), Err(Stale), "too far behind");
        assert_eq!(nonces.take(&nonce, u32::MAX, 6), Ok(()));
        let other = nonces.make(5);
        assert_ne!(nonce, other);
        assert_eq!(nonces.take(&other, 1, 6), Ok(()));
    }

    #[test]
    fn old_and_foreign_nonces_are_stale() {
        let nonces = Nonces::new().unwrap();
        let nonce = nonces.make(5);
        assert_eq!(nonces.take(&nonce, 1, 4 + LIFETIME_NS), Ok(()));
        assert_eq!(nonces.take(&nonce, 2, 5 + LIFETIME_NS), Err(Stale));
        let foreign = Nonces::new().unwrap().make(5);
        let mut changed = nonce.clone().into_bytes();
        changed[0] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        for wrong in [&*foreign, &changed, "", "x", &nonce[..40]] {
            assert_eq!(nonces.take(wrong, 1, 6), Err(Stale), "{wrong}");
        }
    }

    #[test]
    fn a_full_memory_ends_all_nonces_and_repeats_none() {
        let nonces = Nonces::new().unwrap();
        let first = nonces.make(5);
        assert_eq!(nonces.take(&first, 1, 5), Ok(()));
        for _ in 1..MAX_USED {
            assert_eq!(nonces.take(&nonces.make(5), 1, 5), Ok(()));
        }
        let last = nonces.make(5);
        assert_eq!(nonces.take(&last, 1, 5), Err(Stale));
        assert_eq!(nonces.take(&last, 1, 5), Err(Stale));
        assert_eq!(nonces.take(&first, 1, 5), Err(Stale));
        assert!(nonces.used.lock().unwrap().counts.is_empty());
        assert_eq!(nonces.take(&nonces.make(6), 1, 6), Ok(()));
    }
}
