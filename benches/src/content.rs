//! Octets to be sent.

use bytes::Bytes;

/// Octets that no compression makes shorter, the same in every run.
pub(crate) fn octets(len: usize) -> Bytes {
    let mut random = Random::new(0x9E37_79B9_7F4A_7C15);
    let mut octets = Vec::with_capacity(len + 8);
    while octets.len() < len {
        octets.extend_from_slice(&random.next().to_ne_bytes());
    }
    octets.truncate(len);
    octets.into()
}

/// A small generator of even distribution (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// True in so many of a hundred cases.
    pub(crate) const fn percent(&mut self, share: u64) -> bool {
        (self.next() >> 32) % 100 < share
    }
}
