//! Accounts of Push Initiators.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::channel::Bearer;
use super::ids::InitiatorName;
use super::submission::{Priority, Sha256};

/// Name of the initiator whose pushes come from the console; no account may have it.
pub const CONSOLE: &str = "console";

/// A network in CIDR notation, for example `127.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// Text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a network such as 192.0.2.0/24 or 2001:db8::/32")]
pub struct NetworkError(String);

impl Network {
    /// Whether an address lies inside. IPv4 addresses in IPv6 form count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX
                    .checked_shl(32 - u32::from(self.prefix_bits))
                    .unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.prefix_bits))
                    .unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let error = || NetworkError(text.to_owned());
        let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = if prefix.is_empty() {
            longest
        } else {
            prefix.parse().map_err(|_| error())?
        };
        if prefix_bits > longest {
            return Err(error());
        }
        Ok(Self {
            address,
            prefix_bits,
        })
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

/// How many requests an initiator may send: a bucket that fills steadily.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests a second in the long run, at least 1.
    pub per_second: u32,
    /// Requests at once, at least 1.
    pub burst: u32,
}

/// A PI's account: how it shows who it is, and what it may do. Limits that are absent do not
/// exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Initiator {
    /// Account name, the user of HTTP Basic.
    pub name: InitiatorName,
    /// argon2 hash in PHC form; `None` for accounts known by their network alone.
    #[serde(default)]
    pub password_hash: Option<String>,
    /// File with the digests of name, realm and password for HTTP Digest (RFC 7616 3.4.2). They
    /// are as good as the password there, so they are not kept with the account.
    #[serde(default)]
    pub digest_ha1_file: Option<String>,
    /// SHA-256 of the client certificates that stand for it, each over the whole DER form.
    #[serde(default)]
    pub client_certificates: Vec<Sha256>,
    /// Networks whose requests need no credentials.
    #[serde(default)]
    pub trusted_from: Vec<Network>,
    /// Alias groups it may address; `*` stands for all.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Service areas it may address; `*` stands for all.
    #[serde(default)]
    pub areas: Vec<String>,
    /// Bearers that it may use.
    #[serde(default)]
    pub bearers: Option<Vec<Bearer>>,
    /// Most urgent priority that it may ask for.
    #[serde(default)]
    pub max_priority: Option<Priority>,
    /// Longest request body, octets; the server's limit if absent.
    #[serde(default)]
    pub body_bytes: Option<u64>,
    /// Requests over time.
    #[serde(default)]
    pub rate: Option<Rate>,
    /// Requests under way at a time.
    #[serde(default)]
    pub concurrent: Option<u32>,
    /// Submissions taken in on one day of UTC.
    #[serde(default)]
    pub daily_quota: Option<u64>,
    /// Addresses of the submissions taken in on one day of UTC.
    #[serde(default)]
    pub daily_addresses: Option<u64>,
    /// Hosts, `host` or `host:port`, that may be notified although their address is not global.
    #[serde(default)]
    pub notify_hosts: Vec<String>,
}

impl Initiator {
    /// An account that nobody can enter, that may address nothing and has no limits.
    pub const fn named(name: InitiatorName) -> Self {
        Self {
            name,
            password_hash: None,
            digest_ha1_file: None,
            client_certificates: Vec::new(),
            trusted_from: Vec::new(),
            groups: Vec::new(),
            areas: Vec::new(),
            bearers: None,
            max_priority: None,
            body_bytes: None,
            rate: None,
            concurrent: None,
            daily_quota: None,
            daily_addresses: None,
            notify_hosts: Vec::new(),
        }
    }

    /// The console itself: it may address everything, and nobody can enter as it.
    pub fn console() -> Self {
        let name = CONSOLE.parse().expect("a plain word is an initiator name");
        Self {
            groups: vec!["*".to_owned()],
            areas: vec!["*".to_owned()],
            ..Self::named(name)
        }
    }

    /// Whether it is the console itself.
    pub fn is_console(&self) -> bool {
        self.name.as_str() == CONSOLE
    }

    /// Whether it may use the bearer.
    pub fn may_use_bearer(&self, bearer: Bearer) -> bool {
        self.bearers
            .as_ref()
            .is_none_or(|bearers| bearers.contains(&bearer))
    }

    /// Whether it may ask for the priority.
    pub fn may_ask_for(&self, priority: Priority) -> bool {
        self.max_priority.is_none_or(|most| priority <= most)
    }

    /// Whether it may address the group.
    pub fn may_use_group(&self, name: &str) -> bool {
        self.groups
            .iter()
            .any(|allowed| allowed == "*" || allowed == name)
    }

    /// Whether it may address the area.
    pub fn may_use_area(&self, name: &str) -> bool {
        self.areas
            .iter()
            .any(|allowed| allowed == "*" || allowed == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_what_they_should() {
        let loopback: Network = "127.0.0.0/8".parse().unwrap();
        assert!(loopback.contains("127.255.0.1".parse().unwrap()));
        assert!(loopback.contains("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!loopback.contains("128.0.0.1".parse().unwrap()));
        assert!(!loopback.contains("::1".parse().unwrap()));
        let everything: Network = "0.0.0.0/0".parse().unwrap();
        assert!(everything.contains("203.0.113.9".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("ten".parse::<Network>().is_err());
        assert_eq!("::1".parse::<Network>().unwrap().to_string(), "::1/128");
    }
}
