//! Refusals on their way to the audit: gathered, so that a flood of them is a few rows.
//!
//! ```text
//!  refused ─▶ a tally of those alike ─ GATHER after the first of them ─▶ one row with the count
//! ```
//!
//! Whoever refuses never waits: a refusal is a number in memory until its minute is over, and then
//! goes through the store's writer with whatever else is written. What is in memory is bounded: so
//! many kinds a minute, and kinds beyond are told by action and reason alone. A process that is
//! killed loses the refusals of its last minute; one that ends in order writes them first.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::http::peer::owner;
use crate::model::InitiatorName;
use crate::store::{AuditDetails, AuditEntry, Store, StoreError};

/// Refusals alike within this time are one row.
const GATHER: Duration = Duration::from_secs(60);
/// Between two looks for tallies whose time is over.
const LOOK: Duration = Duration::from_secs(1);
/// Most tallies at a time: some hundred rows a minute at the worst.
const MAX_KINDS: usize = 256;
/// Most rows that wait for a database that refuses; beyond they are only counted in the log.
const MAX_WAITING: usize = 4 * MAX_KINDS;

/// Something that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What was asked for; one of a closed set.
    pub action: &'static str,
    /// Why it was refused; one of a closed set.
    pub reason: &'static str,
    /// The account, where there is one.
    pub who: Option<InitiatorName>,
    /// The other end of the connection.
    pub from: IpAddr,
}

/// What makes refusals alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    action: &'static str,
    reason: &'static str,
    who: Option<InitiatorName>,
    /// Of IPv6 the network: its owner chooses the rest.
    owner: Option<IpAddr>,
}

/// How many alike.
#[derive(Debug, Clone, Copy)]
struct Tally {
    at_ms: u64,
    until_ns: u64,
    /// The first address.
    from: Option<IpAddr>,
    count: u64,
}

/// Takes refusals. Clones share them.
#[derive(Debug, Clone)]
pub struct Audit {
    clock: Clock,
    tallies: Arc<Mutex<HashMap<Kind, Tally>>>,
}

impl Audit {
    /// Nothing was refused yet.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            tallies: Arc::default(),
        }
    }

    /// Takes a refusal. Never waits for anything but another refusal.
    pub fn refused(&self, refused: Refused) {
        let mut kind = Kind {
            action: refused.action,
            reason: refused.reason,
            who: refused.who,
            owner: Some(owner(refused.from)),
        };
        let mut from = Some(refused.from.to_canonical());
        let mut tallies = self.tallies();
        if tallies.len() >= MAX_KINDS && !tallies.contains_key(&kind) {
            (kind.who, kind.owner, from) = (None, None, None);
        }
        let now = self.clock.now();
        let gather_ns = u64::try_from(GATHER.as_nanos()).unwrap_or(u64::MAX);
        let tally = tallies.entry(kind).or_insert(Tally {
            at_ms: now.unix_ms,
            until_ns: now.mono_ns.saturating_add(gather_ns),
            from,
            count: 0,
        });
        tally.count = tally.count.saturating_add(1);
    }

    /// Writes what is gathered until `stop` completes, and then the rest.
    pub async fn run(self, store: Store, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut waiting = Vec::new();
        let mut is_over = false;
        while !is_over {
            is_over = tokio::select! {
                () = &mut stop => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            let now_ns = if is_over {
                u64::MAX
            } else {
                self.clock.mono_ns()
            };
            self.gather(&mut waiting, now_ns);
            write(&store, &mut waiting).await;
        }
    }

    /// Takes the tallies whose time is over.
    fn gather(&self, waiting: &mut Vec<AuditEntry>, now_ns: u64) {
        let mut over: Vec<_> = self
            .tallies()
            .extract_if(|_, tally| tally.until_ns <= now_ns)
            .collect();
        over.sort_by_key(|(_, tally)| tally.at_ms);
        let entries = over.into_iter().map(|(kind, tally)| AuditEntry {
            at_ms: tally.at_ms,
            who: kind.who.map(|who| who.to_string()),
            source: tally.from.map(|from| from.to_string()),
            action: kind.action.to_owned(),
            reason: kind.reason.to_owned(),
            count: tally.count,
            details: AuditDetails::default(),
        });
        waiting.extend(entries);
        let surplus = waiting.len().saturating_sub(MAX_WAITING);
        if surplus > 0 {
            waiting.drain(..surplus);
            tracing::error!(
                rows = surplus,
                "rows of the audit are lost: no room is left for them"
            );
        }
    }

    fn tallies(&self) -> MutexGuard<'_, HashMap<Kind, Tally>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what waits; keeps it if the database refuses.
async fn write(store: &Store, waiting: &mut Vec<AuditEntry>) {
    if waiting.is_empty() {
        return;
    }
    match store.audit_append(waiting.clone()).await {
        Ok(()) => waiting.clear(),
        // Whoever watches the store ends the process.
        Err(StoreError::Failed | StoreError::Closed) => {}
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the audit could not be written, it is tried again"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn refused(reason: &'static str, who: Option<&str>, from: u32) -> Refused {
        Refused {
            action: "authenticate",
            reason,
            who: who.map(|who| who.parse().unwrap()),
            from: Ipv4Addr::from(from).into(),
        }
    }

    #[test]
    fn refusals_alike_are_one_row_with_their_count() {
        let audit = Audit::new(Clock::system());
        for _ in 0..1000 {
            audit.refused(refused("wrong", Some("weather"), 1));
        }
        audit.refused(refused("wrong", Some("weather"), 2));
        audit.refused(refused("wrong", None, 1));
        audit.refused(refused("malformed", None, 1));
        let mut rows = Vec::new();
        audit.gather(&mut rows, audit.clock.mono_ns());
        assert!(rows.is_empty(), "the minute is not over");
        audit.gather(&mut rows, u64::MAX);
        let mut counts: Vec<_> = rows.iter().map(|row| row.count).collect();
        counts.sort_unstable();
        assert_eq!(counts, [1, 1, 1, 1000]);
        assert!(audit.tallies().is_empty());
    }

    #[test]
    fn a_flood_of_kinds_is_bounded_and_still_counted() {
        let audit = Audit::new(Clock::system());
        for from in 0..10_000 {
            audit.refused(refused("wrong", None, from));
        }
        assert!(audit.tallies().len() <= MAX_KINDS + 1);
        let mut rows = Vec::new();
        audit.gather(&mut rows, u64::MAX);
        assert_eq!(rows.iter().map(|row| row.count).sum::<u64>(), 10_000);
        let rest = rows.iter().find(|row| row.source.is_none()).unwrap();
        assert_eq!(rest.count, 10_000 - MAX_KINDS as u64);
    }

    #[tokio::test]
    async fn what_is_gathered_is_written_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("push.db").display());
        let store = Store::open(&url, "a").await.unwrap();
        let audit = Audit::new(Clock::system());
        audit.refused(refused("wrong", Some("weather"), 7));
        audit.run(store.clone(), std::future::ready(())).await;
        let rows = store.audit_log().rows_after(0).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].entry.who.as_deref(), Some("weather"));
        assert_eq!(rows[0].entry.source.as_deref(), Some("0.0.0.7"));
    }
}
