//! What a new workspace begins with, as rows.
//!
//! The keys follow from the workspace's name, so that two gateways that start at the same moment
//! store one copy. Nothing is stored for a workspace that is there already: what its people have
//! deleted stays away.

use std::collections::HashSet;

use sha2::Digest as _;

use super::alerts::standing;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::{STARTERS, example};
use crate::model::{
    Alert, AlertId, AliasGroup, AreaName, Channel, GroupName, Mode, ServiceArea, Template,
    Workspace, WorkspaceName,
};
use crate::store::{AlertAct, Steps, Store, StoreError};

/// Who wrote the example.
const AUTHOR: &str = "pushcast";

/// What workspaces are started with.
#[derive(Debug, Clone, Copy)]
pub struct Starting<'a> {
    /// Those that have to be there.
    pub workspaces: &'a [Workspace],
    /// Channels that examples may use.
    pub channels: &'a [Channel],
    /// Groups that examples may address.
    pub groups: &'a [AliasGroup],
    /// Areas that examples may address where no group will do.
    pub areas: &'a [ServiceArea],
}

impl Starting<'_> {
    /// Stores the workspaces whose names are absent, with their templates and, where people
    /// practise, an example; the others stay as they are.
    pub async fn seed(self, store: &Store, now_ms: u64) -> Result<(), StoreError> {
        let known = store.workspaces().await?;
        let is_known = |workspace: &&Workspace| {
            let mut known = known.iter();
            known.any(|(known, _)| known.name == workspace.name)
        };
        for workspace in self.workspaces.iter().filter(|one| !is_known(one)) {
            let steps = Steps::default().create_workspace(workspace, now_ms)?;
            let steps = steps.and(templates(workspace, now_ms)?);
            let steps = match workspace.mode {
                Mode::Live => steps,
                Mode::Test => self.with_example(steps, workspace, now_ms)?,
            };
            match store.commit(steps).await {
                // Another gateway has just stored it.
                Ok(()) | Err(StoreError::Stale { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn with_example(
        self,
        steps: Steps,
        workspace: &Workspace,
        now_ms: u64,
    ) -> Result<Steps, StoreError> {
        let (Some(id), Ok(author)) = (example_id(&workspace.name), AUTHOR.parse()) else {
            return Ok(steps);
        };
        let (groups, areas) = self.audience(workspace);
        let content = example(groups, areas);
        let alert = Alert::draft(id, workspace.name.clone(), content, author, now_ms);
        let Some(proposal) = &alert.proposal else {
            return Ok(steps);
        };
        let act = AlertAct {
            act: "created".to_owned(),
            seen: standing(&alert),
            by: proposal.author.clone(),
            at_ms: now_ms,
            reason: String::new(),
        };
        steps.create_alert(&alert, &act)
    }

    /// The group that shows most: the one with most kinds of bearers, all of the workspace; else an
    /// area of the workspace.
    fn audience(self, workspace: &Workspace) -> (Vec<GroupName>, Vec<AreaName>) {
        let bearers = |group: &AliasGroup| {
            let channels = self.channels.iter();
            let named = channels.filter(|channel| group.channels.contains(channel.name()));
            let bearers: HashSet<_> = named.map(Channel::bearer).collect();
            bearers.len()
        };
        let owned = |channels: &[_]| {
            !channels.is_empty() && channels.iter().all(|channel| workspace.owns(channel))
        };
        let groups = self.groups.iter().filter(|group| owned(&group.channels));
        // The first of those that have as many.
        let best = groups.rev().max_by_key(|group| bearers(group));
        if let Some(group) = best {
            return (vec![group.name.clone()], Vec::new());
        }
        let area = self.areas.iter().find(|area| owned(&area.channels));
        (
            Vec::new(),
            area.map(|area| area.name.clone()).into_iter().collect(),
        )
    }
}

/// The templates of a new workspace.
pub(super) fn templates(workspace: &Workspace, now_ms: u64) -> Result<Steps, StoreError> {
    let mut steps = Steps::default();
    for (number, starter) in STARTERS.iter().enumerate() {
        let Ok(id) = key(&workspace.name, &format!("template {number}")).parse() else {
            continue;
        };
        let template = Template {
            id,
            workspace: workspace.name.clone(),
            name: starter.name.to_owned(),
            purpose: starter.purpose,
            content: starter.content(workspace.mode),
            revision: 1,
            changed_by: None,
            changed_ms: now_ms,
        };
        steps = steps.create_template(&template)?;
    }
    Ok(steps)
}

/// The key of a workspace's example.
fn example_id(workspace: &WorkspaceName) -> Option<AlertId> {
    key(workspace, "example").parse().ok()
}

/// A key of the form that all have, older than every other.
fn key(workspace: &WorkspaceName, what: &str) -> String {
    let digest = sha2::Sha256::digest(format!("{workspace} {what}"));
    let mut octets = [0; 10];
    octets.copy_from_slice(&digest[..10]);
    uuid::Builder::from_unix_timestamp_millis(0, &octets)
        .into_uuid()
        .to_string()
}

impl Gateway {
    /// The example of the workspace, as long as the person can send it. Needs `See`.
    pub async fn example(&self, actor: &Actor) -> Result<Option<AlertId>, ConsoleError> {
        let Some(id) = example_id(&actor.workspace.name) else {
            return Ok(None);
        };
        match self.alert(actor, &id).await {
            Ok(alert) => Ok(Some(id).filter(|_| alert.duty.submit)),
            Err(ConsoleError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use pushcast_cbs::dcs::Charset;
    use pushcast_cbs::text::{self, Options};

    use super::*;

    #[test]
    fn keys_differ_and_stay() {
        let (lab, live) = ("lab".parse().unwrap(), "live".parse().unwrap());
        assert_eq!(key(&lab, "example"), key(&lab, "example"));
        assert_ne!(key(&lab, "example"), key(&live, "example"));
        assert_ne!(key(&lab, "example"), key(&lab, "template 0"));
        assert!(example_id(&lab).is_some());
    }

    #[test]
    fn texts_need_few_pages_of_seven_bits() {
        for mode in [Mode::Live, Mode::Test] {
            let starters = STARTERS.iter().map(|starter| starter.content(mode));
            for content in starters.chain([example(Vec::new(), Vec::new())]) {
                // What stands in blanks is somebody else's business; braces need two septets.
                let text = content.messages[0].text.replace(['{', '}'], "");
                let measure = text::measure(&text, &Options::default()).unwrap();
                assert_eq!(measure.charset, Charset::Gsm7, "{}", content.title);
                assert!(measure.pages <= 4, "{}: {}", content.title, measure.pages);
            }
        }
    }
}
