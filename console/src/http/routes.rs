//! Every path of the console, who may use it, and what answers it.
//!
//! There is no other list: the router is made from this one, and so are the tests that try each
//! role on each line. That a role may use a line is only the outer door; the gateway decides again
//! about the very thing that is asked for.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, RawPathParams, Request};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use pushcast_engine::gateway::Gateway;
use pushcast_engine::gateway::console::Token;
use pushcast_engine::http::peer::{Peer, Transport};
use pushcast_engine::model::{Action, WorkspaceName};

use super::call::{App, Call};
use super::cookies::{self, Channel};
use super::failure::Failure;
use super::fields::Fields;
use super::{guard, live};
use crate::handlers::{
    account, alerts, approvals, area_tables, areas, attachments, audit, backdrop, channels,
    compose, entry, factor, groups, links, new_channel, overview, reports, submissions, templates,
    tour, users, workspaces,
};
use crate::pages;

/// Longest form, octets: an alert in twenty languages fits.
const MAX_FORM_BYTES: usize = 1 << 20;

/// Who may use a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody whose roles allow this.
    May(Action),
    /// Everybody.
    Public,
    /// Everybody who is signed in.
    SignedIn,
}

/// What a request brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brings {
    /// Fields, read before the handler is called.
    Form,
    /// A form with a file in it, which the handler reads.
    File,
    /// Nothing.
    Nothing,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send>>;

/// One line of the list.
pub struct Route {
    /// Its method: GET or POST.
    pub method: Method,
    /// Its path, with names in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What a request brings.
    pub brings: Brings,
    handler: fn(Call) -> Answer,
}

macro_rules! routes {
    ($($method:ident $path:literal $access:expr, $brings:ident => $handler:path;)*) => {
        &[$(Route {
            method: Method::$method,
            path: $path,
            access: $access,
            brings: Brings::$brings,
            handler: |call| Box::pin($handler(call)),
        }),*]
    };
}

use Access::{May, Public, SignedIn};
use Action as A;

/// All of them.
#[rustfmt::skip]
pub const ROUTES: &[Route] = routes! {
    GET  "/"                                   SignedIn, Nothing => entry::home;
    GET  "/sign-in"                            Public, Nothing => entry::sign_in_page;
    POST "/sign-in"                            Public, Form => entry::sign_in;
    POST "/sign-in/code"                       Public, Form => factor::give_code;
    POST "/sign-out"                           SignedIn, Form => entry::sign_out;
    POST "/session/keep"                       SignedIn, Form => entry::keep;
    GET  "/set-up/{link}"                      Public, Nothing => entry::set_up_page;
    POST "/set-up/{link}"                      Public, Form => entry::set_up;
    GET  "/assets/{file}"                      Public, Nothing => entry::asset;

    GET  "/w/{workspace}"                      May(A::See), Nothing => overview::show;
    GET  "/w/{workspace}/live"                 May(A::See), Nothing => live::events;
    GET  "/w/{workspace}/tour/{step}"          May(A::See), Nothing => tour::show;
    POST "/w/{workspace}/enter"                SignedIn, Form => account::enter;

    GET  "/w/{workspace}/submissions"          May(A::See), Nothing => submissions::list;
    GET  "/w/{workspace}/submissions.csv"      May(A::See), Nothing => submissions::csv;
    GET  "/w/{workspace}/submissions/{id}"     May(A::See), Nothing => submissions::show;
    GET  "/w/{workspace}/submissions/{id}/content" May(A::See), Nothing => submissions::content;
    GET  "/w/{workspace}/submissions/{id}/raw/{part}" May(A::See), Nothing => submissions::raw_part;
    GET  "/w/{workspace}/submissions/{id}/stop" May(A::Stop), Nothing => submissions::stop_page;
    POST "/w/{workspace}/submissions/{id}/stop" May(A::Stop), Form => submissions::stop;
    POST "/w/{workspace}/submissions/{id}/release" May(A::Approve), Form => approvals::release;
    POST "/w/{workspace}/submissions/{id}/refuse" May(A::Approve), Form => approvals::refuse;

    GET  "/w/{workspace}/alerts/new"           May(A::Compose), Nothing => compose::new_page;
    POST "/w/{workspace}/alerts"               May(A::Compose), Form => compose::create;
    GET  "/w/{workspace}/alerts/{id}"          May(A::See), Nothing => alerts::show;
    GET  "/w/{workspace}/alerts/{id}/raw"      May(A::See), Nothing => alerts::raw;
    GET  "/w/{workspace}/alerts/{id}/message"  May(A::Compose), Nothing => compose::message_page;
    POST "/w/{workspace}/alerts/{id}/message"  May(A::Compose), Form => compose::message;
    GET  "/w/{workspace}/alerts/{id}/audience" May(A::Compose), Nothing => compose::audience_page;
    POST "/w/{workspace}/alerts/{id}/audience" May(A::Compose), Form => compose::audience;
    GET  "/w/{workspace}/alerts/{id}/delivery" May(A::Compose), Nothing => compose::delivery_page;
    POST "/w/{workspace}/alerts/{id}/delivery" May(A::Compose), Form => compose::delivery;
    GET  "/w/{workspace}/alerts/{id}/check"    May(A::Compose), Nothing => compose::check_page;
    POST "/w/{workspace}/alerts/{id}/submit"   May(A::Compose), Form => compose::submit;
    POST "/w/{workspace}/alerts/{id}/take-back" May(A::Compose), Form => compose::take_back;
    POST "/w/{workspace}/alerts/{id}/discard"  May(A::Compose), Form => compose::discard;
    POST "/w/{workspace}/alerts/{id}/revise"   May(A::Compose), Form => compose::revise;
    POST "/w/{workspace}/alerts/{id}/attachment" May(A::Compose), File => attachments::attach;
    GET  "/w/{workspace}/attachments/{sha256}" May(A::See), Nothing => attachments::get;
    GET  "/w/{workspace}/alerts/{id}/stop"     May(A::Stop), Nothing => alerts::stop_page;
    POST "/w/{workspace}/alerts/{id}/stop"     May(A::Stop), Form => alerts::stop;
    GET  "/w/{workspace}/approvals"            May(A::See), Nothing => approvals::list;
    GET  "/w/{workspace}/alerts/{id}/review"   May(A::Approve), Nothing => approvals::review;
    POST "/w/{workspace}/alerts/{id}/approve"  May(A::Approve), Form => approvals::approve;
    POST "/w/{workspace}/alerts/{id}/return"   May(A::Approve), Form => approvals::give_back;
    POST "/w/{workspace}/alerts/{id}/reject"   May(A::Approve), Form => approvals::reject;

    GET  "/w/{workspace}/templates"            May(A::See), Nothing => templates::list;
    GET  "/w/{workspace}/templates/{id}"       May(A::See), Nothing => templates::show;
    POST "/w/{workspace}/templates"            May(A::EditTemplates), Form => templates::create;
    POST "/w/{workspace}/templates/{id}"       May(A::EditTemplates), Form => templates::change;
    POST "/w/{workspace}/templates/{id}/delete" May(A::EditTemplates), Form => templates::delete;

    GET  "/w/{workspace}/groups"               May(A::See), Nothing => groups::list;
    GET  "/w/{workspace}/groups.csv"           May(A::See), Nothing => groups::csv;
    GET  "/w/{workspace}/groups/new"           May(A::EditGroups), Nothing => groups::new_page;
    POST "/w/{workspace}/groups"               May(A::EditGroups), Form => groups::create;
    POST "/w/{workspace}/groups/upload"        May(A::EditGroups), File => groups::upload;
    GET  "/w/{workspace}/groups/named/{name}"  May(A::See), Nothing => groups::show;
    POST "/w/{workspace}/groups/named/{name}"  May(A::EditGroups), Form => groups::change;
    POST "/w/{workspace}/groups/named/{name}/rename" May(A::EditGroups), Form => groups::rename;
    POST "/w/{workspace}/groups/named/{name}/delete" May(A::EditGroups), Form => groups::delete;

    GET  "/w/{workspace}/areas"                May(A::See), Nothing => areas::list;
    GET  "/w/{workspace}/areas.csv"            May(A::See), Nothing => area_tables::csv;
    POST "/w/{workspace}/areas/cells"          May(A::EditAreas), File => area_tables::upload;
    GET  "/w/{workspace}/areas/backdrop"       May(A::See), Nothing => backdrop::show;
    POST "/w/{workspace}/areas/backdrop"       May(A::EditAreas), File => backdrop::set;
    POST "/w/{workspace}/areas/backdrop/remove" May(A::EditAreas), Form => backdrop::remove;
    GET  "/w/{workspace}/areas/new"            May(A::EditAreas), Nothing => areas::new_page;
    POST "/w/{workspace}/areas"                May(A::EditAreas), Form => areas::create;
    POST "/w/{workspace}/areas/geojson"        May(A::EditAreas), File => areas::read_geojson;
    GET  "/w/{workspace}/areas/named/{name}"   May(A::See), Nothing => areas::show;
    GET  "/w/{workspace}/areas/named/{name}/geojson" May(A::See), Nothing => areas::geojson;
    POST "/w/{workspace}/areas/named/{name}"   May(A::EditAreas), Form => areas::change;
    POST "/w/{workspace}/areas/named/{name}/delete" May(A::EditAreas), Form => areas::delete;

    GET  "/w/{workspace}/channels"             May(A::See), Nothing => channels::list;
    GET  "/w/{workspace}/channels/{name}"      May(A::See), Nothing => channels::show;
    POST "/w/{workspace}/channels/{name}/mode" May(A::OperateChannels), Form => channels::set_mode;
    POST "/w/{workspace}/channels/{name}/test" May(A::OperateChannels), Form => channels::test;
    POST "/w/{workspace}/channels/{name}/edit" May(A::EditChannels), Form => channels::change;
    POST "/w/{workspace}/channels/{name}/delete" May(A::EditChannels), Form => new_channel::delete;
    GET  "/w/{workspace}/new-channel"          May(A::EditChannels), Nothing => new_channel::page;
    POST "/w/{workspace}/new-channel"          May(A::EditChannels), Form => new_channel::create;
    GET  "/w/{workspace}/links/{link}"         May(A::See), Nothing => links::show;
    POST "/w/{workspace}/links/{link}/mode"    May(A::OperateChannels), Form => links::set_mode;
    GET  "/w/{workspace}/file"                 May(A::See), Nothing => workspaces::differences;
    POST "/w/{workspace}/file"                 May(A::TakeFromFile), Form => workspaces::take_from_file;

    GET  "/w/{workspace}/reports"              May(A::See), Nothing => reports::show;
    GET  "/w/{workspace}/reports.csv"          May(A::See), Nothing => reports::csv;

    GET  "/w/{workspace}/audit"                May(A::SeeAudit), Nothing => audit::list;
    GET  "/w/{workspace}/audit.csv"            May(A::SeeAudit), Nothing => audit::csv;
    GET  "/w/{workspace}/audit/{seq}"          May(A::SeeAudit), Nothing => audit::show;
    POST "/w/{workspace}/audit/verify"         May(A::SeeAudit), Form => audit::verify;

    GET  "/w/{workspace}/users"                May(A::ManageUsers), Nothing => users::list;
    POST "/w/{workspace}/users"                May(A::ManageUsers), Form => users::add;
    GET  "/w/{workspace}/users/{user}"         May(A::ManageUsers), Nothing => users::show;
    POST "/w/{workspace}/users/{user}/give"    May(A::ManageUsers), Form => users::give;
    POST "/w/{workspace}/users/{user}/agree"   May(A::ManageUsers), Form => users::agree;
    POST "/w/{workspace}/users/{user}/take"    May(A::ManageUsers), Form => users::take;
    POST "/w/{workspace}/users/{user}/invite"  May(A::ManageUsers), Form => users::invite;
    POST "/w/{workspace}/users/{user}/disable" May(A::ManageUsers), Form => users::disable;
    POST "/w/{workspace}/users/{user}/remove-factor" May(A::ManageUsers), Form => factor::remove;
    POST "/w/{workspace}/users/{user}/end-session" May(A::ManageUsers), Form => users::end_session;

    GET  "/w/{workspace}/workspaces"           May(A::ManageWorkspaces), Nothing => workspaces::list;
    POST "/w/{workspace}/workspaces"           May(A::ManageWorkspaces), Form => workspaces::create;
    GET  "/w/{workspace}/workspaces/{name}"    May(A::ManageWorkspaces), Nothing => workspaces::show;
    POST "/w/{workspace}/workspaces/{name}"    May(A::ManageWorkspaces), Form => workspaces::change;
    POST "/w/{workspace}/initiators/{initiator}" May(A::ManageInitiators), Form => workspaces::initiator;

    GET  "/w/{workspace}/account"              SignedIn, Nothing => account::show;
    POST "/w/{workspace}/account"              SignedIn, Form => account::change;
    POST "/w/{workspace}/account/password"     SignedIn, Form => account::password;
    POST "/w/{workspace}/account/factor/begin" SignedIn, Form => factor::begin;
    POST "/w/{workspace}/account/factor/confirm" SignedIn, Form => factor::confirm;
    POST "/w/{workspace}/account/factor/drop"  SignedIn, Form => factor::drop;
    POST "/w/{workspace}/account/zone"         SignedIn, Form => account::zone;
    POST "/w/{workspace}/account/end-session"  SignedIn, Form => account::end_session;
};

/// The console's routes.
pub fn routes(gateway: Gateway) -> Router {
    let app = App::new(gateway);
    let mut router = Router::new();
    for route in ROUTES {
        let app = app.clone();
        let serve = move |parameters: RawPathParams, request: Request| {
            answer(app.clone(), route, parameters, request)
        };
        let method = if route.method == Method::POST {
            MethodFilter::POST
        } else {
            MethodFilter::GET
        };
        router = router.route(route.path, on(method, serve));
    }
    let other = app.clone();
    let router = router
        .fallback(move |request: Request| missing(app.clone(), StatusCode::NOT_FOUND, request))
        .method_not_allowed_fallback(move |request: Request| {
            missing(other.clone(), StatusCode::METHOD_NOT_ALLOWED, request)
        });
    // Each handler has its own limit: forms a short one, files what they may have.
    router.layer(DefaultBodyLimit::disable())
}

/// Answers a request, whatever becomes of it.
async fn answer(
    app: App,
    route: &'static Route,
    parameters: RawPathParams,
    request: Request,
) -> Response {
    let parts = parameters
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let (mut call, body) = match call(app, parts, request) {
        Ok(call) => call,
        Err(failure) => return failure.status().into_response(),
    };
    let (nonce, channel) = (call.nonce.clone(), call.channel);
    let mut answer = match admit(&mut call, route, body).await {
        Ok(()) => {
            let shown = pages::error::Shown::of(&call);
            match (route.handler)(call).await {
                Ok(answer) => answer,
                Err(failure) => shown.page(&failure),
            }
        }
        Err(Failure::SignedOut) => entry::ask_to_sign_in(&call),
        Err(Failure::Stale) => entry::resume(&call),
        Err(failure) => pages::error::Shown::of(&call).page(&failure),
    };
    guard::protect(answer.headers_mut(), &nonce, channel);
    answer
}

/// Nothing is at that path, or nothing that answers this method.
async fn missing(app: App, status: StatusCode, request: Request) -> Response {
    let (call, _) = match call(app, Vec::new(), request) {
        Ok(call) => call,
        Err(failure) => return failure.status().into_response(),
    };
    let mut answer = pages::error::Shown::of(&call).page(&Failure::NotFound);
    *answer.status_mut() = status;
    guard::protect(answer.headers_mut(), &call.nonce, call.channel);
    answer
}

fn call(app: App, parts: Vec<(String, String)>, request: Request) -> Result<(Call, Body), Failure> {
    let (head, body) = request.into_parts();
    let peer = head.extensions.get::<Peer>().copied();
    let peer = peer.ok_or_else(|| Failure::Malformed("no peer".to_owned()))?;
    let channel = match peer.transport {
        Transport::Cleartext => Channel::Plain,
        Transport::Tls { .. } => Channel::Private,
    };
    let query = Fields::read(head.uri.query().unwrap_or_default())
        .map_err(|error| Failure::Malformed(error.to_string()))?;
    let private = app.gateway().takes_passwords_of(&peer);
    let call = Call {
        app,
        person: None,
        parts,
        path: head.uri.path().to_owned(),
        query,
        form: Fields::default(),
        headers: head.headers,
        body: Mutex::default(),
        extensions: head.extensions,
        from: peer.ip(),
        private,
        channel,
        nonce: guard::nonce()?,
    };
    Ok((call, body))
}

/// Lets a request in: from our own page, by somebody who is signed in and may, with a form that is
/// theirs.
async fn admit(call: &mut Call, route: &'static Route, body: Body) -> Result<(), Failure> {
    if route.method != Method::GET {
        guard::check_origin(&call.headers)?;
    }
    if route.brings == Brings::Form {
        let octets = to_bytes(body, MAX_FORM_BYTES).await;
        let octets = octets.map_err(|_| Failure::TooLarge("1 MiB".to_owned()))?;
        let text = std::str::from_utf8(&octets)
            .map_err(|_| Failure::Malformed("the form is not UTF-8".to_owned()))?;
        call.form = Fields::read(text).map_err(|error| Failure::Malformed(error.to_string()))?;
    } else if route.brings == Brings::File {
        call.body = Mutex::new(Some(body));
    }
    if route.access == Public {
        return Ok(());
    }
    let token = cookies::get(&call.headers, call.channel.session_cookie());
    let token = token.map(Token::from_cookie).ok_or(Failure::SignedOut)?;
    let workspace = match call.parts.iter().any(|(name, _)| name == "workspace") {
        true => Some(call.part::<WorkspaceName>("workspace")?),
        false => None,
    };
    let session = call
        .gateway()
        .session(&token, workspace.as_ref(), call.from);
    call.person = Some(session.await?);
    if route.brings == Brings::Form {
        guard::check_token(call.form.raw("token"), &call.actor()?.form_token)?;
    }
    match route.access {
        May(action) => Ok(call.gateway().authorize(call.actor()?, action).await?),
        Public | SignedIn => Ok(()),
    }
}
