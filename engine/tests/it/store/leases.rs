//! Leases and their epochs.

use std::time::Duration;

use pushcast_engine::store::{Dialect, Lease, StoreError};

use super::place::Place;

super::stories!(
    an_owner_keeps_its_epoch,
    a_new_owner_gets_a_higher_epoch,
    a_lost_lease_cannot_be_renewed,
    what_ran_out_is_free,
);

const LONG: Duration = Duration::from_secs(600);

async fn an_owner_keeps_its_epoch(place: &Place) {
    let store = place.open("a").await;
    let lease = store
        .acquire_lease("lane/main", LONG)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(lease.epoch, 1);
    let again = store.acquire_lease("lane/main", LONG).await.unwrap();
    assert_eq!(again, Some(lease.clone()));
    store.renew_lease(&lease, LONG).await.unwrap();
    let other = store.acquire_lease("lane/other", LONG).await.unwrap();
    assert_eq!(other.unwrap().epoch, 1);
    store.release_lease(lease).await.unwrap();
    let after = store.acquire_lease("lane/main", LONG).await.unwrap();
    assert_eq!(after.unwrap().epoch, 2, "what was given up is over");
}

async fn a_new_owner_gets_a_higher_epoch(place: &Place) {
    let first = place.open("a").await;
    let lease = first.acquire_lease("lane", LONG).await.unwrap().unwrap();
    if place.dialect() == Dialect::Postgres {
        let second = place.open("b").await;
        assert_eq!(second.acquire_lease("lane", LONG).await.unwrap(), None);
        first.release_lease(lease.clone()).await.unwrap();
        let taken = second.acquire_lease("lane", LONG).await.unwrap().unwrap();
        assert_eq!(taken.epoch, 2);
        assert_eq!(first.acquire_lease("lane", LONG).await.unwrap(), None);
    } else {
        // The file lock proves that "a" is dead, however long its lease would run.
        drop(first);
        let second = place.open("b").await;
        let taken = second.acquire_lease("lane", LONG).await.unwrap().unwrap();
        assert_eq!(taken.epoch, 2);
    }
}

async fn a_lost_lease_cannot_be_renewed(place: &Place) {
    let store = place.open("a").await;
    let lease = store.acquire_lease("lane", LONG).await.unwrap().unwrap();
    let lost = |lease: Lease| async {
        let lease = lease;
        let renewed = store.renew_lease(&lease, LONG).await;
        assert!(
            matches!(renewed, Err(StoreError::Fenced { .. })),
            "{renewed:?}"
        );
    };
    lost(Lease {
        epoch: 0,
        ..lease.clone()
    })
    .await;
    lost(Lease {
        name: "unknown".to_owned(),
        ..lease.clone()
    })
    .await;
    store.release_lease(lease.clone()).await.unwrap();
    lost(lease).await;
}

async fn what_ran_out_is_free(place: &Place) {
    let first = place.open("a").await;
    let lease = first.acquire_lease("lane", LONG).await.unwrap().unwrap();
    place.execute("UPDATE lease SET expires_ms = 1").await;
    if place.dialect() == Dialect::Sqlite {
        // Nobody else can have come, whatever the clock says.
        first.renew_lease(&lease, LONG).await.unwrap();
        return;
    }
    let second = place.open("b").await;
    let taken = second.acquire_lease("lane", LONG).await.unwrap().unwrap();
    assert_eq!(taken.epoch, 2);
    let renewed = first.renew_lease(&lease, LONG).await;
    assert!(matches!(renewed, Err(StoreError::Fenced { .. })));
}
