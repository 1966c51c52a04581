//! `POST /pap`: HTTP around the Push Access Protocol (PAP 7, 13).
//!
//! Whatever PAP can say is said in a PAP document with 202. HTTP's own codes are for what lies
//! before PAP: 401, 408, 413, 415, 429, and 503 when nothing can be stored. Bodies are read while
//! they arrive; what a request costs in memory does not grow with its length.

mod body;
mod error;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode as HttpStatus};
use axum::response::{IntoResponse, Response as HttpResponse};

use crate::gateway::{Gateway, Intake};
use crate::http::auth::Authenticator;
use crate::metrics::Metrics;
use crate::model::{Initiator, StatusCode};

use self::body::{Arrived, Bodies};
use self::error::HttpError;
use super::error::ReadError;
use super::message::{Operation, Request};
use super::mime::MimeError;
use super::response::{BadMessage, PushResponse, Response};
use super::version::Envelope;
use super::xml_write;

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

/// Handles one request.
pub async fn post(
    State(endpoint): State<Arc<Endpoint>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> HttpResponse {
    let began = Instant::now();
    let authorization = headers.get(axum::http::header::AUTHORIZATION);
    let now_ns = endpoint.gateway.clock().mono_ns();
    let initiator = match endpoint
        .authenticator
        .authenticate(peer.ip(), authorization, now_ns)
        .await
    {
        Ok(initiator) => initiator,
        Err(error) => return error.into_response(),
    };
    match endpoint.answer(initiator, &headers, body).await {
        Ok((response, envelope)) => {
            endpoint.metrics.answered(&response, began.elapsed());
            let document = response.to_xml(envelope);
            (
                HttpStatus::ACCEPTED,
                [(CONTENT_TYPE, xml_write::CONTENT_TYPE)],
                document,
            )
                .into_response()
        }
        Err(error) => {
            if let Some(rejection) = error.rejection() {
                endpoint.metrics.rejected(rejection);
            }
            error.into_response()
        }
    }
}

impl Endpoint {
    async fn answer(
        &self,
        initiator: Arc<Initiator>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Response, Envelope), HttpError> {
        let max_bytes = initiator.body_bytes.unwrap_or(self.max_body_bytes);
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|announced| announced > max_bytes) {
            return Err(HttpError::TooLarge { max_bytes });
        }
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .ok_or(HttpError::MediaType)?;
        let Arrived {
            message,
            request_sha256,
        } = self
            .bodies
            .read(content_type, self.gateway.spool(), body, max_bytes)
            .await?;
        let message = match message {
            Ok(message) => message,
            Err(unreadable)
                if matches!(unreadable.error, MimeError::UnsupportedMediaType { .. }) =>
            {
                return Err(HttpError::MediaType);
            }
            Err(unreadable) => {
                return Ok(unreadable_answer(
                    &unreadable.error,
                    unreadable.control.as_deref(),
                ));
            }
        };
        let request = match Request::read(&message.control) {
            Ok(request) => request,
            Err(error) => return Ok((error.response(), error.envelope())),
        };
        let envelope = request.envelope();
        let version = request.version;
        let response = match request.operation {
            Operation::Push(push) => {
                let content = message.content;
                let capabilities = message.capabilities.map(|entity| entity.body);
                let intake = Intake {
                    initiator,
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
            Operation::Ccq(query) => Ok(self.gateway.capabilities(&query)),
            Operation::ResultNotification(_) => Ok(not_for_a_gateway()),
        };
        Ok((response?, envelope))
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
