//! The gateway dies between asking and answer: never a second serial number for one alert.

use std::time::Duration;

use pushcast_engine::model::MessageState;
use pushcast_engine::pap::message::ReplaceMethod;
use serde_json::json;

use super::{Centre, POOL, accept, cells, ended, text};
use crate::initiator::{cancel, codes, push, replacing};
use crate::lab::Lab;
use crate::random::Random;

const SEED: u64 = 4_711;

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_asking_and_answer_gives_no_second_serial_number() {
    for answering in ["never", "deaf"] {
        let centre = Centre::start();
        centre.switch(&json!({"answering": answering}));
        let lab = Lab::new(&(centre.link("one", "timeout_s = 5") + &cells(POOL)));
        let gateway = lab.start();
        let client = lab.client();
        accept(&client, push("a@pi", None), &text("a")).await;
        if answering == "never" {
            centre.has_on_air(1);
        } else {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        drop(gateway);
        centre.behave();
        let _gateway = lab.start();
        let result = ended(&client, "a@pi").await;
        assert_eq!(result.state, MessageState::Delivered, "{result:?}");
        centre.shows("a");
        assert_eq!(centre.asked_for().len(), 1, "{answering}");
        // What is on the air after the restart can be taken off.
        assert_eq!(codes(&cancel(&client, "a@pi", &[]).await), [1000]);
        centre.has_on_air(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_replaced_while_the_gateway_dies_keep_their_numbers_apart() {
    println!("seed {SEED}");
    let mut random = Random::new(SEED);
    let centre = Centre::with(&["--hang-every", "5"]);
    let lab = Lab::new(
        &(centre.link("one", "timeout_s = 1") + &cells(&format!("{POOL}\nair_time = \"lte\""))),
    );
    let mut gateway = lab.start();
    let client = lab.client();
    let mut number = 0;
    for _ in 0..5 {
        for _ in 0..4 {
            number += 1;
            let name = format!("{number}@pi");
            let new = push(&name, None);
            let new = match number % 3 {
                1 => new,
                _ => replacing(new, &format!("{}@pi", number - 1), ReplaceMethod::All),
            };
            accept(&client, new, &text(&format!("alert {number}"))).await;
            tokio::time::sleep(Duration::from_millis(random.below(60))).await;
        }
        drop(gateway);
        gateway = lab.start();
    }
    for number in 1..=number {
        let result = ended(&client, &format!("{number}@pi")).await;
        let is_possible = matches!(
            result.state,
            MessageState::Delivered | MessageState::Cancelled
        );
        assert!(is_possible, "{number}: {result:?}");
    }
    centre.expect_no_conflict();
    // No text was shown twice, and of every chain the last is on the air.
    let mut texts = centre.texts();
    for last in [3, 6, 9, 12, 15, 18, 20] {
        centre.shows(&format!("alert {last}"));
    }
    let count = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), count, "{texts:?}");
    centre.has_on_air(7);
}
