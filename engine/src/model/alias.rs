//! Alias groups and service areas: names that a PI can address.

use serde::{Deserialize, Serialize};

use super::ids::{AreaName, ChannelName, GroupName};

/// Which of a group's channels carry a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deliver {
    /// Every channel.
    All,
    /// The first that is up.
    #[default]
    First,
}

/// A named user group: an ordered list of channels and how to use them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasGroup {
    /// Its name in addresses.
    pub name: GroupName,
    /// Ways out, in order of preference.
    pub channels: Vec<ChannelName>,
    /// Policy.
    #[serde(default)]
    pub deliver: Deliver,
    /// With [`Deliver::All`]: the channels that decide the outcome; empty means all of them.
    #[serde(default)]
    pub required: Vec<ChannelName>,
    /// Service areas it is scoped to.
    #[serde(default)]
    pub areas: Vec<AreaName>,
    /// X-Wap-Application-Id for pushes that bring none.
    #[serde(default)]
    pub application_id: Option<String>,
    /// An operator's estimate, shown as one.
    #[serde(default)]
    pub receivers_expected: Option<u64>,
}

/// A named service area: what it is called, where it is, and the channels that cover it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceArea {
    /// Its name in addresses.
    pub name: AreaName,
    /// All channels that cover it carry a push to it.
    pub channels: Vec<ChannelName>,
    /// What of the cellular network it is, such as `plmn`, `tai:001-01-4660` or `circle:54.5,-1.6 3`.
    /// Those of one kind add up; a channel takes the kind that its centre can carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<String>,
    /// MBMS service area identities (TS 23.003 15.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sai: Vec<u16>,
}

impl ServiceArea {
    /// An area of which nothing is known but the channels that cover it.
    pub const fn covered_by(name: AreaName, channels: Vec<ChannelName>) -> Self {
        Self {
            name,
            channels,
            cells: Vec::new(),
            sai: Vec::new(),
        }
    }
}
