//! What becomes of alerts, followed from their deliveries; and the figures for those who watch.
//!
//! Nothing here decides: the states of alerts follow from what the store says of their submissions.
//! The store is asked only while it changes, and once for all who watch.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use super::ConsoleError;
use crate::gateway::Gateway;
use crate::model::alert::{Act, ApprovalRules};
use crate::model::event::What;
use crate::model::overview::Overview;
use crate::model::{Alert, AlertState, Mode, WorkspaceName};
use crate::store::{Steps, StoreError};

/// Between two looks at what has changed.
const LOOK: Duration = Duration::from_millis(250);
/// Figures are told at most so often, in looks.
const FIGURES_EVERY: u32 = 4;
/// After so many looks a stop that could not be done is tried again, and what other processes have
/// changed of initiators is read.
const RETRY_EVERY: u32 = 20;

impl Gateway {
    /// Follows until `stop` completes.
    pub async fn follow(self, stop: impl Future<Output = ()> + Send) {
        tokio::pin!(stop);
        let mut last_commits = None;
        let mut told: BTreeMap<WorkspaceName, Overview> = BTreeMap::new();
        let mut looks: u32 = 0;
        let mut figures_due = true;
        loop {
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(RETRY_EVERY)
                && let Err(error) = self.read_approvals().await
            {
                report(&error.into());
            }
            let commits = self.inner.store.stats().commits();
            let changed = last_commits != Some(commits) || looks.is_multiple_of(RETRY_EVERY);
            if changed {
                last_commits = Some(commits);
                figures_due = true;
                if let Err(error) = self.follow_alerts(looks).await {
                    report(&error);
                }
                if self.console().feed.has_readers()
                    && let Err(error) = self.tell_watched().await
                {
                    report(&error);
                }
            }
            if figures_due && looks.is_multiple_of(FIGURES_EVERY) {
                figures_due = false;
                match self.console().feed.has_readers() {
                    true => {
                        if let Err(error) = self.tell_figures(&mut told).await {
                            report(&error);
                        }
                    }
                    false => told.clear(),
                }
            }
        }
    }

    /// Brings every alert that is live to the state that its deliveries have come to.
    pub(super) async fn follow_alerts(&self, looks: u32) -> Result<(), ConsoleError> {
        for alert in self.inner.store.live_alerts().await? {
            let Some(approved) = &alert.approved else {
                continue;
            };
            let store = &self.inner.store;
            let progress = store.alert_progress(&alert.id, approved.version).await?;
            let is_stopped = approved.stopped.is_some();
            if is_stopped
                && progress.done < progress.submissions
                && looks.is_multiple_of(RETRY_EVERY)
            {
                // A crash may have come between the decision and the lanes.
                self.off_the_air(&alert).await?;
            }
            let now_ms = self.inner.clock.unix_ms();
            let by = &approved.submitted_by;
            let folded = alert.act(Act::Fold(progress), by, &ApprovalRules::default(), now_ms);
            let Ok((next, _)) = folded else {
                continue;
            };
            if next.approved == alert.approved {
                continue;
            }
            let mut steps = Steps::default().change_alert(&alert, &next, None)?;
            if next.state() == AlertState::Completed && self.is_test(&alert).await? {
                // Whoever approves practises too.
                let approvers = approved.approvals.iter().map(|approval| &approval.by);
                for by in approvers.chain([by]) {
                    steps = steps.tested(by.as_str(), now_ms);
                }
            }
            match self.inner.store.commit(steps).await {
                Ok(()) => self.tell_alert(&next),
                // Somebody has acted in the same moment; the next look sees both.
                Err(StoreError::Stale { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn is_test(&self, alert: &Alert) -> Result<bool, ConsoleError> {
        let all = self.all_workspaces().await?;
        let named = all
            .iter()
            .find(|workspace| workspace.name == alert.workspace);
        Ok(named.is_some_and(|workspace| workspace.mode == Mode::Test))
    }

    async fn tell_watched(&self) -> Result<(), ConsoleError> {
        for push in self.console().feed.watched() {
            if let Some(progress) = self.progress_of(&push).await? {
                self.tell(None, What::Submission(progress));
            }
        }
        Ok(())
    }

    async fn tell_figures(
        &self,
        told: &mut BTreeMap<WorkspaceName, Overview>,
    ) -> Result<(), ConsoleError> {
        for workspace in self.all_workspaces().await? {
            let overview = self.overview_of(&workspace).await?;
            let known = told.get(&workspace.name);
            let same = known.is_some_and(|known| {
                Overview {
                    at_ms: overview.at_ms,
                    ..known.clone()
                } == overview
            });
            if !same {
                told.insert(workspace.name.clone(), overview.clone());
                self.tell(Some(&workspace.name), What::Overview(overview));
            }
        }
        Ok(())
    }
}

fn report(error: &ConsoleError) {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "alerts cannot be followed for the moment"
    );
}
