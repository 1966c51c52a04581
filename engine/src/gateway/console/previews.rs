//! What would be sent, before anything is.

use std::collections::BTreeMap;

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::Reach;
use crate::model::outline::Outline;
use crate::model::{Action, Address, AlertContent, Bearer, ChannelName, Initiator, Language};
use crate::routing::Directory;

/// LCT, FEC, UDP and IP headers of a symbol, octets: what a pass takes on the air beyond its
/// symbols.
const HEADER_BYTES: u64 = 44;

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
    /// For each language: the octets of text and file, before compression.
    pub content_bytes: Vec<(Language, u64)>,
    /// For each language and FLUTE channel: how long one pass takes at the channel's rate, at
    /// most, ms. An estimate: compression may make it shorter, other pushes longer.
    pub pass_ms: Vec<(Language, ChannelName, u64)>,
    /// When it begins and ends if it is approved now, Unix ms.
    pub window_ms: (u64, u64),
    /// Languages that the workspace wants and in which nothing is written.
    pub missing_languages: Vec<Language>,
}

/// Whom an alert would reach, as far as figures are known: typed for a group, or the people of an
/// area.
pub(super) fn reach_of(
    directory: &Directory,
    outlines: &BTreeMap<String, Outline>,
    content: &AlertContent,
) -> Reach {
    let groups = content.groups.iter().map(|name| {
        let group = directory.group(name);
        group.and_then(|group| group.receivers_expected)
    });
    let areas = content.areas.iter().map(|name| {
        let outline = outlines.get(name.as_str());
        outline.and_then(|outline| outline.population)
    });
    let mut reach = Reach::default();
    for figure in groups.chain(areas) {
        match figure {
            Some(figure) => {
                let sum = reach.receivers.unwrap_or(0).saturating_add(figure);
                reach.receivers = Some(sum);
            }
            None => reach.without_figure += 1,
        }
    }
    let areas = directory.area_count();
    reach.all_areas = areas > 1 && content.areas.len() >= areas;
    reach
}

impl Gateway {
    /// What an alert would become if it were approved now. Needs `See`.
    pub async fn preview(
        &self,
        actor: &Actor,
        content: &AlertContent,
    ) -> Result<Preview, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let outlines = self.inner.store.outlines().await?;
        let ppg = &self.inner.identity.name;
        let mut targets = Vec::new();
        for name in &content.groups {
            let group = self.directory().group(name);
            let receivers = group.and_then(|group| group.receivers_expected);
            let address = Address::group(name, ppg).ok();
            targets.push(TargetView {
                receivers,
                ..self.target(actor, content, format!("group {name}"), address)
            });
        }
        for name in &content.areas {
            let outline = outlines.get(name.as_str());
            let receivers = outline.and_then(|outline| outline.population);
            let address = Address::area(name, ppg).ok();
            targets.push(TargetView {
                receivers,
                ..self.target(actor, content, format!("area {name}"), address)
            });
        }
        let content_bytes: Vec<(Language, u64)> = content
            .messages
            .iter()
            .map(|message| {
                let file = message.attachment.as_ref().map_or(0, |file| file.bytes);
                (message.language.clone(), message.text.len() as u64 + file)
            })
            .collect();
        let mut pass_ms = Vec::new();
        for name in used_channels(&targets) {
            let Some(channel) = self.directory().channel(&name) else {
                continue;
            };
            let Some(channel) = channel.as_flute() else {
                continue;
            };
            for (language, bytes) in &content_bytes {
                let symbol = u64::from(channel.symbol_bytes).max(1);
                let symbols = bytes.div_ceil(symbol).max(1);
                let repair = symbols * u64::from(channel.repair_percent) / 100;
                let octets = (symbols + repair) * (symbol + HEADER_BYTES);
                let took_ms = octets * 8 * 1000 / channel.rate_bps.max(1);
                pass_ms.push((language.clone(), name.clone(), took_ms.max(1)));
            }
        }
        Ok(Preview {
            targets,
            reach: reach_of(self.directory(), &outlines, content),
            content_bytes,
            pass_ms,
            window_ms: content.window(self.inner.clock.unix_ms() + self.console().undo_ms()),
            missing_languages: actor.workspace.missing_languages(content),
        })
    }

    fn target(
        &self,
        actor: &Actor,
        content: &AlertContent,
        target: String,
        address: Option<Address>,
    ) -> TargetView {
        let console = Initiator::console();
        let route = address.and_then(|address| {
            let route = self.directory().route(&address, &console, None);
            route.ok()
        });
        let view = |name: &ChannelName, required: bool| {
            let channel = self.directory().channel(name)?;
            let wanted = content.bearers.is_empty() || content.bearers.contains(&channel.bearer());
            Some(RouteView {
                channel: name.clone(),
                bearer: channel.bearer(),
                required,
                up: self.inner.core.takes(name),
                owned: actor.workspace.owns(name) && wanted,
            })
        };
        let routes = route.as_ref().map_or_else(Vec::new, |route| {
            let channels = route.channels.iter();
            let views = channels.filter_map(|name| view(name, route.required.contains(name)));
            views.collect()
        });
        TargetView {
            target,
            known: route.is_some(),
            routes,
            receivers: None,
        }
    }
}

/// Channels that would carry it, each once.
fn used_channels(targets: &[TargetView]) -> Vec<ChannelName> {
    let mut used = Vec::new();
    for route in targets.iter().flat_map(|target| &target.routes) {
        if route.owned && !used.contains(&route.channel) {
            used.push(route.channel.clone());
        }
    }
    used
}
