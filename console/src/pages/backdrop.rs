//! What lies under the areas on every map: looking at it, putting another in its place.

use std::sync::Arc;

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::Action;
use pushcast_engine::model::backdrop::{Backdrop, MAX_BACKDROP_BYTES, MAX_BACKDROP_POINTS};
use pushcast_engine::model::outline::{Outline, Place, Shape};

use crate::components::{
    AreaMap, Clock, Drawn, Empty, ErrorSummary, FileField, Head, Hidden, Notice, Section,
    SummaryList, Tone, count, page,
};
use crate::http::{Call, Problem};

pub(crate) fn show(
    call: &Call,
    backdrop: Option<Arc<Backdrop>>,
    problems: Vec<Problem>,
) -> Response {
    let head = Head::new(Section::Areas, "What lies under the map")
        .under("Service areas", call.path_to("/areas"))
        .wrong(!problems.is_empty());
    let may = call.may(Action::EditAreas);
    page(call, head, || {
        let saved = call.query.has("saved").then(|| {
            view! { <Notice tone=Tone::Success title="Stored. It lies under every map from now on." /> }
        });
        let there = match &backdrop {
            Some(backdrop) => facts(call, backdrop, may),
            None => view! { <Empty text="Nothing but land and borders. A file with districts, rivers or roads helps to see where an area lies." /> }.into_any(),
        };
        view! {
            <ErrorSummary problems=problems.clone() />
            {saved}
            {there}
            {may.then(|| form(call, backdrop.is_some()))}
        }
        .into_any()
    })
}

fn facts(call: &Call, backdrop: &Arc<Backdrop>, may: bool) -> AnyView {
    let clock = Clock::new(call.zone(), call.app.now_ms());
    let lines = backdrop.lines.len() as u64;
    let points = backdrop.points() as u64;
    let pairs = vec![
        (
            "File",
            view! { <bdi>{backdrop.name.clone()}</bdi> }.into_any(),
            None,
        ),
        (
            "Lines",
            format!("{} of {} points", count(lines), count(points)).into_any(),
            None,
        ),
        (
            "Uploaded",
            view! { {clock.long(backdrop.at_ms)} " by " {backdrop.by.clone()} }.into_any(),
            None,
        ),
    ];
    let remove = may.then(|| {
        view! {
            <form method="post" action=call.path_to("/areas/backdrop/remove")>
                <Hidden name="token" value=call.form_token() />
                <p><button class="button-danger">"Remove it from every map"</button></p>
            </form>
        }
    });
    view! {
        <SummaryList pairs=pairs />
        <AreaMap label="All that was uploaded" areas=vec![all(backdrop)] backdrop=Some(backdrop.clone()) />
        {remove}
    }
    .into_any()
}

/// The rectangle around all of it, so that the map shows it.
fn all(backdrop: &Backdrop) -> Drawn {
    let points = || backdrop.lines.iter().flat_map(|line| &line.points);
    let least = |of: fn(f64, f64) -> f64, start: f64| {
        points().fold((start, start), |(lat, lon), point| {
            (of(lat, point.latitude()), of(lon, point.longitude()))
        })
    };
    let (south, west) = least(f64::min, f64::INFINITY);
    let (north, east) = least(f64::max, f64::NEG_INFINITY);
    let place = |latitude, longitude| Place {
        latitude,
        longitude,
    };
    Drawn {
        name: String::new(),
        outline: Outline {
            shapes: vec![Shape::Polygon(vec![
                place(south, west),
                place(south, east),
                place(north, east),
                place(north, west),
            ])],
            population: None,
        },
        class: "map-frame",
        spill: None,
    }
}

fn form(call: &Call, replaces: bool) -> AnyView {
    let title = match replaces {
        true => "Put another in its place",
        false => "Upload lines",
    };
    let hint = format!(
        "GeoJSON with lines or polygons, longitude before latitude (WGS 84); at most {} MiB and {} points. \
         It is drawn under the areas of every workspace, and never sent.",
        MAX_BACKDROP_BYTES >> 20,
        count(MAX_BACKDROP_POINTS as u64)
    );
    view! {
        <h2>{title}</h2>
        <p class="hint">{hint}</p>
        <form method="post" action=call.path_to("/areas/backdrop") enctype="multipart/form-data">
            <Hidden name="token" value=call.form_token() />
            <FileField id="file" label="File" accept=".geojson,.json,application/geo+json" />
            <p><button class="button">"Upload"</button></p>
        </form>
    }
    .into_any()
}
