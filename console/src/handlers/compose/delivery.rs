//! The step of the delivery.

use axum::response::Response;
use pushcast_engine::model::alert::Start;
use pushcast_engine::model::{AlertId, Bearer};

use super::{load, store, wanted};
use crate::components::Clock;
use crate::http::{Call, Failure, Problem, see_other};
use crate::pages::compose as pages;
use crate::pages::compose::Draft;

pub(crate) async fn delivery_page(call: Call) -> Result<Response, Failure> {
    let draft = load(&call, &call.part("id")?).await?;
    show_delivery(&call, &draft).await
}

async fn show_delivery(call: &Call, draft: &Draft) -> Result<Response, Failure> {
    let preview = call
        .gateway()
        .preview(call.actor()?, &draft.content)
        .await?;
    Ok(pages::delivery(call, draft, &preview))
}

pub(crate) async fn delivery(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let mut draft = load(&call, &id).await?;
    let form = &call.form;
    let clock = Clock::new(call.zone(), call.app.now_ms());
    let mut found = Vec::new();
    draft.content.bearers = form.all("bearers").filter_map(Bearer::from_pap).collect();
    draft.content.start = match (form.text("start"), clock.read(form.text("at"))) {
        ("at", Some(at_ms)) => Start::At(at_ms),
        ("at", None) => {
            found.push(Problem::new("at", "Give the start as a date and a time."));
            draft.content.start
        }
        _ => Start::Now,
    };
    let mut number = |name: &'static str, what: &str| -> u64 {
        match form.text(name) {
            "" => 0,
            text => text.parse::<u32>().map_or_else(
                |_| {
                    found.push(Problem::new(
                        name,
                        format!("Give {what} as a whole number."),
                    ));
                    0
                },
                u64::from,
            ),
        }
    };
    let (hours, minutes) = (
        number("hours", "the hours"),
        number("minutes", "the minutes"),
    );
    let repetition = number("repetition", "the repetition");
    if found.is_empty() {
        draft.content.duration_s = hours * 3600 + minutes * 60;
        draft.content.repetition_s = (repetition > 0).then_some(repetition * 60);
    }
    let path = call.path_to(&format!("/alerts/{id}"));
    let there = match wanted(&call) {
        "next" => format!("{path}/check"),
        _ => format!("{path}/delivery?saved"),
    };
    match store(&call, draft, found).await? {
        None => Ok(see_other(&there)),
        Some(draft) => show_delivery(&call, &draft).await,
    }
}
