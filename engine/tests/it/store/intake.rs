//! Submissions come in.

use pushcast_engine::model::{Body, ChannelName, Sha256, Submission, Transmission};
use pushcast_engine::store::{StoreError, SubmissionState, Submitted};
use tokio::task::JoinSet;

use super::fixtures::{
    NOW, claim_all, deliveries, submission, submit, transmission, with_addresses,
};
use super::place::Place;

super::stories!(
    what_is_submitted_is_read_back,
    a_push_id_is_taken_once,
    one_bad_row_costs_no_neighbour,
    thousands_at_once_share_commits,
    callers_that_give_up_disturb_nobody,
    a_plan_is_stored_with_its_submission,
    a_plan_of_an_old_epoch_stores_nothing,
    unreadable_rows_are_named,
);

async fn what_is_submitted_is_read_back(place: &Place) {
    let store = place.open("a").await;
    let mut in_file = with_addresses("file", 3);
    in_file.content.body = Body::File {
        sha256: Sha256([7; 32]),
        bytes: 1 << 40,
    };
    let mut empty = submission("empty");
    empty.content.body = Body::Inline(Vec::new());
    empty.source_reference = None;
    for submission in [submission("inline"), in_file, empty] {
        submit(&store, submission.clone()).await;
        let read = store.submission(&submission.id).await.unwrap();
        assert_eq!(read.as_ref(), Some(&submission));
        let (summary, read) = store
            .deliveries_by_push_id(&submission.initiator, &submission.push_id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(read, deliveries(&submission));
        assert_eq!(summary.state, SubmissionState::Queued);
        assert_eq!(summary.body_bytes, submission.content.body.len());
        assert_eq!(
            store.delivery(&read[0].id).await.unwrap().as_ref(),
            Some(&read[0])
        );
        assert_eq!(store.summary(&submission.id).await.unwrap(), Some(summary));
    }
    let unknown = submission("unknown");
    assert_eq!(store.submission(&unknown.id).await.unwrap(), None);
    let found = store.deliveries_by_push_id(&unknown.initiator, &unknown.push_id);
    assert_eq!(found.await.unwrap(), None);
}

/// The same push-id from the same initiator, with another id and request.
fn again(first: &Submission, number: u8) -> Submission {
    Submission {
        id: format!("{}-{number}", first.id).parse().unwrap(),
        request_sha256: Sha256([number; 32]),
        received_ms: first.received_ms + u64::from(number),
        ..first.clone()
    }
}

async fn a_push_id_is_taken_once(place: &Place) {
    let store = place.open("a").await;
    let first = submission("first");
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        let attempt = again(&first, number);
        let deliveries = deliveries(&attempt);
        tasks.spawn(async move {
            let received_ms = attempt.received_ms;
            (
                received_ms,
                store.submit(attempt, deliveries).await.unwrap(),
            )
        });
    }
    let answers = tasks.join_all().await;
    let stored: Vec<u64> = answers
        .iter()
        .filter(|(_, answer)| *answer == Submitted::Stored)
        .map(|(received_ms, _)| *received_ms)
        .collect();
    assert_eq!(stored.len(), 1);
    for (received_ms, answer) in answers {
        if received_ms != stored[0] {
            assert_eq!(
                answer,
                Submitted::Duplicate {
                    received_ms: stored[0],
                    same_request: false
                }
            );
        }
    }
    let number = u8::try_from(stored[0] - NOW).unwrap();
    let mut repeat = again(&first, number);
    repeat.id = "another".parse().unwrap();
    let answer = store.submit(repeat.clone(), deliveries(&repeat)).await;
    assert_eq!(
        answer.unwrap(),
        Submitted::Duplicate {
            received_ms: stored[0],
            same_request: true
        }
    );
    let other = Submission {
        id: "other".parse().unwrap(),
        initiator: "another pi".parse().unwrap(),
        ..first
    };
    submit(&store, other).await;
}

async fn one_bad_row_costs_no_neighbour(place: &Place) {
    let store = place.open("a").await;
    submit(&store, submission("taken")).await;
    let mut tasks = JoinSet::new();
    for number in 0..200 {
        let store = store.clone();
        tasks.spawn(async move {
            let mut submission = submission(&format!("{number}"));
            if number % 50 == 7 {
                submission.id = "s-taken".parse().unwrap();
            }
            let deliveries = deliveries(&submission);
            (number, store.submit(submission, deliveries).await)
        });
    }
    for (number, answer) in tasks.join_all().await {
        match answer {
            Ok(Submitted::Stored) => assert_ne!(number % 50, 7),
            Err(StoreError::Database(_)) => assert_eq!(number % 50, 7),
            other => panic!("{number}: {other:?}"),
        }
    }
    let counts = store.counts_by_state().await.unwrap();
    assert!(
        counts.contains(&(SubmissionState::Queued, 197)),
        "{counts:?}"
    );
}

async fn thousands_at_once_share_commits(place: &Place) {
    const SUBMISSIONS: usize = 5000;
    let store = place.open("a").await;
    let before = store.stats().operations();
    let mut tasks = JoinSet::new();
    for number in 0..SUBMISSIONS {
        let store = store.clone();
        tasks.spawn(async move { submit(&store, submission(&number.to_string())).await });
    }
    assert_eq!(tasks.join_all().await.len(), SUBMISSIONS);
    let stats = store.stats();
    let operations = stats.operations() - before;
    assert_eq!(operations, SUBMISSIONS as u64);
    assert!(stats.largest_batch() > 1);
    assert!(stats.commits() < operations, "{stats:?}");
    assert!(stats.commit_time() >= stats.slowest_commit());
    let counts = store.counts_by_state().await.unwrap();
    assert!(counts.contains(&(SubmissionState::Queued, SUBMISSIONS as u64)));
    assert_eq!(store.waiting(), 0);
}

async fn callers_that_give_up_disturb_nobody(place: &Place) {
    let store = place.open("a").await;
    let mut tasks = JoinSet::new();
    for number in 0..400 {
        let store = store.clone();
        tasks.spawn(async move {
            let submission = with_addresses(&number.to_string(), 2);
            let deliveries = deliveries(&submission);
            let submitting = store.submit(submission, deliveries);
            if number % 2 == 0 {
                assert_eq!(submitting.await.unwrap(), Submitted::Stored);
            } else {
                // Polled once, so that it may stand anywhere on its way, then dropped.
                drop(tokio::time::timeout(std::time::Duration::ZERO, submitting).await);
            }
        });
    }
    assert_eq!(tasks.join_all().await.len(), 400);
    for number in 0..400 {
        let id = submission(&number.to_string()).id;
        let deliveries = store.deliveries(&id).await.unwrap();
        match store.submission(&id).await.unwrap() {
            Some(_) => assert_eq!(deliveries.len(), 2),
            None => {
                assert_eq!(number % 2, 1);
                assert!(deliveries.is_empty());
            }
        }
    }
}

async fn unreadable_rows_are_named(place: &Place) {
    let store = place.open("a").await;
    submit(&store, submission("good")).await;
    submit(&store, submission("bad")).await;
    place
        .execute("UPDATE submission SET headers = '{' WHERE id = 's-bad'")
        .await;
    let bad = submission("bad").id;
    match store.submission(&bad).await {
        Err(StoreError::Corrupt { table, column, id }) => {
            assert_eq!(
                (table, column, id),
                ("submission", "headers", bad.to_string())
            );
        }
        other => panic!("{other:?}"),
    }
    let due = store.claim_due(NOW, 10, NOW + 1).await.unwrap();
    assert_eq!(due.claimed.len(), 1, "the good one is not held up");
    assert_eq!(due.unreadable.len(), 1);
    for (table, column) in [
        ("submission", "state"),
        ("submission", "pap_version"),
        ("submission", "push_id"),
        ("delivery", "state"),
        ("delivery", "bearer"),
    ] {
        let key = match table {
            "submission" => "id",
            _ => "submission_id",
        };
        let sql = format!("UPDATE {table} SET {column} = '\u{1}' WHERE {key} = 's-good'");
        place.execute(&sql).await;
        let read = store.submission(&submission("good").id).await;
        assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
    }
}

/// A transmission for each address.
fn planned(submission: &Submission, toi: u32) -> Vec<Transmission> {
    let deliveries = deliveries(submission);
    let numbered = (toi..).zip(&deliveries);
    numbered
        .map(|(toi, delivery)| transmission(delivery, toi))
        .collect()
}

async fn a_plan_is_stored_with_its_submission(place: &Place) {
    let store = place.open("a").await;
    let first = with_addresses("first", 2);
    let sent = planned(&first, 1);
    let stored = store.submit_planned(first.clone(), deliveries(&first), sent.clone());
    assert_eq!(stored.await.unwrap(), Submitted::Stored);
    let summary = store.summary(&first.id).await.unwrap().unwrap();
    assert_eq!(summary.state, SubmissionState::Planned);
    let mut read = store.transmissions_of_submission(&first.id).await.unwrap();
    read.sort_by_key(|transmission| transmission.toi);
    assert_eq!(read, sent);
    assert!(
        claim_all(&store, NOW).await.is_empty(),
        "nobody plans it again"
    );

    let second = again(&first, 2);
    let refused = store.submit_planned(second.clone(), deliveries(&second), planned(&second, 3));
    assert!(matches!(
        refused.await.unwrap(),
        Submitted::Duplicate { .. }
    ));
    let nothing = store.transmissions_of_submission(&second.id).await.unwrap();
    assert_eq!(nothing, [], "what is a duplicate is not sent");
}

async fn a_plan_of_an_old_epoch_stores_nothing(place: &Place) {
    let store = place.open("a").await;
    let lab: ChannelName = "lab".parse().unwrap();
    store.reserve_fdt_ids(&lab, 5, 1).await.unwrap();
    let one = submission("one");
    let fenced = store.submit_planned(one.clone(), deliveries(&one), planned(&one, 1));
    let fenced = fenced.await;
    assert!(matches!(fenced, Err(StoreError::Fenced { epoch: 1, .. })));
    assert_eq!(store.submission(&one.id).await.unwrap(), None);
}
