//! The second factor: a code of six digits that changes every thirty seconds (RFC 6238), on a
//! device that shares a secret with the gateway.
//!
//! The secret goes out once, when it is made, and never again. A code counts once, and none that is
//! older than the last one taken. Whoever has lost the device has ten recovery codes, each good for
//! one sign-in; only hashes of them are kept. An administrator can take a factor away.

use std::net::IpAddr;

use totp_rs::{Builder, Secret, Totp};

use super::sign_in::SignedIn;
use super::state::{Done, attempt_key, secret, secret_hash};
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::{Action, UserName};
use crate::store::{Steps, StoreError, StoredFactor};

/// Octets of a secret: as many as SHA-1 gives (RFC 4226 4, R6).
const SECRET_BYTES: usize = 20;
/// A code that is one step early or late is taken: clocks differ (RFC 6238 5.2).
const SKEW_STEPS: u16 = 1;
/// Recovery codes that are made at a time.
const RECOVERY_CODES: usize = 10;
/// Random octets of a recovery code: too many to guess, so that a plain hash keeps it.
const RECOVERY_BYTES: usize = 10;
/// How long a sign-in waits for its code, ms.
const TICKET_MS: u64 = 300_000;
/// Longest code that is looked at, octets.
const MAX_CODE_BYTES: usize = 64;

/// The word of a sign-in that waits for its code. It opens nothing by itself.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeTicket(String);

impl CodeTicket {
    /// The value of a form, whatever stands in it.
    pub fn from_form(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// The value for a form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for CodeTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeTicket(..)")
    }
}

/// What the right name and password lead to.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// A session.
    Begun(SignedIn),
    /// The question for a code.
    CodeNeeded(CodeTicket),
}

impl SignIn {
    /// The session, if it has begun.
    pub fn begun(self) -> Option<SignedIn> {
        match self {
            Self::Begun(signed_in) => Some(signed_in),
            Self::CodeNeeded(_) => None,
        }
    }
}

/// The code of somebody who signs in.
pub struct Code {
    /// The word of the sign-in.
    pub ticket: CodeTicket,
    /// The code or a recovery code, as typed.
    pub code: String,
    /// The address of the browser.
    pub from: IpAddr,
    /// What the browser calls itself.
    pub agent: String,
}

/// A secret that was just made; it is shown once.
pub struct NewFactor {
    /// For typing, base32.
    pub secret: String,
    /// For a device that reads it: `otpauth://totp/..`.
    pub url: String,
}

/// How somebody's second factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FactorView {
    /// Since when it counts, Unix ms; `None` if there is none.
    pub since_ms: Option<u64>,
    /// Recovery codes that are left.
    pub recovery_left: usize,
}

impl From<&StoredFactor> for FactorView {
    fn from(factor: &StoredFactor) -> Self {
        Self {
            since_ms: factor.confirmed_ms,
            recovery_left: factor.recovery.len(),
        }
    }
}

/// What a typed code is.
enum Found {
    /// The code of a step.
    Step(u64),
    /// A recovery code; these are left.
    Recovery(Vec<String>),
}

fn unmade(error: impl std::fmt::Display) -> ConsoleError {
    ConsoleError::NotNow(format!("the second factor cannot be used: {error}"))
}

fn wrong_code() -> ConsoleError {
    let message = "This is not the code, or it was used already. Wait for the next one.";
    ConsoleError::field("code", message)
}

fn totp(secret: Secret, name: &UserName, issuer: &str) -> Result<Totp, ConsoleError> {
    // A colon stands between issuer and account in the address.
    let plain = |text: &str| text.replace(':', " ");
    Builder::new()
        .with_secret(secret)
        .with_skew(SKEW_STEPS)
        .with_account_name(plain(name.as_str()))
        .with_issuer(Some(plain(issuer)))
        .build()
        .map_err(unmade)
}

/// As people type it: without spaces and hyphens, in small letters.
fn bare(code: &str) -> String {
    let kept = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
    kept.flat_map(char::to_lowercase).collect()
}

/// A recovery code in groups of five, and its hash.
fn recovery_code() -> Result<(String, String), ConsoleError> {
    let word = &secret()?[..2 * RECOVERY_BYTES];
    let groups: Vec<&str> = (0..word.len())
        .step_by(5)
        .map(|at| &word[at..at + 5])
        .collect();
    Ok((groups.join("-"), secret_hash(word).to_hex()))
}

impl Gateway {
    fn totp_of(&self, name: &UserName, secret: &str) -> Result<Totp, ConsoleError> {
        let secret = Secret::try_from_base32(secret).map_err(unmade)?;
        totp(secret, name, &self.inner.identity.name)
    }

    fn find_code(
        &self,
        name: &UserName,
        factor: &StoredFactor,
        code: &str,
    ) -> Result<Option<Found>, ConsoleError> {
        if code.len() > MAX_CODE_BYTES {
            return Ok(None);
        }
        let code = bare(code);
        if code.len() == 6 && code.bytes().all(|octet| octet.is_ascii_digit()) {
            let now_s = self.inner.clock.unix_ms() / 1000;
            let step = self.totp_of(name, &factor.secret)?.check(&code, now_s);
            return Ok(step
                .filter(|step| *step > factor.last_step)
                .map(Found::Step));
        }
        let hash = secret_hash(&code).to_hex();
        let left: Vec<String> = factor
            .recovery
            .iter()
            .filter(|known| **known != hash)
            .cloned()
            .collect();
        Ok((left.len() < factor.recovery.len()).then_some(Found::Recovery(left)))
    }

    /// Their second factor, if it counts.
    pub(super) async fn counting_factor(
        &self,
        name: &UserName,
    ) -> Result<Option<StoredFactor>, ConsoleError> {
        let factor = self.inner.store.factor(name).await?;
        Ok(factor.filter(|factor| factor.confirmed_ms.is_some()))
    }

    /// The word with which somebody whose password was right may bring their code.
    pub(super) async fn code_ticket(
        &self,
        name: &UserName,
        steps: Steps,
    ) -> Result<CodeTicket, ConsoleError> {
        let word = secret()?;
        let now_ms = self.inner.clock.unix_ms();
        let steps = steps.wait_for_code(secret_hash(&word), name, now_ms, now_ms + TICKET_MS);
        self.commit(steps).await?;
        Ok(CodeTicket(word))
    }

    /// Begins a session by the code that follows name and password. After ten wrong codes one a
    /// minute is looked at. A word that leads nowhere is [`ConsoleError::SignedOut`].
    pub async fn give_code(&self, code: Code) -> Result<SignedIn, ConsoleError> {
        let hash = secret_hash(code.ticket.as_str());
        let now_ms = self.inner.clock.unix_ms();
        let name = self.inner.store.code_ticket(hash, now_ms).await?;
        let name = name.ok_or(ConsoleError::SignedOut)?;
        let (address, account) = attempt_key(code.from, &format!("code {name}"));
        let now_ns = self.inner.clock.mono_ns();
        let attempt = self.console().attempts.begin(address, account, now_ns)?;
        let user = self.inner.store.user(name.as_str()).await?;
        let user = user
            .map(|found| found.user)
            .filter(|user| user.disabled_ms.is_none())
            .ok_or(ConsoleError::SignedOut)?;
        let factor = self.counting_factor(&name).await?;
        let factor = factor.ok_or(ConsoleError::SignedOut)?;
        let steps = Steps::default().use_ticket(hash);
        let steps = match self.find_code(&name, &factor, &code.code)? {
            Some(Found::Step(step)) => steps.take_code(&name, step),
            Some(Found::Recovery(left)) => {
                let mut entry = self.signing_in(Some(&name), code.from, "done");
                entry.action = "use_recovery_code".to_owned();
                steps
                    .take_recovery(&name, &factor.recovery, &left)?
                    .audited(entry)
            }
            None => {
                let entry = self.signing_in(Some(&name), code.from, "wrong_code");
                self.inner.store.audit_append(vec![entry]).await?;
                return Err(wrong_code());
            }
        };
        let begun = self
            .begin_session(&user, code.from, &code.agent, steps)
            .await;
        match begun {
            // Somebody has used the same code in the same moment.
            Err(ConsoleError::Conflict { .. }) => Err(wrong_code()),
            begun => {
                attempt.forgive();
                begun
            }
        }
    }

    /// How their own second factor is.
    pub async fn own_factor(&self, actor: &Actor) -> Result<FactorView, ConsoleError> {
        let factor = self.counting_factor(actor.name()).await?;
        Ok(factor.as_ref().map(FactorView::from).unwrap_or_default())
    }

    /// Makes a secret for them, which counts once they have shown a code of it.
    pub async fn begin_factor(&self, actor: &Actor) -> Result<NewFactor, ConsoleError> {
        let mut octets = [0; SECRET_BYTES];
        getrandom::fill(&mut octets).map_err(unmade)?;
        let secret = Secret::from(octets);
        let base32 = secret.to_base32();
        let totp = totp(secret, actor.name(), &self.inner.identity.name)?;
        let done = Done::new("begin_factor", format!("user {}", actor.name()));
        let steps = Steps::default()
            .begin_factor(actor.name(), &base32)
            .audited(self.done(actor, done));
        match self.inner.store.commit(steps).await {
            Err(StoreError::Stale { .. }) => {
                let why = "you have a second factor: take it away before you set up another";
                Err(ConsoleError::NotNow(why.to_owned()))
            }
            stored => {
                stored?;
                Ok(NewFactor {
                    url: totp.to_url().map_err(unmade)?,
                    secret: base32,
                })
            }
        }
    }

    /// Has the secret count from now on. Their other sessions end. Returns the recovery codes,
    /// which are shown once.
    pub async fn confirm_factor(
        &self,
        actor: &Actor,
        code: &str,
    ) -> Result<Vec<String>, ConsoleError> {
        let (address, account) = attempt_key(actor.from, &format!("code {}", actor.name()));
        let now_ns = self.inner.clock.mono_ns();
        let attempt = self.console().attempts.begin(address, account, now_ns)?;
        let factor = self.inner.store.factor(actor.name()).await?;
        let factor = factor.filter(|factor| factor.confirmed_ms.is_none());
        let factor = factor.ok_or(ConsoleError::NotFound { what: "secret" })?;
        let Some(Found::Step(step)) = self.find_code(actor.name(), &factor, code)? else {
            self.refused(actor, "confirm_factor", "wrong_code").await?;
            return Err(wrong_code());
        };
        attempt.forgive();
        let mut codes = Vec::new();
        let mut hashes = Vec::new();
        for _ in 0..RECOVERY_CODES {
            let (code, hash) = recovery_code()?;
            codes.push(code);
            hashes.push(hash);
        }
        let now_ms = self.inner.clock.unix_ms();
        let done = Done::new("confirm_factor", format!("user {}", actor.name()));
        let steps = Steps::default()
            .confirm_factor(actor.name(), step, &hashes, now_ms)?
            .end_sessions(actor.name(), Some(&actor.session), now_ms)
            .audited(self.done(actor, done));
        self.commit(steps).await?;
        Ok(codes)
    }

    /// Takes their own second factor away; the password is demanded once more.
    pub async fn drop_factor(&self, actor: &Actor, password: &str) -> Result<(), ConsoleError> {
        self.own_password(actor, password, "drop_factor").await?;
        self.without_factor(actor, actor.name(), "drop_factor")
            .await
    }

    /// Takes somebody's second factor away, who has lost the device and the recovery codes. Needs
    /// `ManageUsers`.
    pub async fn remove_factor(&self, actor: &Actor, name: &UserName) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::ManageUsers).await?;
        let found = self.inner.store.user(name.as_str()).await?;
        let user = found.ok_or(ConsoleError::NotFound { what: "user" })?.user;
        self.without_factor(actor, &user.name, "remove_factor")
            .await
    }

    async fn without_factor(
        &self,
        actor: &Actor,
        name: &UserName,
        action: &'static str,
    ) -> Result<(), ConsoleError> {
        let done = Done::new(action, format!("user {name}"));
        let steps = Steps::default()
            .remove_factor(name)
            .audited(self.done(actor, done));
        self.commit(steps).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238 appendix B, the last six of its eight digits.
        let table = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ];
        let name = "anna".parse().unwrap();
        let secret = || Secret::from(*b"12345678901234567890");
        let totp = totp(secret(), &name, "ppg: north").unwrap();
        for (at_s, code) in table {
            assert_eq!(totp.check(code, at_s), Some(at_s / 30), "{at_s}");
            assert_eq!(
                totp.check(code, at_s + 30),
                Some(at_s / 30),
                "one step late"
            );
            assert_eq!(totp.check(code, at_s + 90), None);
        }
        let url = totp.to_url().unwrap();
        assert!(url.starts_with("otpauth://totp/ppg"), "{url}");
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        let (code, hash) = recovery_code().unwrap();
        assert_eq!(code.len(), 23, "{code}");
        let typed = format!(" {} ", code.replace('-', " ").to_uppercase());
        assert_eq!(secret_hash(&bare(&typed)).to_hex(), hash);
    }
}
