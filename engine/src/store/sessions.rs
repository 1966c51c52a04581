//! What a channel's FLUTE session gives out: TOIs and FDT Instance IDs, in blocks, each block
//! under an epoch. A crash burns the rest of a block; nothing is ever given out twice while it
//! may still be known to receivers.

use std::collections::HashSet;

use super::Store;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint};
use crate::model::ChannelName;

/// FDT Instance IDs have 20 bits (RFC 6726 3.4.1).
pub const FDT_INSTANCE_IDS: u32 = 1 << 20;

/// A wish for TOIs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToiRequest {
    /// Whose session.
    pub channel: ChannelName,
    /// Its TSI.
    pub tsi: u64,
    /// Lease epoch of the asker.
    pub epoch: i64,
    /// How many.
    pub count: u32,
    /// Width of the TOI field, at most 32: TOIs are 1 to 2^bits - 1.
    pub toi_bits: u32,
    /// A TOI whose transmission ended after this is still in use: an unexpired FDT names it.
    pub busy_after_ms: u64,
}

impl Operation for ToiRequest {
    type Answer = Vec<u32>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<u32>, StoreError> {
        let query = sqlx::query(
            "INSERT INTO flute_session (channel, tsi, next_toi, next_fdt_id, epoch) \
             VALUES ($1, $2, 1, 0, $3) ON CONFLICT (channel) DO UPDATE SET \
             tsi = excluded.tsi, epoch = excluded.epoch \
             WHERE flute_session.epoch <= excluded.epoch RETURNING next_toi",
        );
        let query = query
            .bind(self.channel.as_str())
            .bind(bigint(self.tsi))
            .bind(self.epoch);
        let row = tx
            .row(query)
            .await?
            .ok_or_else(|| fenced(&self.channel, self.epoch))?;
        let next = Columns::keyed(&row, "flute_session", "channel").number("next_toi")?;
        let taken = self.busy(tx).await?;
        let (free, next) = self.choose(next, &taken);
        if free.is_empty() && self.count > 0 {
            return Err(StoreError::NoFreeToi {
                channel: self.channel.clone(),
            });
        }
        let query = sqlx::query("UPDATE flute_session SET next_toi = $2 WHERE channel = $1");
        tx.run(query.bind(self.channel.as_str()).bind(i64::from(next)))
            .await?;
        Ok(free)
    }
}

impl ToiRequest {
    async fn busy(&self, tx: &mut Tx<'_>) -> Result<HashSet<u32>, StoreError> {
        let query = sqlx::query(
            "SELECT toi FROM transmission WHERE channel = $1 AND ended_ms IS NULL \
             UNION ALL SELECT toi FROM transmission WHERE channel = $1 AND ended_ms > $2",
        );
        let query = query
            .bind(self.channel.as_str())
            .bind(bigint(self.busy_after_ms));
        tx.rows(query)
            .await?
            .iter()
            .map(|row| Columns::keyed(row, "transmission", "toi").number("toi"))
            .collect()
    }

    /// Up to `count` TOIs that are not taken, from `next` on, and where to go on next time.
    fn choose(&self, next: u32, taken: &HashSet<u32>) -> (Vec<u32>, u32) {
        let last = u32::MAX >> (32 - self.toi_bits.clamp(1, 32));
        let mut toi = if (1..=last).contains(&next) { next } else { 1 };
        let mut free = Vec::new();
        for _ in 0..last {
            if free.len() as u64 >= u64::from(self.count) {
                break;
            }
            if !taken.contains(&toi) {
                free.push(toi);
            }
            toi = if toi == last { 1 } else { toi + 1 };
        }
        (free, toi)
    }
}

struct ReserveFdtIds {
    channel: ChannelName,
    epoch: i64,
    count: u32,
}

impl Operation for ReserveFdtIds {
    type Answer = u32;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u32, StoreError> {
        let query = sqlx::query(
            "INSERT INTO flute_session (channel, tsi, next_toi, next_fdt_id, epoch) \
             VALUES ($1, 0, 1, $2, $3) ON CONFLICT (channel) DO UPDATE SET \
             next_fdt_id = (flute_session.next_fdt_id + $2) % $4, epoch = excluded.epoch \
             WHERE flute_session.epoch <= excluded.epoch RETURNING next_fdt_id",
        );
        let count = self.count % FDT_INSTANCE_IDS;
        let query = query
            .bind(self.channel.as_str())
            .bind(i64::from(count))
            .bind(self.epoch)
            .bind(i64::from(FDT_INSTANCE_IDS));
        let row = tx
            .row(query)
            .await?
            .ok_or_else(|| fenced(&self.channel, self.epoch))?;
        let row = Columns::keyed(&row, "flute_session", "channel");
        let next: u32 = row.number("next_fdt_id")?;
        Ok((next % FDT_INSTANCE_IDS + FDT_INSTANCE_IDS - count) % FDT_INSTANCE_IDS)
    }
}

impl Store {
    /// Gives out TOIs, fewer than asked for when no more are free. Those of transmissions that
    /// are on the air, or ended after `busy_after_ms`, are left out, and so is 0.
    ///
    /// They are the asker's until used; the numbers come round again after all others.
    pub async fn reserve_tois(&self, request: ToiRequest) -> Result<Vec<u32>, StoreError> {
        self.write(request).await
    }

    /// Gives out `count` FDT Instance IDs; returns the first. The others follow it, modulo
    /// [`FDT_INSTANCE_IDS`].
    pub async fn reserve_fdt_ids(
        &self,
        channel: &ChannelName,
        epoch: i64,
        count: u32,
    ) -> Result<u32, StoreError> {
        self.write(ReserveFdtIds {
            channel: channel.clone(),
            epoch,
            count,
        })
        .await
    }
}

fn fenced(channel: &ChannelName, epoch: i64) -> StoreError {
    StoreError::Fenced {
        name: channel.to_string(),
        epoch,
    }
}
