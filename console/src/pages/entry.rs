//! Signing in, setting up, and going on with what was being written.

use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::UserName;

use crate::components::{ErrorSummary, Field, Hidden, Notice, Tone, plain_page};
use crate::http::{Call, Fields, Problem};

/// What a sign-in comes back to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Return {
    /// Path of the page.
    pub to: String,
    /// A form that was sent when nobody was signed in any more: its path and its fields.
    pub kept: Option<(String, String)>,
}

pub(crate) fn sign_in(call: &Call, back: Return, name: &str, problems: Vec<Problem>) -> Response {
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNAUTHORIZED
    };
    let name = name.to_owned();
    let gateway = call.gateway().identity().name.clone();
    plain_page(call, status, "Sign in", move || {
        let kept = back.kept.map(|(path, form)| {
            view! {
                <Notice tone=Tone::Neutral title="What you have written is kept. Sign in to go on with it." />
                <Hidden name="kept_path" value=path />
                <Hidden name="kept_form" value=form />
            }
        });
        view! {
            <p class="muted">{format!("The console of {gateway}")}</p>
            <ErrorSummary problems=problems.clone() />
            <form method="post" action="/sign-in">
                {kept}
                <Hidden name="to" value=back.to />
                <Field name="name" label="Name" value=name autocomplete="username" required=true />
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="current-password"
                    required=true
                />
                <button class="button">"Sign in"</button>
            </form>
        }
        .into_any()
    })
}

/// A form from an earlier session, to be sent once more by the same person.
pub(crate) fn resume(call: &Call, path: &str, form: &Fields, token: &str) -> Response {
    let path = path.to_owned();
    let fields: Vec<(String, String)> = form
        .iter()
        .filter(|(name, _)| *name != "token")
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let token = token.to_owned();
    plain_page(call, StatusCode::OK, "Go on where you were", move || {
        let hidden: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
            .collect();
        view! {
            <p>"You were signed out before this form was sent. Nothing of it is lost and nothing of it has been done."</p>
            <form method="post" action=path>
                <Hidden name="token" value=token />
                {hidden}
                <p class="buttons">
                    <button class="button">"Send it now"</button>
                    <a class="button-secondary" href="/">
                        "Drop it"
                    </a>
                </p>
            </form>
        }
        .into_any()
    })
}

/// The first person of a gateway, who chooses a name, or somebody who was invited.
pub(crate) fn set_up(
    call: &Call,
    link: &str,
    invited: Option<UserName>,
    form: &Fields,
    problems: Vec<Problem>,
) -> Response {
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let action = format!("/set-up/{}", crate::http::fields::encode(link));
    let (name, full_name) = (
        form.text("name").to_owned(),
        form.text("full_name").to_owned(),
    );
    let title = if invited.is_some() {
        "Choose a password"
    } else {
        "Set up the console"
    };
    plain_page(call, status, title, move || {
        let intro = match &invited {
            Some(name) => format!("You were invited as {name}. The link can be used once."),
            None => "You are the first person here: you will be administrator, and have every role in test workspaces. The link can be used once.".to_owned(),
        };
        let name_field = invited.is_none().then(|| {
            view! {
                <Field
                    name="name"
                    label="Name to sign in with"
                    value=name
                    hint="Letters, digits and . _ - @ +. It is never changed."
                    autocomplete="username"
                    required=true
                    problems=problems.clone()
                />
            }
        });
        view! {
            <ErrorSummary problems=problems.clone() />
            <p>{intro}</p>
            <form method="post" action=action>
                {name_field}
                <Field
                    name="full_name"
                    label="Your name for others"
                    value=full_name
                    hint="It stands beside what you do."
                    autocomplete="name"
                    problems=problems.clone()
                />
                {new_password(&problems)}
                <button class="button">"Set the password and sign in"</button>
            </form>
        }
        .into_any()
    })
}

/// A password that is chosen, twice.
fn new_password(problems: &[Problem]) -> AnyView {
    view! {
        <Field
            name="password"
            label="Password"
            kind="password"
            hint="12 characters or more; a few words do well."
            autocomplete="new-password"
            required=true
            problems=problems.to_vec()
        />
        <Field
            name="again"
            label="Password again"
            kind="password"
            autocomplete="new-password"
            required=true
            problems=problems.to_vec()
        />
    }
    .into_any()
}
