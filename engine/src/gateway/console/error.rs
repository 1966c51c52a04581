//! Why something at the console did not happen.

use crate::gateway::GatewayError;
use crate::model::Action;
use crate::model::alert::{ContentProblem, Refusal, TemplateError};
use crate::model::outline::ShapeProblem;
use crate::model::workspace::WorkspaceError;
use crate::store::StoreError;

/// A field of a form and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field as the form's type has it, such as `name` or `channels`.
    pub field: &'static str,
    /// One sentence that says what to do.
    pub message: String,
}

/// Why something did not happen. Nothing of it has.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The machine does not take it; the sentence is for the person.
    #[error(transparent)]
    Alert(#[from] Refusal),
    /// Too many attempts to sign in, or too much at once.
    #[error("too many attempts; try again in {wait_s} seconds")]
    Attempts {
        /// How long to wait.
        wait_s: u64,
    },
    /// Somebody else has changed it since the form was shown.
    #[error("{what} has been changed in the meantime; look at it again")]
    Conflict {
        /// What.
        what: String,
    },
    /// The alert cannot be sent as it is.
    #[error("the alert is not complete")]
    Content(Vec<ContentProblem>),
    /// The workspace wants a second factor, and they have none.
    #[error("this workspace wants a second factor: set one up on your account")]
    FactorNeeded,
    /// Their roles do not allow it.
    #[error("your roles do not allow this")]
    Forbidden(Action),
    /// The gateway could not.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// It is used by others, which are named.
    #[error("{what} is used by {}", .by.join(", "))]
    InUse {
        /// What.
        what: String,
        /// By whom.
        by: Vec<String>,
    },
    /// Fields of the form.
    #[error("{}", .0.first().map_or("the form is not complete", |error| error.message.as_str()))]
    Invalid(Vec<FieldError>),
    /// It does not exist, or not in this workspace.
    #[error("{what} does not exist")]
    NotFound {
        /// What was asked for.
        what: &'static str,
    },
    /// It does not go now.
    #[error("{0}")]
    NotNow(String),
    /// Their roles allow it, but rest.
    #[error(
        "your rights rest: for {months} months you have had no successful test. Write, submit or \
         approve an alert in a test workspace and let it end; then they count again"
    )]
    Resting {
        /// Months of the rule.
        months: u32,
    },
    /// Shapes that cannot be an area.
    #[error("the area cannot be drawn like this")]
    Shapes(Vec<ShapeProblem>),
    /// There is no session, or it is over.
    #[error("sign in first")]
    SignedOut,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The template cannot be kept.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The file that was uploaded cannot be read at all.
    #[error("{0}")]
    Upload(String),
    /// Workspaces that would share a channel.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// Name or password is wrong; which one is not said.
    #[error("name or password is wrong")]
    WrongCredentials,
}

impl ConsoleError {
    /// One field that is wrong.
    pub fn field(field: &'static str, message: impl ToString) -> Self {
        Self::Invalid(vec![FieldError {
            field,
            message: message.to_string(),
        }])
    }

    /// What was to be new clashes with what is there: its name is taken.
    pub(super) fn taken(self, message: &str) -> Self {
        match self {
            Self::Conflict { .. } => Self::field("name", message),
            other => other,
        }
    }

    /// The status of a page that shows it.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Alert(_)
            | Self::Conflict { .. }
            | Self::InUse { .. }
            | Self::NotNow(_)
            | Self::Workspace(_) => 409,
            Self::Content(_)
            | Self::Invalid(_)
            | Self::Shapes(_)
            | Self::Template(_)
            | Self::Upload(_) => 422,
            Self::Attempts { .. } => 429,
            Self::FactorNeeded | Self::Forbidden(_) | Self::Resting { .. } => 403,
            Self::NotFound { .. } => 404,
            Self::SignedOut | Self::WrongCredentials => 401,
            Self::Gateway(_) | Self::Store(_) => 503,
        }
    }
}
