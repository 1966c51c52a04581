//! Lists of what was sent, and the overview.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::AlertState as State;
use crate::model::listing::{
    Cursor, DeliveryCounts, Entry, EntryKey, EntryState, ListQuery, Page, Source, Tab,
};
use crate::model::overview::{LiveAlert, MAX_LIVE_ALERTS, Overview};
use crate::model::{Action, Address, Alert, Target, Workspace};
use crate::store::{EntryRow, SubmissionState};

/// A day, ms.
const DAY_MS: u64 = 86_400_000;
/// Targets of a row that are named.
const SHOWN_TARGETS: usize = 4;

/// What an address names, for people.
pub(super) fn target_name(address: &Address) -> String {
    match address.target() {
        Target::Area(name) => format!("area {name}"),
        Target::Group(name) => format!("group {name}"),
        Target::Multicast { group, port } => match port {
            Some(port) => format!("{group}:{port}"),
            None => group.to_string(),
        },
        Target::Other => address.raw().to_owned(),
    }
}

/// What a push is now, in one word.
const fn state_of(row: &EntryRow) -> EntryState {
    let counts = row.deliveries;
    match row.state {
        SubmissionState::Queued if row.held_ms.is_some() => EntryState::Held,
        SubmissionState::Queued => EntryState::Scheduled,
        SubmissionState::Planned => EntryState::OnAir,
        SubmissionState::Done if counts.delivered > 0 && counts.failed + counts.cancelled > 0 => {
            EntryState::Partial
        }
        SubmissionState::Done if counts.delivered > 0 => EntryState::Delivered,
        SubmissionState::Done if counts.failed > 0 => EntryState::Failed,
        SubmissionState::Done => EntryState::Cancelled,
    }
}

pub(super) fn entry(row: EntryRow) -> Entry {
    let (title, severity, author) = match &row.alert_says {
        Some((title, severity, author)) => (title.clone(), Some(*severity), author.clone()),
        None => (row.push_id.to_string(), None, row.initiator.to_string()),
    };
    Entry {
        state: state_of(&row),
        title,
        language: row.alert.as_ref().map(|(_, _, language)| language.clone()),
        alert: row
            .alert
            .as_ref()
            .map(|(id, version, _)| (id.clone(), *version)),
        severity,
        workspace: row.workspace,
        sender: author,
        source: if row.console {
            Source::Console
        } else {
            Source::Pap
        },
        targets: row.addresses.iter().map(target_name).collect(),
        target_count: row.deliveries.all(),
        bearers: row.bearers,
        at_ms: row.received_ms,
        start_ms: Some(row.due_ms),
        end_ms: Some(row.deliver_before_ms),
        deliveries: row.deliveries,
        key: EntryKey::Submission(row.id),
    }
}

/// An alert, or its update, that is no push yet.
fn alert_entry(alert: &Alert) -> Entry {
    let proposal = alert.proposal.as_ref();
    let content = proposal
        .map(|proposal| &proposal.content)
        .or(alert.content());
    let groups = content.map_or(&[][..], |content| &content.groups);
    let areas = content.map_or(&[][..], |content| &content.areas);
    let groups_named = groups.iter().map(|name| format!("group {name}"));
    let targets = groups_named.chain(areas.iter().map(|name| format!("area {name}")));
    let submitted = proposal.and_then(|proposal| proposal.submitted.as_ref());
    let state = if alert.is_waiting() {
        State::PendingApproval
    } else {
        alert.state()
    };
    let window = content.map(|content| content.window(alert.created_ms));
    Entry {
        key: EntryKey::Alert(alert.id.clone()),
        state: EntryState::Alert(state),
        title: content.map_or_else(String::new, |content| content.title.clone()),
        alert: Some((alert.id.clone(), super::alerts::standing(alert).version)),
        language: None,
        severity: content.map(|content| content.severity),
        workspace: Some(alert.workspace.clone()),
        sender: proposal.map_or_else(String::new, |proposal| proposal.author.to_string()),
        source: Source::Console,
        targets: targets.take(SHOWN_TARGETS).collect(),
        target_count: u32::try_from(groups.len() + areas.len()).unwrap_or(u32::MAX),
        bearers: content.map_or_else(Vec::new, |content| content.bearers.clone()),
        at_ms: submitted
            .filter(|_| alert.is_waiting())
            .map(|submitted| submitted.at_ms)
            .or(proposal.map(|proposal| proposal.edited_ms))
            .unwrap_or(alert.created_ms),
        start_ms: content.and_then(|content| match content.start {
            crate::model::alert::Start::At(at_ms) => Some(at_ms),
            crate::model::alert::Start::Now => None,
        }),
        end_ms: window
            .map(|(_, end_ms)| end_ms)
            .filter(|_| content.is_some_and(|c| c.start != crate::model::alert::Start::Now)),
        deliveries: DeliveryCounts::default(),
    }
}

fn matches(entry: &Entry, query: &ListQuery) -> bool {
    let text = query.text.as_deref().map(str::trim).unwrap_or_default();
    let has_text = entry.title.to_lowercase().contains(&text.to_lowercase());
    has_text
        && query.source.is_none_or(|source| source == Source::Console)
        && query.initiator.is_none()
        && query.state.is_none()
        && query.channel.is_none()
        && (query.bearer)
            .is_none_or(|bearer| entry.bearers.is_empty() || entry.bearers.contains(&bearer))
        && query.from_ms.is_none_or(|from_ms| entry.at_ms >= from_ms)
        && query.to_ms.is_none_or(|to_ms| entry.at_ms < to_ms)
}

impl Gateway {
    /// The figures of the first page. Needs `See`.
    pub async fn overview(&self, actor: &Actor) -> Result<Overview, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        self.overview_of(&actor.workspace).await
    }

    pub(super) async fn overview_of(
        &self,
        workspace: &Workspace,
    ) -> Result<Overview, ConsoleError> {
        let store = &self.inner.store;
        let at_ms = self.inner.clock.unix_ms();
        let since_ms = at_ms.saturating_sub(DAY_MS);
        let [waiting, live, scheduled, failed_day] =
            store.alert_counts(&workspace.name, since_ms).await?;
        let mut alerts = Vec::new();
        for alert in store.live_alerts().await? {
            if alert.workspace == workspace.name {
                alerts.extend(self.live_alert(&alert, at_ms).await?);
            }
        }
        alerts.sort_by(|a, b| {
            b.severity
                .cmp(&a.severity)
                .then(a.start_ms.cmp(&b.start_ms))
        });
        alerts.truncate(MAX_LIVE_ALERTS);
        let mut channels = self.channel_statuses().await?;
        channels.retain(|status| workspace.owns(&status.name));
        Ok(Overview {
            workspace: workspace.name.clone(),
            at_ms,
            live,
            waiting: waiting + store.held_count(&workspace.name).await?,
            scheduled,
            failed_day,
            pushes_on_air: store.pushes_on_air(&workspace.name).await?,
            alerts,
            channels,
        })
    }

    async fn live_alert(
        &self,
        alert: &Alert,
        now_ms: u64,
    ) -> Result<Option<LiveAlert>, ConsoleError> {
        let Some(approved) = &alert.approved else {
            return Ok(None);
        };
        let store = &self.inner.store;
        let progress = store.alert_progress(&alert.id, approved.version).await?;
        let content = &approved.content;
        let (start_ms, end_ms) = content.window(approved.at_ms);
        let groups = content.groups.iter().map(|name| format!("group {name}"));
        let areas = content.areas.iter().map(|name| format!("area {name}"));
        Ok(Some(LiveAlert {
            id: alert.id.clone(),
            title: content.title.clone(),
            severity: content.severity,
            state: alert.state(),
            stopping: approved.stopped.is_some(),
            update_waiting: alert.is_waiting(),
            version: approved.version,
            targets: groups.chain(areas).collect(),
            start_ms,
            end_ms,
            deliveries: DeliveryCounts {
                pending: progress.pending,
                delivered: progress.delivered,
                cancelled: progress.cancelled,
                failed: progress.failed,
            },
            undo_until_ms: self.undo_until(alert, now_ms),
        }))
    }

    /// A page of alerts and pushes: those of the workspace, and those of initiators without one.
    /// Needs `See`.
    pub async fn list(
        &self,
        actor: &Actor,
        query: &ListQuery,
    ) -> Result<Page<Entry>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let workspace = &actor.workspace.name;
        if query.tab == Tab::Drafts {
            return self.drafts(actor, query).await;
        }
        let mut rows = Vec::new();
        if query.tab == Tab::Waiting && query.after.is_none() {
            let waiting = self.inner.store.waiting_alerts(workspace).await?;
            let entries = waiting.iter().map(alert_entry);
            rows.extend(entries.filter(|entry| matches(entry, query)));
        }
        let (pushes, next) = self.inner.store.entries(workspace, query).await?;
        rows.extend(pushes.into_iter().map(entry));
        if query.tab == Tab::Waiting {
            rows.sort_by_key(|entry| entry.at_ms);
        }
        Ok(Page { rows, next })
    }

    /// Alerts that somebody is writing: drafts, and what was returned.
    async fn drafts(&self, actor: &Actor, query: &ListQuery) -> Result<Page<Entry>, ConsoleError> {
        let workspace = &actor.workspace.name;
        let before = query.after.as_ref().map(|after| after.key.as_str());
        let wanted = query.page_rows();
        let mut found = Vec::new();
        for state in [State::Draft, State::Returned] {
            let store = &self.inner.store;
            found.extend(
                store
                    .alerts_in(workspace, state, before, wanted + 1)
                    .await?,
            );
        }
        found.sort_by(|a, b| b.id.cmp(&a.id));
        let more = found.len() > wanted as usize;
        found.truncate(wanted as usize);
        let next = found.last().filter(|_| more).map(|last| Cursor {
            at: last.created_ms,
            key: last.id.to_string(),
        });
        let entries = found.iter().map(alert_entry);
        Ok(Page {
            rows: entries.filter(|entry| matches(entry, query)).collect(),
            next,
        })
    }
}
