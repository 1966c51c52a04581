//! What can go wrong in the store.

use std::path::PathBuf;

use crate::model::{ChannelName, SubmissionId};

/// A refused or failed operation. Nothing of it is stored, except where a variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The claim ran out and the submission is another's, or it is finished.
    #[error("submission {submission} is no longer claimed by this attempt")]
    ClaimLost {
        /// The submission.
        submission: SubmissionId,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The database holds a value that its type does not know.
    #[error("column {column} of {table} {id:?} holds a value that cannot be read")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// Key of the row; empty if that is what cannot be read.
        id: String,
    },
    /// The database refused a statement.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
    /// A commit failed, so what is on disk is not known: the process must end and start again.
    #[error("a commit failed, nothing is written any more")]
    Failed,
    /// Another owner came after this epoch.
    #[error("epoch {epoch} of {name} is over")]
    Fenced {
        /// Lease or channel.
        name: String,
        /// The epoch given.
        epoch: i64,
    },
    /// Another process has the database open.
    #[error("another process holds {}", lock_file.display())]
    InUse {
        /// The file that it has locked.
        lock_file: PathBuf,
    },
    /// The database's folder or lock file cannot be made.
    #[error("cannot prepare {}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A new row has a key that another one has.
    #[error("a key is taken")]
    KeyTaken,
    /// The tables could not be brought up to date.
    #[error("migrating the database failed")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Every TOI of the session is in use.
    #[error("channel {channel} has no free TOI")]
    NoFreeToi {
        /// The channel.
        channel: ChannelName,
    },
    /// A state that ends something was asked for, and the one given ends nothing.
    #[error("{state} is not a final state")]
    NotFinal {
        /// The state given.
        state: &'static str,
    },
    /// What was to be changed is not as the caller knew it, or not there.
    #[error("{what} has been changed in the meantime")]
    Stale {
        /// What.
        what: &'static str,
    },
    /// The thread that writes cannot be started.
    #[error("the thread that writes cannot be started")]
    Thread(#[source] std::io::Error),
    /// The connection to the database is gone; a later write may succeed.
    #[error("the database cannot be reached")]
    Unavailable,
    /// A definition has no JSON form.
    #[error("a row of {table} cannot be encoded")]
    Unencodable {
        /// Table.
        table: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// The database address is not one of `sqlite:FILE` and `postgres://..`.
    #[error("{url:?} is neither sqlite:FILE nor postgres://HOST/DATABASE")]
    Url {
        /// As given, without user and password.
        url: String,
    },
}
