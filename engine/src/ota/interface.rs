//! Network interfaces by name or address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

/// Flags of an interface that can send.
const RUNNING: InterfaceFlags = InterfaceFlags::IFF_UP.union(InterfaceFlags::IFF_RUNNING);

/// An interface that a lane or a receiver uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Name, for example `eth0`.
    pub name: String,
    /// Index, as IPv6 socket options want it.
    pub index: u32,
    /// Largest IP packet, octets.
    pub mtu_bytes: u32,
    /// IPv4 addresses.
    pub v4: Vec<Ipv4Addr>,
    /// IPv6 addresses.
    pub v6: Vec<Ipv6Addr>,
    /// It is switched on, and what it is connected to is there.
    pub is_up: bool,
}

/// An interface that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InterfaceError {
    /// The system would not list its interfaces.
    #[error("the network interfaces cannot be listed")]
    List(#[source] std::io::Error),
    /// None has that name or address.
    #[error("no interface is named {wanted:?} or has that address; there are {known}")]
    NotFound {
        /// What was asked for.
        wanted: String,
        /// Names of the interfaces that exist.
        known: String,
    },
    /// It has no address of the family needed.
    #[error("interface {interface} has no {family} address")]
    NoAddress {
        /// Its name.
        interface: String,
        /// `IPv4` or `IPv6`.
        family: &'static str,
    },
}

impl Interface {
    /// Finds an interface by its name or one of its addresses.
    pub fn find(wanted: &str) -> Result<Self, InterfaceError> {
        let all = Self::all()?;
        let address: Option<IpAddr> = wanted.parse().ok();
        let matches = |interface: &&Self| {
            interface.name == wanted || address.is_some_and(|address| interface.has(address))
        };
        all.iter()
            .find(matches)
            .cloned()
            .ok_or_else(|| InterfaceError::NotFound {
                wanted: wanted.to_owned(),
                known: all
                    .iter()
                    .map(|interface| interface.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// Every interface.
    pub fn all() -> Result<Vec<Self>, InterfaceError> {
        let addresses = getifaddrs().map_err(|errno| InterfaceError::List(errno.into()))?;
        let mut all: Vec<Self> = Vec::new();
        for entry in addresses {
            let position = all
                .iter()
                .position(|known| known.name == entry.interface_name);
            let position = position.unwrap_or_else(|| {
                all.push(Self::named(entry.interface_name.clone()));
                all.len() - 1
            });
            all[position].is_up = entry.flags.contains(RUNNING);
            let Some(address) = entry.address else {
                continue;
            };
            if let Some(v4) = address.as_sockaddr_in() {
                all[position].v4.push(v4.ip());
            } else if let Some(v6) = address.as_sockaddr_in6() {
                all[position].v6.push(v6.ip());
            }
        }
        Ok(all)
    }

    fn named(name: String) -> Self {
        // Zero is no interface: what uses it then fails with the kernel's own words.
        let index = nix::net::if_::if_nametoindex(name.as_str()).unwrap_or(0);
        let mtu_bytes = std::fs::read_to_string(format!("/sys/class/net/{name}/mtu"))
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(1500);
        Self {
            name,
            index,
            mtu_bytes,
            v4: Vec::new(),
            v6: Vec::new(),
            is_up: false,
        }
    }

    /// The address is one of the interface, or lies in the loopback network of `lo`.
    pub fn has(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => {
                self.v4.contains(&v4)
                    || (v4.is_loopback() && self.v4.iter().any(Ipv4Addr::is_loopback))
            }
            IpAddr::V6(v6) => self.v6.contains(&v6),
        }
    }

    /// The address that packets of this family leave from. A link-local one, which receivers behind
    /// a router could not name, only where there is no other.
    pub fn address(&self, like: IpAddr) -> Result<IpAddr, InterfaceError> {
        let (address, family) = match like {
            IpAddr::V4(_) => (self.v4.first().copied().map(IpAddr::V4), "IPv4"),
            IpAddr::V6(_) => {
                let wide = self.v6.iter().find(|v6| !v6.is_unicast_link_local());
                let address = wide.or(self.v6.first()).copied();
                (address.map(IpAddr::V6), "IPv6")
            }
        };
        address.ok_or_else(|| InterfaceError::NoAddress {
            interface: self.name.clone(),
            family,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_found_by_name_and_address() {
        let by_name = Interface::find("lo").unwrap();
        assert_eq!(Interface::find("127.0.0.1").unwrap(), by_name);
        assert!(by_name.index > 0 && by_name.is_up);
        assert!(by_name.mtu_bytes >= 1500);
    }

    #[test]
    fn link_local_addresses_come_last() {
        let [link_local, unique_local]: [Ipv6Addr; 2] =
            ["fe80::1", "fd77::1"].map(|text| text.parse().unwrap());
        let mut interface = Interface::find("lo").unwrap();
        let any = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        interface.v6 = vec![link_local, unique_local];
        assert_eq!(interface.address(any).unwrap(), unique_local);
        interface.v6 = vec![link_local];
        assert_eq!(interface.address(any).unwrap(), link_local);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = Interface::find("nonesuch0").unwrap_err().to_string();
        assert!(
            error.contains("nonesuch0") && error.contains("lo"),
            "{error}"
        );
    }
}
