use tokio::time::timeout;

use super::*;
use crate::model::submission::{Authentication, PapVersion};
use crate::model::{Body, Content, Lineage, Sha256, Submission};
use crate::store::{Claim, FIRST_ATTEMPT};

const NOW: u64 = 1_800_000_000_000;

fn push(name: &str, bytes: usize) -> Claimed {
    let submission = Submission {
        id: name.parse().unwrap(),
        initiator: "pi".parse().unwrap(),
        authentication: Authentication::Basic,
        push_id: name.parse().unwrap(),
        lineage: Lineage::first(&name.parse().unwrap()),
        request_sha256: Sha256([1; 32]),
        pap_version: PapVersion { major: 2, minor: 0 },
        pi_lists_versions: false,
        received_ms: NOW,
        deliver_after_ms: None,
        deliver_before_ms: NOW + 1,
        deliver_before_given: false,
        source_reference: None,
        notify_url: None,
        progress_notes: false,
        quality_of_service: None,
        addresses: Vec::new(),
        content: Content {
            content_type: "text/plain".to_owned(),
            headers: Vec::new(),
            body: Body::Inline(vec![0; bytes]),
        },
    };
    Claimed {
        claim: Claim {
            submission: submission.id.clone(),
            attempt: FIRST_ATTEMPT,
        },
        submission: submission.into(),
        pending: [].into(),
    }
}

fn names(batch: &[Claimed]) -> Vec<&str> {
    let names = batch.iter().map(|push| push.submission.id.as_str());
    names.collect()
}

#[tokio::test]
async fn what_is_stored_comes_out_in_its_order_and_the_rest_does_not() {
    let backlog = Backlog::default();
    for name in ["a", "b", "c"] {
        let place = backlog.place(push(name, 10)).unwrap();
        match name {
            // A duplicate.
            "b" => place.leave(),
            // Whether the answer came or the caller went away: it may be stored.
            _ => drop(place),
        }
    }
    assert_eq!(names(&backlog.next().await), ["a", "c"]);
    let waiting = backlog.waiting();
    assert_eq!((waiting.places, waiting.bytes), (0, 0));
}

#[tokio::test]
async fn a_batch_has_its_limit() {
    let backlog = Backlog::default();
    for number in 0..=BATCH {
        drop(backlog.place(push(&number.to_string(), 0)));
    }
    assert_eq!(backlog.next().await.len(), BATCH);
    assert_eq!(names(&backlog.next().await), [BATCH.to_string()]);
}

#[test]
fn there_is_room_for_so_much_and_no_more() {
    let backlog = Backlog::default();
    let most = usize::try_from(MAX_WAITING_BYTES).unwrap();
    let place = backlog.place(push("long", most)).unwrap();
    assert!(backlog.place(push("more", 0)).is_none());
    place.leave();
    let places: Vec<_> = (0..MAX_WAITING)
        .map(|number| backlog.place(push(&number.to_string(), 0)).unwrap())
        .collect();
    assert!(backlog.place(push("more", 0)).is_none());
    drop(places);
    assert!(backlog.place(push("more", 0)).is_none());
}

#[tokio::test]
async fn several_are_answered_first_and_nobody_overtakes_those_who_wait() {
    let backlog = Backlog::default();
    let few: Vec<_> = (1..SEVERAL).map(|_| backlog.enter()).collect();
    assert!(!backlog.comes_first());
    let another = backlog.enter();
    assert!(backlog.comes_first());
    drop(backlog.place(push("a", 0)));
    drop((few, another));
    assert!(backlog.comes_first());
    backlog.next().await;
    assert!(!backlog.comes_first());
}

#[tokio::test]
async fn once_the_oldest_is_old_one_comes_in_for_each_that_goes_out() {
    let backlog = Backlog::default();
    let turn = |age_ms: u64| backlog.turn(move || NOW + age_ms);
    let has_turn = async |age_ms| timeout(Duration::ZERO, turn(age_ms)).await.is_ok();
    assert!(has_turn(MAX_AGE_MS).await, "nobody waits");
    for number in 0..BATCH + 2 {
        drop(backlog.place(push(&number.to_string(), 0)));
    }
    assert!(has_turn(MAX_AGE_MS - 1).await);
    assert!(!has_turn(MAX_AGE_MS).await);
    let (batch, ()) = tokio::join!(backlog.next(), turn(MAX_AGE_MS));
    for _ in 1..batch.len() {
        assert!(has_turn(MAX_AGE_MS).await);
    }
    assert!(!has_turn(MAX_AGE_MS).await);
    // With the last of them everybody comes in.
    let waiting = async { tokio::join!(turn(MAX_AGE_MS), turn(MAX_AGE_MS), turn(MAX_AGE_MS)) };
    tokio::join!(waiting, backlog.next());
}

#[tokio::test(start_paused = true)]
async fn planning_pauses_for_a_crowd_and_for_nobody_else() {
    let backlog = Backlog::default();
    let took = Duration::from_millis(20);
    let paused = async |age_ms: u64| {
        let began = Instant::now();
        backlog.give_way(took, NOW, || NOW + age_ms).await;
        began.elapsed()
    };
    assert_eq!(paused(0).await, Duration::ZERO);
    let crowd: Vec<_> = (0..CROWD).map(|_| backlog.enter()).collect();
    let pause = took * PAUSES;
    assert!((pause..pause + LOOK).contains(&paused(0).await));
    assert_eq!(paused(MAX_AGE_MS).await, Duration::ZERO);
    drop(crowd);
    assert_eq!(paused(0).await, Duration::ZERO, "it was seen long ago");
    drop((0..CROWD).map(|_| backlog.enter()).collect::<Vec<_>>());
    let answered = Duration::from_millis(CROWD_MS);
    assert!((answered..answered + LOOK).contains(&paused(0).await));
}
