//! Fields of any width, most significant bit first.

/// Collects fields.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    octets: Vec<u8>,
    /// Bits used of the last octet, 0 to 7.
    used: u32,
}

impl BitWriter {
    /// Adds the lower `width` bits, at most 32.
    pub(super) fn put(&mut self, value: u32, width: u32) {
        for bit in (0..width).rev() {
            if self.used == 0 {
                self.octets.push(0);
            }
            if let Some(last) = self.octets.last_mut() {
                *last |= ((value >> bit & 1) as u8) << (7 - self.used);
            }
            self.used = (self.used + 1) % 8;
        }
    }

    /// The octets, filled up with zero bits.
    pub(super) fn finish(self) -> Vec<u8> {
        self.octets
    }
}

/// Gives fields back.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    octets: &'a [u8],
    offset: usize,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(octets: &'a [u8]) -> Self {
        Self { octets, offset: 0 }
    }

    /// The next `width` bits, at most 32; `None` beyond the end.
    pub(super) fn take(&mut self, width: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..width {
            let octet = self.octets.get(self.offset / 8)?;
            value = value << 1 | u32::from(octet >> (7 - self.offset % 8) & 1);
            self.offset += 1;
        }
        Some(value)
    }
}
