//! Who may transmit: one owner per name, each with an epoch higher than the one before.
//!
//! On PostgreSQL the database's own clock decides when a lease is over. On SQLite the lock file
//! proves that every other owner is dead, so a lease is taken over at once and time plays no part.

use std::time::Duration;

use super::Store;
use super::dialect::Dialect;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint};

/// A lease that this store's owner holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What it is for.
    pub name: String,
    /// Named by every allocation made under it.
    pub epoch: i64,
}

macro_rules! database_now_ms {
    () => {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
}

const ACQUIRE_POSTGRES: &str = concat!(
    "INSERT INTO lease (name, owner, epoch, expires_ms) VALUES ($1, $2, 1, $3 + ",
    database_now_ms!(),
    ") ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, \
     expires_ms = excluded.expires_ms, epoch = CASE WHEN lease.owner = excluded.owner \
     AND lease.expires_ms >= ",
    database_now_ms!(),
    " THEN lease.epoch ELSE lease.epoch + 1 END \
     WHERE lease.owner = excluded.owner OR lease.expires_ms < ",
    database_now_ms!(),
    " RETURNING epoch"
);
const ACQUIRE_SQLITE: &str = "INSERT INTO lease (name, owner, epoch, expires_ms) \
     VALUES ($1, $2, 1, $3) ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, \
     expires_ms = excluded.expires_ms, epoch = CASE WHEN lease.owner = excluded.owner \
     AND lease.expires_ms > 0 THEN lease.epoch ELSE lease.epoch + 1 END RETURNING epoch";

const RENEW_POSTGRES: &str = concat!(
    "UPDATE lease SET expires_ms = $4 + ",
    database_now_ms!(),
    " WHERE name = $1 AND owner = $2 AND epoch = $3 AND expires_ms >= ",
    database_now_ms!()
);
const RENEW_SQLITE: &str = "UPDATE lease SET expires_ms = $4 \
     WHERE name = $1 AND owner = $2 AND epoch = $3 AND expires_ms > 0";

struct Acquire {
    name: String,
    owner: String,
    ttl_ms: i64,
}

impl Operation for Acquire {
    type Answer = Option<i64>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<i64>, StoreError> {
        let query = sqlx::query(match tx.dialect {
            Dialect::Postgres => ACQUIRE_POSTGRES,
            Dialect::Sqlite => ACQUIRE_SQLITE,
        });
        let query = query
            .bind(self.name.as_str())
            .bind(self.owner.as_str())
            .bind(self.ttl_ms);
        match tx.row(query).await? {
            Some(row) => Ok(Some(Columns::keyed(&row, "lease", "name").number("epoch")?)),
            None => Ok(None),
        }
    }
}

/// A change to a lease that is held.
struct Hold {
    lease: Lease,
    owner: String,
    /// `None` gives it up.
    ttl_ms: Option<i64>,
}

impl Operation for Hold {
    type Answer = bool;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let sql = match (self.ttl_ms, tx.dialect) {
            (Some(_), Dialect::Postgres) => RENEW_POSTGRES,
            (Some(_), Dialect::Sqlite) => RENEW_SQLITE,
            (None, _) => {
                "UPDATE lease SET expires_ms = $4 WHERE name = $1 AND owner = $2 AND epoch = $3"
            }
        };
        let query = sqlx::query(sql)
            .bind(self.lease.name.as_str())
            .bind(self.owner.as_str())
            .bind(self.lease.epoch)
            .bind(self.ttl_ms.unwrap_or(0));
        Ok(tx.run(query).await? > 0)
    }
}

impl Store {
    /// Takes a lease for this store's owner. `None` if somebody else holds it.
    ///
    /// An owner counts its own deadline from before the call.
    pub async fn acquire_lease(
        &self,
        name: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let acquire = Acquire {
            name: name.to_owned(),
            owner: self.owner().to_owned(),
            ttl_ms: millis(ttl),
        };
        let epoch = self.write(acquire).await?;
        Ok(epoch.map(|epoch| Lease {
            name: name.to_owned(),
            epoch,
        }))
    }

    /// Prolongs a lease, or says that it is lost.
    pub async fn renew_lease(&self, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        if self.hold(lease, Some(millis(ttl))).await? {
            Ok(())
        } else {
            Err(StoreError::Fenced {
                name: lease.name.clone(),
                epoch: lease.epoch,
            })
        }
    }

    /// Gives a lease up, so that another owner need not wait. Its epoch is over.
    pub async fn release_lease(&self, lease: Lease) -> Result<(), StoreError> {
        self.hold(&lease, None).await?;
        Ok(())
    }

    async fn hold(&self, lease: &Lease, ttl_ms: Option<i64>) -> Result<bool, StoreError> {
        self.write(Hold {
            lease: lease.clone(),
            owner: self.owner().to_owned(),
            ttl_ms,
        })
        .await
    }
}

/// At least 1, for 0 marks a lease that was given up.
fn millis(ttl: Duration) -> i64 {
    bigint(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX)).max(1)
}
