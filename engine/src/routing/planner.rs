//! Which channels carry a delivery now.

use crate::model::{ChannelName, Deliver, Planned};

use super::Route;

/// The channels that carry a delivery, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPlan {
    /// In the order of the route.
    pub channels: Vec<Planned>,
    /// Channels that should carry it too and are not up. One that is required fails the delivery;
    /// the others send it all the same.
    pub left_out: Vec<Planned>,
}

/// No plan is possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// None of the channels is up.
    #[error("no channel is up: {}", list(.0))]
    NoneUp(Vec<ChannelName>),
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
            let planned = |channel| Planned {
                required: route.required.contains(&channel),
                channel,
            };
            Ok(DeliveryPlan {
                channels: up.into_iter().map(planned).collect(),
                left_out: down.into_iter().map(planned).collect(),
            })
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
            areas: Vec::new(),
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
    fn what_is_up_sends_and_what_is_not_is_named() {
        let route = route(Deliver::All, &["a", "b"]);
        let required = |planned: &[Planned]| -> Vec<(String, bool)> {
            let pair = |planned: &Planned| (planned.channel.to_string(), planned.required);
            planned.iter().map(pair).collect()
        };
        let planned = plan(&route, |name| name.as_str() == "b").unwrap();
        assert_eq!(required(&planned.channels), [("b".to_owned(), true)]);
        assert_eq!(
            required(&planned.left_out),
            [("a".to_owned(), true), ("c".to_owned(), false)]
        );
        assert_eq!(
            plan(&route, |_| false),
            Err(PlanError::NoneUp(names(&["a", "b", "c"])))
        );
    }
}
