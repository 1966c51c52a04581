//! How much initiators have submitted, by day of UTC: counted with every submission, in its
//! transaction.

use std::collections::BTreeMap;

use super::Store;
use super::error::StoreError;
use super::operation::Tx;
use super::row::{Columns, bigint};
use crate::model::InitiatorName;

const DAY_MS: u64 = 86_400_000;
/// Days that are remembered.
const KEPT_DAYS: u64 = 7;

/// The day of a Unix time, counted from 1970.
pub const fn day_of(unix_ms: u64) -> u64 {
    unix_ms / DAY_MS
}

/// What was stored on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuotaUse {
    /// Submissions.
    pub submissions: u64,
    /// Addresses of them.
    pub addresses: u64,
}

impl Store {
    /// What an initiator has stored on a day.
    pub async fn quota_used(
        &self,
        initiator: &InitiatorName,
        day: u64,
    ) -> Result<QuotaUse, StoreError> {
        let query = sqlx::query(
            "SELECT initiator, submissions, addresses FROM quota_use \
             WHERE initiator = $1 AND day = $2",
        );
        let query = query.bind(initiator.as_str()).bind(bigint(day));
        let Some(row) = self.row(query).await? else {
            return Ok(QuotaUse::default());
        };
        let row = Columns::keyed(&row, "quota_use", "initiator");
        Ok(QuotaUse {
            submissions: row.number("submissions")?,
            addresses: row.number("addresses")?,
        })
    }
}

/// What a transaction stores, by initiator and day. The order is that in which rows are locked.
#[derive(Debug, Default)]
pub(super) struct Counts<'a>(BTreeMap<(&'a str, u64), QuotaUse>);

impl<'a> Counts<'a> {
    /// Counts a submission that is stored.
    pub(super) fn add(&mut self, initiator: &'a str, received_ms: u64, addresses: usize) {
        let amount = self.0.entry((initiator, day_of(received_ms))).or_default();
        amount.submissions += 1;
        amount.addresses += addresses as u64;
    }

    /// Writes the counts.
    pub(super) async fn store(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for ((initiator, day), amount) in self.0 {
            let query = sqlx::query(
                "INSERT INTO quota_use (initiator, day, submissions, addresses) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (initiator, day) DO UPDATE SET \
                 submissions = quota_use.submissions + excluded.submissions, \
                 addresses = quota_use.addresses + excluded.addresses",
            );
            let query = query
                .bind(initiator.to_owned())
                .bind(bigint(day))
                .bind(bigint(amount.submissions))
                .bind(bigint(amount.addresses));
            tx.run(query).await?;
        }
        Ok(())
    }
}

/// Forgets days that are long over.
pub(super) async fn forget(tx: &mut Tx<'_>, now_ms: u64) -> Result<(), StoreError> {
    let oldest = day_of(now_ms).saturating_sub(KEPT_DAYS);
    let query = sqlx::query("DELETE FROM quota_use WHERE day < $1");
    tx.run(query.bind(bigint(oldest))).await?;
    Ok(())
}
