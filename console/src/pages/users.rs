//! Screen 11: people and what they may do.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::{GrantChange, UserView};
use pushcast_engine::model::listing::{Cursor, Page};
use pushcast_engine::model::user::{Grant, Scope};
use pushcast_engine::model::{Role, User};

use crate::board::Mark;
use crate::components::{
    Boxes, Clock, ErrorSummary, Field, Head, Hidden, Notice, Option_, Pager, Row, Section, Select,
    SummaryList, Table, Tone, page,
};
use crate::http::fields::encode;
use crate::http::{Call, Fields, Problem};
use crate::islands::CopyButton;
use crate::tag::Shape;

/// A link by which somebody chooses a password, shown once.
pub(crate) struct Invited {
    pub name: String,
    pub url: String,
}

fn link(invited: &Invited) -> AnyView {
    let text = view! {
        <p>"Give this link to them. It can be used once, for three days, and is not shown again."</p>
        <p><code>{invited.url.clone()}</code> " " <CopyButton text=invited.url.clone() what="the link".to_owned() /></p>
    };
    let title = format!("{} can choose a password.", invited.name);
    view! { <Notice tone=Tone::Success title=title text=text.into_any() /> }.into_any()
}

fn roles(grants: &[Grant]) -> String {
    let said = |grant: &Grant| {
        let waiting = if grant.waiting { ", waits" } else { "" };
        match &grant.scope {
            Scope::Everywhere => format!("{} (everywhere{waiting})", grant.role),
            Scope::Workspace(name) => format!("{} ({name}{waiting})", grant.role),
        }
    };
    let all: Vec<String> = grants.iter().map(said).collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}

fn state(user: &User) -> AnyView {
    let mark = match (user.disabled_ms, user.has_password) {
        (Some(_), _) => Mark::new("severe", Shape::Cross, "Disabled"),
        (None, true) => Mark::new("good", Shape::Tick, "Active"),
        (None, false) => Mark::new("moderate", Shape::TriangleHollow, "Invited"),
    };
    mark.view().into_any()
}

/// What the list shows besides people.
pub(crate) struct Around {
    pub waiting: Vec<GrantChange>,
    pub workspaces: Vec<String>,
    pub form: Fields,
    pub problems: Vec<Problem>,
    pub invited: Option<Invited>,
}

fn role_options() -> Vec<Option_> {
    Role::ALL
        .iter()
        .map(|role| Option_::new(role.as_str(), role.as_str()).with_hint(role.explanation()))
        .collect()
}

fn scope_options(workspaces: &[String]) -> Vec<Option_> {
    let named = workspaces
        .iter()
        .map(|name| Option_::new(name.clone(), name.clone()));
    Some(Option_::new("*", "Everywhere"))
        .into_iter()
        .chain(named)
        .collect()
}

pub(crate) fn list(call: &Call, users: Page<User>, around: &Around) -> Response {
    let head = Head::new(Section::Users, "Users").wrong(!around.problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let when = |at_ms: Option<u64>| {
            at_ms.map_or_else(|| "never".into_any(), |at_ms| clock.short(at_ms))
        };
        let here = call.path_to("/users");
        let next = users.next.as_ref().map(Cursor::to_string);
        let rows = users
            .rows
            .iter()
            .map(|user| {
                let path = call.path_to(&format!("/users/{}", encode(user.name.as_str())));
                let cells = vec![
                    view! { <bdi>{user.full_name().to_owned()}</bdi> }.into_any(),
                    roles(&user.grants).into_any(),
                    when(user.signed_in_ms),
                    when(user.tested_ms),
                    state(user),
                ];
                Row::new(view! { <a href=path>{user.name.to_string()}</a> }, cells)
            })
            .collect();
        let form = &around.form;
        let text = call.query.text("text");
        // Where they are: a role that counts everywhere has to be chosen.
        let workspace = call
            .person
            .as_ref()
            .map(|person| person.workspace.name.to_string());
        let scope = match form.text("scope") {
            "" => workspace.unwrap_or_default(),
            scope => scope.to_owned(),
        };
        view! {
            <ErrorSummary problems=around.problems.clone() />
            {around.invited.as_ref().map(link)}
            {waiting(call, &around.waiting, &token)}
            <form class="filters" method="get" action=here.clone() role="search">
                <div class="fields-row">
                    <Field name="text" label="Name contains" kind="search" value=text />
                    <div class="field"><button class="button-secondary">"Search"</button></div>
                </div>
            </form>
            <Table caption="Users" columns=vec!["Name", "Called", "Roles", "Last sign-in", "Last test", "State"] rows=rows />
            <Pager path=here query=call.query.clone() next=next />
            <h2>"Add somebody"</h2>
            <form method="post" action=call.path_to("/users")>
                <Hidden name="token" value=token.clone() />
                <Field name="name" label="Name to sign in with" value=form.text("name") hint="Never changed, and never given twice." required=true problems=around.problems.clone() />
                <Field name="full_name" label="What they are called" value=form.text("full_name") problems=around.problems.clone() />
                <Boxes name="roles" legend="Roles" options=role_options() values=form.all("roles").map(str::to_owned).collect() problems=around.problems.clone() />
                <Select name="scope" label="Where the roles count" options=scope_options(&around.workspaces) value=scope />
                <p><button class="button">"Add and make a link"</button></p>
            </form>
        }
        .into_any()
    })
}

fn change_fields(change: &GrantChange, token: &str) -> AnyView {
    view! {
        <input type="hidden" name="token" value=token.to_owned() />
        <input type="hidden" name="role" value=change.role.as_str() />
        <input type="hidden" name="scope" value=change.scope.as_str().to_owned() />
    }
    .into_any()
}

fn waiting(call: &Call, waiting: &[GrantChange], token: &str) -> AnyView {
    if waiting.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = waiting
        .iter()
        .map(|change| {
            let path = call.path_to(&format!("/users/{}", encode(change.user.as_str())));
            let what = format!(
                "{} is to be {} ({})",
                change.user,
                change.role,
                change.scope.as_str()
            );
            view! {
                <li>
                    {what} " "
                    <form class="inline-form" method="post" action=format!("{path}/agree")>
                        {change_fields(change, token)}
                        <button class="button button-small">"Agree"</button>
                    </form>
                    " "
                    <form class="inline-form" method="post" action=format!("{path}/take")>
                        {change_fields(change, token)}
                        <button class="button-secondary button-small">"Refuse"</button>
                    </form>
                </li>
            }
        })
        .collect();
    let text = view! { <ul>{items}</ul> };
    view! { <Notice tone=Tone::Warning title="Roles that wait for a second administrator" text=text.into_any() /> }.into_any()
}

/// What a person's page shows besides the person.
#[derive(Default)]
pub(crate) struct Beside {
    pub workspaces: Vec<String>,
    pub problems: Vec<Problem>,
    pub invited: Option<Invited>,
}

pub(crate) fn show(call: &Call, view: &UserView, beside: &Beside) -> Response {
    let user = &view.user;
    let path = call.path_to(&format!("/users/{}", encode(user.name.as_str())));
    let head = Head::new(Section::Users, user.full_name().to_owned())
        .under("Users", call.path_to("/users"))
        .tag(state(user))
        .wrong(!beside.problems.is_empty());
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let when = |at_ms: Option<u64>| {
            at_ms.map_or_else(|| "never".into_any(), |at_ms| clock.long(at_ms))
        };
        let mut pairs = vec![
            (
                "Name",
                view! { <code>{user.name.to_string()}</code> }.into_any(),
                None,
            ),
            ("Added", clock.long(user.created_ms), None),
            ("Last sign-in", when(user.signed_in_ms), None),
            ("Last successful test", when(user.tested_ms), None),
        ];
        if let Some(until_ms) = view.invited_until_ms {
            pairs.push(("Invitation can be used until", clock.long(until_ms), None));
        }
        let here = call
            .person
            .as_ref()
            .map(|person| person.workspace.name.to_string())
            .unwrap_or_default();
        view! {
            <ErrorSummary problems=beside.problems.clone() />
            {beside.invited.as_ref().map(link)}
            <SummaryList pairs=pairs />
            <h2>"Roles"</h2>
            {grants(&clock, view, &path, &token)}
            <form method="post" action=format!("{path}/give")>
                <Hidden name="token" value=token.clone() />
                <div class="fields-row">
                    <Select name="role" label="Role to give" options=role_options() />
                    <Select name="scope" label="Where it counts" options=scope_options(&beside.workspaces) value=here />
                    <div class="field"><button class="button-secondary">"Give the role"</button></div>
                </div>
            </form>
            <p class="hint">"Author and Approver of a live workspace wait for a second administrator."</p>
            <h2>"Sessions"</h2>
            {sessions(&clock, view, &path, &token)}
            {factor(view, &path, &token)}
            {getting_in(user, &path, &token)}
            <p class="hint">"A new link makes the old password open nothing. People are never deleted: the audit names them for ever."</p>
        }
        .into_any()
    })
}

/// Whether each sign-in asks for a code, and an end of it for whoever has lost the device.
fn factor(view: &UserView, path: &str, token: &str) -> AnyView {
    if !view.has_factor {
        return view! { <p>"Second factor: none. They set one up on their own account."</p> }
            .into_any();
    }
    view! {
        <form method="post" action=format!("{path}/remove-factor")>
            <Hidden name="token" value=token.to_owned() />
            <p>"Second factor: on. Take it away only when you are sure who has lost the device."</p>
            <p><button class="button-danger">"Take the second factor away"</button></p>
        </form>
    }
    .into_any()
}

/// A new link, and the way out.
fn getting_in(user: &User, path: &str, token: &str) -> AnyView {
    let (words, class, to) = if user.disabled_ms.is_some() {
        ("Let them in again", "button-secondary", "no")
    } else {
        (
            "Disable: end all sessions and keep them out",
            "button-danger",
            "yes",
        )
    };
    view! {
        <h2>"Getting in"</h2>
        <div class="buttons">
            <form class="inline-form" method="post" action=format!("{path}/invite")>
                <Hidden name="token" value=token.to_owned() />
                <button class="button-secondary">"New link to choose a password"</button>
            </form>
            <form class="inline-form" method="post" action=format!("{path}/disable")>
                <Hidden name="token" value=token.to_owned() />
                <Hidden name="disabled" value=to />
                <button class=class>{words}</button>
            </form>
        </div>
    }
    .into_any()
}

fn grants(clock: &Clock, view: &UserView, path: &str, token: &str) -> AnyView {
    let rows: Vec<Row> = view
        .user
        .grants
        .iter()
        .map(|grant| {
            let change = GrantChange {
                user: view.user.name.clone(),
                role: grant.role,
                scope: grant.scope.clone(),
            };
            let by = grant.given_by.as_ref().map_or_else(|| "the command line".to_owned(), ToString::to_string);
            let counts = if grant.waiting { "waits for a second administrator" } else { "counts" };
            let take = view! {
                <form class="inline-form" method="post" action=format!("{path}/take")>
                    {change_fields(&change, token)}
                    <button class="button-secondary button-small">
                        "Take" <span class="visually-hidden">{format!(" {} away", grant.role)}</span>
                    </button>
                </form>
            };
            let cells = vec![
                grant.scope.as_str().to_owned().into_any(),
                counts.into_any(),
                by.into_any(),
                clock.short(grant.given_ms),
                take.into_any(),
            ];
            Row::new(grant.role.as_str(), cells)
        })
        .collect();
    if rows.is_empty() {
        return view! { <p>"No role: they can sign in and see nothing."</p> }.into_any();
    }
    view! { <Table caption="Roles" columns=vec!["Role", "Where", "State", "Given by", "When", "Change"] rows=rows /> }.into_any()
}

fn sessions(clock: &Clock, view: &UserView, path: &str, token: &str) -> AnyView {
    if view.sessions.is_empty() {
        return view! { <p>"They are not signed in."</p> }.into_any();
    }
    let rows = view
        .sessions
        .iter()
        .map(|session| {
            let end = view! {
                <form class="inline-form" method="post" action=format!("{path}/end-session")>
                    <input type="hidden" name="token" value=token.to_owned() />
                    <input type="hidden" name="session" value=session.id.to_string() />
                    <button class="button-secondary button-small">"Sign out"</button>
                </form>
            };
            let cells = vec![
                clock.short(session.seen_ms),
                session.from.clone().into_any(),
                session.agent.clone().into_any(),
                end.into_any(),
            ];
            Row::new(clock.short(session.created_ms), cells)
        })
        .collect();
    view! { <Table caption="Sessions" columns=vec!["Began", "Last seen", "From", "Browser", "End"] rows=rows /> }.into_any()
}
