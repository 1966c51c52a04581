//! The step of the audience.

use axum::response::Response;
use pushcast_engine::model::AlertId;

use super::{load, store, wanted};
use crate::handlers::approvals::drawn;
use crate::http::fields::encode;
use crate::http::{Call, Failure, see_other};
use crate::islands::Choice;
use crate::pages::compose as pages;
use crate::pages::compose::Draft;

/// Groups, and areas, that the step shows at a time.
const CHOICES: u32 = 100;

pub(crate) async fn audience_page(call: Call) -> Result<Response, Failure> {
    let draft = load(&call, &call.part("id")?).await?;
    let find = call.query.text("find").to_owned();
    show_audience(&call, draft, find).await
}

async fn show_audience(call: &Call, draft: Draft, find: String) -> Result<Response, Failure> {
    let actor = call.actor()?;
    let gateway = call.gateway();
    let text = Some(find.as_str()).filter(|text| !text.is_empty());
    let groups = gateway.groups(actor, text, None, CHOICES).await?;
    let areas = gateway.areas(actor, text, None, CHOICES).await?;
    let more = groups.next.is_some() || areas.next.is_some();
    let receivers = |figure: Option<u64>| match figure {
        Some(figure) => format!("{} receivers expected", crate::components::count(figure)),
        None => "receivers unknown".to_owned(),
    };
    let mut group_choices: Vec<Choice> =
        ticked(draft.content.groups.iter().map(ToString::to_string));
    for row in groups.rows {
        let channels: Vec<&str> = row
            .group
            .channels
            .iter()
            .map(|channel| channel.as_str())
            .collect();
        let hint = format!(
            "{}; {}",
            channels.join(", "),
            receivers(row.group.receivers_expected)
        );
        offer(&mut group_choices, row.group.name.to_string(), hint);
    }
    let mut area_choices: Vec<Choice> = ticked(draft.content.areas.iter().map(ToString::to_string));
    for row in areas.rows {
        let channels: Vec<&str> = row
            .area
            .channels
            .iter()
            .map(|channel| channel.as_str())
            .collect();
        let hint = format!(
            "{}; {}",
            channels.join(", "),
            receivers(row.outline.population)
        );
        offer(&mut area_choices, row.area.name.to_string(), hint);
    }
    let shown = pages::Audience {
        groups: group_choices,
        areas: area_choices,
        drawn: drawn(call, &draft.content).await?,
        backdrop: gateway.backdrop(actor).await?,
        preview: gateway.preview(actor, &draft.content).await?,
        more,
        find,
    };
    Ok(pages::audience(call, &draft, shown))
}

fn ticked(names: impl Iterator<Item = String>) -> Vec<Choice> {
    names
        .map(|name| Choice {
            label: name.clone(),
            value: name,
            hint: String::new(),
            ticked: true,
        })
        .collect()
}

/// What is ticked stands there already and only gets its hint.
fn offer(choices: &mut Vec<Choice>, name: String, hint: String) {
    match choices.iter_mut().find(|choice| choice.value == name) {
        Some(choice) => choice.hint = hint,
        None => choices.push(Choice {
            label: name.clone(),
            value: name,
            hint,
            ticked: false,
        }),
    }
}

pub(crate) async fn audience(call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let mut draft = load(&call, &id).await?;
    let form = &call.form;
    draft.content.groups = form
        .all("group")
        .filter_map(|name| name.parse().ok())
        .collect();
    draft.content.areas = form
        .all("area")
        .filter_map(|name| name.parse().ok())
        .collect();
    let find = form.text("find").to_owned();
    let path = call.path_to(&format!("/alerts/{id}"));
    let there = match wanted(&call) {
        "next" => format!("{path}/delivery?saved"),
        "find" => format!("{path}/audience?find={}", encode(&find)),
        _ => format!("{path}/audience?saved"),
    };
    match store(&call, draft, Vec::new()).await? {
        None => Ok(see_other(&there)),
        Some(draft) => show_audience(&call, draft, find).await,
    }
}
