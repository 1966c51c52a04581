//! Texts that go right through.

use pushcast_engine::model::MessageState;

use super::{Centre, POOL, accept, cells, ended, submit, text, typed};
use crate::initiator::{group, push, to};
use crate::lab::{Lab, PATIENCE, channel};
use crate::process::{free_port, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn fifteen_pages_of_ucs2_are_shown_as_they_were_written() {
    let centre = Centre::watched(&[]);
    let lab = Lab::new(&(centre.link("one", "") + &cells(POOL)));
    let _gateway = lab.start();
    let client = lab.client();
    let long: String = "Вода прибывает. ".chars().cycle().take(615).collect();
    accept(&client, push("long@pi", None), &text(&long)).await;
    centre.shows(&long);
    let result = ended(&client, "long@pi").await;
    assert_eq!(result.state, MessageState::Delivered, "{result:?}");
    let desc = result.desc.unwrap();
    assert!(
        desc.contains("Transmitted on CBS; cells: broadcast in 3 of 3 cells"),
        "{desc}"
    );
    let state = centre.state();
    assert_eq!(state["shown"][0]["pages"], 15);
    assert_eq!(state["shown"][0]["charset"], "ucs2");
    let bearer = result.quality_of_service.unwrap().bearer;
    assert_eq!(bearer.as_deref(), Some("CBS"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_etws_goes_out_with_its_flags() {
    let centre = Centre::start();
    let etws = "message_ids = [4355]\nemergency_user_alert = true\npopup = true";
    let lab = Lab::new(&(centre.link("one", "") + &cells(etws)));
    let _gateway = lab.start();
    accept(
        &lab.client(),
        push("etws@pi", None),
        &text("This is a test"),
    )
    .await;
    centre.shows("This is a test");
    let [(id, serial)] = centre.on_air()[..] else {
        panic!("{:?}", centre.state());
    };
    assert_eq!((id, serial & 0x3000), (4355, 0x3000));
    let primary = format!("{etws}\npayload = \"etws\"");
    let other = Centre::start();
    let lab = Lab::new(&(other.link("one", "") + &cells(&primary)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("primary@pi", None), &text("is not sent")).await;
    let result = ended(&client, "primary@pi").await;
    assert_eq!(result.state, MessageState::Delivered, "{result:?}");
    assert_eq!(other.on_air().len(), 1);
    assert_eq!(other.texts(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_language_is_a_message_of_its_own() {
    let centre = Centre::start();
    let exercise = "message_ids = [4381]\nlanguage = \"de\"";
    let lab = Lab::new(&(centre.link("one", "") + &cells(exercise)));
    let _gateway = lab.start();
    let body = "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Language: de\r\n\r\n\
        Übung\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Language: en\r\n\r\n\
        Exercise\r\n--b--\r\n";
    let entity = typed("multipart/alternative; boundary=b", body.as_bytes());
    accept(&lab.client(), push("two@pi", None), &entity).await;
    centre.shows("Übung");
    centre.shows("Exercise");
    let ids: Vec<u64> = centre.on_air().iter().map(|(id, _)| *id).collect();
    assert_eq!(
        ids,
        [4381, 4394],
        "the second takes that of additional languages"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_goes_out_over_multicast_and_cells_together() {
    let centre = Centre::start();
    let port = free_port();
    let rest = centre.link("one", "")
        + &channel("air", 31, port, "carousel = { passes = 1 }")
        + &cells(POOL)
        + "[[alias_group]]\nname = \"both\"\ndeliver = \"all\"\nchannels = [\"air\", \"cells\"]\n\
           [[alias_group]]\nname = \"first\"\nchannels = [\"cells\", \"air\"]\n\
           [[alias_group]]\nname = \"some\"\ndeliver = \"all\"\nrequired = [\"air\"]\n\
           channels = [\"air\", \"cells\"]\n";
    let lab = Lab::new(&rest);
    let _gateway = lab.start();
    let client = lab.client();
    let both = to(push("both@pi", None), &[group("both")]);
    accept(&client, both, &text("both")).await;
    centre.shows("both");
    let result = ended(&client, "both@pi").await;
    assert_eq!(result.state, MessageState::Delivered);
    let desc = result.desc.unwrap();
    assert!(desc.starts_with("Transmitted on MBMS and CBS"), "{desc}");
    // What the first cannot carry goes to the next.
    let picture = typed("image/png", b"\x89PNG");
    accept(
        &client,
        to(push("next@pi", None), &[group("first")]),
        &picture,
    )
    .await;
    let result = ended(&client, "next@pi").await;
    assert_eq!(result.desc.as_deref(), Some("Transmitted on MBMS"));
    // An optional channel that cannot is told of, and decides nothing.
    let mut some = to(push("some@pi", None), &[group("some")]);
    some.progress_notes = true;
    let answer = submit(&client, some, &picture).await;
    assert_eq!(answer.code.number(), 1001, "{answer:?}");
    let notes = format!("{:?}", answer.progress_notes);
    assert!(
        notes.contains("not on cells: image/png has no text"),
        "{notes}"
    );
    let result = ended(&client, "some@pi").await;
    assert_eq!(result.state, MessageState::Delivered);
    let desc = result.desc.unwrap();
    assert_eq!(desc, "Transmitted on MBMS; not on cells");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_often_an_alert_was_broadcast_is_told_to_the_end() {
    let centre = Centre::watched(&[]);
    let often = format!("{POOL}\nrepetition_s = 2\nbroadcasts = 2");
    let lab = Lab::new(&(centre.link("one", "") + &cells(&often)));
    let _gateway = lab.start();
    let client = lab.client();
    accept(&client, push("a@pi", None), &text("a")).await;
    let result = ended(&client, "a@pi").await;
    assert_eq!(result.state, MessageState::Delivered, "{result:?}");
    let told = "delivered 1000 Transmitted on CBS; cells: broadcast in 3 of 3 cells, 2 times\n";
    wait_for(told, PATIENCE, || {
        let output = lab.pushcast("status", &["a@pi"]);
        let status = String::from_utf8(output.stdout).unwrap();
        status.ends_with(told).then_some(())
    });
}
