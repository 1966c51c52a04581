//! The configuration: one TOML file, or the lab set-up without one.
//!
//! [`Config`] exists only complete and consistent: [`Config::read`] and [`Config::parse`] find
//! every error of a file, each with its line, or give a configuration in which each name that is
//! used is also defined. What depends on the machine (interfaces, free ports, the database) shows
//! only at start.
//!
//! Sections and keys that are absent have the defaults that `pushcast.example.toml` documents. A
//! file must define a channel, because a gateway without one could send nothing: the lab channel
//! never stands in for it, as its initiator would come with it and trust the whole machine. A
//! file without a lane has one, called `main`, if its channels tell the interface by naming one
//! source address.
//!
//! Relative paths: a secret lies beside the file that names it, so it counts from the file's
//! folder; `data_dir` and a SQLite address are state and count from the working directory.
//!
//! Not here: command lines ([`Overrides`] takes what they may say), seeding the store, listening.

mod areas;
mod cbcs;
mod channels;
mod document;
mod error;
mod initiators;
mod names;
mod reader;
mod secret;
mod sections;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::cbc::LinkSpec;
use crate::model::channel::MessageIds;
use crate::model::initiator::Network;
use crate::model::{
    AliasGroup, ApprovalRules, CbsChannel, Channel, ChannelName, Deliver, FluteChannel, Initiator,
    LaneName, LinkName, Mode, ServiceArea, Workspace,
};

pub use error::{ConfigError, ConfigErrors, Problem};
pub(crate) use secret::read as secret_file;
pub use secret::{SecretError, digest_secret};
pub use sections::{
    BackendChoice, ConsoleSettings, DEFAULT_BODY_BYTES, DEFAULT_CONNECTIONS, DEFAULT_LIFETIME,
    DEFAULT_RETENTION, Lane, Limits, Retention, Server, Tls,
};

/// Name of everything in the lab set-up.
const LAB: &str = "lab";
/// Name of the lab's centre and of its channel.
const CELLS: &str = "cells";
/// Name of the lab's group whose pushes go out on no cells, where there are any.
const MULTICAST: &str = "multicast";
/// Message identifiers of the lab: of the operator's own range, where phones do not sound. As many
/// alerts can be on the air at a time, each until it ends.
const LAB_MESSAGE_IDS: RangeInclusive<u16> = 40_960..=40_999;
/// Longest request body of the lab's initiator, octets.
const LAB_BODY_BYTES: u64 = 64 << 20;

/// A complete and consistent configuration.
#[derive(Debug, Clone)]
pub struct Config {
    server: Server,
    tls: Option<Tls>,
    limits: Limits,
    retention: Retention,
    lanes: Vec<Lane>,
    cbcs: Vec<LinkSpec>,
    channels: Vec<Channel>,
    areas: Vec<ServiceArea>,
    alias_groups: Vec<AliasGroup>,
    initiators: Vec<Initiator>,
    console: ConsoleSettings,
    workspaces: Vec<Workspace>,
}

/// What a command line says instead of the file; `None` leaves the file's word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overrides {
    /// Address of the main listener.
    pub listen: Option<SocketAddr>,
    /// Address of the listener for health and metrics.
    pub admin_listen: Option<SocketAddr>,
    /// Folder of everything that is kept. A database whose address was not given moves along.
    pub data_dir: Option<PathBuf>,
    /// Back-end of every lane.
    pub lane_backend: Option<BackendChoice>,
}

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, ConfigErrors> {
        let fail = |errors| ConfigErrors {
            path: path.to_owned(),
            errors,
        };
        let file_error = |source| {
            fail(vec![ConfigError {
                line: None,
                what: Problem::File(source),
            }])
        };
        let text = std::fs::read_to_string(path).map_err(file_error)?;
        let privacy = if secret::is_open(path).map_err(file_error)? {
            reader::Privacy::Open
        } else {
            reader::Privacy::Private
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        reader::read(&text, folder, privacy).map_err(fail)
    }

    /// Reads the text of a file that lies, or would lie, in `folder`.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ConfigErrors> {
        reader::read(text, folder, reader::Privacy::Private).map_err(|errors| ConfigErrors {
            path: PathBuf::from("configuration"),
            errors,
        })
    }

    /// The set-up without a file: one channel on loopback, one alias group and one service area
    /// that use it, and one initiator that needs no credentials on this machine.
    pub fn lab() -> Self {
        let name = || LAB.parse().expect("a plain word is a channel name");
        let all = || vec!["*".to_owned()];
        let hosts = ["127.0.0.1", "localhost", "[::1]"];
        Self {
            server: Server::default(),
            tls: None,
            limits: Limits::default(),
            retention: Retention::default(),
            lanes: vec![Lane {
                name: LAB.parse().expect("a plain word is a lane name"),
                interface: IpAddr::V4(Ipv4Addr::LOCALHOST).to_string(),
                backend: BackendChoice::Auto,
            }],
            cbcs: Vec::new(),
            channels: vec![Channel::lab(name())],
            areas: vec![ServiceArea::covered_by(
                LAB.parse().expect("a plain word is an area name"),
                vec![name()],
            )],
            alias_groups: vec![AliasGroup {
                name: LAB.parse().expect("a plain word is a group name"),
                channels: vec![name()],
                deliver: Deliver::First,
                required: Vec::new(),
                areas: Vec::new(),
                application_id: None,
                receivers_expected: None,
            }],
            initiators: vec![Initiator {
                trusted_from: loopback(),
                groups: all(),
                areas: all(),
                body_bytes: Some(LAB_BODY_BYTES),
                notify_hosts: hosts.map(str::to_owned).to_vec(),
                ..Initiator::named(LAB.parse().expect("a plain word is an initiator name"))
            }],
            console: ConsoleSettings::default(),
            workspaces: vec![
                workspace(LIVE, Mode::Live, Vec::new()),
                workspace(LAB, Mode::Test, vec![name()]),
            ],
        }
    }

    /// The lab with a Cell Broadcast Centre on this machine beside it: a channel `cells` of the lab's
    /// workspace, on which pushes to the group `lab` go out too, and an alias group `multicast` whose
    /// pushes do not.
    #[must_use]
    pub fn with_centre(mut self, url: &str, command_port: Option<String>) -> Self {
        let name: ChannelName = CELLS.parse().expect("a plain word is a channel name");
        let link: LinkName = CELLS.parse().expect("a plain word is a CBC name");
        let ids = MessageIds::range(LAB_MESSAGE_IDS).expect("the identifiers may be used");
        let channel = CbsChannel::new(name.clone(), link.clone(), ids);
        self.cbcs.push(LinkSpec::ecbe(link, url, command_port));
        self.channels.push(channel.into());
        let is_lab = |workspace: &&mut Workspace| workspace.name.as_str() == LAB;
        if let Some(lab) = self.workspaces.iter_mut().find(is_lab) {
            lab.channels.push(name.clone());
        }
        let mut groups = Vec::new();
        for lab in &mut self.alias_groups {
            groups.push(AliasGroup {
                name: MULTICAST.parse().expect("a plain word is a group name"),
                ..lab.clone()
            });
            lab.channels.push(name.clone());
            lab.deliver = Deliver::All;
        }
        self.alias_groups.extend(groups);
        self
    }

    /// With a command line's word in place of the file's.
    pub fn with_overrides(mut self, overrides: Overrides) -> Self {
        let server = &mut self.server;
        server.listen = overrides.listen.unwrap_or(server.listen);
        server.admin_listen = overrides.admin_listen.unwrap_or(server.admin_listen);
        if let Some(data_dir) = overrides.data_dir {
            server.data_dir = data_dir;
        }
        if let Some(backend) = overrides.lane_backend {
            for lane in &mut self.lanes {
                lane.backend = backend;
            }
        }
        self
    }

    /// Listeners, folders, the gateway's own name.
    pub const fn server(&self) -> &Server {
        &self.server
    }

    /// Certificates of the main listener, if it speaks TLS.
    pub const fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// What is too much.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How long things are kept.
    pub const fn retention(&self) -> &Retention {
        &self.retention
    }

    /// Lanes, at least one where there is a FLUTE channel.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// Links to Cell Broadcast Centres.
    pub fn cbcs(&self) -> &[LinkSpec] {
        &self.cbcs
    }

    /// Channels, at least one.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The channels that a lane serves: those that name it and, for the first lane, those that
    /// name none.
    pub fn channels_of(&self, lane: &LaneName) -> impl Iterator<Item = &FluteChannel> {
        let first = self.lanes.first().map(|lane| &lane.name);
        self.channels
            .iter()
            .filter_map(Channel::as_flute)
            .filter(move |channel| channel.lane.as_ref().or(first) == Some(lane))
    }

    /// Service areas.
    pub fn areas(&self) -> &[ServiceArea] {
        &self.areas
    }

    /// Alias groups.
    pub fn alias_groups(&self) -> &[AliasGroup] {
        &self.alias_groups
    }

    /// Sessions of the console, and the time to think again.
    pub const fn console(&self) -> &ConsoleSettings {
        &self.console
    }

    /// Workspaces, at least one.
    pub fn workspaces(&self) -> &[Workspace] {
        &self.workspaces
    }

    /// Initiators, in the order of the file: of two that trust one network the first counts.
    pub fn initiators(&self) -> &[Initiator] {
        &self.initiators
    }
}

/// Name of the workspace whose alerts are meant, where the file names none.
const LIVE: &str = "live";

fn workspace(name: &str, mode: Mode, channels: Vec<ChannelName>) -> Workspace {
    Workspace {
        name: name.parse().expect("a plain word is a workspace name"),
        title: String::new(),
        mode,
        channels,
        approval: ApprovalRules::default(),
        languages: Vec::new(),
        second_factor: false,
        rest_after_months: None,
    }
}

/// The workspaces of a file that names none: one whose alerts are meant, with every channel, and
/// one to practise in, without any.
fn default_workspaces(channels: &[Channel]) -> Vec<Workspace> {
    let names = channels.iter().map(|channel| channel.name().clone());
    vec![
        workspace(LIVE, Mode::Live, names.collect()),
        workspace(LAB, Mode::Test, Vec::new()),
    ]
}

/// This machine.
fn loopback() -> Vec<Network> {
    ["127.0.0.0/8", "::1/128"]
        .map(|network| network.parse().expect("both are networks"))
        .to_vec()
}
