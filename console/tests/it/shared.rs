//! One object on the air for two addresses of a push, of which only one is cancelled or replaced.

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{MessageState, Priority};
use pushcast_engine::pap::message::{PushMessage, ReplaceMethod};

use crate::air::Air;
use crate::initiator::{accept, cancel, codes, group, later, push, replacing, submit, to, with};
use crate::lab::{
    LONG, Lab, channel, ended, listen, live_objects, off_the_air, on_air, reaches, slow_lab, status,
};
use crate::process::free_port;

/// A push to both addresses.
fn both(push_id: &str) -> PushMessage {
    to(push(push_id, None), &[group("all"), group("same")])
}

/// A push to one of them that takes the place of another.
fn instead(push_id: &str, address: &str, old: &str) -> PushMessage {
    let push = to(push(push_id, None), &[group(address)]);
    replacing(push, old, ReplaceMethod::All)
}

/// States of a push, address for address.
async fn states(client: &PapClient, push_id: &str) -> Vec<(bool, MessageState)> {
    let results = status(client, push_id).await.into_iter();
    let mut states: Vec<(bool, MessageState)> = results
        .flat_map(|result| {
            let state = result.state;
            let of = move |address: String| (address.contains("same"), state);
            result.addresses.into_iter().map(of)
        })
        .collect();
    states.sort_by_key(|(same, _)| *same);
    states
}

#[tokio::test(flavor = "multi_thread")]
async fn before_it_is_planned_each_address_is_cancelled_alone() {
    let (lab, _air) = slow_lab();
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, later(both("later@pi")), 100).await;
    let one = cancel(&client, "later@pi", &[group("same")]).await;
    assert_eq!(codes(&one), [1000], "{one:?}");
    let expected = [
        (false, MessageState::Pending),
        (true, MessageState::Cancelled),
    ];
    assert_eq!(states(&client, "later@pi").await, expected);
    let rest = cancel(&client, "later@pi", &[]).await;
    assert_eq!(codes(&rest), [1000], "{rest:?}");
    reaches(&client, "later@pi", MessageState::Cancelled).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_object_is_not_taken_back_for_one_address() {
    let (lab, air) = slow_lab();
    let _gateway = lab.start();
    let client = lab.client();
    let urgent = with(push("urgent@pi", None), Priority::High);
    accept(&client, urgent, LONG).await;
    on_air(&air, 0).await;
    accept(&client, with(both("old@pi"), Priority::Low), 100).await;
    live_objects(&lab, 2);
    let only = to(push("new@pi", None), &[group("same")]);
    let only = replacing(only, "old@pi", ReplaceMethod::PendingOnly);
    let refused = submit(&client, only, 100).await;
    assert_eq!(refused.code.number(), 2008, "{refused:?}");
    // `all` is sent to its address, and the old push goes on for the other one's sake.
    let new = with(instead("new@pi", "same", "old@pi"), Priority::Low);
    accept(&client, new, 100).await;
    live_objects(&lab, 3);
    let expected = [
        (false, MessageState::Pending),
        (true, MessageState::Pending),
    ];
    assert_eq!(states(&client, "old@pi").await, expected);
    for push_id in ["old@pi", "new@pi"] {
        reaches(&client, push_id, MessageState::Delivered).await;
    }
    heard(&air, &["new@pi", "old@pi", "urgent@pi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_object_is_taken_back_for_both_addresses() {
    let (lab, air) = slow_lab();
    let _gateway = lab.start();
    let client = lab.client();
    let urgent = with(push("urgent@pi", None), Priority::High);
    accept(&client, urgent, LONG).await;
    on_air(&air, 0).await;
    accept(&client, with(both("old@pi"), Priority::Low), 100).await;
    live_objects(&lab, 2);
    let new = replacing(both("new@pi"), "old@pi", ReplaceMethod::PendingOnly);
    accept(&client, with(new, Priority::Low), 100).await;
    assert_eq!(ended(&client, "old@pi").await, [("cancelled", 1000)]);
    reaches(&client, "new@pi", MessageState::Delivered).await;
    heard(&air, &["new@pi", "urgent@pi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_object_leaves_the_air_once_all_of_its_addresses_are_replaced() {
    let port = free_port();
    let endless =
        "rate_bps = 2000000\nfec = \"none\"\ncarousel = { passes = 1000, delay_ms = 100 }";
    let rest = format!(
        "{}[[alias_group]]\nname = \"all\"\nchannels = [\"air\"]\n\
         [[alias_group]]\nname = \"same\"\nchannels = [\"air\"]\n",
        channel("air", 1, port, endless)
    );
    let lab = Lab::new(&rest);
    let _air = listen(1, port);
    let gateway = lab.start();
    let client = lab.client();
    accept(&client, both("old@pi"), 3000).await;
    reaches(&client, "old@pi", MessageState::Delivered).await;
    accept(&client, instead("one@pi", "same", "old@pi"), 3000).await;
    reaches(&client, "one@pi", MessageState::Delivered).await;
    assert_eq!(codes(&cancel(&client, "old@pi", &[]).await), [2008]);
    // The other address is replaced too, in another process: the old push has nobody left.
    drop(gateway);
    let _gateway = lab.start();
    assert_eq!(codes(&cancel(&client, "old@pi", &[]).await), [2008]);
    accept(&client, instead("other@pi", "all", "old@pi"), 3000).await;
    reaches(&client, "other@pi", MessageState::Delivered).await;
    off_the_air(&client, "old@pi").await;
    // Those two are left: each is replaced in turn.
    accept(&client, instead("one-more@pi", "same", "one@pi"), 3000).await;
    reaches(&client, "one-more@pi", MessageState::Delivered).await;
    off_the_air(&client, "one@pi").await;
    for push_id in ["other@pi", "one-more@pi"] {
        assert_eq!(codes(&cancel(&client, push_id, &[]).await), [2008]);
    }
}

fn heard(air: &Air, expected: &[&str]) {
    air.with(|heard| {
        let mut sent: Vec<&String> = heard.bodies.keys().collect();
        sent.sort();
        assert_eq!(sent, expected);
        assert!(heard.conflicts.is_empty(), "{:?}", heard.conflicts);
    });
}
