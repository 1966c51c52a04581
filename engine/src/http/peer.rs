//! The other end of a connection, as far as the connection itself tells.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::model::Sha256;

/// The part of an IPv6 address that names a network: the rest is its owner's to choose.
const NETWORK: u128 = !0 << 64;

/// Who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// What is between it and us.
    pub transport: Transport,
}

/// How octets travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// For everybody on the way to read.
    Cleartext,
    /// In TLS.
    Tls {
        /// SHA-256 of the client's certificate in DER form, if it has shown one that an authority
        /// of ours has signed and whose key it has.
        certificate: Option<Sha256>,
    },
}

impl Peer {
    /// Its address, IPv4 in its own form.
    pub fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }

    /// Under what it is counted: of IPv6 the /64, which is what one subscriber has.
    pub fn owner(&self) -> IpAddr {
        owner(self.address.ip())
    }

    /// SHA-256 of its certificate.
    pub const fn certificate(&self) -> Option<Sha256> {
        match self.transport {
            Transport::Cleartext => None,
            Transport::Tls { certificate } => certificate,
        }
    }

    /// Whether nobody on the way can read a password.
    pub fn is_private(&self) -> bool {
        match self.transport {
            Transport::Cleartext => self.ip().is_loopback(),
            Transport::Tls { .. } => true,
        }
    }
}

/// Under what an address is counted.
pub(crate) fn owner(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_one_owner() {
        let of = |text: &str| owner(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn only_tls_and_loopback_are_private() {
        let peer = |address: &str, transport| Peer {
            address: address.parse().unwrap(),
            transport,
        };
        let tls = Transport::Tls { certificate: None };
        assert!(peer("192.0.2.1:1", tls).is_private());
        assert!(peer("127.0.0.1:1", Transport::Cleartext).is_private());
        assert!(peer("[::ffff:127.0.0.1]:1", Transport::Cleartext).is_private());
        assert!(!peer("192.0.2.1:1", Transport::Cleartext).is_private());
    }
}
