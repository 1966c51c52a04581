//! Cell Broadcast as other programs show what is on the air: GSMTAP datagrams, from the network or
//! from a capture, put together to messages.

use std::collections::HashMap;

use pushcast_cbs::cbch::Assembler;
use pushcast_cbs::gsmtap::Packet;

use crate::cbc::simulator::{Handset, Shown};

/// Radio channels that are listened to at a time: more would be somebody who makes them up.
const MAX_CHANNELS: usize = 64;

/// Puts datagrams together.
#[derive(Debug, Default)]
pub struct Listener {
    channels: HashMap<(u16, u8), Assembler>,
    handset: Handset,
    /// Datagrams that carry no block of Cell Broadcast.
    others: u64,
}

impl Listener {
    /// Takes a datagram; gives the message that it completes, once.
    pub fn datagram(&mut self, octets: &[u8]) -> Option<Shown> {
        let Ok(packet) = Packet::decode(octets) else {
            self.others += 1;
            return None;
        };
        let channel = (packet.arfcn, packet.timeslot);
        if self.channels.len() >= MAX_CHANNELS && !self.channels.contains_key(&channel) {
            self.channels.clear();
        }
        let assembler = self.channels.entry(channel).or_default();
        // A lost block costs its page, which comes again.
        let page = assembler.handle_block(&packet.block).ok().flatten()?;
        self.handset.hears(&page)
    }

    /// Datagrams that carry no block of Cell Broadcast.
    pub const fn others(&self) -> u64 {
        self.others
    }
}
