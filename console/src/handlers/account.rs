//! One's own account.

use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use jiff::tz::TimeZone;
use pushcast_engine::gateway::console::ConsoleError;
use pushcast_engine::model::SessionId;
use pushcast_engine::model::user::Theme;

use super::entry::first_upper;
use crate::http::call::ZONE_COOKIE;
use crate::http::failure::problems;
use crate::http::{Call, Failure, Problem, see_other};
use crate::pages::account as pages;
use crate::pages::account::Shown;

/// How long a browser keeps the zone, s: a year.
const ZONE_S: u64 = 31_536_000;

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    again(&call, Vec::new()).await
}

async fn again(call: &Call, mut found: Vec<Problem>) -> Result<Response, Failure> {
    for problem in &mut found {
        problem.message = first_upper(&problem.message);
    }
    let actor = call.actor()?;
    let shown = Shown {
        workspaces: call.gateway().own_workspaces(actor).await?,
        sessions: call.gateway().own_sessions(actor).await?,
        factor: call.gateway().own_factor(actor).await?,
        problems: found,
        saved: call.query.has("saved"),
    };
    Ok(pages::show(call, &shown))
}

fn saved(call: &Call) -> Response {
    see_other(&format!("{}?saved", call.path_to("/account")))
}

pub(super) async fn done(
    call: &Call,
    result: Result<(), ConsoleError>,
) -> Result<Response, Failure> {
    match result {
        Ok(()) => Ok(saved(call)),
        Err(ConsoleError::WrongCredentials) => {
            let problem = Problem::new("current", "This is not your present password.");
            again(call, vec![problem]).await
        }
        Err(error) => again(call, problems(error)?).await,
    }
}

pub(crate) async fn change(call: Call) -> Result<Response, Failure> {
    let theme = Theme::from_stored(call.form.text("theme")).unwrap_or_default();
    let full_name = call.form.text("full_name");
    let changed = call
        .gateway()
        .change_account(call.actor()?, full_name, theme)
        .await;
    done(&call, changed).await
}

pub(crate) async fn password(call: Call) -> Result<Response, Failure> {
    let form = &call.form;
    if form.raw("new") != form.raw("again") {
        let problem = Problem::new("again", "The two passwords differ: type them again.");
        return again(&call, vec![problem]).await;
    }
    let changed =
        call.gateway()
            .change_password(call.actor()?, form.raw("current"), form.raw("new"));
    let changed = changed.await;
    done(&call, changed).await
}

pub(crate) async fn zone(call: Call) -> Result<Response, Failure> {
    let zone = call.form.text("zone");
    let (value, seconds) = match zone {
        "" => (String::new(), 0),
        name if TimeZone::get(name).is_ok() => (name.replace('/', ":"), ZONE_S),
        _ => {
            let problem = Problem::new(
                "zone",
                "There is no such zone. Try one such as Europe/Berlin.",
            );
            return again(&call, vec![problem]).await;
        }
    };
    let mut answer = saved(&call);
    let cookie = call.channel.set(ZONE_COOKIE, &value, seconds);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(answer)
}

pub(crate) async fn end_session(call: Call) -> Result<Response, Failure> {
    let session: SessionId = call.form.read_as("session").ok_or(Failure::NotFound)?;
    let ended = call
        .gateway()
        .end_own_session(call.actor()?, &session)
        .await;
    done(&call, ended).await
}

/// Goes to another workspace; sign-ins lead there from then on.
pub(crate) async fn enter(call: Call) -> Result<Response, Failure> {
    let actor = call.actor()?;
    call.gateway()
        .enter_workspace(actor, &actor.workspace.name)
        .await?;
    Ok(see_other(&call.path_to("")))
}
