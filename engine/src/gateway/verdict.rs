//! What a push-response says of a push-message: taken in, or why not.

use crate::access::{QuotaError, Reason, RightsError};
use crate::content::TransformError;
use crate::content::uaprof::{Mismatch, ProfileError};
use crate::model::StatusCode;
use crate::routing::RouteError;

use super::iso;

/// Why a push-message is not taken in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    Address(String),
    /// A Cell Broadcast channel that decides cannot carry it.
    #[error("{desc}")]
    Broadcast { code: StatusCode, desc: String },
    #[error(transparent)]
    Capabilities(#[from] Mismatch),
    #[error("the capabilities entity cannot be used: {0}")]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Content(#[from] TransformError),
    #[error("a push-message needs a content entity")]
    NoContent,
    #[error("ppg-notify-requested-to cannot be used: {0}")]
    NotifyUrl(String),
    #[error(transparent)]
    Quota(#[from] QuotaError),
    #[error(transparent)]
    Rights(#[from] RightsError),
    #[error(transparent)]
    Route(#[from] RouteError),
    #[error("{0}")]
    Window(&'static str),
}

impl From<&Refusal> for StatusCode {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Address(_) => Self::AddressError,
            Refusal::Broadcast { code, .. } => *code,
            Refusal::Capabilities(mismatch) => mismatch.into(),
            Refusal::Content(error) => error.into(),
            Refusal::NoContent
            | Refusal::NotifyUrl(_)
            | Refusal::Profile(_)
            | Refusal::Window(_) => Self::BadRequest,
            Refusal::Quota(_) | Refusal::Rights(_) => Self::Forbidden,
            Refusal::Route(error) => error.into(),
        }
    }
}

/// What a push-response says.
pub(super) struct Verdict {
    pub(super) code: StatusCode,
    pub(super) desc: String,
    /// Addresses whose older push this one cancelled, if it replaces one.
    pub(super) cancelled: Option<usize>,
}

impl Verdict {
    pub(super) fn accepted() -> Self {
        Self {
            code: StatusCode::Accepted,
            desc: StatusCode::Accepted.phrase().to_owned(),
            cancelled: None,
        }
    }

    pub(super) fn refused(refusal: &Refusal) -> Self {
        Self {
            code: refusal.into(),
            desc: refusal.to_string(),
            cancelled: None,
        }
    }

    pub(super) fn duplicate(received_ms: u64, same_request: bool) -> Self {
        let at = iso(received_ms);
        let desc = if same_request {
            format!("already accepted at {at}")
        } else {
            format!("push-id used at {at} for another push")
        };
        Self {
            code: StatusCode::DuplicatePushId,
            desc,
            cancelled: None,
        }
    }

    pub(super) const fn is_accepted(&self) -> bool {
        matches!(self.code, StatusCode::Accepted)
    }
}

impl Refusal {
    /// As what it is recorded, where the initiator asked for what it may not have.
    pub(super) fn reason(&self) -> Option<Reason> {
        match self {
            Self::NotifyUrl(_) => Some(Reason::NotifyUrl),
            Self::Quota(error) => Some(Reason::Quota((*error).into())),
            Self::Rights(_)
            | Self::Route(RouteError::BearerForbidden { .. } | RouteError::Forbidden { .. }) => {
                Some(Reason::Rights)
            }
            Self::Address(_)
            | Self::Broadcast { .. }
            | Self::NoContent
            | Self::Capabilities(_)
            | Self::Content(_)
            | Self::Profile(_)
            | Self::Route(_)
            | Self::Window(_) => None,
        }
    }
}
