//! What is submitted is counted with it.

use pushcast_engine::store::{Purge, QuotaUse, Submitted, day_of};

use super::fixtures::{NOW, deliveries, submission, submit};
use super::place::Place;

super::stories!(
    what_is_stored_is_counted_once,
    days_are_counted_apart_and_forgotten,
);

const DAY_MS: u64 = 86_400_000;

async fn what_is_stored_is_counted_once(place: &Place) {
    let store = place.open("a").await;
    let first = submission("first");
    let addresses = first.addresses.len() as u64;
    let initiator = first.initiator.clone();
    submit(&store, first.clone()).await;
    submit(&store, submission("second")).await;
    let mut again = first;
    again.id = "another".parse().unwrap();
    let known = deliveries(&again);
    let answer = store.submit(again, known).await.unwrap();
    assert!(matches!(answer, Submitted::Duplicate { .. }));
    let expected = QuotaUse {
        submissions: 2,
        addresses: 2 * addresses,
    };
    let day = day_of(NOW);
    assert_eq!(store.quota_used(&initiator, day).await.unwrap(), expected);
    store.close().await.unwrap();
    let store = place.open("b").await;
    assert_eq!(store.quota_used(&initiator, day).await.unwrap(), expected);
    let other = "other".parse().unwrap();
    let nothing = store.quota_used(&other, day).await.unwrap();
    assert_eq!(nothing, QuotaUse::default());
}

async fn days_are_counted_apart_and_forgotten(place: &Place) {
    let store = place.open("a").await;
    let today = submission("today");
    let initiator = today.initiator.clone();
    let mut tomorrow = submission("tomorrow");
    tomorrow.received_ms += DAY_MS;
    submit(&store, today).await;
    submit(&store, tomorrow).await;
    let day = day_of(NOW);
    let used = async |day| store.quota_used(&initiator, day).await.unwrap().submissions;
    assert_eq!((used(day).await, used(day + 1).await), (1, 1));
    let purge = Purge {
        now_ms: NOW + 8 * DAY_MS,
        finished_before_ms: 0,
        remember_until_ms: 0,
        limit: 10,
    };
    store.purge(purge).await.unwrap();
    assert_eq!((used(day).await, used(day + 1).await), (0, 1));
}
