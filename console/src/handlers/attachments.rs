//! Files that go with an alert, taken in as they arrive.

use axum::response::Response;
use pushcast_engine::gateway::Gateway;
use pushcast_engine::gateway::console::Upload as Attaching;
use pushcast_engine::model::alert::Seen;
use pushcast_engine::model::{AlertId, Language, Sha256};

use super::compose::find;
use crate::http::fields::encode;
use crate::http::upload::{Named, Sink, Upload};
use crate::http::{Call, Failure, Fields, Person, download, see_other};

/// Gives octets to the store as they come.
struct ToStore {
    gateway: Gateway,
    actor: Person,
    name: String,
    media_type: String,
    /// `None` before the first octet.
    attaching: Option<Attaching>,
}

impl Sink for ToStore {
    async fn take(&mut self, octets: &[u8]) -> Result<(), Failure> {
        let mut attaching = match self.attaching.take() {
            Some(attaching) => attaching,
            None => {
                let begun =
                    self.gateway
                        .begin_attachment(&self.actor, &self.name, &self.media_type);
                begun.await?
            }
        };
        self.gateway.attach(&mut attaching, octets).await?;
        self.attaching = Some(attaching);
        Ok(())
    }
}

pub(crate) async fn attach(mut call: Call) -> Result<Response, Failure> {
    let id: AlertId = call.part("id")?;
    let mut upload = Upload::begin(&mut call).await?;
    let actor = call.actor()?;
    let gateway = call.gateway();
    let open = |_: &Fields, named: &Named| {
        Ok(ToStore {
            gateway: gateway.clone(),
            actor: actor.clone(),
            name: named.name.clone(),
            media_type: named.media_type.clone(),
            attaching: None,
        })
    };
    let taken = upload.file(&actor.form_token, open).await?;
    let fields = &upload.fields;
    let language: Language = fields
        .text("language")
        .parse()
        .map_err(|_| Failure::Malformed("the language is missing".to_owned()))?;
    let seen = Seen {
        version: fields.read_as("version").unwrap_or_default(),
        revision: fields.read_as("revision").unwrap_or_default(),
    };
    if let Some(attaching) = taken.and_then(|(_, to_store)| to_store.attaching) {
        let attachment = gateway.end_attachment(actor, attaching).await?;
        let alert = gateway.alert(actor, &id).await?;
        let proposal = alert.alert.proposal.as_ref();
        let mut content = proposal
            .map(|proposal| proposal.content.clone())
            .unwrap_or_default();
        let Some(message) = find(&mut content, &language) else {
            return Err(Failure::Refused(format!(
                "write and save the message in {language} first"
            )));
        };
        message.attachment = Some(attachment);
        gateway.edit_alert(actor, &id, seen, content).await?;
    }
    let path = call.path_to(&format!(
        "/alerts/{id}/message?language={}&saved",
        encode(language.as_str())
    ));
    Ok(see_other(&path))
}

/// A file, octet for octet. Never shown by the browser: it may be anything.
pub(crate) async fn get(call: Call) -> Result<Response, Failure> {
    let hex: String = call.part("sha256")?;
    let sha256 = Sha256::from_hex(&hex).ok_or(Failure::NotFound)?;
    let octets = call.gateway().attachment(call.actor()?, sha256).await?;
    Ok(download(
        &format!("{hex}.bin"),
        "application/octet-stream",
        octets,
    ))
}
