//! Service areas.

use axum::response::Response;
use pushcast_engine::gateway::console::{AreaForm, ConsoleError};
use pushcast_engine::model::listing::Cursor;
use pushcast_engine::model::outline::{AreaDetail, Outline, Place, Shape};
use pushcast_engine::model::upload::MAX_UPLOAD_BYTES;
use pushcast_engine::model::{AreaName, ServiceArea};
use serde_json::{Value, json};

use super::entry::first_upper;
use super::groups::channel_names;
use crate::http::failure::problems;
use crate::http::upload::Upload;
use crate::http::{Call, Failure, Fields, Problem, download, see_other};
use crate::outline::{self, Corner};
use crate::pages::areas as pages;
use crate::pages::areas::Shown;

/// Other areas on the map beside the one that is shown.
const AROUND: u32 = 100;

pub(crate) async fn list(call: Call) -> Result<Response, Failure> {
    let text = Some(call.query.text("text")).filter(|text| !text.is_empty());
    let after: Option<Cursor> = call.query.read_as("after");
    let areas = call
        .gateway()
        .areas(call.actor()?, text, after.as_ref(), 0)
        .await?;
    let under = call.gateway().backdrop(call.actor()?).await?;
    Ok(pages::list(&call, areas, under))
}

/// An outline as the form has it.
#[derive(Default)]
struct Split<'a> {
    polygon: Option<&'a [Place]>,
    /// Middle, and radius in kilometres.
    circle: Option<(&'a Place, f64)>,
    /// What the form has no fields for: all but the first polygon and the first circle.
    others: Vec<Shape>,
}

impl<'a> Split<'a> {
    fn of(outline: &'a Outline) -> Self {
        let mut split = Self::default();
        for shape in &outline.shapes {
            match shape {
                Shape::Polygon(corners) if split.polygon.is_none() => {
                    split.polygon = Some(corners);
                }
                Shape::Circle { center, radius_km } if split.circle.is_none() => {
                    split.circle = Some((center, *radius_km));
                }
                other => split.others.push(other.clone()),
            }
        }
        split
    }
}

/// A stored area as the fields of its form.
fn fields(area: &ServiceArea, outline: &Outline) -> Fields {
    let mut fields = Fields::default();
    fields.push("name", area.name.as_str());
    for channel in &area.channels {
        fields.push("channels", channel.as_str());
    }
    identities(&mut fields, area);
    draw(&mut fields, outline);
    fields
}

/// Fields of an area that are lists of words or numbers, one a line.
const IDENTITIES: [&str; 2] = ["cells", "sai"];

/// What the area is called on the networks.
fn identities(fields: &mut Fields, area: &ServiceArea) {
    let json = serde_json::to_value(area).unwrap_or_default();
    for name in IDENTITIES {
        let listed = json.get(name).and_then(Value::as_array);
        let lines: Vec<String> = listed
            .into_iter()
            .flatten()
            .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
            .collect();
        fields.push(name, &lines.join("\n"));
    }
}

/// An area by the names that its fields have in the configuration file, so that it is read as it
/// is there.
fn area(fields: &Fields, name: &AreaName) -> Result<ServiceArea, Vec<Problem>> {
    let channels: Vec<&str> = fields.all("channels").collect();
    let mut json = json!({ "name": name.as_str(), "channels": channels });
    for field in IDENTITIES {
        let lines = fields.raw(field).lines().map(str::trim);
        let listed: Vec<Value> = lines
            .filter(|line| !line.is_empty())
            .map(|line| match (field, line.parse::<u64>()) {
                ("sai", Ok(number)) => json!(number),
                _ => json!(line),
            })
            .collect();
        if !listed.is_empty() {
            json[field] = Value::Array(listed);
        }
    }
    serde_json::from_value(json).map_err(|error| vec![Problem::new("cells", error)])
}

fn draw(fields: &mut Fields, outline: &Outline) {
    let split = Split::of(outline);
    if let Some(corners) = split.polygon {
        let corners: Vec<Corner> = corners
            .iter()
            .map(|place| Corner {
                lat: place.latitude,
                lon: place.longitude,
            })
            .collect();
        fields.push("corners", &outline::write(&corners));
    }
    if let Some((center, radius_km)) = split.circle {
        fields.push("latitude", &center.latitude.to_string());
        fields.push("longitude", &center.longitude.to_string());
        fields.push("radius_km", &radius_km.to_string());
    }
    let population = outline.population.map(|population| population.to_string());
    fields.push("population", &population.unwrap_or_default());
}

/// Shapes out of a form; what cannot be read is told.
fn read_outline(fields: &Fields, found: &mut Vec<Problem>) -> Outline {
    let mut shapes = Vec::new();
    match outline::read(fields.raw("corners")) {
        Ok(corners) if corners.is_empty() => {}
        Ok(corners) => shapes.push(Shape::Polygon(
            corners
                .into_iter()
                .map(|corner| Place {
                    latitude: corner.lat,
                    longitude: corner.lon,
                })
                .collect(),
        )),
        Err(error) => found.push(Problem::new("corners", first_upper(&error.to_string()))),
    }
    let texts = ["latitude", "longitude", "radius_km"].map(|name| fields.text(name));
    if texts.iter().any(|text| !text.is_empty()) {
        let numbers: Vec<f64> = texts
            .iter()
            .filter_map(|text| text.parse().ok())
            .filter(|n: &f64| n.is_finite())
            .collect();
        if let [latitude, longitude, radius_km] = numbers[..] {
            shapes.push(Shape::Circle {
                center: Place {
                    latitude,
                    longitude,
                },
                radius_km,
            });
        } else {
            let text = "A circle needs latitude, longitude and radius as numbers, such as 55.2, -1.6 and 3.";
            found.push(Problem::new("latitude", text));
        }
    }
    if fields.has("keep_others") {
        let others: Vec<Shape> = serde_json::from_str(fields.raw("others")).unwrap_or_default();
        shapes.extend(others);
    }
    let population = match fields.text("population") {
        "" => None,
        text => text.parse().map_or_else(
            |_| {
                found.push(Problem::new(
                    "population",
                    "Give a whole number, or nothing.",
                ));
                None
            },
            Some,
        ),
    };
    Outline { shapes, population }
}

async fn shown(
    call: &Call,
    fields: Fields,
    outline: Outline,
    mut problems: Vec<Problem>,
) -> Result<Shown, Failure> {
    for problem in &mut problems {
        problem.message = first_upper(&problem.message);
    }
    let own = fields.text("name").to_owned();
    let around = call
        .gateway()
        .areas(call.actor()?, None, None, AROUND)
        .await?;
    let around = around
        .rows
        .into_iter()
        .filter(|row| row.area.name.as_str() != own && !row.outline.shapes.is_empty())
        .map(|row| (row.area.name.to_string(), row.outline))
        .collect();
    let others = Split::of(&outline).others;
    Ok(Shown {
        channels: channel_names(call).await?,
        others,
        around,
        under: call.gateway().backdrop(call.actor()?).await?,
        outline,
        fields,
        problems,
    })
}

pub(crate) async fn new_page(call: Call) -> Result<Response, Failure> {
    let shown = shown(&call, Fields::default(), Outline::default(), Vec::new()).await?;
    Ok(pages::new(&call, &shown))
}

pub(crate) async fn read_geojson(mut call: Call) -> Result<Response, Failure> {
    let mut upload = Upload::begin(&mut call).await?;
    let actor = call.actor()?;
    let taken = upload.kept(&actor.form_token, MAX_UPLOAD_BYTES).await?;
    let octets = taken.unwrap_or_default();
    let text = String::from_utf8_lossy(&octets);
    let (outline, found) = match call.gateway().read_geojson(actor, &text) {
        Ok(outline) => (outline, Vec::new()),
        Err(error) => (Outline::default(), problems(error)?),
    };
    let name: Option<AreaName> = upload.fields.read_as("name");
    match name {
        Some(name) => {
            let detail = call.gateway().area(actor, &name).await?;
            let fields = fields(&detail.area, &outline);
            let shown = shown(&call, fields, outline, found).await?;
            Ok(pages::show(&call, &detail, &shown))
        }
        None => {
            let mut fields = Fields::default();
            draw(&mut fields, &outline);
            let shown = shown(&call, fields, outline, found).await?;
            Ok(pages::new(&call, &shown))
        }
    }
}

/// An area out of a form.
fn read(fields: &Fields, name: &str) -> (Outline, Result<AreaForm, Vec<Problem>>) {
    let mut found = Vec::new();
    let outline = read_outline(fields, &mut found);
    let area = match name.parse::<AreaName>() {
        Ok(name) => area(fields, &name),
        Err(error) => Err(vec![Problem::new("name", error)]),
    };
    let area = match area {
        Ok(area) => area,
        Err(problems) => {
            found.extend(problems);
            return (outline, Err(found));
        }
    };
    let form = AreaForm {
        area,
        outline: outline.clone(),
    };
    let form = if found.is_empty() {
        Ok(form)
    } else {
        Err(found)
    };
    (outline, form)
}

pub(crate) async fn create(call: Call) -> Result<Response, Failure> {
    let (outline, form) = read(&call.form, call.form.text("name"));
    let found = match form {
        Ok(form) => {
            let path = pages::path(&call, form.area.name.as_str());
            match call.gateway().create_area(call.actor()?, form).await {
                Ok(()) => return Ok(see_other(&format!("{path}?saved"))),
                Err(error) => problems(error)?,
            }
        }
        Err(found) => found,
    };
    let shown = shown(&call, call.form.clone(), outline, found).await?;
    Ok(pages::new(&call, &shown))
}

async fn detail(call: &Call) -> Result<AreaDetail, Failure> {
    let name: AreaName = call.part("name")?;
    Ok(call.gateway().area(call.actor()?, &name).await?)
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let detail = detail(&call).await?;
    let fields = fields(&detail.area, &detail.outline);
    let shown = shown(&call, fields, detail.outline.clone(), Vec::new()).await?;
    Ok(pages::show(&call, &detail, &shown))
}

pub(crate) async fn geojson(call: Call) -> Result<Response, Failure> {
    let name: AreaName = call.part("name")?;
    let text = call.gateway().area_geojson(call.actor()?, &name).await?;
    Ok(download(
        &format!("{name}.geojson"),
        "application/geo+json",
        text.into_bytes(),
    ))
}

pub(crate) async fn change(call: Call) -> Result<Response, Failure> {
    let name: AreaName = call.part("name")?;
    let seen_ms = call.form.read_as("seen").unwrap_or_default();
    let (outline, form) = read(&call.form, name.as_str());
    let found = match form {
        Ok(form) => match call
            .gateway()
            .change_area(call.actor()?, form, seen_ms)
            .await
        {
            Ok(()) => {
                return Ok(see_other(&format!(
                    "{}?saved",
                    pages::path(&call, name.as_str())
                )));
            }
            Err(error) => problems(error)?,
        },
        Err(found) => found,
    };
    let detail = detail(&call).await?;
    let shown = shown(&call, call.form.clone(), outline, found).await?;
    Ok(pages::show(&call, &detail, &shown))
}

pub(crate) async fn delete(call: Call) -> Result<Response, Failure> {
    let name: AreaName = call.part("name")?;
    match call.gateway().delete_area(call.actor()?, &name).await {
        Ok(()) => Ok(see_other(&call.path_to("/areas"))),
        Err(error @ ConsoleError::InUse { .. }) => {
            let detail = detail(&call).await?;
            let fields = fields(&detail.area, &detail.outline);
            let shown = shown(&call, fields, detail.outline.clone(), problems(error)?).await?;
            Ok(pages::show(&call, &detail, &shown))
        }
        Err(error) => Err(error.into()),
    }
}
