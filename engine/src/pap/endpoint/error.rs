//! Requests that end before PAP, in HTTP's own codes.

use axum::http::StatusCode as HttpStatus;
use axum::http::header::{CONNECTION, RETRY_AFTER};
use axum::response::{IntoResponse, Response as HttpResponse};

use crate::access::{Reason, TooMany};
use crate::gateway::GatewayError;
use crate::metrics::Rejection;

/// When to come back after 503, seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// Why a request gets no PAP answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("too many long request bodies at a time")]
    Busy,
    #[error("credentials belong in the Authorization header, not in the address; nothing was read")]
    CredentialsInUrl,
    #[error("the request body ended early")]
    Interrupted,
    #[error("post multipart/related, application/xml or text/xml")]
    MediaType,
    #[error("the request body may have {max_bytes} octets")]
    TooLarge { max_bytes: u64 },
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error("the request body came too slowly")]
    TooSlow,
    #[error("nothing was stored; try again")]
    Unavailable(#[from] GatewayError),
}

impl HttpError {
    /// As what it is counted and recorded, where it is a refusal.
    pub(super) fn reason(&self) -> Option<Reason> {
        match self {
            Self::Busy => Some(Reason::Input(Rejection::LongBodies)),
            Self::CredentialsInUrl => Some(Reason::Input(Rejection::CredentialsInUrl)),
            Self::TooLarge { .. } => Some(Reason::Input(Rejection::BodyBytes)),
            Self::TooMany(error) => Some(Reason::Quota((*error).into())),
            Self::TooSlow => Some(Reason::Input(Rejection::BodyRate)),
            Self::MediaType => Some(Reason::Input(Rejection::Malformed)),
            Self::Interrupted | Self::Unavailable(_) => None,
        }
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> HttpResponse {
        let text = format!("{self}\n");
        let close = [(CONNECTION, "close")];
        let later = [(RETRY_AFTER, RETRY_AFTER_SECONDS), (CONNECTION, "close")];
        match self {
            Self::Busy => (HttpStatus::SERVICE_UNAVAILABLE, later, text).into_response(),
            Self::CredentialsInUrl => (HttpStatus::BAD_REQUEST, close, text).into_response(),
            Self::TooMany(error) => {
                let later = [(RETRY_AFTER, error.retry_after_s().to_string())];
                (HttpStatus::TOO_MANY_REQUESTS, later, text).into_response()
            }
            Self::Interrupted => (HttpStatus::BAD_REQUEST, text).into_response(),
            Self::MediaType => (HttpStatus::UNSUPPORTED_MEDIA_TYPE, text).into_response(),
            Self::TooLarge { .. } => (HttpStatus::PAYLOAD_TOO_LARGE, close, text).into_response(),
            Self::TooSlow => (HttpStatus::REQUEST_TIMEOUT, close, text).into_response(),
            Self::Unavailable(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a request could not be stored"
                );
                (HttpStatus::SERVICE_UNAVAILABLE, later, text).into_response()
            }
        }
    }
}
