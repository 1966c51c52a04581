//! What was answered is there, whatever happens next.

use pushcast_engine::store::{Store, SubmissionState};
use tokio::task::JoinSet;

use super::fixtures::{submission, submit};
use super::place::Place;

super::stories!(a_dropped_store_loses_nothing);

async fn a_dropped_store_loses_nothing(place: &Place) {
    let store = place.open("a").await;
    for number in 0..10 {
        submit(&store, submission(&number.to_string())).await;
    }
    drop(store);
    let store = place.open("b").await;
    let counts = store.counts_by_state().await.unwrap();
    assert!(counts.contains(&(SubmissionState::Queued, 10)));
}

/// The files as a killed process leaves them: no close, no checkpoint.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_a_killed_process_hold_what_was_answered() {
    let place = Place::sqlite();
    let store = place.open("a").await;
    let mut tasks = JoinSet::new();
    for number in 0..500 {
        let store = store.clone();
        tasks.spawn(async move { submit(&store, submission(&number.to_string())).await });
    }
    tasks.join_all().await;
    let killed = tempfile::tempdir().unwrap();
    for name in ["push.db", "push.db-wal"] {
        let from = place.folder().unwrap().join(name);
        std::fs::copy(from, killed.path().join(name)).unwrap();
    }
    let url = format!("sqlite:{}", killed.path().join("push.db").display());
    let copy = Store::open(&url, "b").await.unwrap();
    let counts = copy.counts_by_state().await.unwrap();
    assert!(
        counts.contains(&(SubmissionState::Queued, 500)),
        "{counts:?}"
    );
}
