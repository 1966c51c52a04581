//! Whether Cell Broadcast could carry something, asked before it is taken in: pushes of initiators,
//! and alerts of the console before anybody approves them.

use crate::content::Source;
use crate::model::alert::{ContentProblem, Field, Message};
use crate::model::{
    Address, AlertContent, CbsChannel, Channel, ChannelName, Deliver, Initiator, StatusCode,
    Workspace,
};
use crate::routing::Route;

use super::Gateway;

/// A Cell Broadcast channel that cannot broadcast content: the code for that, and why.
pub(super) type Unbroadcast = (ChannelName, StatusCode, String);

/// Of channels that cannot broadcast content the one that decides about the push.
pub(super) fn decisive<'a>(route: &Route, refused: &'a [Unbroadcast]) -> Option<&'a Unbroadcast> {
    let mut all = refused.iter();
    match route.deliver {
        Deliver::All => all.find(|(name, ..)| route.required.contains(name)),
        // Any other channel may carry it.
        Deliver::First => all.next().filter(|_| refused.len() == route.channels.len()),
    }
}

impl Gateway {
    /// Cell Broadcast channels of a route that cannot broadcast content, as far as that is known
    /// without asking anybody.
    pub(super) fn broadcast_refusals(
        &self,
        route: &Route,
        source: &Source<'_>,
    ) -> Vec<Unbroadcast> {
        let channels = self.directory().named(&route.channels);
        let refusal = |channel: &CbsChannel| {
            let refused = self.inner.core.can_broadcast(channel, route, source);
            let (code, why) = refused.err()?;
            Some((channel.name.clone(), code, why))
        };
        channels
            .filter_map(Channel::as_cbs)
            .filter_map(refusal)
            .collect()
    }

    /// What of an alert Cell Broadcast could not carry where it decides, on the channels of its
    /// workspace.
    pub(super) fn broadcast_problems(
        &self,
        workspace: &Workspace,
        content: &AlertContent,
    ) -> Vec<ContentProblem> {
        let mut problems: Vec<ContentProblem> = Vec::new();
        for route in self.routes_of(workspace, content) {
            for message in &content.messages {
                // Several groups on one channel have one problem.
                if let Some(problem) = self.broadcast_problem(&route, message)
                    && !problems.contains(&problem)
                {
                    problems.push(problem);
                }
            }
        }
        problems
    }

    fn broadcast_problem(&self, route: &Route, message: &Message) -> Option<ContentProblem> {
        let text = message.text.trim();
        if text.is_empty() {
            // That is told anyway.
            return None;
        }
        let headers = [("Content-Language".to_owned(), message.language.to_string())];
        let source = Source {
            content_type: "text/plain; charset=utf-8",
            headers: &headers,
            octets: Some(text.as_bytes()),
            bytes: text.len() as u64,
        };
        let refused = self.broadcast_refusals(route, &source);
        let (channel, code, why) = decisive(route, &refused)?;
        let (field, language) = match code {
            StatusCode::TransformationFailure => (Field::Text, Some(message.language.clone())),
            _ => (Field::Audience, None),
        };
        Some(ContentProblem {
            field,
            language,
            message: format!("Channel {channel} cannot broadcast it: {why}."),
        })
    }

    /// Where an alert would go on the channels of its workspace.
    fn routes_of(&self, workspace: &Workspace, content: &AlertContent) -> Vec<Route> {
        let (console, ppg) = (Initiator::console(), &self.inner.identity.name);
        let groups = content.groups.iter().map(|name| Address::group(name, ppg));
        let areas = content.areas.iter().map(|name| Address::area(name, ppg));
        let is_wanted = |channel: &Channel| {
            workspace.owns(channel.name())
                && (content.bearers.is_empty() || content.bearers.contains(&channel.bearer()))
        };
        let route = |address: Address| {
            let route = self.directory().route(&address, &console, None).ok()?;
            self.directory().confined(&route, is_wanted)
        };
        groups
            .chain(areas)
            .filter_map(Result::ok)
            .filter_map(route)
            .collect()
    }
}
