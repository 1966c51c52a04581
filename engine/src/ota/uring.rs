//! io_uring through tokio-uring: several segmented bursts in flight on one ring.
//!
//! Bursts are collected and submitted together, then awaited together; a lane has nothing better
//! to do than to wait for room in its sockets. Zero-copy sends are not used: this release of the
//! library panics when one fails.

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use pushcast_flute::sender::{MAX_BURST_BYTES, MAX_BURST_SEGMENTS};
use tokio_uring::net::UdpSocket as RingSocket;

use super::fallback::is_passing;
use super::transmitter::{Burst, SendFailure, Transmitter};

/// Bursts in flight.
const IN_FLIGHT: usize = 8;
/// Entries of the submission queue: as many as can be in flight, and some for wake-ups.
const RING_ENTRIES: u32 = 32;
/// A send that the kernel had no memory for is tried so often again.
const ATTEMPTS: u32 = 5;

/// `struct cmsghdr` with one 16-bit value: length (the machine's word), level, type, value.
const CONTROL_BYTES: usize = 24;
/// CMSG_LEN of a 16-bit value.
const CONTROL_LEN: u64 = 18;
/// SOL_UDP.
const LEVEL_UDP: u32 = 17;
/// UDP_SEGMENT.
const TYPE_SEGMENT: u32 = 103;

fn segment_control(segment_bytes: u16) -> Vec<u8> {
    let mut control = Vec::with_capacity(CONTROL_BYTES);
    control.extend_from_slice(&CONTROL_LEN.to_ne_bytes());
    control.extend_from_slice(&LEVEL_UDP.to_ne_bytes());
    control.extend_from_slice(&TYPE_SEGMENT.to_ne_bytes());
    control.extend_from_slice(&segment_bytes.to_ne_bytes());
    control.resize(CONTROL_BYTES, 0);
    control
}

/// The ring and what belongs to it.
pub(super) struct Uring {
    // Dropped before the runtime: closing a ring socket needs its driver.
    sockets: Vec<(RingSocket, SocketAddr)>,
    free: Vec<Vec<u8>>,
    queued: Vec<Burst>,
    failures: VecDeque<SendFailure>,
    runtime: tokio_uring::Runtime,
}

impl Uring {
    pub(super) fn new() -> io::Result<Self> {
        if cfg!(not(target_pointer_width = "64")) {
            return Err(io::Error::other(
                "control messages are laid out for 64-bit machines only",
            ));
        }
        let mut builder = tokio_uring::builder();
        builder.entries(RING_ENTRIES);
        let runtime = tokio_uring::Runtime::new(&builder)?;
        Ok(Self {
            sockets: Vec::new(),
            free: Vec::new(),
            queued: Vec::new(),
            failures: VecDeque::new(),
            runtime,
        })
    }
}

/// Sends one burst, again after a moment's lack of memory; gives the buffer back.
async fn send(
    socket: &RingSocket,
    group: SocketAddr,
    burst: Burst,
) -> (Vec<u8>, Option<SendFailure>) {
    let Burst {
        socket: number,
        mut octets,
        segment_bytes,
        object,
    } = burst;
    let segmented = octets.len() > segment_bytes;
    let mut attempt = 1;
    loop {
        let control =
            segmented.then(|| segment_control(u16::try_from(segment_bytes).unwrap_or(u16::MAX)));
        let (result, mut buffers, _) = socket.sendmsg(vec![octets], Some(group), control).await;
        octets = buffers.pop().unwrap_or_default();
        match result {
            Ok(_) => return (octets, None),
            Err(error) if attempt < ATTEMPTS && is_passing(&error) => {
                tokio::time::sleep(Duration::from_millis(1 << attempt)).await;
                attempt += 1;
            }
            Err(error) => {
                return (
                    octets,
                    Some(SendFailure {
                        socket: number,
                        object,
                        partly: false,
                        error,
                    }),
                );
            }
        }
    }
}

impl Transmitter for Uring {
    fn add_socket(&mut self, socket: UdpSocket, group: SocketAddr) -> io::Result<usize> {
        self.sockets.push((RingSocket::from_std(socket), group));
        Ok(self.sockets.len() - 1)
    }

    fn max_segments(&self) -> usize {
        MAX_BURST_SEGMENTS
    }

    fn buffer(&mut self) -> Vec<u8> {
        if self.queued.len() >= IN_FLIGHT {
            self.flush();
        }
        self.free
            .pop()
            .unwrap_or_else(|| Vec::with_capacity(MAX_BURST_BYTES))
    }

    fn give_back(&mut self, buffer: Vec<u8>) {
        self.free.push(buffer);
    }

    fn send(&mut self, burst: Burst) {
        self.queued.push(burst);
    }

    fn flush(&mut self) {
        if self.queued.is_empty() {
            return;
        }
        let bursts = std::mem::take(&mut self.queued);
        let sockets = &self.sockets;
        let done = self.runtime.block_on(async {
            // In one task: a task for each burst costs as much as its system call.
            futures_util::future::join_all(bursts.into_iter().map(|burst| {
                let (socket, group) = &sockets[burst.socket];
                send(socket, *group, burst)
            }))
            .await
        });
        for (mut octets, failure) in done {
            octets.clear();
            self.free.push(octets);
            self.failures.extend(failure);
        }
    }

    fn poll_failure(&mut self) -> Option<SendFailure> {
        self.failures.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_message_has_the_kernels_layout() {
        let control = segment_control(1416);
        assert_eq!(control.len(), 24);
        assert_eq!(control[..8], 18u64.to_ne_bytes());
        assert_eq!(control[8..12], 17u32.to_ne_bytes());
        assert_eq!(control[12..16], 103u32.to_ne_bytes());
        assert_eq!(control[16..18], 1416u16.to_ne_bytes());
    }
}
