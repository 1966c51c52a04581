//! An approved version as submissions: one for each language, and one for each file.

use crate::gateway::Gateway;
use crate::gateway::submit::{deliveries, new_id};
use crate::model::alert::{Approved, Message, Severity};
use crate::model::initiator::CONSOLE;
use crate::model::submission::{Authentication, PapVersion};
use crate::model::{
    Address, Alert, Body, Content, Delivery, DeliveryId, Lineage, Priority, PushId,
    QualityOfService, Sha256, Submission,
};
use crate::store::{Approving, ConsolePart, Directive, Part, Replacing};

use super::ConsoleError;
use super::state::secret_hash;

/// What a submission of the version before was, and its deliveries.
pub(super) struct Earlier {
    pub(super) part: ConsolePart,
    pub(super) lineage: Lineage,
    pub(super) deliveries: Vec<Delivery>,
}

/// The push-id of a language of a version: `alert-ID/n/LANG`, for its file `alert-ID/n/LANG/file`.
fn push_id(alert: &Alert, version: u32, message: &Message, part: Part) -> Option<PushId> {
    let file = match part {
        Part::File => "/file",
        Part::Test | Part::Text => "",
    };
    let text = format!("alert-{}/{version}/{}{file}", alert.id, message.language);
    text.parse().ok()
}

const fn priority(severity: Severity) -> Priority {
    match severity {
        Severity::Extreme | Severity::Severe => Priority::High,
        Severity::Moderate | Severity::Minor | Severity::Unknown => Priority::Medium,
    }
}

impl Gateway {
    /// Adds the submissions of a version that has just been approved, each in the place of the one
    /// of the version before in its language.
    pub(super) fn add_pushes(
        &self,
        alert: &Alert,
        approved: &Approved,
        earlier: &[Earlier],
        approving: &mut Approving,
    ) -> Result<(), ConsoleError> {
        let addresses = self.addresses(approved)?;
        for message in &approved.content.messages {
            let file = message.attachment.as_ref().map(|_| Part::File);
            for part in [Some(Part::Text), file].into_iter().flatten() {
                let mut submission = self.push(alert, approved, message, part)?;
                submission.addresses.clone_from(&addresses);
                approving.parts.push(ConsolePart {
                    submission: submission.id.clone(),
                    workspace: alert.workspace.clone(),
                    alert: Some((alert.id.clone(), approved.version, message.language.clone())),
                    part,
                    directive: Directive {
                        bearers: approved.content.bearers.clone(),
                        channel: None,
                        files_only: part == Part::File,
                        repetition_ms: approved
                            .content
                            .repetition_s
                            .map(|s| s.saturating_mul(1000)),
                    },
                });
                let same = |old: &&Earlier| {
                    let language = old.part.alert.as_ref().map(|(_, _, language)| language);
                    old.part.part == part && language == Some(&message.language)
                };
                match earlier.iter().find(same) {
                    Some(old) => replace(old, submission, approving),
                    None => {
                        let deliveries = deliveries(&submission);
                        approving.new.push((submission, deliveries));
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn addresses(&self, approved: &Approved) -> Result<Vec<Address>, ConsoleError> {
        let ppg = &self.inner.identity.name;
        let content = &approved.content;
        let groups = content.groups.iter().map(|name| Address::group(name, ppg));
        let areas = content.areas.iter().map(|name| Address::area(name, ppg));
        let addresses: Result<Vec<Address>, _> = groups.chain(areas).collect();
        addresses.map_err(|error| ConsoleError::NotNow(error.to_string()))
    }

    /// The submission of a text or a file, without its addresses.
    pub(super) fn push(
        &self,
        alert: &Alert,
        approved: &Approved,
        message: &Message,
        part: Part,
    ) -> Result<Submission, ConsoleError> {
        let content = &approved.content;
        let (start_ms, end_ms) = content.window(approved.at_ms);
        let undo_ms = approved.at_ms + self.console().undo_ms();
        let push_id = push_id(alert, approved.version, message, part);
        let push_id =
            push_id.ok_or_else(|| ConsoleError::NotNow("no push-id can be made".to_owned()))?;
        let entity = match (&message.attachment, part) {
            (Some(file), Part::File) => Content {
                content_type: file.content_type.clone(),
                headers: vec![
                    ("Content-Language".to_owned(), message.language.to_string()),
                    (
                        "Content-Disposition".to_owned(),
                        format!("attachment; filename={}", quoted(&file.name)),
                    ),
                ],
                body: Body::File {
                    sha256: file.sha256,
                    bytes: file.bytes,
                },
            },
            _ => Content {
                content_type: "text/plain; charset=utf-8".to_owned(),
                headers: vec![("Content-Language".to_owned(), message.language.to_string())],
                body: Body::Inline(message.text.trim().as_bytes().to_vec()),
            },
        };
        Ok(Submission {
            id: new_id(),
            initiator: CONSOLE
                .parse()
                .map_err(|_| ConsoleError::NotNow("no initiator".to_owned()))?,
            authentication: Authentication::Console,
            lineage: Lineage::first(&push_id),
            request_sha256: request(&push_id, content),
            push_id,
            pap_version: PapVersion::V2_0,
            pi_lists_versions: false,
            received_ms: approved.at_ms,
            deliver_after_ms: Some(start_ms.max(undo_ms)),
            deliver_before_ms: end_ms.max(undo_ms + 1_000),
            deliver_before_given: true,
            source_reference: Some(alert.workspace.to_string()),
            notify_url: None,
            progress_notes: false,
            quality_of_service: Some(QualityOfService {
                priority: priority(content.severity),
                ..QualityOfService::default()
            }),
            addresses: Vec::new(),
            content: entity,
        })
    }
}

/// What was approved stands for the request that an initiator would have sent.
fn request(push_id: &PushId, content: &crate::model::AlertContent) -> Sha256 {
    let json = serde_json::to_string(content).unwrap_or_default();
    secret_hash(&format!("{push_id} {json}"))
}

/// A file name as a quoted string (RFC 2616 2.2).
fn quoted(name: &str) -> String {
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

fn replace(old: &Earlier, mut submission: Submission, approving: &mut Approving) {
    submission.lineage = old.lineage.successor(old.part.submission.clone());
    let deliveries = deliveries(&submission)
        .into_iter()
        .map(|delivery| {
            let same = |old: &&Delivery| old.address.key() == delivery.address.key();
            let replaced: Option<DeliveryId> =
                old.deliveries.iter().find(same).map(|old| old.id.clone());
            (delivery, replaced)
        })
        .collect();
    let replacing = Replacing {
        at_ms: submission.received_ms,
        submission,
        deliveries,
        withdrawn: Vec::new(),
        only_pending: false,
    };
    approving
        .replacing
        .push((old.part.submission.clone(), replacing));
}
