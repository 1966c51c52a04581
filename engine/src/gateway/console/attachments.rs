//! Files that go with an alert.

use std::io::Write as _;

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::{Attachment, ContentProblem, Field, MAX_ATTACHMENT_NAME_BYTES};
use crate::model::submission::Sha256;
use crate::model::{Action, AlertContent};
use crate::store::{FileWriter, Steps};

/// A file while it arrives. Dropping it leaves nothing behind.
#[derive(Debug)]
pub struct Upload {
    name: String,
    content_type: String,
    max_bytes: u64,
    /// Elsewhere while it is being written.
    writer: Option<FileWriter>,
}

impl Gateway {
    /// Begins to take a file in. Needs `Compose` or `EditTemplates`.
    pub async fn begin_attachment(
        &self,
        actor: &Actor,
        name: &str,
        content_type: &str,
    ) -> Result<Upload, ConsoleError> {
        if !actor.may(Action::EditTemplates) {
            self.authorize(actor, Action::Compose).await?;
        }
        let name = plain_name(name);
        if name.is_empty() || name.len() > MAX_ATTACHMENT_NAME_BYTES {
            return Err(ConsoleError::field(
                "attachment",
                "Give the file a plain name.",
            ));
        }
        if mediatype::MediaType::parse(content_type).is_err() {
            return Err(ConsoleError::field(
                "content_type",
                "This is no media type.",
            ));
        }
        let files = self.inner.files.clone();
        let created = tokio::task::spawn_blocking(move || files.create()).await;
        Ok(Upload {
            name,
            content_type: content_type.to_owned(),
            max_bytes: self.alert_limits().max_attachment_bytes,
            writer: Some(created.map_err(interrupted)?.map_err(unwritten)?),
        })
    }

    /// Takes more of it in; refused once it is longer than an attachment may be.
    pub async fn attach(&self, upload: &mut Upload, octets: &[u8]) -> Result<(), ConsoleError> {
        let Some(mut writer) = upload.writer.take() else {
            return Err(ConsoleError::Upload("The upload was given up.".to_owned()));
        };
        if writer.bytes() + octets.len() as u64 > upload.max_bytes {
            let message = format!("The file is longer than {} MiB.", upload.max_bytes >> 20);
            return Err(ConsoleError::Upload(message));
        }
        let octets = octets.to_vec();
        let written = tokio::task::spawn_blocking(move || {
            writer.write_all(&octets)?;
            Ok::<_, std::io::Error>(writer)
        });
        upload.writer = Some(written.await.map_err(interrupted)?.map_err(unwritten)?);
        Ok(())
    }

    /// Puts it on stable storage. It stays as long as the workspace has it.
    pub async fn end_attachment(
        &self,
        actor: &Actor,
        upload: Upload,
    ) -> Result<Attachment, ConsoleError> {
        if !actor.may(Action::EditTemplates) {
            self.authorize(actor, Action::Compose).await?;
        }
        let given_up = || ConsoleError::Upload("The upload was given up.".to_owned());
        let writer = upload.writer.ok_or_else(given_up)?;
        if writer.bytes() == 0 {
            return Err(ConsoleError::Upload("The file is empty.".to_owned()));
        }
        let finished = tokio::task::spawn_blocking(move || writer.finish());
        let (sha256, bytes) = finished.await.map_err(interrupted)?.map_err(unwritten)?;
        let now_ms = self.inner.clock.unix_ms();
        let workspace = &actor.workspace.name;
        let steps = Steps::default().add_attachment(sha256, workspace, bytes, now_ms);
        self.inner.store.commit(steps).await?;
        Ok(Attachment {
            name: upload.name,
            content_type: upload.content_type,
            sha256,
            bytes,
        })
    }

    /// The octets of a file that was uploaded in the workspace. Needs `See`.
    pub async fn attachment(&self, actor: &Actor, sha256: Sha256) -> Result<Vec<u8>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let workspace = &actor.workspace.name;
        let bytes = self.inner.store.attachment_bytes(sha256, workspace).await?;
        let bytes = bytes.ok_or(ConsoleError::NotFound { what: "file" })?;
        self.file_octets(sha256, bytes).await
    }

    /// A form can name any file: only those of its workspace are taken, with their true length.
    pub(super) async fn check_attachments(
        &self,
        actor: &Actor,
        content: &AlertContent,
    ) -> Result<(), ConsoleError> {
        for message in &content.messages {
            let Some(file) = &message.attachment else {
                continue;
            };
            let workspace = &actor.workspace.name;
            let known = self
                .inner
                .store
                .attachment_bytes(file.sha256, workspace)
                .await?;
            let is_sound = known == Some(file.bytes)
                && mediatype::MediaType::parse(&file.content_type).is_ok();
            if !is_sound {
                return Err(ConsoleError::Content(vec![ContentProblem {
                    field: Field::Attachment,
                    language: Some(message.language.clone()),
                    message: "Upload the file again.".to_owned(),
                }]));
            }
        }
        Ok(())
    }
}

/// The last part of a path, as browsers may send one, without what cannot stand in a header.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = last.chars().filter(|character| !character.is_control());
    let plain: String = plain.collect();
    plain.trim().trim_start_matches('.').to_owned()
}

fn interrupted<E>(_: E) -> ConsoleError {
    ConsoleError::NotNow("storing the file was interrupted".to_owned())
}

fn unwritten<E: std::fmt::Display>(error: E) -> ConsoleError {
    tracing::error!(%error, "an attachment cannot be stored");
    ConsoleError::NotNow("the file cannot be stored".to_owned())
}
