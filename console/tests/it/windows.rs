//! Nothing is on the air before deliver-after or after deliver-before (PAP 8.2, PPG 5.1.2.2.4).

use pushcast_engine::clock::Clock;
use pushcast_engine::model::{MessageState, Priority};
use pushcast_engine::pap::message::PushMessage;

use crate::initiator::{accept, push, with};
use crate::lab::{
    LONG, Lab, channel, ended, listen, live_objects, on_air, reaches, slow_lab, status,
};
use crate::process::free_port;

/// Longest time from a burst's order to the wire, ms.
const ON_ITS_WAY_MS: u64 = 100;

/// The start of a second, so many seconds ahead: PAP knows no fractions.
fn ahead_ms(seconds: u64) -> u64 {
    (Clock::system().unix_ms() / 1000 + seconds) * 1000
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_before_its_time() {
    let (lab, air) = slow_lab();
    let _gateway = lab.start();
    let client = lab.client();
    let after_ms = ahead_ms(3);
    let later = PushMessage {
        deliver_after_ms: Some(after_ms),
        ..push("later@pi", None)
    };
    accept(&client, later, 100).await;
    assert_eq!(
        status(&client, "later@pi").await[0].state,
        MessageState::Pending
    );
    reaches(&client, "later@pi", MessageState::Delivered).await;
    let (first_ms, _) = air.with(|heard| heard.span_ms).unwrap();
    assert!(first_ms >= after_ms, "{} ms early", after_ms - first_ms);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carousel_ends_with_its_window() {
    let port = free_port();
    let endless = "fec = \"none\"\ncarousel = { until = \"expiry\", delay_ms = 100 }";
    let rest = format!(
        "{}[[alias_group]]\nname = \"all\"\nchannels = [\"air\"]\n",
        channel("air", 6, port, endless)
    );
    let lab = Lab::new(&rest);
    let air = listen(6, port);
    let _gateway = lab.start();
    let client = lab.client();
    let before_ms = ahead_ms(3);
    let short = PushMessage {
        deliver_before_ms: Some(before_ms),
        ..push("short@pi", None)
    };
    accept(&client, short, 3000).await;
    reaches(&client, "short@pi", MessageState::Delivered).await;
    crate::lab::off_the_air(&client, "short@pi").await;
    assert!(
        Clock::system().unix_ms() >= before_ms - 100,
        "it ended early"
    );
    let (_, last_ms) = air.with(|heard| heard.span_ms).unwrap();
    assert!(
        last_ms < before_ms + ON_ITS_WAY_MS,
        "{last_ms} after {before_ms}"
    );
    // It stays so: what was delivered is not told otherwise.
    assert_eq!(ended(&client, "short@pi").await, [("delivered", 1000)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_get_its_turn_in_time_expires_unsent() {
    let (lab, air) = slow_lab();
    let _gateway = lab.start();
    let client = lab.client();
    let urgent = with(push("urgent@pi", None), Priority::High);
    accept(&client, urgent, LONG).await;
    on_air(&air, 0).await;
    let short = PushMessage {
        deliver_before_ms: Some(ahead_ms(2)),
        ..push("short@pi", None)
    };
    accept(&client, with(short, Priority::Low), 100).await;
    assert_eq!(ended(&client, "short@pi").await, [("expired", 4000)]);
    reaches(&client, "urgent@pi", MessageState::Delivered).await;
    live_objects(&lab, 0);
    air.with(|heard| assert!(!heard.bodies.contains_key("short@pi")));
}
