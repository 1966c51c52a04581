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

/// A named service area; its name and the channels that cover it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceArea {
    /// Its name in addresses.
    pub name: AreaName,
    /// All channels that cover it carry a push to it.
    pub channels: Vec<ChannelName>,
}
