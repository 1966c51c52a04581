//! How often credentials may be tried.
//!
//! Each pair of address and account has [`ACCOUNT`] attempts, and each address [`ADDRESS`] over all
//! names. An attempt that turns out right does not count. Accounts that do not exist are counted
//! like others. Credentials that are remembered are no attempt, so nobody is shut out who has been
//! let in lately, whoever else tries the same name from the same address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::http::bucket::{Bucket, Pace};

use super::error::AuthError;
use super::fingerprint::Fingerprint;

/// Ten at once, then one a minute.
pub(super) const ACCOUNT: Pace = Pace::new(10, Duration::from_secs(60));
/// What some PIs behind one address may get wrong, and what keeps one address from filling the
/// queue for passwords.
pub(super) const ADDRESS: Pace = Pace::new(100, Duration::from_secs(6));
/// Most buckets: some megabytes. When they are used up the fullest quarter goes.
const MAX_BUCKETS: usize = 65_536;

/// Attempts so far.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    buckets: Mutex<HashMap<Key, Bucket>>,
}

/// What is counted: an address with an account, or alone.
type Key = (IpAddr, Option<Fingerprint>);

/// An attempt under way.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    attempts: &'a Attempts,
    keys: [(Key, Pace); 2],
}

impl Attempts {
    /// Counts an attempt to enter under a name, of which the fingerprint is given.
    pub(crate) fn begin(
        &self,
        owner: IpAddr,
        account: Fingerprint,
        now_ns: u64,
    ) -> Result<Attempt<'_>, AuthError> {
        let keys = [((owner, Some(account)), ACCOUNT), ((owner, None), ADDRESS)];
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut buckets, now_ns);
        for (position, (key, pace)) in keys.iter().enumerate() {
            if let Err(wait) = buckets.entry(*key).or_default().take(*pace, now_ns) {
                give_back(&mut buckets, &keys[..position]);
                return Err(AuthError::Attempts { wait });
            }
        }
        Ok(Attempt {
            attempts: self,
            keys,
        })
    }
}

impl Attempt<'_> {
    /// It was right, or nobody knows: it does not count.
    pub(crate) fn forgive(self) {
        let buckets = self.attempts.buckets.lock();
        give_back(
            &mut buckets.unwrap_or_else(PoisonError::into_inner),
            &self.keys,
        );
    }
}

fn give_back(buckets: &mut HashMap<Key, Bucket>, keys: &[(Key, Pace)]) {
    for (key, pace) in keys {
        if let Some(bucket) = buckets.get_mut(key) {
            bucket.give_back(*pace);
        }
    }
}

/// Room for two more.
fn make_room(buckets: &mut HashMap<Key, Bucket>, now_ns: u64) {
    if buckets.len() + 2 <= MAX_BUCKETS {
        return;
    }
    buckets.retain(|_, bucket| bucket.full_ns() > now_ns);
    if buckets.len() + 2 <= MAX_BUCKETS {
        return;
    }
    let mut full_ns: Vec<u64> = buckets.values().map(Bucket::full_ns).collect();
    let quarter = full_ns.len() / 4;
    let (_, least_ns, _) = full_ns.select_nth_unstable(quarter);
    let least_ns = *least_ns;
    // Of many alike only so many go.
    let mut surplus = quarter + 2;
    buckets.retain(|_, bucket| {
        let stays = bucket.full_ns() > least_ns || surplus == 0;
        surplus -= usize::from(!stays);
        stays
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_NS: u64 = 60_000_000_000;

    fn owner(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    fn is_let_try(attempts: &Attempts, owner: IpAddr, account: u8, now_ns: u64) -> bool {
        attempts.begin(owner, [account; 32], now_ns).is_ok()
    }

    #[test]
    fn ten_attempts_then_one_a_minute() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            assert!(is_let_try(&attempts, owner(1), 1, 0));
        }
        let refused = attempts.begin(owner(1), [1; 32], 0).unwrap_err();
        let wait = Duration::from_secs(60);
        assert_eq!(refused, AuthError::Attempts { wait });
        assert!(is_let_try(&attempts, owner(1), 2, 0), "another account");
        assert!(is_let_try(&attempts, owner(2), 1, 0), "another address");
        assert!(is_let_try(&attempts, owner(1), 1, MINUTE_NS));
        assert!(!is_let_try(&attempts, owner(1), 1, MINUTE_NS));
    }

    #[test]
    fn right_attempts_do_not_count() {
        let attempts = Attempts::default();
        for _ in 0..1000 {
            attempts.begin(owner(1), [1; 32], 0).unwrap().forgive();
        }
    }

    #[test]
    fn an_address_has_an_end_over_all_names() {
        let attempts = Attempts::default();
        let tried = (0..=u8::MAX).filter(|account| is_let_try(&attempts, owner(1), *account, 0));
        assert_eq!(tried.count(), 100);
    }

    #[test]
    fn memory_is_bounded_and_the_emptiest_buckets_stay() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            assert!(is_let_try(&attempts, owner(0), 0, 0));
        }
        for number in 1..100_000 {
            assert!(is_let_try(&attempts, owner(number), 0, 0));
        }
        assert!(attempts.buckets.lock().unwrap().len() <= MAX_BUCKETS);
        assert!(!is_let_try(&attempts, owner(0), 0, 0));
    }
}
