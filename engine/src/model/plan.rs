//! Channels chosen for a delivery.

use super::ids::ChannelName;

/// A channel that is to carry a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub channel: ChannelName,
    /// Its failure fails the delivery.
    pub required: bool,
}
