//! Buffers that come back when the last slice of them is dropped.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// Buffers kept for reuse.
const MAX_BUFFERS: usize = 64;
/// A larger buffer is not worth keeping, octets.
const MAX_BUFFER_BYTES: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct BufferPool {
    free: Mutex<Vec<Vec<u8>>>,
}

impl BufferPool {
    /// A buffer of `len` octets of unspecified content.
    pub(super) fn take(self: &Arc<Self>, len: usize) -> Buffer {
        let mut octets = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default();
        octets.resize(len, 0);
        Buffer {
            octets,
            pool: Arc::clone(self),
        }
    }
}

/// A buffer of a pool.
#[derive(Debug)]
pub(super) struct Buffer {
    octets: Vec<u8>,
    pool: Arc<BufferPool>,
}

impl Buffer {
    pub(super) fn octets_mut(&mut self) -> &mut [u8] {
        &mut self.octets
    }

    pub(super) const fn vec_mut(&mut self) -> &mut Vec<u8> {
        &mut self.octets
    }

    /// Shared octets; the buffer returns to its pool with the last of them.
    pub(super) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.octets
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let octets = std::mem::take(&mut self.octets);
        if octets.capacity() > MAX_BUFFER_BYTES {
            return;
        }
        let mut free = self
            .pool
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if free.len() < MAX_BUFFERS {
            free.push(octets);
        }
    }
}
