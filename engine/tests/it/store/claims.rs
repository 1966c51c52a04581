//! Submissions come due and are claimed.

use std::collections::HashSet;

use pushcast_engine::model::Priority;
use pushcast_engine::store::{
    Change, Claim, Claimed, Dialect, FIRST_ATTEMPT, StoreError, SubmissionState, Submitted,
};
use tokio::task::JoinSet;

use super::fixtures::{HOUR, NOW, claim_all, deliveries, plan, submission, submit, urgent};
use super::place::Place;

super::stories!(
    urgent_ones_come_first_then_older_ones,
    each_goes_to_one_claimer,
    claims_run_out_and_late_planners_change_nothing,
    claims_can_be_given_back,
    claims_of_the_dead_do_not_hold_up_the_living,
    what_is_stored_as_claimed_is_planned_by_nobody_else,
);

async fn urgent_ones_come_first_then_older_ones(place: &Place) {
    let store = place.open("a").await;
    assert_eq!(store.next_due().await.unwrap(), None);
    submit(&store, urgent("low", Priority::Low, NOW - 5)).await;
    submit(&store, urgent("high-late", Priority::High, NOW)).await;
    submit(&store, urgent("high", Priority::High, NOW - 1)).await;
    submit(&store, submission("medium")).await;
    submit(&store, urgent("tomorrow", Priority::High, NOW + 24 * HOUR)).await;
    assert_eq!(store.next_due().await.unwrap(), Some(NOW - 5));
    let first = store.claim_due(NOW, 3, NOW + 10).await.unwrap();
    let second = store.claim_due(NOW, 3, NOW + 10).await.unwrap();
    let order: Vec<String> = first
        .claimed
        .iter()
        .chain(&second.claimed)
        .map(|claimed| claimed.submission.id.to_string())
        .collect();
    assert_eq!(order, ["s-high", "s-high-late", "s-medium", "s-low"]);
    assert_eq!(store.next_due().await.unwrap(), Some(NOW + 10));
    assert_eq!(first.claimed[0].claim.attempt, 1);
    assert_eq!(first.claimed[0].pending.len(), 1);
}

async fn each_goes_to_one_claimer(place: &Place) {
    const SUBMISSIONS: usize = 120;
    let store = place.open("a").await;
    for number in 0..SUBMISSIONS {
        submit(&store, submission(&number.to_string())).await;
    }
    let mut stores = vec![store.clone()];
    if place.dialect() == Dialect::Postgres {
        stores.push(place.open("b").await);
        stores.push(place.open("c").await);
    }
    let mut claimers = JoinSet::new();
    for number in 0..12 {
        let store = stores[number % stores.len()].clone();
        claimers.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let due = store.claim_due(NOW, 7, NOW + HOUR).await.unwrap();
                if due.claimed.is_empty() {
                    return mine;
                }
                mine.extend(due.claimed.into_iter().map(|it| it.claim.submission));
            }
        });
    }
    let claimed: Vec<_> = claimers.join_all().await.into_iter().flatten().collect();
    let distinct: HashSet<_> = claimed.iter().collect();
    assert_eq!(claimed.len(), distinct.len(), "nothing twice");
    let rest = claim_all(&store, NOW).await.len();
    assert_eq!(claimed.len() + rest, SUBMISSIONS, "nothing lost");
}

async fn claims_run_out_and_late_planners_change_nothing(place: &Place) {
    let store = place.open("a").await;
    submit(&store, submission("one")).await;
    let late = store.claim_due(NOW, 1, NOW + 10).await.unwrap().claimed;
    assert!(claim_all(&store, NOW + 9).await.is_empty());
    let second = claim_all(&store, NOW + 10).await;
    assert_eq!(second[0].claim.attempt, 2);
    let lost = store.plan(plan(&late[0], 1)).await;
    assert!(
        matches!(lost, Err(StoreError::ClaimLost { .. })),
        "{lost:?}"
    );
    let lost = store.requeue(late[0].claim.clone(), NOW).await;
    assert!(
        matches!(lost, Err(StoreError::ClaimLost { .. })),
        "{lost:?}"
    );
    assert_eq!(store.plan(plan(&second[0], 1)).await.unwrap().len(), 1);
    let twice = store.plan(plan(&second[0], 2)).await;
    assert!(matches!(twice, Err(StoreError::ClaimLost { .. })));
    let summary = store.summary(&second[0].submission.id).await.unwrap();
    assert_eq!(summary.unwrap().state, SubmissionState::Planned);
    let sent = store.transmissions_of_submission(&second[0].submission.id);
    assert_eq!(sent.await.unwrap().len(), 1);
    assert_eq!(store.next_due().await.unwrap(), None);
}

async fn claims_can_be_given_back(place: &Place) {
    let store = place.open("a").await;
    submit(&store, submission("one")).await;
    let claimed = claim_all(&store, NOW).await;
    let id = claimed[0].submission.id.clone();
    store
        .requeue(claimed[0].claim.clone(), NOW + 5)
        .await
        .unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(NOW + 5));
    let claimed = claim_all(&store, NOW + 5).await;
    store.plan(plan(&claimed[0], 1)).await.unwrap();
    let replan = |at_ms| Change::Replan {
        submission: id.clone(),
        at_ms,
    };
    store.conclude(vec![replan(NOW + 6)]).await.unwrap();
    let claimed = claim_all(&store, NOW + 6).await;
    assert_eq!(claimed[0].claim.attempt, 4);
    // Another channel fails while the submission is being planned: what is planned is too little.
    store.conclude(vec![replan(NOW + 7)]).await.unwrap();
    let late = store.plan(plan(&claimed[0], 2)).await;
    assert!(
        matches!(late, Err(StoreError::ClaimLost { .. })),
        "{late:?}"
    );
    let claimed = claim_all(&store, NOW + 7).await;
    store.plan(plan(&claimed[0], 2)).await.unwrap();
    let sent = store.transmissions_of_submission(&id).await.unwrap();
    assert_eq!(sent.len(), 2);
}

async fn claims_of_the_dead_do_not_hold_up_the_living(place: &Place) {
    let store = place.open("a").await;
    submit(&store, submission("1")).await;
    assert_eq!(
        store
            .claim_due(NOW, 9, NOW + HOUR)
            .await
            .unwrap()
            .claimed
            .len(),
        1
    );
    store.close().await.unwrap();
    let store = place.open("b").await;
    let released = store.take_over_claims(NOW).await.unwrap();
    let due = store.claim_due(NOW, 9, NOW + HOUR).await.unwrap();
    // Only a locked file proves that the other owner is dead.
    let expected = match place.dialect() {
        Dialect::Sqlite => 1,
        Dialect::Postgres => 0,
    };
    assert_eq!((released, due.claimed.len()), (expected as u64, expected));
}

async fn what_is_stored_as_claimed_is_planned_by_nobody_else(place: &Place) {
    let store = place.open("a").await;
    let mut claimed = Vec::new();
    for name in ["planned", "late", "left"] {
        let submission = submission(name);
        let deliveries = deliveries(&submission);
        let stored = store.submit_claimed(submission.clone(), deliveries.clone(), NOW + 10);
        assert_eq!(stored.await.unwrap(), Submitted::Stored);
        claimed.push(Claimed {
            claim: Claim {
                submission: submission.id.clone(),
                attempt: FIRST_ATTEMPT,
            },
            submission: submission.into(),
            pending: deliveries.into(),
        });
    }
    assert!(claim_all(&store, NOW + 9).await.is_empty());
    assert_eq!(store.plan(plan(&claimed[0], 1)).await.unwrap().len(), 1);
    let due = store.claim_due(NOW + 10, 1, NOW + HOUR).await.unwrap();
    assert_eq!(due.claimed[0].claim.attempt, FIRST_ATTEMPT + 1);
    assert_eq!(due.claimed[0].submission, claimed[1].submission);
    let lost = store.plan(plan(&claimed[1], 2)).await;
    assert!(
        matches!(lost, Err(StoreError::ClaimLost { .. })),
        "{lost:?}"
    );
    store.close().await.unwrap();
    let store = place.open("b").await;
    let released = store.take_over_claims(NOW).await.unwrap();
    // Only a locked file proves that the other owner is dead.
    let expected = match place.dialect() {
        Dialect::Sqlite => 2,
        Dialect::Postgres => 0,
    };
    assert_eq!(released, expected);
    assert_eq!(claim_all(&store, NOW).await.len() as u64, expected);
}
