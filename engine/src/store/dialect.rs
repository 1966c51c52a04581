//! The few places where the two databases differ.

/// Which database is behind the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL, possibly shared by several processes.
    Postgres,
    /// SQLite, owned by this process through a lock file.
    Sqlite,
}

/// Statements of which a part locks rows on PostgreSQL. On SQLite the write transaction has the
/// whole database.
macro_rules! locking {
    ($dialect:expr, $lock:literal, $before:expr, $after:expr) => {
        match $dialect {
            $crate::store::Dialect::Postgres => concat!($before, $lock, $after),
            $crate::store::Dialect::Sqlite => concat!($before, $after),
        }
    };
}
pub(super) use locking;

/// An insert of many rows that need not be taken back alone: whoever runs it takes the whole
/// transaction back after an error. SQLite would note every page that it changes otherwise.
macro_rules! or_fail {
    ($dialect:expr, $($rest:expr),+ $(,)?) => {
        match $dialect {
            $crate::store::Dialect::Postgres => concat!("INSERT", $($rest),+),
            $crate::store::Dialect::Sqlite => concat!("INSERT OR FAIL", $($rest),+),
        }
    };
}
pub(super) use or_fail;

impl Dialect {
    /// Name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    /// Opens a write transaction. SQLite must take the write lock at once: a transaction that
    /// begins by reading cannot wait for it later.
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::Postgres => "BEGIN",
            Self::Sqlite => "BEGIN IMMEDIATE",
        }
    }

    /// What every connection is told first.
    pub(super) const fn settings(self) -> &'static [&'static str] {
        match self {
            // Whatever the server's default: an answer promises stable storage.
            Self::Postgres => &["SET synchronous_commit = on"],
            Self::Sqlite => &[
                "PRAGMA busy_timeout = 10000",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA foreign_keys = ON",
                // Whoever commits this page pays for a checkpoint: others do it long before.
                "PRAGMA wal_autocheckpoint = 16000",
                // Statements of many rows note what they change, to take it back. Not in files.
                "PRAGMA temp_store = MEMORY",
            ],
        }
    }

    /// What connections of the read pool are told as well.
    pub(super) const fn reader_settings(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["SET default_transaction_read_only = on"],
            Self::Sqlite => &["PRAGMA query_only = ON", "PRAGMA cache_size = -32000"],
        }
    }

    /// What the connections that write are told as well.
    pub(super) const fn writer_settings(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &[],
            // After most commits of many rows SQLite looks at every page of its cache, for those
            // behind the end of the file: a larger one costs more than its reads, with a million
            // submissions as well.
            Self::Sqlite => &[
                "PRAGMA cache_size = -8000",
                // A commit appends to the log; another thread syncs that before it is answered.
                "PRAGMA synchronous = NORMAL",
            ],
        }
    }

    /// Moves everything into the main file, so that a copy of it is complete.
    pub(super) const fn checkpoint(self) -> Option<&'static str> {
        match self {
            Self::Postgres => None,
            Self::Sqlite => Some("PRAGMA wal_checkpoint(TRUNCATE)"),
        }
    }

    /// The n-th placeholder of a statement with thousands of them. SQLite finds a numbered one by
    /// searching a list, on every execution, which makes 256 rows cost more than the commit.
    pub(super) fn placeholder(self, n: usize) -> String {
        match self {
            Self::Postgres => format!("${n}"),
            Self::Sqlite => "?".to_owned(),
        }
    }

    /// Keeps other processes from adding to the audit in between.
    pub(super) const fn lock_audit(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("LOCK TABLE audit IN EXCLUSIVE MODE"),
            Self::Sqlite => None,
        }
    }

    /// Concurrent conclusions of one submission must lock it to see each other's rows.
    pub(super) const fn locks_rows(self) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => false,
        }
    }
}
