//! Workspaces, initiators, and the configuration file.

use axum::response::Response;
use pushcast_engine::gateway::console::{ConsoleError, InitiatorSettings, WorkspaceForm};
use pushcast_engine::model::alert::ApprovalRules;
use pushcast_engine::model::{InitiatorName, Language, Mode, Workspace, WorkspaceName};

use super::entry::first_upper;
use super::groups::channel_names;
use crate::http::failure::problems;
use crate::http::fields::encode;
use crate::http::{Call, Failure, Fields, Problem, see_other};
use crate::pages::workspaces as pages;
use crate::pages::workspaces::Shown;

async fn shown(call: &Call, form: Fields, mut found: Vec<Problem>) -> Result<Shown, Failure> {
    for problem in &mut found {
        problem.message = first_upper(&problem.message);
    }
    let actor = call.actor()?;
    Ok(Shown {
        workspaces: call.gateway().workspaces(actor).await?,
        initiators: call.gateway().initiator_settings(actor).await?,
        channels: channel_names(call).await?,
        form,
        problems: found,
    })
}

pub(crate) async fn list(call: Call) -> Result<Response, Failure> {
    let shown = shown(&call, Fields::default(), Vec::new()).await?;
    Ok(pages::list(&call, &shown))
}

/// A workspace out of a form.
fn read(fields: &Fields) -> Result<WorkspaceForm, Vec<Problem>> {
    let mut found = Vec::new();
    let two_above = match fields.text("two_above") {
        "" => None,
        text => match text.parse() {
            Ok(number) => Some(number),
            Err(_) => {
                found.push(Problem::new(
                    "two_above",
                    "Give a whole number, or nothing.",
                ));
                None
            }
        },
    };
    let rest_after_months = match fields.text("rest_after_months") {
        "" => None,
        text => match text.parse() {
            Ok(months) => Some(months),
            Err(_) => {
                let message = "Give a whole number of months, or nothing.";
                found.push(Problem::new("rest_after_months", message));
                None
            }
        },
    };
    let languages = languages(fields.text("languages"), &mut found);
    if !found.is_empty() {
        return Err(found);
    }
    Ok(WorkspaceForm {
        languages,
        second_factor: fields.has("second_factor"),
        rest_after_months,
        title: fields.text("title").to_owned(),
        channels: fields
            .all("channels")
            .filter_map(|name| name.parse().ok())
            .collect(),
        approval: ApprovalRules {
            second_person: fields.has("second_person"),
            two_above,
            two_for_all_areas: fields.has("two_for_all_areas"),
        },
    })
}

/// Language tags with commas or spaces between.
fn languages(text: &str, found: &mut Vec<Problem>) -> Vec<Language> {
    let mut languages = Vec::new();
    for tag in text
        .split([',', ' '])
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
    {
        match tag.parse() {
            Ok(language) => languages.push(language),
            Err(error) => found.push(Problem::new("languages", error)),
        }
    }
    languages
}

pub(crate) async fn create(call: Call) -> Result<Response, Failure> {
    let form = &call.form;
    let mode = Mode::from_stored(form.text("mode"))
        .ok_or_else(|| Failure::Malformed("no such mode".to_owned()))?;
    let found = match read(form) {
        Ok(workspace) => match call
            .gateway()
            .create_workspace(call.actor()?, form.text("name"), mode, workspace)
            .await
        {
            Ok(name) => return Ok(see_other(&path(&call, &name))),
            Err(error) => problems(error)?,
        },
        Err(found) => found,
    };
    let shown = shown(&call, call.form.clone(), found).await?;
    Ok(pages::list(&call, &shown))
}

fn path(call: &Call, name: &WorkspaceName) -> String {
    call.path_to(&format!("/workspaces/{}", encode(name.as_str())))
}

fn named(shown: &Shown, name: &WorkspaceName) -> Result<Workspace, Failure> {
    let found = shown
        .workspaces
        .iter()
        .find(|workspace| workspace.name == *name);
    found.cloned().ok_or(Failure::NotFound)
}

fn fields(workspace: &Workspace) -> Fields {
    let mut fields = Fields::default();
    fields.push("title", &workspace.title);
    for channel in &workspace.channels {
        fields.push("channels", channel.as_str());
    }
    if workspace.rules().second_person {
        fields.push("second_person", "yes");
    }
    if workspace.second_factor {
        fields.push("second_factor", "yes");
    }
    if workspace.approval.two_for_all_areas {
        fields.push("two_for_all_areas", "yes");
    }
    let two_above = workspace
        .approval
        .two_above
        .map(|number| number.to_string());
    fields.push("two_above", &two_above.unwrap_or_default());
    let languages: Vec<&str> = workspace.languages.iter().map(Language::as_str).collect();
    fields.push("languages", &languages.join(", "));
    let months = workspace.rest_after_months.map(|months| months.to_string());
    fields.push("rest_after_months", &months.unwrap_or_default());
    fields
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let name: WorkspaceName = call.part("name")?;
    let mut shown = shown(&call, Fields::default(), Vec::new()).await?;
    let workspace = named(&shown, &name)?;
    shown.form = fields(&workspace);
    Ok(pages::show(&call, &workspace, &shown))
}

pub(crate) async fn change(call: Call) -> Result<Response, Failure> {
    let name: WorkspaceName = call.part("name")?;
    let found = match read(&call.form) {
        Ok(form) => match call
            .gateway()
            .change_workspace(call.actor()?, &name, form)
            .await
        {
            Ok(()) => return Ok(see_other(&path(&call, &name))),
            Err(error) => problems(error)?,
        },
        Err(found) => found,
    };
    let shown = shown(&call, call.form.clone(), found).await?;
    let workspace = named(&shown, &name)?;
    Ok(pages::show(&call, &workspace, &shown))
}

pub(crate) async fn initiator(call: Call) -> Result<Response, Failure> {
    let initiator: InitiatorName = call.part("initiator")?;
    let settings = InitiatorSettings {
        initiator,
        workspace: call.form.read_as("workspace"),
        needs_approval: call.form.has("needs_approval"),
    };
    call.gateway()
        .change_initiator_settings(call.actor()?, settings)
        .await?;
    Ok(see_other(&call.path_to("/workspaces")))
}

pub(crate) async fn differences(call: Call) -> Result<Response, Failure> {
    let differences = call.gateway().file_differences(call.actor()?).await?;
    Ok(pages::differences(&call, &differences))
}

pub(crate) async fn take_from_file(call: Call) -> Result<Response, Failure> {
    let (kind, name) = (call.form.text("kind"), call.form.raw("name"));
    let taken: Result<(), ConsoleError> = call
        .gateway()
        .take_from_file(call.actor()?, kind, name)
        .await;
    taken?;
    Ok(see_other(&call.path_to("/file")))
}
