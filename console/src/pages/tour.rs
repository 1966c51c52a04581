//! A walk through the life of an alert, in six plain pages, for whoever is new. It is there in test
//! workspaces alone, asks the gateway for nothing, and sends nothing.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::outline::{Outline, Place, Shape};
use pushcast_engine::model::spill::Spill;
use pushcast_engine::model::{Action, AlertContent, Mode, alert::Message};

use super::content;
use crate::components::{AreaMap, Drawn, Head, Notice, Section, Tone, page};
use crate::http::Call;

/// The steps' headings.
const STEPS: [&str; 6] = [
    "Two places: live and test",
    "What an alert says",
    "Whom it reaches",
    "A second pair of eyes",
    "While it is on the air",
    "Nothing was sent",
];

/// How many steps there are.
pub(crate) const COUNT: usize = STEPS.len();

/// The text of the example, in the order of the six points: what, where, how serious, what to do,
/// who says so, where to learn more.
const TEXT: &str = "Flood on the Aln. The river rises above the banks tonight. Danger to life. \
                    Leave low ground now and do not cross the bridges. Civil protection, more at 112.";

/// In a live workspace: where the tour is.
pub(crate) fn elsewhere(call: &Call) -> Response {
    let head = Head::new(Section::Overview, "The tour is in test workspaces");
    page(call, head, || {
        let account = call.path_to("/account");
        view! {
            <p>"This workspace is live: nobody practises here. Go to a test workspace and take the tour there; which ones you have a role in stands on your account."</p>
            <p><a class="button" href=account>"Go to your account"</a></p>
        }
        .into_any()
    })
}

/// A step, from 1.
pub(crate) fn show(call: &Call, step: usize) -> Response {
    let title = STEPS[step.clamp(1, COUNT) - 1];
    let head = Head::new(Section::Overview, title).under("Overview", call.path_to(""));
    page(call, head, || {
        let body = match step {
            1 => places(),
            2 => says(call),
            3 => reaches(),
            4 => second(),
            5 => live(),
            _ => ended(call),
        };
        view! {
            <p class="muted">{format!("Step {step} of {COUNT} of the tour. Nothing on these pages is sent.")}</p>
            {body}
            {onward(call, step)}
        }
        .into_any()
    })
}

fn onward(call: &Call, step: usize) -> AnyView {
    let path = |step: usize| call.path_to(&format!("/tour/{step}"));
    let back =
        (step > 1).then(|| view! { <a class="button-secondary" href=path(step - 1)>"Back"</a> });
    let on = (step < COUNT).then(|| {
        let words = match step {
            4 => "Approve the example",
            5 => "Stop the example",
            _ => "Go on",
        };
        view! { <a class="button" href=path(step + 1)>{words}</a> }
    });
    view! { <p class="buttons">{on} {back}</p> }.into_any()
}

fn places() -> AnyView {
    view! {
        <p>"Every page says in its banner where you are. In a "<strong>"live"</strong>" workspace, what is sent reaches the public. In a "<strong>"test"</strong>" workspace, such as this one, it cannot: a test workspace has no channel that a live one has, and the gateway looks at that again before anything leaves."</p>
        <p>"The banners differ in colour, pattern and words, and so do the buttons: “Send the test for approval” here, “Send for approval: the public will receive it” there. If you are not sure, read the banner."</p>
    }
    .into_any()
}

fn says(call: &Call) -> AnyView {
    let Ok(language) = "en".parse() else {
        return ().into_any();
    };
    let example = AlertContent {
        title: "Example: flood on the Aln".to_owned(),
        messages: vec![Message {
            language,
            text: TEXT.to_owned(),
            attachment: None,
        }],
        ..AlertContent::default()
    };
    view! {
        <p>"A good alert answers six questions: what happens, where, how serious it is, what to do, who says so, and where to learn more. Templates have words for most dangers, with blanks to fill in."</p>
        <p>"Beside the text you see it as a phone shows it, how many pages it takes over Cell Broadcast, and which characters make it longer. Each language has a text of its own."</p>
        {content::handsets(call, &example)}
    }
    .into_any()
}

fn reaches() -> AnyView {
    let place = |latitude, longitude| Place {
        latitude,
        longitude,
    };
    let outline = Outline {
        shapes: vec![Shape::Polygon(vec![
            place(55.36, -1.78),
            place(55.45, -1.74),
            place(55.44, -1.58),
            place(55.36, -1.57),
        ])],
        population: Some(11_000),
    };
    let areas = vec![Drawn {
        name: "Example: lower Aln".to_owned(),
        spill: Some(Spill::of(&outline)),
        outline,
        class: "map-shape",
    }];
    view! {
        <p>"An alert goes to alias groups, which are names for channels, and to service areas, which lie on the map. How many people that is, is an estimate: radio has no list of who listens."</p>
        <p>"Cells do not end at a line. Phones beyond the outline may show the alert too, so say in the text whom it is meant for."</p>
        <AreaMap label="An example area" areas=areas backdrop=None />
    }
    .into_any()
}

fn second() -> AnyView {
    view! {
        <p>"In a live workspace nobody approves what they have written or sent for approval. Whoever approves sees the alert exactly as it will be sent, ticks that they understand how many it will reach, and approves it, returns it for an edit, or rejects it, the last two with a reason."</p>
        <p>"If somebody changes the text meanwhile, the approval is refused and the difference is shown. In a test workspace one person may do both, so that you can practise alone."</p>
    }
    .into_any()
}

fn live() -> AnyView {
    view! {
        <p>"Once approved, the alert is on the air until its time is over. Its page shows for each channel what has left and when. What became of it in people's hands, nobody can tell: radio has no receipts."</p>
        <p>"Anybody who may write or approve can stop it: one person, one confirmation, at any time. A wrong alert is mended by an update, which takes the same way as the first, or by a correction from a template that lies ready."</p>
    }
    .into_any()
}

fn ended(call: &Call) -> AnyView {
    let next = if call.may(Action::Compose) {
        let new = call.path_to("/alerts/new");
        view! { <p><a class="button" href=new>"Compose a real test alert"</a></p> }.into_any()
    } else {
        let overview = call.path_to("");
        view! { <p><a class="button" href=overview>"Go to the overview"</a></p> }.into_any()
    };
    view! {
        <Notice tone=Tone::Success title="That was the tour. Nothing was sent: there was no alert, and nothing was stored." />
        <p>"The next step is a real test: it leaves on this workspace's channels, arrives at its receivers, and counts as your successful test."</p>
        {next}
    }
    .into_any()
}

/// A link to the tour, where there is one.
pub(crate) fn link(call: &Call) -> AnyView {
    let is_test = |person: &crate::http::Person| person.workspace.mode == Mode::Test;
    match call.person.as_ref().is_some_and(is_test) {
        true => {
            let path = call.path_to("/tour/1");
            view! { <p><a class="alone" href=path>"Take the tour: six short pages, and nothing is sent"</a></p> }
                .into_any()
        }
        false => ().into_any(),
    }
}
