//! SQLite's log on its way to the disk, beside the writer.
//!
//! ```text
//!  writer:       transaction 1 │ transaction 2 │ transaction 3 │ ...
//!  beside it:                  └─ sync ─▶ answers 1 └─ sync ─▶ answers 2 and 3
//! ```
//!
//! A commit alone only appends to the log. It is on stable storage once the log is synced; the log
//! is read from its start, so one sync is good for all commits before it. Answers wait for that,
//! the next transaction does not. Whoever reads may see a commit a moment before it is synced.
//!
//! After a sync that fails nobody knows what is on the disk, and another one that succeeds proves
//! nothing. So everything is refused from then on.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::{mpsc, watch};

use super::error::StoreError;
use super::operation::{Write, finish};
use super::stats::Stats;
use super::together;

/// Commits that may wait for a sync, beside those that one is under way for. Then the writer waits.
const MAX_UNSYNCED: usize = 8;

/// A commit and those who wait for it.
pub(super) struct Committed {
    pub(super) writes: Vec<Write>,
    /// When its commit began.
    pub(super) began: Instant,
}

/// SQLite's log.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// The log of a database that somebody has open. Without one there is an error: a file system
    /// that cannot hold it makes SQLite keep another journal, without saying so.
    pub(super) fn beside(database: &Path) -> Result<Self, StoreError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Io { path, source }
        };
        // SQLite too follows links before it names the log.
        let path = database.canonicalize().map_err(failed(database))?;
        let mut path = path.into_os_string();
        path.push("-wal");
        let path = PathBuf::from(path);
        let file = File::open(&path).map_err(failed(&path))?;
        Ok(Self { path, file })
    }

    /// The folder that it lies in.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.path.parent()
    }

    /// Has everything that was appended on stable storage.
    fn sync(&mut self) -> io::Result<()> {
        // The last connection to close takes the log away, and the next one makes another.
        if self.file.metadata()?.nlink() == 0 {
            self.file = File::open(&self.path)?;
        }
        self.file.sync_data()
    }
}

/// The thread that syncs.
#[derive(Debug)]
pub(super) struct LogSync {
    inbox: mpsc::Sender<Committed>,
    /// Commits that are not answered yet.
    unsynced: watch::Sender<usize>,
    failed: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl LogSync {
    /// Starts it on a processor. It tells `failed` when a sync has failed.
    pub(super) fn start(
        mut log: Log,
        processor: Option<usize>,
        stats: Arc<Stats>,
        failed: watch::Sender<bool>,
    ) -> Result<Self, StoreError> {
        let sync = move || log.sync();
        Self::start_with(sync, processor, stats, failed)
    }

    fn start_with(
        sync: impl FnMut() -> io::Result<()> + Send + 'static,
        processor: Option<usize>,
        stats: Arc<Stats>,
        failed: watch::Sender<bool>,
    ) -> Result<Self, StoreError> {
        let (inbox, committed) = mpsc::channel(MAX_UNSYNCED);
        let unsynced = watch::Sender::new(0);
        let syncing = Syncing {
            sync,
            stats,
            failed: failed.clone(),
            unsynced: unsynced.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("store-sync".to_owned())
            .spawn(move || {
                if let Some(processor) = processor {
                    together::stay_on(processor);
                }
                syncing.run(committed);
            })
            .map_err(StoreError::Thread)?;
        Ok(Self {
            inbox,
            unsynced,
            failed,
            thread,
        })
    }

    /// Has a commit synced and answered.
    pub(super) async fn answer(&self, committed: Committed) {
        self.unsynced.send_modify(|commits| *commits += 1);
        if let Err(mpsc::error::SendError(committed)) = self.inbox.send(committed).await {
            tracing::error!("the thread that syncs is gone, the store accepts no more writes");
            self.failed.send_replace(true);
            finish(committed.writes, || Err(StoreError::Failed));
        }
    }

    /// Completes once everything is answered.
    pub(super) async fn idle(&self) {
        let mut unsynced = self.unsynced.subscribe();
        tokio::select! {
            _ = unsynced.wait_for(|commits| *commits == 0) => {}
            () = self.inbox.closed() => {}
        }
    }

    /// Ends the thread once everything is answered.
    pub(super) fn close(self) {
        drop(self.inbox);
        if self.thread.join().is_err() {
            tracing::error!("the thread that syncs has panicked");
        }
    }
}

/// What the thread has.
struct Syncing<S> {
    sync: S,
    stats: Arc<Stats>,
    failed: watch::Sender<bool>,
    unsynced: watch::Sender<usize>,
}

impl<S: FnMut() -> io::Result<()>> Syncing<S> {
    fn run(mut self, mut inbox: mpsc::Receiver<Committed>) {
        let mut waiting = Vec::with_capacity(MAX_UNSYNCED);
        while inbox.blocking_recv_many(&mut waiting, MAX_UNSYNCED) > 0 {
            let is_safe = self.is_safe();
            // The writer goes on first, those who wait after it.
            let commits = waiting.len();
            self.unsynced
                .send_modify(|unsynced| *unsynced = unsynced.saturating_sub(commits));
            for Committed { writes, began } in waiting.drain(..) {
                if is_safe {
                    self.stats.durable(began.elapsed());
                }
                finish(writes, || is_safe.then_some(()).ok_or(StoreError::Failed));
            }
        }
    }

    /// Whether all that was committed is on stable storage now.
    fn is_safe(&mut self) -> bool {
        if *self.failed.borrow() {
            return false;
        }
        match (self.sync)() {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "the log cannot be synced, the store accepts no more writes");
                self.failed.send_replace(true);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as blocking;

    use tokio::sync::oneshot;

    use super::*;

    /// A thread whose syncs end as the test says, each after it has told that it began.
    struct Bench {
        sync: LogSync,
        began: blocking::Receiver<()>,
        end: blocking::Sender<io::Result<()>>,
        failed: watch::Receiver<bool>,
    }

    fn bench() -> Bench {
        let (begin, began) = blocking::channel();
        let (end, ended) = blocking::channel();
        let (failing, failed) = watch::channel(false);
        let sync = move || {
            begin.send(()).unwrap();
            ended.recv().unwrap()
        };
        Bench {
            sync: LogSync::start_with(sync, None, Arc::default(), failing).unwrap(),
            began,
            end,
            failed,
        }
    }

    type Answer = oneshot::Receiver<Result<(), StoreError>>;

    async fn commit(sync: &LogSync) -> Answer {
        let (sender, answer) = oneshot::channel();
        let committed = Committed {
            writes: vec![Write::Close(sender)],
            began: Instant::now(),
        };
        sync.answer(committed).await;
        answer
    }

    #[tokio::test]
    async fn answers_wait_for_a_sync_that_began_after_the_commit() {
        let bench = bench();
        let mut first = commit(&bench.sync).await;
        bench.began.recv().unwrap();
        let mut others = [commit(&bench.sync).await, commit(&bench.sync).await];
        assert!(first.try_recv().is_err(), "nothing is synced");
        bench.end.send(Ok(())).unwrap();
        assert!(matches!(first.await, Ok(Ok(()))));
        bench.began.recv().unwrap();
        for answer in &mut others {
            assert!(answer.try_recv().is_err(), "that sync began before them");
        }
        bench.end.send(Ok(())).unwrap();
        for answer in others {
            assert!(
                matches!(answer.await, Ok(Ok(()))),
                "one sync is good for both"
            );
        }
        bench.sync.idle().await;
        bench.sync.close();
        assert!(bench.began.try_recv().is_err(), "there were two syncs");
        assert!(!*bench.failed.borrow());
    }

    #[tokio::test]
    async fn after_a_sync_that_fails_nothing_is_accepted() {
        let bench = bench();
        let first = commit(&bench.sync).await;
        bench.began.recv().unwrap();
        let second = commit(&bench.sync).await;
        bench.end.send(Err(io::ErrorKind::Other.into())).unwrap();
        for answer in [first, second, commit(&bench.sync).await] {
            assert!(matches!(answer.await, Ok(Err(StoreError::Failed))));
        }
        assert!(*bench.failed.borrow());
        bench.sync.close();
        assert!(bench.began.try_recv().is_err(), "it is not tried again");
    }

    #[tokio::test]
    async fn a_thread_that_is_gone_refuses() {
        let bench = bench();
        drop(bench.end);
        let lost = commit(&bench.sync).await;
        assert!(
            lost.await.is_err(),
            "the store is closed for whoever waited"
        );
        bench.sync.idle().await;
        let later = commit(&bench.sync).await;
        assert!(matches!(later.await, Ok(Err(StoreError::Failed))));
        assert!(*bench.failed.borrow());
    }

    #[test]
    fn a_log_that_was_made_anew_is_opened_anew() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let database = folder.join("push.db");
        let path = folder.join("push.db-wal");
        std::fs::write(&database, "").unwrap();
        match Log::beside(&database) {
            Err(StoreError::Io { path: named, .. }) => assert_eq!(named, path),
            other => panic!("{other:?}"),
        }
        std::fs::write(&path, "old").unwrap();
        let mut log = Log::beside(&database).unwrap();
        log.sync().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(log.sync().unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::write(&path, "new").unwrap();
        log.sync().unwrap();
        let inode = |file: std::fs::Metadata| file.ino();
        assert_eq!(
            inode(log.file.metadata().unwrap()),
            inode(path.metadata().unwrap())
        );
    }
}
