//! Why a request was not answered with what it asked for.

use axum::http::StatusCode;
use pushcast_engine::gateway::console::ConsoleError;

/// What is wrong with a field, for the summary on top of the page and the field itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Id of the field on the page.
    pub field: String,
    /// One sentence that says what to do.
    pub message: String,
}

impl Problem {
    /// About a field.
    pub fn new(field: &str, message: impl ToString) -> Self {
        Self {
            field: field.to_owned(),
            message: message.to_string(),
        }
    }
}

/// A request that ends with a page about itself. What can be mended in a form is not here: the
/// form is shown again with its problems.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The form was not sent by one of our pages.
    #[error("the form was not sent by a page of this console")]
    Foreign,
    /// The role does not allow it.
    #[error("your roles do not allow this")]
    Forbidden,
    /// The request makes no sense.
    #[error("the request cannot be understood: {0}")]
    Malformed(String),
    /// Nothing is there.
    #[error("there is nothing at this address")]
    NotFound,
    /// It does not go, for a reason that the person can read.
    #[error("{0}")]
    Refused(String),
    /// The role allows it once they have done something else: a test, a second factor.
    #[error("{0}")]
    NotYet(String),
    /// Nobody is signed in.
    #[error("sign in first")]
    SignedOut,
    /// The form belongs to an earlier session of the same browser.
    #[error("the form is from before you signed in")]
    Stale,
    /// More was sent than is taken.
    #[error("more was sent than is taken: at most {0}")]
    TooLarge(String),
    /// Too many attempts.
    #[error("too many attempts; try again in {0} s")]
    TooMany(u64),
    /// The gateway cannot at the moment.
    #[error("the gateway cannot answer at the moment")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Failure {
    /// Something beneath failed; the person is told nothing of its inside.
    pub fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Box::new(error))
    }

    /// Its status.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Foreign | Self::Forbidden | Self::NotYet(_) | Self::Stale => {
                StatusCode::FORBIDDEN
            }
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<ConsoleError> for Failure {
    fn from(error: ConsoleError) -> Self {
        match error {
            ConsoleError::Attempts { wait_s } => Self::TooMany(wait_s),
            ConsoleError::Forbidden(_) => Self::Forbidden,
            ConsoleError::NotFound { .. } => Self::NotFound,
            ConsoleError::FactorNeeded | ConsoleError::Resting { .. } => {
                Self::NotYet(error.to_string())
            }
            ConsoleError::SignedOut => Self::SignedOut,
            ConsoleError::Gateway(_) | ConsoleError::Store(_) => Self::unavailable(error),
            ConsoleError::Alert(_)
            | ConsoleError::Conflict { .. }
            | ConsoleError::Content(_)
            | ConsoleError::InUse { .. }
            | ConsoleError::Invalid(_)
            | ConsoleError::NotNow(_)
            | ConsoleError::Shapes(_)
            | ConsoleError::Template(_)
            | ConsoleError::Upload(_)
            | ConsoleError::Workspace(_)
            | ConsoleError::WrongCredentials => Self::Refused(error.to_string()),
        }
    }
}

/// What of an error a form can show beside its fields; anything else ends in a page of its own.
pub fn problems(error: ConsoleError) -> Result<Vec<Problem>, Failure> {
    match error {
        ConsoleError::Invalid(fields) => Ok(fields
            .into_iter()
            .map(|error| Problem::new(error.field, error.message))
            .collect()),
        ConsoleError::Shapes(shapes) => Ok(shapes
            .into_iter()
            .map(|problem| Problem::new("corners", problem.message))
            .collect()),
        ConsoleError::Alert(_)
        | ConsoleError::Conflict { .. }
        | ConsoleError::InUse { .. }
        | ConsoleError::NotNow(_)
        | ConsoleError::Template(_)
        | ConsoleError::Upload(_)
        | ConsoleError::Workspace(_)
        | ConsoleError::WrongCredentials => Ok(vec![Problem::new("form", error)]),
        other => Err(other.into()),
    }
}
