//! Opening a database: its lock, its connections, its tables.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;

use sqlx::any::AnyConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions as _, Executor as _};

use super::dialect::Dialect;
use super::error::StoreError;
use super::log_sync::Log;
use super::writer::RECONNECT;

/// Connections that read. More than the cores of a small machine gain nothing on SQLite.
const READERS: u32 = 4;

static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");

/// An open database.
pub(super) struct Opened {
    pub(super) dialect: Dialect,
    pub(super) readers: AnyPool,
    /// Connects where it is first used: SQLite's thread belongs beside the writer's.
    pub(super) writer: AnyPool,
    /// Moves the log into the main file; SQLite only.
    pub(super) checkpoints: Option<AnyPool>,
    /// What has to be synced before a commit is answered; SQLite only.
    pub(super) log: Option<Log>,
    /// Held as long as anything may write; SQLite only.
    pub(super) lock: Option<Arc<File>>,
}

/// Who else may be writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Another process may; what is written is short.
    Beside,
    /// Nobody, on SQLite.
    Sole,
}

/// Locks the database, connects, and brings the tables up to date.
pub(super) async fn open(url: &str, claim: Claim) -> Result<Opened, StoreError> {
    sqlx::any::install_default_drivers();
    let (dialect, url, file, lock) = if url.starts_with("sqlite:") {
        let (url, file, lock) = sqlite(url)?;
        let lock = match (lock, claim) {
            (Err(StoreError::InUse { .. }), Claim::Beside) => None,
            (lock, _) => Some(Arc::new(lock?)),
        };
        (Dialect::Sqlite, url, Some(file), lock)
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        (Dialect::Postgres, url.to_owned(), None, None)
    } else {
        return Err(StoreError::Url { url: public(url) });
    };
    let options = AnyConnectOptions::from_str(&url)
        .map_err(|_| StoreError::Url { url: public(&url) })?
        .disable_statement_logging();
    let migrating = pool(dialect, Access::Write)
        .connect_with(options.clone())
        .await?;
    match dialect {
        Dialect::Postgres => POSTGRES.run(&migrating).await?,
        Dialect::Sqlite => SQLITE.run(&migrating).await?,
    }
    let log = file.as_deref().map(Log::beside).transpose()?;
    let writer = pool(dialect, Access::Write).connect_lazy_with(options.clone());
    let checkpoints = match (dialect, claim) {
        (Dialect::Sqlite, Claim::Sole) => {
            let pool = pool(dialect, Access::Write);
            Some(pool.connect_with(options.clone()).await?)
        }
        (Dialect::Postgres, _) | (Dialect::Sqlite, Claim::Beside) => None,
    };
    let readers = pool(dialect, Access::Read).connect_with(options).await?;
    migrating.close().await;
    Ok(Opened {
        dialect,
        readers,
        writer,
        checkpoints,
        log,
        lock,
    })
}

/// Connections that read a database whose writer may be another process.
pub(super) async fn readers(url: &str) -> Result<AnyPool, StoreError> {
    sqlx::any::install_default_drivers();
    let (dialect, url) = if url.starts_with("sqlite:") {
        // Reading a database with a log of writes needs to write beside it.
        (Dialect::Sqlite, format!("{url}?mode=rw"))
    } else {
        (Dialect::Postgres, url.to_owned())
    };
    let options = AnyConnectOptions::from_str(&url)
        .map_err(|_| StoreError::Url { url: public(&url) })?
        .disable_statement_logging();
    Ok(pool(dialect, Access::Read).connect_with(options).await?)
}

enum Access {
    Read,
    Write,
}

fn pool(dialect: Dialect, access: Access) -> PoolOptions<Any> {
    let (connections, more) = match access {
        Access::Read => (READERS, dialect.reader_settings()),
        Access::Write => (1, dialect.writer_settings()),
    };
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(RECONNECT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(dialect == Dialect::Postgres)
        .after_connect(move |connection: &mut AnyConnection, _| {
            Box::pin(async move {
                for setting in dialect.settings().iter().chain(more) {
                    connection.execute(*setting).await?;
                }
                Ok(())
            })
        })
}

/// Makes the folder, takes the lock, and returns the file and the address that also creates it.
fn sqlite(url: &str) -> Result<(String, PathBuf, Result<File, StoreError>), StoreError> {
    let unusable = || StoreError::Url { url: public(url) };
    if url.contains('?') || url.contains(":memory:") {
        return Err(unusable());
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|_| unusable())?;
    let file = options.get_filename();
    if file.file_name().is_none() {
        return Err(unusable());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|source| StoreError::Io {
            path: folder.to_owned(),
            source,
        })?;
    }
    Ok((format!("{url}?mode=rwc"), file.to_owned(), lock(file)))
}

fn lock(database: &Path) -> Result<File, StoreError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let lock_file = PathBuf::from(name);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_file);
    let locked = file.and_then(|file| match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    });
    match locked {
        Ok(Some(file)) => Ok(file),
        Ok(None) => Err(StoreError::InUse { lock_file }),
        Err(source) => Err(StoreError::Io {
            path: lock_file,
            source,
        }),
    }
}

/// An address as it may be logged.
fn public(url: &str) -> String {
    let url = url.rsplit_once('@').map_or(url, |(_, host)| host);
    url.split('?').next().unwrap_or_default().to_owned()
}
