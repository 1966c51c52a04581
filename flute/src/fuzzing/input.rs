//! Decisions taken from the octets of a fuzzer; at their end every decision is 0.

/// What is left of the octets.
pub(super) struct Input<'a> {
    octets: &'a [u8],
}

impl<'a> Input<'a> {
    pub(super) const fn new(octets: &'a [u8]) -> Self {
        Self { octets }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    pub(super) fn u8(&mut self) -> u8 {
        let Some((first, rest)) = self.octets.split_first() else {
            return 0;
        };
        self.octets = rest;
        *first
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.u8(), self.u8()])
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from(self.u16()) << 16 | u32::from(self.u16())
    }

    /// At most `len` octets.
    pub(super) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.octets.split_at(len.min(self.octets.len()));
        self.octets = rest;
        taken
    }

    /// Everything that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.octets)
    }

    /// `len` octets made of a few that are taken.
    pub(super) fn repeated(&mut self, len: usize) -> Vec<u8> {
        let pattern = self.take(4);
        pattern
            .iter()
            .copied()
            .chain([0])
            .cycle()
            .take(len)
            .collect()
    }
}
