//! Ordinary sockets, with and without segmentation by the kernel.

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, UdpSocket};

use pushcast_flute::sender::{MAX_BURST_BYTES, MAX_BURST_SEGMENTS};
use quinn_udp::{Transmit, UdpSocketState};

use super::transmitter::{Burst, SendFailure, Transmitter};

/// A send that the kernel had no memory for is tried so often again.
const ATTEMPTS: usize = 5;

#[derive(Debug)]
struct Target<S> {
    socket: UdpSocket,
    group: SocketAddr,
    state: S,
}

/// Runs a send until it succeeds, or fails for another reason than a moment's lack of memory.
fn persistently(mut send: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let mut attempt = 1;
    loop {
        match send() {
            Err(error) if attempt < ATTEMPTS && is_passing(&error) => {
                std::thread::sleep(std::time::Duration::from_millis(1 << attempt));
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// The same send may succeed a moment later.
pub(super) fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory
    ) || error.raw_os_error() == Some(nix::errno::Errno::ENOBUFS as i32)
}

/// Keeps a failure for the lane, which collects all of them after each of its turns: none may be
/// missing, for its object would count as sent.
fn note(
    failures: &mut VecDeque<SendFailure>,
    burst: &Burst,
    result: io::Result<()>,
    datagrams_sent: usize,
) {
    if let Err(error) = result {
        failures.push_back(SendFailure {
            socket: burst.socket,
            object: burst.object,
            partly: datagrams_sent > 0,
            error,
        });
    }
}

/// One call with a segment size for each burst.
#[derive(Debug)]
pub(super) struct Gso {
    targets: Vec<Target<UdpSocketState>>,
    buffer: Vec<u8>,
    failures: VecDeque<SendFailure>,
}

impl Gso {
    pub(super) fn new() -> Self {
        Self {
            targets: Vec::new(),
            buffer: Vec::with_capacity(MAX_BURST_BYTES),
            failures: VecDeque::new(),
        }
    }
}

impl Transmitter for Gso {
    fn add_socket(&mut self, socket: UdpSocket, group: SocketAddr) -> io::Result<usize> {
        let state = UdpSocketState::new((&socket).into())?;
        // The lane waits for room in the socket: that is its back-pressure.
        socket.set_nonblocking(false)?;
        self.targets.push(Target {
            socket,
            group,
            state,
        });
        Ok(self.targets.len() - 1)
    }

    fn max_segments(&self) -> usize {
        MAX_BURST_SEGMENTS
    }

    fn buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    fn give_back(&mut self, buffer: Vec<u8>) {
        self.buffer = buffer;
    }

    fn send(&mut self, burst: Burst) {
        let target = &self.targets[burst.socket];
        let transmit = Transmit {
            destination: target.group,
            ecn: None,
            contents: &burst.octets,
            segment_size: (burst.octets.len() > burst.segment_bytes).then_some(burst.segment_bytes),
            src_ip: None,
        };
        let result = persistently(|| target.state.try_send((&target.socket).into(), &transmit));
        note(&mut self.failures, &burst, result, 0);
        self.buffer = burst.octets;
        self.buffer.clear();
    }

    fn flush(&mut self) {}

    fn poll_failure(&mut self) -> Option<SendFailure> {
        self.failures.pop_front()
    }
}

/// One call for each datagram.
#[derive(Debug, Default)]
pub(super) struct Plain {
    targets: Vec<Target<()>>,
    buffer: Vec<u8>,
    failures: VecDeque<SendFailure>,
}

impl Transmitter for Plain {
    fn add_socket(&mut self, socket: UdpSocket, group: SocketAddr) -> io::Result<usize> {
        self.targets.push(Target {
            socket,
            group,
            state: (),
        });
        Ok(self.targets.len() - 1)
    }

    fn max_segments(&self) -> usize {
        MAX_BURST_SEGMENTS
    }

    fn buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    fn give_back(&mut self, buffer: Vec<u8>) {
        self.buffer = buffer;
    }

    fn send(&mut self, burst: Burst) {
        let target = &self.targets[burst.socket];
        let mut datagrams = burst.octets.chunks(burst.segment_bytes.max(1));
        let mut sent = 0;
        let result = datagrams.try_for_each(|datagram| {
            persistently(|| target.socket.send_to(datagram, target.group).map(|_| ()))?;
            sent += 1;
            Ok(())
        });
        note(&mut self.failures, &burst, result, sent);
        self.buffer = burst.octets;
        self.buffer.clear();
    }

    fn flush(&mut self) {}

    fn poll_failure(&mut self) -> Option<SendFailure> {
        self.failures.pop_front()
    }
}
