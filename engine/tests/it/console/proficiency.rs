//! Rights that rest until somebody has had a successful test.

use pushcast_engine::gateway::console::{Actor, ConsoleError, NewAlert, WorkspaceForm};
use pushcast_engine::model::alert::Seen;
use pushcast_engine::model::{Action, AlertState, Role};

use super::desk::Desk;
use crate::store::place::Place;

crate::store::stories!(
    live_rights_rest_without_a_successful_test,
    a_test_counts_for_whoever_submitted_and_whoever_approved_it,
);

/// Sets the rule of the live workspace.
async fn rest_after(desk: &Desk, months: Option<u32>) -> Result<(), ConsoleError> {
    let root = desk.at_work("root", "live").await;
    let live = "live".parse().unwrap();
    let all = desk.gateway.workspaces(&root).await.unwrap();
    let before = all.into_iter().find(|open| open.name == live).unwrap();
    let form = WorkspaceForm {
        title: before.title,
        channels: before.channels,
        approval: before.approval,
        languages: before.languages,
        second_factor: before.second_factor,
        rest_after_months: months,
    };
    desk.gateway.change_workspace(&root, &live, form).await
}

/// A desk with an administrator, and two people who write and approve everywhere.
async fn open(place: &Place) -> Desk {
    let desk = Desk::open(place).await;
    desk.add("root", &[Role::Administrator], "live").await;
    for name in ["anna", "cleo"] {
        desk.add(name, &[Role::Author, Role::Approver], "*").await;
    }
    desk
}

async fn at_live(desk: &Desk, name: &str) -> Actor {
    desk.at_work(name, "live").await
}

fn rests(answer: Result<(), ConsoleError>) {
    assert!(
        matches!(answer, Err(ConsoleError::Resting { months: 3 })),
        "{answer:?}"
    );
}

async fn live_rights_rest_without_a_successful_test(place: &Place) {
    let desk = open(place).await;
    let gateway = &desk.gateway;
    // Off by default: nobody has had a test, and both may do all.
    let (anna, cleo) = (at_live(&desk, "anna").await, at_live(&desk, "cleo").await);
    let id = desk.on_air(&anna, &cleo, |_| {}).await;
    let wrong = rest_after(&desk, Some(0)).await;
    assert!(matches!(wrong, Err(ConsoleError::Invalid(_))), "{wrong:?}");
    rest_after(&desk, Some(3)).await.unwrap();
    let anna = at_live(&desk, "anna").await;
    assert!(!anna.may(Action::Compose) && anna.may(Action::See));
    rests(
        gateway
            .create_alert(&anna, NewAlert::Blank)
            .await
            .map(|_| ()),
    );
    let seen = Seen {
        version: 1,
        revision: 2,
    };
    rests(
        gateway
            .approve_alert(&anna, &id, seen, true)
            .await
            .map(|_| ()),
    );
    let audit = desk.audit().await;
    let refused = audit
        .iter()
        .any(|(who, .., why)| who == "anna" && why == "resting");
    assert!(refused, "{audit:?}");
    // Stopping never rests.
    gateway.stop_alert(&anna, &id, "over").await.unwrap();
    // Viewers have nothing that could rest.
    let vera = desk.person("vera", &[Role::Viewer], "live").await;
    let answer = gateway
        .create_alert(&vera, NewAlert::Blank)
        .await
        .map(|_| ());
    assert!(
        matches!(answer, Err(ConsoleError::Forbidden(_))),
        "{answer:?}"
    );
}

async fn a_test_counts_for_whoever_submitted_and_whoever_approved_it(place: &Place) {
    let desk = open(place).await;
    let gateway = &desk.gateway;
    rest_after(&desk, Some(3)).await.unwrap();
    let author = desk.at_work("anna", "lab").await;
    let approver = desk.at_work("cleo", "lab").await;
    let (test, seen) = desk.submitted(&author, "lab").await;
    let approved = gateway.approve_alert(&approver, &test, seen, true).await;
    approved.unwrap();
    desk.until(&author, &test, AlertState::Completed).await;
    for name in ["anna", "cleo"] {
        let person = at_live(&desk, name).await;
        assert!(
            person.may(Action::Compose) && person.may(Action::Approve),
            "{name}"
        );
    }
    // Three months later they rest again.
    desk.clock.step(93 * 86_400_000);
    assert!(!at_live(&desk, "anna").await.may(Action::Compose));
}
