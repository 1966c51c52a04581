//! Ceilings: the same octets with nothing of FLUTE around them.

use std::io::IoSlice;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;

use anyhow::bail;
use bytes::Bytes;
use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrStorage, sendmsg};
use pushcast_flute::sender::{MAX_BURST_BYTES, MAX_BURST_SEGMENTS};

use crate::ours::{HEADER_BYTES, Route, SYMBOL_BYTES};

/// Length of a datagram, octets.
const DATAGRAM_BYTES: usize = HEADER_BYTES + SYMBOL_BYTES as usize;
/// Datagrams of a burst.
pub(crate) const SEGMENTS: usize = {
    let fitting = MAX_BURST_BYTES / DATAGRAM_BYTES;
    if fitting < MAX_BURST_SEGMENTS {
        fitting
    } else {
        MAX_BURST_SEGMENTS
    }
};

/// A socket that sends bursts of ready octets.
pub(crate) struct Raw {
    socket: UdpSocket,
    group: SocketAddr,
    burst: Vec<u8>,
}

impl Raw {
    pub(crate) fn open(route: &Route) -> anyhow::Result<Self> {
        Ok(Self {
            socket: pushcast_engine::ota::socket::sender(&route.egress())?,
            group: route.group,
            burst: vec![0x5A; SEGMENTS * DATAGRAM_BYTES],
        })
    }

    fn send_burst(&self) -> anyhow::Result<()> {
        let segment = DATAGRAM_BYTES as u16;
        let sent = sendmsg(
            self.socket.as_raw_fd(),
            &[IoSlice::new(&self.burst)],
            &[ControlMessage::UdpGsoSegments(&segment)],
            MsgFlags::empty(),
            Some(&SockaddrStorage::from(self.group)),
        )?;
        if sent != self.burst.len() {
            bail!("{sent} of {} octets were sent", self.burst.len());
        }
        Ok(())
    }

    /// The same burst again and again, segmented by the kernel; packets sent.
    pub(crate) fn segmented(&self, packets: u64) -> anyhow::Result<u64> {
        let bursts = packets.div_ceil(SEGMENTS as u64);
        for _ in 0..bursts {
            self.send_burst()?;
        }
        Ok(bursts * SEGMENTS as u64)
    }

    /// As [`Raw::segmented`], with the one copy of each symbol from the object into the burst.
    pub(crate) fn copied(&mut self, octets: &Bytes, packets: u64) -> anyhow::Result<u64> {
        let symbol_bytes = usize::from(SYMBOL_BYTES);
        let run = symbol_bytes * SEGMENTS;
        let mut sent = 0;
        while sent < packets {
            for chunk in octets.chunks_exact(run) {
                for (symbol, datagram) in chunk
                    .chunks_exact(symbol_bytes)
                    .zip(self.burst.chunks_exact_mut(DATAGRAM_BYTES))
                {
                    datagram[HEADER_BYTES..].copy_from_slice(symbol);
                }
                self.send_burst()?;
                sent += SEGMENTS as u64;
            }
        }
        Ok(sent)
    }

    /// One call for each datagram; packets sent.
    pub(crate) fn single(&self, packets: u64) -> anyhow::Result<u64> {
        for _ in 0..packets {
            self.socket
                .send_to(&self.burst[..DATAGRAM_BYTES], self.group)?;
        }
        Ok(packets)
    }
}
