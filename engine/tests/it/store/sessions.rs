//! TOIs and FDT Instance IDs are given out.

use std::collections::HashSet;

use pushcast_engine::model::TransmissionState;
use pushcast_engine::store::{Change, FDT_INSTANCE_IDS, StoreError, ToiRequest};
use tokio::task::JoinSet;

use super::fixtures::{NOW, on_air, with_addresses};
use super::place::Place;

super::stories!(
    tois_wrap_and_skip_the_busy,
    fdt_ids_wrap,
    nothing_is_given_out_under_an_old_epoch,
    nobody_gets_the_same_block,
);

fn request(count: u32) -> ToiRequest {
    ToiRequest {
        channel: "lab".parse().unwrap(),
        tsi: 1,
        epoch: 1,
        count,
        toi_bits: 3,
        busy_after_ms: NOW,
    }
}

async fn tois_wrap_and_skip_the_busy(place: &Place) {
    let store = place.open("a").await;
    assert_eq!(store.reserve_tois(request(3)).await.unwrap(), [1, 2, 3]);
    let sent = on_air(&store, with_addresses("one", 3), 1).await;
    assert_eq!(store.reserve_tois(request(3)).await.unwrap(), [4, 5, 6]);
    let ended = |number: usize, at_ms| Change::Ended {
        transmission: sent[number].id.clone(),
        state: TransmissionState::Ended,
        desc: String::new(),
        at_ms,
    };
    store
        .conclude(vec![ended(0, NOW), ended(1, NOW + 1)])
        .await
        .unwrap();
    assert_eq!(
        store.reserve_tois(request(3)).await.unwrap(),
        [7, 1, 4],
        "not 0, not 2 that just ended, not 3 that is on the air"
    );
    assert_eq!(
        store.reserve_tois(request(9)).await.unwrap(),
        [5, 6, 7, 1, 4]
    );
    on_air(&store, with_addresses("two", 4), 4).await;
    let mut more = on_air(&store, with_addresses("three", 1), 1).await;
    let full = store.reserve_tois(request(1)).await;
    assert!(
        matches!(full, Err(StoreError::NoFreeToi { .. })),
        "{full:?}"
    );
    let withdrawn = Change::Ended {
        transmission: more.remove(0).id,
        state: TransmissionState::Withdrawn,
        desc: String::new(),
        at_ms: NOW,
    };
    store.conclude(vec![withdrawn]).await.unwrap();
    assert_eq!(store.reserve_tois(request(5)).await.unwrap(), [1]);
    let elsewhere = ToiRequest {
        channel: "other".parse().unwrap(),
        ..request(2)
    };
    assert_eq!(store.reserve_tois(elsewhere).await.unwrap(), [1, 2]);
}

async fn fdt_ids_wrap(place: &Place) {
    let store = place.open("a").await;
    let lab = request(1).channel;
    assert_eq!(store.reserve_fdt_ids(&lab, 1, 16).await.unwrap(), 0);
    assert_eq!(store.reserve_fdt_ids(&lab, 1, 16).await.unwrap(), 16);
    let most = FDT_INSTANCE_IDS - 40;
    assert_eq!(store.reserve_fdt_ids(&lab, 1, most).await.unwrap(), 32);
    let last = store.reserve_fdt_ids(&lab, 1, 16).await.unwrap();
    assert_eq!(last, FDT_INSTANCE_IDS - 8);
    assert_eq!(store.reserve_fdt_ids(&lab, 1, 16).await.unwrap(), 8);
    assert_eq!(store.reserve_tois(request(1)).await.unwrap(), [1]);
    assert_eq!(store.reserve_fdt_ids(&lab, 1, 1).await.unwrap(), 24);
}

async fn nothing_is_given_out_under_an_old_epoch(place: &Place) {
    let store = place.open("a").await;
    let lab = request(1).channel;
    let newer = ToiRequest {
        epoch: 3,
        ..request(2)
    };
    assert_eq!(store.reserve_tois(request(2)).await.unwrap(), [1, 2]);
    assert_eq!(store.reserve_tois(newer.clone()).await.unwrap(), [3, 4]);
    let stale = store.reserve_tois(request(1)).await;
    assert!(matches!(stale, Err(StoreError::Fenced { epoch: 1, .. })));
    let stale = store.reserve_fdt_ids(&lab, 2, 1).await;
    assert!(matches!(stale, Err(StoreError::Fenced { epoch: 2, .. })));
    assert_eq!(store.reserve_fdt_ids(&lab, 3, 1).await.unwrap(), 0);
    assert_eq!(store.reserve_tois(newer).await.unwrap(), [5, 6]);
}

async fn nobody_gets_the_same_block(place: &Place) {
    let store = place.open("a").await;
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        let request = ToiRequest {
            toi_bits: 16,
            ..request(64)
        };
        tasks.spawn(async move { store.reserve_tois(request).await.unwrap() });
    }
    let tois: Vec<u32> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(tois.len(), 50 * 64);
    assert_eq!(tois.iter().collect::<HashSet<_>>().len(), tois.len());
}
