//! The one door through which anything is changed: PAP and, later, the console.
//!
//! It decides what is taken in and answers in PAP's own values. What it answers 1001 is on stable
//! storage; everything else happens in the [`scheduler`](crate::scheduler).

mod status;

use std::net::IpAddr;
use std::sync::Arc;

use crate::access::{self, Access, QuotaError, Reason, RightsError};
use crate::clock::Clock;
use crate::model::{
    Address, Body, Content, Delivery, Initiator, MessageState, Sha256, StatusCode, Submission,
    SubmissionId,
};
use crate::pap::message::PushMessage;
use crate::pap::mime::Entity;
use crate::pap::response::{ProgressNote, PushResponse, Response};
use crate::pap::version::Envelope;
use crate::routing::{Directory, RouteError};
use crate::scheduler::Signals;
use crate::store::{FileError, Files, Spool, Store, StoreError, Submitted};

/// How the gateway names itself to PIs.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Human name: `sender-name`.
    pub name: String,
    /// Address that submissions are posted to: `sender-address`.
    pub url: String,
}

/// Nothing was taken in, for no fault of the PI.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The content could not be stored.
    #[error("the content cannot be stored")]
    File(#[from] FileError),
    /// The thread that stores content ended.
    #[error("storing the content was interrupted")]
    Interrupted,
    /// The content could not be written while it arrived.
    #[error("the content cannot be written")]
    Spool(#[from] std::io::Error),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a push-message is not taken in.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{0}")]
    Address(String),
    #[error("a push-message needs a content entity")]
    NoContent,
    #[error("ppg-notify-requested-to cannot be used: {0}")]
    NotifyUrl(String),
    #[error(transparent)]
    Quota(#[from] QuotaError),
    #[error("replacement is not supported")]
    Replacement,
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
            Refusal::NoContent | Refusal::NotifyUrl(_) | Refusal::Window(_) => Self::BadRequest,
            Refusal::Quota(_) | Refusal::Rights(_) => Self::Forbidden,
            Refusal::Replacement => Self::ReplacementNotSupported,
            Refusal::Route(error) => error.into(),
        }
    }
}

impl Refusal {
    /// As what it is recorded, where the initiator asked for what it may not have.
    fn reason(&self) -> Option<Reason> {
        match self {
            Self::NotifyUrl(_) => Some(Reason::NotifyUrl),
            Self::Quota(error) => Some(Reason::Quota((*error).into())),
            Self::Rights(_)
            | Self::Route(RouteError::BearerForbidden { .. } | RouteError::Forbidden { .. }) => {
                Some(Reason::Rights)
            }
            Self::Address(_)
            | Self::NoContent
            | Self::Replacement
            | Self::Route(_)
            | Self::Window(_) => None,
        }
    }
}

/// A push-message with what came around it.
pub struct Intake {
    /// Who submits.
    pub initiator: Arc<Initiator>,
    /// Where the request came from.
    pub from: IpAddr,
    /// Version to answer in.
    pub envelope: Envelope,
    /// Version of the document.
    pub version: crate::model::submission::PapVersion,
    /// The control entity.
    pub push: PushMessage,
    /// The content entity; its file has no name yet.
    pub content: Option<Entity<Spool>>,
    /// SHA-256 of the whole request body.
    pub request_sha256: Sha256,
}

/// The gateway. Clones share it.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Parts>,
}

/// What a gateway is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The files beside it.
    pub files: Files,
    /// The time.
    pub clock: Clock,
    /// Names.
    pub directory: Arc<Directory>,
    /// Limits and the record of refusals.
    pub access: Access,
    /// Wake-ups.
    pub signals: Arc<Signals>,
    /// How it names itself.
    pub identity: Identity,
    /// Life of pushes without deliver-before, ms.
    pub lifetime_ms: u64,
}

impl Gateway {
    /// A gateway over these parts.
    pub fn new(parts: Parts) -> Self {
        Self {
            inner: Arc::new(parts),
        }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Names.
    pub fn directory(&self) -> &Directory {
        &self.inner.directory
    }

    /// Limits and the record of refusals.
    pub fn access(&self) -> &Access {
        &self.inner.access
    }

    /// The time.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The files beside the database.
    pub fn files(&self) -> &Files {
        &self.inner.files
    }

    /// For content that arrives.
    pub fn spool(&self) -> Spool {
        Spool::new(self.inner.files.clone())
    }

    /// Takes a push-message in, or says why not (PAP 8.2 and 8.3).
    pub async fn submit(&self, mut intake: Intake) -> Result<Response, GatewayError> {
        let push_id = intake.push.push_id.clone();
        let wants_notes = intake.push.progress_notes;
        let addresses = intake.push.addresses.len();
        let content = intake.content.take();
        let (initiator, from) = (Arc::clone(&intake.initiator), intake.from);
        let taken = match self.admissible(&intake, content) {
            Ok(content) => self.store_push(intake, content).await?,
            Err(refusal) => Err(refusal),
        };
        let (code, desc) = taken.unwrap_or_else(|refusal| {
            if let Some(reason) = refusal.reason() {
                self.inner
                    .access
                    .refused(reason, Some(&initiator.name), from);
            }
            (StatusCode::from(&refusal), refusal.to_string())
        });
        let reply_ms = self.inner.clock.unix_ms();
        let mut response = PushResponse::new(push_id, code, desc);
        response.sender_address = Some(self.inner.identity.url.clone());
        response.sender_name = Some(self.inner.identity.name.clone());
        response.reply_ms = Some(reply_ms);
        if wants_notes && code == StatusCode::Accepted {
            response.progress_notes.push(ProgressNote {
                stage: "addressing".to_owned(),
                note: Some(format!("{addresses} of {addresses} addresses resolved")),
                time_ms: Some(reply_ms),
            });
        }
        Ok(Response::Push(response))
    }

    /// The content of a push that may be taken in.
    fn admissible(
        &self,
        intake: &Intake,
        content: Option<Entity<Spool>>,
    ) -> Result<Entity<Spool>, Refusal> {
        let push = &intake.push;
        if push.replaces.is_some() {
            return Err(Refusal::Replacement);
        }
        let content = content.ok_or(Refusal::NoContent)?;
        access::check(&intake.initiator, push)?;
        let now_ms = self.inner.clock.unix_ms();
        let start_ms = push.deliver_after_ms.unwrap_or(now_ms);
        if push
            .deliver_before_ms
            .is_some_and(|before_ms| before_ms <= now_ms)
        {
            return Err(Refusal::Window("deliver-before-timestamp is in the past"));
        }
        if push
            .deliver_before_ms
            .is_some_and(|before_ms| before_ms <= start_ms)
        {
            return Err(Refusal::Window(
                "deliver-before-timestamp is not after deliver-after-timestamp",
            ));
        }
        if let Some(url) = &push.notify_url {
            crate::pap::notify::check_url(url, &intake.initiator.notify_hosts)
                .map_err(|error| Refusal::NotifyUrl(error.to_string()))?;
        }
        for recipient in &push.addresses {
            let address = recipient
                .address()
                .map_err(|error| Refusal::Address(format!("{}: {error}", recipient.raw())))?;
            self.inner.directory.route(
                address,
                &intake.initiator,
                push.quality_of_service.as_ref(),
            )?;
        }
        Ok(content)
    }

    async fn store_push(
        &self,
        intake: Intake,
        content: Entity<Spool>,
    ) -> Result<Result<(StatusCode, String), Refusal>, GatewayError> {
        let Parts { access, store, .. } = &*self.inner;
        let (addresses, now_ms) = (
            intake.push.addresses.len() as u64,
            self.inner.clock.unix_ms(),
        );
        let initiator = Arc::clone(&intake.initiator);
        let reserved = access.reserve(store, &initiator, addresses, now_ms).await?;
        let mut quota = match reserved {
            Ok(quota) => quota,
            Err(error) => return Ok(Err(error.into())),
        };
        let submission = self.submission(intake, content).await?;
        let deliveries = deliveries(&submission);
        quota.spend();
        let submitted = store.submit(submission, deliveries).await;
        if !matches!(submitted, Ok(Submitted::Stored)) {
            quota.give_back();
        }
        Ok(Ok(match submitted? {
            Submitted::Stored => {
                self.inner.signals.due.notify_one();
                (
                    StatusCode::Accepted,
                    StatusCode::Accepted.phrase().to_owned(),
                )
            }
            Submitted::Duplicate {
                received_ms,
                same_request,
            } => {
                let at = iso(received_ms);
                let desc = if same_request {
                    format!("already accepted at {at}")
                } else {
                    format!("push-id used at {at} for another push")
                };
                (StatusCode::DuplicatePushId, desc)
            }
        }))
    }

    async fn submission(
        &self,
        intake: Intake,
        content: Entity<Spool>,
    ) -> Result<Submission, GatewayError> {
        let received_ms = self.inner.clock.unix_ms();
        let Intake {
            initiator,
            from: _,
            envelope,
            version,
            push,
            content: _,
            request_sha256,
        } = intake;
        let start_ms = push
            .deliver_after_ms
            .unwrap_or(received_ms)
            .max(received_ms);
        let Entity {
            content_type,
            headers,
            body,
        } = content;
        let body = finished(body).await?;
        Ok(Submission {
            id: new_id(),
            initiator: initiator.name.clone(),
            push_id: push.push_id,
            request_sha256,
            pap_version: version,
            pi_lists_versions: envelope.lists_versions,
            received_ms,
            deliver_after_ms: push.deliver_after_ms,
            deliver_before_ms: push
                .deliver_before_ms
                .unwrap_or(start_ms + self.inner.lifetime_ms),
            deliver_before_given: push.deliver_before_ms.is_some(),
            source_reference: push.source_reference,
            notify_url: push.notify_url,
            progress_notes: push.progress_notes,
            quality_of_service: push.quality_of_service,
            addresses: push
                .addresses
                .into_iter()
                .filter_map(|recipient| recipient.into_address().ok())
                .collect(),
            content: Content {
                content_type,
                headers,
                body,
            },
        })
    }
}

/// Long content goes to stable storage before its row.
async fn finished(content: Spool) -> Result<Body, GatewayError> {
    if !content.is_file() {
        return Ok(content.finish()?);
    }
    let body = tokio::task::spawn_blocking(|| content.finish())
        .await
        .map_err(|_| GatewayError::Interrupted)?;
    Ok(body?)
}

fn new_id() -> SubmissionId {
    let id = uuid::Uuid::now_v7().to_string();
    id.parse().expect("a UUID is an identifier")
}

/// One pending delivery for each address.
fn deliveries(submission: &Submission) -> Vec<Delivery> {
    let of_address = |address: &Address| {
        let id = uuid::Uuid::now_v7().to_string();
        Delivery {
            id: id.parse().expect("a UUID is an identifier"),
            submission_id: submission.id.clone(),
            address: address.clone(),
            state: MessageState::Pending,
            code: StatusCode::Ok,
            desc: String::new(),
            event_ms: submission.received_ms,
            bearer: None,
        }
    };
    submission.addresses.iter().map(of_address).collect()
}

/// `YYYY-MM-DDThh:mm:ssZ`.
fn iso(unix_ms: u64) -> String {
    let seconds = i64::try_from(unix_ms / 1000).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}
