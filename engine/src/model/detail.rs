//! One push with everything that is known of it.

use serde::{Deserialize, Serialize};

use super::channel::Bearer;
use super::delivery::MessageState;
use super::ids::{AlertId, ChannelName, DeliveryId, SubmissionId, TransmissionId};
use super::listing::Entry;
use super::transmission::TransmissionState;

/// A delivery on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransmissionDetail {
    /// Its key.
    pub id: TransmissionId,
    /// Where.
    pub channel: ChannelName,
    /// On which bearer.
    pub bearer: Bearer,
    /// The outcome of the delivery waits for it.
    pub required: bool,
    /// How far it came.
    pub state: TransmissionState,
    /// Passes or repetitions that have left completely.
    pub passes_done: u32,
    /// Passes planned; `None` where only time ends it.
    pub passes_planned: Option<u32>,
    /// Octets of one pass, before repair symbols.
    pub object_bytes: u64,
    /// Name of the object on the air: the TOI, or the serial number.
    pub wire_id: String,
    /// When it was handed to the lane.
    pub planned_ms: u64,
    /// When its first packet left.
    pub first_packet_ms: Option<u64>,
    /// When its first complete pass had left.
    pub transmitted_ms: Option<u64>,
    /// When it was over.
    pub ended_ms: Option<u64>,
    /// It goes on until then at the latest.
    pub until_ms: u64,
    /// What went wrong, or nothing.
    pub desc: String,
}

/// One address of a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDetail {
    /// Its key.
    pub id: DeliveryId,
    /// The address as written.
    pub address: String,
    /// Group, area or multicast address by name.
    pub target: String,
    /// PAP's word for what became of it.
    pub state: MessageState,
    /// PAP's code.
    pub code: u16,
    /// One sentence.
    pub desc: String,
    /// When it came to that.
    pub event_ms: u64,
    /// Its channels.
    pub transmissions: Vec<TransmissionDetail>,
    /// How the result notification gets on, where the initiator asked for one.
    pub notification: Option<NotificationDetail>,
}

/// A result notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationDetail {
    /// `waiting`, `done` or `failed`.
    pub state: String,
    /// Attempts so far.
    pub attempts: u32,
    /// What the last one came to.
    pub last_error: Option<String>,
}

/// A push with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionDetail {
    /// Its row in the list.
    pub entry: Entry,
    /// Our key.
    pub id: SubmissionId,
    /// The initiator's key.
    pub push_id: String,
    /// Media type of the content.
    pub content_type: String,
    /// Length of the content, octets.
    pub body_bytes: u64,
    /// Who stands behind it, as the initiator says.
    pub source_reference: Option<String>,
    /// How the initiator was known.
    pub authentication: String,
    /// The push whose place it takes.
    pub replaces: Option<SubmissionId>,
    /// Pushes that took its place.
    pub replaced_by: Vec<SubmissionId>,
    /// When it was over.
    pub closed_ms: Option<u64>,
    /// Its addresses in their order, the first [`MAX_DELIVERIES_SHOWN`].
    pub deliveries: Vec<DeliveryDetail>,
}

/// Deliveries that a page shows; all are in the reports.
pub const MAX_DELIVERIES_SHOWN: usize = 200;

/// What of a push changes while it is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionProgress {
    /// Which.
    pub id: SubmissionId,
    /// The alert that it is part of.
    pub alert: Option<AlertId>,
    /// Of each transmission that is shown: passes done, state, and what went wrong.
    pub transmissions: Vec<TransmissionProgress>,
    /// Of each delivery that is shown: its state and description.
    pub deliveries: Vec<DeliveryProgress>,
    /// When it was over.
    pub closed_ms: Option<u64>,
}

/// What of a transmission changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransmissionProgress {
    /// Which.
    pub id: TransmissionId,
    /// How far it came.
    pub state: TransmissionState,
    /// Passes that have left.
    pub passes_done: u32,
    /// When its first packet left.
    pub first_packet_ms: Option<u64>,
    /// What went wrong, or nothing.
    pub desc: String,
}

/// What of a delivery changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryProgress {
    /// Which.
    pub id: DeliveryId,
    /// PAP's word.
    pub state: MessageState,
    /// One sentence.
    pub desc: String,
    /// When it came to that.
    pub event_ms: u64,
}

/// A push as it lies in the store, to look at or to take away octet for octet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawParts {
    /// The control entity as PAP 2.0 writes it: what the initiator asked for, not its octets.
    pub control: String,
    /// Headers of the content in their order.
    pub headers: Vec<(String, String)>,
    /// Media type of the content.
    pub content_type: String,
    /// The first octets of the content, as text where they are text.
    pub preview: Option<String>,
    /// Length of the content, octets.
    pub body_bytes: u64,
    /// SHA-256 of the whole content, hexadecimal, where it lies in a file.
    pub body_sha256: Option<String>,
}

/// Whether what is shown has a number on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// It is on the air, octet for octet.
    OnAir,
    /// It would be sent so; numbers are given when it is planned, and are 0 here.
    Planned,
    /// It was handed to the channel so.
    Sent,
}

/// A Cell Broadcast message as the centre is asked to send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawMessage {
    /// On which channel.
    pub channel: ChannelName,
    /// Whether its numbers are its own.
    pub stage: Stage,
    /// Message identifier.
    pub message_id: u16,
    /// Serial number.
    pub serial: u16,
    /// Data coding scheme.
    pub dcs: u8,
    /// Pages of 88 octets with their header (TS 23.041 9.4.1), and how many octets of each
    /// content are used. None for a warning that has no text.
    pub pages: Vec<(Vec<u8>, u8)>,
}

/// An FDT Instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawInstance {
    /// On which channel.
    pub channel: ChannelName,
    /// Whether it is the one on the air.
    pub stage: Stage,
    /// FDT Instance ID of the one on the air.
    pub id: Option<u32>,
    /// TOI of the push in it; 0 before it has one.
    pub toi: u32,
    /// The document.
    pub document: Vec<u8>,
}

/// What of a push goes on the air besides its symbols.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RawAir {
    /// On Cell Broadcast channels.
    pub messages: Vec<RawMessage>,
    /// On FLUTE channels.
    pub instances: Vec<RawInstance>,
    /// Why something is not shown, a sentence each.
    pub notes: Vec<String>,
}

/// A push that an alert would become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawForm {
    /// Its push-id.
    pub push_id: String,
    /// The control entity that stands for it.
    pub control: String,
    /// What would go on the air.
    pub air: RawAir,
}
