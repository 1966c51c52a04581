//! A snapshot of channels, alias groups and service areas.

use std::collections::HashMap;

use crate::model::submission::DeliveryMethod;
use crate::model::{
    Address, AliasGroup, AreaName, Bearer, Channel, ChannelName, Deliver, GroupName, Initiator,
    QualityOfService, ServiceArea, StatusCode, Target,
};

/// Networks that the bearers of this gateway belong to; compared in any case.
const NETWORKS: [&str; 4] = ["Any", "3GPP", "GSM", "UMTS"];

/// Names and what they stand for.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    channels: HashMap<ChannelName, Channel>,
    /// Channel names in the order of the configuration.
    order: Vec<ChannelName>,
    groups: HashMap<GroupName, AliasGroup>,
    areas: HashMap<AreaName, ServiceArea>,
}

/// The ways that an address can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Channels in order of preference, each once, at least one.
    pub channels: Vec<ChannelName>,
    /// One of them or all.
    pub deliver: Deliver,
    /// With [`Deliver::All`]: those that decide the outcome.
    pub required: Vec<ChannelName>,
    /// Application id for pushes that bring none.
    pub application_id: Option<String>,
}

/// An address that cannot be routed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// No channel of the bearer that the PI requires.
    #[error("no channel of bearer {bearer} carries {address}")]
    Bearer {
        /// The bearer's name as written.
        bearer: String,
        /// The address as written.
        address: String,
    },
    /// Clients cannot confirm what is sent point to multipoint.
    #[error("confirmed delivery is not possible point to multipoint")]
    Confirmed,
    /// The account may not address it.
    #[error("{address} is not open to this initiator")]
    Forbidden {
        /// The address as written.
        address: String,
    },
    /// No network of the name that the PI requires.
    #[error("network {network} is not available")]
    Network {
        /// The network's name as written.
        network: String,
    },
    /// It names nothing that this gateway serves.
    #[error("{address} names no alias group, service area or channel of this gateway")]
    Unknown {
        /// The address as written.
        address: String,
    },
}

impl From<&RouteError> for StatusCode {
    /// PAP 8.13; the places are those of a push-response.
    fn from(error: &RouteError) -> Self {
        match error {
            RouteError::Bearer { .. } => Self::RequiredBearerNotAvailable,
            RouteError::Confirmed => Self::DeliveryMethodNotPossible,
            RouteError::Forbidden { .. } => Self::Forbidden,
            RouteError::Network { .. } => Self::RequiredNetworkNotAvailable,
            RouteError::Unknown { .. } => Self::AddressError,
        }
    }
}

impl Directory {
    /// A snapshot of these definitions.
    pub fn new(channels: Vec<Channel>, groups: Vec<AliasGroup>, areas: Vec<ServiceArea>) -> Self {
        Self {
            order: channels
                .iter()
                .map(|channel| channel.name.clone())
                .collect(),
            channels: channels
                .into_iter()
                .map(|channel| (channel.name.clone(), channel))
                .collect(),
            groups: groups
                .into_iter()
                .map(|group| (group.name.clone(), group))
                .collect(),
            areas: areas
                .into_iter()
                .map(|area| (area.name.clone(), area))
                .collect(),
        }
    }

    /// A channel by name.
    pub fn channel(&self, name: &ChannelName) -> Option<&Channel> {
        self.channels.get(name)
    }

    /// Every channel, in the order of the configuration.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.order.iter().filter_map(|name| self.channels.get(name))
    }

    /// The channels of these names, without those that do not exist.
    pub fn named<'a>(&'a self, names: &'a [ChannelName]) -> impl Iterator<Item = &'a Channel> {
        names.iter().filter_map(|name| self.channel(name))
    }

    /// The ways an address can go for this initiator, narrowed to what it asks for.
    pub fn route(
        &self,
        address: &Address,
        initiator: &Initiator,
        wishes: Option<&QualityOfService>,
    ) -> Result<Route, RouteError> {
        let route = self.resolve(address, initiator)?;
        match wishes {
            Some(wishes) => self.narrow(route, address, wishes),
            None => Ok(route),
        }
    }

    fn resolve(&self, address: &Address, initiator: &Initiator) -> Result<Route, RouteError> {
        let unknown = || RouteError::Unknown {
            address: address.raw().to_owned(),
        };
        let forbidden = || RouteError::Forbidden {
            address: address.raw().to_owned(),
        };
        let route = match address.target() {
            Target::Group(name) => {
                // Whether a name exists is not told to those who may not use it.
                if !initiator.may_use_group(name.as_str()) {
                    return Err(forbidden());
                }
                self.groups.get(name).map(|group| self.of_group(group))
            }
            Target::Area(name) => {
                if !initiator.may_use_area(name.as_str()) {
                    return Err(forbidden());
                }
                self.areas.get(name).map(|area| self.all_of(&area.channels))
            }
            Target::Multicast { group, port } => {
                let of_group = self.channels().filter(|channel| channel.group == *group);
                let channels =
                    of_group.filter(|channel| port.is_none_or(|port| port == channel.port));
                let names: Vec<ChannelName> =
                    channels.map(|channel| channel.name.clone()).collect();
                if !initiator.may_use_group("*") && !names.is_empty() {
                    return Err(forbidden());
                }
                Some(self.all_of(&names))
            }
            Target::Other => None,
        };
        route
            .filter(|route| !route.channels.is_empty())
            .ok_or_else(unknown)
    }

    fn of_group(&self, group: &AliasGroup) -> Route {
        let channels = self.known(&group.channels);
        let required = if group.required.is_empty() {
            channels.clone()
        } else {
            self.known(&group.required)
        };
        Route {
            channels,
            deliver: group.deliver,
            required,
            application_id: group.application_id.clone(),
        }
    }

    fn all_of(&self, channels: &[ChannelName]) -> Route {
        let channels = self.known(channels);
        Route {
            required: channels.clone(),
            channels,
            deliver: Deliver::All,
            application_id: None,
        }
    }

    /// The names that exist, each once.
    fn known(&self, names: &[ChannelName]) -> Vec<ChannelName> {
        let mut known: Vec<ChannelName> = Vec::new();
        for name in names {
            if self.channels.contains_key(name) && !known.contains(name) {
                known.push(name.clone());
            }
        }
        known
    }

    fn narrow(
        &self,
        mut route: Route,
        address: &Address,
        wishes: &QualityOfService,
    ) -> Result<Route, RouteError> {
        if wishes.delivery_method == DeliveryMethod::Confirmed {
            return Err(RouteError::Confirmed);
        }
        if let Some(network) = wishes.network.as_ref().filter(|_| wishes.network_required)
            && !NETWORKS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(network))
        {
            return Err(RouteError::Network {
                network: network.clone(),
            });
        }
        let Some(wish) = wishes
            .bearer
            .as_ref()
            .filter(|wish| !wish.eq_ignore_ascii_case("any"))
        else {
            return Ok(route);
        };
        let wanted = Bearer::from_pap(wish);
        let carried_by = |name: &ChannelName| {
            self.channels
                .get(name)
                .is_some_and(|channel| Some(channel.bearer) == wanted)
        };
        let channels: Vec<ChannelName> = route
            .channels
            .iter()
            .filter(|name| carried_by(name))
            .cloned()
            .collect();
        if channels.is_empty() {
            if wishes.bearer_required {
                return Err(RouteError::Bearer {
                    bearer: wish.clone(),
                    address: address.raw().to_owned(),
                });
            }
            return Ok(route);
        }
        route.required.retain(|name| channels.contains(name));
        if route.required.is_empty() {
            // Only optional channels are of the bearer wanted: they are what is left to decide.
            route.required.clone_from(&channels);
        }
        route.channels = channels;
        Ok(route)
    }
}

#[cfg(test)]
mod tests;
