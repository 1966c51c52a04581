//! Pages of the list of pushes.
//!
//! Each part of the list walks one index in the order of its page and ends with the page: the keys
//! of submissions are in the order of their arrival, those that are over stand by when they were
//! closed, those that wait by when they are due, and those on the air are found by their open
//! transmissions. So a page deep in a list of any length costs what the first costs, unless a
//! filter leaves so few that the walk is long.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use crate::model::alert::Severity;
use crate::model::listing::{Cursor, DeliveryCounts, ListQuery, Order, Source, Tab};
use crate::model::{
    Address, AlertId, Bearer, ChannelName, InitiatorName, Language, MessageState, PushId,
    SubmissionId, WorkspaceName,
};
use crate::store::definitions::escaped;
use crate::store::dialect::Dialect;
use crate::store::row::{Columns, PRIORITIES, rank};
use crate::store::statement::Query;
use crate::store::steps::{Ask, values};
use crate::store::submissions::SubmissionState;
use crate::store::{Store, StoreError};

/// Pushes that a search for a text looks at; more than fit on some pages.
const MAX_FOUND: u64 = 1_000;

/// A push in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Which.
    pub id: SubmissionId,
    /// Whose.
    pub initiator: InitiatorName,
    /// The initiator's key.
    pub push_id: PushId,
    /// When it came in.
    pub received_ms: u64,
    /// When it may be sent.
    pub due_ms: u64,
    /// When it is over at the latest.
    pub deliver_before_ms: u64,
    /// How far it came.
    pub state: SubmissionState,
    /// When it was done.
    pub closed_ms: Option<u64>,
    /// Since when it waits for somebody to let it go.
    pub held_ms: Option<u64>,
    /// Alert, version and language, of a push from the console.
    pub alert: Option<(AlertId, u32, Language)>,
    /// The alert's title, severity and author.
    pub alert_says: Option<(String, Severity, String)>,
    /// Where it belongs.
    pub workspace: Option<WorkspaceName>,
    /// It is the console's.
    pub console: bool,
    /// Its deliveries.
    pub deliveries: DeliveryCounts,
    /// The first few addresses.
    pub addresses: Vec<Address>,
    /// Bearers that have carried it or do.
    pub bearers: Vec<Bearer>,
}

const COLUMNS: &str = "SELECT s.id, s.initiator, s.push_id, s.received_ms, s.due_ms, s.next_ms, \
     s.deliver_before_ms, s.state, s.closed_at_ms, h.since_ms, c.submission_id AS console_id, \
     c.alert_id, c.version, c.language, c.workspace AS console_workspace, i.workspace, \
     a.title, a.severity, a.author FROM ";
const ALL: &str = "submission s";
/// Lists of keys, and no joins: with these SQLite would read every transmission or submission there
/// is, in the order of the page.
const ON_AIR: &str = " AND s.id IN (SELECT submission_id FROM transmission WHERE ended_ms IS NULL)";
const HELD: &str = " AND s.id IN (SELECT submission_id FROM held_submission)";
const JOINS: &str = " LEFT JOIN console_submission c ON c.submission_id = s.id \
     LEFT JOIN initiator_setting i ON i.initiator = s.initiator \
     LEFT JOIN held_submission h ON h.submission_id = s.id \
     LEFT JOIN alert a ON a.id = c.alert_id ";
/// What a workspace sees: its own, and pushes of initiators that belong to it or to none.
const SEEN: &str = "WHERE (c.workspace = # OR (c.submission_id IS NULL \
     AND s.initiator <> 'console' AND (i.workspace IS NULL OR i.workspace = #)))";
/// The beginning of a push-id: from the text on, before what is beyond everything that begins so.
const BY_PUSH_ID: &str = "(SELECT id FROM (SELECT id FROM submission WHERE initiator IN \
     (SELECT name FROM initiator) AND push_id >= # AND push_id < # ORDER BY id DESC LIMIT #) p ";
const BY_PUSH_ID_POSTGRES: &str = "(SELECT id FROM (SELECT id FROM submission \
     WHERE initiator IN (SELECT name FROM initiator) AND push_id COLLATE \"C\" >= # \
     AND push_id COLLATE \"C\" < # ORDER BY id DESC LIMIT #) p ";
const BY_TITLE: &str = "UNION SELECT k.submission_id FROM alert l \
     JOIN console_submission k ON k.alert_id = l.id \
     WHERE l.workspace = # AND l.title_key LIKE # ESCAPE '!') f JOIN submission s ON s.id = f.id";

impl Store {
    /// A page of pushes as a workspace sees them: of every part of the list but drafts, and of what
    /// waits for approval those that are held. One row more than the page has shows that there is
    /// another page.
    pub async fn entries(
        &self,
        workspace: &WorkspaceName,
        query: &ListQuery,
    ) -> Result<(Vec<EntryRow>, Option<Cursor>), StoreError> {
        let rows = match query.tab {
            Tab::Drafts => Vec::new(),
            Tab::Scheduled => self.scheduled(workspace, query).await?,
            Tab::All | Tab::Finished | Tab::Live | Tab::Waiting => {
                self.ask(self.question(workspace, query)).await?
            }
        };
        let wanted = query.page_rows() as usize;
        let mut read = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        if query.tab == Tab::Scheduled {
            read.sort_by(|(a, _), (b, _)| (a.at, &a.key).cmp(&(b.at, &b.key)));
        }
        let more = read.len() > wanted;
        read.truncate(wanted);
        let next = match (more, read.last()) {
            (true, Some((cursor, row))) => Some(match query.tab {
                Tab::Finished => Cursor {
                    at: row.closed_ms.unwrap_or_default(),
                    key: cursor.key.clone(),
                },
                _ => cursor.clone(),
            }),
            _ => None,
        };
        let mut entries: Vec<EntryRow> = read.into_iter().map(|(_, row)| row).collect();
        self.fill(&mut entries).await?;
        Ok((entries, next))
    }

    /// One push as the list has it, if the workspace sees it.
    pub async fn entry(
        &self,
        workspace: &WorkspaceName,
        id: &SubmissionId,
    ) -> Result<Option<EntryRow>, StoreError> {
        let ask = Ask::default()
            .with(COLUMNS, Vec::new())
            .with(ALL, Vec::new())
            .with(JOINS, Vec::new())
            .with(SEEN, values![workspace.as_str(), workspace.as_str()])
            .with(" AND s.id = #", values![id.as_str()]);
        let rows = self.ask(ask).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let mut entries = vec![entry(row)?.1];
        self.fill(&mut entries).await?;
        Ok(entries.pop())
    }

    fn source(&self, workspace: &WorkspaceName, query: &ListQuery) -> Ask {
        let ask = Ask::default().with(COLUMNS, Vec::new());
        let text = query.text.as_deref().map(str::trim);
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return ask.with(ALL, Vec::new());
        };
        let by_push_id = match self.dialect() {
            Dialect::Postgres => BY_PUSH_ID_POSTGRES,
            Dialect::Sqlite => BY_PUSH_ID,
        };
        let beyond = format!("{text}{}", char::MAX);
        let pattern = format!("%{}%", escaped(&text.to_lowercase()));
        ask.with(by_push_id, values![text, beyond, MAX_FOUND])
            .with(BY_TITLE, values![workspace.as_str(), pattern])
    }

    /// Everything but the order.
    fn narrowed(&self, workspace: &WorkspaceName, query: &ListQuery) -> Ask {
        let ask = self
            .source(workspace, query)
            .with(JOINS, Vec::new())
            .with(SEEN, values![workspace.as_str(), workspace.as_str()]);
        let ask = match query.source {
            Some(Source::Console) => ask.with(" AND c.submission_id IS NOT NULL", Vec::new()),
            Some(Source::Pap) => ask.with(" AND c.submission_id IS NULL", Vec::new()),
            None => ask,
        };
        let ask = match query.tab {
            Tab::Live => ask.with(ON_AIR, Vec::new()),
            Tab::Finished => ask.with(" AND s.closed_at_ms IS NOT NULL", Vec::new()),
            Tab::Waiting => ask
                .with(HELD, Vec::new())
                .with(" AND s.closed_at_ms IS NULL", Vec::new()),
            _ => ask,
        };
        ask.given(
            " AND s.initiator = #",
            query.initiator.as_ref().map(InitiatorName::as_str),
        )
        .given(" AND s.received_ms >= #", query.from_ms)
        .given(" AND s.received_ms < #", query.to_ms)
        .given(
            " AND EXISTS (SELECT 1 FROM delivery d WHERE d.submission_id = s.id \
                 AND d.state = #)",
            query.state.map(MessageState::as_str),
        )
        .given(
            " AND EXISTS (SELECT 1 FROM transmission t WHERE t.submission_id = s.id \
                 AND t.bearer = #)",
            query.bearer.map(Bearer::as_str),
        )
        .given(
            " AND EXISTS (SELECT 1 FROM transmission t WHERE t.submission_id = s.id \
                 AND t.channel = #)",
            query.channel.as_ref().map(ChannelName::as_str),
        )
    }

    fn question(&self, workspace: &WorkspaceName, query: &ListQuery) -> Ask {
        let ask = self.narrowed(workspace, query);
        let after = query.after.as_ref();
        let limit = u64::from(query.page_rows()) + 1;
        let by_closing = query.tab == Tab::Finished;
        let ask = match (after, query.order, by_closing) {
            (None, _, _) => ask,
            (Some(after), Order::Newest, false) => {
                ask.with(" AND s.id < #", values![after.key.as_str()])
            }
            (Some(after), Order::Oldest, false) => {
                ask.with(" AND s.id > #", values![after.key.as_str()])
            }
            (Some(after), Order::Newest, true) => ask.with(
                " AND s.closed_at_ms <= # AND (s.closed_at_ms < # OR s.id < #)",
                values![after.at, after.at, after.key.as_str()],
            ),
            (Some(after), Order::Oldest, true) => ask.with(
                " AND s.closed_at_ms >= # AND (s.closed_at_ms > # OR s.id > #)",
                values![after.at, after.at, after.key.as_str()],
            ),
        };
        let order = match (query.order, by_closing) {
            (Order::Newest, false) => " ORDER BY s.id DESC LIMIT #",
            (Order::Oldest, false) => " ORDER BY s.id LIMIT #",
            (Order::Newest, true) => " ORDER BY s.closed_at_ms DESC, s.id DESC LIMIT #",
            (Order::Oldest, true) => " ORDER BY s.closed_at_ms, s.id LIMIT #",
        };
        ask.with(order, values![limit])
    }

    /// What waits for its time lies in three queues, one for each priority.
    async fn scheduled(
        &self,
        workspace: &WorkspaceName,
        query: &ListQuery,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let limit = u64::from(query.page_rows()) + 1;
        let mut rows = Vec::new();
        for priority in PRIORITIES {
            let mut ask = self.narrowed(workspace, query).with(
                " AND s.state = 'queued' AND h.since_ms IS NULL AND s.priority = #",
                values![u64::try_from(rank(priority)).unwrap_or_default()],
            );
            if let Some(after) = &query.after {
                ask = ask.with(
                    " AND s.next_ms >= # AND (s.next_ms > # OR s.id > #)",
                    values![after.at, after.at, after.key.as_str()],
                );
            }
            let ask = ask.with(" ORDER BY s.next_ms, s.id LIMIT #", values![limit]);
            rows.extend(self.ask(ask).await?);
        }
        Ok(rows)
    }

    /// Adds what other tables say of the rows of a page.
    async fn fill(&self, entries: &mut [EntryRow]) -> Result<(), StoreError> {
        let ids: Vec<SubmissionId> = entries.iter().map(|entry| entry.id.clone()).collect();
        let places: HashMap<String, usize> =
            (ids.iter().map(ToString::to_string).zip(0..)).collect();
        let reads = &self.inner.reads;
        let mut connection = self.inner.readers.acquire().await?;
        let counts = reads.delivery_counts.run(&mut connection, &ids, id).await?;
        let addresses = reads.first_addresses.run(&mut connection, &ids, id).await?;
        let bearers = reads.bearers.run(&mut connection, &ids, id).await?;
        drop(connection);
        let place = |row: &Columns<'_>| -> Result<Option<usize>, StoreError> {
            Ok(places.get(&row.text("submission_id")?).copied())
        };
        for row in &counts {
            let row = Columns::keyed(row, "delivery", "submission_id");
            if let Some(place) = place(&row)? {
                let state = row.known("state", MessageState::from_pap)?;
                let number: u32 = row.number("number")?;
                (0..number).for_each(|_| entries[place].deliveries.add(state));
            }
        }
        for row in &addresses {
            let row = Columns::keyed(row, "delivery", "submission_id");
            if let Some(place) = place(&row)? {
                entries[place].addresses.push(row.parsed("address_raw")?);
            }
        }
        for row in &bearers {
            let row = Columns::keyed(row, "transmission", "submission_id");
            if let Some(place) = place(&row)? {
                let bearer = row.known("bearer", Bearer::from_pap)?;
                entries[place].bearers.push(bearer);
            }
        }
        Ok(())
    }
}

fn id<'q>(query: Query<'q>, id: &SubmissionId) -> Query<'q> {
    query.bind(id.to_string())
}

/// A row, and its place in lists that are sorted by its key or by when it is looked at next.
fn entry(row: &AnyRow) -> Result<(Cursor, EntryRow), StoreError> {
    let row = Columns::new(row, "submission");
    let alert: Option<AlertId> = row.known_or_null("alert_id", |text| text.parse().ok())?;
    let (alert, alert_says) = match alert {
        Some(alert) => (
            Some((alert, row.number("version")?, row.parsed("language")?)),
            Some((
                row.text("title")?,
                row.known("severity", Severity::from_stored)?,
                row.text("author")?,
            )),
        ),
        None => (None, None),
    };
    let workspace = match row.text_or_null("console_workspace")? {
        Some(_) => "console_workspace",
        None => "workspace",
    };
    let cursor = Cursor {
        at: row.number("next_ms")?,
        key: row.text("id")?,
    };
    let read = EntryRow {
        id: row.parsed("id")?,
        initiator: row.parsed("initiator")?,
        push_id: row.parsed("push_id")?,
        received_ms: row.number("received_ms")?,
        due_ms: row.number("due_ms")?,
        deliver_before_ms: row.number("deliver_before_ms")?,
        state: row.known("state", SubmissionState::from_stored)?,
        closed_ms: row.number_or_null("closed_at_ms")?,
        held_ms: row.number_or_null("since_ms")?,
        alert,
        alert_says,
        workspace: row.known_or_null(workspace, |text| text.parse().ok())?,
        console: row.text_or_null("console_id")?.is_some(),
        deliveries: DeliveryCounts::default(),
        addresses: Vec::new(),
        bearers: Vec::new(),
    };
    Ok((cursor, read))
}

#[cfg(test)]
mod tests;
