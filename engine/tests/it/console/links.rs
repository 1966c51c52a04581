//! What operators ask of links to Cell Broadcast Centres.

use std::net::Ipv4Addr;
use std::time::Duration;

use pushcast_engine::cbc::simulator::{Centre, Network, Quirks};
use pushcast_engine::clock::Clock;
use pushcast_engine::gateway::console::{Actor, ConsoleError};
use pushcast_engine::http::cbc::{Setup, Simulated};
use pushcast_engine::model::alert::Field;
use pushcast_engine::model::channel_status::ChannelMode;
use pushcast_engine::model::link_status::{LinkMode, LinkStatus};
use pushcast_engine::model::{AlertId, AlertState, MessageState, Role};
use tokio::net::TcpListener;

use super::desk::{Desk, content, message};
use crate::store::place::Place;

crate::store::stories!(
    what_waits_for_a_paused_link_is_asked_when_it_opens,
    an_alert_is_repeated_as_its_author_wants_it,
    a_stop_and_a_pause_of_the_channel_take_pages_off_the_air,
    what_cells_cannot_carry_is_not_sent_for_approval,
    whoever_pauses_a_link_may_operate_every_workspace_on_it,
);

/// A simulated centre and a desk that has a link to it.
async fn with_centre(place: &Place) -> (Desk, Simulated) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let setup = Setup {
        centre: Centre::new(Network::new(2, 100)),
        quirks: Quirks::default(),
        allow: Vec::new(),
        clock: Clock::system(),
    };
    let (simulated, _) = Simulated::start(setup, listener, None);
    (Desk::with_cells(place, &url).await, simulated)
}

async fn what_waits_for_a_paused_link_is_asked_when_it_opens(place: &Place) {
    let (desk, centre) = with_centre(place).await;
    let gateway = &desk.gateway;
    let olga = desk.person("olga", &[Role::Operator], "live").await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    let cbc = "cbc".parse().unwrap();
    let none = gateway
        .set_link_mode(&olga, &cbc, LinkMode::Paused, " ")
        .await;
    assert!(matches!(none, Err(ConsoleError::Invalid(_))), "{none:?}");
    gateway
        .set_link_mode(&olga, &cbc, LinkMode::Paused, "the centre is upgraded")
        .await
        .unwrap();
    let (id, seen) = desk.submitted(&anna, "sirens").await;
    gateway.approve_alert(&cleo, &id, seen, true).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    let parts = desk.store.console_parts(&id, 1).await.unwrap();
    let pending = desk.store.deliveries(&parts[0].submission).await.unwrap();
    assert_eq!(pending[0].state, MessageState::Pending, "it is not lost");
    assert!(centre.centre().asked_for().is_empty(), "nobody was asked");
    let state = &gateway.link_states(&olga).await.unwrap()[0];
    assert!(state.up && !state.is_ready(), "{state:?}");
    assert_eq!(state.mode_reason, "the centre is upgraded");
    assert_eq!(state.mode_by.as_ref(), Some(olga.name()));
    assert_eq!(desk.store.link_modes().await.unwrap().len(), 1, "it lasts");
    gateway
        .set_link_mode(&olga, &cbc, LinkMode::Open, "done")
        .await
        .unwrap();
    desk.until(&anna, &id, AlertState::Broadcasting).await;
    assert_eq!(centre.centre().asked_for().len(), 1);
    assert_eq!((state.asked(), state.answered_ms), (0, None));
    let state = &gateway.link_states(&olga).await.unwrap()[0];
    assert!(state.asked() > 0 && state.failed() == 0, "{state:?}");
    assert!(state.answered_ms.is_some());
    let audit = desk.audit().await;
    for action in ["pause_link", "resume_link"] {
        let mut rows = audit.iter();
        let row = rows.find(|(_, done, ..)| done == action).unwrap();
        assert_eq!((row.0.as_str(), row.2.as_str()), ("olga", "CBC link cbc"));
    }
}

async fn whoever_pauses_a_link_may_operate_every_workspace_on_it(place: &Place) {
    let (desk, _centre) = with_centre(place).await;
    let gateway = &desk.gateway;
    let cbc = "cbc".parse().unwrap();
    let lars = desk.person("lars", &[Role::Operator], "lab").await;
    assert_eq!(gateway.link_states(&lars).await.unwrap(), []);
    let foreign = gateway
        .set_link_mode(&lars, &cbc, LinkMode::Paused, "r")
        .await;
    assert!(
        matches!(foreign, Err(ConsoleError::NotFound { .. })),
        "{foreign:?}"
    );
    let root = desk.person("root", &[Role::Administrator], "live").await;
    let seen: Vec<LinkStatus> = gateway.link_states(&root).await.unwrap();
    assert_eq!(seen[0].channels, ["cells".parse().unwrap()]);
    let refused = gateway
        .set_link_mode(&root, &cbc, LinkMode::Paused, "r")
        .await;
    assert!(
        matches!(refused, Err(ConsoleError::Forbidden(_))),
        "{refused:?}"
    );
    assert!(gateway.link_states(&root).await.unwrap()[0].is_ready());
}

/// An alert to `sirens` that is on the air.
async fn on_air(desk: &Desk, author: &Actor, approver: &Actor, every_s: Option<u64>) -> AlertId {
    let (id, seen) = desk.draft(author, "sirens").await;
    let mut content = content("sirens");
    content.repetition_s = every_s;
    let gateway = &desk.gateway;
    let edited = gateway.edit_alert(author, &id, seen, content).await;
    let seen = edited.unwrap();
    gateway.submit_alert(author, &id, seen).await.unwrap();
    let approved = gateway.approve_alert(approver, &id, seen, true).await;
    approved.unwrap();
    desk.until(author, &id, AlertState::Broadcasting).await;
    id
}

/// Slots between two broadcasts and number of broadcasts that were asked for.
async fn asked_for(desk: &Desk, id: &AlertId) -> Vec<(u64, u64)> {
    let mut asked = Vec::new();
    for part in desk.store.console_parts(id, 1).await.unwrap() {
        let sent = desk
            .store
            .transmissions_of_submission(&part.submission)
            .await
            .unwrap();
        let rows = desk.store.cbs_messages(&sent[0].channel, sent[0].toi).await;
        let record: serde_json::Value = serde_json::from_str(&rows.unwrap()[0].broadcast).unwrap();
        let number = |key: &str| record[key].as_u64().unwrap();
        asked.push((number("period_slots"), number("broadcasts")));
        let interval_s = sent[0].plan.interval_ms.unwrap() / 1000;
        assert!(number("period_slots") * 1883 / 1000 >= interval_s);
    }
    asked
}

async fn an_alert_is_repeated_as_its_author_wants_it(place: &Place) {
    let (desk, _centre) = with_centre(place).await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    // 120 s are 64 slots of 1.883 s, and 600 s hold five of them. Otherwise the channel's: 60 s.
    for (repetition_s, slots, broadcasts) in [(Some(120), 64, 5), (None, 32, 10)] {
        let id = on_air(&desk, &anna, &cleo, repetition_s).await;
        assert_eq!(asked_for(&desk, &id).await, [(slots, broadcasts)]);
    }
}

/// Waits until the centre has so many messages on the air.
async fn has_on_air(centre: &Simulated, count: usize) {
    let reached = async {
        while centre.centre().on_air().len() != count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), reached).await;
    assert!(waited.is_ok(), "{:?}", centre.centre().on_air());
}

async fn a_stop_and_a_pause_of_the_channel_take_pages_off_the_air(place: &Place) {
    let (desk, centre) = with_centre(place).await;
    let olga = desk.person("olga", &[Role::Operator], "live").await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    let first = on_air(&desk, &anna, &cleo, None).await;
    let second = on_air(&desk, &anna, &cleo, None).await;
    has_on_air(&centre, 2).await;
    let stopped = desk.gateway.stop_alert(&cleo, &first, "over").await;
    assert!(stopped.unwrap(), "something of it had been sent");
    has_on_air(&centre, 1).await;
    let cells = "cells".parse().unwrap();
    let paused = desk
        .gateway
        .set_channel_mode(&olga, &cells, ChannelMode::Paused, "mast work")
        .await;
    assert_eq!(paused.unwrap(), 1);
    has_on_air(&centre, 0).await;
    desk.until(&anna, &second, AlertState::Completed).await;
}

async fn what_cells_cannot_carry_is_not_sent_for_approval(place: &Place) {
    let (desk, _centre) = with_centre(place).await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let gateway = &desk.gateway;
    let (id, seen) = desk.draft(&anna, "sirens").await;
    let mut long = content("sirens");
    long.messages = vec![message("en", &"a".repeat(1396)), message("uk", "Вода")];
    let seen = gateway.edit_alert(&anna, &id, seen, long).await.unwrap();
    let refused = gateway.submit_alert(&anna, &id, seen).await;
    let Err(ConsoleError::Content(problems)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].field, Field::Text);
    assert_eq!(problems[0].language, Some("en".parse().unwrap()));
    let told = &problems[0].message;
    assert!(
        told.contains("Channel cells cannot broadcast it: the text takes 16 pages"),
        "{told}"
    );
    // Multicast carries it.
    let mut elsewhere = content("flood");
    elsewhere.messages = vec![message("en", &"a".repeat(1396))];
    let seen = gateway.edit_alert(&anna, &id, seen, elsewhere).await;
    gateway
        .submit_alert(&anna, &id, seen.unwrap())
        .await
        .unwrap();
}
