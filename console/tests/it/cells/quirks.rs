//! What centres do wrong, and what is made of it (attacks 24 and 25).

use std::time::{Duration, Instant};

use pushcast_engine::model::MessageState;
use serde_json::json;

use super::{Centre, POOL, accept, cells, ended, text};
use crate::initiator::{group, push, to};
use crate::lab::{Lab, PATIENCE, channel};
use crate::process::{free_port, wait_for};

/// A group `NAME` for each centre, and its channel.
fn ways(names: &[&str]) -> String {
    let way = |name: &&str| {
        format!(
            "[[channel]]\nname = \"{name}\"\nkind = \"cbs\"\nlink = \"{name}\"\n{POOL}\n\
             [[alias_group]]\nname = \"{name}\"\nchannels = [\"{name}\"]\n"
        )
    };
    names.iter().map(way).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_24_silence_is_resolved_without_a_second_serial_number() {
    for answering in ["never", "deaf", "garbage", "half", "broken"] {
        let centre = Centre::start();
        centre.switch(&json!({"answering": answering}));
        let lab = Lab::new(&(centre.link("one", "timeout_s = 1") + &cells(POOL)));
        let _gateway = lab.start();
        let client = lab.client();
        accept(&client, push("a@pi", None), &text("a")).await;
        wait_for("doubt", PATIENCE, || {
            let metrics = lab.admin().metrics();
            (metrics.value("pushcast_cbc_unknown{cbc=\"one\"} ") == 1).then_some(())
        });
        let results = crate::lab::status(&client, "a@pi").await;
        assert_eq!(results[0].state, MessageState::Pending, "{answering}");
        centre.behave();
        let began = Instant::now();
        let result = ended(&client, "a@pi").await;
        assert_eq!(
            result.state,
            MessageState::Delivered,
            "{answering}: {result:?}"
        );
        assert!(began.elapsed() < Duration::from_secs(30), "{answering}");
        centre.shows("a");
        assert_eq!(centre.asked_for().len(), 1, "{answering}");
        assert_eq!(centre.texts(), ["a"], "{answering}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_that_stays_is_a_timeout() {
    let centre = Centre::start();
    centre.switch(&json!({"answering": "deaf"}));
    let lab = Lab::new(&(centre.link("one", "timeout_s = 1") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let mut short = push("a@pi", None);
    short.deliver_before_ms = Some((since.as_secs() + 4) * 1000);
    accept(&client, short, &text("a")).await;
    let result = ended(&client, "a@pi").await;
    assert_eq!(
        (result.state, result.code.number()),
        (MessageState::Timeout, 4000)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_is_away_gets_no_alert_that_has_expired() {
    let port = free_port();
    let centre = Centre::at(port, None, &[]);
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    let port = centre.kill();
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let mut short = push("short@pi", None);
    short.deliver_before_ms = Some((since.as_secs() + 3) * 1000);
    accept(&client, short, &text("short")).await;
    accept(&client, push("long@pi", None), &text("long")).await;
    let result = ended(&client, "short@pi").await;
    assert_eq!(result.state, MessageState::Expired, "{result:?}");
    let centre = Centre::at(port, None, &[]);
    centre.shows("long");
    let result = ended(&client, "long@pi").await;
    assert_eq!(result.state, MessageState::Delivered, "{result:?}");
    assert_eq!(centre.texts(), ["long"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_that_refuse_are_found_where_the_centre_tells() {
    let told = Centre::watched(&["--cells-refuse"]);
    let silent = Centre::with(&["--cells-refuse"]);
    let rest = told.link("told", "") + &silent.link("silent", "") + &ways(&["told", "silent"]);
    let lab = Lab::new(&rest);
    let _gateway = lab.start();
    let client = lab.client();
    accept(
        &client,
        to(push("told@pi", None), &[group("told")]),
        &text("a"),
    )
    .await;
    let result = ended(&client, "told@pi").await;
    assert_eq!(result.state, MessageState::Undeliverable, "{result:?}");
    let desc = result.desc.unwrap();
    assert!(
        desc.contains("every one of 3 cells refused it: BSC capacity exceeded"),
        "{desc}"
    );
    told.has_on_air(0);
    accept(
        &client,
        to(push("silent@pi", None), &[group("silent")]),
        &text("a"),
    )
    .await;
    let result = ended(&client, "silent@pi").await;
    assert_eq!(result.state, MessageState::Delivered, "nobody can tell");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_without_a_network_does_not_count_as_broadcast() {
    let centre = Centre::with(&["--no-peer-ms", "100"]);
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("a@pi", None), &text("a")).await;
    let result = ended(&client, "a@pi").await;
    assert_eq!(
        (result.state, result.code.number()),
        (MessageState::Undeliverable, 4000)
    );
    assert!(
        result
            .desc
            .unwrap()
            .contains("no part of the network is connected")
    );
    centre.has_on_air(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_centre_that_hangs_delays_no_other() {
    let (hangs, well) = (Centre::with(&["--answering", "never"]), Centre::start());
    let rest = hangs.link("hangs", "") + &well.link("well", "") + &ways(&["hangs", "well"]);
    let lab = Lab::new(&rest);
    let _gateway = lab.start();
    let client = lab.client();
    for number in 0..10 {
        let hanging = to(push(&format!("h{number}@pi"), None), &[group("hangs")]);
        accept(&client, hanging, &text("a")).await;
    }
    let began = Instant::now();
    accept(
        &client,
        to(push("w@pi", None), &[group("well")]),
        &text("well"),
    )
    .await;
    let result = ended(&client, "w@pi").await;
    assert_eq!(result.state, MessageState::Delivered);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    // And in the same centre one request does not keep the others from leaving.
    hangs.has_on_air(10);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_now_and_then_have_no_answer_lose_nothing() {
    let centre = Centre::with(&["--hang-every", "3"]);
    let lab = Lab::new(
        &(centre.link("one", "timeout_s = 1") + &cells(&format!("{POOL}\nair_time = \"lte\""))),
    );
    let _gateway = lab.start();
    let client = lab.client();
    for number in 0..12 {
        let name = format!("{number}@pi");
        accept(&client, push(&name, None), &text(&name)).await;
    }
    for number in 0..12 {
        let name = format!("{number}@pi");
        let result = ended(&client, &name).await;
        assert_eq!(result.state, MessageState::Delivered, "{result:?}");
        centre.shows(&name);
    }
    assert_eq!(centre.asked_for().len(), 12);
    assert_eq!(centre.texts().len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_25_a_centre_that_lets_nobody_in_is_told_as_such() {
    let centre = Centre::with(&["--allow", "192.0.2.0/24"]);
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("a@pi", None), &text("a")).await;
    let result = ended(&client, "a@pi").await;
    assert_eq!(
        (result.state, result.code.number()),
        (MessageState::Undeliverable, 4000)
    );
    assert!(result.desc.unwrap().contains("the centre refused it"));
    assert_eq!(centre.asked_for(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_forgot_is_still_told_to_end() {
    let centre = Centre::start();
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("a@pi", None), &text("a")).await;
    centre.shows("a");
    centre.restart();
    let cancelled = crate::initiator::cancel(&client, "a@pi", &[]).await;
    assert_eq!(crate::initiator::codes(&cancelled), [1000]);
    wait_for("the end", PATIENCE, || {
        let metrics = lab.admin().metrics();
        (metrics.value("pushcast_cbc_alerts{cbc=\"one\"} ") == 0).then_some(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn identifiers_that_somebody_else_uses_are_passed_over() {
    let centre = Centre::start();
    centre.is_used_by_somebody_else(40_960);
    centre.is_used_by_somebody_else(40_961);
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("a@pi", None), &text("a")).await;
    let result = ended(&client, "a@pi").await;
    assert_eq!(result.state, MessageState::Delivered, "{result:?}");
    centre.shows("a");
    let requests = centre.state()["requests"].as_u64().unwrap();
    // The next one does not run into the same.
    accept(&client, push("b@pi", None), &text("b")).await;
    let result = ended(&client, "b@pi").await;
    assert_eq!(result.state, MessageState::Delivered, "{result:?}");
    assert_eq!(centre.state()["requests"].as_u64().unwrap(), requests + 1);
    assert_eq!(centre.texts().iter().filter(|text| *text == "a").count(), 1);
    let ids: Vec<u64> = centre.on_air().iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [40_960, 40_961, 40_962, 40_963]);
    centre.expect_no_conflict();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_where_everything_is_in_use_is_not_asked_for_ever() {
    let centre = Centre::start();
    (40_960..40_976).for_each(|id| centre.is_used_by_somebody_else(id));
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("a@pi", None), &text("a")).await;
    let result = ended(&client, "a@pi").await;
    assert_eq!(
        (result.state, result.code.number()),
        (MessageState::Undeliverable, 4000)
    );
    let desc = result.desc.unwrap();
    assert!(
        desc.contains("is in use at the centre by somebody else"),
        "{desc}"
    );
    assert_eq!(centre.state()["requests"], 16 + 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_multicast_runs() {
    let centre = Centre::start();
    let lab = Lab::without_lane(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("a@pi", None), &text("a")).await;
    centre.shows("a");
    let result = ended(&client, "a@pi").await;
    assert_eq!(result.state, MessageState::Delivered, "{result:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_a_centre_is_away_waits_for_it_and_keeps_nobody_else() {
    let port = free_port();
    let centre = Centre::at(port, None, &[]);
    let rest = centre.link("one", "")
        + &cells(POOL)
        + &channel("air", 33, free_port(), "carousel = { passes = 1 }")
        + "[[alias_group]]\nname = \"either\"\nchannels = [\"cells\", \"air\"]\n";
    let lab = Lab::new(&rest);
    let _gateway = lab.start();
    let client = lab.client();
    let port = centre.kill();
    wait_for("the loss", PATIENCE, || {
        let metrics = lab.admin().metrics();
        (metrics.value("pushcast_cbc_link_up{cbc=\"one\"} ") == 0).then_some(())
    });
    accept(&client, push("a@pi", None), &text("a")).await;
    wait_for("a reason", PATIENCE, || {
        let output = lab.pushcast("status", &["a@pi"]);
        let told = String::from_utf8(output.stdout).unwrap();
        let why = "pending 1000 waits: cells: the centre cannot be reached";
        told.contains(why).then_some(())
    });
    // Where another channel can carry it at once, it does.
    let either = to(push("either@pi", None), &[group("either")]);
    accept(&client, either, &text("either")).await;
    let result = ended(&client, "either@pi").await;
    assert_eq!(result.desc.as_deref(), Some("Transmitted on MBMS"));
    let centre = Centre::at(port, None, &[]);
    centre.shows("a");
    let result = ended(&client, "a@pi").await;
    assert_eq!(result.state, MessageState::Delivered, "{result:?}");
}
