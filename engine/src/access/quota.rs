//! How much an initiator may submit on a day of UTC.
//!
//! What is stored is counted with it, in the same transaction, so a restart forgets nothing. The
//! count of the day is read once and then kept here, so that a submission costs no query and two
//! at the same time cannot both be the last. Processes that share a PostgreSQL database each know
//! what the others stored before they looked, and no later.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::metrics::QuotaRefusal;
use crate::model::{Initiator, InitiatorName};
use crate::store::{QuotaUse, Store, StoreError, day_of};

/// A submission beyond the day's quota (PAP 8.13, code 2001).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// Its addresses.
    #[error("the quota of {most} addresses a day (UTC) is used up: {left} left")]
    Addresses {
        /// How many there may be.
        most: u64,
        /// How many of them are left.
        left: u64,
    },
    /// The submission itself.
    #[error("the quota of {most} submissions a day (UTC) is used up")]
    Submissions {
        /// How many there may be.
        most: u64,
    },
}

impl From<QuotaError> for QuotaRefusal {
    fn from(error: QuotaError) -> Self {
        match error {
            QuotaError::Addresses { .. } => Self::Addresses,
            QuotaError::Submissions { .. } => Self::Submissions,
        }
    }
}

/// What initiators with quotas have used: as many entries at most as there are of them.
#[derive(Debug, Default)]
pub(super) struct Quotas {
    used: Mutex<HashMap<InitiatorName, Used>>,
}

/// Of one day, what is being stored included.
#[derive(Debug, Clone, Copy)]
struct Used {
    day: u64,
    amount: QuotaUse,
}

/// Part of a quota, set aside until the submission is stored. Given back when dropped, unless it
/// may be stored by then.
#[derive(Debug)]
pub struct Reservation<'a> {
    /// `None` where nothing is counted.
    counted: Option<Counted<'a>>,
    /// Whether the submission may be stored.
    is_spent: bool,
}

#[derive(Debug)]
struct Counted<'a> {
    quotas: &'a Quotas,
    name: InitiatorName,
    day: u64,
    addresses: u64,
}

impl Quotas {
    pub(super) async fn reserve(
        &self,
        store: &Store,
        initiator: &Initiator,
        addresses: u64,
        now_ms: u64,
    ) -> Result<Result<Reservation<'_>, QuotaError>, StoreError> {
        if initiator.daily_quota.is_none() && initiator.daily_addresses.is_none() {
            let nothing = Reservation {
                counted: None,
                is_spent: false,
            };
            return Ok(Ok(nothing));
        }
        let name = &initiator.name;
        let day = day_of(now_ms);
        let is_known = self.used().get(name).is_some_and(|used| used.day == day);
        if !is_known {
            let amount = store.quota_used(name, day).await?;
            let mut used = self.used();
            // Whoever came first has counted what came since.
            let is_known = used.get(name).is_some_and(|used| used.day == day);
            if !is_known {
                used.insert(name.clone(), Used { day, amount });
            }
        }
        Ok(self.take(initiator, day, addresses))
    }

    fn take(
        &self,
        initiator: &Initiator,
        day: u64,
        addresses: u64,
    ) -> Result<Reservation<'_>, QuotaError> {
        let mut used = self.used();
        let used = used.entry(initiator.name.clone()).or_insert(Used {
            day,
            amount: QuotaUse::default(),
        });
        let amount = &mut used.amount;
        if let Some(most) = initiator.daily_quota
            && amount.submissions >= most
        {
            return Err(QuotaError::Submissions { most });
        }
        if let Some(most) = initiator.daily_addresses
            && amount.addresses.saturating_add(addresses) > most
        {
            let left = most.saturating_sub(amount.addresses);
            return Err(QuotaError::Addresses { most, left });
        }
        amount.submissions += 1;
        amount.addresses += addresses;
        let counted = Counted {
            quotas: self,
            name: initiator.name.clone(),
            day,
            addresses,
        };
        Ok(Reservation {
            counted: Some(counted),
            is_spent: false,
        })
    }

    fn used(&self) -> MutexGuard<'_, HashMap<InitiatorName, Used>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation<'_> {
    /// The submission goes to the store: from here on a caller that gives up does not get it back.
    pub const fn spend(&mut self) {
        self.is_spent = true;
    }

    /// The submission was not stored.
    pub fn give_back(mut self) {
        self.is_spent = false;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let Some(counted) = self.counted.as_ref().filter(|_| !self.is_spent) else {
            return;
        };
        let mut used = counted.quotas.used();
        let used = used.get_mut(&counted.name);
        if let Some(used) = used.filter(|used| used.day == counted.day) {
            used.amount.submissions = used.amount.submissions.saturating_sub(1);
            used.amount.addresses = used.amount.addresses.saturating_sub(counted.addresses);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(daily_quota: Option<u64>, daily_addresses: Option<u64>) -> Initiator {
        Initiator {
            daily_quota,
            daily_addresses,
            ..Initiator::named("pi".parse().unwrap())
        }
    }

    #[test]
    fn what_is_not_stored_is_given_back() {
        let quotas = Quotas::default();
        let pi = limited(Some(2), None);
        let mut first = quotas.take(&pi, 7, 1).unwrap();
        first.spend();
        drop(first);
        drop(quotas.take(&pi, 7, 1).unwrap());
        let mut third = quotas.take(&pi, 7, 1).unwrap();
        third.spend();
        let refused = quotas.take(&pi, 7, 1).unwrap_err();
        assert_eq!(refused, QuotaError::Submissions { most: 2 });
        third.give_back();
        let _fourth = quotas.take(&pi, 7, 1).unwrap();
        assert!(quotas.take(&pi, 7, 1).is_err());
    }

    #[test]
    fn addresses_have_a_quota_of_their_own() {
        let quotas = Quotas::default();
        let pi = limited(None, Some(10));
        let _first = quotas.take(&pi, 7, 8).unwrap();
        let refused = quotas.take(&pi, 7, 3).unwrap_err();
        assert_eq!(refused, QuotaError::Addresses { most: 10, left: 2 });
        let _second = quotas.take(&pi, 7, 2).unwrap();
        assert!(quotas.take(&pi, 7, 1).is_err());
    }

    #[tokio::test]
    async fn a_new_day_begins_with_what_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("push.db").display());
        let store = Store::open(&url, "a").await.unwrap();
        let quotas = Quotas::default();
        let pi = limited(Some(1), None);
        let day_ms = 86_400_000;
        let mut today = quotas.reserve(&store, &pi, 1, 5).await.unwrap().unwrap();
        today.spend();
        assert!(quotas.reserve(&store, &pi, 1, 6).await.unwrap().is_err());
        let tomorrow = quotas.reserve(&store, &pi, 1, day_ms).await.unwrap();
        assert!(tomorrow.is_ok());
    }
}
