//! Lists, reports, events, and pushes of initiators that wait.

use std::time::Duration;

use pushcast_engine::gateway::console::InitiatorSettings;
use pushcast_engine::model::audit::{AuditQuery, Who};
use pushcast_engine::model::event::What;
use pushcast_engine::model::listing::{EntryState, ListQuery, Order, Source, Tab};
use pushcast_engine::model::report::{Basis, Dimension, ReportQuery};
use pushcast_engine::model::{AlertState, MessageState, Role, Submission};
use pushcast_engine::store::Submitted;

use super::desk::Desk;
use crate::store::fixtures;
use crate::store::place::Place;

crate::store::stories!(
    pages_hold_every_push_once_in_its_order,
    each_part_of_the_list_has_its_own,
    pushes_wait_for_whoever_lets_them_go,
    pushes_of_an_initiator_are_seen_in_its_workspace,
    reports_add_up_and_say_what_is_measured,
    whoever_watches_hears_what_changes,
    the_audit_is_read_in_pages,
);

/// A push of an initiator to the group `lab`, due after a while.
fn push(desk: &Desk, number: usize, after_ms: u64) -> Submission {
    let now_ms = desk.clock.unix_ms();
    let id = uuid::Uuid::now_v7().to_string();
    Submission {
        id: id.parse().unwrap(),
        push_id: format!("Push_{number:03}").parse().unwrap(),
        lineage: pushcast_engine::model::Lineage::first(
            &format!("Push_{number:03}").parse().unwrap(),
        ),
        received_ms: now_ms,
        deliver_after_ms: Some(now_ms + after_ms),
        deliver_before_ms: now_ms + after_ms + 3_600_000,
        addresses: vec!["WAPPUSH=group%2Flab/TYPE=USER@ppg".parse().unwrap()],
        ..fixtures::submission("x")
    }
}

async fn store(desk: &Desk, push: Submission) {
    let mut deliveries = fixtures::deliveries(&push);
    for delivery in &mut deliveries {
        delivery.id = uuid::Uuid::now_v7().to_string().parse().unwrap();
    }
    let stored = desk.store.submit(push, deliveries).await.unwrap();
    assert_eq!(stored, Submitted::Stored);
}

async fn pages_hold_every_push_once_in_its_order(place: &Place) {
    let desk = Desk::open(place).await;
    let vera = desk.person("vera", &[Role::Viewer], "live").await;
    for number in 0..25 {
        store(
            &desk,
            push(&desk, number, 3_600_000 - number as u64 * 1_000),
        )
        .await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for (tab, order, first) in [
        (Tab::All, Order::Newest, "Push_024"),
        (Tab::All, Order::Oldest, "Push_000"),
        (Tab::Scheduled, Order::Newest, "Push_024"),
    ] {
        let mut query = ListQuery {
            tab,
            order,
            rows: 10,
            ..ListQuery::default()
        };
        let mut titles = Vec::new();
        loop {
            let page = desk.gateway.list(&vera, &query).await.unwrap();
            titles.extend(page.rows.into_iter().map(|row| row.title));
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        assert_eq!(titles.len(), 25, "{tab:?}");
        assert_eq!(titles[0], first, "{tab:?}");
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), 25, "{tab:?}");
    }
    let found = |text: &str| ListQuery {
        tab: Tab::All,
        text: Some(text.to_owned()),
        ..ListQuery::default()
    };
    for (text, number) in [
        ("Push_01", 10),
        ("Push_0", 25),
        ("Push%", 0),
        ("ush", 0),
        ("'", 0),
    ] {
        let page = desk.gateway.list(&vera, &found(text)).await.unwrap();
        assert_eq!(page.rows.len(), number, "{text}");
    }
    let console = ListQuery {
        tab: Tab::All,
        source: Some(Source::Console),
        ..ListQuery::default()
    };
    assert!(
        desk.gateway
            .list(&vera, &console)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

async fn each_part_of_the_list_has_its_own(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    desk.draft(&anna, "flood").await;
    let (id, seen) = desk.submitted(&anna, "flood").await;
    let rows = |tab| {
        let query = ListQuery {
            tab,
            ..ListQuery::default()
        };
        let (gateway, anna) = (desk.gateway.clone(), anna.clone());
        async move { gateway.list(&anna, &query).await.unwrap().rows }
    };
    assert_eq!(rows(Tab::Drafts).await.len(), 1);
    let waiting = rows(Tab::Waiting).await;
    assert_eq!(
        waiting[0].state,
        EntryState::Alert(AlertState::PendingApproval)
    );
    let overview = desk.gateway.overview(&anna).await.unwrap();
    assert_eq!((overview.waiting, overview.live), (1, 0));
    desk.gateway
        .approve_alert(&cleo, &id, seen, true)
        .await
        .unwrap();
    desk.until(&anna, &id, AlertState::Completed).await;
    let finished = rows(Tab::Finished).await;
    assert_eq!(finished.len(), 1);
    assert_eq!(finished[0].title, "Flood at the weir");
    assert_eq!(finished[0].targets, ["group flood"]);
    assert_eq!(finished[0].state, EntryState::Delivered);
    assert!(rows(Tab::Live).await.is_empty() && rows(Tab::Waiting).await.is_empty());
    let by_title = ListQuery {
        tab: Tab::All,
        text: Some("WEIR".to_owned()),
        ..ListQuery::default()
    };
    assert_eq!(
        desk.gateway
            .list(&anna, &by_title)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    let push = desk
        .store
        .console_parts(&id, 1)
        .await
        .unwrap()
        .remove(0)
        .submission;
    let raw = desk.gateway.raw_parts(&anna, &push).await.unwrap();
    assert!(
        raw.control.contains(&format!("alert-{id}/1/en")),
        "{}",
        raw.control
    );
    assert_eq!(raw.preview.as_deref(), Some("Leave the river bank."));
    let (_, body) = desk.gateway.raw_body(&anna, &push).await.unwrap();
    assert_eq!(body, b"Leave the river bank.");
}

async fn pushes_wait_for_whoever_lets_them_go(place: &Place) {
    let desk = Desk::open(place).await;
    let root = desk.person("root", &[Role::Administrator], "lab").await;
    let cleo = desk.person("cleo", &[Role::Approver], "lab").await;
    let settings = InitiatorSettings {
        initiator: "pi".parse().unwrap(),
        workspace: Some("lab".parse().unwrap()),
        needs_approval: true,
    };
    desk.gateway
        .change_initiator_settings(&root, settings)
        .await
        .unwrap();
    for number in 0..2 {
        let push = push(&desk, number, 0);
        let mut deliveries = fixtures::deliveries(&push);
        deliveries[0].id = uuid::Uuid::now_v7().to_string().parse().unwrap();
        let held = desk.store.submit_held(push, deliveries).await.unwrap();
        assert_eq!(held, Submitted::Stored);
    }
    let waiting = desk.gateway.approvals(&cleo).await.unwrap();
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().all(|row| row.state == EntryState::Held));
    let key = |number: usize| match &waiting[number].key {
        pushcast_engine::model::listing::EntryKey::Submission(id) => id.clone(),
        other => panic!("{other:?}"),
    };
    let overview = desk.gateway.overview(&cleo).await.unwrap();
    assert_eq!(overview.waiting, 2);
    tokio::time::sleep(Duration::from_millis(400)).await;
    let state = |id| {
        let store = desk.store.clone();
        async move { store.deliveries(&id).await.unwrap()[0].state }
    };
    assert_eq!(
        state(key(0)).await,
        MessageState::Pending,
        "nobody has let it go"
    );
    desk.gateway
        .refuse_submission(&cleo, &key(1), "not ours")
        .await
        .unwrap();
    assert_eq!(state(key(1)).await, MessageState::Rejected);
    desk.gateway
        .release_submission(&cleo, &key(0))
        .await
        .unwrap();
    let released = async {
        while state(key(0)).await == MessageState::Pending {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), released)
        .await
        .unwrap();
    assert_eq!(state(key(0)).await, MessageState::Delivered);
    assert!(
        desk.gateway
            .release_submission(&cleo, &key(0))
            .await
            .is_err()
    );
}

async fn pushes_of_an_initiator_are_seen_in_its_workspace(place: &Place) {
    let desk = Desk::open(place).await;
    let root = desk.person("root", &[Role::Administrator], "lab").await;
    store(&desk, push(&desk, 1, 3_600_000)).await;
    let settings = InitiatorSettings {
        initiator: "pi".parse().unwrap(),
        workspace: Some("lab".parse().unwrap()),
        needs_approval: false,
    };
    desk.gateway
        .change_initiator_settings(&root, settings)
        .await
        .unwrap();
    let lars = desk.person("lars", &[Role::Viewer], "lab").await;
    let vera = desk.person("vera", &[Role::Viewer], "live").await;
    let all = ListQuery {
        tab: Tab::All,
        ..ListQuery::default()
    };
    assert!(
        desk.gateway
            .list(&vera, &all)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert_eq!(desk.gateway.list(&lars, &all).await.unwrap().rows.len(), 1);
}

async fn reports_add_up_and_say_what_is_measured(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    for _ in 0..2 {
        let (id, seen) = desk.submitted(&anna, "flood").await;
        desk.gateway
            .approve_alert(&cleo, &id, seen, true)
            .await
            .unwrap();
        desk.until(&anna, &id, AlertState::Completed).await;
    }
    store(&desk, push(&desk, 1, 3_600_000)).await;
    let now_ms = desk.clock.unix_ms();
    let of = |by| ReportQuery::of(by, now_ms - 3_600_000, now_ms + 3_600_000);
    for by in Dimension::ALL {
        let report = desk.gateway.report(&anna, of(*by)).await.unwrap();
        assert_eq!(report.total.submissions, 3, "{by:?}");
        assert_eq!(report.total.deliveries.delivered, 2);
        assert_eq!(report.total.deliveries.pending, 1);
        assert_eq!(report.total.transmissions, 2);
        assert!(report.total.passes >= 2 && report.total.bytes > 0);
        assert_eq!(report.total.air_times.transmissions, 2);
        let rows = match by {
            Dimension::Submission => 3,
            Dimension::Group | Dimension::Initiator => 2,
            Dimension::Bearer | Dimension::Channel | Dimension::Day => 1,
            Dimension::Area => 0,
        };
        assert_eq!(report.rows.len(), rows, "{by:?}: {:?}", report.rows);
    }
    let groups = desk
        .gateway
        .report(&anna, of(Dimension::Group))
        .await
        .unwrap();
    let flood = groups.rows.iter().find(|row| row.key == "flood").unwrap();
    assert_eq!(flood.figures.receivers_expected.value, Some(2_000));
    assert_eq!(flood.figures.receivers_expected.basis, Basis::Estimated);
    assert_eq!(flood.figures.receivers_reported.value, None);
    let narrowed = ReportQuery {
        group: Some("flood".to_owned()),
        ..of(Dimension::Channel)
    };
    let report = desk.gateway.report(&anna, narrowed).await.unwrap();
    assert_eq!(report.total.submissions, 2);
    let nothing = ReportQuery {
        group: Some("a/b".to_owned()),
        ..of(Dimension::Day)
    };
    assert!(
        desk.gateway.report(&anna, nothing).await.is_err(),
        "no such name can be"
    );
    let csv = desk
        .gateway
        .report_csv(&anna, of(Dimension::Group))
        .await
        .unwrap();
    assert!(
        csv.lines()
            .next()
            .unwrap()
            .contains("receivers expected (estimate)")
    );
}

async fn whoever_watches_hears_what_changes(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    let lars = desk.person("lars", &[Role::Viewer], "lab").await;
    let mut elsewhere = desk.gateway.subscribe(&lars, None, &[]).await.unwrap();
    let mut stream = desk.gateway.subscribe(&cleo, None, &[]).await.unwrap();
    let (id, seen) = desk.submitted(&anna, "flood").await;
    desk.gateway
        .approve_alert(&cleo, &id, seen, true)
        .await
        .unwrap();
    let mut states = Vec::new();
    let mut last = None;
    let heard = async {
        while states.last() != Some(&AlertState::Completed) {
            let event = stream.next().await.unwrap();
            last = Some(event.id);
            if let What::Alert { state, .. } = event.what {
                states.push(state);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), heard)
        .await
        .unwrap();
    assert!(states.contains(&AlertState::PendingApproval), "{states:?}");
    assert!(states.contains(&AlertState::Scheduled), "{states:?}");
    // Somebody who was away hears the rest; from another process everything is new.
    let first = pushcast_engine::model::event::EventId {
        number: 1,
        ..last.unwrap()
    };
    let mut later = desk
        .gateway
        .subscribe(&cleo, Some(first), &[])
        .await
        .unwrap();
    let missed = later.next().await.unwrap();
    assert!(missed.id.number > 1 && missed.id.number <= last.unwrap().number);
    let other = pushcast_engine::model::event::EventId {
        epoch: 1,
        number: 1,
    };
    let mut stranger = desk
        .gateway
        .subscribe(&cleo, Some(other), &[])
        .await
        .unwrap();
    assert_eq!(stranger.next().await.unwrap().what, What::Reload);
    let nothing = tokio::time::timeout(Duration::from_millis(300), async {
        loop {
            let event = elsewhere.next().await.unwrap();
            assert!(!matches!(event.what, What::Alert { .. }), "{event:?}");
        }
    });
    assert!(
        nothing.await.is_err(),
        "nothing of the live workspace is told in the lab"
    );
}

async fn the_audit_is_read_in_pages(place: &Place) {
    let desk = Desk::open(place).await;
    let root = desk.person("root", &[Role::Administrator], "lab").await;
    let cleo = desk.person("cleo", &[Role::Approver], "lab").await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    desk.draft(&anna, "flood").await;
    let mut query = AuditQuery {
        rows: 3,
        ..AuditQuery::default()
    };
    let mut seqs = Vec::new();
    loop {
        let page = desk.gateway.audit(&root, &query).await.unwrap();
        seqs.extend(page.rows.iter().map(|row| row.seq));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let all: Vec<u64> = (1..=seqs.len() as u64).rev().collect();
    assert_eq!(seqs, all);
    let of = |action: &str| AuditQuery {
        action: Some(action.to_owned()),
        ..AuditQuery::default()
    };
    let created = desk
        .gateway
        .audit(&root, &of("create_alert"))
        .await
        .unwrap();
    assert_eq!(created.rows.len(), 1);
    assert_eq!(created.rows[0].who, Who::User("anna".to_owned()));
    assert!(created.rows[0].after.is_some() && !created.rows[0].refused);
    let elsewhere = desk
        .gateway
        .audit(&cleo, &of("create_alert"))
        .await
        .unwrap();
    assert!(elsewhere.rows.is_empty(), "that was in another workspace");
    let seq = created.rows[0].seq;
    assert!(desk.gateway.audit_row(&cleo, seq).await.is_err());
    let added = desk.gateway.audit(&root, &of("add_user")).await.unwrap();
    assert!(added.rows.iter().all(|row| row.who == Who::CommandLine));
    let csv = desk
        .gateway
        .audit_csv(&root, &AuditQuery::default())
        .await
        .unwrap();
    assert!(csv.lines().count() > seqs.len(), "{csv}");
    let verdict = desk.gateway.verify_audit(&root).await.unwrap();
    assert_eq!(verdict.broken_at, None);
}
