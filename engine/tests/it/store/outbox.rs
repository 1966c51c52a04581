//! Result notifications wait, are claimed, and end.

use pushcast_engine::model::MessageState;
use pushcast_engine::store::{Change, OutboxDepth};

use super::fixtures::{NOW, deliveries, outcome, submission, submit, with_addresses};
use super::place::Place;

super::stories!(a_notification_lives, no_address_no_notification);

async fn a_notification_lives(place: &Place) {
    let store = place.open("a").await;
    let submission = with_addresses("one", 3);
    submit(&store, submission.clone()).await;
    let ids: Vec<_> = deliveries(&submission)
        .into_iter()
        .map(|it| it.id)
        .collect();
    let changes = (1..)
        .zip(&ids)
        .map(|(later, delivery)| Change::Deliver {
            delivery: delivery.clone(),
            outcome: outcome(MessageState::Delivered, NOW + later),
        })
        .collect();
    store.conclude(changes).await.unwrap();
    assert_eq!(store.next_notification_due().await.unwrap(), Some(NOW + 1));
    assert_eq!(
        store.outbox_depth().await.unwrap(),
        OutboxDepth {
            waiting: 3,
            oldest_ms: Some(NOW + 1)
        }
    );
    let first = store
        .claim_notifications(NOW + 5, 2, NOW + 50)
        .await
        .unwrap();
    let claimed: Vec<_> = first.iter().map(|it| it.delivery.clone()).collect();
    assert_eq!(claimed, ids[..2]);
    assert_eq!(first[0].url, "http://pi.example/notify");
    assert_eq!((first[0].created_ms, first[0].attempt), (NOW + 1, 1));
    let rest = store
        .claim_notifications(NOW + 5, 9, NOW + 50)
        .await
        .unwrap();
    assert_eq!(rest.len(), 1, "claims are exclusive");

    store.notification_done(&ids[0]).await.unwrap();
    store
        .notification_retry(&ids[1], NOW + 20, "503")
        .await
        .unwrap();
    store.notification_failed(&ids[2], "410").await.unwrap();
    store
        .notification_retry(&ids[2], NOW, "late")
        .await
        .unwrap();
    assert_eq!(store.next_notification_due().await.unwrap(), Some(NOW + 20));
    let again = store
        .claim_notifications(NOW + 20, 9, NOW + 30)
        .await
        .unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!((&again[0].delivery, again[0].attempt), (&ids[1], 2));
    let forgotten = store
        .claim_notifications(NOW + 30, 9, NOW + 40)
        .await
        .unwrap();
    assert_eq!(forgotten.len(), 1, "a claim that ran out comes again");
    store.notification_done(&ids[1]).await.unwrap();
    assert_eq!(store.next_notification_due().await.unwrap(), None);
    assert_eq!(store.outbox_depth().await.unwrap(), OutboxDepth::default());
}

async fn no_address_no_notification(place: &Place) {
    let store = place.open("a").await;
    let submission = submission("quiet");
    submit(&store, submission.clone()).await;
    let delivery = deliveries(&submission).remove(0).id;
    let outcome = outcome(MessageState::Delivered, NOW);
    let concluded = store
        .conclude(vec![Change::Deliver { delivery, outcome }])
        .await
        .unwrap();
    assert_eq!(concluded.closed, 1);
    assert_eq!(store.next_notification_due().await.unwrap(), None);
}
