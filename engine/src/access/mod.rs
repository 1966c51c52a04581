//! What an initiator may do once it is known, and the record of what was refused to anybody.
//!
//! ```text
//!  request ─▶ who? ─▶ Limits: rate, how many at a time ─▶ body ─▶ rights ─▶ quota ─▶ store
//!              │401     │429                               │413    │2001     │2001
//!              └────────┴──────────────────────────────────┴───────┴─────────┴─▶ Access::refused
//!                                                                        metrics ◀──┴──▶ audit
//! ```
//!
//! The order is the point: what costs least is asked first, and a request beyond its initiator's
//! rate is answered before its body is read. Limits are kept per initiator, so that what one does
//! takes nothing from another.
//!
//! Called by the PAP endpoint and the gateway. Not here: who somebody is
//! ([`auth`](crate::http::auth)), and which names and bearers exist
//! ([`routing`](crate::routing)).

mod limits;
mod quota;
mod rights;

use std::net::IpAddr;
use std::sync::Arc;

use crate::audit::{Audit, Refused};
use crate::http::auth::AuthError;
use crate::metrics::{Metrics, QuotaRefusal, Rejection};
use crate::model::{Initiator, InitiatorName};
use crate::store::{Store, StoreError};

pub use limits::{Entry, TooMany};
pub use quota::{QuotaError, Reservation};
pub use rights::{RightsError, check};

use limits::Limits;
use quota::Quotas;

/// Why something was refused: a closed set, as metrics and audit name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nobody knows who it is.
    Authentication(AuthError),
    /// Input that is not read, or not understood.
    Input(Rejection),
    /// A notification address into a network that is not open to it.
    NotifyUrl,
    /// More than the initiator may send.
    Quota(QuotaRefusal),
    /// A group, area, bearer or priority that the initiator may not use.
    Rights,
}

impl Reason {
    /// What was asked for.
    const fn action(self) -> &'static str {
        match self {
            Self::Authentication(_) => "authenticate",
            Self::Input(_) | Self::Quota(QuotaRefusal::Concurrent | QuotaRefusal::Rate) => {
                "request"
            }
            Self::NotifyUrl | Self::Quota(_) | Self::Rights => "submit",
        }
    }

    /// Why it was refused.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication(error) => error.as_str(),
            Self::Input(rejection) => rejection.as_str(),
            Self::NotifyUrl => "notify_url",
            Self::Quota(refusal) => refusal.as_str(),
            Self::Rights => "rights",
        }
    }
}

/// Limits, quotas and the record of refusals.
#[derive(Debug)]
pub struct Access {
    limits: Limits,
    quotas: Quotas,
    audit: Audit,
    metrics: Arc<Metrics>,
}

impl Access {
    /// Nobody has done anything yet.
    pub fn new(audit: Audit, metrics: Arc<Metrics>) -> Self {
        Self {
            limits: Limits::default(),
            quotas: Quotas::default(),
            audit,
            metrics,
        }
    }

    /// Lets a request of an initiator in as long as the entry is held. `now_ns` is the monotonic
    /// clock.
    pub fn enter(&self, initiator: &Initiator, now_ns: u64) -> Result<Entry<'_>, TooMany> {
        self.limits.enter(initiator, now_ns)
    }

    /// Takes a submission with so many addresses from the day's quota of an initiator.
    pub async fn reserve(
        &self,
        store: &Store,
        initiator: &Initiator,
        addresses: u64,
        now_ms: u64,
    ) -> Result<Result<Reservation<'_>, QuotaError>, StoreError> {
        self.quotas
            .reserve(store, initiator, addresses, now_ms)
            .await
    }

    /// Counts and records a refusal. Never waits.
    pub fn refused(&self, reason: Reason, who: Option<&InitiatorName>, from: IpAddr) {
        match reason {
            Reason::Authentication(error) => self.metrics.not_authenticated(error),
            Reason::Input(rejection) => self.metrics.rejected(rejection),
            Reason::Quota(refusal) => self.metrics.beyond_quota(refusal),
            Reason::NotifyUrl | Reason::Rights => {}
        }
        self.audit.refused(Refused {
            action: reason.action(),
            reason: reason.as_str(),
            who: who.cloned(),
            from,
        });
    }
}
