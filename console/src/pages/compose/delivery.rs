//! The third step: when, how long, on which bearers.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::Preview;
use pushcast_engine::model::Bearer;
use pushcast_engine::model::alert::Start;

use super::{Draft, Step, frame, quoted};
use crate::components::{Boxes, Clock, Field, Option_, Radios};
use crate::http::Call;
use crate::pages::content;

pub(crate) fn delivery(call: &Call, draft: &Draft, preview: &Preview) -> Response {
    frame(call, draft, Step::Delivery, |path| {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let content = &draft.content;
        let bearers = Bearer::ALL.iter().map(bearer_option).collect();
        let ticked = content
            .bearers
            .iter()
            .map(|bearer| bearer.as_str().to_owned())
            .collect();
        let (start, at) = match content.start {
            Start::Now => ("now", String::new()),
            Start::At(at_ms) => ("at", clock.input(at_ms)),
        };
        let starts = vec![
            Option_::new("now", "As soon as it is approved"),
            Option_::new("at", "At this time:"),
        ];
        let repetition = content
            .repetition_s
            .map(|seconds| (seconds / 60).to_string())
            .unwrap_or_default();
        let zone = clock.zone();
        view! {
            <form method="post" action=format!("{path}/delivery")>
                {quoted(call, draft.seen)}
                <button class="visually-hidden" name="do" value="save" tabindex="-1" aria-hidden="true">"Save"</button>
                <Boxes name="bearers" legend="Bearers (none ticked: all that the groups and areas have)" options=bearers values=ticked problems=draft.problems.clone() />
                <Radios name="start" legend="Start" options=starts value=start problems=draft.problems.clone() />
                <Field
                    name="at"
                    label=format!("Start time ({zone})")
                    kind="datetime-local"
                    short=true
                    value=at
                    problems=draft.problems.clone()
                />
                <div class="fields-row">
                    <Field name="hours" label="Lasts, hours" kind="number" short=true value=(content.duration_s / 3600).to_string() problems=draft.problems.clone() />
                    <Field name="minutes" label="and minutes" kind="number" short=true value=(content.duration_s / 60 % 60).to_string() problems=draft.problems.clone() />
                </div>
                <Field
                    name="repetition"
                    label="Repeat every so many minutes"
                    kind="number"
                    short=true
                    value=repetition
                    hint="Repeating reaches those who come later. Empty: as each channel has it."
                    problems=draft.problems.clone()
                />
                <p class="buttons">
                    <button class="button-secondary" name="do" value="save">"Save and compute"</button>
                    <button class="button" name="do" value="next">"Save and go on to the check"</button>
                </p>
            </form>
            <h2>"What that comes to"</h2>
            <p>"If it were approved now: from " {clock.long(preview.window_ms.0)} " to " {clock.long(preview.window_ms.1)} "."</p>
            {content::routes(preview)}
        }
        .into_any()
    })
}

fn bearer_option(bearer: &Bearer) -> Option_ {
    let hint = match bearer {
        Bearer::Bcast => "Files to BCAST receivers",
        Bearer::Cbs => "Text to every phone in the cells",
        Bearer::Mbms => "Files to MBMS receivers",
    };
    Option_::new(bearer.as_str(), bearer.as_str()).with_hint(hint)
}
