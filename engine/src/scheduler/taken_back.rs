//! What lanes and Cell Broadcast Centres gave back of a push, and how each delivery stands after it.

use std::collections::HashMap;

use crate::model::{ChannelName, DeliveryId, TransmissionId};

use super::desk::LiveObject;

/// Whether a pending delivery can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A packet of it has left.
    AlreadySent,
    /// Nothing of it was sent.
    Free,
    /// The same object carries another address of the push that is not to be taken back.
    Shared,
}

/// What lanes gave back, and what became of each delivery.
#[derive(Debug)]
pub(super) struct TakenBack {
    pub(super) standings: HashMap<DeliveryId, Standing>,
    pub(super) objects: Vec<LiveObject>,
    /// Cell Broadcast alerts that may be on the air and are to be taken off.
    pub(super) killed: Vec<LiveObject>,
}

/// What may be done to Cell Broadcast alerts that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broadcast {
    /// They are taken off the air.
    Killed,
    /// They stand: a newer one takes their place.
    Stands,
}

impl TakenBack {
    pub(super) fn transmissions(&self) -> Vec<TransmissionId> {
        self.objects
            .iter()
            .flat_map(|object| object.transmissions.iter().map(|(id, _)| id.clone()))
            .collect()
    }

    pub(super) fn killed(&self) -> Vec<(ChannelName, u32)> {
        let killed = self.killed.iter();
        killed
            .map(|object| (object.channel.clone(), object.toi))
            .collect()
    }

    pub(super) fn free(&self) -> Vec<DeliveryId> {
        self.standings
            .iter()
            .filter(|(_, standing)| **standing == Standing::Free)
            .map(|(delivery, _)| delivery.clone())
            .collect()
    }
}

/// Deliveries whose objects also carry others, or carry one that was sent, are not free; that
/// may bind further ones.
pub(super) fn bind(standings: &mut HashMap<DeliveryId, Standing>, objects: &[LiveObject]) {
    let is_free = |standings: &HashMap<DeliveryId, Standing>, delivery: &DeliveryId| {
        standings.get(delivery) == Some(&Standing::Free)
    };
    loop {
        let mut bound = false;
        for object in objects {
            let deliveries = object.transmissions.iter().map(|(_, delivery)| delivery);
            let (free, others): (Vec<_>, Vec<_>) =
                deliveries.partition(|delivery| is_free(standings, delivery));
            if others.is_empty() {
                continue;
            }
            for delivery in free {
                standings.insert(delivery.clone(), Standing::Shared);
                bound = true;
            }
        }
        if !bound {
            return;
        }
    }
}
