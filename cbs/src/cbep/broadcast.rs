//! What is to be broadcast, and what names it afterwards.

use std::num::NonZeroU16;

use super::{Capabilities, CbepError};
use crate::area::{self, Area};
use crate::cap::{Name, Notice, Status, Timestamp};
use crate::capacity::RepetitionPeriod;
use crate::dcs::Dcs;
use crate::etws::{SECURITY_OCTETS, WarningType};
use crate::message_id::MessageId;
use crate::page::Contents;
use crate::serial::SerialNumber;

/// What to broadcast, where and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Broadcast {
    /// Areas; at least one.
    pub areas: Vec<Area>,
    /// How often.
    pub broadcasts: Broadcasts,
    /// Precedence over other messages.
    pub category: Category,
    /// Message identifier.
    pub message_id: MessageId,
    /// What the alert is, for centres that want to know. Others ignore it.
    pub notice: Option<Notice>,
    /// What is broadcast.
    pub payload: Payload,
    /// Time between two starts.
    pub period: RepetitionPeriod,
    /// Serial number.
    pub serial: SerialNumber,
    /// How long an ETWS primary notification stays, seconds; `None` is until it is killed.
    pub warning_period_s: Option<u16>,
}

/// Pages, or the warning that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// ETWS primary notification.
    EtwsPrimary {
        /// Warning security information; `None` where the network does not sign.
        security: Option<[u8; SECURITY_OCTETS]>,
        /// Warning type.
        warning_type: WarningType,
    },
    /// Pages.
    Pages {
        /// The pages.
        contents: Contents,
        /// Their data coding scheme.
        dcs: Dcs,
    },
}

/// Number of broadcasts requested (TS 23.041 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Broadcasts {
    /// So many.
    Count(NonZeroU16),
    /// Until it is killed.
    UntilKilled,
}

/// Category (TS 23.041 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Category {
    /// When there is room.
    Background,
    /// As soon as can be.
    HighPriority,
    /// Within its period.
    #[default]
    Normal,
}

/// The identity of a request to centres that number them, and when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Unique among the requests of this sender. A repetition of a request keeps it.
    pub identifier: Name,
    /// When.
    pub sent: Timestamp,
}

/// What names a message that was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Message identifier.
    pub message_id: MessageId,
    /// Serial number.
    pub serial: SerialNumber,
    /// Stamps of all requests about it so far: submission, then updates.
    pub stamps: Vec<Stamp>,
    /// Whether it is actual, an exercise or a test.
    pub status: Status,
}

impl Broadcast {
    /// What names this message once it was submitted under `stamp`.
    pub fn reference(&self, stamp: Stamp) -> Reference {
        Reference {
            message_id: self.message_id,
            serial: self.serial,
            stamps: vec![stamp],
            status: self
                .notice
                .as_ref()
                .map_or(Status::Actual, |notice| notice.status),
        }
    }

    /// What names this message once it took the place of `earlier` under `stamp`.
    pub fn reference_after(&self, earlier: Reference, stamp: Stamp) -> Reference {
        let mut stamps = earlier.stamps;
        stamps.push(stamp.clone());
        Reference {
            stamps,
            ..self.reference(stamp)
        }
    }

    /// Checks what every adapter checks.
    pub(super) fn fits(&self, capabilities: &Capabilities) -> Result<(), CbepError> {
        if !self.message_id.is_settable() {
            return Err(CbepError::MessageId {
                message_id: self.message_id,
            });
        }
        area::carried(capabilities.name, capabilities.areas, &self.areas)?;
        let adapter = capabilities.name;
        match &self.payload {
            Payload::EtwsPrimary { .. } if !capabilities.etws_primary => {
                Err(CbepError::EtwsPrimary { adapter })
            }
            Payload::EtwsPrimary { .. } if !self.message_id.is_etws() => {
                Err(CbepError::MessageId {
                    message_id: self.message_id,
                })
            }
            Payload::EtwsPrimary { .. } => Ok(()),
            Payload::Pages { dcs, .. } => {
                let charset = dcs.coding().charset;
                if capabilities.charsets.contains(&charset) {
                    Ok(())
                } else {
                    Err(CbepError::Charset { adapter, charset })
                }
            }
        }
    }
}
