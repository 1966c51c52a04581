//! Alias groups.

use axum::response::Response;
use pushcast_engine::gateway::console::ConsoleError;
use pushcast_engine::model::listing::Cursor;
use pushcast_engine::model::upload::MAX_UPLOAD_BYTES;
use pushcast_engine::model::{AliasGroup, Deliver, GroupName};

use super::entry::first_upper;
use crate::http::failure::problems;
use crate::http::upload::Upload;
use crate::http::{Call, Failure, Fields, Problem, download, see_other};
use crate::pages::groups as pages;
use crate::pages::groups::Shown;

pub(crate) async fn list(call: Call) -> Result<Response, Failure> {
    let text = Some(call.query.text("text")).filter(|text| !text.is_empty());
    let after: Option<Cursor> = call.query.read_as("after");
    let groups = call
        .gateway()
        .groups(call.actor()?, text, after.as_ref(), 0)
        .await?;
    Ok(pages::list(&call, groups))
}

pub(crate) async fn csv(call: Call) -> Result<Response, Failure> {
    let csv = call.gateway().export_groups(call.actor()?).await?;
    Ok(download(
        "groups.csv",
        "text/csv; charset=utf-8",
        csv.into_bytes(),
    ))
}

pub(crate) async fn upload(mut call: Call) -> Result<Response, Failure> {
    let mut upload = Upload::begin(&mut call).await?;
    let actor = call.actor()?;
    let Some(octets) = upload.kept(&actor.form_token, MAX_UPLOAD_BYTES).await? else {
        return Ok(see_other(&call.path_to("/groups")));
    };
    let store = upload.fields.has("store");
    let report = call.gateway().upload_groups(actor, &octets, store).await?;
    Ok(pages::uploaded(&call, report))
}

/// Names of the channels that there are.
pub(crate) async fn channel_names(call: &Call) -> Result<Vec<String>, Failure> {
    let states = call.gateway().channel_states(call.actor()?).await?;
    Ok(states
        .into_iter()
        .map(|state| state.name.to_string())
        .collect())
}

async fn shown(call: &Call, fields: Fields, mut problems: Vec<Problem>) -> Result<Shown, Failure> {
    for problem in &mut problems {
        problem.message = first_upper(&problem.message);
    }
    Ok(Shown {
        fields,
        channels: channel_names(call).await?,
        problems,
    })
}

pub(crate) async fn new_page(call: Call) -> Result<Response, Failure> {
    let mut fields = Fields::default();
    fields.push("deliver", "first");
    let shown = shown(&call, fields, Vec::new()).await?;
    Ok(pages::new(&call, &shown))
}

/// A stored group as the fields of its form.
fn fields(group: &AliasGroup) -> Fields {
    let lines = |names: Vec<String>| names.join("\n");
    let mut fields = Fields::default();
    fields.push("name", group.name.as_str());
    fields.push(
        "channels",
        &lines(group.channels.iter().map(ToString::to_string).collect()),
    );
    fields.push(
        "required",
        &lines(group.required.iter().map(ToString::to_string).collect()),
    );
    fields.push(
        "areas",
        &lines(group.areas.iter().map(ToString::to_string).collect()),
    );
    let deliver = match group.deliver {
        Deliver::All => "all",
        Deliver::First => "first",
    };
    fields.push("deliver", deliver);
    fields.push(
        "application_id",
        group.application_id.as_deref().unwrap_or_default(),
    );
    let receivers = group
        .receivers_expected
        .map(|receivers| receivers.to_string());
    fields.push("receivers_expected", &receivers.unwrap_or_default());
    fields
}

/// Names of which one stands on each line.
pub(crate) fn lines<T: std::str::FromStr>(
    text: &str,
    field: &str,
    found: &mut Vec<Problem>,
) -> Vec<T>
where
    T::Err: ToString,
{
    let mut names = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.parse() {
            Ok(name) => names.push(name),
            Err(error) => found.push(Problem::new(field, error)),
        }
    }
    names
}

/// A group out of a form.
fn read(fields: &Fields, name: &str) -> Result<AliasGroup, Vec<Problem>> {
    let mut found = Vec::new();
    let parsed = name.parse::<GroupName>();
    let receivers = match fields.text("receivers_expected") {
        "" => None,
        text => match text.parse() {
            Ok(receivers) => Some(receivers),
            Err(_) => {
                found.push(Problem::new(
                    "receivers_expected",
                    "Give a whole number, or nothing.",
                ));
                None
            }
        },
    };
    let channels = lines(fields.raw("channels"), "channels", &mut found);
    let required = lines(fields.raw("required"), "required", &mut found);
    let areas = lines(fields.raw("areas"), "areas", &mut found);
    let application = fields.text("application_id");
    match parsed {
        Ok(name) if found.is_empty() => Ok(AliasGroup {
            name,
            channels,
            deliver: match fields.text("deliver") {
                "all" => Deliver::All,
                _ => Deliver::First,
            },
            required,
            areas,
            application_id: Some(application.to_owned()).filter(|text| !text.is_empty()),
            receivers_expected: receivers,
        }),
        Ok(_) => Err(found),
        Err(error) => {
            found.push(Problem::new("name", error));
            Err(found)
        }
    }
}

pub(crate) async fn create(call: Call) -> Result<Response, Failure> {
    let found = match read(&call.form, call.form.text("name")) {
        Ok(group) => {
            let path = pages::path(&call, group.name.as_str());
            match call.gateway().create_group(call.actor()?, group).await {
                Ok(()) => return Ok(see_other(&format!("{path}?saved"))),
                Err(error) => problems(error)?,
            }
        }
        Err(found) => found,
    };
    let shown = shown(&call, call.form.clone(), found).await?;
    Ok(pages::new(&call, &shown))
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let name: GroupName = call.part("name")?;
    let detail = call.gateway().group(call.actor()?, &name).await?;
    let shown = shown(&call, fields(&detail.row.group), Vec::new()).await?;
    Ok(pages::show(&call, &detail, &shown))
}

async fn again(
    call: &Call,
    fields: Option<Fields>,
    found: Vec<Problem>,
) -> Result<Response, Failure> {
    let name: GroupName = call.part("name")?;
    let detail = call.gateway().group(call.actor()?, &name).await?;
    let fields = fields.unwrap_or_else(|| self::fields(&detail.row.group));
    let shown = shown(call, fields, found).await?;
    Ok(pages::show(call, &detail, &shown))
}

pub(crate) async fn change(call: Call) -> Result<Response, Failure> {
    let name: GroupName = call.part("name")?;
    let seen_ms = call.form.read_as("seen").unwrap_or_default();
    let found = match read(&call.form, name.as_str()) {
        Ok(group) => match call
            .gateway()
            .change_group(call.actor()?, group, seen_ms)
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
    again(&call, Some(call.form.clone()), found).await
}

pub(crate) async fn rename(call: Call) -> Result<Response, Failure> {
    let name: GroupName = call.part("name")?;
    let found = match call.form.text("new_name").parse::<GroupName>() {
        Ok(new) => match call
            .gateway()
            .rename_group(call.actor()?, &name, &new)
            .await
        {
            Ok(()) => {
                return Ok(see_other(&format!(
                    "{}?saved",
                    pages::path(&call, new.as_str())
                )));
            }
            Err(error) => problems(error)?,
        },
        Err(error) => vec![Problem::new("new_name", error)],
    };
    again(&call, None, found).await
}

pub(crate) async fn delete(call: Call) -> Result<Response, Failure> {
    let name: GroupName = call.part("name")?;
    match call.gateway().delete_group(call.actor()?, &name).await {
        Ok(()) => Ok(see_other(&call.path_to("/groups"))),
        Err(error @ ConsoleError::InUse { .. }) => again(&call, None, problems(error)?).await,
        Err(error) => Err(error.into()),
    }
}
