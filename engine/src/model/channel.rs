//! Channels: one configured way out each, a FLUTE session or a Cell Broadcast Centre.

mod cbs;
mod content;
mod flute;
mod message_ids;

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::ids::ChannelName;

pub use cbs::{
    AirTime, CapNotice, CbsCategory, CbsChannel, CbsPayload, GeographicalScope, TextCharset,
    WhenBusy,
};
pub use content::{CapabilityError, ChannelCapabilities, MAX_CAPABILITIES, Transform};
pub use flute::{
    Carousel, DEFAULT_PASSES_NO_CODE, DEFAULT_PASSES_RAPTORQ, DEFAULT_RATE_BPS,
    DEFAULT_SYMBOL_BYTES, Fec, FluteChannel, Profile, Until,
};
pub use message_ids::{MessageIds, MessageIdsError};

/// A point-to-multipoint bearer, as the quality-of-service element names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Bearer {
    /// OMA BCAST file distribution.
    Bcast,
    /// Cell Broadcast Service.
    Cbs,
    /// Multimedia Broadcast Multicast Service.
    Mbms,
}

impl Bearer {
    /// Every bearer.
    pub const ALL: &[Self] = &[Self::Bcast, Self::Cbs, Self::Mbms];

    /// The name used in PAP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bcast => "BCAST",
            Self::Cbs => "CBS",
            Self::Mbms => "MBMS",
        }
    }

    /// Reads a PAP bearer name, in any case.
    pub fn from_pap(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|bearer| bearer.as_str().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Channel {
    /// Cell Broadcast through a CBC.
    Cbs(CbsChannel),
    /// FLUTE on IP multicast.
    Flute(FluteChannel),
}

/// A channel that could not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Capabilities that cannot be any.
    #[error("channel {channel}: {error}")]
    Capability {
        /// Which channel.
        channel: ChannelName,
        /// What is wrong.
        #[source]
        error: CapabilityError,
    },
    /// The group is no multicast address.
    #[error("channel {channel}: group {group} is not a multicast address")]
    Group {
        /// Which channel.
        channel: ChannelName,
        /// The address.
        group: IpAddr,
    },
    /// Group and source are of different families.
    #[error("channel {channel}: source {address} and group are of different address families")]
    Family {
        /// Which channel.
        channel: ChannelName,
        /// The source.
        address: IpAddr,
    },
    /// No language.
    #[error("channel {channel}: language {language:?} is not two letters of ISO 639")]
    Language {
        /// Which channel.
        channel: ChannelName,
        /// What was given.
        language: String,
    },
    /// A number outside its range.
    #[error("channel {channel}: {key} = {value} is outside {range}")]
    Range {
        /// Which channel.
        channel: ChannelName,
        /// Configuration key.
        key: &'static str,
        /// What was given.
        value: u64,
        /// What is possible.
        range: &'static str,
    },
}

impl Channel {
    /// The channel of the lab set-up: loopback only.
    pub fn lab(name: ChannelName) -> Self {
        Self::Flute(FluteChannel::lab(name))
    }

    /// Its name in groups, areas, URLs and reports.
    pub const fn name(&self) -> &ChannelName {
        match self {
            Self::Cbs(cbs) => &cbs.name,
            Self::Flute(flute) => &flute.name,
        }
    }

    /// Bearer reported to PIs.
    pub const fn bearer(&self) -> Bearer {
        match self {
            Self::Cbs(_) => Bearer::Cbs,
            Self::Flute(flute) => flute.bearer,
        }
    }

    /// Form of SI, SL and CO on the air. Cell Broadcast makes its pages of what the PI sent.
    pub const fn transform(&self) -> Transform {
        match self {
            Self::Cbs(_) => Transform::None,
            Self::Flute(flute) => flute.transform,
        }
    }

    /// What its receivers can take, where somebody said so.
    pub const fn capabilities(&self) -> Option<&ChannelCapabilities> {
        match self {
            Self::Cbs(_) => None,
            Self::Flute(flute) => flute.capabilities.as_ref(),
        }
    }

    /// As a FLUTE channel, if it is one.
    pub const fn as_flute(&self) -> Option<&FluteChannel> {
        match self {
            Self::Cbs(_) => None,
            Self::Flute(flute) => Some(flute),
        }
    }

    /// As a Cell Broadcast channel, if it is one.
    pub const fn as_cbs(&self) -> Option<&CbsChannel> {
        match self {
            Self::Cbs(cbs) => Some(cbs),
            Self::Flute(_) => None,
        }
    }
}

impl From<CbsChannel> for Channel {
    fn from(cbs: CbsChannel) -> Self {
        Self::Cbs(cbs)
    }
}

impl From<FluteChannel> for Channel {
    fn from(flute: FluteChannel) -> Self {
        Self::Flute(flute)
    }
}

#[cfg(test)]
mod tests;
