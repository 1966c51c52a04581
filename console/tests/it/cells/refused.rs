//! What is refused, with reasons that a person understands.

use pushcast_engine::model::{Address, MessageState};

use super::{Centre, POOL, accept, cells, ended, submit, text, typed};
use crate::initiator::{group, push, to};
use crate::lab::{Lab, PATIENCE};
use crate::process::wait_for;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_before_it_is_taken_in() {
    let centre = Centre::start();
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    let long: String = "я".repeat(616);
    for (entity, reason) in [
        (
            text(&long),
            "channel cells: the text takes 16 pages and 15 are possible",
        ),
        (
            typed("image/png", b"x"),
            "channel cells: image/png has no text to broadcast",
        ),
        (
            text("\u{7}"),
            "character 1 of the text is the control character U+0007",
        ),
        (
            text("Fire 🚒"),
            "character 6 of the text, 🚒 (U+1F692), is not in UCS2",
        ),
        (
            typed("text/plain; charset=klingon", b"a"),
            "the text cannot be read as klingon; send it as UTF-8",
        ),
        (text(""), "the text is empty"),
        (
            typed("text/vnd.wap.si", b"<si>"),
            "service indication cannot be read",
        ),
    ] {
        let answer = submit(&client, push("refused@pi", None), &entity).await;
        assert_eq!(answer.code.number(), 3006, "{answer:?}");
        let desc = answer.desc.unwrap();
        assert!(desc.contains(reason), "{desc}");
    }
    assert_eq!(centre.asked_for(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_area_that_the_centre_cannot_carry_is_refused() {
    let centre = Centre::start();
    let rest = centre.link("one", "")
        + &cells(POOL)
        + "[[area]]\nname = \"valley\"\nchannels = []\ncells = [\"cgi:001-01-1-6969\"]\n";
    // An area that a channel cannot cover is found by check-config where it names the channel, so
    // it comes in through a group that is scoped to it.
    let rest = rest.replace("channels = []", "channels = [\"air\"]")
        + &crate::lab::channel("air", 32, crate::process::free_port(), "")
        + "[[alias_group]]\nname = \"scoped\"\nareas = [\"valley\"]\ndeliver = \"all\"\n\
           channels = [\"cells\"]\n[[area]]\nname = \"everywhere\"\nchannels = [\"cells\"]\n\
           cells = [\"plmn\"]\n";
    let lab = Lab::new(&rest);
    let _gateway = lab.start();
    let client = lab.client();
    let scoped = to(push("scoped@pi", None), &[group("scoped")]);
    let answer = submit(&client, scoped, &text("a")).await;
    assert_eq!(answer.code.number(), 2002, "{answer:?}");
    let desc = answer.desc.unwrap();
    assert!(
        desc.contains("valley cannot be reached: ECBE cannot carry the area cgi:001-01-1-6969"),
        "{desc}"
    );
    assert_eq!(centre.asked_for(), []);
    let area = Address::area(&"everywhere".parse().unwrap(), "ppg").unwrap();
    accept(
        &client,
        to(push("all@pi", None), &[area.into()]),
        &text("to all"),
    )
    .await;
    centre.shows("to all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_without_air_time_says_what_would_fit() {
    let centre = Centre::start();
    let busy = format!("{POOL}\nrepetition_s = 30");
    let lab = Lab::new(&(centre.link("one", "") + &cells(&busy)));
    let _gateway = lab.start();
    let client = lab.client();
    let long = text(&"a".repeat(93 * 15));
    accept(&client, push("first@pi", None), &long).await;
    let first = ended(&client, "first@pi").await;
    assert_eq!(first.state, MessageState::Delivered, "{first:?}");
    accept(&client, push("second@pi", None), &long).await;
    let second = ended(&client, "second@pi").await;
    assert_eq!(second.state, MessageState::Undeliverable, "{second:?}");
    assert_eq!(second.code.number(), 4000);
    let desc = second.desc.unwrap();
    assert!(
        desc.contains(
            "no air time is left: 94 % of the channel is taken; the shortest period that fits is"
        ),
        "{desc}"
    );
    assert_eq!(centre.on_air().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_identifier_serves_one_alert_and_the_next_waits_or_is_refused() {
    let centre = Centre::start();
    let lab = Lab::new(&(centre.link("one", "") + &cells("message_ids = [919]")));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("first@pi", None), &text("first")).await;
    centre.shows("first");
    accept(&client, push("second@pi", None), &text("second")).await;
    wait_for("a reason", PATIENCE, || {
        let output = lab.pushcast("status", &["second@pi"]);
        let told = String::from_utf8(output.stdout).unwrap();
        let why = "pending 1000 waits: cells: every message identifier of the channel is in use";
        told.contains(why).then_some(())
    });
    assert_eq!(centre.on_air().len(), 1);
    let cancelled = crate::initiator::cancel(&client, "first@pi", &[]).await;
    assert_eq!(crate::initiator::codes(&cancelled), [1000]);
    centre.shows("second");
    centre.expect_no_conflict();
    let other = Centre::start();
    let strict = "message_ids = [919]\nwhen_busy = \"refuse\"";
    let lab = Lab::new(&(other.link("one", "") + &cells(strict)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("first@pi", None), &text("first")).await;
    other.shows("first");
    accept(&client, push("second@pi", None), &text("second")).await;
    let second = ended(&client, "second@pi").await;
    assert_eq!(
        (second.state, second.code.number()),
        (MessageState::Undeliverable, 4000)
    );
}
