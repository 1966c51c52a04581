//! Encoded blocks of the objects on the air, least recently used out first.

use std::collections::BTreeMap;
use std::sync::Arc;

use pushcast_flute::fec::raptorq::Encoder;
use pushcast_flute::ids::Sbn;

/// Memory for encoded blocks of all objects, octets.
const MAX_BYTES: usize = 64 << 20;

/// A block of a source.
pub(super) type Key = (u64, Sbn);

#[derive(Default)]
pub(super) struct EncoderCache {
    encoders: BTreeMap<Key, (Arc<Encoder>, u64)>,
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
    /// Drops the blocks of a source that is no longer sent.
    pub(super) fn forget(&mut self, source: u64) {
        let blocks = (source, Sbn(0))..=(source, Sbn(u32::MAX));
        let blocks: Vec<Key> = self.encoders.range(blocks).map(|(key, _)| *key).collect();
        for key in blocks {
            if let Some((dropped, _)) = self.encoders.remove(&key) {
                self.bytes -= dropped.bytes();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use pushcast_flute::fec::raptorq::Oti;

    use super::*;

    /// A block of two symbols: its intermediate symbols are many times more.
    fn encoder() -> Arc<Encoder> {
        let oti = Oti::for_object(2_800, 1400, 1024).unwrap();
        Arc::new(Encoder::new(&oti, Sbn(0), &[1; 2_800]).unwrap())
    }

    #[test]
    fn short_blocks_count_with_all_they_hold() {
        let mut cache = EncoderCache::default();
        let encoder = encoder();
        // K = 2 stands for K' = 10, with 27 intermediate symbols.
        assert!(encoder.bytes() >= (2 + 27) * 1400);
        for source in 0..2_000 {
            cache.insert((source, Sbn(0)), Arc::clone(&encoder));
        }
        assert!(cache.encoders.len() * encoder.bytes() <= MAX_BYTES);
        assert!(cache.get((1_999, Sbn(0))).is_some());
        assert!(cache.get((0, Sbn(0))).is_none());
    }

    #[test]
    fn nothing_is_kept_of_what_is_no_longer_sent() {
        let mut cache = EncoderCache::default();
        let encoder = encoder();
        for key in [(1, Sbn(0)), (2, Sbn(0)), (2, Sbn(7)), (3, Sbn(0))] {
            cache.insert(key, Arc::clone(&encoder));
        }
        cache.forget(2);
        assert!(cache.get((1, Sbn(0))).is_some() && cache.get((3, Sbn(0))).is_some());
        assert_eq!(
            (cache.encoders.len(), cache.bytes),
            (2, 2 * encoder.bytes())
        );
        cache.forget(1);
        cache.forget(3);
        assert_eq!(cache.bytes, 0);
    }
}
