//! Cancellation and replacement at every moment of a push's life.
//!
//! The oracle is what was on the air and what the PI was told. A push stays unsent behind an
//! urgent one: a lower class gets nothing while a pass of a higher one is running.

use pushcast_engine::model::{MessageState, Priority};
use pushcast_engine::pap::message::ReplaceMethod;

use crate::initiator::{accept, cancel, codes, group, later, push, replacing, submit, to, with};
use crate::lab::{
    LONG, Lab, PATIENCE, SLOW, channel, ended, listen, live_objects, on_air, reaches, slow_lab,
    status,
};
use crate::notified::Notified;
use crate::process::{free_port, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_cancelled_before_its_first_packet_and_never_after() {
    let (lab, air) = slow_lab();
    let _gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    let url = Some(notified.url.as_str());

    // Before its time: not planned yet.
    accept(&client, later(push("queued@pi", url)), 100).await;
    assert_eq!(codes(&cancel(&client, "queued@pi", &[]).await), [1000]);
    reaches(&client, "queued@pi", MessageState::Cancelled).await;
    assert_eq!(codes(&cancel(&client, "queued@pi", &[]).await), [1000]);

    // Planned, but behind an urgent one.
    accept(&client, with(push("urgent@pi", url), Priority::High), LONG).await;
    on_air(&air, 0).await;
    accept(&client, with(push("behind@pi", url), Priority::Low), 100).await;
    accept(
        &client,
        to(push("both@pi", url), &[group("all"), group("same")]),
        100,
    )
    .await;
    live_objects(&lab, 3);
    assert_eq!(codes(&cancel(&client, "behind@pi", &[]).await), [1000]);
    // One object carries both addresses: alone neither can be taken back, together they can.
    let one = cancel(&client, "both@pi", &[group("same")]).await;
    assert_eq!(codes(&one), [2008], "{one:?}");
    let both = cancel(&client, "both@pi", &[]).await;
    assert_eq!(codes(&both), [1000], "{both:?}");
    assert_eq!(both[0].addresses.len(), 2);

    // On the air.
    let running = cancel(&client, "urgent@pi", &[]).await;
    assert_eq!(codes(&running), [2008], "{running:?}");
    reaches(&client, "urgent@pi", MessageState::Delivered).await;
    live_objects(&lab, 0);
    assert_eq!(codes(&cancel(&client, "urgent@pi", &[]).await), [3003]);

    // Not there.
    assert_eq!(codes(&cancel(&client, "never@pi", &[]).await), [2004]);
    let stranger = cancel(&client, "urgent@pi", &[group("other")]).await;
    assert_eq!(codes(&stranger), [2003]);

    wait_for("four pushes told", PATIENCE, || {
        (notified.told().len() == 4).then_some(())
    });
    let told = notified.told();
    assert_eq!(told["queued@pi"], ["cancelled"]);
    assert_eq!(told["behind@pi"], ["cancelled"]);
    assert_eq!(told["both@pi"], ["cancelled", "cancelled"]);
    assert_eq!(told["urgent@pi"], ["delivered"]);
    air.with(|heard| {
        let mut sent: Vec<&String> = heard.bodies.keys().collect();
        sent.sort();
        assert_eq!(sent, ["urgent@pi"]);
        assert!(heard.conflicts.is_empty(), "{:?}", heard.conflicts);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_channel_has_sent_is_not_taken_back_on_another() {
    let (busy, free) = (free_port(), free_port());
    let rest = format!(
        r#"{}{}
[[alias_group]]
name = "all"
channels = ["busy", "free"]
deliver = "all"
[[alias_group]]
name = "busy"
channels = ["busy"]
"#,
        channel("busy", 1, busy, SLOW),
        channel("free", 2, free, "carousel = { passes = 1 }\nfec = \"none\""),
    );
    let lab = Lab::new(&rest);
    let (on_busy, on_free) = (listen(1, busy), listen(2, free));
    let _gateway = lab.start();
    let client = lab.client();
    let urgent = to(push("urgent@pi", None), &[group("busy")]);
    accept(&client, with(urgent, Priority::High), LONG).await;
    on_air(&on_busy, 0).await;
    accept(&client, push("everywhere@pi", None), 5000).await;
    wait_for("the free channel", PATIENCE, || {
        on_free
            .with(|heard| heard.bodies.contains_key("everywhere@pi"))
            .then_some(())
    });
    let results = cancel(&client, "everywhere@pi", &[]).await;
    assert_eq!(codes(&results), [2008], "{results:?}");
    // Nothing has changed: the busy channel sends it when its turn has come.
    reaches(&client, "everywhere@pi", MessageState::Delivered).await;
    wait_for("the busy channel", PATIENCE, || {
        on_busy
            .with(|heard| heard.bodies.contains_key("everywhere@pi"))
            .then_some(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_reaches_whom_its_method_says() {
    let (lab, air) = slow_lab();
    let gateway = lab.start();
    let client = lab.client();
    let notified = Notified::start();
    let url = Some(notified.url.as_str());
    let only_pending = ReplaceMethod::PendingOnly;

    let unknown = replacing(push("new@pi", url), "never@pi", only_pending);
    assert_eq!(submit(&client, unknown, 10).await.code.number(), 2004);

    // Pending for one address, none for the other. 2008 has no place in a status.
    accept(&client, later(push("old@pi", url)), 100).await;
    let both = to(push("new@pi", url), &[group("all"), group("same")]);
    accept(&client, replacing(both, "old@pi", only_pending), 100).await;
    reaches(&client, "old@pi", MessageState::Cancelled).await;
    let results = ended(&client, "new@pi").await;
    assert_eq!(results, [("delivered", 1000), ("rejected", 3003)]);

    // Nothing pending any more: not taken in, and its name stays free.
    let late = replacing(push("late@pi", url), "new@pi", only_pending);
    assert_eq!(submit(&client, late, 10).await.code.number(), 2008);
    assert_eq!(status(&client, "late@pi").await[0].code.number(), 2004);

    // `all` is sent whether there was something to replace or not.
    let all = replacing(push("late@pi", url), "never@pi", ReplaceMethod::All);
    accept(&client, all, 100).await;
    reaches(&client, "late@pi", MessageState::Delivered).await;
    let again = replacing(push("late@pi", url), "old@pi", ReplaceMethod::All);
    assert_eq!(submit(&client, again, 100).await.code.number(), 2007);

    // A replacement survives the process that accepted it.
    accept(&client, later(push("tomorrow@pi", url)), 100).await;
    let sooner = replacing(push("today@pi", url), "tomorrow@pi", ReplaceMethod::All);
    accept(&client, sooner, 100).await;
    drop(gateway);
    let _gateway = lab.start();
    reaches(&client, "tomorrow@pi", MessageState::Cancelled).await;
    reaches(&client, "today@pi", MessageState::Delivered).await;
    wait_for("five pushes told", PATIENCE, || {
        (notified.told().len() == 5).then_some(())
    });
    let told = notified.told();
    assert_eq!(told["old@pi"], ["cancelled"]);
    let mut new = told["new@pi"].clone();
    new.sort();
    assert_eq!(new, ["delivered", "rejected"]);
    air.with(|heard| {
        let mut sent: Vec<&String> = heard.bodies.keys().collect();
        sent.sort();
        assert_eq!(sent, ["late@pi", "new@pi", "today@pi"]);
        assert!(heard.conflicts.is_empty(), "{:?}", heard.conflicts);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_air_the_new_push_takes_the_place_of_the_old() {
    let port = free_port();
    let endless =
        "rate_bps = 2000000\nfec = \"none\"\ncarousel = { passes = 1000, delay_ms = 100 }";
    let rest = format!(
        "{}[[alias_group]]\nname = \"all\"\nchannels = [\"air\"]\n",
        channel("air", 1, port, endless)
    );
    let lab = Lab::new(&rest);
    let air = listen(1, port);
    let gateway = lab.start();
    let client = lab.client();
    accept(&client, push("first@pi", None), 3000).await;
    reaches(&client, "first@pi", MessageState::Delivered).await;
    let leaves_alone = replacing(
        push("second@pi", None),
        "first@pi",
        ReplaceMethod::PendingOnly,
    );
    let refused = submit(&client, leaves_alone, 3000).await;
    assert_eq!(refused.code.number(), 2008, "{refused:?}");

    let second = replacing(push("second@pi", None), "first@pi", ReplaceMethod::All);
    accept(&client, second, 3000).await;
    reaches(&client, "second@pi", MessageState::Delivered).await;
    live_objects(&lab, 1);
    // The old one keeps its state.
    reaches(&client, "first@pi", MessageState::Delivered).await;

    // And again across a restart: what was replaced stays off the air.
    drop(gateway);
    let _gateway = lab.start();
    live_objects(&lab, 1);
    let third = replacing(push("third@pi", None), "second@pi", ReplaceMethod::All);
    accept(&client, third, 3000).await;
    reaches(&client, "third@pi", MessageState::Delivered).await;
    live_objects(&lab, 1);
    air.with(|heard| {
        assert!(heard.conflicts.is_empty(), "{:?}", heard.conflicts);
        let locations: Vec<&String> = ["first@pi", "second@pi", "third@pi"]
            .iter()
            .map(|push_id| &heard.locations[*push_id])
            .collect();
        assert!(
            locations.windows(2).all(|pair| pair[0] == pair[1]),
            "{locations:?}"
        );
        let revision = |push_id: &str| heard.revisions[push_id].as_str();
        assert_eq!(revision("first@pi"), "1");
        assert_eq!(revision("third@pi"), "3");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_work_from_the_command_line() {
    let (lab, _air) = slow_lab();
    let _gateway = lab.start();
    let file = lab.path("content");
    std::fs::write(&file, "Sturm").unwrap();
    let file = file.to_str().unwrap();
    let submit = |push_id: &str, more: &[&str]| {
        let arguments = ["--to", "group/all", "--file", file, "--push-id", push_id];
        lab.pushcast("submit", &[&arguments, more].concat())
    };
    let tomorrow = [
        "--deliver-after",
        "2999-01-01T00:00:00Z",
        "--deliver-before",
        "2999-01-02T00:00:00Z",
    ];
    assert!(submit("one@pi", &tomorrow).status.success());
    let replaced = submit(
        "two@pi",
        &[&tomorrow[..], &["--replace", "one@pi"]].concat(),
    );
    assert!(replaced.status.success(), "{replaced:?}");
    let only = ["--replace", "one@pi", "--replace-method", "pending-only"];
    let refused = submit("three@pi", &only);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stdout).contains("2008"));
    let cancelled = lab.pushcast("cancel", &["two@pi", "--json"]);
    assert!(cancelled.status.success(), "{cancelled:?}");
    let line: serde_json::Value = serde_json::from_slice(&cancelled.stdout).unwrap();
    assert_eq!(line["code"], 1000);
    let unknown = lab.pushcast("cancel", &["four@pi"]);
    assert_eq!(unknown.status.code(), Some(1), "{unknown:?}");
    assert!(String::from_utf8_lossy(&unknown.stdout).contains("2004"));
    let told = lab.pushcast("status", &["one@pi", "--json"]);
    let line: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(line["state"], "cancelled");
}
