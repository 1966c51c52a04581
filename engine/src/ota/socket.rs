//! Multicast sockets.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};

use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Socket, Type};

use super::Interface;

/// Send buffer asked for, octets: a few bursts in flight.
const SEND_BUFFER_BYTES: usize = 4 << 20;
/// Receive buffer asked for, octets: what the kernel gives without privileges is less.
const RECEIVE_BUFFER_BYTES: usize = 16 << 20;

/// How packets of a channel leave.
#[derive(Debug, Clone)]
pub struct Egress {
    /// Sender address; it must be one of the interface.
    pub source: IpAddr,
    /// Time to live or hop limit.
    pub ttl: u8,
    /// Interface.
    pub interface: Interface,
}

/// A socket that sends to multicast groups through one interface from one address.
pub fn sender(egress: &Egress) -> io::Result<UdpSocket> {
    let domain = if egress.source.is_ipv4() {
        Domain::IPV4
    } else {
        Domain::IPV6
    };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    match egress.source {
        IpAddr::V4(source) => {
            socket.set_multicast_if_v4(&source)?;
            socket.set_multicast_ttl_v4(u32::from(egress.ttl))?;
            // Receivers on the same machine are wanted: tests, the demo, a co-located client.
            socket.set_multicast_loop_v4(true)?;
        }
        IpAddr::V6(_) => {
            socket.set_multicast_if_v6(egress.interface.index)?;
            socket.set_multicast_hops_v6(u32::from(egress.ttl))?;
            socket.set_multicast_loop_v6(true)?;
        }
    }
    // The kernel grants what its limits allow; less is no error.
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    socket.bind(&scoped(egress.source, 0, &egress.interface).into())?;
    Ok(socket.into())
}

/// A group to listen to.
#[derive(Debug, Clone)]
pub struct Ingress {
    /// Group address.
    pub group: IpAddr,
    /// UDP port.
    pub port: u16,
    /// Only packets of this sender (source-specific multicast, IPv4).
    pub source: Option<IpAddr>,
    /// Interface.
    pub interface: Interface,
}

/// A socket that has joined its group. The membership ends with the socket, or by [`leave`].
pub fn receiver(ingress: &Ingress) -> io::Result<UdpSocket> {
    let domain = if ingress.group.is_ipv4() {
        Domain::IPV4
    } else {
        Domain::IPV6
    };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    // Several receivers on one machine share the port.
    socket.set_reuse_address(true)?;
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES);
    // Bound to the group, so that unicast and other groups on the port are not heard.
    socket.bind(&scoped(ingress.group, ingress.port, &ingress.interface).into())?;
    let interface = interface_v4(&ingress.interface);
    match (ingress.group, ingress.source) {
        (IpAddr::V4(group), Some(IpAddr::V4(source))) => {
            socket.join_ssm_v4(&source, &group, &interface)?
        }
        (IpAddr::V4(group), _) => socket.join_multicast_v4_n(&group, &index(&ingress.interface))?,
        (IpAddr::V6(group), _) => socket.join_multicast_v6(&group, ingress.interface.index)?,
    }
    Ok(socket.into())
}

/// Leaves the group, so that the network hears of it even if the process lives on.
pub fn leave(socket: &UdpSocket, ingress: &Ingress) -> io::Result<()> {
    let socket = socket2::SockRef::from(socket);
    let interface = interface_v4(&ingress.interface);
    match (ingress.group, ingress.source) {
        (IpAddr::V4(group), Some(IpAddr::V4(source))) => {
            socket.leave_ssm_v4(&source, &group, &interface)
        }
        (IpAddr::V4(group), _) => socket.leave_multicast_v4_n(&group, &index(&ingress.interface)),
        (IpAddr::V6(group), _) => socket.leave_multicast_v6(&group, ingress.interface.index),
    }
}

/// An address on an interface: one that is only valid on a link does not name it itself.
fn scoped(address: IpAddr, port: u16, interface: &Interface) -> SocketAddr {
    match address {
        IpAddr::V4(_) => SocketAddr::new(address, port),
        // The kernel looks at the index only where it is needed.
        IpAddr::V6(v6) => SocketAddrV6::new(v6, port, 0, interface.index).into(),
    }
}

fn interface_v4(interface: &Interface) -> Ipv4Addr {
    interface
        .v4
        .first()
        .copied()
        .unwrap_or(Ipv4Addr::UNSPECIFIED)
}

fn index(interface: &Interface) -> InterfaceIndexOrAddress {
    InterfaceIndexOrAddress::Index(interface.index)
}

/// Octets that IP and UDP add to a datagram to this group.
pub const fn overhead_bytes(group: IpAddr) -> u16 {
    match group {
        IpAddr::V4(_) => 28,
        IpAddr::V6(_) => 48,
    }
}

/// The unspecified address of the same family.
pub const fn any(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}
