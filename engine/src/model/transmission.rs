//! One delivery on one channel: what goes on the air and how far it came.
//!
//! ```text
//!  on air ──first complete pass──▶ transmitted ──last pass, stop or expiry──▶ ended
//!     ├──withdrawn before the first packet──▶ withdrawn
//!     └──the lane gave it up──▶ failed
//! ```
//! A row exists only from the moment the transmission may be sent, so a crash can never have put
//! a packet on the air that the store does not know of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::channel::Bearer;
use super::ids::{ChannelName, DeliveryId, TransmissionId};
use super::submission::{Priority, Sha256};

/// How far a transmission came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransmissionState {
    /// All planned passes are over.
    Ended,
    /// Given up.
    Failed,
    /// It may be sent from here on; the first pass is not complete.
    OnAir,
    /// The first complete pass has left the lane; later passes may follow.
    Transmitted,
    /// Taken back before its first packet.
    Withdrawn,
}

impl TransmissionState {
    /// Every state.
    pub const ALL: &[Self] = &[
        Self::Ended,
        Self::Failed,
        Self::OnAir,
        Self::Transmitted,
        Self::Withdrawn,
    ];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Failed => "failed",
            Self::OnAir => "onair",
            Self::Transmitted => "transmitted",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.as_str() == text)
    }

    /// The lane has nothing left to do for it.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Failed | Self::Withdrawn)
    }
}

/// The transport object as stored: same push, same bytes, whoever sends it after a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Identity and file name of the octets as they go on the air.
    pub sha256: Sha256,
    /// Transfer-Length, octets.
    pub transfer_bytes: u64,
    /// Content-Length, octets before content encoding.
    pub content_bytes: u64,
    /// Content-Encoding is gzip.
    pub gzip: bool,
    /// Content-MD5 over the octets before content encoding.
    pub content_md5: [u8; 16],
    /// FEC Encoding ID.
    pub fec_encoding_id: u8,
    /// Body of EXT_FTI: the object transmission information, 14 octets.
    pub oti: Vec<u8>,
    /// Content-Location in the FDT.
    pub content_location: String,
    /// Content-Type in the FDT.
    pub content_type: String,
    /// The octets themselves where they are few; others lie in the file of that name.
    pub octets: Option<Arc<[u8]>>,
}

/// How often it is repeated, as fixed when planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarouselPlan {
    /// Passes; `None` while only `until_ms` ends it.
    pub passes: Option<u32>,
    /// Pause between passes, ms.
    pub delay_ms: u64,
    /// Time between starts of passes, ms.
    pub interval_ms: Option<u64>,
    /// No packet of content after this.
    pub until_ms: u64,
    /// Repair symbols of a pass in percent of the source symbols.
    pub repair_percent: u16,
}

/// One delivery on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmission {
    /// Our key.
    pub id: TransmissionId,
    /// Whose part it is.
    pub delivery_id: DeliveryId,
    /// On which channel.
    pub channel: ChannelName,
    /// Bearer of the channel.
    pub bearer: Bearer,
    /// Its failure fails the delivery.
    pub required: bool,
    /// Queueing order.
    pub priority: Priority,
    /// FLUTE: transport object identifier, never 0. Cell Broadcast: identifier and serial number of
    /// its first message, 16 bits each.
    pub toi: u32,
    /// Lease epoch under which the TOI was given out.
    pub epoch: i64,
    /// What is sent.
    pub object: StoredObject,
    /// How often.
    pub plan: CarouselPlan,
    /// How far it came.
    pub state: TransmissionState,
    /// Complete passes.
    pub passes_done: u32,
    /// When it was planned and might be sent.
    pub planned_ms: u64,
    /// First packet.
    pub first_packet_ms: Option<u64>,
    /// End of the first complete pass.
    pub transmitted_ms: Option<u64>,
    /// End of everything.
    pub ended_ms: Option<u64>,
    /// One sentence for people.
    pub desc: String,
}
