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

/// TOIs looked at first, the next time four times as many.
const FIRST_STRETCH: u64 = 1024;

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
        let (free, next) = self.free(tx, next).await?;
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
    /// Up to `count` TOIs that are not taken, from `next` on, and where to go on next time. Looks
    /// at a stretch of numbers at a time: what is taken may be hundreds of thousands.
    async fn free(&self, tx: &mut Tx<'_>, next: u32) -> Result<(Vec<u32>, u32), StoreError> {
        let last = u64::from(u32::MAX >> (32 - self.toi_bits.clamp(1, 32)));
        let mut toi = Some(u64::from(next))
            .filter(|toi| (1..=last).contains(toi))
            .unwrap_or(1);
        let (mut left, mut stretch) = (last, FIRST_STRETCH);
        let mut free = Vec::new();
        while left > 0 && free.len() < self.count as usize {
            let end = (toi + stretch.min(left) - 1).min(last);
            let taken = self.taken(tx, toi, end).await?;
            left -= end - toi + 1;
            stretch *= 4;
            while toi <= end && free.len() < self.count as usize {
                // Both ends are at most 2^32 - 1.
                let number = toi as u32;
                if !taken.contains(&number) {
                    free.push(number);
                }
                toi += 1;
            }
            if toi > last {
                toi = 1;
            }
        }
        Ok((free, toi as u32))
    }

    /// Which of some TOIs are in use.
    async fn taken(
        &self,
        tx: &mut Tx<'_>,
        first: u64,
        last: u64,
    ) -> Result<HashSet<u32>, StoreError> {
        let query = sqlx::query(
            "SELECT string_agg(CAST(toi AS TEXT), ' ') AS tois FROM transmission \
             WHERE channel = $1 AND toi BETWEEN $2 AND $3 \
             AND (ended_ms IS NULL OR ended_ms > $4)",
        );
        let query = query
            .bind(self.channel.as_str())
            .bind(bigint(first))
            .bind(bigint(last))
            .bind(bigint(self.busy_after_ms));
        let Some(row) = tx.row(query).await? else {
            return Ok(HashSet::new());
        };
        let row = Columns::keyed(&row, "transmission", "tois");
        let tois = row.text_or_null("tois")?.unwrap_or_default();
        tois.split_terminator(' ')
            .map(|toi| toi.parse().map_err(|_| row.corrupt("tois")))
            .collect()
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
