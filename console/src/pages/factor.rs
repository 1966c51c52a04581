//! The second factor: the question for a code, and setting it up.

use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::{CodeTicket, FactorView, NewFactor};

use super::entry::Return;
use crate::components::{
    Clock, ErrorSummary, Field, Head, Hidden, Notice, Section, Tone, page, plain_page,
};
use crate::http::{Call, Problem};

/// After the right password: the code.
pub(crate) fn ask(
    call: &Call,
    back: Return,
    ticket: &CodeTicket,
    problems: Vec<Problem>,
) -> Response {
    let status = match problems.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNAUTHORIZED,
    };
    let ticket = ticket.as_str().to_owned();
    plain_page(call, status, "Your code", move || {
        let kept = back.kept.map(|(path, form)| {
            view! {
                <Hidden name="kept_path" value=path />
                <Hidden name="kept_form" value=form />
            }
        });
        view! {
            <ErrorSummary problems=problems.clone() />
            <form method="post" action="/sign-in/code">
                {kept}
                <Hidden name="to" value=back.to />
                <Hidden name="ticket" value=ticket />
                <Field
                    name="code"
                    label="Code"
                    hint="Six digits from your device, or one of your recovery codes."
                    autocomplete="one-time-code"
                    required=true
                    problems=problems
                />
                <button class="button">"Go on"</button>
            </form>
            <p class="hint">"Device and recovery codes lost? An administrator can take the second factor away."</p>
        }
        .into_any()
    })
}

/// The secret, once, and the first code. Without the secret: only the code, once more.
pub(crate) fn begin(call: &Call, made: Option<&NewFactor>, problems: Vec<Problem>) -> Response {
    let head = Head::new(Section::Account, "Set up a second factor")
        .under("Your account", call.path_to("/account"))
        .wrong(!problems.is_empty());
    page(call, head, || {
        let secret = made.map(|made| {
            let spaced: Vec<String> = made
                .secret
                .as_bytes()
                .chunks(4)
                .map(|four| String::from_utf8_lossy(four).into_owned())
                .collect();
            view! {
                <p>"Give this key to an app for one-time codes (TOTP): type it, or open the link on the device that has the app. It is shown this once."</p>
                <p><code>{spaced.join(" ")}</code></p>
                <p><a href=made.url.clone()>"Open in the app of this device"</a></p>
            }
        });
        let again = made.is_none().then(|| {
            view! { <p>"The key stays as it was shown. If you have not kept it, begin again from your account."</p> }
        });
        view! {
            <ErrorSummary problems=problems.clone() />
            {secret}
            {again}
            <form method="post" action=call.path_to("/account/factor/confirm")>
                <Hidden name="token" value=call.form_token() />
                <Field
                    name="code"
                    label="The code that the app shows now"
                    hint="From then on each sign-in asks for one. Your other sessions end."
                    autocomplete="one-time-code"
                    short=true
                    required=true
                    problems=problems.clone()
                />
                <p><button class="button">"Turn the second factor on"</button></p>
            </form>
        }
        .into_any()
    })
}

/// The recovery codes, once.
pub(crate) fn recovery(call: &Call, codes: &[String]) -> Response {
    let head = Head::new(Section::Account, "Keep your recovery codes")
        .under("Your account", call.path_to("/account"));
    page(call, head, || {
        let codes: Vec<_> = codes
            .iter()
            .map(|code| view! { <li><code>{code.clone()}</code></li> })
            .collect();
        view! {
            <Notice tone=Tone::Success title="The second factor is on." />
            <p>"Each of these codes lets you in once, should the device be lost. Print them or keep them where the device is not. They are shown this once; only their hashes are kept."</p>
            <ul class="checklist">{codes}</ul>
            <p><a class="button" href=call.path_to("/account")>"I have kept them"</a></p>
        }
        .into_any()
    })
}

/// The part of one's account that is about it.
pub(crate) fn section(
    call: &Call,
    clock: &Clock,
    factor: FactorView,
    problems: &[Problem],
) -> AnyView {
    let path = call.path_to("/account/factor");
    let token = call.form_token();
    let Some(since_ms) = factor.since_ms else {
        return view! {
            <p>"Your password alone lets you in. With a second factor each sign-in also asks for a code from a device of yours."</p>
            <form method="post" action=format!("{path}/begin")>
                <Hidden name="token" value=token />
                <p><button class="button-secondary">"Set up a second factor"</button></p>
            </form>
        }
        .into_any();
    };
    let left = match factor.recovery_left {
        0 => "no recovery code is left: take it away and set up another".to_owned(),
        1 => "1 recovery code is left".to_owned(),
        left => format!("{left} recovery codes are left"),
    };
    view! {
        <p>"On since " {clock.long(since_ms)} "; " {left} "."</p>
        <form method="post" action=format!("{path}/drop")>
            <Hidden name="token" value=token />
            <Field name="password" label="Your password" kind="password" autocomplete="current-password" required=true problems=problems.to_vec() />
            <p><button class="button-danger">"Take the second factor away"</button></p>
        </form>
    }
    .into_any()
}
