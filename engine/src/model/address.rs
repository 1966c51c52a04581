//! Client addresses as PIs write them (PPG Service 6).

use std::net::IpAddr;

use super::ids::{AreaName, GroupName};

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A service area.
    Area(AreaName),
    /// An alias group.
    Group(GroupName),
    /// A multicast group that may be a channel's, with the port if one was given.
    Multicast {
        /// Group address.
        group: IpAddr,
        /// UDP port.
        port: Option<u16>,
    },
    /// Well-formed, but nothing that this gateway serves.
    Other,
}

/// An address: the text exactly as the PI wrote it, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    raw: String,
    key: String,
    target: Target,
}

impl Address {
    /// The PI's own text, quoted back in every answer.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Normalised form: equal for addresses that mean the same.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What it names.
    pub const fn target(&self) -> &Target {
        &self.target
    }
}
