//! From the text of a file to a [`Config`], or to everything that is wrong with it.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::http::tls::Files;
use crate::model::address::Address;
use crate::model::{AliasGroup, ApplicationId, Channel, ChannelName, Workspace, workspace};

use super::Config;
use super::document::{Findings, Lines, Section};
use super::error::{ConfigError, Problem};
use super::names::Names;
use super::sections::{BackendChoice, Lane, Server, Tls};

/// Who may read the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Privacy {
    Open,
    Private,
}

/// The lane of a file that defines none.
pub(super) const ONLY_LANE: &str = "main";

pub(super) fn read(
    text: &str,
    folder: &Path,
    privacy: Privacy,
) -> Result<Config, Vec<ConfigError>> {
    let lines = Lines::of(text);
    let mut findings = Findings::default();
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = error.span().map(|span| lines.at(span.start));
        findings.add(line, Problem::of(error));
    }
    if !findings.is_empty() {
        // What is left of a text of the wrong form would only be wrong in more ways.
        return Err(findings.sorted());
    }
    let document = Document::of(root.into_inner(), &lines, &mut findings);
    let mut reader = Reader {
        folder,
        privacy,
        lanes: Names::collect("lane", &document.lanes, &mut findings),
        links: Names::collect("cbc", &document.cbcs, &mut findings),
        channels: Names::collect("channel", &document.channels, &mut findings),
        areas: Names::collect("service area", &document.areas, &mut findings),
        findings,
    };
    let config = reader.config(&document);
    if reader.findings.is_empty() {
        Ok(config)
    } else {
        Err(reader.findings.sorted())
    }
}

/// The sections of a file, whatever stands in them.
#[derive(Debug, Default)]
struct Document<'a> {
    server: Option<Section<'a>>,
    tls: Option<Section<'a>>,
    limits: Option<Section<'a>>,
    retention: Option<Section<'a>>,
    lanes: Vec<Section<'a>>,
    cbcs: Vec<Section<'a>>,
    channels: Vec<Section<'a>>,
    areas: Vec<Section<'a>>,
    alias_groups: Vec<Section<'a>>,
    initiators: Vec<Section<'a>>,
    console: Option<Section<'a>>,
    workspaces: Vec<Section<'a>>,
}

impl<'a> Document<'a> {
    fn of(root: DeTable<'a>, lines: &'a Lines, findings: &mut Findings) -> Self {
        let mut document = Self::default();
        for (key, value) in root {
            let line = lines.at(key.span().start);
            let one = |value| Section::new(value, lines);
            let many = |value| sections(value, lines);
            let name = key.into_inner();
            // `None` if the brackets are wrong.
            let taken = match &*name {
                "server" => one(value).map(|section| document.server = Some(section)),
                "tls" => one(value).map(|section| document.tls = Some(section)),
                "limits" => one(value).map(|section| document.limits = Some(section)),
                "retention" => one(value).map(|section| document.retention = Some(section)),
                "lane" => many(value).map(|sections| document.lanes = sections),
                "cbc" => many(value).map(|sections| document.cbcs = sections),
                "channel" => many(value).map(|sections| document.channels = sections),
                "area" => many(value).map(|sections| document.areas = sections),
                "alias_group" => many(value).map(|sections| document.alias_groups = sections),
                "initiator" => many(value).map(|sections| document.initiators = sections),
                "console" => one(value).map(|section| document.console = Some(section)),
                "workspace" => many(value).map(|sections| document.workspaces = sections),
                _ => {
                    let name = name.into_owned();
                    findings.add(line, Problem::UnknownSection { name });
                    continue;
                }
            };
            if taken.is_none() {
                let written = match &*name {
                    "console" | "server" | "tls" | "limits" | "retention" => format!("[{name}]"),
                    _ => format!("[[{name}]]"),
                };
                findings.add(line, Problem::Section { written });
            }
        }
        document
    }
}

fn sections<'a>(value: Spanned<DeValue<'a>>, lines: &'a Lines) -> Option<Vec<Section<'a>>> {
    let array = value.get_ref().as_array()?;
    array
        .iter()
        .map(|table| Section::new(table.clone(), lines))
        .collect()
}

/// What is needed to judge a section: the names that others define.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) folder: &'a Path,
    privacy: Privacy,
    channels: Names,
    areas: Names,
    pub(super) lanes: Names,
    pub(super) links: Names,
    pub(super) findings: Findings,
}

impl Reader<'_> {
    /// Complete if nothing was found; until then what is wrong is left out.
    fn config(&mut self, document: &Document<'_>) -> Config {
        let cbcs = self.cbcs(&document.cbcs);
        let channels = self.ways(&document.channels, &cbcs);
        let lanes = self.lanes(document, &channels);
        let tls = self.tls(document.tls.as_ref());
        let asks_clients = tls.as_ref().is_some_and(|tls| tls.client_ca_file.is_some());
        Config {
            server: self.server(document.server.as_ref()),
            tls,
            limits: self.section(document.limits.as_ref()),
            retention: self.section(document.retention.as_ref()),
            lanes,
            areas: self.areas(&document.areas, &channels, &cbcs),
            cbcs,
            console: self.section(document.console.as_ref()),
            workspaces: self.workspaces(&document.workspaces, &channels),
            channels,
            alias_groups: self.groups(&document.alias_groups),
            initiators: self.initiators(&document.initiators, asks_clients),
        }
    }

    /// A section whose keys may all be absent, as it may itself.
    fn section<T: Default + DeserializeOwned>(&mut self, section: Option<&Section<'_>>) -> T {
        section
            .and_then(|section| section.read(&[], &mut self.findings))
            .unwrap_or_default()
    }

    fn server(&mut self, section: Option<&Section<'_>>) -> Server {
        let server: Server = self.section(section);
        let Some(section) = section else {
            return server;
        };
        let mut add = |key, what| self.findings.add(section.line_of(key), what);
        if clash(server.listen, server.admin_listen) {
            let address = server.admin_listen;
            let key = ["admin_listen", "listen"]
                .into_iter()
                .find(|key| section.has(key));
            add(key.unwrap_or_default(), Problem::Listeners { address });
        }
        if server.data_dir.as_os_str().is_empty() {
            add("data_dir", Problem::Empty { key: "data_dir" });
        }
        if let Some(url) = &server.database_url {
            if !url.is_known() {
                add("database_url", Problem::DatabaseUrl);
            }
            if url.has_password() && self.privacy == Privacy::Open {
                add("database_url", Problem::Open);
            }
        }
        if !is_host(&server.ppg_name) {
            let name = server.ppg_name.clone();
            add("ppg_name", Problem::PpgName { name });
        }
        server
    }

    /// The files are read to see that they fit together; the listener reads them again.
    fn tls(&mut self, section: Option<&Section<'_>>) -> Option<Tls> {
        let section = section?;
        let tls: Tls = section.read(&["cert_file", "key_file"], &mut self.findings)?;
        let tls = Tls {
            cert_file: self.folder.join(tls.cert_file),
            key_file: self.folder.join(tls.key_file),
            client_ca_file: tls.client_ca_file.map(|file| self.folder.join(file)),
        };
        if let Err(error) = Files::from(&tls).read().and_then(|read| read.server()) {
            let line = section.line_of(error.key());
            self.findings.add(line, error);
        }
        Some(tls)
    }

    fn lanes(&mut self, document: &Document<'_>, channels: &[Channel]) -> Vec<Lane> {
        let mut lanes = Vec::new();
        for section in &document.lanes {
            let lane = section.read::<Lane>(&["name", "interface"], &mut self.findings);
            if lane.as_ref().is_some_and(|lane| lane.interface.is_empty()) {
                let key = "interface";
                self.findings
                    .add(section.line_of(key), Problem::Empty { key });
            }
            lanes.extend(lane);
        }
        // A channel that is wrong may be the one that names the source. Cell Broadcast needs no lane.
        let needs_lane = channels.iter().any(|channel| channel.as_flute().is_some());
        let all_known = needs_lane && channels.len() == document.channels.len();
        if document.lanes.is_empty() && all_known {
            match only_source(channels) {
                Some(source) => lanes.push(Lane {
                    name: ONLY_LANE.parse().expect("a plain word is a lane name"),
                    interface: source.to_string(),
                    backend: BackendChoice::Auto,
                }),
                None => self.findings.add(None, Problem::NoLane),
            }
        }
        lanes
    }

    fn workspaces(&mut self, sections: &[Section<'_>], channels: &[Channel]) -> Vec<Workspace> {
        if sections.is_empty() {
            return super::default_workspaces(channels);
        }
        Names::collect("workspace", sections, &mut self.findings);
        let mut workspaces: Vec<Workspace> = Vec::new();
        for section in sections {
            let Some(workspace) = section.read::<Workspace>(&["name", "mode"], &mut self.findings)
            else {
                continue;
            };
            let list = ("channels", &*workspace.channels);
            self.channels.check_list(section, list, &mut self.findings);
            workspaces.push(workspace);
            if let Err(error) = workspace::check(&workspaces) {
                self.findings.add(section.line_of(error.key()), error);
                workspaces.pop();
            }
        }
        workspaces
    }

    fn groups(&mut self, sections: &[Section<'_>]) -> Vec<AliasGroup> {
        Names::collect("alias group", sections, &mut self.findings);
        let mut groups = Vec::new();
        for section in sections {
            let group = section.read::<AliasGroup>(&["name", "channels"], &mut self.findings);
            if let Some(group) = &group {
                self.group(section, group);
            }
            groups.extend(group);
        }
        groups
    }

    fn group(&mut self, section: &Section<'_>, group: &AliasGroup) {
        self.ways_out(section, &group.channels);
        self.areas
            .check_list(section, ("areas", &group.areas), &mut self.findings);
        if let Some(Err(error)) = group
            .application_id
            .as_deref()
            .map(str::parse::<ApplicationId>)
        {
            let line = section.line_of("application_id");
            self.findings.add(line, error);
        }
        for (position, channel) in group.required.iter().enumerate() {
            if !group.channels.contains(channel) {
                let line = section.line_of_item("required", position);
                let name = channel.to_string();
                self.findings.add(line, Problem::Required { name });
            }
        }
    }

    pub(super) fn ways_out(&mut self, section: &Section<'_>, channels: &[ChannelName]) {
        let key = "channels";
        if channels.is_empty() {
            self.findings
                .add(section.line_of(key), Problem::Empty { key });
        }
        self.channels
            .check_list(section, (key, channels), &mut self.findings);
    }
}

/// One of two listeners could not be opened. Port 0 is a different one each time.
fn clash(one: SocketAddr, other: SocketAddr) -> bool {
    let either = [one.ip(), other.ip()];
    one.port() != 0
        && one.port() == other.port()
        && (either[0] == either[1] || either.iter().any(IpAddr::is_unspecified))
}

/// The one source address that channels name.
fn only_source(channels: &[Channel]) -> Option<IpAddr> {
    let mut sources = channels
        .iter()
        .filter_map(|channel| channel.as_flute()?.source);
    let source = sources.next()?;
    sources.all(|other| other == source).then_some(source)
}

/// Whether addresses can be written with this name of a gateway.
fn is_host(name: &str) -> bool {
    let group = "any".parse().expect("a plain word is a group name");
    Address::group(&group, name).is_ok()
}
