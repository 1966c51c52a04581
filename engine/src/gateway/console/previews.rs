//! What would be sent, before anything is.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::Reach;
use crate::model::{AlertContent, Bearer, ChannelName, Language};

/// One way that a target goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteView {
    /// Which channel.
    pub channel: ChannelName,
    /// On which bearer.
    pub bearer: Bearer,
    /// The outcome depends on it.
    pub required: bool,
    /// It can send now.
    pub up: bool,
    /// It belongs to the workspace; if not, it does not carry the alert.
    pub owned: bool,
}

/// A group or area and how it would be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetView {
    /// `group NAME` or `area NAME`.
    pub target: String,
    /// It exists.
    pub known: bool,
    /// Its channels in order.
    pub routes: Vec<RouteView>,
    /// Receivers expected; `None` if nobody knows.
    pub receivers: Option<u64>,
}

/// What an alert would become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Whom it reaches and how.
    pub targets: Vec<TargetView>,
    /// All of them together.
    pub reach: Reach,
    /// For each language: the octets of its object on FLUTE, compressed where that is shorter.
    pub object_bytes: Vec<(Language, u64)>,
    /// For each language and FLUTE channel: how long one pass takes, ms.
    pub pass_ms: Vec<(Language, ChannelName, u64)>,
    /// When it begins and ends if it is approved now, Unix ms.
    pub window_ms: (u64, u64),
}

impl Gateway {
    /// What an alert would become if it were approved now. Needs `See`.
    pub async fn preview(
        &self,
        actor: &Actor,
        content: &AlertContent,
    ) -> Result<Preview, ConsoleError> {
        let _ = (actor, content);
        Err(ConsoleError::NotYet)
    }
}
