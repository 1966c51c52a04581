//! What operators ask of channels.

use std::time::Duration;

use pushcast_engine::gateway::console::{ConsoleError, Test};
use pushcast_engine::model::channel_status::ChannelMode;
use pushcast_engine::model::{AlertState, AliasGroup, Channel, FluteChannel, MessageState, Role};

use super::desk::Desk;
use crate::store::place::Place;

crate::store::stories!(
    what_waits_for_a_paused_channel_goes_out_when_it_opens,
    a_pause_ends_what_is_on_the_air_and_a_drain_does_not,
    a_changed_channel_is_used_from_the_next_start_on,
    a_new_channel_is_one_that_the_next_start_can_use,
    tests_leave_from_test_workspaces_alone,
);

async fn what_waits_for_a_paused_channel_goes_out_when_it_opens(place: &Place) {
    let desk = Desk::open(place).await;
    let olga = desk.person("olga", &[Role::Operator], "live").await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    let air = "air".parse().unwrap();
    let none = desk
        .gateway
        .set_channel_mode(&olga, &air, ChannelMode::Paused, " ")
        .await;
    assert!(
        matches!(none, Err(ConsoleError::Invalid(_))),
        "a reason is demanded"
    );
    desk.gateway
        .set_channel_mode(&olga, &air, ChannelMode::Paused, "mast work")
        .await
        .unwrap();
    let (id, seen) = desk.submitted(&anna, "flood").await;
    desk.gateway
        .approve_alert(&cleo, &id, seen, true)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    let push = desk
        .store
        .console_parts(&id, 1)
        .await
        .unwrap()
        .remove(0)
        .submission;
    let pending = desk.store.deliveries(&push).await.unwrap();
    assert_eq!(
        pending[0].state,
        MessageState::Pending,
        "it waits and is not lost"
    );
    let states = desk.gateway.channel_states(&olga).await.unwrap();
    assert_eq!(states.len(), 1, "only the workspace's own");
    assert!(states[0].up && !states[0].is_ready());
    assert_eq!(states[0].mode_reason, "mast work");
    desk.gateway
        .set_channel_mode(&olga, &air, ChannelMode::Open, "done")
        .await
        .unwrap();
    desk.until(&anna, &id, AlertState::Completed).await;
    let modes = desk.store.channel_modes().await.unwrap();
    assert_eq!(modes[0].mode, ChannelMode::Open);
}

async fn a_pause_ends_what_is_on_the_air_and_a_drain_does_not(place: &Place) {
    let desk = Desk::open(place).await;
    let olga = desk.person("olga", &[Role::Operator], "live").await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    let id = desk.on_air(&anna, &cleo, |_| {}).await;
    let air = "air".parse().unwrap();
    let drained = desk
        .gateway
        .set_channel_mode(&olga, &air, ChannelMode::Draining, "r")
        .await;
    assert_eq!(drained.unwrap(), 0);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(
        desk.alert(&anna, &id).await.state(),
        AlertState::Broadcasting
    );
    let paused = desk
        .gateway
        .set_channel_mode(&olga, &air, ChannelMode::Paused, "r")
        .await;
    assert_eq!(paused.unwrap(), 1);
    desk.until(&anna, &id, AlertState::Completed).await;
}

async fn a_changed_channel_is_used_from_the_next_start_on(place: &Place) {
    let desk = Desk::open(place).await;
    let olga = desk.person("olga", &[Role::Operator], "live").await;
    let air = "air".parse().unwrap();
    let detail = desk.gateway.channel(&olga, &air).await.unwrap();
    assert!(!detail.status.needs_restart);
    assert_eq!(detail.used_by, ["group both", "group flood", "area valley"]);
    let flute = detail.channel.as_flute().unwrap();
    let form = Channel::Flute(FluteChannel {
        rate_bps: 1_000_000,
        ..flute.clone()
    });
    let on_air = desk
        .gateway
        .change_channel(&olga, form.clone(), detail.changed_ms)
        .await;
    assert_eq!(on_air.unwrap(), 0);
    let stale = desk
        .gateway
        .change_channel(&olga, form, detail.changed_ms)
        .await;
    assert!(matches!(stale, Err(ConsoleError::Conflict { .. })));
    let detail = desk.gateway.channel(&olga, &air).await.unwrap();
    assert!(detail.status.needs_restart);
    let used = desk.gateway.delete_channel(&olga, &air).await;
    assert!(matches!(used, Err(ConsoleError::InUse { .. })), "{used:?}");
    let mut new = detail.channel.as_flute().unwrap().clone();
    new.name = "spare".parse().unwrap();
    let form = Channel::Flute(new.clone());
    let same = desk.gateway.create_channel(&olga, form).await;
    assert!(
        matches!(same, Err(ConsoleError::Invalid(_))),
        "the same session: {same:?}"
    );
    new.port = 5199;
    let form = Channel::Flute(new);
    desk.gateway.create_channel(&olga, form).await.unwrap();
    let olga = desk.at_work("olga", "live").await;
    let spare = "spare".parse().unwrap();
    assert!(
        desk.gateway
            .channel(&olga, &spare)
            .await
            .unwrap()
            .status
            .needs_restart
    );
    desk.gateway.delete_channel(&olga, &spare).await.unwrap();
}

async fn a_new_channel_is_one_that_the_next_start_can_use(place: &Place) {
    let desk = Desk::open(place).await;
    let gateway = &desk.gateway;
    let most = &[Role::Operator, Role::Editor];
    let olga = desk.person("olga", most, "live").await;
    let choices = gateway.channel_choices(&olga).await.unwrap();
    assert_eq!(choices.lanes, ["main".parse().unwrap()]);
    assert!(choices.links.is_empty());
    let field = |answer: Result<(), ConsoleError>| match answer {
        Err(ConsoleError::Invalid(fields)) => fields[0].field,
        other => panic!("{other:?}"),
    };
    let flute = FluteChannel {
        port: 5300,
        ..FluteChannel::lab("spare".parse().unwrap())
    };
    let lane = FluteChannel {
        lane: Some("second".parse().unwrap()),
        ..flute.clone()
    };
    assert_eq!(
        field(gateway.create_channel(&olga, lane.into()).await),
        "lane"
    );
    let cells = serde_json::json!({
        "kind": "cbs", "name": "cells", "link": "nowhere", "message_ids": [919],
    });
    let cells: Channel = serde_json::from_value(cells).unwrap();
    assert_eq!(field(gateway.create_channel(&olga, cells).await), "link");
    // Neither a channel that is new nor one that is gone can be named.
    gateway.create_channel(&olga, flute.into()).await.unwrap();
    let olga = desk.at_work("olga", "live").await;
    let flood = gateway.directory().group(&"flood".parse().unwrap());
    let flood = flood.unwrap();
    let group = |channel: &str| AliasGroup {
        name: "next".parse().unwrap(),
        channels: vec![channel.parse().unwrap()],
        ..flood.clone()
    };
    let new = gateway.create_group(&olga, group("spare")).await;
    assert_eq!(field(new), "channels");
    for name in ["flood", "both"] {
        gateway
            .delete_group(&olga, &name.parse().unwrap())
            .await
            .unwrap();
    }
    let valley = "valley".parse().unwrap();
    gateway.delete_area(&olga, &valley).await.unwrap();
    let air = "air".parse().unwrap();
    gateway
        .set_channel_mode(&olga, &air, ChannelMode::Paused, "it goes")
        .await
        .unwrap();
    gateway.delete_channel(&olga, &air).await.unwrap();
    assert!(desk.store.channel_modes().await.unwrap().is_empty());
    let gone = gateway.create_group(&olga, group("air")).await;
    assert_eq!(field(gone), "channels");
}

async fn tests_leave_from_test_workspaces_alone(place: &Place) {
    let desk = Desk::open(place).await;
    let olga = desk.person("olga", &[Role::Operator], "live").await;
    let test = |channel: &str| Test {
        channel: channel.parse().unwrap(),
        reason: "monthly test".to_owned(),
    };
    let refused = desk.gateway.test_channel(&olga, test("air")).await;
    assert!(
        matches!(refused, Err(ConsoleError::NotNow(_))),
        "{refused:?}"
    );
    let lars = desk.person("lars", &[Role::Operator], "lab").await;
    let outcome = desk.gateway.test_channel(&lars, test("lab")).await.unwrap();
    let delivered = async {
        loop {
            let detail = desk
                .gateway
                .submission_detail(&lars, &outcome.submission)
                .await
                .unwrap();
            let delivery = &detail.deliveries[0];
            if delivery.state == MessageState::Delivered {
                return delivery.transmissions[0].channel.to_string();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let channel = tokio::time::timeout(Duration::from_secs(10), delivered)
        .await
        .unwrap();
    assert_eq!(channel, "lab");
}
