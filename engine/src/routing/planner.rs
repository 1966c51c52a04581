//! Which channels carry a delivery now.

use crate::model::{ChannelName, Deliver};

use super::Route;

/// A channel chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub channel: ChannelName,
    /// Its failure fails the delivery.
    pub required: bool,
}

/// The channels that carry a delivery, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPlan {
    /// In the order of the route.
    pub channels: Vec<Planned>,
    /// Optional channels that are not up.
    pub left_out: Vec<ChannelName>,
}

/// No plan is possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// None of the channels is up.
    #[error("no channel is up: {}", list(.0))]
    NoneUp(Vec<ChannelName>),
    /// A channel that the group demands is not up.
    #[error("required channel not up: {}", list(.0))]
    RequiredDown(Vec<ChannelName>),
}

fn list(names: &[ChannelName]) -> String {
    names
        .iter()
        .map(ChannelName::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Chooses among the channels of a route those that are up.
pub fn plan(
    route: &Route,
    is_up: impl Fn(&ChannelName) -> bool,
) -> Result<DeliveryPlan, PlanError> {
    let (up, down): (Vec<_>, Vec<_>) = route.channels.iter().cloned().partition(&is_up);
    if up.is_empty() {
        return Err(PlanError::NoneUp(down));
    }
    match route.deliver {
        Deliver::First => {
            let channels = up
                .into_iter()
                .take(1)
                .map(|channel| Planned {
                    channel,
                    required: true,
                })
                .collect();
            Ok(DeliveryPlan {
                channels,
                left_out: Vec::new(),
            })
        }
        Deliver::All => {
            let (required_down, left_out): (Vec<_>, Vec<_>) = down
                .into_iter()
                .partition(|channel| route.required.contains(channel));
            if !required_down.is_empty() {
                return Err(PlanError::RequiredDown(required_down));
            }
            let channels = up
                .into_iter()
                .map(|channel| Planned {
                    required: route.required.contains(&channel),
                    channel,
                })
                .collect();
            Ok(DeliveryPlan { channels, left_out })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<ChannelName> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    fn route(deliver: Deliver, required: &[&str]) -> Route {
        Route {
            channels: names(&["a", "b", "c"]),
            deliver,
            required: names(required),
            application_id: None,
        }
    }

    #[test]
    fn the_first_channel_that_is_up_carries_it() {
        let planned = plan(&route(Deliver::First, &[]), |name| name.as_str() != "a").unwrap();
        assert_eq!(
            planned.channels,
            [Planned {
                channel: "b".parse().unwrap(),
                required: true
            }]
        );
    }

    #[test]
    fn optional_channels_may_be_down_and_required_ones_not() {
        let route = route(Deliver::All, &["a", "b"]);
        let planned = plan(&route, |name| name.as_str() != "c").unwrap();
        assert_eq!(
            (planned.channels.len(), planned.left_out),
            (2, names(&["c"]))
        );
        assert_eq!(
            plan(&route, |name| name.as_str() == "c"),
            Err(PlanError::RequiredDown(names(&["a", "b"])))
        );
        assert_eq!(
            plan(&route, |_| false),
            Err(PlanError::NoneUp(names(&["a", "b", "c"])))
        );
    }
}
