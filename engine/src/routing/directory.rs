//! A snapshot of channels, alias groups and service areas.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::model::submission::DeliveryMethod;
use crate::model::{
    Address, AliasGroup, AreaName, Bearer, CbsChannel, Channel, ChannelName, Deliver, FluteChannel,
    GroupName, Initiator, QualityOfService, ServiceArea, StatusCode, Target, WorkspaceName,
};

/// Networks that the bearers of this gateway belong to; compared in any case.
const NETWORKS: [&str; 4] = ["Any", "3GPP", "GSM", "UMTS"];

/// Names and what they stand for. Channels stay as they were when the process began, as their lanes
/// do; groups and areas can be put in the place of others.
#[derive(Debug, Default)]
pub struct Directory {
    channels: HashMap<ChannelName, Channel>,
    /// Channel names in the order of the configuration.
    order: Vec<ChannelName>,
    addressed: RwLock<Addressed>,
}

/// What addresses name.
#[derive(Debug, Default)]
struct Addressed {
    groups: HashMap<GroupName, AliasGroup>,
    areas: HashMap<AreaName, ServiceArea>,
}

impl Addressed {
    fn new(groups: Vec<AliasGroup>, areas: Vec<ServiceArea>) -> Self {
        Self {
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
    /// Service areas that Cell Broadcast is restricted to; none is the whole network.
    pub areas: Vec<AreaName>,
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
    /// The account may not use any bearer that carries it.
    #[error("no bearer that is open to this initiator carries {address}")]
    BearerForbidden {
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
    /// The workspace that it comes from has none of the channels.
    #[error("no channel of its workspace carries {address}")]
    Workspace {
        /// Which; `None` if nobody knows.
        workspace: Option<WorkspaceName>,
        /// The address as written.
        address: String,
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
            RouteError::BearerForbidden { .. }
            | RouteError::Forbidden { .. }
            | RouteError::Workspace { .. } => Self::Forbidden,
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
                .map(|channel| channel.name().clone())
                .collect(),
            channels: channels
                .into_iter()
                .map(|channel| (channel.name().clone(), channel))
                .collect(),
            addressed: RwLock::new(Addressed::new(groups, areas)),
        }
    }

    /// Takes these groups and areas in the place of all others. What is planned already stays so.
    pub fn renew(&self, groups: Vec<AliasGroup>, areas: Vec<ServiceArea>) {
        let renewed = Addressed::new(groups, areas);
        *self
            .addressed
            .write()
            .unwrap_or_else(PoisonError::into_inner) = renewed;
    }

    fn addressed(&self) -> RwLockReadGuard<'_, Addressed> {
        self.addressed
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A group or area whose channels include one; groups first, the first by name.
    pub fn over(&self, channel: &ChannelName) -> Option<Target> {
        let addressed = self.addressed();
        let groups = addressed.groups.values();
        let group = groups.filter(|group| group.channels.contains(channel));
        let group = group.map(|group| &group.name).min();
        let areas = addressed.areas.values();
        let area = areas.filter(|area| area.channels.contains(channel));
        let area = area.map(|area| &area.name).min();
        let group = group.map(|name| Target::Group(name.clone()));
        group.or_else(|| area.map(|name| Target::Area(name.clone())))
    }

    /// How many service areas there are.
    pub fn area_count(&self) -> usize {
        self.addressed().areas.len()
    }

    /// A group by name.
    pub fn group(&self, name: &GroupName) -> Option<AliasGroup> {
        self.addressed().groups.get(name).cloned()
    }

    /// An area by name.
    pub fn area(&self, name: &AreaName) -> Option<ServiceArea> {
        self.addressed().areas.get(name).cloned()
    }

    /// A channel by name.
    pub fn channel(&self, name: &ChannelName) -> Option<&Channel> {
        self.channels.get(name)
    }

    /// Every channel, in the order of the configuration.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.order.iter().filter_map(|name| self.channels.get(name))
    }

    /// Every FLUTE channel, in the order of the configuration.
    pub fn flute_channels(&self) -> impl Iterator<Item = &FluteChannel> {
        self.channels().filter_map(Channel::as_flute)
    }

    /// Every Cell Broadcast channel, in the order of the configuration.
    pub fn cbs_channels(&self) -> impl Iterator<Item = &CbsChannel> {
        self.channels().filter_map(Channel::as_cbs)
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
        let route = self.permitted(route, address, initiator)?;
        match wishes {
            Some(wishes) => self.narrow(route, address, wishes),
            None => Ok(route),
        }
    }

    /// What is left of a route on channels that are wanted; `None` if nothing is.
    pub fn confined(&self, route: &Route, wanted: impl Fn(&Channel) -> bool) -> Option<Route> {
        self.carried(route, wanted)
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
                let addressed = self.addressed();
                let group = addressed.groups.get(name);
                group.map(|group| self.of_group(group))
            }
            Target::Area(name) => {
                if !initiator.may_use_area(name.as_str()) {
                    return Err(forbidden());
                }
                let addressed = self.addressed();
                let area = addressed.areas.get(name);
                area.map(|area| Route {
                    areas: vec![area.name.clone()],
                    ..self.all_of(&area.channels)
                })
            }
            Target::Multicast { group, port } => {
                let of_group = self
                    .flute_channels()
                    .filter(|channel| channel.group == *group);
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

    /// The ways whose bearers the initiator may use.
    fn permitted(
        &self,
        route: Route,
        address: &Address,
        initiator: &Initiator,
    ) -> Result<Route, RouteError> {
        let may_use = |bearer| initiator.may_use_bearer(bearer);
        self.carried_by(&route, may_use)
            .ok_or_else(|| RouteError::BearerForbidden {
                address: address.raw().to_owned(),
            })
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
            areas: group.areas.clone(),
        }
    }

    fn all_of(&self, channels: &[ChannelName]) -> Route {
        let channels = self.known(channels);
        Route {
            required: channels.clone(),
            channels,
            deliver: Deliver::All,
            application_id: None,
            areas: Vec::new(),
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
        route: Route,
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
        match self.carried_by(&route, |bearer| Some(bearer) == wanted) {
            Some(narrowed) => Ok(narrowed),
            None if wishes.bearer_required => Err(RouteError::Bearer {
                bearer: wish.clone(),
                address: address.raw().to_owned(),
            }),
            None => Ok(route),
        }
    }

    /// What is left of a route on some bearers.
    fn carried_by(&self, route: &Route, wanted: impl Fn(Bearer) -> bool) -> Option<Route> {
        self.carried(route, |channel| wanted(channel.bearer()))
    }

    fn carried(&self, route: &Route, wanted: impl Fn(&Channel) -> bool) -> Option<Route> {
        let is_wanted = |name: &&ChannelName| {
            let channel = self.channels.get(*name);
            channel.is_some_and(&wanted)
        };
        let channels: Vec<ChannelName> = route.channels.iter().filter(is_wanted).cloned().collect();
        if channels.is_empty() {
            return None;
        }
        let mut required = route.required.clone();
        required.retain(|name| channels.contains(name));
        if required.is_empty() {
            // Only optional channels are of the bearer wanted: they are what is left to decide.
            required.clone_from(&channels);
        }
        Some(Route {
            channels,
            required,
            ..route.clone()
        })
    }
}

#[cfg(test)]
mod tests;
