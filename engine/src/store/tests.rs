//! What can only be seen from inside: connections, and commits that fail.

use std::path::Path;

use sqlx::Row as _;

use super::operation::Tx;
use super::*;

fn file_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("deep/er/push.db").display())
}

/// Reads what the writer's connection answers to a statement.
struct Ask(&'static str);

impl Operation for Ask {
    type Answer = String;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<String, StoreError> {
        let rows = tx.rows(sqlx::query(self.0)).await?;
        Ok(first_value(&rows[0]))
    }
}

/// Breaks a rule that is only checked by the commit.
struct Orphan;

impl Operation for Orphan {
    type Answer = ();

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.run(sqlx::query("PRAGMA defer_foreign_keys = ON"))
            .await?;
        let orphan = "INSERT INTO outbox (delivery_id, url, created_ms, attempts, next_ms, state) \
             VALUES ('nobody', '', 0, 0, 0, 'waiting')";
        tx.run(sqlx::query(orphan)).await?;
        Ok(())
    }
}

fn first_value(row: &AnyRow) -> String {
    row.try_get::<i64, _>(0)
        .map(|number| number.to_string())
        .or_else(|_| row.try_get(0))
        .unwrap()
}

#[tokio::test]
async fn sqlite_is_built_as_the_workspace_says() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&file_in(folder.path()), "a").await.unwrap();
    let rows = store.rows(sqlx::query("PRAGMA compile_options")).await;
    let options: Vec<String> = rows.unwrap().iter().map(first_value).collect();
    let has = |name: &str| options.iter().any(|option| option == name);
    assert!(has("DEFAULT_MEMSTATUS=0"), "{options:?}");
    assert!(!has("ENABLE_MEMORY_MANAGEMENT"), "{options:?}");
    store.close().await.unwrap();
}

#[tokio::test]
async fn every_sqlite_connection_has_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&file_in(folder.path()), "a").await.unwrap();
    let settings = [
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA busy_timeout", "10000"),
    ];
    let mut readers = Vec::new();
    for _ in 0..store.inner.readers.options().get_max_connections() {
        readers.push(store.inner.readers.acquire().await.unwrap());
    }
    // A commit does not wait for the disk: the log is synced before it is answered.
    let synchronous = "PRAGMA synchronous";
    assert_eq!(store.write(Ask(synchronous)).await.unwrap(), "1");
    for reader in &mut readers {
        let row = sqlx::query(synchronous).fetch_one(&mut **reader).await;
        assert_eq!(first_value(&row.unwrap()), "2");
    }
    for (question, expected) in settings {
        assert_eq!(store.write(Ask(question)).await.unwrap(), expected);
        for reader in &mut readers {
            let row = sqlx::query(question)
                .fetch_one(&mut **reader)
                .await
                .unwrap();
            assert_eq!(first_value(&row), expected);
        }
    }
    let written = sqlx::query("DELETE FROM lease")
        .execute(&mut *readers[0])
        .await;
    assert!(written.is_err(), "the read pool must not write");
}

#[tokio::test]
async fn a_failed_commit_ends_all_writing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&file_in(folder.path()), "a").await.unwrap();
    assert!(store.write(Ask("SELECT 1")).await.is_ok());
    let (first, second) = tokio::join!(store.write(Orphan), store.write(Ask("SELECT 1")));
    assert!(matches!(first, Err(StoreError::Failed)));
    assert!(matches!(second, Err(StoreError::Failed)));
    let later = store.write(Ask("SELECT 1")).await;
    assert!(matches!(later, Err(StoreError::Failed)));
    assert!(
        store.channels().await.unwrap().is_empty(),
        "reading goes on"
    );
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_log_that_cannot_be_synced_ends_all_writing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&file_in(folder.path()), "a").await.unwrap();
    assert!(store.write(Ask("SELECT 1")).await.is_ok());
    std::fs::remove_file(folder.path().join("deep/er/push.db-wal")).unwrap();
    for _ in 0..2 {
        let refused = store.write(Ask("SELECT 1")).await;
        assert!(matches!(refused, Err(StoreError::Failed)), "{refused:?}");
    }
    store.failure().await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_second_process_is_told_which_file_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let url = file_in(folder.path());
    let store = Store::open(&url, "a").await.unwrap();
    match Store::open(&url, "b").await {
        Err(StoreError::InUse { lock_file }) => {
            assert_eq!(lock_file, folder.path().join("deep/er/push.db.lock"));
        }
        other => panic!("{other:?}"),
    }
    store.clone().close().await.unwrap();
    assert!(matches!(
        store.write(Ask("SELECT 1")).await,
        Err(StoreError::Closed)
    ));
    assert!(
        !folder.path().join("deep/er/push.db-wal").exists(),
        "closing moves everything into the main file"
    );
    Store::open(&url, "b").await.unwrap();
}

#[tokio::test]
async fn other_addresses_are_refused_without_their_secrets() {
    for url in [
        "mysql://user:secret@host/db",
        "sqlite::memory:",
        "sqlite:a?mode=ro",
        "push.db",
    ] {
        match Store::open(url, "a").await {
            Err(error @ StoreError::Url { .. }) => {
                assert!(!error.to_string().contains("secret"), "{error}");
            }
            other => panic!("{url}: {other:?}"),
        }
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../migrations")
            .join(database);
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}
