//! Definitions are seeded from the configuration.

use pushcast_engine::model::initiator::Rate;
use pushcast_engine::model::{
    AliasGroup, Bearer, Channel, Initiator, Priority, ServiceArea, Sha256,
};
use pushcast_engine::store::{Difference, StoreError};

use super::fixtures::NOW;
use super::place::Place;

super::stories!(
    seeding_adds_and_never_changes,
    every_kind_is_kept,
    unreadable_definitions_are_named,
);

fn group(name: &str, receivers_expected: u64) -> AliasGroup {
    AliasGroup {
        name: name.parse().unwrap(),
        channels: vec!["lab".parse().unwrap()],
        deliver: Default::default(),
        required: Vec::new(),
        areas: Vec::new(),
        application_id: None,
        receivers_expected: Some(receivers_expected),
    }
}

async fn seeding_adds_and_never_changes(place: &Place) {
    let store = place.open("a").await;
    let first = [group("süd", 1), group("nord", 2)];
    assert!(store.seed_groups(&first, NOW).await.unwrap().is_empty());
    let second = [group("süd", 1), group("nord", 3), group("west", 4)];
    assert_eq!(
        store.seed_groups(&second, NOW).await.unwrap(),
        [Difference {
            seeded: group("nord", 3),
            stored: group("nord", 2)
        }]
    );
    assert_eq!(
        store.groups().await.unwrap(),
        [group("nord", 2), group("süd", 1), group("west", 4)]
    );
}

async fn every_kind_is_kept(place: &Place) {
    let store = place.open("a").await;
    let channel = Channel::lab("lab".parse().unwrap());
    let area = ServiceArea::covered_by("tal".parse().unwrap(), vec![channel.name().clone()]);
    let initiator = Initiator {
        digest_ha1_file: Some("/etc/pushcast/pi.ha1".to_owned()),
        client_certificates: vec![Sha256([7; 32])],
        bearers: Some(vec![Bearer::Mbms]),
        max_priority: Some(Priority::Medium),
        rate: Some(Rate {
            per_second: 10,
            burst: 20,
        }),
        daily_quota: Some(1000),
        password_hash: Some("$argon2id$".to_owned()),
        trusted_from: vec!["127.0.0.0/8".parse().unwrap()],
        groups: vec!["*".to_owned()],
        areas: Vec::new(),
        body_bytes: Some(1 << 20),
        notify_hosts: vec!["localhost:8080".to_owned()],
        ..Initiator::named("pi".parse().unwrap())
    };
    store
        .seed_channels(std::slice::from_ref(&channel), NOW)
        .await
        .unwrap();
    store
        .seed_areas(std::slice::from_ref(&area), NOW)
        .await
        .unwrap();
    store
        .seed_initiators(std::slice::from_ref(&initiator), NOW)
        .await
        .unwrap();
    store.close().await.unwrap();
    let store = place.open("a").await;
    assert_eq!(store.channels().await.unwrap(), [channel]);
    assert_eq!(store.areas().await.unwrap(), [area]);
    assert_eq!(store.initiators().await.unwrap(), [initiator]);
}

async fn unreadable_definitions_are_named(place: &Place) {
    let store = place.open("a").await;
    store.seed_groups(&[group("süd", 1)], NOW).await.unwrap();
    place
        .execute("UPDATE alias_group SET definition = 'x'")
        .await;
    match store.groups().await {
        Err(StoreError::Corrupt { table, column, id }) => {
            assert_eq!(
                (table, column, id.as_str()),
                ("alias_group", "definition", "süd")
            );
        }
        other => panic!("{other:?}"),
    }
    let seeded = store.seed_groups(&[group("süd", 1)], NOW).await;
    assert!(matches!(seeded, Err(StoreError::Corrupt { .. })));
}
