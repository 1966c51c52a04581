//! What of a push goes on the air besides its symbols: Cell Broadcast pages and FDT Instances.
//!
//! What is on the air is asked of the lane, what was sent is made of the rows by the code that made
//! it then, and what will be sent by the code that will send it.

use pushcast_cbs::cbep::Payload;
use pushcast_cbs::dcs::Dcs;
use pushcast_cbs::message::Message;
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::page::Contents;
use pushcast_cbs::serial::SerialNumber;

use super::details::control;
use super::{Actor, ConsoleError};
use crate::cbc;
use crate::content::Source;
use crate::gateway::Gateway;
use crate::model::alert::{Approved, Standing};
use crate::model::detail::{RawAir, RawForm, RawInstance, RawMessage, Stage};
use crate::model::{
    Action, AlertId, Bearer, CbsChannel, CbsMessage, Channel, ChannelName, FluteChannel, Initiator,
    Submission, SubmissionId, Transmission,
};
use crate::ota::flute;
use crate::routing::Route;
use crate::store::Part;

/// FDT Instances and messages of one push that are shown.
const MAX_SHOWN: usize = 20;

impl Gateway {
    /// What of a push is on the air, was, or would be if it was planned now. Needs `See`.
    pub async fn raw_air(&self, actor: &Actor, id: &SubmissionId) -> Result<RawAir, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        self.seen_entry(actor, id).await?;
        let sent = self.inner.store.transmissions_of_submission(id).await?;
        let rows = self.inner.store.cbs_messages_of(id).await?;
        if sent.is_empty() && rows.is_empty() {
            let missing = ConsoleError::NotFound { what: "push" };
            let submission = self.inner.store.submission(id).await?.ok_or(missing)?;
            return Ok(self.planned(actor, &submission));
        }
        let mut air = RawAir::default();
        for row in rows.iter().take(MAX_SHOWN) {
            match sent_message(row) {
                Some(message) => air.messages.push(message),
                None => air.notes.push(format!(
                    "The request to the centre of channel {} cannot be read any more.",
                    row.channel
                )),
            }
        }
        for one in distinct(&sent).take(MAX_SHOWN) {
            air.instances.extend(self.instance(one).await);
        }
        Ok(air)
    }

    /// The FDT Instance of an object: the one on the air if there is one.
    async fn instance(&self, sent: &Transmission) -> Option<RawInstance> {
        let described = match sent.state.is_over() {
            true => None,
            false => {
                let fleet = self.inner.core.fleet();
                fleet.describe(&sent.channel, sent.toi).await
            }
        };
        Some(match described {
            Some((id, document)) => RawInstance {
                channel: sent.channel.clone(),
                stage: Stage::OnAir,
                id: Some(id.value()),
                toi: sent.toi,
                document,
            },
            None => RawInstance {
                channel: sent.channel.clone(),
                stage: Stage::Sent,
                id: None,
                toi: sent.toi,
                document: flute::instance(&sent.object, sent.toi, sent.plan.until_ms)
                    .ok()?
                    .into_bytes(),
            },
        })
    }

    /// The pushes that the version of an alert being prepared, else the approved one, becomes, and
    /// what of them would go on the air. Needs `See`.
    pub async fn raw_forms(
        &self,
        actor: &Actor,
        id: &AlertId,
    ) -> Result<Vec<RawForm>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let alert = self.own_alert(actor, id).await?;
        let now_ms = self.inner.clock.unix_ms();
        let proposed = alert.proposal.as_ref().map(|proposal| Approved {
            version: proposal.version,
            revision: proposal.revision,
            content: proposal.content.clone(),
            submitted_by: proposal.author.clone(),
            approvals: Vec::new(),
            at_ms: now_ms,
            standing: Standing::Scheduled,
            ended_ms: None,
            stopped: None,
        });
        let Some(version) = proposed.or(alert.approved.clone()) else {
            return Ok(Vec::new());
        };
        let mut forms = Vec::new();
        for message in &version.content.messages {
            let file = message.attachment.as_ref().map(|_| Part::File);
            for part in [Some(Part::Text), file].into_iter().flatten() {
                let mut submission = self.push(&alert, &version, message, part)?;
                submission.addresses = self.addresses(&version)?;
                let mut air = self.planned(actor, &submission);
                let wanted = &version.content.bearers;
                let is_wanted = |channel: &ChannelName| {
                    let found = self.directory().channel(channel).map(Channel::bearer);
                    wanted.is_empty() || found.is_some_and(|bearer| wanted.contains(&bearer))
                };
                air.instances
                    .retain(|instance| is_wanted(&instance.channel));
                air.messages
                    .retain(|message| part == Part::Text && is_wanted(&message.channel));
                forms.push(RawForm {
                    push_id: submission.push_id.to_string(),
                    control: control(&submission),
                    air,
                });
            }
        }
        Ok(forms)
    }

    /// What would go on the air if the submission was planned now, on the workspace's channels.
    fn planned(&self, actor: &Actor, submission: &Submission) -> RawAir {
        let mut air = RawAir::default();
        let mut seen: Vec<ChannelName> = Vec::new();
        for address in &submission.addresses {
            let wishes = submission.quality_of_service.as_ref();
            let directory = self.directory();
            let Ok(route) = directory.route(address, &Initiator::console(), wishes) else {
                continue;
            };
            for channel in directory.named(&route.channels) {
                let name = channel.name();
                if seen.contains(name) || !actor.workspace.owns(name) || seen.len() >= MAX_SHOWN {
                    continue;
                }
                seen.push(name.clone());
                match channel {
                    Channel::Cbs(channel) => {
                        planned_messages(channel, &route, submission, &mut air)
                    }
                    Channel::Flute(channel) => {
                        self.planned_instance(channel, &route, submission, &mut air);
                    }
                }
            }
        }
        air
    }

    fn planned_instance(
        &self,
        channel: &FluteChannel,
        route: &Route,
        submission: &Submission,
        air: &mut RawAir,
    ) {
        if !flute::is_short(submission) {
            air.notes.push(format!(
                "The object for channel {} is made when it is planned: the content is long.",
                channel.name
            ));
            return;
        }
        let application_id = route.application_id.as_deref();
        let files = &self.inner.files;
        let location = flute::content_location(&self.inner.identity.name, submission);
        let made = flute::encode(files, submission, application_id, channel.transform)
            .and_then(|encoded| encoded.for_channel(channel, location));
        let object = match made {
            Ok(object) => object,
            Err(error) => {
                let name = &channel.name;
                air.notes
                    .push(format!("Channel {name} cannot carry it: {error}."));
                return;
            }
        };
        if let Ok(document) = flute::instance(&object, 0, submission.deliver_before_ms) {
            air.instances.push(RawInstance {
                channel: channel.name.clone(),
                stage: Stage::Planned,
                id: None,
                toi: 0,
                document: document.into_bytes(),
            });
        }
    }
}

/// Objects, each once however many deliveries share it, those of Cell Broadcast left out.
fn distinct(sent: &[Transmission]) -> impl Iterator<Item = &Transmission> {
    let is_first = |place: usize, one: &Transmission| {
        let mut before = sent[..place].iter();
        !before.any(|other| other.channel == one.channel && other.toi == one.toi)
    };
    sent.iter()
        .enumerate()
        .filter(move |(place, one)| one.bearer != Bearer::Cbs && is_first(*place, one))
        .map(|(_, one)| one)
}

/// A message as its centre was asked for it.
fn sent_message(row: &CbsMessage) -> Option<RawMessage> {
    let broadcast = cbc::broadcast(row).ok()?;
    let (serial, message_id) = (broadcast.serial, broadcast.message_id);
    let (dcs, pages) = match broadcast.payload {
        Payload::EtwsPrimary { .. } => (0, Vec::new()),
        Payload::Pages { contents, dcs } => {
            let message = Message {
                serial,
                message_id,
                dcs,
                contents,
            };
            (dcs.0, pages(&message))
        }
    };
    Some(RawMessage {
        channel: row.channel.clone(),
        stage: match row.state.is_over() {
            true => Stage::Sent,
            false => Stage::OnAir,
        },
        message_id: message_id.0,
        serial: serial.0,
        dcs,
        pages,
    })
}

/// The pages with their headers, and how much of each is used.
fn pages(message: &Message) -> Vec<(Vec<u8>, u8)> {
    let used = message.contents.pages().iter().map(|page| page.used());
    let octets = message.pages().map(|page| page.encode().to_vec());
    octets.zip(used).collect()
}

fn planned_messages(
    channel: &CbsChannel,
    route: &Route,
    submission: &Submission,
    air: &mut RawAir,
) {
    let source = Source::of(submission);
    let parts = match cbc::parts(channel, &source, route.application_id.as_deref()) {
        Ok(parts) => parts,
        Err(error) => {
            let name = &channel.name;
            air.notes
                .push(format!("Channel {name} cannot carry it: {error}."));
            return;
        }
    };
    for part in parts {
        let (dcs, pages) = match part.pages {
            None => (0, Vec::new()),
            Some(cbc::Pages { contents, dcs }) => (dcs.0, unnumbered(contents, dcs)),
        };
        air.messages.push(RawMessage {
            channel: channel.name.clone(),
            stage: Stage::Planned,
            message_id: 0,
            serial: 0,
            dcs,
            pages,
        });
    }
}

/// Pages before they have identifier and serial number.
fn unnumbered(contents: Contents, dcs: Dcs) -> Vec<(Vec<u8>, u8)> {
    pages(&Message {
        serial: SerialNumber(0),
        message_id: MessageId(0),
        dcs,
        contents,
    })
}
