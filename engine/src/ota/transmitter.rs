//! Getting bursts out: one small interface, three ways to do it.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::str::FromStr;
use std::time::Duration;

use pushcast_flute::sender::{MAX_BURST_BYTES, ObjectKey};

use super::fallback::{Gso, Plain};
use super::uring::Uring;

/// How a lane sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// Ordinary sockets, segmentation by the kernel.
    Gso,
    /// Ordinary sockets, one call for each datagram.
    Plain,
    /// io_uring, segmentation by the kernel, several bursts in flight.
    Uring,
}

impl Backend {
    /// From the most to the least capable.
    pub const ALL: [Self; 3] = [Self::Uring, Self::Gso, Self::Plain];

    /// As in configuration, logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gso => "gso",
            Self::Plain => "plain",
            Self::Uring => "uring",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(text: &str) -> Result<Self, UnknownBackend> {
        let known = Self::ALL
            .into_iter()
            .find(|backend| backend.as_str() == text);
        known.ok_or_else(|| UnknownBackend(text.to_owned()))
    }
}

/// A name that is no back-end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no lane back-end: auto, uring, gso or plain")]
pub struct UnknownBackend(String);

/// A burst on its way: its octets, where it goes and whose it is.
#[derive(Debug)]
pub(super) struct Burst {
    /// Socket of the channel, as [`Transmitter::add_socket`] numbered it.
    pub(super) socket: usize,
    /// Equal datagrams one after the other; the last may be shorter.
    pub(super) octets: Vec<u8>,
    /// Length of each datagram.
    pub(super) segment_bytes: usize,
    /// The object it belongs to.
    pub(super) object: Option<ObjectKey>,
}

/// A burst that did not get out.
#[derive(Debug)]
pub(super) struct SendFailure {
    /// Which socket.
    pub(super) socket: usize,
    /// The object that lost packets.
    pub(super) object: Option<ObjectKey>,
    /// Some of its datagrams are out all the same.
    pub(super) partly: bool,
    /// Why.
    pub(super) error: io::Error,
}

/// Sends bursts. Everything happens on the lane's thread.
pub(super) trait Transmitter {
    /// Takes over a channel's socket; bursts name it by the number returned.
    fn add_socket(&mut self, socket: UdpSocket, group: SocketAddr) -> io::Result<usize>;
    /// Most datagrams in one burst.
    fn max_segments(&self) -> usize;
    /// An empty buffer; waits for one that is in flight where all are.
    fn buffer(&mut self) -> Vec<u8>;
    /// Takes a buffer back that was not needed.
    fn give_back(&mut self, buffer: Vec<u8>);
    /// Sends a burst, perhaps a little later.
    fn send(&mut self, burst: Burst);
    /// Gets everything out that was handed in.
    fn flush(&mut self);
    /// A burst that failed since the last call.
    fn poll_failure(&mut self) -> Option<SendFailure>;
}

/// A back-end that cannot be used here.
#[derive(Debug, thiserror::Error)]
#[error("lane back-end {backend} does not work here")]
pub struct ProbeError {
    /// Which.
    pub backend: Backend,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// Opens the back-end asked for, or the best that passes its probe.
pub(super) fn open(wanted: Option<Backend>) -> Result<(Backend, Box<dyn Transmitter>), ProbeError> {
    if let Some(backend) = wanted {
        let transmitter = probed(backend).map_err(|source| ProbeError { backend, source })?;
        return Ok((backend, transmitter));
    }
    for backend in [Backend::Uring, Backend::Gso] {
        match probed(backend) {
            Ok(transmitter) => return Ok((backend, transmitter)),
            Err(error) => {
                tracing::info!(lane.backend = backend.as_str(), %error, "lane back-end {backend} does not work here")
            }
        }
    }
    let transmitter = probed(Backend::Plain).map_err(|source| ProbeError {
        backend: Backend::Plain,
        source,
    })?;
    Ok((Backend::Plain, transmitter))
}

fn make(backend: Backend) -> io::Result<Box<dyn Transmitter>> {
    Ok(match backend {
        Backend::Gso => Box::new(Gso::new()),
        Backend::Plain => Box::new(Plain::default()),
        Backend::Uring => Box::new(Uring::new()?),
    })
}

/// A fresh back-end, once another of its kind has brought two datagrams through loopback.
fn probed(backend: Backend) -> io::Result<Box<dyn Transmitter>> {
    probe(make(backend)?.as_mut())?;
    make(backend)
}

fn probe(transmitter: &mut dyn Transmitter) -> io::Result<()> {
    let listener = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_read_timeout(Some(Duration::from_secs(1)))?;
    let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let socket = transmitter.add_socket(sender, listener.local_addr()?)?;
    let mut octets = transmitter.buffer();
    octets.extend_from_slice(b"onetwo");
    transmitter.send(Burst {
        socket,
        octets,
        segment_bytes: 3,
        object: None,
    });
    transmitter.flush();
    if let Some(failure) = transmitter.poll_failure() {
        return Err(failure.error);
    }
    let mut datagram = [0; MAX_BURST_BYTES];
    for expected in [b"one", b"two"] {
        let (len, _) = listener.recv_from(&mut datagram)?;
        if &datagram[..len] != expected {
            return Err(io::Error::other(
                "a segmented burst did not come back in its parts",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_passes_its_probe_or_says_why() {
        for backend in Backend::ALL {
            match open(Some(backend)) {
                Ok((opened, _)) => assert_eq!(opened, backend),
                Err(error) => println!(
                    "SKIPPED {backend}: {}",
                    std::error::Error::source(&error).unwrap()
                ),
            }
        }
        assert!(open(None).is_ok());
    }
}
