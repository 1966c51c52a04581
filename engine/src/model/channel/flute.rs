//! A FLUTE session on IP multicast as a way out.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use super::content::{ChannelCapabilities, Transform};
use super::{Bearer, ChannelError};
use crate::model::ids::{ChannelName, LaneName};

/// Symbol length of FLUTE channels, octets: a multiple of 8 that leaves room for tunnel headers.
pub const DEFAULT_SYMBOL_BYTES: u16 = 1400;
/// Wire rate of FLUTE channels, bit/s.
pub const DEFAULT_RATE_BPS: u64 = 10_000_000;
/// Passes without FEC: one lost symbol in a thousand remains at 10 % loss.
pub const DEFAULT_PASSES_NO_CODE: u32 = 3;
/// Passes with RaptorQ: each brings fresh repair symbols.
pub const DEFAULT_PASSES_RAPTORQ: u32 = 2;

/// FEC scheme of a FLUTE channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fec {
    /// Compact No-Code: losses are filled by the carousel.
    #[serde(rename = "none")]
    NoCode,
    /// RaptorQ with repair symbols.
    #[default]
    RaptorQ,
}

/// Wire profile of a FLUTE channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Profile {
    /// FLUTE version 1, 16-bit TSI and TOI, No-Code or RaptorQ, gzip.
    #[default]
    #[serde(rename = "general-v1")]
    GeneralV1,
}

/// When a carousel ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Until {
    /// At the push's deliver-before time.
    Expiry,
}

/// How often and how long an object is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carousel {
    /// Number of passes; absent with `until` means as many as fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passes: Option<u32>,
    /// Pause between the end of a pass and the start of the next, ms.
    #[serde(default = "Carousel::default_delay_ms")]
    pub delay_ms: u64,
    /// Time between the starts of passes, ms; takes the place of `delay_ms` where it is longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
    /// End by time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
}

impl Carousel {
    const fn default_delay_ms() -> u64 {
        2000
    }
}

impl Default for Carousel {
    fn default() -> Self {
        Self {
            passes: None,
            delay_ms: Self::default_delay_ms(),
            interval_ms: None,
            until: None,
        }
    }
}

/// FLUTE on IP multicast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FluteChannel {
    /// Its name in groups, areas, URLs and reports.
    pub name: ChannelName,
    /// The lane that serves it; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<LaneName>,
    /// Bearer reported to PIs.
    pub bearer: Bearer,
    /// Multicast group.
    pub group: IpAddr,
    /// UDP port.
    pub port: u16,
    /// Sender address that receivers join for (source-specific multicast); the interface's
    /// address if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<IpAddr>,
    /// Time to live, or hop limit.
    #[serde(default = "FluteChannel::default_ttl")]
    pub ttl: u8,
    /// Transport session identifier.
    pub tsi: u16,
    /// Wire profile.
    #[serde(default)]
    pub profile: Profile,
    /// FEC scheme.
    #[serde(default)]
    pub fec: Fec,
    /// Symbol length, octets.
    #[serde(default = "FluteChannel::default_symbol_bytes")]
    pub symbol_bytes: u16,
    /// Repair symbols of a pass in percent of the source symbols.
    #[serde(default = "FluteChannel::default_repair_percent")]
    pub repair_percent: u16,
    /// Wire rate including IP and UDP headers, bit/s.
    #[serde(default = "FluteChannel::default_rate_bps")]
    pub rate_bps: u64,
    /// Repetition.
    #[serde(default)]
    pub carousel: Carousel,
    /// Form of SI, SL and CO on the air.
    #[serde(default)]
    pub transform: Transform,
    /// What its receivers can take; absent where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<ChannelCapabilities>,
}

impl FluteChannel {
    const fn default_ttl() -> u8 {
        1
    }

    const fn default_symbol_bytes() -> u16 {
        DEFAULT_SYMBOL_BYTES
    }

    const fn default_repair_percent() -> u16 {
        20
    }

    const fn default_rate_bps() -> u64 {
        DEFAULT_RATE_BPS
    }

    /// The channel of the lab set-up: loopback only.
    pub fn lab(name: ChannelName) -> Self {
        Self {
            name,
            lane: None,
            bearer: Bearer::Mbms,
            group: IpAddr::V4(Ipv4Addr::new(239, 255, 42, 1)),
            port: 5042,
            source: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            ttl: 1,
            tsi: 1,
            profile: Profile::GeneralV1,
            fec: Fec::RaptorQ,
            symbol_bytes: DEFAULT_SYMBOL_BYTES,
            repair_percent: Self::default_repair_percent(),
            rate_bps: DEFAULT_RATE_BPS,
            carousel: Carousel::default(),
            transform: Transform::default(),
            capabilities: None,
        }
    }

    /// Checks what the types cannot say.
    pub fn validated(self) -> Result<Self, ChannelError> {
        let channel = || self.name.clone();
        if !self.group.is_multicast() {
            return Err(ChannelError::Group {
                channel: channel(),
                group: self.group,
            });
        }
        if let Some(address) = self
            .source
            .filter(|source| source.is_ipv4() != self.group.is_ipv4())
        {
            return Err(ChannelError::Family {
                channel: channel(),
                address,
            });
        }
        let range = |key, value, ok: bool, range| {
            if ok {
                Ok(())
            } else {
                Err(ChannelError::Range {
                    channel: channel(),
                    key,
                    value,
                    range,
                })
            }
        };
        let symbol = u64::from(self.symbol_bytes);
        range("port", u64::from(self.port), self.port != 0, "1 to 65535")?;
        range("tsi", u64::from(self.tsi), self.tsi != 0, "1 to 65535")?;
        range(
            "symbol_bytes",
            symbol,
            symbol.is_multiple_of(4) && (64..=8_900).contains(&symbol),
            "64 to 8900, in fours",
        )?;
        range(
            "repair_percent",
            u64::from(self.repair_percent),
            self.repair_percent <= 400,
            "0 to 400",
        )?;
        range(
            "rate_bps",
            self.rate_bps,
            (1_000..=100_000_000_000).contains(&self.rate_bps),
            "1000 to 100000000000",
        )?;
        let passes = self.carousel.passes.unwrap_or(1);
        range(
            "carousel.passes",
            u64::from(passes),
            (1..=1_000_000).contains(&passes),
            "1 to 1000000",
        )?;
        let checked = self.capabilities.as_ref().map(ChannelCapabilities::check);
        if let Err(error) = checked.unwrap_or(Ok(())) {
            return Err(ChannelError::Capability {
                channel: channel(),
                error,
            });
        }
        Ok(self)
    }

    /// Passes planned for one push; `None` while only time ends the carousel.
    pub fn passes(&self) -> Option<u32> {
        let default = match self.fec {
            Fec::NoCode => DEFAULT_PASSES_NO_CODE,
            Fec::RaptorQ => DEFAULT_PASSES_RAPTORQ,
        };
        match (self.carousel.passes, self.carousel.until) {
            (Some(passes), _) => Some(passes),
            (None, Some(Until::Expiry)) => None,
            (None, None) => Some(default),
        }
    }
}
