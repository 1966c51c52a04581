//! Finished submissions are forgotten.

use pushcast_engine::model::{Body, MessageState, Sha256, Submission};
use pushcast_engine::store::{Change, Purge, Store, Submitted};

use super::fixtures::{HOUR, NOW, claim_all, deliveries, outcome, plan, submission, submit};
use super::place::Place;

super::stories!(
    shared_files_stay_until_nobody_names_them,
    push_ids_are_remembered,
    what_is_open_or_unnotified_stays,
);

const SHARED: Sha256 = Sha256([8; 32]);

fn purge() -> Purge {
    Purge {
        now_ms: NOW + HOUR,
        finished_before_ms: NOW + 10,
        remember_until_ms: NOW + 2 * HOUR,
        limit: 10,
    }
}

fn sharing(name: &str) -> Submission {
    let mut submission = submission(name);
    submission.content.body = Body::File {
        sha256: SHARED,
        bytes: 70_000,
    };
    submission
}

async fn finish(store: &Store, submission: &Submission, at_ms: u64) {
    let mut changes: Vec<Change> = deliveries(submission)
        .into_iter()
        .map(|delivery| Change::Deliver {
            delivery: delivery.id,
            outcome: outcome(MessageState::Delivered, at_ms),
        })
        .collect();
    let sent = store.transmissions_of_submission(&submission.id);
    changes.extend(sent.await.unwrap().into_iter().map(|sent| Change::Ended {
        transmission: sent.id,
        state: pushcast_engine::model::TransmissionState::Ended,
        desc: String::new(),
        at_ms,
    }));
    let concluded = store.conclude(changes).await.unwrap();
    assert_eq!(concluded.closed, 1);
}

async fn shared_files_stay_until_nobody_names_them(place: &Place) {
    let store = place.open("a").await;
    let (first, second) = (sharing("first"), sharing("second"));
    submit(&store, first.clone()).await;
    let claimed = claim_all(&store, NOW).await.remove(0);
    let mut plan = plan(&claimed, 1);
    let mut sent = plan.transmissions[0].clone();
    sent.object.octets = None;
    plan.transmissions = vec![sent.clone()];
    store.plan(plan).await.unwrap();
    submit(&store, second.clone()).await;
    finish(&store, &first, NOW + 1).await;
    let purged = store.purge(purge()).await.unwrap();
    assert_eq!(purged.submissions, 1);
    assert_eq!(
        purged.unnamed,
        [sent.object.sha256],
        "the body is still named"
    );
    assert_eq!(store.submission(&first.id).await.unwrap(), None);
    assert_eq!(store.delivery(&sent.delivery_id).await.unwrap(), None);
    assert_eq!(store.transmission(&sent.id).await.unwrap(), None);
    finish(&store, &second, NOW + 2).await;
    let purged = store.purge(purge()).await.unwrap();
    assert_eq!(purged.unnamed, [SHARED]);
    submit(&store, sharing("third")).await;
    let leftover = Sha256([9; 32]);
    let unnamed = store.unnamed(vec![SHARED, leftover]).await.unwrap();
    assert_eq!(unnamed, [leftover]);
}

async fn push_ids_are_remembered(place: &Place) {
    let store = place.open("a").await;
    let first = submission("first");
    submit(&store, first.clone()).await;
    finish(&store, &first, NOW + 1).await;
    assert_eq!(store.purge(purge()).await.unwrap().submissions, 1);
    let again = Submission {
        id: "again".parse().unwrap(),
        received_ms: NOW + HOUR,
        ..first
    };
    let answer = store.submit(again.clone(), deliveries(&again)).await;
    assert_eq!(
        answer.unwrap(),
        Submitted::Duplicate {
            received_ms: NOW,
            same_request: true
        }
    );
    let later = Purge {
        now_ms: NOW + 2 * HOUR + 1,
        ..purge()
    };
    assert_eq!(store.purge(later).await.unwrap().push_ids, 1);
    submit(&store, again).await;
}

async fn what_is_open_or_unnotified_stays(place: &Place) {
    let store = place.open("a").await;
    let open = submission("open");
    let late = submission("late");
    let mut unnotified = submission("unnotified");
    unnotified.notify_url = Some("http://pi.example/".to_owned());
    for submission in [&open, &late, &unnotified] {
        submit(&store, submission.clone()).await;
    }
    finish(&store, &late, NOW + 10).await;
    finish(&store, &unnotified, NOW + 1).await;
    assert_eq!(store.purge(purge()).await.unwrap().submissions, 0);
    let delivery = deliveries(&unnotified).remove(0).id;
    store.notification_done(&delivery).await.unwrap();
    assert_eq!(store.purge(purge()).await.unwrap().submissions, 1);
    assert!(store.summary(&late.id).await.unwrap().is_some());
    assert!(store.summary(&open.id).await.unwrap().is_some());
}
