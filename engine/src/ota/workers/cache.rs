//! Encoded blocks, least recently used out first.

use std::collections::HashMap;
use std::sync::Arc;

use pushcast_flute::fec::raptorq::Encoder;
use pushcast_flute::ids::Sbn;

/// Memory for encoded blocks of all objects, octets.
const MAX_BYTES: usize = 64 << 20;

/// A block of a source.
pub(super) type Key = (u64, Sbn);

#[derive(Default)]
pub(super) struct EncoderCache {
    encoders: HashMap<Key, (Arc<Encoder>, u64)>,
    bytes: usize,
    uses: u64,
}

impl EncoderCache {
    pub(super) fn get(&mut self, key: Key) -> Option<Arc<Encoder>> {
        self.uses += 1;
        let (encoder, used) = self.encoders.get_mut(&key)?;
        *used = self.uses;
        Some(Arc::clone(encoder))
    }

    pub(super) fn insert(&mut self, key: Key, encoder: Arc<Encoder>) {
        self.uses += 1;
        self.bytes += encoder.bytes();
        if let Some((replaced, _)) = self.encoders.insert(key, (encoder, self.uses)) {
            self.bytes -= replaced.bytes();
        }
        while self.bytes > MAX_BYTES {
            let oldest = self
                .encoders
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(key, _)| *key);
            let Some((evicted, _)) = oldest.and_then(|key| self.encoders.remove(&key)) else {
                return;
            };
            self.bytes -= evicted.bytes();
        }
    }
}
