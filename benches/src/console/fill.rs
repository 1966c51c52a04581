//! Fills a database in long statements beside the store, which would take each push alone.

use anyhow::Context as _;
use pushcast_engine::model::{Alert, SubmissionId};
use pushcast_engine::store::Store;
use sha2::Digest as _;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

use super::history::{self, Extents};

/// The secret of the session that the bench has.
pub(super) const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// Rows of one statement.
const ROWS: usize = 250;
/// Pushes that are counted into the sums of reports at a time.
const COUNTED: u32 = 1_000;
/// How long the session lasts, ms.
const SESSION_MS: u64 = 8 * 3_600_000;

/// A database, and how it writes octets.
#[derive(Debug, Clone)]
pub(super) struct Database {
    pub(super) url: String,
}

impl Database {
    pub(super) fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// Octets as a literal.
    pub(super) fn octets(&self, hex: &str) -> String {
        if self.is_postgres() {
            format!("'\\x{hex}'::bytea")
        } else {
            format!("x'{hex}'")
        }
    }
}

/// What the pages of single things are asked for.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    /// A push to several targets that is over.
    pub(super) push: SubmissionId,
    /// An alert on the air.
    pub(super) alert: Alert,
    /// A draft.
    pub(super) draft: Alert,
}

/// Rows on their way to a table.
pub(super) struct Table<'c> {
    connection: &'c mut AnyConnection,
    head: &'static str,
    rows: Vec<String>,
}

impl<'c> Table<'c> {
    /// `head` is all before the rows.
    pub(super) const fn new(connection: &'c mut AnyConnection, head: &'static str) -> Self {
        Self {
            connection,
            head,
            rows: Vec::new(),
        }
    }

    /// Adds a row: values with commas between them.
    pub(super) async fn add(&mut self, row: String) -> anyhow::Result<()> {
        self.rows.push(row);
        if self.rows.len() >= ROWS {
            self.flush().await?;
        }
        Ok(())
    }

    pub(super) async fn flush(&mut self) -> anyhow::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let sql = format!("{} VALUES ({})", self.head, self.rows.join("), ("));
        self.rows.clear();
        self.connection.execute(AssertSqlSafe(sql)).await?;
        Ok(())
    }
}

/// A text as a literal.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Makes the tables, and everything in them.
pub(super) async fn fill(
    database: &Database,
    extents: &Extents,
    now_ms: u64,
) -> anyhow::Result<Filled> {
    Store::open(&database.url, "filling").await?.close().await?;
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&database.url).await?;
    if !database.is_postgres() {
        connection.execute("PRAGMA synchronous = OFF").await?;
    }
    connection.execute("BEGIN").await?;
    let filled = history::write(&mut connection, database, extents, now_ms)
        .await
        .context("the history cannot be stored")?;
    sign_in(&mut connection, now_ms).await?;
    connection.execute("COMMIT").await?;
    if database.is_postgres() {
        // It would do so itself after a while.
        connection.execute("ANALYZE").await?;
    }
    connection.close().await?;
    let store = Store::open(&database.url, "counting").await?;
    while store.sum_up(now_ms, COUNTED).await? > 0 {}
    store.close().await?;
    Ok(filled)
}

/// A person with every role, and a session.
async fn sign_in(connection: &mut AnyConnection, now_ms: u64) -> anyhow::Result<()> {
    let mut users = Table::new(
        connection,
        "INSERT INTO console_user (name, name_key, full_name, created_ms, theme, workspace)",
    );
    let user = format!("'bench', 'bench', 'Bench', {now_ms}, 'automatic', 'live'");
    users.add(user).await?;
    for number in 0..500 {
        let user =
            format!("'u{number}', 'u{number}', 'Person {number}', {now_ms}, 'automatic', NULL");
        users.add(user).await?;
    }
    users.flush().await?;
    let mut grants = Table::new(
        connection,
        "INSERT INTO user_grant (user_name, role, scope, given_ms, waiting)",
    );
    let roles = [
        "administrator",
        "approver",
        "author",
        "editor",
        "operator",
        "viewer",
    ];
    for role in roles {
        grants
            .add(format!("'bench', '{role}', '*', {now_ms}, 0"))
            .await?;
    }
    for number in 0..500 {
        let grant = format!("'u{number}', 'viewer', '*', {now_ms}, 0");
        grants.add(grant).await?;
    }
    grants.flush().await?;
    let hash = sha2::Sha256::digest(TOKEN);
    let hash: String = hash.iter().map(|octet| format!("{octet:02x}")).collect();
    let mut sessions = Table::new(
        connection,
        "INSERT INTO user_session (hash, id, user_name, workspace, created_ms, seen_ms, ends_ms, \
         source, agent)",
    );
    let ends_ms = now_ms + SESSION_MS;
    sessions
        .add(format!(
            "'{hash}', 'session-of-the-bench', 'bench', 'live', {now_ms}, {now_ms}, {ends_ms}, \
             '127.0.0.1', 'bench'"
        ))
        .await?;
    sessions.flush().await
}
