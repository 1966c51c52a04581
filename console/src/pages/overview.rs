//! Screen 1: what is going on.

use std::sync::Arc;

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::backdrop::Backdrop;
use pushcast_engine::model::listing::Entry;
use pushcast_engine::model::overview::Overview;
use pushcast_engine::model::{Action, AlertId, Mode};

use super::submissions::entries;
use crate::components::{AreaMap, Clock, Drawn, Empty, Head, Notice, Section, Tone, page};
use crate::http::Call;
use crate::http::boards::Boards;
use crate::islands::LiveBoard;

/// What the page shows besides the overview.
pub(crate) struct Around {
    pub latest: Vec<Entry>,
    pub drafts: Vec<Entry>,
    /// The example that can be sent.
    pub example: Option<AlertId>,
    pub live_areas: Vec<Drawn>,
    pub backdrop: Option<Arc<Backdrop>>,
}

pub(crate) fn show(call: &Call, overview: Overview, around: Around) -> Response {
    let title = "Overview";
    let mut head = Head::new(Section::Overview, title).live();
    if call.may(Action::Compose) {
        let path = call.path_to("/alerts/new");
        head = head.action(view! { <a class="button" href=path>"Compose an alert"</a> });
    }
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let board = Boards::new(call).overview(&overview);
        let live = call.path_to("/live");
        let latest = if around.latest.is_empty() {
            view! { <Empty text="Nothing has been sent from here yet." next=first_step(call) /> }
                .into_any()
        } else {
            entries(call, &clock, "The latest pushes and alerts", around.latest)
        };
        let drafts = (!around.drafts.is_empty()).then(|| {
            view! {
                <h2>"Being written"</h2>
                {entries(call, &clock, "Alerts that are being written", around.drafts)}
            }
        });
        let map = (!around.live_areas.is_empty()).then(|| {
            view! {
                <section>
                    <h2>"Where alerts are live"</h2>
                    <AreaMap label="Service areas with alerts on the air" areas=around.live_areas backdrop=around.backdrop />
                </section>
            }
        });
        view! {
            {tested(call, &clock, around.example.as_ref())}
            <LiveBoard board=board path=live />
            {map}
            {drafts}
            <h2>"Latest"</h2>
            {latest}
        }
        .into_any()
    })
}

/// When the person last sent a test that arrived: skill fades.
fn tested(call: &Call, clock: &Clock, example: Option<&AlertId>) -> AnyView {
    let Some(person) = call.person.as_ref() else {
        return ().into_any();
    };
    let resting = [Action::Compose, Action::Approve];
    if let Some(months) = resting.iter().find_map(|action| person.resting(*action)) {
        let last = person.user.tested_ms.map_or_else(
            || view! { <p>"You have had no successful test yet."</p> }.into_any(),
            |tested_ms| {
                view! { <p>"Your last successful test: " {clock.short(tested_ms)} "."</p> }
                    .into_any()
            },
        );
        let text = view! {
            {last}
            <p>"Write, submit or approve an alert in a test workspace and let it end; then they count again. Stopping what is on the air never rests."</p>
        };
        let title = format!(
            "Your rights to write and approve rest here: they need a successful test every {months} months."
        );
        return view! { <Notice tone=Tone::Warning title=title text=text.into_any() /> }.into_any();
    }
    if !call.may(Action::Compose) {
        return ().into_any();
    }
    match person.user.tested_ms {
        Some(tested_ms) => view! {
            <p class="muted">
                "Your last successful test: " {clock.short(tested_ms)} ", " {clock.away(tested_ms)} "."
            </p>
        }
        .into_any(),
        None => {
            let text = match (person.workspace.mode, example) {
                (Mode::Live, _) => view! { <p>"Send one from a test workspace: whoever has practised is quicker when it counts."</p> }.into_any(),
                (Mode::Test, None) => view! { <p>"Whoever has practised is quicker when it counts."</p> }.into_any(),
                (Mode::Test, Some(id)) => {
                    let path = call.path_to(&format!("/alerts/{id}/check"));
                    view! {
                        <p>"An example is ready: look at it, send it, approve it, watch it arrive. It takes a minute and reaches nobody but the test channels of this workspace."</p>
                        <p><a class="button" href=path>"Send the example alert"</a></p>
                    }
                    .into_any()
                }
            };
            let text = view! {
                {text}
                {super::tour::link(call)}
            }
            .into_any();
            view! {
                <Notice
                    tone=Tone::Neutral
                    title="You have not sent a successful test alert yet."
                    text=text
                />
            }
            .into_any()
        }
    }
}

fn first_step(call: &Call) -> AnyView {
    if call.may(Action::Compose) {
        let path = call.path_to("/alerts/new");
        view! { <p><a href=path>"Compose the first alert"</a>": a template helps with the words."</p> }.into_any()
    } else {
        view! { <p>"Alerts that authors send and pushes of initiators will show here."</p> }
            .into_any()
    }
}
