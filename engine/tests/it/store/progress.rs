//! Transmissions advance, deliveries end, submissions close.

use pushcast_engine::model::{ChannelName, MessageState, Transmission, TransmissionState};
use pushcast_engine::store::{Change, StoreError, SubmissionState};

use super::fixtures::{
    HOUR, NOW, claim_all, on_air, outcome, plan, submission, submit, transmission, with_addresses,
};
use super::place::Place;

super::stories!(
    a_transmission_advances,
    the_first_outcome_wins,
    a_submission_closes_when_all_is_over,
    planning_can_end_deliveries,
    what_was_cancelled_is_not_sent,
    running_transmissions_survive_a_restart,
    what_nobody_sends_expires,
    states_that_end_nothing_are_refused,
    tois_of_an_old_epoch_are_not_sent,
);

fn ended(transmission: &Transmission, at_ms: u64) -> Change {
    Change::Ended {
        transmission: transmission.id.clone(),
        state: TransmissionState::Ended,
        desc: "all passes".to_owned(),
        at_ms,
    }
}

fn delivered(transmission: &Transmission, at_ms: u64) -> Change {
    Change::Deliver {
        delivery: transmission.delivery_id.clone(),
        outcome: outcome(MessageState::Delivered, at_ms),
    }
}

async fn a_transmission_advances(place: &Place) {
    let store = place.open("a").await;
    let planned = on_air(&store, submission("one"), 9).await.remove(0);
    let id = planned.id.clone();
    assert_eq!(
        store.transmission(&id).await.unwrap(),
        Some(planned.clone())
    );
    let first_packet = |at_ms| Change::FirstPacket {
        transmission: id.clone(),
        at_ms,
    };
    let pass_done = |passes_done| Change::PassDone {
        transmission: id.clone(),
        passes_done,
    };
    let transmitted = |at_ms| Change::Transmitted {
        transmission: id.clone(),
        at_ms,
    };
    store
        .conclude(vec![first_packet(NOW + 1), first_packet(NOW + 2)])
        .await
        .unwrap();
    store
        .conclude(vec![pass_done(1), transmitted(NOW + 3)])
        .await
        .unwrap();
    store
        .conclude(vec![pass_done(2), pass_done(1), transmitted(NOW + 9)])
        .await
        .unwrap();
    let expected = Transmission {
        first_packet_ms: Some(NOW + 1),
        transmitted_ms: Some(NOW + 3),
        passes_done: 2,
        state: TransmissionState::Transmitted,
        ..planned.clone()
    };
    assert_eq!(
        store.transmission(&id).await.unwrap(),
        Some(expected.clone())
    );
    store
        .conclude(vec![ended(&planned, NOW + 4), ended(&planned, NOW + 5)])
        .await
        .unwrap();
    let expected = Transmission {
        state: TransmissionState::Ended,
        ended_ms: Some(NOW + 4),
        desc: "all passes".to_owned(),
        ..expected
    };
    let of_delivery = store.transmissions_of_delivery(&planned.delivery_id);
    assert_eq!(of_delivery.await.unwrap(), [expected]);
}

async fn the_first_outcome_wins(place: &Place) {
    let store = place.open("a").await;
    let sent = on_air(&store, with_addresses("one", 1), 1).await.remove(0);
    let late = Change::Deliver {
        delivery: sent.delivery_id.clone(),
        outcome: outcome(MessageState::Expired, NOW + 2),
    };
    let first = store
        .conclude(vec![delivered(&sent, NOW + 1)])
        .await
        .unwrap();
    assert_eq!(first.ended, std::slice::from_ref(&sent.delivery_id));
    let second = store
        .conclude(vec![late, delivered(&sent, NOW + 3)])
        .await
        .unwrap();
    assert!(second.ended.is_empty());
    let delivery = store.delivery(&sent.delivery_id).await.unwrap().unwrap();
    let expected = outcome(MessageState::Delivered, NOW + 1);
    assert_eq!(delivery.state, expected.state);
    assert_eq!(delivery.event_ms, expected.event_ms);
    assert_eq!(delivery.code, expected.code);
    assert_eq!(delivery.bearer, expected.bearer);
    assert_eq!(store.outbox_depth().await.unwrap().waiting, 1);
}

async fn a_submission_closes_when_all_is_over(place: &Place) {
    let store = place.open("a").await;
    let sent = on_air(&store, with_addresses("one", 2), 1).await;
    let open = store
        .conclude(vec![
            delivered(&sent[0], NOW + 1),
            ended(&sent[0], NOW + 2),
            delivered(&sent[1], NOW + 3),
        ])
        .await
        .unwrap();
    assert_eq!(open.closed, 0, "the second is still on the air");
    let closed = store
        .conclude(vec![ended(&sent[1], NOW + 4)])
        .await
        .unwrap();
    assert_eq!(closed.closed, 1);
    let summary = store.summary(&submission("one").id).await.unwrap().unwrap();
    assert_eq!(summary.state, SubmissionState::Done);
    assert_eq!(summary.closed_at_ms, Some(NOW + 4));
    let counts = store.counts_by_state().await.unwrap();
    assert_eq!(
        counts,
        [
            (SubmissionState::Done, 1),
            (SubmissionState::Planned, 0),
            (SubmissionState::Queued, 0)
        ]
    );
    let again = store
        .conclude(vec![ended(&sent[1], NOW + 5)])
        .await
        .unwrap();
    assert_eq!(again.closed, 0);
}

async fn planning_can_end_deliveries(place: &Place) {
    let store = place.open("a").await;
    submit(&store, with_addresses("one", 2)).await;
    let claimed = claim_all(&store, NOW).await.remove(0);
    let mut plan = plan(&claimed, 1);
    plan.transmissions.clear();
    plan.outcomes = claimed
        .pending
        .iter()
        .map(|delivery| {
            (
                delivery.id.clone(),
                outcome(MessageState::Undeliverable, NOW),
            )
        })
        .collect();
    assert!(store.plan(plan).await.unwrap().is_empty());
    let summary = store.summary(&claimed.submission.id).await.unwrap();
    assert_eq!(summary.unwrap().state, SubmissionState::Done);
    assert_eq!(store.outbox_depth().await.unwrap().waiting, 2);
}

async fn what_was_cancelled_is_not_sent(place: &Place) {
    let store = place.open("a").await;
    submit(&store, with_addresses("one", 2)).await;
    let claimed = claim_all(&store, NOW).await.remove(0);
    let plan = plan(&claimed, 1);
    let cancelled = Change::Deliver {
        delivery: claimed.pending[0].id.clone(),
        outcome: outcome(MessageState::Cancelled, NOW),
    };
    store.conclude(vec![cancelled]).await.unwrap();
    let stored = store.plan(plan.clone()).await.unwrap();
    assert_eq!(stored.len(), 1);
    assert!(stored.contains(&plan.transmissions[1].id));
    let sent = store.transmissions_of_submission(&claimed.submission.id);
    assert_eq!(sent.await.unwrap().len(), 1);
}

async fn running_transmissions_survive_a_restart(place: &Place) {
    let store = place.open("a").await;
    let sent = on_air(&store, with_addresses("one", 3), 1).await;
    store
        .conclude(vec![
            ended(&sent[0], NOW + 1),
            Change::Transmitted {
                transmission: sent[1].id.clone(),
                at_ms: NOW + 1,
            },
        ])
        .await
        .unwrap();
    store.close().await.unwrap();
    let store = place.open("b").await;
    let running = store.running_transmissions().await.unwrap();
    assert_eq!(running.len(), 2);
    assert_eq!(running[0].state, TransmissionState::Transmitted);
    assert_eq!(running[1], sent[2]);
}

async fn what_nobody_sends_expires(place: &Place) {
    let store = place.open("a").await;
    let sent = on_air(&store, submission("sent"), 1).await.remove(0);
    submit(&store, submission("waits")).await;
    assert_eq!(store.next_expiry().await.unwrap(), Some(NOW + HOUR));
    assert!(store.expired(NOW + HOUR - 1, 10).await.unwrap().is_empty());
    let expired = store.expired(NOW + HOUR, 10).await.unwrap();
    assert_eq!(expired.len(), 1);
    assert_eq!(expired[0].submission_id, submission("waits").id);
    store.conclude(vec![ended(&sent, NOW + 1)]).await.unwrap();
    let expired = store.expired(NOW + HOUR, 10).await.unwrap();
    assert_eq!(
        expired.len(),
        2,
        "the lane is done with it, but never delivered it"
    );
    assert_eq!(store.expired(NOW + HOUR, 1).await.unwrap().len(), 1);
    let changes = expired
        .into_iter()
        .map(|delivery| Change::Deliver {
            delivery: delivery.id,
            outcome: outcome(MessageState::Expired, NOW + HOUR),
        })
        .collect();
    assert_eq!(store.conclude(changes).await.unwrap().closed, 2);
    assert!(store.expired(NOW + HOUR, 10).await.unwrap().is_empty());
    assert!(claim_all(&store, NOW + HOUR).await.is_empty());
    assert_eq!(store.next_expiry().await.unwrap(), None);
}

async fn states_that_end_nothing_are_refused(place: &Place) {
    let store = place.open("a").await;
    let sent = on_air(&store, submission("one"), 1).await.remove(0);
    let pending = Change::Deliver {
        delivery: sent.delivery_id.clone(),
        outcome: outcome(MessageState::Pending, NOW),
    };
    let on_air = Change::Ended {
        transmission: sent.id.clone(),
        state: TransmissionState::OnAir,
        desc: String::new(),
        at_ms: NOW,
    };
    for change in [pending, on_air] {
        let refused = store.conclude(vec![delivered(&sent, NOW), change]).await;
        assert!(matches!(refused, Err(StoreError::NotFinal { .. })));
    }
    let delivery = store.delivery(&sent.delivery_id).await.unwrap().unwrap();
    assert_eq!(
        delivery.state,
        MessageState::Pending,
        "nothing of a refused batch stays"
    );
}

async fn tois_of_an_old_epoch_are_not_sent(place: &Place) {
    let store = place.open("a").await;
    submit(&store, submission("one")).await;
    let claimed = claim_all(&store, NOW).await.remove(0);
    let lab: ChannelName = "lab".parse().unwrap();
    store.reserve_fdt_ids(&lab, 5, 1).await.unwrap();
    let mut plan = plan(&claimed, 1);
    let fenced = store.plan(plan.clone()).await;
    assert!(matches!(fenced, Err(StoreError::Fenced { epoch: 1, .. })));
    plan.transmissions = vec![Transmission {
        epoch: 5,
        ..transmission(&claimed.pending[0], 2)
    }];
    assert_eq!(store.plan(plan).await.unwrap().len(), 1);
}
