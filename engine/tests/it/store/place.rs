//! Where a story happens.

use pushcast_engine::store::{Dialect, Store, StoreError};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;
use url::Url;

/// An empty database.
pub(crate) struct Place {
    url: String,
    /// Keeps the folder of a SQLite file.
    folder: Option<TempDir>,
    server: Option<String>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite:{}", folder.path().join("push.db").display()),
            folder: Some(folder),
            server: None,
        }
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("PUSHCAST_TEST_POSTGRES") else {
            eprintln!("SKIPPED postgres: PUSHCAST_TEST_POSTGRES is not set");
            return None;
        };
        let name = format!("story_{}", uuid::Uuid::now_v7().simple());
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        let mut url = Url::parse(&server).unwrap();
        url.set_path(&name);
        Some(Self {
            url: url.into(),
            folder: None,
            server: Some(server),
        })
    }

    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_ref().map(TempDir::path)
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.folder {
            Some(_) => Dialect::Sqlite,
            None => Dialect::Postgres,
        }
    }

    /// Opens the store as `owner`, as soon as an earlier one is really gone.
    pub(crate) async fn open(&self, owner: &str) -> Store {
        loop {
            match Store::open(&self.url, owner).await {
                Err(StoreError::InUse { .. }) => tokio::task::yield_now().await,
                store => return store.unwrap(),
            }
        }
    }

    /// Runs a statement beside the store.
    pub(crate) async fn execute(&self, sql: &str) {
        execute(&self.url, sql).await;
    }

    pub(crate) async fn leave(self) {
        if let Some(server) = &self.server {
            let name = Url::parse(&self.url).unwrap().path()[1..].to_owned();
            execute(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn execute(url: &str, sql: &str) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.close().await.unwrap();
}
