//! Where pushes of the console may go: on the channels of their workspace, as they are when the push
//! is planned, and on no other.

use std::time::Duration;

use crate::model::initiator::CONSOLE;
use crate::model::{
    Bearer, Channel, ChannelName, Submission, SubmissionId, Transmission, WorkspaceName,
};
use crate::routing::{Directory, Route, RouteError};
use crate::store::{Directive, StoreError};

use super::runner::Core;

/// What a push of the console is confined to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Confinement {
    workspace: Option<WorkspaceName>,
    channels: Vec<ChannelName>,
    directive: Directive,
}

impl Confinement {
    fn allows(&self, channel: &Channel) -> bool {
        let Directive {
            bearers,
            channel: only,
            files_only,
            repetition_ms: _,
        } = &self.directive;
        self.channels.contains(channel.name())
            && (bearers.is_empty() || bearers.contains(&channel.bearer()))
            && only.as_ref().is_none_or(|only| only == channel.name())
            && !(*files_only && channel.bearer() == Bearer::Cbs)
    }

    /// What is left of a route.
    pub(super) fn narrow(
        &self,
        directory: &Directory,
        route: &Route,
        address: &str,
    ) -> Result<Route, RouteError> {
        let narrowed = directory.confined(route, |channel| self.allows(channel));
        narrowed.ok_or_else(|| RouteError::Workspace {
            workspace: self.workspace.clone(),
            address: address.to_owned(),
        })
    }

    /// Time between the starts of two repetitions, where the author of an alert wants that.
    pub(super) fn repetition(&self) -> Option<Duration> {
        self.directive.repetition_ms.map(Duration::from_millis)
    }

    /// An alert is repeated until it is over, where its author wants that.
    pub(super) fn repeat(&self, transmission: Transmission) -> Transmission {
        let Some(repetition_ms) = self.directive.repetition_ms else {
            return transmission;
        };
        let mut repeated = transmission;
        repeated.plan.passes = None;
        repeated.plan.interval_ms = Some(repetition_ms);
        repeated
    }
}

impl Core {
    /// What a push is confined to; `None` if an initiator sent it.
    pub(super) async fn confinement(
        &self,
        submission: &Submission,
    ) -> Result<Option<Confinement>, StoreError> {
        match submission.initiator.as_str() {
            CONSOLE => self.confinement_of(&submission.id).await.map(Some),
            _ => Ok(None),
        }
    }

    /// The same of a push of the console. One of which nothing is known may go nowhere.
    pub(super) async fn confinement_of(
        &self,
        submission: &SubmissionId,
    ) -> Result<Confinement, StoreError> {
        let Some(part) = self.store.console_part(submission).await? else {
            return Ok(Confinement::default());
        };
        let workspaces = self.store.workspaces().await?;
        let mut named = workspaces.into_iter().map(|(workspace, _)| workspace);
        let workspace = named.find(|workspace| workspace.name == part.workspace);
        Ok(Confinement {
            channels: workspace.map_or_else(Vec::new, |workspace| workspace.channels),
            directive: part.directive,
            workspace: Some(part.workspace),
        })
    }
}
