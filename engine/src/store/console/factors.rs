//! Second factors, and sign-ins that wait for one.

use crate::model::{Sha256, UserName};
use crate::store::row::{Columns, bigint};
use crate::store::steps::{Steps, values};
use crate::store::{Store, StoreError};

/// A second factor as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredFactor {
    /// The shared secret, base32.
    pub secret: String,
    /// Since when it counts.
    pub confirmed_ms: Option<u64>,
    /// Step of the last code that was taken.
    pub last_step: u64,
    /// Hashes of the recovery codes that are left.
    pub recovery: Vec<String>,
}

impl std::fmt::Debug for StoredFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredFactor")
            .field("confirmed_ms", &self.confirmed_ms)
            .finish_non_exhaustive()
    }
}

fn json(recovery: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(recovery).map_err(|source| StoreError::Unencodable {
        table: "second_factor",
        source,
    })
}

impl Steps {
    /// A secret that counts for nothing yet takes the place of another such.
    #[must_use]
    pub fn begin_factor(self, user: &UserName, secret: &str) -> Self {
        self.must(
            "the second factor",
            "INSERT INTO second_factor (user_name, secret, last_step, recovery) \
             VALUES ($1, $2, 0, '[]') ON CONFLICT (user_name) DO UPDATE SET \
             secret = excluded.secret, last_step = 0 WHERE second_factor.confirmed_ms IS NULL",
            values![user.as_str(), secret],
        )
    }

    /// It counts from now on; the code of `step` was the first.
    pub fn confirm_factor(
        self,
        user: &UserName,
        step: u64,
        recovery: &[String],
        at_ms: u64,
    ) -> Result<Self, StoreError> {
        Ok(self.must(
            "the second factor",
            "UPDATE second_factor SET confirmed_ms = $2, last_step = $3, recovery = $4 \
             WHERE user_name = $1 AND confirmed_ms IS NULL AND last_step < $3",
            values![user.as_str(), at_ms, step, json(recovery)?],
        ))
    }

    /// A code of this step is taken; none of it or of an earlier one was.
    #[must_use]
    pub fn take_code(self, user: &UserName, step: u64) -> Self {
        self.must(
            "the code",
            "UPDATE second_factor SET last_step = $2 WHERE user_name = $1 AND last_step < $2",
            values![user.as_str(), step],
        )
    }

    /// One recovery code is used up: the list becomes another.
    pub fn take_recovery(
        self,
        user: &UserName,
        before: &[String],
        after: &[String],
    ) -> Result<Self, StoreError> {
        Ok(self.must(
            "the code",
            "UPDATE second_factor SET recovery = $3 WHERE user_name = $1 AND recovery = $2",
            values![user.as_str(), json(before)?, json(after)?],
        ))
    }

    /// There is no second factor any more.
    #[must_use]
    pub fn remove_factor(self, user: &UserName) -> Self {
        self.run(
            "DELETE FROM second_factor WHERE user_name = $1",
            values![user.as_str()],
        )
    }

    /// A sign-in waits for its code; those that are over are forgotten.
    #[must_use]
    pub fn wait_for_code(
        self,
        hash: Sha256,
        user: &UserName,
        now_ms: u64,
        expires_ms: u64,
    ) -> Self {
        self.run(
            "DELETE FROM code_ticket WHERE expires_ms <= $1",
            values![now_ms],
        )
        .run(
            "INSERT INTO code_ticket (hash, user_name, expires_ms) VALUES ($1, $2, $3)",
            values![hash.to_hex(), user.as_str(), expires_ms],
        )
    }

    /// A sign-in waits no longer; it must have waited.
    #[must_use]
    pub fn use_ticket(self, hash: Sha256) -> Self {
        self.must(
            "the sign-in",
            "DELETE FROM code_ticket WHERE hash = $1",
            values![hash.to_hex()],
        )
    }
}

impl Store {
    /// Somebody's second factor, also one that does not count yet.
    pub async fn factor(&self, user: &UserName) -> Result<Option<StoredFactor>, StoreError> {
        let query = sqlx::query(
            "SELECT user_name, secret, confirmed_ms, last_step, recovery FROM second_factor \
             WHERE user_name = $1",
        );
        let row = self.row(query.bind(user.to_string())).await?;
        row.map(|row| {
            let row = Columns::keyed(&row, "second_factor", "user_name");
            Ok(StoredFactor {
                secret: row.text("secret")?,
                confirmed_ms: row.number_or_null("confirmed_ms")?,
                last_step: row.number("last_step")?,
                recovery: row.json("recovery")?,
            })
        })
        .transpose()
    }

    /// Whose sign-in waits for a code.
    pub async fn code_ticket(
        &self,
        hash: Sha256,
        now_ms: u64,
    ) -> Result<Option<UserName>, StoreError> {
        let query = sqlx::query(
            "SELECT hash, user_name FROM code_ticket WHERE hash = $1 AND expires_ms > $2",
        );
        let query = query.bind(hash.to_hex()).bind(bigint(now_ms));
        let row = self.row(query).await?;
        row.map(|row| Columns::keyed(&row, "code_ticket", "hash").parsed("user_name"))
            .transpose()
    }
}
