//! All lanes of the process, and which channel is on which.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use pushcast_flute::Tsi;
use pushcast_flute::ids::{FdtInstanceId, Toi};
use pushcast_flute::sender::{self, ObjectKey, Rate};
use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::model::{ChannelName, FluteChannel, LaneName};

use super::lane::{
    ChannelStats, Command, Described, Event, Lane, LaneChannelConfig, LaneConfig, LaneError,
    Refusal,
};
use super::links::Links;
use super::socket::{self, Egress};
use super::{Backend, Interface, InterfaceError, Workers};

/// LCT header and FEC Payload ID in front of a symbol with 16-bit identifiers, octets.
const FLUTE_OVERHEAD_BYTES: usize = 16;

/// A lane as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneSpec {
    /// Its name.
    pub name: LaneName,
    /// Interface name, or an address of it.
    pub interface: String,
    /// Back-end; `None` takes the best that works.
    pub backend: Option<Backend>,
}

/// Lanes that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// A channel's source is not an address of its lane's interface.
    #[error("channel {channel}: source {address} is not an address of interface {interface}")]
    Source {
        /// Which channel.
        channel: ChannelName,
        /// The address.
        address: IpAddr,
        /// The interface.
        interface: String,
    },
    /// A lane's interface cannot be used.
    #[error("lane {lane} cannot use its interface")]
    Interface {
        /// Which lane.
        lane: LaneName,
        /// Why.
        #[source]
        source: InterfaceError,
    },
    /// A lane did not start.
    #[error(transparent)]
    Lane(#[from] LaneError),
    /// A channel names a lane that is not there.
    #[error("channel {channel} is on lane {lane}, which does not exist")]
    NoLane {
        /// Which channel.
        channel: ChannelName,
        /// The lane named, or `(none)`.
        lane: String,
    },
    /// The threads that read and encode did not start.
    #[error("the encoding threads cannot be started")]
    Workers(#[source] std::io::Error),
}

/// The lanes.
pub struct Fleet {
    lanes: Vec<(LaneName, Lane)>,
    by_channel: HashMap<ChannelName, usize>,
    links: Links,
}

impl Fleet {
    /// Starts every lane with its channels.
    pub fn start<'a>(
        specs: &[LaneSpec],
        channels: impl Iterator<Item = &'a FluteChannel>,
        clock: &Clock,
        events: &mpsc::Sender<Event>,
    ) -> Result<Self, FleetError> {
        let mut interfaces = Vec::new();
        for spec in specs {
            let found = Interface::find(&spec.interface);
            interfaces.push(found.map_err(|source| FleetError::Interface {
                lane: spec.name.clone(),
                source,
            })?);
        }
        let mut configs: Vec<LaneConfig> = specs
            .iter()
            .map(|spec| LaneConfig {
                name: spec.name.clone(),
                backend: spec.backend,
                channels: Vec::new(),
            })
            .collect();
        let mut by_channel = HashMap::new();
        let mut links = Links::default();
        for channel in channels {
            let wanted = specs
                .iter()
                .position(|spec| channel.lane.as_ref().is_none_or(|lane| *lane == spec.name));
            let Some(lane) = wanted else {
                let lane = channel
                    .lane
                    .as_ref()
                    .map_or("(none)", LaneName::as_str)
                    .to_owned();
                return Err(FleetError::NoLane {
                    channel: channel.name.clone(),
                    lane,
                });
            };
            let served = lane_channel(channel, &specs[lane].name, &interfaces[lane])?;
            let Egress {
                source, interface, ..
            } = &served.egress;
            links.add(channel.name.clone(), interface.name.clone(), *source);
            configs[lane].channels.push(served);
            by_channel.insert(channel.name.clone(), lane);
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = Workers::start(cores).map_err(FleetError::Workers)?;
        let mut lanes = Vec::new();
        for config in configs {
            let name = config.name.clone();
            let lane = Lane::start(config, clock.clone(), workers.clone(), events.clone())?;
            tracing::info!(lane.name = %name, lane.backend = %lane.backend(), "lane {name} sends by {}", lane.backend());
            lanes.push((name, lane));
        }
        links.look();
        Ok(Self {
            lanes,
            by_channel,
            links,
        })
    }

    fn lane(&self, channel: &ChannelName) -> Option<&Lane> {
        self.by_channel
            .get(channel)
            .map(|index| &self.lanes[*index].1)
    }

    /// There are no lanes.
    pub const fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// The channel has a lane that serves it and an interface that can send, as of the last look.
    pub fn is_up(&self, channel: &ChannelName) -> bool {
        self.lane(channel).is_some_and(Lane::is_running) && self.links.is_up(channel)
    }

    /// Looks at the interfaces. To be done every [`LOOK_INTERVAL`](super::links::LOOK_INTERVAL).
    pub fn look(&self) {
        self.links.look();
    }

    /// Names of the lanes and how they send.
    pub fn backends(&self) -> impl Iterator<Item = (&LaneName, Backend)> {
        self.lanes.iter().map(|(name, lane)| (name, lane.backend()))
    }

    /// What every channel has sent, with the name of its lane.
    pub fn stats(&self) -> Vec<(LaneName, ChannelStats)> {
        let of_lane = |(name, lane): &(LaneName, Lane)| {
            let name = name.clone();
            lane.stats()
                .into_iter()
                .map(move |stats| (name.clone(), stats))
                .collect::<Vec<_>>()
        };
        self.lanes.iter().flat_map(of_lane).collect()
    }

    /// Hands FDT Instance IDs to a channel.
    pub async fn grant_fdt_ids(&self, channel: &ChannelName, first: FdtInstanceId, count: u32) {
        self.command(
            channel,
            Command::GrantFdtIds {
                channel: channel.clone(),
                first,
                count,
            },
        )
        .await;
    }

    /// Puts an object on the air.
    pub async fn add(
        &self,
        channel: &ChannelName,
        object: sender::Object,
        source: std::sync::Arc<super::Source>,
    ) -> Result<(), Refusal> {
        let (reply, answer) = oneshot::channel();
        let object = Box::new(object);
        self.command(
            channel,
            Command::Add {
                channel: channel.clone(),
                object,
                source,
                reply,
            },
        )
        .await;
        answer
            .await
            .unwrap_or_else(|_| Err(Refusal::Channel(channel.clone())))
    }

    /// Asks a channel to give an object back. `None` if it is not there, or its lane is gone.
    pub async fn withdraw(
        &self,
        channel: &ChannelName,
        object: ObjectKey,
    ) -> Option<sender::Withdrawal> {
        let (reply, answer) = oneshot::channel();
        self.command(
            channel,
            Command::Withdraw {
                channel: channel.clone(),
                object,
                reply,
            },
        )
        .await;
        answer.await.ok().flatten()
    }

    /// The FDT Instance that describes an object on the air; `None` where none does now.
    pub async fn describe(&self, channel: &ChannelName, toi: u32) -> Option<Described> {
        let (reply, answer) = oneshot::channel();
        self.command(
            channel,
            Command::Describe {
                channel: channel.clone(),
                toi: Toi::from(toi),
                reply,
            },
        )
        .await;
        answer.await.ok().flatten()
    }

    /// Ends an object's carousel with its next packet.
    pub async fn stop(&self, channel: &ChannelName, object: ObjectKey) {
        self.command(
            channel,
            Command::Stop {
                channel: channel.clone(),
                object,
            },
        )
        .await;
    }

    /// Waits for room in the lane's inbox; commands for lanes that are gone are dropped, which
    /// whoever waits for an answer notices.
    async fn command(&self, channel: &ChannelName, mut command: Command) {
        let Some(lane) = self.lane(channel) else {
            return;
        };
        while let Err(back) = lane.command(command) {
            if !lane.is_running() {
                return;
            }
            command = back;
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
}

fn lane_channel(
    channel: &FluteChannel,
    lane: &LaneName,
    interface: &Interface,
) -> Result<LaneChannelConfig, FleetError> {
    let source = match channel.source {
        Some(address) if interface.has(address) => address,
        Some(address) => {
            let interface = interface.name.clone();
            return Err(FleetError::Source {
                channel: channel.name.clone(),
                address,
                interface,
            });
        }
        None => {
            let address = interface.address(channel.group);
            address.map_err(|source| FleetError::Interface {
                lane: lane.clone(),
                source,
            })?
        }
    };
    let overhead_bytes = socket::overhead_bytes(channel.group);
    let packet_bytes =
        usize::from(channel.symbol_bytes) + FLUTE_OVERHEAD_BYTES + usize::from(overhead_bytes);
    if packet_bytes > interface.mtu_bytes as usize {
        return Err(LaneError::Mtu {
            channel: channel.name.clone(),
            packet_bytes,
            mtu_bytes: interface.mtu_bytes,
            interface: interface.name.clone(),
        }
        .into());
    }
    let session = sender::Config {
        rate: Some(Rate::bits_per_second(channel.rate_bps)),
        overhead_bytes,
        fdt_symbol_bytes: channel.symbol_bytes,
        ..sender::Config::new(Tsi::from(channel.tsi))
    };
    Ok(LaneChannelConfig {
        name: channel.name.clone(),
        group: SocketAddr::new(channel.group, channel.port),
        egress: Egress {
            source,
            ttl: channel.ttl,
            interface: interface.clone(),
        },
        session,
    })
}
