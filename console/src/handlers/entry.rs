//! Coming in and going out: sign-in, set-up, files for the browser.

use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use pushcast_engine::gateway::console::{
    ConsoleError, Credentials, SetUp, SignIn, SignedIn, Token,
};
use pushcast_engine::model::Action;

use super::factor;
use crate::http::failure::problems;
use crate::http::fields::{encode, query};
use crate::http::{Call, Failure, Fields, Problem, cookies, see_other};
use crate::pages::entry as pages;
use crate::pages::entry::Return;

/// Why no password is taken.
const CLEARTEXT: &str = "Passwords are taken over TLS, or from this machine itself: whoever runs the gateway can set up [tls], or allow_cleartext.";
/// Longest form that is kept over a sign-in, octets.
const MAX_KEPT_BYTES: usize = 256 << 10;

/// The overview of the workspace last worked in.
pub(crate) async fn home(call: Call) -> Result<Response, Failure> {
    let path = if call.may(Action::See) {
        ""
    } else {
        "/account"
    };
    Ok(see_other(&call.path_to(path)))
}

pub(crate) async fn asset(call: Call) -> Result<Response, Failure> {
    Ok(call.app.assets().answer(&call.path, &call.headers))
}

pub(crate) async fn sign_in_page(call: Call) -> Result<Response, Failure> {
    let back = Return {
        to: own_path(call.query.text("to")),
        kept: None,
    };
    Ok(pages::sign_in(&call, back, "", Vec::new()))
}

/// What stands instead of a page that nobody who is signed out may see. A form that was sent is
/// kept in it.
pub(crate) fn ask_to_sign_in(call: &Call) -> Response {
    let kept = query(call.form.iter().filter(|(name, _)| *name != "token"));
    let kept = kept.trim_start_matches('?').to_owned();
    let is_form = call.form.iter().next().is_some() && kept.len() <= MAX_KEPT_BYTES;
    let back = Return {
        to: call.path.clone() + &query(call.query.iter()),
        kept: is_form.then(|| (call.path.clone(), kept)),
    };
    let mut answer = pages::sign_in(call, back, "", Vec::new());
    *answer.status_mut() = StatusCode::UNAUTHORIZED;
    answer
}

/// A form of an earlier session of the same browser: shown once more, with the token of this one.
pub(crate) fn resume(call: &Call) -> Response {
    let token = call
        .person
        .as_ref()
        .map_or("", |person| person.form_token.as_str());
    let mut answer = pages::resume(call, &call.path, &call.form, token);
    *answer.status_mut() = StatusCode::FORBIDDEN;
    answer
}

pub(crate) async fn sign_in(call: Call) -> Result<Response, Failure> {
    let form = &call.form;
    let back = factor::back(&call);
    if !call.private {
        return Ok(pages::sign_in(
            &call,
            back,
            "",
            vec![Problem::new("form", CLEARTEXT)],
        ));
    }
    let credentials = Credentials {
        name: form.text("name").to_owned(),
        password: form.raw("password").to_owned(),
        from: call.from,
        agent: agent(&call),
    };
    match call.gateway().sign_in(credentials).await {
        Ok(sign_in) => go_on(call, sign_in, back).await,
        Err(error @ (ConsoleError::WrongCredentials | ConsoleError::Attempts { .. })) => {
            let name = call.form.text("name").to_owned();
            let problem = Problem::new("name", first_upper(&error.to_string()));
            let mut answer = pages::sign_in(&call, back, &name, vec![problem]);
            if matches!(error, ConsoleError::Attempts { .. }) {
                *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            }
            Ok(answer)
        }
        Err(error) => Err(error.into()),
    }
}

/// To where the person wanted, or to the question for a code.
async fn go_on(call: Call, sign_in: SignIn, back: Return) -> Result<Response, Failure> {
    match sign_in {
        SignIn::Begun(session) => begun(call, session, back).await,
        SignIn::CodeNeeded(ticket) => {
            Ok(crate::pages::factor::ask(&call, back, &ticket, Vec::new()))
        }
    }
}

/// Sets the cookie and goes to where the person wanted.
pub(super) async fn begun(
    call: Call,
    session: SignedIn,
    back: Return,
) -> Result<Response, Failure> {
    let mut answer = match back.kept {
        Some((path, form)) => {
            let actor = call
                .gateway()
                .session(&session.token, None, call.from)
                .await?;
            let form =
                Fields::read(&form).map_err(|error| Failure::Malformed(error.to_string()))?;
            pages::resume(&call, &path, &form, &actor.form_token)
        }
        None if back.to.is_empty() => {
            see_other(&format!("/w/{}", encode(session.workspace.as_str())))
        }
        None => see_other(&back.to),
    };
    let seconds = session.ends_ms.saturating_sub(call.app.now_ms()) / 1000;
    set_cookie(&call, &mut answer, session.token.as_str(), seconds);
    Ok(answer)
}

fn set_cookie(call: &Call, answer: &mut Response, value: &str, seconds: u64) {
    let cookie = call
        .channel
        .set(call.channel.session_cookie(), value, seconds);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}

pub(crate) async fn sign_out(call: Call) -> Result<Response, Failure> {
    if let Some(token) = cookies::get(&call.headers, call.channel.session_cookie()) {
        call.gateway().sign_out(&Token::from_cookie(token)).await?;
    }
    let mut answer = see_other("/sign-in");
    set_cookie(&call, &mut answer, "", 0);
    Ok(answer)
}

/// The session was looked at on the way here, which keeps it.
pub(crate) async fn keep(_call: Call) -> Result<Response, Failure> {
    let mut answer = Response::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    Ok(answer)
}

pub(crate) async fn set_up_page(call: Call) -> Result<Response, Failure> {
    let link: String = call.part("link")?;
    let invited = call.gateway().set_up_link(&link).await?;
    Ok(pages::set_up(
        &call,
        &link,
        invited,
        &Fields::default(),
        Vec::new(),
    ))
}

pub(crate) async fn set_up(call: Call) -> Result<Response, Failure> {
    let link: String = call.part("link")?;
    let form = &call.form;
    let invited = call.gateway().set_up_link(&link).await?;
    let mut found = Vec::new();
    if form.raw("password") != form.raw("again") {
        found.push(Problem::new(
            "again",
            "The two passwords differ: type them again.",
        ));
    }
    if !call.private {
        found.push(Problem::new("form", CLEARTEXT));
    }
    if !found.is_empty() {
        return Ok(pages::set_up(&call, &link, invited, form, found));
    }
    let set_up = SetUp {
        link: link.clone(),
        name: form.text("name").to_owned(),
        full_name: form.text("full_name").to_owned(),
        password: form.raw("password").to_owned(),
        from: call.from,
        agent: agent(&call),
    };
    match call.gateway().set_up(set_up).await {
        Ok(sign_in) => go_on(call, sign_in, Return::default()).await,
        Err(error) => {
            let found = problems(error)?;
            Ok(pages::set_up(&call, &link, invited, &call.form, found))
        }
    }
}

pub(super) fn agent(call: &Call) -> String {
    let agent = call.headers.get(USER_AGENT);
    let agent = agent
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    agent.chars().take(200).collect()
}

/// A path of this console, or nothing: nobody is sent elsewhere by a form.
pub(super) fn own_path(text: &str) -> String {
    let own = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains('\\')
        && text.chars().all(|character| character.is_ascii_graphic());
    if own { text.to_owned() } else { String::new() }
}

pub(crate) fn first_upper(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(own_path("/w/lab/alerts?tab=live"), "/w/lab/alerts?tab=live");
        for foreign in ["//evil", "https://evil", "/\\evil", "/a\r\nb", ""] {
            assert_eq!(own_path(foreign), "", "{foreign:?}");
        }
    }
}
