//! Requests that are not let in.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What a client is told to wait, seconds: a full queue is worked off in less.
const RETRY_AFTER_S: &str = "1";
/// RFC 7617 2 and 2.1.
const CHALLENGE: &str = "Basic realm=\"pushcast\", charset=\"UTF-8\"";

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Too many passwords wait to be checked.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// No credentials, wrong ones, or none that can be read. Which of them is not told.
    #[error("valid credentials are needed")]
    Unauthorized,
}

/// RFC 9110 15.5.2 and RFC 6585 4.
impl From<AuthError> for StatusCode {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Busy => Self::TOO_MANY_REQUESTS,
            AuthError::Unauthorized => Self::UNAUTHORIZED,
        }
    }
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        let header = match self {
            Self::Busy => (header::RETRY_AFTER, RETRY_AFTER_S),
            Self::Unauthorized => (header::WWW_AUTHENTICATE, CHALLENGE),
        };
        (StatusCode::from(self), [header], format!("{self}\n")).into_response()
    }
}

/// The system gives no random octets.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random octets")]
pub struct NoEntropy(#[from] getrandom::Error);
