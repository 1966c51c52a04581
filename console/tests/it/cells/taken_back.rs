//! Replacement and cancellation of what is on the air.

use pushcast_engine::model::MessageState;
use pushcast_engine::pap::message::ReplaceMethod;

use super::{Centre, POOL, accept, cells, ended, text};
use crate::initiator::{cancel, codes, push, replacing};
use crate::lab::{Lab, PATIENCE};
use crate::process::wait_for;

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_keeps_code_and_identifier_and_counts_up() {
    let centre = Centre::watched(&[]);
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("1@pi", None), &text("Go inside")).await;
    centre.shows("Go inside");
    ended(&client, "1@pi").await;
    let [(id, serial)] = centre.has_on_air(1)[..] else {
        unreachable!("one message");
    };
    for number in 2..=4 {
        let name = format!("{number}@pi");
        let old = format!("{}@pi", number - 1);
        let newer = replacing(push(&name, None), &old, ReplaceMethod::All);
        let said = format!("Go inside, version {number}");
        accept(&client, newer, &text(&said)).await;
        centre.shows(&said);
        assert_eq!(centre.has_on_air(1), [(id, serial + number - 1)]);
        let result = ended(&client, &name).await;
        assert_eq!(result.state, MessageState::Delivered, "{result:?}");
    }
    let first = ended(&client, "1@pi").await;
    assert_eq!(
        first.state,
        MessageState::Delivered,
        "the old one keeps its state"
    );
    centre.expect_no_conflict();
    // An alert of its own has an identifier of its own, as long as the other is on the air.
    accept(&client, push("other@pi", None), &text("other")).await;
    centre.shows("other");
    let ids: Vec<u64> = centre.has_on_air(2).iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [id, id + 1]);
    // The next under the first identifier has a code that no text had before.
    assert_eq!(codes(&cancel(&client, "4@pi", &[]).await), [1000]);
    centre.has_on_air(1);
    let last = "another one";
    wait_for(last, PATIENCE, || {
        let metrics = lab.admin().metrics();
        (metrics.value("pushcast_cbc_alerts{cbc=\"one\"} ") == 1).then_some(())
    });
    accept(&client, push("5@pi", None), &text(last)).await;
    centre.shows(last);
    let fresh = centre.has_on_air(2)[0];
    assert_eq!((fresh.0, fresh.1 >> 4), (id, (serial >> 4) + 1));
    centre.expect_no_conflict();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_alert_goes_off_the_air() {
    let centre = Centre::start();
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("a@pi", None), &text("a")).await;
    centre.shows("a");
    let result = ended(&client, "a@pi").await;
    assert_eq!(result.state, MessageState::Delivered);
    assert_eq!(codes(&cancel(&client, "a@pi", &[]).await), [1000]);
    centre.has_on_air(0);
    let result = ended(&client, "a@pi").await;
    assert_eq!(
        result.state,
        MessageState::Delivered,
        "it had been broadcast"
    );
    assert!(result.desc.unwrap().contains("taken off the air"));
    assert_eq!(codes(&cancel(&client, "a@pi", &[]).await), [3003]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_centre_has_not_answered_yet_is_cancelled_and_killed() {
    let centre = Centre::start();
    centre.switch(&serde_json::json!({"answering": "never"}));
    let lab = Lab::new(&(centre.link("one", "timeout_s = 2") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("a@pi", None), &text("a")).await;
    centre.has_on_air(1);
    assert_eq!(codes(&cancel(&client, "a@pi", &[]).await), [1000]);
    let result = ended(&client, "a@pi").await;
    assert_eq!(result.state, MessageState::Cancelled, "{result:?}");
    centre.behave();
    centre.has_on_air(0);
    wait_for("the end", PATIENCE, || {
        let metrics = lab.admin().metrics();
        (metrics.value("pushcast_cbc_alerts{cbc=\"one\"} ") == 0).then_some(())
    });
}
