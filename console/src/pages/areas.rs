//! Screen 7: service areas, in a list and on the map.

use std::sync::Arc;

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::gateway::console::AreaRow;
use pushcast_engine::model::Action;
use pushcast_engine::model::backdrop::Backdrop;
use pushcast_engine::model::listing::{Cursor, Page};
use pushcast_engine::model::outline::{AreaDetail, Outline, Shape};
use pushcast_engine::model::spill::Spill;

use crate::components::{
    AreaMap, Boxes, Clock, Drawn, Empty, ErrorSummary, Field, FileField, Head, Hidden, Notice,
    Option_, Pager, Row, Section, SummaryList, Table, TextArea, Tone, count, page, surroundings,
};
use crate::http::fields::encode;
use crate::http::{Call, Fields, Problem};
use crate::islands::{CopyButton, PolygonEditor};

pub(crate) fn path(call: &Call, name: &str) -> String {
    call.path_to(&format!("/areas/named/{}", encode(name)))
}

pub(crate) fn list(call: &Call, areas: Page<AreaRow>, under: Option<Arc<Backdrop>>) -> Response {
    let mut head = Head::new(Section::Areas, "Service areas");
    if call.may(Action::EditAreas) {
        let new = call.path_to("/areas/new");
        head = head.action(view! { <a class="button" href=new>"Add an area"</a> });
    }
    page(call, head, || {
        let next = areas.next.as_ref().map(Cursor::to_string);
        let here = call.path_to("/areas");
        let text = call.query.text("text");
        let search = view! {
            <form class="filters" method="get" action=here.clone() role="search">
                <div class="fields-row">
                    <Field name="text" label="Name contains" kind="search" value=text />
                    <div class="field"><button class="button-secondary">"Search"</button></div>
                </div>
            </form>
        };
        let tables = super::area_tables::section(call, call.may(Action::EditAreas));
        if areas.rows.is_empty() {
            let words = if text.is_empty() {
                "There is no service area yet. An area is a name, a shape on the map, and the channels that cover it."
            } else {
                "No area has that in its name."
            };
            return view! {
                {search}
                <Empty text=words />
                {tables}
                <p><a href=call.path_to("/areas/backdrop")>"What lies under the map"</a></p>
            }
            .into_any();
        }
        let drawn = areas.rows.iter().filter_map(drawn).collect();
        let rows = areas.rows.iter().map(|row| area_row(call, row)).collect();
        view! {
            {search}
            <div class="two-thirds two-thirds-turned">
                <div>
                    <Table caption="Service areas" columns=vec!["Area", "Shape", "Served by", "#People"] rows=rows />
                    <Pager path=here query=call.query.clone() next=next />
                </div>
                <div>
                    <AreaMap label="The areas of this list" areas=drawn backdrop=under.clone() />
                </div>
            </div>
            {tables}
            <p><a href=call.path_to("/areas/backdrop")>"What lies under the map"</a></p>
        }
        .into_any()
    })
}

fn drawn(row: &AreaRow) -> Option<Drawn> {
    (!row.outline.shapes.is_empty()).then(|| Drawn {
        name: row.area.name.to_string(),
        outline: row.outline.clone(),
        class: "map-shape",
        spill: None,
    })
}

fn area_row(call: &Call, row: &AreaRow) -> Row {
    let channels = row.area.channels.iter();
    let channels: Vec<&str> = channels.map(|channel| channel.as_str()).collect();
    let link = path(call, row.area.name.as_str());
    let people = row.outline.population;
    let cells = vec![
        kind(&row.outline).into_any(),
        channels.join(", ").into_any(),
        people
            .map_or_else(|| "unknown".to_owned(), count)
            .into_any(),
    ];
    Row::new(
        view! { <a href=link><bdi>{row.area.name.to_string()}</bdi></a> },
        cells,
    )
}

/// What its shapes are, in words.
fn kind(outline: &Outline) -> String {
    let circles = outline
        .shapes
        .iter()
        .filter(|shape| matches!(shape, Shape::Circle { .. }))
        .count();
    let polygons = outline.shapes.len() - circles;
    let said = |number: usize, what: &str| match number {
        0 => None,
        1 => Some(format!("1 {what}")),
        number => Some(format!("{number} {what}s")),
    };
    let all: Vec<String> = [said(polygons, "polygon"), said(circles, "circle")]
        .into_iter()
        .flatten()
        .collect();
    if all.is_empty() {
        "not drawn".to_owned()
    } else {
        all.join(", ")
    }
}

/// What a form shows: a stored area, or what was typed.
pub(crate) struct Shown {
    pub fields: Fields,
    pub channels: Vec<String>,
    /// Shapes that the form has no fields for; they stay unless they are dropped.
    pub others: Vec<Shape>,
    /// As far as it can be read from the fields.
    pub outline: Outline,
    pub around: Vec<(String, Outline)>,
    /// What lies under the map.
    pub under: Option<Arc<Backdrop>>,
    pub problems: Vec<Problem>,
}

pub(crate) fn new(call: &Call, shown: &Shown) -> Response {
    let head = Head::new(Section::Areas, "Add an area")
        .under("Service areas", call.path_to("/areas"))
        .wrong(!shown.problems.is_empty());
    page(call, head, || {
        view! {
            <ErrorSummary problems=shown.problems.clone() />
            {form(call, &call.path_to("/areas"), shown, None)}
            {upload(call, "")}
        }
        .into_any()
    })
}

pub(crate) fn show(call: &Call, detail: &AreaDetail, shown: &Shown) -> Response {
    let name = detail.area.name.to_string();
    let here = path(call, &name);
    let head = Head::new(Section::Areas, name.clone())
        .under("Service areas", call.path_to("/areas"))
        .wrong(!shown.problems.is_empty());
    page(call, head, || {
        let clock = Clock::new(call.zone(), call.app.now_ms());
        let saved = call.query.has("saved").then(|| view! { <Notice tone=Tone::Success title="Stored. It can be addressed as it is now." /> });
        let geojson = format!("{here}/geojson");
        let edit = call
            .may(Action::EditAreas)
            .then(|| edit(call, detail, shown));
        view! {
            <ErrorSummary problems=shown.problems.clone() />
            {saved}
            {facts(&clock, detail)}
            {around(detail, shown)}
            <p><a href=geojson>"Download as GeoJSON"</a></p>
            {edit}
        }
        .into_any()
    })
}

fn facts(clock: &Clock, detail: &AreaDetail) -> AnyView {
    let address = detail.address.clone();
    let names = |names: Vec<String>, none: &str| {
        if names.is_empty() {
            none.to_owned()
        } else {
            names.join(", ")
        }
    };
    let served = detail.served_by.iter().map(ToString::to_string).collect();
    let overlaps = detail.overlaps.iter().map(ToString::to_string).collect();
    let people = detail.outline.population;
    let people = people.map_or_else(|| "unknown".to_owned(), count);
    let shape = match detail.outline.surface_km2() {
        surface if surface >= 1.0 => {
            // Never more than the surface of the Earth.
            let surface = count(surface.round() as u64);
            format!("{}, some {surface} km²", kind(&detail.outline))
        }
        _ => kind(&detail.outline),
    };
    let pairs = vec![
        (
            "PAP address",
            view! { <code>{address.clone()}</code> " " <CopyButton text=address what="the PAP address".to_owned() /> }.into_any(),
            None,
        ),
        ("Shape", shape.into_any(), None),
        ("Served by", names(served, "no channel: nothing can be sent there").into_any(), None),
        ("People (an estimate)", people.into_any(), None),
        ("Overlaps", names(overlaps, "no other area").into_any(), None),
        ("Used by", names(detail.used_by.clone(), "nothing").into_any(), None),
        ("Changed last", clock.long(detail.changed_ms), None),
    ];
    view! { <SummaryList pairs=pairs /> }.into_any()
}

/// The area on the map, with its neighbours.
fn around(detail: &AreaDetail, shown: &Shown) -> AnyView {
    if detail.outline.shapes.is_empty() {
        return ().into_any();
    }
    let own = Drawn {
        name: detail.area.name.to_string(),
        outline: detail.outline.clone(),
        class: "map-shape",
        spill: Some(Spill::of(&detail.outline)),
    };
    let others = shown.around.iter().map(|(name, outline)| Drawn {
        name: name.clone(),
        outline: outline.clone(),
        class: "map-other",
        spill: None,
    });
    let areas = others.chain([own]).collect();
    view! {
        <AreaMap label="The area and its neighbours" areas=areas backdrop=shown.under.clone() />
    }
    .into_any()
}

fn edit(call: &Call, detail: &AreaDetail, shown: &Shown) -> AnyView {
    let name = detail.area.name.as_str();
    let here = path(call, name);
    let token = call.person.as_ref();
    let token = token.map_or_else(String::new, |person| person.form_token.clone());
    let delete = if detail.used_by.is_empty() {
        view! {
            <form method="post" action=format!("{here}/delete")>
                <Hidden name="token" value=token />
                <p><button class="button-danger">"Delete the area"</button></p>
            </form>
        }
        .into_any()
    } else {
        view! { <p class="muted">"It cannot be deleted while it is used."</p> }.into_any()
    };
    view! {
        <h2>"Change"</h2>
        {form(call, &here, shown, Some(detail.changed_ms))}
        {upload(call, name)}
        <h2>"Delete"</h2>
        {delete}
    }
    .into_any()
}

fn form(call: &Call, action: &str, shown: &Shown, seen_ms: Option<u64>) -> AnyView {
    let fields = &shown.fields;
    let problems = &shown.problems;
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    let seen = seen_ms.map(|seen_ms| view! { <Hidden name="seen" value=seen_ms.to_string() /> });
    let name = seen_ms.is_none().then(|| {
        view! { <Field name="name" label="Name" value=fields.raw("name") hint="It stands in the PAP address." required=true problems=problems.clone() /> }
    });
    let options = shown
        .channels
        .iter()
        .map(|channel| Option_::new(channel.clone(), channel.clone()))
        .collect();
    let ticked = fields.all("channels").map(str::to_owned).collect();
    let wrong = problems
        .iter()
        .find(|problem| problem.field == "corners")
        .map(|problem| problem.message.clone());
    let described = if wrong.is_some() { "corners-error" } else { "" };
    let wrong =
        wrong.map(|text| view! { <p id="corners-error" class="field-error">"Error: " {text}</p> });
    let around = surroundings(&shown.outline, &shown.around, shown.under.as_deref());
    let others = (!shown.others.is_empty()).then(|| {
        let json = serde_json::to_string(&shown.others).unwrap_or_default();
        let words = format!("Keep {} more shapes that came from a file", shown.others.len());
        view! {
            <Hidden name="others" value=json />
            <div class="choice field">
                <input type="checkbox" id="keep_others" name="keep_others" value="yes" checked=true />
                <label for="keep_others">{words}</label>
            </div>
        }
    });
    view! {
        <form method="post" action=action.to_owned()>
            <Hidden name="token" value=token />
            {seen}
            {name}
            <Boxes name="channels" legend="Channels that cover it" options=options values=ticked problems=problems.clone() />
            <fieldset class="field">
                <legend>"Polygon"</legend>
                {wrong}
                <PolygonEditor corners=fields.raw("corners").to_owned() surroundings=around described_by=described.to_owned() />
            </fieldset>
            <fieldset class="field">
                <legend>"Circle"</legend>
                <div class="fields-row">
                    <Field name="latitude" label="Latitude" short=true value=fields.raw("latitude") problems=problems.clone() />
                    <Field name="longitude" label="Longitude" short=true value=fields.raw("longitude") problems=problems.clone() />
                    <Field name="radius_km" label="Radius, km" short=true value=fields.raw("radius_km") problems=problems.clone() />
                </div>
            </fieldset>
            {others}
            <TextArea name="cells" label="Cells" hint="For Cell Broadcast, one a line: plmn, tai:001-01-4660, circle:54.5,-1.6 3. Empty where no such channel covers it." rows=4 value=fields.raw("cells") problems=problems.clone() />
            <TextArea name="sai" label="MBMS service area identities" hint="Numbers, one a line." rows=2 value=fields.raw("sai") problems=problems.clone() />
            <Field name="population" label="People who live there" kind="number" short=true hint="An estimate; empty if nobody knows." value=fields.raw("population") problems=problems.clone() />
            <p><button class="button">"Store the area"</button></p>
        </form>
    }
    .into_any()
}

fn upload(call: &Call, name: &str) -> AnyView {
    let token = call
        .person
        .as_ref()
        .map_or_else(String::new, |person| person.form_token.clone());
    view! {
        <section>
            <h2>"Shapes from a file"</h2>
            <p class="hint">"GeoJSON with polygons, or points with a radius_km. It fills the form above; nothing is stored before you do."</p>
            <form method="post" action=call.path_to("/areas/geojson") enctype="multipart/form-data">
                <Hidden name="token" value=token />
                <Hidden name="name" value=name.to_owned() />
                <FileField id="file" label="File" accept=".geojson,.json,application/geo+json" />
                <p><button class="button-secondary">"Read the file"</button></p>
            </form>
        </section>
    }
    .into_any()
}
