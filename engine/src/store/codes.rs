//! Message codes of Cell Broadcast: in blocks, each under an epoch, never one that a message has or
//! whose number rests.

use std::collections::HashSet;

use super::Store;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint};
use crate::model::LinkName;

/// A wish for message codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRequest {
    /// At which CBC.
    pub link: LinkName,
    /// Under which message identifier.
    pub message_id: u16,
    /// Lease epoch of the asker.
    pub epoch: i64,
    /// How many.
    pub count: u16,
    /// Codes are below this: 1024, or 256 under ETWS identifiers.
    pub codes: u16,
    /// The numbers of messages that ended after this rest.
    pub busy_after_ms: u64,
}

impl Operation for CodeRequest {
    type Answer = Vec<u16>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<u16>, StoreError> {
        let query = sqlx::query(
            "INSERT INTO cbs_session (link, message_id, next_code, epoch) VALUES ($1, $2, 0, $3) \
             ON CONFLICT (link, message_id) DO UPDATE SET epoch = excluded.epoch \
             WHERE cbs_session.epoch <= excluded.epoch RETURNING next_code",
        );
        let query = query
            .bind(self.link.as_str())
            .bind(i64::from(self.message_id))
            .bind(self.epoch);
        let row = tx.row(query).await?.ok_or_else(|| StoreError::Fenced {
            name: self.link.to_string(),
            epoch: self.epoch,
        })?;
        let next: u16 = Columns::keyed(&row, "cbs_session", "next_code").number("next_code")?;
        let release = sqlx::query(
            "UPDATE cbs_message SET released = 1 WHERE link = $1 AND message_id = $2 \
             AND released = 0 AND ended_ms <= $3",
        );
        let release = release
            .bind(self.link.as_str())
            .bind(i64::from(self.message_id))
            .bind(bigint(self.busy_after_ms));
        tx.run(release).await?;
        let taken = self.taken(tx).await?;
        let codes = u32::from(self.codes.max(1));
        let mut free = Vec::new();
        let mut code = u32::from(next) % codes;
        for _ in 0..codes {
            if free.len() >= usize::from(self.count) {
                break;
            }
            // Below 1024.
            let number = code as u16;
            if !taken.contains(&number) {
                free.push(number);
            }
            code = (code + 1) % codes;
        }
        let query = sqlx::query(
            "UPDATE cbs_session SET next_code = $3 WHERE link = $1 AND message_id = $2",
        );
        let query = query
            .bind(self.link.as_str())
            .bind(i64::from(self.message_id))
            .bind(i64::from(code));
        tx.run(query).await?;
        Ok(free)
    }
}

impl CodeRequest {
    /// Codes that are in use or rest, in any geographical scope.
    async fn taken(&self, tx: &mut Tx<'_>) -> Result<HashSet<u16>, StoreError> {
        let query = sqlx::query(
            "SELECT string_agg(CAST(serial AS TEXT), ' ') AS serials FROM cbs_message \
             WHERE link = $1 AND message_id = $2 AND released = 0",
        );
        let query = query
            .bind(self.link.as_str())
            .bind(i64::from(self.message_id));
        let Some(row) = tx.row(query).await? else {
            return Ok(HashSet::new());
        };
        let row = Columns::keyed(&row, "cbs_message", "serials");
        let serials = row.text_or_null("serials")?.unwrap_or_default();
        let code = |serial: &str| {
            let serial: u16 = serial.parse().map_err(|_| row.corrupt("serials"))?;
            Ok((serial >> 4) & (self.codes.max(1) - 1) & 0x3FF)
        };
        serials.split_terminator(' ').map(code).collect()
    }
}

impl Store {
    /// Gives out message codes, fewer than asked for when no more are free. Those of messages that
    /// are on the air, or ended after `busy_after_ms`, are left out.
    pub async fn reserve_codes(&self, request: CodeRequest) -> Result<Vec<u16>, StoreError> {
        self.write(request).await
    }
}
