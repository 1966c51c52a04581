//! One push, with everything that is known of it.

use super::lists::{entry, target_name};
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::detail::{
    DeliveryDetail, DeliveryProgress, MAX_DELIVERIES_SHOWN, NotificationDetail, RawParts,
    SubmissionDetail, SubmissionProgress, TransmissionDetail, TransmissionProgress,
};
use crate::model::{Action, Bearer, Body, Delivery, Submission, SubmissionId, Transmission};
use crate::pap::message::{Operation, PushMessage, Recipient};
use crate::pap::version::Envelope;
use crate::store::EntryRow;

/// Octets of a content that a page shows.
const PREVIEW_BYTES: usize = 4 << 10;
/// Longest content that is given out in one piece, octets: what a form may attach.
const MAX_BODY_BYTES: u64 = 64 << 20;

impl Gateway {
    /// A push as its workspace's list has it.
    pub(super) async fn seen_entry(
        &self,
        actor: &Actor,
        id: &SubmissionId,
    ) -> Result<EntryRow, ConsoleError> {
        let found = self.inner.store.entry(&actor.workspace.name, id).await?;
        found.ok_or(ConsoleError::NotFound { what: "push" })
    }

    /// One push with everything that is known of it. Needs `See`.
    pub async fn submission_detail(
        &self,
        actor: &Actor,
        id: &SubmissionId,
    ) -> Result<SubmissionDetail, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let row = self.seen_entry(actor, id).await?;
        let store = &self.inner.store;
        let missing = || ConsoleError::NotFound { what: "push" };
        let summary = store.summary(id).await?.ok_or_else(missing)?;
        let authentication = store.authentication(id).await?.ok_or_else(missing)?;
        let mut deliveries = store.deliveries(id).await?;
        deliveries.truncate(MAX_DELIVERIES_SHOWN);
        let transmissions = store.transmissions_of_submission(id).await?;
        let mut notifications = store.notifications_of(id).await?;
        let details = deliveries.into_iter().map(|delivery| {
            let notification = notifications.remove(&delivery.id);
            delivery_detail(delivery, &transmissions, notification)
        });
        Ok(SubmissionDetail {
            id: summary.id.clone(),
            push_id: summary.push_id.to_string(),
            content_type: summary.content_type,
            body_bytes: summary.body_bytes,
            source_reference: summary.source_reference,
            authentication: authentication.as_str().to_owned(),
            replaces: summary.lineage.replaces,
            replaced_by: store.replaced_by(id).await?,
            closed_ms: summary.closed_at_ms,
            deliveries: details.collect(),
            entry: entry(row),
        })
    }

    /// What of a push changes while it is watched.
    pub(super) async fn progress_of(
        &self,
        id: &SubmissionId,
    ) -> Result<Option<SubmissionProgress>, ConsoleError> {
        let store = &self.inner.store;
        let Some(summary) = store.summary(id).await? else {
            return Ok(None);
        };
        let part = store.console_part(id).await?;
        let mut deliveries = store.deliveries(id).await?;
        deliveries.truncate(MAX_DELIVERIES_SHOWN);
        let mut transmissions = store.transmissions_of_submission(id).await?;
        transmissions.truncate(MAX_DELIVERIES_SHOWN);
        let of_transmission = |sent: Transmission| TransmissionProgress {
            id: sent.id,
            state: sent.state,
            passes_done: sent.passes_done,
            first_packet_ms: sent.first_packet_ms,
            desc: sent.desc,
        };
        let of_delivery = |delivery: Delivery| DeliveryProgress {
            id: delivery.id,
            state: delivery.state,
            desc: delivery.desc,
            event_ms: delivery.event_ms,
        };
        Ok(Some(SubmissionProgress {
            id: id.clone(),
            alert: part.and_then(|part| part.alert).map(|(alert, _, _)| alert),
            transmissions: transmissions.into_iter().map(of_transmission).collect(),
            deliveries: deliveries.into_iter().map(of_delivery).collect(),
            closed_ms: summary.closed_at_ms,
        }))
    }

    /// A push as it lies in the store. Needs `See`.
    pub async fn raw_parts(
        &self,
        actor: &Actor,
        id: &SubmissionId,
    ) -> Result<RawParts, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        self.seen_entry(actor, id).await?;
        let missing = ConsoleError::NotFound { what: "push" };
        let submission = self.inner.store.submission(id).await?.ok_or(missing)?;
        let (preview, body_sha256) = match &submission.content.body {
            Body::Inline(octets) => {
                let shown = &octets[..octets.len().min(PREVIEW_BYTES)];
                (text_of(shown, octets.len() > PREVIEW_BYTES), None)
            }
            Body::File { sha256, .. } => (None, Some(sha256.to_hex())),
        };
        Ok(RawParts {
            control: control(&submission),
            headers: submission.content.headers,
            content_type: submission.content.content_type,
            preview,
            body_bytes: submission.content.body.len(),
            body_sha256,
        })
    }

    /// The content of a push, octet for octet, with its media type. Needs `See`.
    pub async fn raw_body(
        &self,
        actor: &Actor,
        id: &SubmissionId,
    ) -> Result<(String, Vec<u8>), ConsoleError> {
        self.authorize(actor, Action::See).await?;
        self.seen_entry(actor, id).await?;
        let missing = ConsoleError::NotFound { what: "push" };
        let submission = self.inner.store.submission(id).await?.ok_or(missing)?;
        let octets = match submission.content.body {
            Body::Inline(octets) => octets,
            Body::File { sha256, bytes } => self.file_octets(sha256, bytes).await?,
        };
        Ok((submission.content.content_type, octets))
    }

    /// The octets of a file of the store.
    pub(super) async fn file_octets(
        &self,
        sha256: crate::model::Sha256,
        bytes: u64,
    ) -> Result<Vec<u8>, ConsoleError> {
        if bytes > MAX_BODY_BYTES {
            let why = "this is too long to be shown in one piece";
            return Err(ConsoleError::NotNow(why.to_owned()));
        }
        let files = self.inner.files.clone();
        let read = tokio::task::spawn_blocking(move || {
            use std::io::Read as _;
            let mut octets = Vec::new();
            let mut file = files.open_file(sha256)?.take(MAX_BODY_BYTES);
            file.read_to_end(&mut octets).map(|_| octets)
        });
        let interrupted = |_| ConsoleError::NotNow("reading was interrupted".to_owned());
        let read: std::io::Result<Vec<u8>> = read.await.map_err(interrupted)?;
        read.map_err(|_| ConsoleError::NotFound { what: "file" })
    }
}

/// The control entity that asks for a submission.
pub(super) fn control(submission: &Submission) -> String {
    let push = PushMessage {
        push_id: submission.push_id.clone(),
        replaces: None,
        deliver_before_ms: Some(submission.deliver_before_ms)
            .filter(|_| submission.deliver_before_given),
        deliver_after_ms: submission.deliver_after_ms,
        source_reference: submission.source_reference.clone(),
        notify_url: submission.notify_url.clone(),
        progress_notes: submission.progress_notes,
        addresses: submission
            .addresses
            .iter()
            .map(|address| Recipient::from(address.clone()))
            .collect(),
        quality_of_service: submission.quality_of_service.clone(),
    };
    Operation::Push(push).to_xml(Envelope::OWN)
}

/// Octets as text, where they are text; the last character may be cut.
fn text_of(octets: &[u8], cut: bool) -> Option<String> {
    match std::str::from_utf8(octets) {
        Ok(text) => Some(text.to_owned()),
        Err(error) if cut && error.error_len().is_none() => {
            let valid = &octets[..error.valid_up_to()];
            std::str::from_utf8(valid).ok().map(str::to_owned)
        }
        Err(_) => None,
    }
}

fn delivery_detail(
    delivery: Delivery,
    transmissions: &[Transmission],
    notification: Option<NotificationDetail>,
) -> DeliveryDetail {
    let of_it = transmissions
        .iter()
        .filter(|sent| sent.delivery_id == delivery.id);
    DeliveryDetail {
        transmissions: of_it.map(transmission_detail).collect(),
        address: delivery.address.raw().to_owned(),
        target: target_name(&delivery.address),
        state: delivery.state,
        code: delivery.code.code(),
        desc: delivery.desc,
        event_ms: delivery.event_ms,
        notification,
        id: delivery.id,
    }
}

/// What it is called on the air: the TOI, or message identifier and serial number, as a handset's
/// log has them.
fn wire_id(sent: &Transmission) -> String {
    match sent.bearer {
        Bearer::Cbs => format!("{}/{:04X}", sent.toi >> 16, sent.toi & 0xFFFF),
        _ => format!("TOI {}", sent.toi),
    }
}

fn transmission_detail(sent: &Transmission) -> TransmissionDetail {
    TransmissionDetail {
        id: sent.id.clone(),
        channel: sent.channel.clone(),
        bearer: sent.bearer,
        required: sent.required,
        state: sent.state,
        passes_done: sent.passes_done,
        passes_planned: sent.plan.passes,
        object_bytes: sent.object.transfer_bytes,
        wire_id: wire_id(sent),
        planned_ms: sent.planned_ms,
        first_packet_ms: sent.first_packet_ms,
        transmitted_ms: sent.transmitted_ms,
        ended_ms: sent.ended_ms,
        until_ms: sent.plan.until_ms,
        desc: sent.desc.clone(),
    }
}
