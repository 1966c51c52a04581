//! Deliveries are withdrawn and replaced, all or nothing.

use std::collections::HashSet;

use pushcast_engine::model::{
    Delivery, DeliveryId, Lineage, MessageState, StatusCode, Submission, TransmissionState,
};
use pushcast_engine::store::{Replaced, Replacing, Store, SubmissionState};

use super::fixtures::{
    NOW, claim_all, deliveries, on_air, outcome, plan, submission, submit, with_addresses,
};
use super::place::Place;

super::stories!(
    what_waits_is_withdrawn,
    what_may_be_sent_is_withdrawn_only_with_its_transmission,
    a_replacement_cancels_what_it_can,
    nothing_pending_leaves_nothing_behind,
    a_used_push_id_replaces_nothing,
    what_came_before_is_found_over_those_that_were_never_sent,
);

/// States and codes of a submission's deliveries.
async fn states(store: &Store, submission: &Submission) -> Vec<(MessageState, StatusCode)> {
    let deliveries = store.deliveries(&submission.id).await.unwrap();
    deliveries
        .iter()
        .map(|delivery| (delivery.state, delivery.code))
        .collect()
}

/// A push to so many addresses that takes the place of `old`, address for address.
fn replacing(name: &str, old: &Submission, addresses: usize, only_pending: bool) -> Replacing {
    let mut new = with_addresses(name, addresses);
    new.lineage = old.lineage.successor(old.id.clone());
    let olds = deliveries(old);
    let pair = |new: Delivery| {
        let old = olds.iter().find(|old| old.address == new.address);
        (new, old.map(|old| old.id.clone()))
    };
    Replacing {
        deliveries: deliveries(&new).into_iter().map(pair).collect(),
        submission: new,
        withdrawn: Vec::new(),
        only_pending,
        at_ms: NOW + 5,
    }
}

async fn what_waits_is_withdrawn(place: &Place) {
    let store = place.open("a").await;
    let push = with_addresses("one", 2);
    submit(&store, push.clone()).await;
    let ids: Vec<DeliveryId> = deliveries(&push).into_iter().map(|one| one.id).collect();
    let cancelled = outcome(MessageState::Cancelled, NOW + 1);
    let withdraw = |ids: &[DeliveryId]| {
        store.withdraw(Vec::new(), Vec::new(), ids.to_vec(), cancelled.clone())
    };
    let first = withdraw(&ids[..1]).await.unwrap();
    assert_eq!((first.ended, first.closed), (ids[..1].to_vec(), 0));
    let both = withdraw(&ids).await.unwrap();
    assert_eq!((both.ended, both.closed), (ids[1..].to_vec(), 1));
    assert_eq!(store.outbox_depth().await.unwrap().waiting, 2);
    let summary = store.summary(&push.id).await.unwrap().unwrap();
    assert_eq!(summary.state, SubmissionState::Done);
}

async fn what_may_be_sent_is_withdrawn_only_with_its_transmission(place: &Place) {
    let store = place.open("a").await;
    let sent = on_air(&store, submission("one"), 9).await.remove(0);
    let ids = vec![sent.delivery_id.clone()];
    let cancelled = outcome(MessageState::Cancelled, NOW + 1);
    let without = store.withdraw(Vec::new(), Vec::new(), ids.clone(), cancelled.clone());
    assert!(without.await.unwrap().ended.is_empty());
    let with = store.withdraw(vec![sent.id.clone()], Vec::new(), ids.clone(), cancelled);
    assert_eq!(with.await.unwrap().ended, ids);
    let stored = store.transmission(&sent.id).await.unwrap().unwrap();
    assert_eq!(stored.state, TransmissionState::Withdrawn);
    assert!(store.running_transmissions().await.unwrap().is_empty());
}

async fn a_replacement_cancels_what_it_can(place: &Place) {
    let store = place.open("a").await;
    let old = with_addresses("old", 1);
    submit(&store, old.clone()).await;
    let new = replacing("new", &old, 2, true);
    let replaced = store.replace(new.clone()).await.unwrap();
    let cancelled = vec![deliveries(&old)[0].id.clone()];
    assert_eq!(replaced, Replaced::Stored { cancelled });
    assert_eq!(
        states(&store, &old).await,
        [(MessageState::Cancelled, StatusCode::Ok)]
    );
    // The second address had no push that could be cancelled: it hears so.
    assert_eq!(
        states(&store, &new.submission).await,
        [
            (MessageState::Pending, StatusCode::Ok),
            (MessageState::Rejected, StatusCode::CancellationNotPossible)
        ]
    );
    assert_eq!(store.outbox_depth().await.unwrap().waiting, 2);
    let read = store.submission(&new.submission.id).await.unwrap().unwrap();
    let lineage = Lineage {
        origin: old.push_id.clone(),
        revision: 2,
        replaces: Some(old.id.clone()),
    };
    assert_eq!(read.lineage, lineage);
}

async fn nothing_pending_leaves_nothing_behind(place: &Place) {
    let store = place.open("a").await;
    let old = submission("old");
    on_air(&store, old.clone(), 9).await;
    let strict = replacing("new", &old, 1, true);
    let replaced = store.replace(strict).await.unwrap();
    assert_eq!(replaced, Replaced::NothingPending);
    let new = replacing("new", &old, 1, false);
    assert!(store.summary(&new.submission.id).await.unwrap().is_none());
    // To all: the new one is stored beside the old one.
    let cancelled = Vec::new();
    let replaced = store.replace(new.clone()).await.unwrap();
    assert_eq!(replaced, Replaced::Stored { cancelled });
    assert_eq!(states(&store, &old).await[0].0, MessageState::Pending);
    assert_eq!(
        states(&store, &new.submission).await[0].0,
        MessageState::Pending
    );
}

async fn a_used_push_id_replaces_nothing(place: &Place) {
    let store = place.open("a").await;
    let (old, other) = (submission("old"), with_addresses("other", 1));
    submit(&store, old.clone()).await;
    submit(&store, other.clone()).await;
    let again = replacing("other", &old, 1, false);
    let replaced = store.replace(again).await.unwrap();
    let duplicate = Replaced::Duplicate {
        received_ms: NOW,
        same_request: true,
    };
    assert_eq!(replaced, duplicate);
    assert_eq!(states(&store, &old).await[0].0, MessageState::Pending);
}

/// A push that takes the place of `old` for its first address alone.
async fn replaced_by(store: &Store, name: &str, old: &Submission) -> Submission {
    let replacing = replacing(name, old, 1, false);
    let new = replacing.submission.clone();
    let replaced = store.replace(replacing).await.unwrap();
    assert!(matches!(replaced, Replaced::Stored { .. }), "{replaced:?}");
    new
}

async fn what_came_before_is_found_over_those_that_were_never_sent(place: &Place) {
    let store = place.open("a").await;
    let old = with_addresses("one", 2);
    on_air(&store, old.clone(), 1).await;
    let never_sent = replaced_by(&store, "two", &old).await;
    let new = replaced_by(&store, "three", &never_sent).await;
    let states = states(&store, &never_sent).await;
    assert_eq!(states[0].0, MessageState::Cancelled);
    let before = store.predecessors_on_air(&new.id).await.unwrap();
    assert_eq!(before, std::slice::from_ref(&old.id));
    assert!(store.taken_over(&old.id).await.unwrap().is_empty());
    let claimed = claim_all(&store, NOW + 5).await;
    assert_eq!(claimed.len(), 1);
    store.plan(plan(&claimed[0], 9)).await.unwrap();
    let taken_over = store.taken_over(&old.id).await.unwrap();
    let expected: HashSet<String> = [old.addresses[0].key().to_owned()].into();
    assert_eq!(taken_over, expected);
    let first = store.predecessors_on_air(&old.id).await.unwrap();
    assert!(first.is_empty(), "it replaces nothing");
}
