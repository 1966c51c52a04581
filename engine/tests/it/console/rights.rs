//! Row 32: what belongs to another workspace is not there, and what a role does not allow is
//! refused and recorded. Every method of the door stands here with the action that it needs.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use pushcast_engine::gateway::console::{
    Actor, AreaForm, CellsUpload, ConsoleError, GrantChange, InitiatorSettings, NewAlert, NewUser,
    Test, WorkspaceForm,
};
use pushcast_engine::model::alert::{ApprovalRules, Seen, Use};
use pushcast_engine::model::audit::AuditQuery;
use pushcast_engine::model::channel_status::ChannelMode;
use pushcast_engine::model::link_status::LinkMode;
use pushcast_engine::model::listing::ListQuery;
use pushcast_engine::model::outline::Outline;
use pushcast_engine::model::report::{Dimension, ReportQuery};
use pushcast_engine::model::user::Scope;
use pushcast_engine::model::{Action, AliasGroup, Channel, Deliver, Mode, Role, ServiceArea};

use super::desk::{Desk, content};
use crate::store::place::Place;

crate::store::stories!(
    row_32_each_role_and_each_method,
    row_32_other_workspaces_are_not_there
);

type Answer<'a> = Pin<Box<dyn Future<Output = Result<(), ConsoleError>> + Send + 'a>>;
type Call = for<'a> fn(&'a Desk, &'a Actor) -> Answer<'a>;

/// A row: the method's name, what it needs, and a call that gets at least as far as the question
/// whether somebody may.
macro_rules! calls {
    ($($name:ident: $action:ident, |$desk:ident, $actor:ident| $call:expr;)*) => {
        &[$((stringify!($name), Action::$action, (|$desk, $actor| Box::pin(async move {
            $call.await.map(|_| ())
        })) as Call)),*]
    };
}

const SEEN: Seen = Seen {
    version: 1,
    revision: 1,
};

fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn group() -> AliasGroup {
    AliasGroup {
        name: name("new"),
        channels: vec![name("lab")],
        deliver: Deliver::First,
        required: Vec::new(),
        areas: Vec::new(),
        application_id: None,
        receivers_expected: None,
    }
}

fn area() -> AreaForm {
    AreaForm {
        area: ServiceArea::covered_by(name("new"), vec![name("lab")]),
        outline: Outline::default(),
    }
}

fn grant() -> GrantChange {
    GrantChange {
        user: name("nobody"),
        role: Role::Viewer,
        scope: Scope::Everywhere,
    }
}

fn workspace() -> WorkspaceForm {
    WorkspaceForm {
        title: String::new(),
        channels: Vec::new(),
        approval: ApprovalRules::default(),
        languages: Vec::new(),
        second_factor: false,
        rest_after_months: None,
    }
}

fn report() -> ReportQuery {
    ReportQuery::of(Dimension::Day, 0, 1)
}

const CALLS: &[(&str, Action, Call)] = calls! {
    alert: See, |d, a| d.gateway.alert(a, &name("x"));
    alert_edits: See, |d, a| d.gateway.alert_edits(a, &name("x"));
    alert_history: See, |d, a| d.gateway.alert_history(a, &name("x"));
    approvals: See, |d, a| d.gateway.approvals(a);
    area: See, |d, a| d.gateway.area(a, &name("x"));
    area_geojson: See, |d, a| d.gateway.area_geojson(a, &name("x"));
    area_outlines: See, |d, a| d.gateway.area_outlines(a, &[name("x")]);
    areas: See, |d, a| d.gateway.areas(a, None, None, 0);
    backdrop: See, |d, a| d.gateway.backdrop(a);
    channel: See, |d, a| d.gateway.channel(a, &name("x"));
    channel_states: See, |d, a| d.gateway.channel_states(a);
    export_cells: See, |d, a| d.gateway.export_cells(a);
    export_groups: See, |d, a| d.gateway.export_groups(a);
    file_differences: See, |d, a| d.gateway.file_differences(a);
    group: See, |d, a| d.gateway.group(a, &name("x"));
    groups: See, |d, a| d.gateway.groups(a, None, None, 0);
    link_states: See, |d, a| d.gateway.link_states(a);
    list: See, |d, a| async { d.gateway.list(a, &ListQuery::default()).await };
    overview: See, |d, a| d.gateway.overview(a);
    preview: See, |d, a| async { d.gateway.preview(a, &content("lab")).await };
    raw_air: See, |d, a| d.gateway.raw_air(a, &name("x"));
    raw_forms: See, |d, a| d.gateway.raw_forms(a, &name("x"));
    example: See, |d, a| d.gateway.example(a);
    raw_body: See, |d, a| d.gateway.raw_body(a, &name("x"));
    raw_parts: See, |d, a| d.gateway.raw_parts(a, &name("x"));
    report: See, |d, a| d.gateway.report(a, report());
    report_csv: See, |d, a| d.gateway.report_csv(a, report());
    report_with_days: See, |d, a| d.gateway.report_with_days(a, report());
    submission_detail: See, |d, a| d.gateway.submission_detail(a, &name("x"));
    subscribe: See, |d, a| d.gateway.subscribe(a, None, &[]);
    template: See, |d, a| d.gateway.template(a, &name("x"));
    templates: See, |d, a| d.gateway.templates(a);
    audit: SeeAudit, |d, a| async { d.gateway.audit(a, &AuditQuery::default()).await };
    audit_csv: SeeAudit, |d, a| async { d.gateway.audit_csv(a, &AuditQuery::default()).await };
    audit_row: SeeAudit, |d, a| d.gateway.audit_row(a, 1);
    verify_audit: SeeAudit, |d, a| d.gateway.verify_audit(a);
    create_alert: Compose, |d, a| d.gateway.create_alert(a, NewAlert::Blank);
    discard_alert: Compose, |d, a| d.gateway.discard_alert(a, &name("x"), SEEN);
    edit_alert: Compose, |d, a| d.gateway.edit_alert(a, &name("x"), SEEN, content("lab"));
    revise_alert: Compose, |d, a| d.gateway.revise_alert(a, &name("x"));
    submit_alert: Compose, |d, a| d.gateway.submit_alert(a, &name("x"), SEEN);
    take_back_alert: Compose, |d, a| d.gateway.take_back_alert(a, &name("x"), SEEN);
    approve_alert: Approve, |d, a| d.gateway.approve_alert(a, &name("x"), SEEN, true);
    refuse_submission: Approve, |d, a| d.gateway.refuse_submission(a, &name("x"), "no");
    reject_alert: Approve, |d, a| d.gateway.reject_alert(a, &name("x"), SEEN, "no");
    release_submission: Approve, |d, a| d.gateway.release_submission(a, &name("x"));
    return_alert: Approve, |d, a| d.gateway.return_alert(a, &name("x"), SEEN, "no");
    stop_alert: Stop, |d, a| d.gateway.stop_alert(a, &name("x"), "");
    stop_submission: Stop, |d, a| d.gateway.stop_submission(a, &name("x"), "");
    change_template: EditTemplates, |d, a| async {
        let template = pushcast_engine::model::Template {
            id: name("x"),
            workspace: name("lab"),
            name: "t".to_owned(),
            purpose: Use::Alert,
            content: content("lab"),
            revision: 1,
            changed_by: None,
            changed_ms: 0,
        };
        d.gateway.change_template(a, template).await
    };
    create_template: EditTemplates, |d, a| {
        d.gateway.create_template(a, "t", Use::Alert, content("lab"))
    };
    delete_template: EditTemplates, |d, a| d.gateway.delete_template(a, &name("x"));
    change_group: EditGroups, |d, a| d.gateway.change_group(a, group(), 0);
    create_group: EditGroups, |d, a| d.gateway.create_group(a, group());
    delete_group: EditGroups, |d, a| d.gateway.delete_group(a, &name("x"));
    rename_group: EditGroups, |d, a| d.gateway.rename_group(a, &name("x"), &name("y"));
    upload_groups: EditGroups, |d, a| d.gateway.upload_groups(a, b"", false);
    change_area: EditAreas, |d, a| d.gateway.change_area(a, area(), 0);
    create_area: EditAreas, |d, a| d.gateway.create_area(a, area());
    delete_area: EditAreas, |d, a| d.gateway.delete_area(a, &name("x"));
    remove_backdrop: EditAreas, |d, a| d.gateway.remove_backdrop(a);
    set_backdrop: EditAreas, |d, a| d.gateway.set_backdrop(a, "x", Vec::new());
    upload_cells: EditAreas, |d, a| d.gateway.upload_cells(a, b"", CellsUpload::Add, false);
    change_channel: EditChannels, |d, a| {
        d.gateway.change_channel(a, Channel::lab(name("x")), 0)
    };
    channel_choices: EditChannels, |d, a| d.gateway.channel_choices(a);
    create_channel: EditChannels, |d, a| d.gateway.create_channel(a, Channel::lab(name("x")));
    delete_channel: EditChannels, |d, a| d.gateway.delete_channel(a, &name("x"));
    set_channel_mode: OperateChannels, |d, a| async {
        d.gateway.set_channel_mode(a, &name("x"), ChannelMode::Open, "r").await
    };
    set_link_mode: OperateChannels, |d, a| async {
        d.gateway.set_link_mode(a, &name("x"), LinkMode::Open, "r").await
    };
    test_channel: OperateChannels, |d, a| {
        let test = Test { channel: name("x"), reason: "r".to_owned() };
        d.gateway.test_channel(a, test)
    };
    take_from_file: TakeFromFile, |d, a| d.gateway.take_from_file(a, "alias group", "x");
    add_user: ManageUsers, |d, a| {
        let user = NewUser { name: String::new(), full_name: String::new(), roles: Vec::new() };
        d.gateway.add_user(a, user)
    };
    agree_to_role: ManageUsers, |d, a| d.gateway.agree_to_role(a, grant());
    end_session: ManageUsers, |d, a| d.gateway.end_session(a, &name("nobody"), &name("x"));
    give_role: ManageUsers, |d, a| d.gateway.give_role(a, grant());
    invite_again: ManageUsers, |d, a| d.gateway.invite_again(a, &name("nobody"));
    remove_factor: ManageUsers, |d, a| d.gateway.remove_factor(a, &name("nobody"));
    set_disabled: ManageUsers, |d, a| d.gateway.set_disabled(a, &name("nobody"), true);
    take_role: ManageUsers, |d, a| d.gateway.take_role(a, grant());
    user: ManageUsers, |d, a| d.gateway.user(a, &name("nobody"));
    users: ManageUsers, |d, a| d.gateway.users(a, None, None, 0);
    waiting_roles: ManageUsers, |d, a| d.gateway.waiting_roles(a);
    change_workspace: ManageWorkspaces, |d, a| async {
        d.gateway.change_workspace(a, &name("x"), workspace()).await
    };
    create_workspace: ManageWorkspaces, |d, a| {
        d.gateway.create_workspace(a, "/", Mode::Test, workspace())
    };
    workspaces: ManageWorkspaces, |d, a| d.gateway.workspaces(a);
    change_initiator_settings: ManageInitiators, |d, a| {
        let settings = InitiatorSettings {
            initiator: name("nobody"),
            workspace: None,
            needs_approval: true,
        };
        d.gateway.change_initiator_settings(a, settings)
    };
    initiator_settings: ManageInitiators, |d, a| d.gateway.initiator_settings(a);
};

/// Methods that everybody has who has signed in, or that have no person yet, or that are asked
/// about files; and the question for rights itself.
const OTHERS: &[&str] = &[
    "add_from_command_line",
    "alert_limits",
    "attach",
    "attachment",
    "authorize",
    "begin_attachment",
    "begin_factor",
    "change_account",
    "change_password",
    "check_outline",
    "confirm_factor",
    "drop_factor",
    "end_attachment",
    "end_own_session",
    "enter_workspace",
    "first_link",
    "follow",
    "give_code",
    "own_factor",
    "own_sessions",
    "own_workspaces",
    "read_geojson",
    "session",
    "set_up",
    "set_up_link",
    "sign_in",
    "sign_out",
    "takes_passwords_of",
];

#[test]
fn every_method_of_the_door_has_a_row() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gateway/console");
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let Some(methods) = text.find("\nimpl Gateway {").map(|start| &text[start..]) else {
            continue;
        };
        for line in methods.lines() {
            let method = line
                .strip_prefix("    pub async fn ")
                .or_else(|| line.strip_prefix("    pub fn "));
            let Some(method) = method.and_then(|rest| rest.split(['(', '<']).next()) else {
                continue;
            };
            let listed = CALLS.iter().any(|(name, ..)| *name == method);
            assert!(
                listed || OTHERS.contains(&method),
                "{method} of {path:?} has no row"
            );
            found += 1;
        }
    }
    assert!(found >= CALLS.len(), "{found}");
}

async fn row_32_each_role_and_each_method(place: &Place) {
    let desk = Desk::open(place).await;
    let mut people = BTreeMap::new();
    for role in Role::ALL {
        let person = desk.person(role.as_str(), &[*role], "lab").await;
        people.insert(*role, person);
    }
    for (method, action, call) in CALLS {
        for (role, person) in &people {
            let answer = call(&desk, person).await;
            let refused = matches!(answer, Err(ConsoleError::Forbidden(_)));
            assert_eq!(
                refused,
                !role.may(*action),
                "{method} by {role}, which needs {action:?}: {answer:?}"
            );
        }
    }
    let audit = desk.audit().await;
    let refused = audit.iter().filter(|(.., result)| result == "role").count();
    assert!(refused > CALLS.len(), "refusals are recorded: {refused}");
}

async fn row_32_other_workspaces_are_not_there(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", &[Role::Author], "live").await;
    let most = &[Role::Author, Role::Approver, Role::Operator, Role::Editor];
    let lars = desk.person("lars", most, "lab").await;
    let (id, seen) = desk.submitted(&anna, "flood").await;
    let gateway = &desk.gateway;
    let missing = |answer: Result<(), ConsoleError>| {
        assert!(
            matches!(answer, Err(ConsoleError::NotFound { .. })),
            "{answer:?}"
        );
    };
    missing(gateway.alert(&lars, &id).await.map(|_| ()));
    missing(gateway.alert_edits(&lars, &id).await.map(|_| ()));
    missing(
        gateway
            .approve_alert(&lars, &id, seen, true)
            .await
            .map(|_| ()),
    );
    missing(gateway.stop_alert(&lars, &id, "").await.map(|_| ()));
    missing(gateway.take_back_alert(&lars, &id, seen).await);
    missing(
        gateway
            .create_alert(&lars, NewAlert::Copy(id.clone()))
            .await
            .map(|_| ()),
    );
    let air = "air".parse().unwrap();
    missing(
        gateway
            .set_channel_mode(&lars, &air, ChannelMode::Paused, "r")
            .await
            .map(|_| ()),
    );
    missing(gateway.channel(&lars, &air).await.map(|_| ()));
    assert!(gateway.approvals(&lars).await.unwrap().is_empty());
    let cleo = desk.person("cleo", &[Role::Approver], "live").await;
    gateway.approve_alert(&cleo, &id, seen, true).await.unwrap();
    let push = desk
        .store
        .console_parts(&id, 1)
        .await
        .unwrap()
        .remove(0)
        .submission;
    missing(gateway.submission_detail(&lars, &push).await.map(|_| ()));
    missing(gateway.raw_body(&lars, &push).await.map(|_| ()));
    missing(gateway.stop_submission(&lars, &push, "").await.map(|_| ()));
    missing(
        gateway
            .subscribe(&lars, None, std::slice::from_ref(&push))
            .await
            .map(|_| ()),
    );
    assert!(gateway.submission_detail(&anna, &push).await.is_ok());
}
