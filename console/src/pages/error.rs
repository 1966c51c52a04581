//! What went wrong, whether anything was sent, and what to do.

use axum::http::Extensions;
use axum::response::Response;
use leptos::prelude::*;

use crate::components::{Head, Section, page, plain_page};
use crate::http::{Call, Failure, Fields};

/// What of a request an error page needs; the request itself is gone by then.
pub(crate) struct Shown(Call);

impl Shown {
    pub(crate) fn of(call: &Call) -> Self {
        Self(Call {
            app: call.app.clone(),
            person: call.person.clone(),
            parts: Vec::new(),
            path: call.path.clone(),
            query: Fields::default(),
            form: Fields::default(),
            headers: call.headers.clone(),
            body: std::sync::Mutex::default(),
            extensions: Extensions::new(),
            from: call.from,
            private: call.private,
            channel: call.channel,
            nonce: call.nonce.clone(),
        })
    }

    pub(crate) fn page(self, failure: &Failure) -> Response {
        if let Failure::Unavailable(error) = failure {
            tracing::error!(%error, "a page of the console failed");
        }
        let call = self.0;
        let (title, next) = words(failure);
        let text = sentence(failure);
        let home = if call.person.is_some() {
            call.path_to("")
        } else {
            "/".to_owned()
        };
        let body = move || {
            view! {
                <p>{text}</p>
                <p>"This request has sent nothing and changed nothing."</p>
                <p>{next}</p>
                <p><a href=home>"Go to the overview"</a></p>
            }
            .into_any()
        };
        if call.person.is_some() {
            let head = Head::new(Section::Overview, title).status(failure.status());
            page(&call, head, body)
        } else {
            plain_page(&call, failure.status(), title, body)
        }
    }
}

fn sentence(failure: &Failure) -> String {
    let mut text = failure.to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

fn words(failure: &Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::Foreign => (
            "This form was not taken",
            "Go back, load the page again, and send the form from there.",
        ),
        Failure::Forbidden => (
            "You may not do this here",
            "An administrator can give you the role that it needs. The attempt is in the audit.",
        ),
        Failure::Malformed(_) => (
            "The request cannot be understood",
            "Go back and try again. If it stays so, tell whoever runs the gateway.",
        ),
        Failure::NotFound => (
            "There is nothing here",
            "It may have been deleted, or it belongs to a workspace that you have no role in.",
        ),
        Failure::Refused(_) => (
            "This was not done",
            "Go back, load the page again, and look at how it is now.",
        ),
        Failure::NotYet(_) => (
            "You may not do this yet",
            "Nothing was sent. Whoever sees an alert that must end can stop it as ever.",
        ),
        Failure::SignedOut | Failure::Stale => ("You are signed out", "Sign in again."),
        Failure::TooLarge(_) => ("This is too much", "Send less at a time."),
        Failure::TooMany(_) => ("Too many attempts", "Wait, then try again."),
        Failure::Unavailable(_) => (
            "The gateway cannot answer at the moment",
            "Try again in a minute. What is on the air goes on. If it stays so, tell whoever runs the gateway.",
        ),
    }
}
