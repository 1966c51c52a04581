//! `kill -9` in every state of a push that is cancelled or replaced, before and after.
//!
//! What may have been sent before the process died counts as sent: only that is safe to say.

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{MessageState, Priority};
use pushcast_engine::pap::message::ReplaceMethod;

use crate::air::Air;
use crate::initiator::{accept, cancel, codes, later, push, replacing, submit, with};
use crate::lab::{LONG, Lab, PATIENCE, live_objects, on_air, reaches, slow_lab, status};
use crate::notified::Notified;
use crate::process::{Process, wait_for};

/// A push that waits for its time, one on the air, and one that is planned and waits behind it.
async fn in_every_state(lab: &Lab, air: &Air, client: &PapClient, notified: &Notified) {
    let new = |push_id: &str| push(push_id, Some(&notified.url));
    accept(client, later(new("queued@pi")), 100).await;
    urgent(lab, air, notified).await;
    accept(client, with(new("planned@pi"), Priority::Low), 100).await;
    live_objects(lab, 2);
}

/// Has an urgent push on the air, so that others stay behind it.
async fn urgent(lab: &Lab, air: &Air, notified: &Notified) {
    let urgent = push("urgent@pi", Some(&notified.url));
    accept(&lab.client(), with(urgent, Priority::High), LONG).await;
    on_air(air, 0).await;
}

/// Kills the gateway without warning and starts it again.
fn again(lab: &Lab, gateway: Process) -> Process {
    drop(gateway);
    lab.start()
}

async fn cancelled(client: &PapClient, push_id: &str) -> Vec<u16> {
    codes(&cancel(client, push_id, &[]).await)
}

async fn state(client: &PapClient, push_id: &str) -> MessageState {
    status(client, push_id).await[0].state
}

/// Each push was told, and always the same.
fn told(notified: &Notified, expected: &[(&str, &str)]) {
    wait_for("notifications", PATIENCE, || {
        (notified.told().len() == expected.len()).then_some(())
    });
    let told = notified.told();
    for (push_id, state) in expected {
        let states = &told[*push_id];
        assert!(
            states.iter().all(|told| told == state),
            "{push_id}: {states:?}"
        );
    }
}

/// What went out, each push once.
fn heard(air: &Air, expected: &[&str]) {
    air.with(|heard| {
        let mut sent: Vec<&String> = heard.bodies.keys().collect();
        sent.sort();
        assert_eq!(sent, expected);
        assert!(heard.conflicts.is_empty(), "{:?}", heard.conflicts);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_survives_a_kill_in_every_state() {
    let (lab, air) = slow_lab();
    let gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    // Cancelled while it waits for its time, and while it is planned.
    in_every_state(&lab, &air, &client, &notified).await;
    for push_id in ["queued@pi", "planned@pi"] {
        assert_eq!(cancelled(&client, push_id).await, [1000], "{push_id}");
    }
    let gateway = again(&lab, gateway);
    for push_id in ["queued@pi", "planned@pi"] {
        assert_eq!(state(&client, push_id).await, MessageState::Cancelled);
        assert_eq!(cancelled(&client, push_id).await, [1000], "{push_id}");
    }
    // On the air, and once it is off the air.
    assert_eq!(cancelled(&client, "urgent@pi").await, [2008]);
    reaches(&client, "urgent@pi", MessageState::Delivered).await;
    live_objects(&lab, 0);
    let _gateway = again(&lab, gateway);
    assert_eq!(cancelled(&client, "urgent@pi").await, [3003]);
    let expected = [
        ("planned@pi", "cancelled"),
        ("queued@pi", "cancelled"),
        ("urgent@pi", "delivered"),
    ];
    told(&notified, &expected);
    heard(&air, &["urgent@pi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_only_what_was_never_planned_is_cancelled() {
    let (lab, air) = slow_lab();
    let gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    in_every_state(&lab, &air, &client, &notified).await;
    let _gateway = again(&lab, gateway);
    assert_eq!(state(&client, "queued@pi").await, MessageState::Pending);
    assert_eq!(state(&client, "planned@pi").await, MessageState::Pending);
    assert_eq!(cancelled(&client, "queued@pi").await, [1000]);
    // Its first packet may have left before the process could say so.
    assert_eq!(cancelled(&client, "planned@pi").await, [2008]);
    reaches(&client, "planned@pi", MessageState::Delivered).await;
    live_objects(&lab, 0);
    let expected = [
        ("planned@pi", "delivered"),
        ("queued@pi", "cancelled"),
        ("urgent@pi", "delivered"),
    ];
    told(&notified, &expected);
    heard(&air, &["planned@pi", "urgent@pi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_survives_a_kill_in_every_state() {
    let (lab, air) = slow_lab();
    let gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    let new = |push_id: &str| push(push_id, Some(&notified.url));
    let instead = |push_id: &str, old: &str| replacing(new(push_id), old, ReplaceMethod::All);
    in_every_state(&lab, &air, &client, &notified).await;
    // Replaced while it waits for its time, and while it is planned; then the process dies.
    let soon = with(instead("instead-of-queued@pi", "queued@pi"), Priority::Low);
    accept(&client, soon, 100).await;
    let soon = with(
        instead("instead-of-planned@pi", "planned@pi"),
        Priority::Low,
    );
    accept(&client, soon, 100).await;
    let gateway = again(&lab, gateway);
    for push_id in ["queued@pi", "planned@pi"] {
        assert_eq!(state(&client, push_id).await, MessageState::Cancelled);
    }
    for push_id in ["instead-of-queued@pi", "instead-of-planned@pi", "urgent@pi"] {
        reaches(&client, push_id, MessageState::Delivered).await;
    }
    live_objects(&lab, 0);
    // Done: only the new one is sent, and its name is taken whatever dies.
    accept(&client, instead("late@pi", "urgent@pi"), 100).await;
    let _gateway = again(&lab, gateway);
    let repeated = submit(&client, instead("late@pi", "urgent@pi"), 100).await;
    assert_eq!(repeated.code.number(), 2007, "{repeated:?}");
    reaches(&client, "late@pi", MessageState::Delivered).await;
    let expected = [
        ("instead-of-planned@pi", "delivered"),
        ("instead-of-queued@pi", "delivered"),
        ("late@pi", "delivered"),
        ("planned@pi", "cancelled"),
        ("queued@pi", "cancelled"),
        ("urgent@pi", "delivered"),
    ];
    told(&notified, &expected);
    heard(
        &air,
        &[
            "instead-of-planned@pi",
            "instead-of-queued@pi",
            "late@pi",
            "urgent@pi",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_planned_before_a_kill_is_superseded_and_not_taken_back() {
    let (lab, air) = slow_lab();
    let gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    let new = |push_id: &str| push(push_id, Some(&notified.url));
    urgent(&lab, &air, &notified).await;
    accept(&client, with(new("planned@pi"), Priority::Low), 100).await;
    live_objects(&lab, 2);
    let _gateway = again(&lab, gateway);
    let only = replacing(new("new@pi"), "planned@pi", ReplaceMethod::PendingOnly);
    let refused = submit(&client, only, 100).await;
    assert_eq!(refused.code.number(), 2008, "{refused:?}");
    // `all` goes out whatever became of the old one, which it ends.
    let all = replacing(new("new@pi"), "planned@pi", ReplaceMethod::All);
    accept(&client, with(all, Priority::Low), 100).await;
    reaches(&client, "new@pi", MessageState::Delivered).await;
    assert_eq!(state(&client, "planned@pi").await, MessageState::Cancelled);
    let expected = [
        ("new@pi", "delivered"),
        ("planned@pi", "cancelled"),
        ("urgent@pi", "delivered"),
    ];
    told(&notified, &expected);
    heard(&air, &["new@pi", "urgent@pi"]);
}
