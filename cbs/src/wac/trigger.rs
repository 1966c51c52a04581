//! The geo-fencing trigger: which alerts share one area (ATIS-0700041 5.1; message identifier
//! 4400).
//!
//! ```text
//!  +------+---------+-------+--------+--------+-----
//!  | type | length  | 00000 |   id   | serial | ...     length in octets, these two included
//!  +------+---------+-------+--------+--------+-----
//!     4        7        5      16       16
//! ```

use crate::message_id::MessageId;
use crate::page::{PageContent, PageError};
use crate::serial::SerialNumber;
use crate::wire::{Reader, Truncated};

/// Alerts of one trigger: a page has room for no more.
pub const MAX_TRIGGER_ALERTS: usize = 20;

const SHARED_AREA: u16 = 2;
const HEADER_OCTETS: usize = 2;
const ALERT_OCTETS: usize = 4;

/// Alerts that share their area, 1 to [`MAX_TRIGGER_ALERTS`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GeoFencingTrigger {
    /// The alerts.
    pub alerts: Vec<(MessageId, SerialNumber)>,
}

/// Octets that are no trigger, or a trigger that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// No alerts, or too many.
    #[error("a geo-fencing trigger lists 1 to 20 alerts, not {alerts}")]
    Alerts {
        /// Alerts given.
        alerts: usize,
    },
    /// A length that is no whole number of alerts.
    #[error("a geo-fencing trigger has no length of {octets} octets")]
    Length {
        /// Octets said.
        octets: usize,
    },
    /// Not a page.
    #[error(transparent)]
    Page(#[from] PageError),
    /// Fewer octets than it says.
    #[error(transparent)]
    Truncated(#[from] Truncated),
    /// Another type.
    #[error("geo-fencing trigger type {trigger_type} is not known")]
    Type {
        /// Type said.
        trigger_type: u8,
    },
}

impl GeoFencingTrigger {
    /// The page.
    pub fn encode(&self) -> Result<PageContent, TriggerError> {
        let alerts = self.alerts.len();
        if !(1..=MAX_TRIGGER_ALERTS).contains(&alerts) {
            return Err(TriggerError::Alerts { alerts });
        }
        let octets = HEADER_OCTETS + alerts * ALERT_OCTETS;
        let mut page = Vec::with_capacity(octets);
        page.extend_from_slice(&(SHARED_AREA << 12 | (octets as u16) << 5).to_be_bytes());
        for (message_id, serial) in &self.alerts {
            page.extend_from_slice(&message_id.0.to_be_bytes());
            page.extend_from_slice(&serial.0.to_be_bytes());
        }
        Ok(PageContent::zero_filled(&page)?)
    }

    /// Reads a page; what follows the trigger is fill.
    pub fn decode(page: &[u8]) -> Result<Self, TriggerError> {
        let mut reader = Reader::new(page);
        let header = reader.u16()?;
        if header >> 12 != SHARED_AREA {
            return Err(TriggerError::Type {
                trigger_type: (header >> 12) as u8,
            });
        }
        let octets = usize::from(header >> 5 & 0x7F);
        let body = octets
            .checked_sub(HEADER_OCTETS)
            .filter(|body| body % ALERT_OCTETS == 0)
            .ok_or(TriggerError::Length { octets })?;
        let alerts = body / ALERT_OCTETS;
        if !(1..=MAX_TRIGGER_ALERTS).contains(&alerts) {
            return Err(TriggerError::Alerts { alerts });
        }
        let alert = |_| Ok((MessageId(reader.u16()?), SerialNumber(reader.u16()?)));
        Ok(Self {
            alerts: (0..alerts).map(alert).collect::<Result<_, Truncated>>()?,
        })
    }
}
