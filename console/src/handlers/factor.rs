//! The second factor: the code at the sign-in, and setting it up.

use axum::http::StatusCode;
use axum::response::Response;
use pushcast_engine::gateway::console::{Code, CodeTicket, ConsoleError};
use pushcast_engine::model::UserName;

use super::account;
use super::entry::{agent, begun, first_upper, own_path};
use crate::http::failure::problems;
use crate::http::{Call, Failure, Problem, see_other};
use crate::pages::entry::{self, Return};
use crate::pages::factor as pages;

/// What a form of the sign-in comes back to.
pub(super) fn back(call: &Call) -> Return {
    let form = &call.form;
    let kept_path = own_path(form.text("kept_path"));
    Return {
        to: own_path(form.text("to")),
        kept: (!kept_path.is_empty()).then(|| (kept_path, form.raw("kept_form").to_owned())),
    }
}

pub(crate) async fn give_code(call: Call) -> Result<Response, Failure> {
    let ticket = CodeTicket::from_form(call.form.text("ticket"));
    let code = Code {
        ticket: ticket.clone(),
        code: call.form.text("code").to_owned(),
        from: call.from,
        agent: agent(&call),
    };
    let back = back(&call);
    match call.gateway().give_code(code).await {
        Ok(session) => begun(call, session, back).await,
        Err(ConsoleError::SignedOut) => {
            let words = "Too much time has gone by since the password. Sign in again.";
            let problem = Problem::new("name", words);
            Ok(entry::sign_in(&call, back, "", vec![problem]))
        }
        Err(ConsoleError::Attempts { wait_s }) => {
            let words = format!("Too many attempts; try again in {wait_s} seconds.");
            let problem = Problem::new("code", words);
            let mut answer = pages::ask(&call, back, &ticket, vec![problem]);
            *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            Ok(answer)
        }
        Err(error) => Ok(pages::ask(&call, back, &ticket, upper(problems(error)?))),
    }
}

fn upper(mut found: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut found {
        problem.message = first_upper(&problem.message);
    }
    found
}

pub(crate) async fn begin(call: Call) -> Result<Response, Failure> {
    let made = call.gateway().begin_factor(call.actor()?).await?;
    Ok(pages::begin(&call, Some(&made), Vec::new()))
}

pub(crate) async fn confirm(call: Call) -> Result<Response, Failure> {
    let code = call.form.text("code");
    match call.gateway().confirm_factor(call.actor()?, code).await {
        Ok(codes) => Ok(pages::recovery(&call, &codes)),
        Err(error @ (ConsoleError::Invalid(_) | ConsoleError::NotNow(_))) => {
            Ok(pages::begin(&call, None, upper(problems(error)?)))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn drop(call: Call) -> Result<Response, Failure> {
    let password = call.form.raw("password");
    let dropped = call.gateway().drop_factor(call.actor()?, password).await;
    account::done(&call, dropped).await
}

pub(crate) async fn remove(call: Call) -> Result<Response, Failure> {
    let name: UserName = call.part("user")?;
    call.gateway().remove_factor(call.actor()?, &name).await?;
    let name = crate::http::fields::encode(name.as_str());
    Ok(see_other(&call.path_to(&format!("/users/{name}"))))
}
