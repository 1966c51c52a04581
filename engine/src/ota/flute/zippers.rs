//! Compressors that serve one push after another, on whatever thread.
//!
//! A push is compressed on one of many threads that mostly wait for the disk. With a compressor
//! for each, 300 kB at a time, the allocator would keep the sum of their memory.

use std::sync::{Mutex, PoisonError};

use pushcast_flute::content::Gzip;

/// Compressors kept: more are at work only on machines with more cores.
const MAX_KEPT: usize = 16;

static FREE: Mutex<Vec<Gzip>> = Mutex::new(Vec::new());

/// Compresses to one gzip member.
pub(super) fn gzip(data: &[u8]) -> Vec<u8> {
    let kept = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut zipper = kept.unwrap_or_default();
    let member = zipper.compress(data);
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    if free.len() < MAX_KEPT {
        free.push(zipper);
    }
    member
}
