//! What a workspace begins with, and the raw form of what is sent.

use pushcast_engine::gateway::console::{NewAlert, Starting};
use pushcast_engine::model::alert::{STARTERS, Seen, Use};
use pushcast_engine::model::detail::Stage;
use pushcast_engine::model::{AlertState, Mode, Role};

use super::desk::Desk;
use crate::store::place::Place;

crate::store::stories!(
    a_new_workspace_begins_with_templates_and_where_people_practise_with_an_example,
    the_example_only_has_to_be_sent,
    what_was_deleted_of_the_beginnings_stays_away,
    the_raw_form_before_is_the_one_on_the_air_but_for_its_numbers,
);

const FIRST: Seen = Seen {
    version: 1,
    revision: 1,
};
const EVERYTHING: &[Role] = &[Role::Author, Role::Approver, Role::Editor];

async fn a_new_workspace_begins_with_templates_and_where_people_practise_with_an_example(
    place: &Place,
) {
    let desk = Desk::open(place).await;
    for (name, workspace, mode) in [("anna", "live", Mode::Live), ("lars", "lab", Mode::Test)] {
        let person = desk.person(name, EVERYTHING, workspace).await;
        let templates = desk.gateway.templates(&person).await.unwrap();
        assert_eq!(templates.len(), STARTERS.len());
        assert!(
            templates
                .iter()
                .all(|template| template.changed_by.is_none())
        );
        let corrections = templates
            .iter()
            .filter(|one| one.purpose == Use::Correction);
        assert_eq!(corrections.count(), 1);
        let marked = |text: &str| text.starts_with("TEST. ") == (mode == Mode::Test);
        let mut texts = templates.iter().map(|one| &one.content.messages[0].text);
        assert!(texts.all(|text| marked(text)));
        let example = desk.gateway.example(&person).await.unwrap();
        assert_eq!(example.is_some(), mode == Mode::Test);
    }
}

async fn the_example_only_has_to_be_sent(place: &Place) {
    let desk = Desk::open(place).await;
    let lars = desk.person("lars", EVERYTHING, "lab").await;
    let id = desk.gateway.example(&lars).await.unwrap().unwrap();
    let content = desk.alert(&lars, &id).await.proposal.unwrap().content;
    assert_eq!(
        content.groups,
        ["lab".parse().unwrap()],
        "all of it is of the workspace"
    );
    desk.gateway.submit_alert(&lars, &id, FIRST).await.unwrap();
    let approved = desk.gateway.approve_alert(&lars, &id, FIRST, true).await;
    approved.unwrap();
    desk.until(&lars, &id, AlertState::Completed).await;
    assert_eq!(desk.gateway.example(&lars).await.unwrap(), None);
}

async fn what_was_deleted_of_the_beginnings_stays_away(place: &Place) {
    let desk = Desk::open(place).await;
    let lars = desk.person("lars", EVERYTHING, "lab").await;
    for template in desk.gateway.templates(&lars).await.unwrap() {
        let deleted = desk.gateway.delete_template(&lars, &template.id).await;
        deleted.unwrap();
    }
    let workspaces = desk.store.workspaces().await.unwrap();
    let workspaces: Vec<_> = workspaces.into_iter().map(|(one, _)| one).collect();
    let again = Starting {
        workspaces: &workspaces,
        channels: &[],
        groups: &[],
        areas: &[],
    };
    again.seed(&desk.store, desk.clock.unix_ms()).await.unwrap();
    assert!(desk.gateway.templates(&lars).await.unwrap().is_empty());
}

/// An attribute of a document.
fn attribute<'a>(document: &'a str, name: &str) -> &'a str {
    let start = document.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    document[start..].split('"').next().unwrap()
}

async fn the_raw_form_before_is_the_one_on_the_air_but_for_its_numbers(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    let id = desk.on_air(&anna, &cleo, |_| {}).await;
    let copy = NewAlert::Copy(id.clone());
    let copy = desk.gateway.create_alert(&anna, copy).await.unwrap();
    let forms = desk.gateway.raw_forms(&anna, &copy).await.unwrap();
    assert_eq!(forms.len(), 1);
    assert!(forms[0].control.contains("group/flood") || forms[0].control.contains("group%2Fflood"));
    let [planned] = forms[0].air.instances.as_slice() else {
        panic!("{:?}", forms[0].air);
    };
    assert_eq!(
        (planned.stage, planned.toi, planned.id),
        (Stage::Planned, 0, None)
    );

    let push = desk.gateway.alert(&anna, &id).await.unwrap().submissions[0].clone();
    let air = desk.gateway.raw_air(&anna, &push).await.unwrap();
    let [sent] = air.instances.as_slice() else {
        panic!("{air:?}");
    };
    assert_eq!(sent.stage, Stage::OnAir);
    assert!(sent.id.is_some());
    let [before, on_air] =
        [planned, sent].map(|one| String::from_utf8(one.document.clone()).unwrap());
    assert_eq!(attribute(&on_air, "TOI"), sent.toi.to_string());
    // Date and Expires in the object are of another moment, its length is not.
    for same in ["Content-Length", "Content-Type"] {
        assert_eq!(attribute(&on_air, same), attribute(&before, same), "{same}");
    }

    let stopped = desk.gateway.stop_alert(&anna, &id, "over").await;
    stopped.unwrap();
    desk.until(&anna, &id, AlertState::Cancelled).await;
    let after = desk.gateway.raw_air(&anna, &push).await.unwrap();
    assert_eq!(after.instances[0].stage, Stage::Sent);
    assert_eq!(after.instances[0].toi, sent.toi);
}
