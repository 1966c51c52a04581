//! The one door through which anything is changed: PAP and, later, the console.
//!
//! It decides what is taken in and answers in PAP's own values. What it answers 1001 is on stable
//! storage; everything else happens in the [`scheduler`](crate::scheduler).

mod broadcastable;
mod cancel;
mod capabilities;
pub mod console;
mod notes;
mod replacement;
mod status;
mod submit;
mod verdict;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use crate::access::Access;
use crate::cbc::Links;
use crate::clock::Clock;
use crate::model::{Initiator, InitiatorName, PushId, StatusCode};
use crate::routing::Directory;
use crate::scheduler::{Core, Signals};
use crate::store::{FileError, Files, Spool, Store, StoreError};

pub use console::Console;
pub use submit::Intake;

/// How the gateway names itself to PIs.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Human name: `sender-name`.
    pub name: String,
    /// Address that submissions are posted to: `sender-address`.
    pub url: String,
}

/// Nothing was taken in, for no fault of the PI.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The content could not be stored.
    #[error("the content cannot be stored")]
    File(#[from] FileError),
    /// The thread that stores content ended.
    #[error("storing the content was interrupted")]
    Interrupted,
    /// The content could not be written while it arrived.
    #[error("the content cannot be written")]
    Spool(#[from] std::io::Error),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The gateway. Clones share it.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Parts>,
}

/// What a gateway is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The files beside it.
    pub files: Files,
    /// The time.
    pub clock: Clock,
    /// Names.
    pub directory: Arc<Directory>,
    /// Limits and the record of refusals.
    pub access: Access,
    /// Wake-ups.
    pub signals: Arc<Signals>,
    /// What takes back what was not sent yet.
    pub core: Arc<Core>,
    /// How it names itself.
    pub identity: Identity,
    /// Life of pushes without deliver-before, ms.
    pub lifetime_ms: u64,
    /// What the console needs.
    pub console: Console,
    /// Initiators whose pushes wait for approval, once they were read.
    pub approvals: Approvals,
}

/// Initiators whose pushes wait for approval, once they were read.
pub type Approvals = Mutex<Option<Arc<HashSet<InitiatorName>>>>;

impl Gateway {
    /// A gateway over these parts.
    pub fn new(parts: Parts) -> Self {
        Self {
            inner: Arc::new(parts),
        }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Names.
    pub fn directory(&self) -> &Directory {
        &self.inner.directory
    }

    /// Limits and the record of refusals.
    pub fn access(&self) -> &Access {
        &self.inner.access
    }

    /// How it names itself.
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    /// The time.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The files beside the database.
    pub fn files(&self) -> &Files {
        &self.inner.files
    }

    /// The links to Cell Broadcast Centres: their health, and holding them back.
    pub fn links(&self) -> &Links {
        self.inner.core.links()
    }

    /// For content that arrives.
    pub fn spool(&self) -> Spool {
        Spool::new(self.inner.files.clone())
    }

    /// What is said of a push-id under which nothing is found: known once, or never.
    async fn forgotten(
        &self,
        initiator: &Initiator,
        push_id: &PushId,
    ) -> Result<StatusCode, GatewayError> {
        let used = self
            .inner
            .store
            .is_push_id_used(&initiator.name, push_id)
            .await?;
        Ok(if used {
            StatusCode::NotPossible
        } else {
            StatusCode::PushIdNotFound
        })
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`.
fn iso(unix_ms: u64) -> String {
    let seconds = i64::try_from(unix_ms / 1000).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}
