//! What somebody changes about themselves.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::FactorView;
use pushcast_engine::model::Workspace;
use pushcast_engine::model::user::{SessionView, Theme};

use crate::components::{
    Clock, ErrorSummary, Field, Head, Hidden, Notice, Option_, Radios, Row, Section, Table, Tone,
    page,
};
use crate::http::{Call, Problem};

/// What the page shows besides the person.
pub(crate) struct Shown {
    pub workspaces: Vec<Workspace>,
    pub sessions: Vec<SessionView>,
    pub factor: FactorView,
    pub problems: Vec<Problem>,
    pub saved: bool,
}

pub(crate) fn show(call: &Call, shown: &Shown) -> Response {
    let head = Head::new(Section::Account, "Your account").wrong(!shown.problems.is_empty());
    page(call, head, || {
        let Some(person) = &call.person else {
            return ().into_any();
        };
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let token = person.form_token.clone();
        let path = call.path_to("/account");
        let themes = Theme::ALL
            .iter()
            .map(|theme| {
                let label = match theme {
                    Theme::Automatic => "As the browser wants it",
                    Theme::Dark => "Dark",
                    Theme::Light => "Light",
                };
                Option_::new(theme.as_str(), label)
            })
            .collect();
        let roles: Vec<String> = person
            .user
            .roles(&person.workspace.name)
            .map(|role| role.to_string())
            .collect();
        let roles = if roles.is_empty() {
            "none".to_owned()
        } else {
            roles.join(", ")
        };
        let saved = shown
            .saved
            .then(|| view! { <Notice tone=Tone::Success title="Stored." /> });
        let problems = shown.problems.clone();
        view! {
            <ErrorSummary problems=problems.clone() />
            {saved}
            <p>{format!("You are {} and have these roles here: {roles}.", person.user.name)}</p>
            <h2>"Workspaces"</h2>
            {super::workspaces::switch(&shown.workspaces, person.workspace.name.as_str(), &token)}
            {super::tour::link(call)}
            <h2>"Name and look"</h2>
            <form method="post" action=path.clone()>
                <Hidden name="token" value=token.clone() />
                <Field name="full_name" label="Your name for others" value=person.user.full_name.clone() autocomplete="name" problems=problems.clone() />
                <Radios name="theme" legend="Colours" options=themes value=person.user.theme.as_str() />
                <p><button class="button-secondary">"Store"</button></p>
            </form>
            <h2>"Time zone"</h2>
            <form method="post" action=format!("{path}/zone")>
                <Hidden name="token" value=token.clone() />
                <Field name="zone" label="Zone that times are shown in" value=clock.zone() hint="A name such as Europe/Berlin; empty: that of the gateway's machine. Kept in this browser." problems=problems.clone() />
                <p><button class="button-secondary">"Store"</button></p>
            </form>
            <h2>"Password"</h2>
            <form method="post" action=format!("{path}/password")>
                <Hidden name="token" value=token.clone() />
                <Field name="current" label="Present password" kind="password" autocomplete="current-password" required=true problems=problems.clone() />
                <Field name="new" label="New password" kind="password" hint="12 characters or more. Your other sessions end." autocomplete="new-password" required=true problems=problems.clone() />
                <Field name="again" label="New password again" kind="password" autocomplete="new-password" required=true problems=problems.clone() />
                <p><button class="button-secondary">"Change the password"</button></p>
            </form>
            <h2>"Second factor"</h2>
            {super::factor::section(call, &clock, shown.factor, &problems)}
            <h2>"Sessions"</h2>
            {sessions(&clock, &shown.sessions, &path, &token)}
        }
        .into_any()
    })
}

fn sessions(clock: &Clock, sessions: &[SessionView], path: &str, token: &str) -> AnyView {
    let rows = sessions
        .iter()
        .map(|session| {
            let end = if session.current {
                "this one".into_any()
            } else {
                view! {
                    <form class="inline-form" method="post" action=format!("{path}/end-session")>
                        <input type="hidden" name="token" value=token.to_owned() />
                        <input type="hidden" name="session" value=session.id.to_string() />
                        <button class="button-secondary button-small">"Sign out"</button>
                    </form>
                }
                .into_any()
            };
            let cells = vec![
                clock.short(session.seen_ms),
                session.from.clone().into_any(),
                session.agent.clone().into_any(),
                end,
            ];
            Row::new(clock.short(session.created_ms), cells)
        })
        .collect();
    view! { <Table caption="Your sessions" columns=vec!["Began", "Last seen", "From", "Browser", "End"] rows=rows /> }.into_any()
}
