//! `POST /pap`: HTTP around the Push Access Protocol (PAP 7, 13).
//!
//! Whatever PAP can say is said in a PAP document with 202. HTTP's own codes are for what lies
//! before PAP: 401, 413, 415, 429, and 503 when nothing can be stored.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode as HttpStatus};
use axum::response::{IntoResponse, Response as HttpResponse};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::Semaphore;

use crate::gateway::{Gateway, GatewayError, Intake, digest};
use crate::http::auth::Authenticator;
use crate::metrics::Metrics;
use crate::model::{Initiator, StatusCode};

use super::error::ReadError;
use super::message::{Operation, Request};
use super::mime::{Message, MimeError};
use super::response::{BadMessage, PushResponse, Response};
use super::version::Envelope;
use super::xml_write;

/// Request bodies in memory at a time, all requests together, octets.
const BODY_BUDGET_BYTES: usize = 512 << 20;
/// Grain of that budget, octets.
const GRAIN_BYTES: u64 = 1 << 10;
/// When to come back after 503, seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// What the endpoint needs.
pub struct Endpoint {
    gateway: Gateway,
    authenticator: Arc<Authenticator>,
    metrics: Arc<Metrics>,
    max_body_bytes: u64,
    budget: Semaphore,
}

impl Endpoint {
    /// An endpoint; bodies longer than `max_body_bytes` are refused unless the initiator may more.
    pub fn new(
        gateway: Gateway,
        authenticator: Arc<Authenticator>,
        metrics: Arc<Metrics>,
        max_body_bytes: u64,
    ) -> Self {
        let budget = Semaphore::new(BODY_BUDGET_BYTES / GRAIN_BYTES as usize);
        Self {
            gateway,
            authenticator,
            metrics,
            max_body_bytes,
            budget,
        }
    }
}

/// A request that ends before PAP.
enum HttpError {
    Interrupted,
    MediaType,
    TooLarge { max_bytes: u64 },
    Unavailable(GatewayError),
}

impl IntoResponse for HttpError {
    fn into_response(self) -> HttpResponse {
        match self {
            Self::Interrupted => {
                (HttpStatus::BAD_REQUEST, "the request body ended early\n").into_response()
            }
            Self::MediaType => {
                let text = "post multipart/related, application/xml or text/xml\n";
                (HttpStatus::UNSUPPORTED_MEDIA_TYPE, text).into_response()
            }
            Self::TooLarge { max_bytes } => {
                let text = format!("the request body may have {max_bytes} octets\n");
                (HttpStatus::PAYLOAD_TOO_LARGE, [(CONNECTION, "close")], text).into_response()
            }
            Self::Unavailable(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a request could not be stored"
                );
                let text = "nothing was stored; try again\n";
                (
                    HttpStatus::SERVICE_UNAVAILABLE,
                    [(RETRY_AFTER, RETRY_AFTER_SECONDS)],
                    text,
                )
                    .into_response()
            }
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
        Err(error) => error.into_response(),
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
        let grains = announced
            .unwrap_or(max_bytes)
            .div_ceil(GRAIN_BYTES)
            .min((BODY_BUDGET_BYTES as u64) / GRAIN_BYTES);
        // The semaphore is never closed.
        let _permit = self.budget.acquire_many(grains as u32).await;
        let octets = read(body, max_bytes).await?;
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .ok_or(HttpError::MediaType)?;
        let message = match Message::read(content_type, &octets) {
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
                let request_sha256 = digest(&octets);
                let content = message.content;
                let intake = Intake {
                    initiator,
                    envelope,
                    version,
                    push,
                    content,
                    request_sha256,
                };
                self.gateway.submit(intake).await
            }
            Operation::StatusQuery(query) => self.gateway.status(&initiator, &query).await,
            Operation::Cancel(cancel) => Ok(self.gateway.cancel(&cancel)),
            Operation::Ccq(query) => Ok(self.gateway.capabilities(&query)),
            Operation::ResultNotification(_) => Ok(not_for_a_gateway()),
        };
        Ok((response.map_err(HttpError::Unavailable)?, envelope))
    }
}

async fn read(body: Body, max_bytes: u64) -> Result<bytes::Bytes, HttpError> {
    let limit = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(HttpError::TooLarge { max_bytes }),
        Err(_) => Err(HttpError::Interrupted),
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
