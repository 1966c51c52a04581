//! Message codes in hand, from blocks that the store reserves under the epoch of the link's lease.

use std::collections::{HashMap, VecDeque};

use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::serial::{MAX_ETWS_MESSAGE_CODE, MAX_MESSAGE_CODE};

use crate::model::LinkName;
use crate::store::{CodeRequest, Lease, Store, StoreError};

/// Codes reserved at a time; a crash burns the rest of a block.
const BLOCK: u16 = 16;

/// Leases of links and the codes in hand.
#[derive(Debug, Default)]
pub struct Numbers {
    leases: HashMap<LinkName, Lease>,
    codes: HashMap<(LinkName, u16), VecDeque<u16>>,
}

/// Name of a link's lease.
pub(crate) fn lease_name(link: &LinkName) -> String {
    format!("cbc/{link}")
}

impl Numbers {
    /// A lease that this process holds.
    pub fn hold(&mut self, link: LinkName, lease: Lease) {
        self.leases.insert(link, lease);
    }

    /// Every lease.
    pub fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.leases.values()
    }

    /// Epoch of a link; 0 where no lease is held, which the store refuses.
    pub fn epoch(&self, link: &LinkName) -> i64 {
        self.leases.get(link).map_or(0, |lease| lease.epoch)
    }

    /// A code that no message has which is on the air, or ended after `busy_after_ms`. `None` if
    /// none is free.
    pub async fn code(
        &mut self,
        store: &Store,
        link: &LinkName,
        message_id: MessageId,
        busy_after_ms: u64,
    ) -> Result<Option<u16>, StoreError> {
        let epoch = self.epoch(link);
        let in_hand = self.codes.entry((link.clone(), message_id.0)).or_default();
        if let Some(code) = in_hand.pop_front() {
            return Ok(Some(code));
        }
        let most = match message_id.is_etws() {
            true => MAX_ETWS_MESSAGE_CODE,
            false => MAX_MESSAGE_CODE,
        };
        let reserved = store
            .reserve_codes(CodeRequest {
                link: link.clone(),
                message_id: message_id.0,
                epoch,
                count: BLOCK,
                codes: most + 1,
                busy_after_ms,
            })
            .await?;
        in_hand.extend(reserved);
        Ok(in_hand.pop_front())
    }
}
