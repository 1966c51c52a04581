//! The first page.

use axum::response::Response;
use pushcast_engine::model::listing::{ListQuery, Tab};
use pushcast_engine::model::outline::Outline;
use pushcast_engine::model::overview::{LiveAlert, Overview};
use pushcast_engine::model::{Action, AlertState, AreaName};

use crate::components::Drawn;
use crate::http::{Call, Failure};
use crate::pages::overview as pages;

/// Rows below the live part.
const LATEST: u32 = 10;
/// Drafts that are shown.
const DRAFTS: u32 = 5;
/// Areas on the map: more would hide each other.
const MAX_AREAS: usize = 20;

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let actor = call.actor()?;
    let overview = call.gateway().overview(actor).await?;
    let query = ListQuery {
        tab: Tab::All,
        rows: LATEST,
        ..ListQuery::default()
    };
    let latest = call.gateway().list(actor, &query).await?.rows;
    let live_areas = live_areas(&call, &overview).await?;
    let (mut drafts, mut example) = (Vec::new(), None);
    if call.may(Action::Compose) {
        let query = ListQuery {
            tab: Tab::Drafts,
            rows: DRAFTS,
            ..ListQuery::default()
        };
        drafts = call.gateway().list(actor, &query).await?.rows;
        example = call.gateway().example(actor).await?;
    }
    let around = pages::Around {
        latest,
        drafts,
        example,
        live_areas,
        backdrop: call.gateway().backdrop(actor).await?,
    };
    Ok(pages::show(&call, overview, around))
}

/// Outlines of the areas that alerts on the air name.
async fn live_areas(call: &Call, overview: &Overview) -> Result<Vec<Drawn>, Failure> {
    let mut drawn = Vec::new();
    let names = on_air(overview);
    let outlines = call.gateway().area_outlines(call.actor()?, &names).await?;
    for (name, outline) in outlines {
        if outline != Outline::default() {
            drawn.push(Drawn {
                name,
                outline,
                class: "map-live",
                spill: None,
            });
        }
    }
    Ok(drawn)
}

/// Names of these areas, each once.
fn on_air(overview: &Overview) -> Vec<AreaName> {
    let mut names: Vec<AreaName> = Vec::new();
    let on_air = |alert: &&LiveAlert| alert.state == AlertState::Broadcasting;
    for target in overview
        .alerts
        .iter()
        .filter(on_air)
        .flat_map(|alert| &alert.targets)
    {
        let name = target
            .strip_prefix("area ")
            .and_then(|name| name.parse().ok());
        if let Some(name) = name
            && !names.contains(&name)
            && names.len() < MAX_AREAS
        {
            names.push(name);
        }
    }
    names
}
