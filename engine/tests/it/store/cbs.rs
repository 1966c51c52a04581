//! Cell Broadcast messages: one text for each serial number, whatever happens.

use pushcast_engine::model::{
    Bearer, CbsMessage, CbsProgress, CbsState, CellCount, LinkName, MessageState, Outcome, Sha256,
    StatusCode, Submission, Transmission,
};
use pushcast_engine::store::{Change, CodeRequest, Plan, Sending, Store, StoreError, Submitted};

use super::fixtures::{NOW, claim_all, deliveries, plan, submission, submit, transmission};
use super::place::Place;

super::stories!(
    codes_rest_before_they_are_used_again,
    old_epochs_get_no_codes_and_store_no_messages,
    one_serial_number_has_one_message,
    messages_advance_and_are_never_left,
    a_kill_is_stored_before_anybody_is_asked,
    messages_without_a_transmission_end_at_start,
    a_message_is_stored_with_its_submission,
);

fn link() -> LinkName {
    "one".parse().unwrap()
}

fn request(epoch: i64, count: u16) -> CodeRequest {
    CodeRequest {
        link: link(),
        message_id: 919,
        epoch,
        count,
        codes: 1024,
        busy_after_ms: NOW,
    }
}

/// The message of a transmission.
fn message(submission: &Submission, sent: &Transmission, serial: u16, epoch: i64) -> CbsMessage {
    let id = format!("message-{}", submission.push_id);
    CbsMessage {
        submission_id: submission.id.clone(),
        channel: sent.channel.clone(),
        link: link(),
        toi: sent.toi,
        position: 0,
        message_id: 919,
        serial,
        epoch,
        pages_sha256: Sha256([7; 32]),
        broadcast: "{}".to_owned(),
        earlier: None,
        stamps: vec![(id.clone(), 1)],
        id,
        state: CbsState::Asked,
        planned_ms: NOW,
        until_ms: NOW + 3_600_000,
        taken_ms: None,
        killed_ms: None,
        ended_ms: None,
        cells: None,
        desc: String::new(),
    }
}

/// What carries it.
fn broadcast(sent: Transmission) -> Transmission {
    Transmission {
        bearer: Bearer::Cbs,
        ..sent
    }
}

/// A plan with one message for its one delivery.
async fn planned(store: &Store, name: &str, serial: u16, epoch: i64) -> (Plan, CbsMessage) {
    submit(store, submission(name)).await;
    let claimed = claim_all(store, NOW).await.remove(0);
    let plan = plan(&claimed, 919 << 16 | u32::from(serial));
    let sent = plan.transmissions[0].clone();
    let message = message(&claimed.submission, &sent, serial, epoch);
    let plan = Plan {
        transmissions: vec![broadcast(sent)],
        messages: vec![message.clone()],
        ..plan
    };
    (plan, message)
}

fn progress(message: &CbsMessage, state: CbsState, at_ms: u64) -> Change {
    Change::Cbs(CbsProgress {
        id: message.id.clone(),
        state,
        at_ms,
        cells: None,
        desc: None,
    })
}

async fn codes_rest_before_they_are_used_again(place: &Place) {
    let store = place.open("a").await;
    assert_eq!(store.reserve_codes(request(1, 3)).await.unwrap(), [0, 1, 2]);
    assert_eq!(store.reserve_codes(request(1, 2)).await.unwrap(), [3, 4]);
    let (plan, message) = planned(&store, "a", 0x4050, 1).await;
    store.plan(plan).await.unwrap();
    // Code 5 is on the air.
    assert_eq!(store.reserve_codes(request(1, 2)).await.unwrap(), [6, 7]);
    store
        .conclude(vec![progress(&message, CbsState::Done, NOW + 10)])
        .await
        .unwrap();
    let around = CodeRequest {
        count: 1024,
        ..request(1, 0)
    };
    let resting = store.reserve_codes(around.clone()).await.unwrap();
    assert_eq!(resting.len(), 1023);
    assert!(!resting.contains(&5), "its number rests");
    assert!(store.is_serial_taken(&link(), 919, 0x4050).await.unwrap());
    let rested = CodeRequest {
        busy_after_ms: NOW + 10,
        ..around
    };
    assert_eq!(store.reserve_codes(rested).await.unwrap().len(), 1024);
    assert!(!store.is_serial_taken(&link(), 919, 0x4050).await.unwrap());
    let etws = CodeRequest {
        message_id: 4355,
        codes: 256,
        count: 1024,
        ..request(1, 0)
    };
    assert_eq!(store.reserve_codes(etws).await.unwrap().len(), 256);
}

async fn old_epochs_get_no_codes_and_store_no_messages(place: &Place) {
    let store = place.open("a").await;
    store.reserve_codes(request(2, 1)).await.unwrap();
    let refused = store.reserve_codes(request(1, 1)).await;
    assert!(
        matches!(refused, Err(StoreError::Fenced { epoch: 1, .. })),
        "{refused:?}"
    );
    let (plan, _) = planned(&store, "a", 0x4010, 1).await;
    let refused = store.plan(plan).await;
    assert!(
        matches!(refused, Err(StoreError::Fenced { epoch: 1, .. })),
        "{refused:?}"
    );
}

async fn one_serial_number_has_one_message(place: &Place) {
    let store = place.open("a").await;
    let (first, message) = planned(&store, "a", 0x4010, 1).await;
    let (second, _) = planned(&store, "b", 0x4010, 1).await;
    let toi = first.transmissions[0].toi;
    let channel = message.channel.clone();
    store.plan(first).await.unwrap();
    assert!(store.plan(second).await.is_err(), "the number is taken");
    assert_eq!(store.cbs_messages(&channel, toi).await.unwrap(), [message]);
}

async fn messages_advance_and_are_never_left(place: &Place) {
    let store = place.open("a").await;
    let (plan, message) = planned(&store, "a", 0x4010, 1).await;
    store.plan(plan).await.unwrap();
    let cells = CellCount {
        installed: 40,
        failed: 2,
        broadcasts: 480,
    };
    let told = Change::Cbs(CbsProgress {
        id: message.id.clone(),
        state: CbsState::OnAir,
        at_ms: NOW + 1,
        cells: Some(cells),
        desc: None,
    });
    store.conclude(vec![told]).await.unwrap();
    let stored = store.cbs_message(&message.id).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.taken_ms),
        (CbsState::OnAir, Some(NOW + 1))
    );
    assert_eq!(stored.cells, Some(cells));
    let end = progress(&message, CbsState::Done, NOW + 2);
    let late = progress(&message, CbsState::Refused, NOW + 3);
    store.conclude(vec![end, late]).await.unwrap();
    let stored = store.cbs_message(&message.id).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.ended_ms),
        (CbsState::Done, Some(NOW + 2))
    );
    assert_eq!(
        store.cbs_messages_of(&message.submission_id).await.unwrap(),
        [stored]
    );
}

async fn a_kill_is_stored_before_anybody_is_asked(place: &Place) {
    let store = place.open("a").await;
    let (plan, message) = planned(&store, "a", 0x4010, 1).await;
    let sent = plan.transmissions[0].clone();
    store.plan(plan).await.unwrap();
    let cancelled = Outcome {
        state: MessageState::Cancelled,
        code: StatusCode::Ok,
        desc: "cancelled".to_owned(),
        event_ms: NOW + 5,
        bearer: None,
    };
    let deliveries = vec![sent.delivery_id.clone()];
    let without = store
        .withdraw(
            Vec::new(),
            Vec::new(),
            deliveries.clone(),
            cancelled.clone(),
        )
        .await
        .unwrap();
    assert_eq!(without.ended, [], "something is on the air");
    let killed = vec![(sent.channel.clone(), sent.toi)];
    let with = store
        .withdraw(Vec::new(), killed, deliveries.clone(), cancelled)
        .await
        .unwrap();
    assert_eq!((with.ended, with.closed), (deliveries, 0));
    let stored = store.cbs_message(&message.id).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.killed_ms),
        (CbsState::Killing, Some(NOW + 5))
    );
    // An answer that comes late does not bring it back.
    let late = progress(&message, CbsState::OnAir, NOW + 6);
    store.conclude(vec![late]).await.unwrap();
    let stored = store.cbs_message(&message.id).await.unwrap().unwrap();
    assert_eq!(stored.state, CbsState::Killing);
    let gone = progress(&message, CbsState::Killed, NOW + 7);
    store.conclude(vec![gone]).await.unwrap();
    let stored = store.cbs_message(&message.id).await.unwrap().unwrap();
    assert_eq!(stored.state, CbsState::Killed);
}

async fn messages_without_a_transmission_end_at_start(place: &Place) {
    let store = place.open("a").await;
    let (plan, message) = planned(&store, "a", 0x4010, 1).await;
    let sent = plan.transmissions[0].clone();
    store.plan(plan).await.unwrap();
    assert_eq!(store.end_cbs_orphans(NOW + 1).await.unwrap(), 0);
    let ended = Change::Ended {
        transmission: sent.id,
        state: pushcast_engine::model::TransmissionState::Withdrawn,
        desc: String::new(),
        at_ms: NOW + 2,
    };
    store.conclude(vec![ended]).await.unwrap();
    assert_eq!(store.end_cbs_orphans(NOW + 3).await.unwrap(), 1);
    let stored = store.cbs_message(&message.id).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.ended_ms),
        (CbsState::Killed, Some(NOW + 3))
    );
}

async fn a_message_is_stored_with_its_submission(place: &Place) {
    let store = place.open("a").await;
    let first = submission("first");
    let sent = broadcast(transmission(&deliveries(&first)[0], 1));
    let with = |submission: &Submission, epoch| Sending {
        transmissions: vec![sent.clone()],
        messages: vec![message(submission, &sent, 0x4050, epoch)],
    };
    let stored = store.submit_planned(first.clone(), deliveries(&first), with(&first, 1));
    assert_eq!(stored.await.unwrap(), Submitted::Stored);
    assert!(store.is_serial_taken(&link(), 919, 0x4050).await.unwrap());
    let again = Submission {
        id: "s-again".parse().unwrap(),
        ..first.clone()
    };
    let again = store.submit_planned(again.clone(), deliveries(&again), with(&again, 1));
    assert!(matches!(again.await.unwrap(), Submitted::Duplicate { .. }));
    store.reserve_codes(request(2, 1)).await.unwrap();
    let late = submission("late");
    let sending = Sending {
        transmissions: vec![broadcast(transmission(&deliveries(&late)[0], 2))],
        messages: vec![message(&late, &sent, 0x4060, 1)],
    };
    let fenced = store.submit_planned(late.clone(), deliveries(&late), sending);
    let fenced = fenced.await;
    assert!(
        matches!(fenced, Err(StoreError::Fenced { epoch: 1, .. })),
        "{fenced:?}"
    );
    assert_eq!(store.submission(&late.id).await.unwrap(), None);
}
