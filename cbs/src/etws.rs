//! The primary notification of the Earthquake and Tsunami Warning System: no text, as short as can
//! be (TS 23.041 9.4.1.3).
//!
//! ```text
//!  0        2        4        6                                       56
//! +--------+--------+--------+-----------------------------------------+
//! | serial | message| warning|  warning security information           |
//! | number |   id   |  type  |                                         |
//! +--------+--------+--------+-----------------------------------------+
//!     16       16       16                      400
//! ```
//!
//! The secondary notification is an ordinary message under an ETWS identifier.

use crate::message_id::MessageId;
use crate::serial::SerialNumber;
use crate::wire::{Reader, Truncated};

/// Octets of a primary notification.
pub const PRIMARY_OCTETS: usize = 56;
/// Octets of the warning security information (TS 23.041 9.3).
pub const SECURITY_OCTETS: usize = 50;

const ALERT: u16 = 0x0100;
const POPUP: u16 = 0x0080;

/// What the warning is about: 7 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disaster {
    /// 0
    Earthquake,
    /// 1
    Tsunami,
    /// 2
    EarthquakeAndTsunami,
    /// 3
    Test,
    /// 4
    Other,
    /// 5 to 127
    Reserved(u8),
}

/// Warning type (TS 23.041 9.3): 7 bits of disaster, alert, popup, 7 bits of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WarningType {
    /// What it is about.
    pub disaster: Disaster,
    /// Sound the emergency alert.
    pub emergency_user_alert: bool,
    /// Show a popup.
    pub popup: bool,
}

/// A primary notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PrimaryNotification {
    /// Serial number.
    pub serial: SerialNumber,
    /// Message identifier, 4352 to 4359.
    pub message_id: MessageId,
    /// Warning type.
    pub warning_type: WarningType,
    /// Time stamp (7 octets) and signature (43); zeros where the network does not sign.
    pub security: [u8; SECURITY_OCTETS],
}

/// Octets that are no primary notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrimaryError {
    /// The message identifier is not one of ETWS.
    #[error("message identifier {message_id} is not one of ETWS")]
    MessageId {
        /// Message identifier.
        message_id: MessageId,
    },
    /// More octets than it has.
    #[error("a primary notification has 56 octets, and {octets} more follow")]
    Trailing {
        /// How many more.
        octets: usize,
    },
    /// Fewer octets than it has.
    #[error(transparent)]
    Truncated(#[from] Truncated),
}

impl Disaster {
    /// The value, 0 to 127. Reserved values over 127 lose their upper bit.
    pub const fn value(self) -> u8 {
        match self {
            Self::Earthquake => 0,
            Self::Tsunami => 1,
            Self::EarthquakeAndTsunami => 2,
            Self::Test => 3,
            Self::Other => 4,
            Self::Reserved(value) => value & 0x7F,
        }
    }

    /// The disaster of a value, of which the lower 7 bits count.
    pub const fn of_value(value: u8) -> Self {
        match value & 0x7F {
            0 => Self::Earthquake,
            1 => Self::Tsunami,
            2 => Self::EarthquakeAndTsunami,
            3 => Self::Test,
            4 => Self::Other,
            value => Self::Reserved(value),
        }
    }
}

impl WarningType {
    /// The 16 bits.
    pub const fn bits(self) -> u16 {
        let alert = if self.emergency_user_alert { ALERT } else { 0 };
        let popup = if self.popup { POPUP } else { 0 };
        (self.disaster.value() as u16) << 9 | alert | popup
    }

    /// Reads the 16 bits; the last seven have no meaning.
    pub const fn of_bits(bits: u16) -> Self {
        Self {
            disaster: Disaster::of_value((bits >> 9) as u8),
            emergency_user_alert: bits & ALERT != 0,
            popup: bits & POPUP != 0,
        }
    }
}

impl PrimaryNotification {
    /// The 56 octets.
    pub fn encode(&self) -> [u8; PRIMARY_OCTETS] {
        let mut octets = [0; PRIMARY_OCTETS];
        octets[..2].copy_from_slice(&self.serial.0.to_be_bytes());
        octets[2..4].copy_from_slice(&self.message_id.0.to_be_bytes());
        octets[4..6].copy_from_slice(&self.warning_type.bits().to_be_bytes());
        octets[6..].copy_from_slice(&self.security);
        octets
    }

    /// Reads exactly 56 octets.
    pub fn decode(octets: &[u8]) -> Result<Self, PrimaryError> {
        let mut reader = Reader::new(octets);
        let notification = Self {
            serial: SerialNumber(reader.u16()?),
            message_id: MessageId(reader.u16()?),
            warning_type: WarningType::of_bits(reader.u16()?),
            security: reader.array()?,
        };
        if !notification.message_id.is_etws() {
            return Err(PrimaryError::MessageId {
                message_id: notification.message_id,
            });
        }
        match reader.rest().len() {
            0 => Ok(notification),
            octets => Err(PrimaryError::Trailing { octets }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_with_alert_and_popup_is_0780() {
        let warning_type = WarningType {
            disaster: Disaster::Test,
            emergency_user_alert: true,
            popup: true,
        };
        assert_eq!(warning_type.bits(), 0x0780);
        for bits in 0..=u16::MAX {
            assert_eq!(WarningType::of_bits(bits).bits(), bits & 0xFF80);
        }
    }

    #[test]
    fn a_notification_comes_back() {
        let notification = PrimaryNotification {
            serial: SerialNumber(0x7000),
            message_id: MessageId::ETWS_TEST,
            warning_type: WarningType::of_bits(0x0780),
            security: [9; SECURITY_OCTETS],
        };
        let octets = notification.encode();
        assert_eq!(octets[..6], [0x70, 0, 0x11, 0x03, 0x07, 0x80]);
        assert_eq!(PrimaryNotification::decode(&octets), Ok(notification));
        assert!(PrimaryNotification::decode(&octets[..55]).is_err());
        let longer = [&octets[..], &[0]].concat();
        assert_eq!(
            PrimaryNotification::decode(&longer),
            Err(PrimaryError::Trailing { octets: 1 })
        );
        let mut other = octets;
        other[2] = 0;
        assert!(matches!(
            PrimaryNotification::decode(&other),
            Err(PrimaryError::MessageId { .. })
        ));
    }
}
