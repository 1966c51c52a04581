//! Sessions with the published `flute` crate, both ways, over real sockets: it runs in a process
//! of its own, reads what it sends from files and writes what it receives to files.
//!
//! Everything goes through a multicast group on the loopback interface, at a bounded rate, to a
//! port that the receiving side was given by the system.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "these tests are about real sockets in real time"
)]

mod peer;
mod receive;
mod send;

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

/// Where all sessions meet; ports keep them apart.
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 77, 7);
/// No session takes longer, or it has failed.
const LIMIT: Duration = Duration::from_secs(20);
/// Room for a quarter of a second at the rates used here.
const SOCKET_BYTES: usize = 4 << 20;
/// Wire rate of both senders.
const RATE_BPS: u64 = 200_000_000;

/// A member of the group on a port that nobody else has.
fn listen() -> (UdpSocket, SocketAddrV4) {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
    socket.set_recv_buffer_size(SOCKET_BYTES).unwrap();
    socket.bind(&SocketAddrV4::new(GROUP, 0).into()).unwrap();
    socket
        .join_multicast_v4(&GROUP, &Ipv4Addr::LOCALHOST)
        .unwrap();
    let socket = UdpSocket::from(socket);
    let port = socket.local_addr().unwrap().port();
    (socket, SocketAddrV4::new(GROUP, port))
}

/// A socket whose datagrams leave by the loopback interface.
fn speak() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

/// Takes datagrams off a socket as fast as they come.
fn collect(socket: UdpSocket) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while let Ok(len) = socket.recv(&mut buffer) {
            if sender.send(buffer[..len].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The next datagram before the deadline.
fn next(datagrams: &mpsc::Receiver<Vec<u8>>, deadline: Instant) -> Option<Vec<u8>> {
    let left = deadline.saturating_duration_since(Instant::now());
    datagrams.recv_timeout(left).ok()
}
