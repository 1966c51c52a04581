//! An alert's life by several people, ending in submissions.

use std::time::Duration;

use pushcast_engine::config::ConsoleSettings;
use pushcast_engine::gateway::console::{ConsoleError, NewAlert};
use pushcast_engine::model::alert::{Refusal, Seen};
use pushcast_engine::model::{AlertState, MessageState, Role, TransmissionState};
use pushcast_engine::store::{ConsolePart, SubmissionState};

use super::desk::{Desk, content, hasty, message};
use crate::store::place::Place;

crate::store::stories!(
    two_people_bring_an_alert_to_the_air,
    row_33_nobody_sends_alone_in_a_live_workspace,
    what_was_changed_is_not_approved,
    a_stop_within_the_time_to_think_sends_nothing,
    one_person_stops_what_is_on_the_air,
    an_update_replaces_each_language,
    an_approval_and_its_submissions_are_one,
    a_test_workspace_has_no_route_to_a_live_channel,
    what_was_not_filled_in_is_not_submitted,
    copies_and_edits_are_kept,
);

const AUTHOR: &[Role] = &[Role::Author];
const APPROVER: &[Role] = &[Role::Approver];

async fn two_people_bring_an_alert_to_the_air(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", AUTHOR, "live").await;
    let cleo = desk.person("cleo", APPROVER, "live").await;
    let (id, seen) = desk.submitted(&anna, "flood").await;
    let waiting = desk.gateway.approvals(&cleo).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let view = desk.gateway.alert(&cleo, &id).await.unwrap();
    assert!(view.duty.approve && !view.duty.edit);
    assert_eq!(view.reach.receivers, Some(2_000));
    let state = desk
        .gateway
        .approve_alert(&cleo, &id, seen, true)
        .await
        .unwrap();
    assert_eq!(state, AlertState::Scheduled);
    let alert = desk.until(&cleo, &id, AlertState::Completed).await;
    assert_eq!(alert.approved.unwrap().approvals[0].by.as_str(), "cleo");
    let parts = desk.store.console_parts(&id, 1).await.unwrap();
    assert_eq!(parts.len(), 1);
    let push = desk
        .store
        .submission(&parts[0].submission)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(push.initiator.as_str(), "console");
    assert_eq!(push.push_id.as_str(), format!("alert-{id}/1/en"));
    assert_eq!(push.content.header("content-language"), Some("en"));
    let deliveries = desk.store.deliveries(&push.id).await.unwrap();
    assert_eq!(deliveries[0].state, MessageState::Delivered);
    let history = desk.gateway.alert_history(&anna, &id).await.unwrap();
    let acts: Vec<&str> = history.iter().map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts, ["approved", "submitted", "edited", "created"]);
    assert_eq!(desk.store.audit_verify().await.unwrap().broken_at, None);
    assert!(desk.gateway.approvals(&cleo).await.unwrap().is_empty());
}

async fn row_33_nobody_sends_alone_in_a_live_workspace(place: &Place) {
    let desk = Desk::open(place).await;
    let both = &[Role::Author, Role::Approver];
    let anna = desk.person("anna", both, "live").await;
    let ben = desk.person("ben", both, "live").await;
    let cleo = desk.person("cleo", both, "live").await;
    let (id, seen) = desk.draft(&anna, "flood").await;
    let mut text = content("flood");
    text.title = "Flood, corrected".to_owned();
    let seen = desk
        .gateway
        .edit_alert(&ben, &id, seen, text)
        .await
        .unwrap();
    desk.gateway.submit_alert(&ben, &id, seen).await.unwrap();
    for hand in [&anna, &ben] {
        let refused = desk.gateway.approve_alert(hand, &id, seen, true).await;
        let own = matches!(refused, Err(ConsoleError::Alert(Refusal::OwnHand)));
        assert!(own, "{refused:?}");
        let view = desk.gateway.alert(hand, &id).await.unwrap();
        assert!(!view.duty.approve && view.duty.cannot_approve.is_some());
    }
    let unread = desk.gateway.approve_alert(&cleo, &id, seen, false).await;
    assert!(matches!(
        unread,
        Err(ConsoleError::Alert(Refusal::NotAcknowledged))
    ));
    assert!(desk.store.console_parts(&id, 1).await.unwrap().is_empty());
    assert!(
        desk.gateway
            .approve_alert(&cleo, &id, seen, true)
            .await
            .is_ok()
    );
    let audit = desk.audit().await;
    let refused = audit.iter().filter(|(who, action, object, result)| {
        ["anna", "ben"].contains(&who.as_str())
            && action == "approve_alert"
            && *object == format!("alert {id}")
            && result != "done"
    });
    assert_eq!(refused.count(), 2);
}

async fn what_was_changed_is_not_approved(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", AUTHOR, "live").await;
    let cleo = desk.person("cleo", APPROVER, "live").await;
    let (id, read) = desk.submitted(&anna, "flood").await;
    desk.gateway
        .take_back_alert(&anna, &id, read)
        .await
        .unwrap();
    let mut changed = content("flood");
    changed.messages[0].text = "Stay at home.".to_owned();
    let seen = desk
        .gateway
        .edit_alert(&anna, &id, read, changed)
        .await
        .unwrap();
    desk.gateway.submit_alert(&anna, &id, seen).await.unwrap();
    let refused = desk.gateway.approve_alert(&cleo, &id, read, true).await;
    let changed = matches!(refused, Err(ConsoleError::Alert(Refusal::Changed { .. })));
    assert!(changed, "{refused:?}");
    // Two approvers at the same moment: one approval, one set of submissions.
    let dora = desk.person("dora", APPROVER, "live").await;
    let (one, two) = tokio::join!(
        desk.gateway.approve_alert(&cleo, &id, seen, true),
        desk.gateway.approve_alert(&dora, &id, seen, true),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(desk.store.console_parts(&id, 1).await.unwrap().len(), 1);
}

async fn a_stop_within_the_time_to_think_sends_nothing(place: &Place) {
    let settings = ConsoleSettings {
        undo: Duration::from_secs(60),
        ..hasty()
    };
    let desk = Desk::with(place, settings).await;
    let anna = desk.person("anna", AUTHOR, "live").await;
    let cleo = desk.person("cleo", APPROVER, "live").await;
    let (id, seen) = desk.submitted(&anna, "flood").await;
    desk.gateway
        .approve_alert(&cleo, &id, seen, true)
        .await
        .unwrap();
    let view = desk.gateway.alert(&anna, &id).await.unwrap();
    assert!(view.undo_until_ms.is_some());
    let sent = desk
        .gateway
        .stop_alert(&anna, &id, "wrong river")
        .await
        .unwrap();
    assert!(!sent, "nothing had left");
    desk.until(&anna, &id, AlertState::Cancelled).await;
    let parts = desk.store.console_parts(&id, 1).await.unwrap();
    let transmissions = desk
        .store
        .transmissions_of_submission(&parts[0].submission)
        .await;
    assert!(transmissions.unwrap().is_empty());
    let again = desk.gateway.stop_alert(&anna, &id, "").await;
    assert!(matches!(
        again,
        Err(ConsoleError::Alert(Refusal::State { .. }))
    ));
}

async fn one_person_stops_what_is_on_the_air(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", AUTHOR, "live").await;
    let cleo = desk.person("cleo", APPROVER, "live").await;
    let id = desk.on_air(&anna, &cleo, |_| {}).await;
    let parts = desk.store.console_parts(&id, 1).await.unwrap();
    let push = &parts[0].submission;
    let delivered = async {
        while desk.store.deliveries(push).await.unwrap()[0].state == MessageState::Pending {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), delivered)
        .await
        .unwrap();
    let on_air = desk.store.transmissions_of_submission(push).await.unwrap();
    assert_eq!(on_air[0].plan.passes, None, "repeated until it is over");
    assert_eq!(on_air[0].plan.interval_ms, Some(1_000));
    let sent = desk.gateway.stop_alert(&anna, &id, "over").await.unwrap();
    assert!(sent);
    let alert = desk.until(&anna, &id, AlertState::Cancelled).await;
    assert_eq!(alert.approved.unwrap().stopped.unwrap().by.as_str(), "anna");
    let deliveries = desk.store.deliveries(push).await.unwrap();
    assert_eq!(deliveries[0].state, MessageState::Delivered, "it was");
    let ended = desk.store.transmissions_of_submission(push).await.unwrap();
    assert_eq!(ended[0].state, TransmissionState::Ended);
    let summary = desk.store.summary(push).await.unwrap().unwrap();
    assert_eq!(summary.state, SubmissionState::Done);
}

async fn until_done(desk: &Desk, parts: &[ConsolePart]) {
    let state = |part: &ConsolePart| {
        let (store, id) = (desk.store.clone(), part.submission.clone());
        async move { store.summary(&id).await.unwrap().unwrap().state }
    };
    let over = async {
        for part in parts {
            while state(part).await != SubmissionState::Done {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), over).await;
    waited.unwrap();
}

async fn an_update_replaces_each_language(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", AUTHOR, "live").await;
    let ben = desk.person("ben", AUTHOR, "live").await;
    let cleo = desk.person("cleo", APPROVER, "live").await;
    let welsh = message("cy", "Gadewch lan yr afon.");
    let id = desk
        .on_air(&anna, &cleo, |alert| alert.messages.push(welsh))
        .await;
    let seen = desk.gateway.revise_alert(&ben, &id).await.unwrap();
    assert_eq!(
        seen,
        Seen {
            version: 2,
            revision: 1
        }
    );
    let mut second = content("flood");
    second.repetition_s = Some(1);
    second.messages[0].text = "You may go back.".to_owned();
    let seen = desk
        .gateway
        .edit_alert(&ben, &id, seen, second)
        .await
        .unwrap();
    desk.gateway.submit_alert(&ben, &id, seen).await.unwrap();
    let view = desk.gateway.alert(&cleo, &id).await.unwrap();
    assert!(view.duty.approve && !view.changes.is_empty());
    assert_eq!(
        view.state,
        AlertState::Broadcasting,
        "version 1 goes on meanwhile"
    );
    desk.gateway
        .approve_alert(&cleo, &id, seen, true)
        .await
        .unwrap();
    let new = desk.store.console_parts(&id, 2).await.unwrap();
    assert_eq!(new.len(), 1);
    let old = desk.store.console_parts(&id, 1).await.unwrap();
    assert_eq!(old.len(), 2);
    let lineage = desk
        .store
        .summary(&new[0].submission)
        .await
        .unwrap()
        .unwrap()
        .lineage;
    let english = old
        .iter()
        .find(|part| part.alert.as_ref().unwrap().2.as_str() == "en");
    assert_eq!(
        lineage.replaces.as_ref(),
        Some(&english.unwrap().submission)
    );
    // Both old ones leave the air: one is replaced, the other not part of the new version.
    until_done(&desk, &old).await;
    desk.until(&anna, &id, AlertState::Broadcasting).await;
    desk.gateway.stop_alert(&cleo, &id, "").await.unwrap();
    desk.until(&anna, &id, AlertState::Cancelled).await;
}

async fn an_approval_and_its_submissions_are_one(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", AUTHOR, "live").await;
    let cleo = desk.person("cleo", APPROVER, "live").await;
    let (id, seen) = desk.submitted(&anna, "flood").await;
    // The push-id is taken: nothing of the approval may be stored.
    let (other, other_seen) = desk.submitted(&anna, "flood").await;
    desk.gateway
        .approve_alert(&cleo, &other, other_seen, true)
        .await
        .unwrap();
    let taken = desk
        .store
        .console_parts(&other, 1)
        .await
        .unwrap()
        .remove(0)
        .submission;
    place
        .execute(&format!(
            "UPDATE submission SET push_id = 'alert-{id}/1/en' WHERE id = '{taken}'"
        ))
        .await;
    let refused = desk.gateway.approve_alert(&cleo, &id, seen, true).await;
    assert!(
        matches!(refused, Err(ConsoleError::Conflict { .. })),
        "{refused:?}"
    );
    let alert = desk.alert(&cleo, &id).await;
    assert_eq!(alert.state(), AlertState::PendingApproval);
    assert!(desk.store.console_parts(&id, 1).await.unwrap().is_empty());
}

async fn a_test_workspace_has_no_route_to_a_live_channel(place: &Place) {
    let desk = Desk::open(place).await;
    let all = &[Role::Author, Role::Approver];
    let anna = desk.person("anna", all, "lab").await;
    // Alone in a test workspace; `flood` is on the live channel only, `both` on both.
    for (group, state) in [
        ("flood", AlertState::Failed),
        ("both", AlertState::Completed),
    ] {
        let (id, seen) = desk.submitted(&anna, group).await;
        desk.gateway
            .approve_alert(&anna, &id, seen, true)
            .await
            .unwrap();
        desk.until(&anna, &id, state).await;
        let part = desk.store.console_parts(&id, 1).await.unwrap().remove(0);
        let sent = desk
            .store
            .transmissions_of_submission(&part.submission)
            .await
            .unwrap();
        assert!(
            sent.iter().all(|one| one.channel.as_str() == "lab"),
            "{sent:?}"
        );
        assert_eq!(sent.is_empty(), group == "flood");
    }
    let user = desk.store.user("anna").await.unwrap().unwrap().user;
    assert!(user.tested_ms.is_some(), "a test was completed");
}

async fn what_was_not_filled_in_is_not_submitted(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", AUTHOR, "live").await;
    let id = desk
        .gateway
        .create_alert(&anna, NewAlert::Blank)
        .await
        .unwrap();
    let seen = Seen {
        version: 1,
        revision: 1,
    };
    let refused = desk.gateway.submit_alert(&anna, &id, seen).await;
    let Err(ConsoleError::Content(problems)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(problems.len(), 3, "{problems:?}");
    let unknown = content("nowhere");
    let seen = desk
        .gateway
        .edit_alert(&anna, &id, seen, unknown)
        .await
        .unwrap();
    let refused = desk.gateway.submit_alert(&anna, &id, seen).await;
    assert!(
        matches!(refused, Err(ConsoleError::Content(_))),
        "{refused:?}"
    );
}

async fn copies_and_edits_are_kept(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", AUTHOR, "live").await;
    let (id, seen) = desk.draft(&anna, "flood").await;
    let mut other = content("flood");
    other.title = "Other".to_owned();
    let stale = desk
        .gateway
        .edit_alert(&anna, &id, seen, other.clone())
        .await;
    stale.unwrap();
    let stale = desk.gateway.edit_alert(&anna, &id, seen, other).await;
    assert!(matches!(
        stale,
        Err(ConsoleError::Alert(Refusal::Changed { .. }))
    ));
    let edits = desk.gateway.alert_edits(&anna, &id).await.unwrap();
    let titles: Vec<&str> = edits
        .iter()
        .map(|edit| edit.content.title.as_str())
        .collect();
    assert_eq!(titles, ["Other", "Flood at the weir", ""]);
    let copy = desk
        .gateway
        .create_alert(&anna, NewAlert::Copy(id))
        .await
        .unwrap();
    assert_eq!(desk.alert(&anna, &copy).await.title(), "Other");
}
