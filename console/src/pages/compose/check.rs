//! The last step: everything once more, and what is missing.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::Preview;
use pushcast_engine::model::Mode;

use super::{Draft, Step, frame, place, quoted};
use crate::components::Clock;
use crate::http::Call;
use crate::pages::content::{self, Links};

pub(crate) fn check(call: &Call, draft: &Draft, preview: &Preview) -> Response {
    frame(call, draft, Step::Check, |path| {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let links = Links {
            message: Some(format!("{path}/message")),
            audience: Some(format!("{path}/audience")),
            delivery: Some(format!("{path}/delivery")),
        };
        let problems: Vec<_> = draft
            .alert
            .problems
            .iter()
            .map(|problem| {
                let (step, anchor) = place(problem.field);
                let language = problem
                    .language
                    .as_ref()
                    .map(|language| format!("?language={language}"))
                    .unwrap_or_default();
                let link = format!("{path}/{step}{language}#{anchor}");
                let of = problem
                    .language
                    .as_ref()
                    .map(|language| format!(" ({language})"));
                view! { <li><a href=link>{problem.message.clone()} {of}</a></li> }
            })
            .collect();
        let ready = problems.is_empty();
        let missing = (!ready).then(|| {
            view! {
                <div class="error-summary" role="alert">
                    <h2>"It cannot be sent for approval yet"</h2>
                    <ul>{problems}</ul>
                </div>
            }
        });
        let live = call
            .person
            .as_ref()
            .is_some_and(|person| person.workspace.mode == Mode::Live);
        let button = if live {
            "Send for approval: the public will receive it"
        } else {
            "Send the test for approval"
        };
        let send = (ready && draft.alert.duty.submit).then(|| {
            view! {
                <form method="post" action=format!("{path}/submit")>
                    {quoted(call, draft.seen)}
                    <p><button class="button">{button}</button></p>
                </form>
            }
        });
        view! {
            {missing}
            {content::warnings(&draft.content, preview)}
            {content::summary(&clock, &draft.content, Some(preview), &links)}
            <h2>"As it will be shown"</h2>
            {content::handsets(call, &draft.content)}
            <h2>"As it will be sent"</h2>
            {content::routes(preview)}
            <p><a href=format!("{path}/raw")>"Raw form: PAP control entity, Cell Broadcast pages, FDT Instance"</a></p>
            {send}
        }
        .into_any()
    })
}
