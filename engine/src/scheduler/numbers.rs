//! Numbers that may be used once: TOIs from reserved blocks, FDT Instance IDs, lease epochs.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use pushcast_flute::sender::MAX_PLANNED_MS;

use crate::model::{ChannelName, FluteChannel};
use crate::store::{Lease, Store, StoreError, ToiRequest};

/// A lease that is not renewed for so long is over.
pub(super) const LEASE_TTL: Duration = Duration::from_secs(3);
/// Leases are renewed so often.
pub(super) const LEASE_RENEWAL: Duration = Duration::from_secs(1);
/// FDT Instance IDs reserved at a time.
pub(super) const FDT_ID_BLOCK: u32 = 64;
/// TOIs reserved at a time.
const TOI_BLOCK: u32 = 256;
/// Width of TOIs while it suffices: receivers of MBMS take no more (TS 26.346 7.2).
const TOI_BITS: u32 = 16;
/// Width of TOIs once all short ones are named by FDT Instances that have not expired.
const WIDE_TOI_BITS: u32 = 32;
/// When no short TOI is left, longer ones are taken for so long before short ones are looked for
/// again, ms.
const WIDE_MS: u64 = 10_000;
/// An FDT Instance lives for what is planned and a guard of a minute; clocks differ.
const TOI_REST_MS: u64 = MAX_PLANNED_MS + 2 * 60_000;

/// What one channel has in hand.
#[derive(Debug)]
struct InHand {
    lease: Lease,
    tois: VecDeque<u32>,
    /// Until then short TOIs are not looked for.
    wide_until_ms: u64,
}

/// Leases and blocks of every channel.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    channels: HashMap<ChannelName, InHand>,
}

/// Name of a channel's lease.
pub(super) fn lease_name(channel: &ChannelName) -> String {
    format!("channel/{channel}")
}

impl Numbers {
    pub(super) fn hold(&mut self, channel: ChannelName, lease: Lease) {
        self.channels.insert(
            channel,
            InHand {
                lease,
                tois: VecDeque::new(),
                wide_until_ms: 0,
            },
        );
    }

    pub(super) fn leases(&self) -> Vec<Lease> {
        self.channels
            .values()
            .map(|in_hand| in_hand.lease.clone())
            .collect()
    }

    /// Epoch of a channel; 0 where no lease is held, which the store refuses.
    pub(super) fn epoch(&self, channel: &ChannelName) -> i64 {
        self.channels
            .get(channel)
            .map_or(0, |in_hand| in_hand.lease.epoch)
    }

    /// A TOI that nothing else uses.
    pub(super) async fn toi(
        &mut self,
        store: &Store,
        channel: &FluteChannel,
        now_ms: u64,
    ) -> Result<u32, StoreError> {
        let no_free = || StoreError::NoFreeToi {
            channel: channel.name.clone(),
        };
        let in_hand = self.channels.get_mut(&channel.name).ok_or_else(no_free)?;
        if let Some(toi) = in_hand.tois.pop_front() {
            return Ok(toi);
        }
        let request = |toi_bits| ToiRequest {
            channel: channel.name.clone(),
            tsi: u64::from(channel.tsi),
            epoch: in_hand.lease.epoch,
            count: TOI_BLOCK,
            toi_bits,
            busy_after_ms: now_ms.saturating_sub(TOI_REST_MS),
        };
        let wide = request(WIDE_TOI_BITS);
        let block = if now_ms < in_hand.wide_until_ms {
            store.reserve_tois(wide).await?
        } else {
            match store.reserve_tois(request(TOI_BITS)).await {
                Err(StoreError::NoFreeToi { .. }) => {
                    tracing::warn!(channel.name = %channel.name, "all 16-bit TOIs of channel {} are in use; taking longer ones", channel.name);
                    in_hand.wide_until_ms = now_ms.saturating_add(WIDE_MS);
                    store.reserve_tois(wide).await?
                }
                block => block?,
            }
        };
        in_hand.tois.extend(block);
        in_hand.tois.pop_front().ok_or_else(no_free)
    }
}
