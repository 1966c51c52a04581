//! Submission (PAP 5.1, 8.2, 8.3): what is checked before anything is stored, and the one commit.
//!
//! ```text
//!  rights, window, notification URL, routes, capabilities, content ──▶ Refusal, nothing stored
//!  quota ──▶ content to its file ──▶ one commit: new, duplicate, or in the place of another
//! ```

use std::net::IpAddr;
use std::sync::Arc;

use crate::access;
use crate::content::{self, Source, uaprof};
use crate::model::submission::Authentication;
use crate::model::{
    Address, Body, ChannelName, Content, Delivery, Initiator, Lineage, MessageState, Sha256,
    StatusCode, Submission, SubmissionId, Transform,
};
use crate::pap::message::PushMessage;
use crate::pap::mime::Entity;
use crate::pap::response::{PushResponse, Response};
use crate::pap::version::Envelope;
use crate::routing::Route;
use crate::store::{Spool, Submitted};

use super::broadcastable::decisive;
use super::notes::Notes;
use super::verdict::{Refusal, Verdict};
use super::{Gateway, GatewayError, Parts};

/// A push-message with what came around it.
pub struct Intake {
    /// Who submits.
    pub initiator: Arc<Initiator>,
    /// How that is known.
    pub authentication: Authentication,
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
    /// The capabilities entity, at most
    /// [`MAX_CAPABILITIES_BYTES`](crate::pap::mime::MAX_CAPABILITIES_BYTES) octets.
    pub capabilities: Option<Vec<u8>>,
    /// SHA-256 of the whole request body.
    pub request_sha256: Sha256,
}

impl Gateway {
    /// Takes a push-message in, or says why not (PAP 8.2 and 8.3).
    pub async fn submit(&self, mut intake: Intake) -> Result<Response, GatewayError> {
        let push_id = intake.push.push_id.clone();
        let mut notes = Notes::new(intake.push.progress_notes, intake.push.addresses.len());
        let content = intake.content.take();
        let (initiator, from) = (Arc::clone(&intake.initiator), intake.from);
        let taken = match self.admissible(&intake, content, &mut notes) {
            Ok(content) => self.store_push(intake, content).await?,
            Err(refusal) => Err(refusal),
        };
        let verdict = taken.unwrap_or_else(|refusal| {
            if let Some(reason) = refusal.reason() {
                self.inner
                    .access
                    .refused(reason, Some(&initiator.name), from);
            }
            Verdict::refused(&refusal)
        });
        let Verdict {
            code,
            desc,
            cancelled,
        } = verdict;
        let reply_ms = self.inner.clock.unix_ms();
        let mut response = PushResponse::new(push_id, code, desc);
        response.sender_address = Some(self.inner.identity.url.clone());
        response.sender_name = Some(self.inner.identity.name.clone());
        response.reply_ms = Some(reply_ms);
        if code == StatusCode::Accepted {
            response.progress_notes = notes.told(cancelled, reply_ms);
        }
        Ok(Response::Push(response))
    }

    /// The content of a push that may be taken in.
    fn admissible(
        &self,
        intake: &Intake,
        content: Option<Entity<Spool>>,
        notes: &mut Notes,
    ) -> Result<Entity<Spool>, Refusal> {
        let push = &intake.push;
        let content = content.ok_or(Refusal::NoContent)?;
        access::check(&intake.initiator, push)?;
        let mut transform = Transform::None;
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
        let assumed = intake.capabilities.as_deref().map(uaprof::read);
        let assumed = assumed.transpose()?;
        let source = source(&content);
        for recipient in &push.addresses {
            let address = recipient
                .address()
                .map_err(|error| Refusal::Address(format!("{}: {error}", recipient.raw())))?;
            let route = self.inner.directory.route(
                address,
                &intake.initiator,
                push.quality_of_service.as_ref(),
            )?;
            let is_up = |channel: &ChannelName| self.inner.core.is_up(channel);
            notes.routed(&self.inner.directory, address, &route, is_up);
            self.check_broadcasts(address, &route, &source, notes)?;
            let default = route.application_id.as_deref();
            let demanded = self.inner.directory.named(&route.required);
            uaprof::compare(assumed.as_ref(), &source, default, demanded)?;
            let mut channels = self.inner.directory.named(&route.channels);
            if channels.any(|channel| channel.transform() == Transform::Binary) {
                transform = Transform::Binary;
            }
        }
        content::check(&source, transform)?;
        Ok(content)
    }

    /// Refuses what a Cell Broadcast channel that decides cannot broadcast; of others that is noted.
    fn check_broadcasts(
        &self,
        address: &Address,
        route: &Route,
        source: &Source<'_>,
        notes: &mut Notes,
    ) -> Result<(), Refusal> {
        let refused = self.broadcast_refusals(route, source);
        for (channel, _, why) in &refused {
            notes.unable(address, channel, why);
        }
        match decisive(route, &refused) {
            Some((name, code, why)) => Err(Refusal::Broadcast {
                code: *code,
                desc: format!("channel {name}: {why}"),
            }),
            None => Ok(()),
        }
    }

    async fn store_push(
        &self,
        intake: Intake,
        content: Entity<Spool>,
    ) -> Result<Result<Verdict, Refusal>, GatewayError> {
        let old = match &intake.push.replaces {
            Some(replacement) => match self.old(&intake.initiator, replacement).await? {
                Ok(old) => old,
                Err(verdict) => return Ok(Ok(verdict)),
            },
            None => None,
        };
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
        let mut submission = self.submission(intake, content).await?;
        let deliveries = deliveries(&submission);
        quota.spend();
        let stored = match old {
            // It takes the place of what is on the air once somebody has let it go.
            Some(old) if self.has_to_wait(&initiator.name).await? => {
                submission.lineage = old.successor();
                self.store_new(submission, deliveries).await
            }
            Some(old) => {
                submission.lineage = old.successor();
                self.store_replacement(old, submission, deliveries).await
            }
            None => self.store_new(submission, deliveries).await,
        };
        if !stored.as_ref().is_ok_and(Verdict::is_accepted) {
            quota.give_back();
        }
        Ok(Ok(stored?))
    }

    async fn store_new(
        &self,
        submission: Submission,
        deliveries: Vec<Delivery>,
    ) -> Result<Verdict, GatewayError> {
        let submitted = if self.has_to_wait(&submission.initiator).await? {
            self.inner.store.submit_held(submission, deliveries).await?
        } else {
            self.inner.core.take_in(submission, deliveries).await?
        };
        Ok(match submitted {
            Submitted::Stored => Verdict::accepted(),
            Submitted::Duplicate {
                received_ms,
                same_request,
            } => Verdict::duplicate(received_ms, same_request),
        })
    }

    async fn submission(
        &self,
        intake: Intake,
        content: Entity<Spool>,
    ) -> Result<Submission, GatewayError> {
        let received_ms = self.inner.clock.unix_ms();
        let Intake {
            initiator,
            authentication,
            from: _,
            envelope,
            version,
            push,
            content: _,
            capabilities: _,
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
            authentication,
            lineage: Lineage::first(&push.push_id),
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

/// The content as what is checked before it is taken in.
fn source(content: &Entity<Spool>) -> Source<'_> {
    Source {
        content_type: &content.content_type,
        headers: &content.headers,
        octets: content.body.in_memory(),
        bytes: content.body.bytes(),
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

pub(super) fn new_id() -> SubmissionId {
    let id = uuid::Uuid::now_v7().to_string();
    id.parse().expect("a UUID is an identifier")
}

/// One pending delivery for each address.
pub(super) fn deliveries(submission: &Submission) -> Vec<Delivery> {
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
