//! Why a request is not let in.

use std::time::Duration;

use axum::http::StatusCode;

/// Why a request is not let in. What of a name and its password is wrong is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// As many attempts as there may be.
    #[error("too many attempts; try again in {} s", wait.as_secs() + 1)]
    Attempts {
        /// Until the next one.
        wait: Duration,
    },
    /// Too many passwords wait to be checked.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// A password that everybody on the way can read.
    #[error("HTTP Basic sends the password for everybody on the way to read: use https, or Digest")]
    Cleartext,
    /// Credentials that cannot be read.
    #[error("valid credentials are needed")]
    Malformed,
    /// No credentials, and nothing else to tell who it is.
    #[error("valid credentials are needed")]
    Missing,
    /// Right credentials for a nonce that is over.
    #[error("valid credentials are needed")]
    Stale,
    /// No such account, or another password.
    #[error("valid credentials are needed")]
    Wrong,
}

impl AuthError {
    /// As a label of metrics and in the audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attempts { .. } => "attempts",
            Self::Busy => "busy",
            Self::Cleartext => "cleartext",
            Self::Malformed => "malformed",
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Wrong => "wrong",
        }
    }
}

/// RFC 9110 15.5.2 and 15.5.4, RFC 6585 4. A password in clear text gets no 401: that would ask for
/// it again.
impl From<AuthError> for StatusCode {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Attempts { .. } | AuthError::Busy => Self::TOO_MANY_REQUESTS,
            AuthError::Cleartext => Self::FORBIDDEN,
            AuthError::Malformed | AuthError::Missing | AuthError::Stale | AuthError::Wrong => {
                Self::UNAUTHORIZED
            }
        }
    }
}

/// The system gives no random octets.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random octets")]
pub struct NoEntropy(#[from] getrandom::Error);
