//! `POST /pap`: HTTP around the Push Access Protocol (PAP 7, 13).
//!
//! Whatever PAP can say is said in a PAP document with 202. HTTP's own codes are for what lies
//! before PAP: 400, 401, 403, 408, 413, 415, 429, and 503 when nothing can be stored. Bodies are read while
//! they arrive; what a request costs in memory does not grow with its length.

mod body;
mod error;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode as HttpStatus, Uri};
use axum::response::{IntoResponse, Response as HttpResponse};

use crate::access::Reason;
use crate::gateway::{Gateway, Intake};
use crate::http::auth::{Asking, AuthError, Authenticator, Known};
use crate::http::credentials_in_url;
use crate::http::peer::Peer;
use crate::metrics::{Metrics, Rejection};
use crate::model::StatusCode;

use self::body::{Arrived, Bodies, Incoming};
use self::error::HttpError;
use super::error::ReadError;
use super::message::{Operation, Request};
use super::mime::{Entity, MimeError};
use super::mime_write::Multipart;
use super::response::{BadMessage, PushResponse, Response};
use super::version::Envelope;
use super::xml_write;

/// Who sends too much is told so late: a connection has at most one such request a second, and
/// refusing them costs the others little.
const REFUSAL_PAUSE: Duration = Duration::from_secs(1);
/// Up to so much is added, so that those who were refused together do not come back together.
const REFUSAL_SPREAD: Duration = Duration::from_millis(500);

/// What the endpoint needs.
pub struct Endpoint {
    gateway: Gateway,
    authenticator: Arc<Authenticator>,
    metrics: Arc<Metrics>,
    max_body_bytes: u64,
    bodies: Bodies,
}

impl Endpoint {
    /// An endpoint; bodies longer than `max_body_bytes` are refused unless the initiator may more.
    pub fn new(
        gateway: Gateway,
        authenticator: Arc<Authenticator>,
        metrics: Arc<Metrics>,
        max_body_bytes: u64,
    ) -> Self {
        Self {
            gateway,
            authenticator,
            metrics,
            max_body_bytes,
            bodies: Bodies::new(),
        }
    }
}

/// Handles one request that came through a router.
pub async fn post(
    State(endpoint): State<Arc<Endpoint>>,
    Extension(peer): Extension<Peer>,
    request: axum::extract::Request,
) -> HttpResponse {
    answer(&endpoint, peer, request).await
}

/// Answers one request.
pub async fn answer(
    endpoint: &Endpoint,
    peer: Peer,
    request: axum::extract::Request,
) -> HttpResponse {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
    if credentials_in_url(&uri) {
        let reason = Reason::Input(Rejection::CredentialsInUrl);
        endpoint.gateway.access().refused(reason, None, peer.ip());
        return HttpError::CredentialsInUrl.into_response();
    }
    let known = match endpoint.initiator(&peer, (&method, &uri, &headers)).await {
        Ok(known) => known,
        Err((error, now_ns)) => {
            if matches!(error, AuthError::Attempts { .. } | AuthError::Busy) {
                tokio::time::sleep(refusal_pause(endpoint.gateway.clock().mono_ns())).await;
            }
            return endpoint.authenticator.refusal(error, &peer, now_ns);
        }
    };
    let initiator = Arc::clone(&known.initiator);
    let answer = endpoint.admit(known, &peer, &headers, body);
    match answer.await {
        Ok(answered) => {
            endpoint
                .metrics
                .answered(&answered.response, began.elapsed());
            answered.into_response()
        }
        Err(error) => {
            if let Some(reason) = error.reason() {
                let access = endpoint.gateway.access();
                access.refused(reason, Some(&initiator.name), peer.ip());
            }
            if matches!(error, HttpError::TooMany(_)) {
                tokio::time::sleep(refusal_pause(endpoint.gateway.clock().mono_ns())).await;
            }
            error.into_response()
        }
    }
}

/// How long one who sends too much waits for its answer, from REFUSAL_PAUSE on, by the low digits of
/// the time.
fn refusal_pause(now_ns: u64) -> Duration {
    // Spreads neighbours in time evenly (the golden ratio as a fraction of 2^64).
    let share = now_ns.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let spread_ns = REFUSAL_SPREAD.as_nanos() as u64;
    REFUSAL_PAUSE + Duration::from_nanos((share * spread_ns) >> 32)
}

/// An answer of PAP.
struct Answered {
    response: Response,
    envelope: Envelope,
    /// Second entity of a ccq-response: UAProf RDF.
    profile: Option<String>,
}

impl From<(Response, Envelope)> for Answered {
    fn from((response, envelope): (Response, Envelope)) -> Self {
        Self {
            response,
            envelope,
            profile: None,
        }
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> HttpResponse {
        let document = self.response.to_xml(self.envelope);
        let (content_type, body) = match self.profile {
            None => (xml_write::CONTENT_TYPE.to_owned(), document.into_bytes()),
            Some(profile) => {
                let entity = Entity {
                    content_type: xml_write::CONTENT_TYPE.to_owned(),
                    headers: Vec::new(),
                    body: profile.into_bytes(),
                };
                let whole = Multipart::of(&document, &entity);
                (whole.content_type, whole.body)
            }
        };
        (HttpStatus::ACCEPTED, [(CONTENT_TYPE, content_type)], body).into_response()
    }
}

impl Endpoint {
    /// Whose request it is, or why that is not known, and when.
    async fn initiator(
        &self,
        peer: &Peer,
        (method, uri, headers): (&Method, &Uri, &HeaderMap),
    ) -> Result<Known, (AuthError, u64)> {
        let asking = Asking::new(peer, method, uri, headers);
        let now_ns = self.gateway.clock().mono_ns();
        let known = self.authenticator.authenticate(&asking, now_ns).await;
        known.map_err(|error| {
            let claimed = self.authenticator.claimed(asking.authorization);
            let reason = Reason::Authentication(error);
            self.gateway
                .access()
                .refused(reason, claimed.as_ref(), peer.ip());
            (error, now_ns)
        })
    }

    /// Answers a request of an initiator that is within its limits.
    async fn admit(
        &self,
        known: Known,
        peer: &Peer,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Answered, HttpError> {
        let now_ns = self.gateway.clock().mono_ns();
        let access = self.gateway.access();
        let _entry = access.enter(&known.initiator, now_ns)?;
        let name = known.initiator.name.clone();
        let answered = self.answer(known, peer, headers, body).await?;
        if let Response::BadMessage(_) = &answered.response {
            access.refused(Reason::Input(Rejection::Malformed), Some(&name), peer.ip());
        }
        Ok(answered)
    }

    async fn answer(
        &self,
        known: Known,
        peer: &Peer,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Answered, HttpError> {
        let Known { initiator, by } = known;
        let max_bytes = initiator.body_bytes.unwrap_or(self.max_body_bytes);
        let named = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let announced = named(CONTENT_LENGTH).and_then(|value| value.parse::<u64>().ok());
        if announced.is_some_and(|announced| announced > max_bytes) {
            return Err(HttpError::TooLarge { max_bytes });
        }
        let content_type = named(CONTENT_TYPE).ok_or(HttpError::MediaType)?;
        let incoming = Incoming {
            from: &initiator.name,
            content_type,
            max_bytes,
            body,
        };
        let Arrived {
            message,
            request_sha256,
        } = self.bodies.read(incoming, self.gateway.spool()).await?;
        let message = match message {
            Ok(message) => message,
            Err(unreadable)
                if matches!(unreadable.error, MimeError::UnsupportedMediaType { .. }) =>
            {
                return Err(HttpError::MediaType);
            }
            Err(unreadable) => {
                let control = unreadable.control.as_deref();
                return Ok(unreadable_answer(&unreadable.error, control).into());
            }
        };
        let request = match Request::read(&message.control) {
            Ok(request) => request,
            Err(error) => return Ok((error.response(), error.envelope()).into()),
        };
        let envelope = request.envelope();
        let version = request.version;
        let response = match request.operation {
            Operation::Push(push) => {
                let content = message.content;
                let capabilities = message.capabilities.map(|entity| entity.body);
                let intake = Intake {
                    initiator,
                    authentication: by,
                    from: peer.ip(),
                    envelope,
                    version,
                    push,
                    content,
                    capabilities,
                    request_sha256,
                };
                self.gateway.submit(intake).await
            }
            Operation::StatusQuery(query) => self.gateway.status(&initiator, &query).await,
            Operation::Cancel(cancel) => self.gateway.cancel(&initiator, &cancel).await,
            Operation::Ccq(query) => {
                let (response, profile) = self.gateway.capabilities(&initiator, &query);
                return Ok(Answered {
                    response,
                    envelope,
                    profile,
                });
            }
            Operation::ResultNotification(_) => Ok(not_for_a_gateway()),
        };
        Ok((response?, envelope).into())
    }
}

/// The body's framing is broken: answered under the push-id where the control entity still has one.
fn unreadable_answer(error: &MimeError, control: Option<&[u8]>) -> (Response, Envelope) {
    let code = StatusCode::BadRequest;
    let bad_message = |envelope| {
        let desc = Some(error.to_string());
        (
            Response::BadMessage(BadMessage {
                code: code.into(),
                desc,
                fragment: None,
            }),
            envelope,
        )
    };
    match control.map(Request::read) {
        Some(Ok(request)) => {
            let envelope = request.envelope();
            match request.operation {
                Operation::Push(push) => (
                    Response::Push(PushResponse::new(push.push_id, code, error.to_string())),
                    envelope,
                ),
                _ => bad_message(envelope),
            }
        }
        Some(Err(read)) => bad_message(ReadError::envelope(&read)),
        None => bad_message(Envelope::OWN),
    }
}

/// Result notifications go to PIs.
fn not_for_a_gateway() -> Response {
    Response::BadMessage(BadMessage {
        code: StatusCode::BadRequest.into(),
        desc: Some("resultnotification-message is sent by gateways, not to them".to_owned()),
        fragment: None,
    })
}
