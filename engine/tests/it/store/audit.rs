//! The audit only grows, and shows what was changed behind its back.

use pushcast_engine::model::Sha256;
use pushcast_engine::store::{AuditDetails, AuditEntry, Store};

use super::fixtures::NOW;
use super::place::Place;

super::stories!(
    rows_are_numbered_and_chained,
    every_change_is_found,
    a_cut_is_found_by_its_last_hash,
);

fn entry(number: u64) -> AuditEntry {
    AuditEntry {
        at_ms: NOW + number,
        who: number.is_multiple_of(2).then(|| "pi".to_owned()),
        source: Some(format!("192.0.2.{number}")),
        action: "authenticate".to_owned(),
        reason: "wrong".to_owned(),
        count: number,
        details: if number.is_multiple_of(3) {
            AuditDetails {
                who_kind: Some("user".to_owned()),
                workspace: None,
                object: Some(format!("alert {number}")),
                before: None,
                after: Some("{}".to_owned()),
            }
        } else {
            AuditDetails::default()
        },
    }
}

async fn filled(place: &Place) -> Store {
    let store = place.open("a").await;
    for first in [1, 4, 7] {
        let entries = (first..first + 3).map(entry).collect();
        store.audit_append(entries).await.unwrap();
    }
    store
}

async fn rows_are_numbered_and_chained(place: &Place) {
    let store = place.open("a").await;
    let nothing = store.audit_verify().await.unwrap();
    assert_eq!((nothing.sound, nothing.head), (0, Sha256([0; 32])));
    drop(store);
    let store = filled(place).await;
    let rows = store.audit_log().rows_after(0).await.unwrap();
    let numbers: Vec<_> = rows.iter().map(|row| row.seq).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    assert!(
        rows.iter()
            .zip(1..)
            .all(|(row, number)| row.entry == entry(number))
    );
    let verdict = store.audit_verify().await.unwrap();
    assert_eq!((verdict.sound, verdict.broken_at), (9, None));
    assert_eq!(verdict.head, rows[8].hash);
    // The next process goes on where this one ended.
    store.close().await.unwrap();
    let store = place.open("b").await;
    store.audit_append(vec![entry(10)]).await.unwrap();
    assert_eq!(store.audit_verify().await.unwrap().sound, 10);
}

async fn every_change_is_found(place: &Place) {
    let changes = [
        ("reason = 'right'", "reason = 'wrong'"),
        ("who = 'pj'", "who = 'pi'"),
        ("who = NULL", "who = 'pi'"),
        ("source = '192.0.2.44'", "source = '192.0.2.4'"),
        ("at_ms = at_ms + 1", "at_ms = at_ms - 1"),
        ("number = 5", "number = 4"),
    ];
    let store = filled(place).await;
    for (change, back) in changes {
        place
            .execute(&format!("UPDATE audit SET {change} WHERE seq = 4"))
            .await;
        let verdict = store.audit_verify().await.unwrap();
        assert_eq!((verdict.sound, verdict.broken_at), (3, Some(4)), "{change}");
        place
            .execute(&format!("UPDATE audit SET {back} WHERE seq = 4"))
            .await;
        assert_eq!(
            store.audit_verify().await.unwrap().broken_at,
            None,
            "{back}"
        );
    }
    place.execute("DELETE FROM audit WHERE seq = 6").await;
    assert_eq!(store.audit_verify().await.unwrap().broken_at, Some(6));
    place
        .execute("UPDATE audit SET seq = seq - 1 WHERE seq = 7")
        .await;
    assert_eq!(store.audit_verify().await.unwrap().broken_at, Some(6));
}

async fn a_cut_is_found_by_its_last_hash(place: &Place) {
    let store = filled(place).await;
    let kept = store.audit_verify().await.unwrap();
    place.execute("DELETE FROM audit WHERE seq > 7").await;
    let cut = store.audit_verify().await.unwrap();
    assert_eq!(cut.broken_at, None);
    assert_ne!(cut.head, kept.head);
}
