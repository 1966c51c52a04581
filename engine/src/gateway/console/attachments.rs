//! Files that go with an alert.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::Attachment;
use crate::model::submission::Sha256;

/// A file while it arrives.
#[derive(Debug)]
pub struct Upload {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) spool: crate::store::Spool,
    pub(super) max_bytes: u64,
}

impl Gateway {
    /// Begins to take a file in. Needs `Compose` or `EditTemplates`.
    pub fn begin_attachment(
        &self,
        actor: &Actor,
        name: &str,
        content_type: &str,
    ) -> Result<Upload, ConsoleError> {
        let _ = (actor, name, content_type);
        Err(ConsoleError::NotYet)
    }

    /// Takes more of it in; refused once it is longer than an attachment may be.
    pub async fn attach(&self, upload: &mut Upload, octets: &[u8]) -> Result<(), ConsoleError> {
        let _ = (
            &upload.name,
            &upload.content_type,
            &upload.spool,
            upload.max_bytes,
            octets,
        );
        Err(ConsoleError::NotYet)
    }

    /// Puts it on stable storage. It stays for a day unless an alert or template names it.
    pub async fn end_attachment(
        &self,
        actor: &Actor,
        upload: Upload,
    ) -> Result<Attachment, ConsoleError> {
        let _ = (actor, upload);
        Err(ConsoleError::NotYet)
    }

    /// The octets of a file that an alert or template of the workspace names. Needs `See`.
    pub async fn attachment(&self, actor: &Actor, sha256: Sha256) -> Result<Vec<u8>, ConsoleError> {
        let _ = (actor, sha256);
        Err(ConsoleError::NotYet)
    }
}
