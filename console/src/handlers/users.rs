//! People: adding them, giving roles, keeping them out.

use axum::http::header::HOST;
use axum::response::Response;
use pushcast_engine::gateway::console::{ConsoleError, GrantChange, NewUser};
use pushcast_engine::model::listing::Cursor;
use pushcast_engine::model::user::Scope;
use pushcast_engine::model::{Role, UserName};

use super::entry::first_upper;
use crate::http::cookies::Channel;
use crate::http::failure::problems;
use crate::http::fields::encode;
use crate::http::{Call, Failure, Fields, Problem, see_other};
use crate::pages::users as pages;
use crate::pages::users::{Around, Beside, Invited};

/// Names of the workspaces, for where a role counts.
async fn workspaces(call: &Call) -> Result<Vec<String>, Failure> {
    let all = call.gateway().workspaces(call.actor()?).await?;
    Ok(all
        .into_iter()
        .map(|workspace| workspace.name.to_string())
        .collect())
}

pub(crate) async fn list(call: Call) -> Result<Response, Failure> {
    show_list(&call, Fields::default(), Vec::new(), None).await
}

async fn show_list(
    call: &Call,
    form: Fields,
    mut found: Vec<Problem>,
    invited: Option<Invited>,
) -> Result<Response, Failure> {
    for problem in &mut found {
        problem.message = first_upper(&problem.message);
    }
    let actor = call.actor()?;
    let text = Some(call.query.text("text")).filter(|text| !text.is_empty());
    let after: Option<Cursor> = call.query.read_as("after");
    let users = call.gateway().users(actor, text, after.as_ref(), 0).await?;
    let around = Around {
        waiting: call.gateway().waiting_roles(actor).await?,
        workspaces: workspaces(call).await?,
        form,
        problems: found,
        invited,
    };
    Ok(pages::list(call, users, &around))
}

/// The link as somebody can open it.
fn url(call: &Call, word: &str) -> String {
    let host = call
        .headers
        .get(HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("localhost");
    let scheme = match call.channel {
        Channel::Private => "https",
        Channel::Plain => "http",
    };
    format!("{scheme}://{host}/set-up/{}", encode(word))
}

fn scope(text: &str) -> Result<Scope, Failure> {
    Scope::from_stored(text).ok_or_else(|| Failure::Malformed("no such workspace".to_owned()))
}

pub(crate) async fn add(call: Call) -> Result<Response, Failure> {
    let form = &call.form;
    let scope = scope(form.text("scope"))?;
    let roles = form
        .all("roles")
        .filter_map(|role| role.parse::<Role>().ok());
    let user = NewUser {
        name: form.text("name").to_owned(),
        full_name: form.text("full_name").to_owned(),
        roles: roles.map(|role| (role, scope.clone())).collect(),
    };
    let name = user.name.clone();
    match call.gateway().add_user(call.actor()?, user).await {
        Ok(word) => {
            let invited = Invited {
                name,
                url: url(&call, &word),
            };
            show_list(&call, Fields::default(), Vec::new(), Some(invited)).await
        }
        Err(error) => show_list(&call, call.form.clone(), problems(error)?, None).await,
    }
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    show_user(&call, Vec::new(), None).await
}

async fn show_user(
    call: &Call,
    mut found: Vec<Problem>,
    invited: Option<Invited>,
) -> Result<Response, Failure> {
    for problem in &mut found {
        problem.message = first_upper(&problem.message);
    }
    let name: UserName = call.part("user")?;
    let view = call.gateway().user(call.actor()?, &name).await?;
    let beside = Beside {
        workspaces: workspaces(call).await?,
        problems: found,
        invited,
    };
    Ok(pages::show(call, &view, &beside))
}

fn grant(call: &Call) -> Result<GrantChange, Failure> {
    let role = call.form.text("role").parse::<Role>();
    Ok(GrantChange {
        user: call.part("user")?,
        role: role.map_err(|error| Failure::Malformed(error.to_string()))?,
        scope: scope(call.form.text("scope"))?,
    })
}

/// Goes back to the person's page, or shows there what stands against it.
async fn done(call: &Call, result: Result<(), ConsoleError>) -> Result<Response, Failure> {
    match result {
        Ok(()) => {
            let name: UserName = call.part("user")?;
            Ok(see_other(
                &call.path_to(&format!("/users/{}", encode(name.as_str()))),
            ))
        }
        Err(error) => show_user(call, problems(error)?, None).await,
    }
}

pub(crate) async fn give(call: Call) -> Result<Response, Failure> {
    let given = call.gateway().give_role(call.actor()?, grant(&call)?).await;
    done(&call, given.map(drop)).await
}

pub(crate) async fn agree(call: Call) -> Result<Response, Failure> {
    let agreed = call
        .gateway()
        .agree_to_role(call.actor()?, grant(&call)?)
        .await;
    done(&call, agreed).await
}

pub(crate) async fn take(call: Call) -> Result<Response, Failure> {
    let taken = call.gateway().take_role(call.actor()?, grant(&call)?).await;
    done(&call, taken).await
}

pub(crate) async fn invite(call: Call) -> Result<Response, Failure> {
    let name: UserName = call.part("user")?;
    match call.gateway().invite_again(call.actor()?, &name).await {
        Ok(word) => {
            let invited = Invited {
                name: name.to_string(),
                url: url(&call, &word),
            };
            show_user(&call, Vec::new(), Some(invited)).await
        }
        Err(error) => show_user(&call, problems(error)?, None).await,
    }
}

pub(crate) async fn disable(call: Call) -> Result<Response, Failure> {
    let name: UserName = call.part("user")?;
    let disabled = call.form.text("disabled") == "yes";
    let set = call
        .gateway()
        .set_disabled(call.actor()?, &name, disabled)
        .await;
    done(&call, set).await
}

pub(crate) async fn end_session(call: Call) -> Result<Response, Failure> {
    let name: UserName = call.part("user")?;
    let session = call.form.read_as("session").ok_or(Failure::NotFound)?;
    let ended = call
        .gateway()
        .end_session(call.actor()?, &name, &session)
        .await;
    done(&call, ended).await
}
