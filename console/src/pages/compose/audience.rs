//! The second step: whom it reaches.

use std::sync::Arc;

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::Preview;
use pushcast_engine::model::backdrop::Backdrop;

use super::{Draft, Step, frame, quoted};
use crate::components::{AreaMap, Drawn, Field};
use crate::http::Call;
use crate::islands::{Choice, Picker};
use crate::pages::content;

/// What the step shows to choose from.
pub(crate) struct Audience {
    pub groups: Vec<Choice>,
    pub areas: Vec<Choice>,
    pub drawn: Vec<Drawn>,
    pub backdrop: Option<Arc<Backdrop>>,
    pub preview: Preview,
    /// There are more than are shown: search.
    pub more: bool,
    pub find: String,
}

pub(crate) fn audience(call: &Call, draft: &Draft, shown: Audience) -> Response {
    frame(call, draft, Step::Audience, |path| {
        let more = shown.more.then(|| view! { <p class="hint">"Not all are shown: search for the others. What is ticked stays."</p> });
        let map = if shown.drawn.is_empty() {
            view! { <p class="hint">"The map shows the areas that are ticked once they are saved."</p> }.into_any()
        } else {
            view! { <AreaMap label="Service areas that are chosen" areas=shown.drawn backdrop=shown.backdrop /> }
                .into_any()
        };
        let boxes = |legend: &'static str,
                     name: &'static str,
                     choices: Vec<Choice>,
                     none: &'static str| {
            if choices.is_empty() {
                view! { <fieldset class="field"><legend>{legend}</legend><p class="muted">{none}</p></fieldset> }.into_any()
            } else {
                view! {
                    <fieldset class="field">
                        <legend>{legend}</legend>
                        <Picker name=name.to_owned() what=legend.to_lowercase() choices=choices />
                    </fieldset>
                }
                .into_any()
            }
        };
        view! {
            <form method="post" action=format!("{path}/audience")>
                {quoted(call, draft.seen)}
                <button class="visually-hidden" name="do" value="save" tabindex="-1" aria-hidden="true">"Save"</button>
                <div class="fields-row">
                    <Field name="find" label="Search all groups and areas" kind="search" value=shown.find />
                    <div class="field">
                        <button class="button-secondary" name="do" value="find">"Search"</button>
                    </div>
                </div>
                {more}
                <div class="two-thirds">
                    <div id="audience">
                        {boxes("Alias groups", "group", shown.groups, "There is no alias group.")}
                        {boxes("Service areas", "area", shown.areas, "There is no service area.")}
                    </div>
                    <div>
                        {map}
                        <p><strong>"Reach: "</strong> {content::reach(&shown.preview.reach)}</p>
                    </div>
                </div>
                <p class="buttons">
                    <button class="button-secondary" name="do" value="save">"Save"</button>
                    <button class="button" name="do" value="next">"Save and go on to the delivery"</button>
                </p>
            </form>
        }
        .into_any()
    })
}
