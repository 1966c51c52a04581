//! Sessions and set-up links: only hashes of their secrets are here.

use sqlx::any::AnyRow;

use crate::model::{SessionId, Sha256, UserName, WorkspaceName};
use crate::store::row::{Columns, bigint};
use crate::store::steps::{Steps, values};
use crate::store::{Store, StoreError};

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// SHA-256 of its secret.
    pub hash: Sha256,
    /// To name it in lists.
    pub id: SessionId,
    /// Whose.
    pub user: UserName,
    /// Where it is.
    pub workspace: WorkspaceName,
    /// When it began.
    pub created_ms: u64,
    /// The last request that was noted.
    pub seen_ms: u64,
    /// When it ends in any case.
    pub ends_ms: u64,
    /// When it was ended.
    pub ended_ms: Option<u64>,
    /// The address it was begun from.
    pub source: String,
    /// What the browser called itself.
    pub agent: String,
}

macro_rules! session_columns {
    () => {
        "hash, id, user_name, workspace, created_ms, seen_ms, ends_ms, ended_ms, source, agent"
    };
}

impl Steps {
    /// Begins a session, and forgets those that are long over.
    #[must_use]
    pub fn begin_session(self, session: &StoredSession) -> Self {
        self.run(
            "DELETE FROM user_session WHERE ends_ms < $1",
            values![session.created_ms],
        )
        .run(
            "INSERT INTO user_session (hash, id, user_name, workspace, created_ms, seen_ms, \
             ends_ms, source, agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                session.hash.to_hex(),
                session.id.as_str(),
                session.user.as_str(),
                session.workspace.as_str(),
                session.created_ms,
                session.seen_ms,
                session.ends_ms,
                session.source.as_str(),
                session.agent.as_str(),
            ],
        )
    }

    /// It was used.
    #[must_use]
    pub fn saw_session(self, session: &SessionId, at_ms: u64) -> Self {
        self.run(
            "UPDATE user_session SET seen_ms = $2 WHERE id = $1 AND seen_ms < $2",
            values![session.as_str(), at_ms],
        )
    }

    /// It moves to another workspace, and the person's next one begins there.
    #[must_use]
    pub fn move_session(
        self,
        session: &SessionId,
        user: &UserName,
        workspace: &WorkspaceName,
    ) -> Self {
        self.must(
            "the session",
            "UPDATE user_session SET workspace = $2 WHERE id = $1 AND ended_ms IS NULL",
            values![session.as_str(), workspace.as_str()],
        )
        .run(
            "UPDATE console_user SET workspace = $2 WHERE name = $1",
            values![user.as_str(), workspace.as_str()],
        )
    }

    /// Ends a session of somebody.
    #[must_use]
    pub fn end_session(self, user: &UserName, session: &SessionId, at_ms: u64) -> Self {
        self.run(
            "UPDATE user_session SET ended_ms = $3 WHERE user_name = $1 AND id = $2 \
             AND ended_ms IS NULL",
            values![user.as_str(), session.as_str(), at_ms],
        )
    }

    /// Ends all sessions of somebody but one.
    #[must_use]
    pub fn end_sessions(self, user: &UserName, but: Option<&SessionId>, at_ms: u64) -> Self {
        self.run(
            "UPDATE user_session SET ended_ms = $3 WHERE user_name = $1 AND id <> $2 \
             AND ended_ms IS NULL",
            values![user.as_str(), but.map_or("", SessionId::as_str), at_ms],
        )
    }

    /// A link for somebody to choose a password by, or for the first person; older ones lead
    /// nowhere any more.
    #[must_use]
    pub fn set_link(self, hash: Sha256, user: Option<&UserName>, expires_ms: u64) -> Self {
        let user = user.map(UserName::as_str);
        self.forget_links(user).run(
            "INSERT INTO set_up_link (hash, user_name, expires_ms) VALUES ($1, $2, $3)",
            values![hash.to_hex(), user, expires_ms],
        )
    }

    fn forget_links(self, user: Option<&str>) -> Self {
        match user {
            Some(user) => self.run(
                "DELETE FROM set_up_link WHERE user_name = $1",
                values![user],
            ),
            None => self.run(
                "DELETE FROM set_up_link WHERE user_name IS NULL",
                Vec::new(),
            ),
        }
    }

    /// Uses a link; it must be there.
    #[must_use]
    pub fn use_link(self, hash: Sha256, now_ms: u64) -> Self {
        self.must(
            "the link",
            "DELETE FROM set_up_link WHERE hash = $1 AND expires_ms > $2",
            values![hash.to_hex(), now_ms],
        )
    }
}

impl Store {
    /// A session by the hash of its secret, also one that is over.
    pub async fn session(&self, hash: Sha256) -> Result<Option<StoredSession>, StoreError> {
        let query = sqlx::query(concat!(
            "SELECT ",
            session_columns!(),
            " FROM user_session WHERE hash = $1"
        ));
        let row = self.row(query.bind(hash.to_hex())).await?;
        row.as_ref().map(session).transpose()
    }

    /// Sessions of somebody that were not ended, the newest first.
    pub async fn sessions_of(
        &self,
        user: &UserName,
        now_ms: u64,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let query = sqlx::query(concat!(
            "SELECT ",
            session_columns!(),
            " FROM user_session WHERE user_name = $1 AND ended_ms IS NULL AND ends_ms > $2 \
             ORDER BY created_ms DESC LIMIT 100"
        ));
        let query = query.bind(user.to_string()).bind(bigint(now_ms));
        self.rows(query).await?.iter().map(session).collect()
    }

    /// Whom a link leads to: `Some(None)` is the first person. `None` if it leads nowhere.
    pub async fn link(
        &self,
        hash: Sha256,
        now_ms: u64,
    ) -> Result<Option<Option<UserName>>, StoreError> {
        let query = sqlx::query(
            "SELECT hash, user_name FROM set_up_link WHERE hash = $1 AND expires_ms > $2",
        );
        let row = self
            .row(query.bind(hash.to_hex()).bind(bigint(now_ms)))
            .await?;
        row.as_ref()
            .map(|row| {
                let row = Columns::keyed(row, "set_up_link", "hash");
                row.known_or_null("user_name", |text| text.parse().ok())
            })
            .transpose()
    }

    /// Until when a link leads to somebody.
    pub async fn link_of(&self, user: &UserName, now_ms: u64) -> Result<Option<u64>, StoreError> {
        let query = sqlx::query(
            "SELECT user_name, expires_ms FROM set_up_link WHERE user_name = $1 AND expires_ms > $2",
        );
        let row = self
            .row(query.bind(user.to_string()).bind(bigint(now_ms)))
            .await?;
        row.map(|row| Columns::keyed(&row, "set_up_link", "user_name").number("expires_ms"))
            .transpose()
    }
}

fn session(row: &AnyRow) -> Result<StoredSession, StoreError> {
    let row = Columns::new(row, "user_session");
    Ok(StoredSession {
        hash: row.digest("hash")?,
        id: row.parsed("id")?,
        user: row.parsed("user_name")?,
        workspace: row.parsed("workspace")?,
        created_ms: row.number("created_ms")?,
        seen_ms: row.number("seen_ms")?,
        ends_ms: row.number("ends_ms")?,
        ended_ms: row.number_or_null("ended_ms")?,
        source: row.text("source")?,
        agent: row.text("agent")?,
    })
}
