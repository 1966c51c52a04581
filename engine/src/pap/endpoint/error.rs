//! Requests that end before PAP, in HTTP's own codes.

use axum::http::StatusCode as HttpStatus;
use axum::http::header::{CONNECTION, RETRY_AFTER};
use axum::response::{IntoResponse, Response as HttpResponse};

use crate::gateway::GatewayError;
use crate::metrics::Rejection;

/// When to come back after 503, seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// Why a request gets no PAP answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("too many long request bodies at a time")]
    Busy,
    #[error("the request body ended early")]
    Interrupted,
    #[error("post multipart/related, application/xml or text/xml")]
    MediaType,
    #[error("the request body may have {max_bytes} octets")]
    TooLarge { max_bytes: u64 },
    #[error("the request body came too slowly")]
    TooSlow,
    #[error("nothing was stored; try again")]
    Unavailable(#[from] GatewayError),
}

impl HttpError {
    /// As what it is counted: input of a size or speed that is not taken.
    pub(super) const fn rejection(&self) -> Option<Rejection> {
        match self {
            Self::Busy => Some(Rejection::LongBodies),
            Self::TooLarge { .. } => Some(Rejection::BodyBytes),
            Self::TooSlow => Some(Rejection::BodyRate),
            Self::Interrupted | Self::MediaType | Self::Unavailable(_) => None,
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
