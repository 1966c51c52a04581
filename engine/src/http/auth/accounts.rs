//! The initiators, and which of their credentials were right lately.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use argon2::PasswordHash;

use crate::model::{Initiator, InitiatorName, Sha256};

use super::digest::DigestSecret;
use super::fingerprint::Fingerprint;
use super::{DigestSecrets, REMEMBERED_FOR};

/// Most credentials remembered: far more than a gateway has initiators. When they are used up the
/// oldest goes.
const MAX_REMEMBERED: usize = 1024;

/// Hashed for unknown names while no account has a password: the parameters of
/// [`hash_password`](super::hash_password).
static NOBODY: LazyLock<Arc<PasswordHash>> = LazyLock::new(|| {
    let hash = PasswordHash::new(
        "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IG5vYm9keQ$\
         AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    );
    Arc::new(hash.expect("a constant in PHC form"))
});

/// An initiator with its password made ready.
#[derive(Debug)]
pub(super) struct Account {
    initiator: Arc<Initiator>,
    hash: Option<Arc<PasswordHash>>,
    digest: Option<DigestSecret>,
}

/// Which ways in some account has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offers {
    pub(super) basic: bool,
    pub(super) digest: bool,
}

/// A right credential.
#[derive(Debug)]
struct Remembered {
    account: Arc<Account>,
    until_ns: u64,
}

/// What a password has to be compared with, and whose it is: nobody's if the name has no password.
pub(super) struct Challenge {
    pub(super) account: Option<Arc<Account>>,
    pub(super) hash: Arc<PasswordHash>,
}

/// All accounts.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    by_name: HashMap<InitiatorName, Arc<Account>>,
    in_order: Vec<Arc<Account>>,
    remembered: HashMap<Fingerprint, Remembered>,
}

impl Account {
    fn new(initiator: Initiator, digest: Option<DigestSecret>) -> Self {
        let hash = initiator.password_hash.as_deref().and_then(|text| {
            PasswordHash::new(text)
                .inspect_err(|error| {
                    tracing::warn!(
                        initiator.name = %initiator.name, %error,
                        "the password hash of initiator {} cannot be read", initiator.name
                    );
                })
                .ok()
        });
        Self {
            initiator: Arc::new(initiator),
            hash: hash.map(Arc::new),
            digest,
        }
    }
}

impl Accounts {
    /// Replaces all accounts and forgets the credentials of those that are gone or different.
    pub(super) fn update(&mut self, initiators: Vec<Initiator>, mut digests: DigestSecrets) {
        let mut before = std::mem::take(&mut self.by_name);
        self.in_order.clear();
        for initiator in initiators {
            let digest = digests.remove(&initiator.name);
            let same = before
                .remove(&initiator.name)
                .filter(|account| *account.initiator == initiator && account.digest == digest);
            let account = same.unwrap_or_else(|| Arc::new(Account::new(initiator, digest)));
            let name = account.initiator.name.clone();
            self.by_name
                .entry(name)
                .or_insert_with(|| Arc::clone(&account));
            self.in_order.push(account);
        }
        self.remembered.retain(|_, remembered| {
            self.by_name
                .get(&remembered.account.initiator.name)
                .is_some_and(|account| Arc::ptr_eq(account, &remembered.account))
        });
    }

    /// The first initiator that needs no credentials from there.
    pub(super) fn trusting(&self, peer: IpAddr) -> Option<Arc<Initiator>> {
        let trusts = |account: &&Arc<Account>| {
            let networks = &account.initiator.trusted_from;
            networks.iter().any(|network| network.contains(peer))
        };
        let account = self.in_order.iter().find(trusts)?;
        Some(Arc::clone(&account.initiator))
    }

    /// The first initiator that a certificate stands for.
    pub(super) fn certified(&self, certificate: Sha256) -> Option<Arc<Initiator>> {
        let has = |account: &&Arc<Account>| {
            let certificates = &account.initiator.client_certificates;
            certificates.contains(&certificate)
        };
        let account = self.in_order.iter().find(has)?;
        Some(Arc::clone(&account.initiator))
    }

    /// The account of a name, if it has digests.
    pub(super) fn digest(&self, name: &str) -> Option<(Arc<Initiator>, DigestSecret)> {
        let account = self.named(name)?;
        Some((Arc::clone(&account.initiator), account.digest.clone()?))
    }

    /// The name, if it is one of an account.
    pub(super) fn known(&self, name: &str) -> Option<InitiatorName> {
        Some(self.named(name)?.initiator.name.clone())
    }

    pub(super) fn offers(&self) -> Offers {
        Offers {
            basic: self.in_order.iter().any(|account| account.hash.is_some()),
            digest: self.in_order.iter().any(|account| account.digest.is_some()),
        }
    }

    fn named(&self, name: &str) -> Option<&Arc<Account>> {
        let name = InitiatorName::try_from(name.to_owned()).ok()?;
        self.by_name.get(&name)
    }

    /// Whose credentials these are, if they were right lately.
    pub(super) fn recall(&self, fingerprint: &Fingerprint, now_ns: u64) -> Option<Arc<Initiator>> {
        let remembered = self.remembered.get(fingerprint)?;
        (now_ns < remembered.until_ns).then(|| Arc::clone(&remembered.account.initiator))
    }

    /// What the password of a name has to match. `pick` chooses the account whose parameters a name
    /// without a password is measured by.
    pub(super) fn challenge(&self, name: &str, pick: u64) -> Challenge {
        let named = self.named(name);
        // Looked up for every name, so that this takes the same time too.
        let with_password: Vec<_> = self
            .in_order
            .iter()
            .filter_map(|account| account.hash.as_ref())
            .collect();
        let position = pick.checked_rem(with_password.len() as u64).unwrap_or(0);
        let position = usize::try_from(position).unwrap_or(0);
        let picked = with_password.get(position).copied().unwrap_or(&NOBODY);
        match named.and_then(|account| Some((account, account.hash.as_ref()?))) {
            Some((account, hash)) => Challenge {
                account: Some(Arc::clone(account)),
                hash: Arc::clone(hash),
            },
            None => Challenge {
                account: None,
                hash: Arc::clone(picked),
            },
        }
    }

    /// Remembers that a credential is the right one of `checked`. `None` if the account is gone, or
    /// has another password, since the check began.
    pub(super) fn admit(
        &mut self,
        checked: &Account,
        fingerprint: Fingerprint,
        now_ns: u64,
    ) -> Option<Arc<Initiator>> {
        let account = self.by_name.get(&checked.initiator.name)?;
        if account.hash != checked.hash {
            return None;
        }
        let account = Arc::clone(account);
        self.make_room(now_ns);
        let initiator = Arc::clone(&account.initiator);
        let lifetime_ns = u64::try_from(REMEMBERED_FOR.as_nanos()).unwrap_or(u64::MAX);
        let until_ns = now_ns.saturating_add(lifetime_ns);
        let remembered = Remembered { account, until_ns };
        self.remembered.insert(fingerprint, remembered);
        Some(initiator)
    }

    fn make_room(&mut self, now_ns: u64) {
        self.remembered
            .retain(|_, remembered| now_ns < remembered.until_ns);
        if self.remembered.len() < MAX_REMEMBERED {
            return;
        }
        let oldest = self
            .remembered
            .iter()
            .min_by_key(|(_, remembered)| remembered.until_ns)
            .map(|(fingerprint, _)| *fingerprint);
        if let Some(fingerprint) = oldest {
            self.remembered.remove(&fingerprint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn initiator(name: &str) -> Initiator {
        serde_json::from_value(
            serde_json::json!({ "name": name, "password_hash": NOBODY.to_string() }),
        )
        .unwrap()
    }

    #[test]
    fn no_more_than_so_many_are_remembered() {
        let mut accounts = Accounts::default();
        accounts.update(vec![initiator("x")], DigestSecrets::new());
        let account = Arc::clone(&accounts.in_order[0]);
        let fingerprint = |number: u64| {
            let mut fingerprint = [0; 32];
            fingerprint[..8].copy_from_slice(&number.to_be_bytes());
            fingerprint
        };
        let more = MAX_REMEMBERED as u64 + 1;
        for number in 0..more {
            assert!(
                accounts
                    .admit(&account, fingerprint(number), number)
                    .is_some()
            );
        }
        assert_eq!(accounts.remembered.len(), MAX_REMEMBERED);
        assert!(accounts.recall(&fingerprint(0), more).is_none());
        assert!(accounts.recall(&fingerprint(more - 1), more).is_some());
    }

    #[test]
    fn a_check_that_outlives_its_password_counts_for_nothing() {
        let mut accounts = Accounts::default();
        accounts.update(vec![initiator("x"), initiator("y")], DigestSecrets::new());
        let checked: Vec<_> = accounts.in_order.clone();
        let changed = Initiator {
            password_hash: None,
            ..initiator("x")
        };
        let wider = Initiator {
            groups: vec!["*".to_owned()],
            ..initiator("y")
        };
        accounts.update(vec![changed, wider], DigestSecrets::new());
        assert!(accounts.admit(&checked[0], [0; 32], 0).is_none());
        let admitted = accounts.admit(&checked[1], [1; 32], 0).unwrap();
        assert!(admitted.may_use_group("any"));
        accounts.update(Vec::new(), DigestSecrets::new());
        assert!(accounts.admit(&checked[1], [1; 32], 0).is_none());
        assert!(accounts.recall(&[1; 32], 0).is_none());
    }

    #[test]
    fn names_without_a_password_are_measured_by_some_account() {
        let mut accounts = Accounts::default();
        let challenge = accounts.challenge("x", 7);
        assert!(challenge.account.is_none() && challenge.hash == *NOBODY);
        let cheap = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$5iIDbUpW/NOeEmHYTzhdDQ";
        let cheap = Initiator {
            password_hash: Some(cheap.to_owned()),
            ..initiator("cheap")
        };
        let none = Initiator {
            password_hash: None,
            ..initiator("none")
        };
        accounts.update(vec![none, cheap, initiator("dear")], DigestSecrets::new());
        for name in ["none", "nobody", "a/b"] {
            let hashes = [0, 1, 2].map(|pick| accounts.challenge(name, pick));
            assert!(hashes.iter().all(|challenge| challenge.account.is_none()));
            assert_eq!(hashes[0].hash.params.get_decimal("m"), Some(8));
            assert_eq!(hashes[1].hash.params.get_decimal("m"), Some(19456));
            assert_eq!(hashes[2].hash.params.get_decimal("m"), Some(8));
        }
    }
}
