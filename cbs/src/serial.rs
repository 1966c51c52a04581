//! Serial numbers (TS 23.041 9.4.1.2.1).
//!
//! ```text
//!  15  14  13                                      4   3           0
//! +-------+------------------------------------------+--------------+
//! |  GS   |               message code               | update number|
//! +-------+------------------------------------------+--------------+
//!           13: alert   12: popup (ETWS only, leaving 8 bits of code)
//! ```
//!
//! A message is known by its message identifier and serial number. A changed text keeps
//! geographical scope and message code and takes the next update number, modulo 16.

use std::fmt;

/// Highest message code.
pub const MAX_MESSAGE_CODE: u16 = 0x3FF;
/// Highest message code of an ETWS message, whose two upper bits are flags.
pub const MAX_ETWS_MESSAGE_CODE: u16 = 0xFF;
/// How many update numbers there are.
pub const UPDATE_NUMBERS: u8 = 16;

const ALERT: u16 = 0x2000;
const POPUP: u16 = 0x1000;
/// Both flag bits of an ETWS serial number.
pub(crate) const ETWS_FLAGS: u16 = ALERT | POPUP;

/// Within what area a message counts as the same, and whether it is shown at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GeographicalScope {
    /// 00: the cell, shown at once.
    CellImmediate,
    /// 01: the PLMN.
    Plmn,
    /// 10: location area (GSM), service area (UMTS) or tracking area (LTE, NR).
    LocationArea,
    /// 11: the cell.
    Cell,
}

/// A message code, 0 to [`MAX_MESSAGE_CODE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageCode(u16);

/// An update number, 0 to 15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UpdateNumber(u8);

/// A serial number, any 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber(pub u16);

/// How one version of a message stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// The update number is 1 to 8 ahead.
    Newer,
    /// The update number is 9 to 15 ahead.
    Older,
    /// The same serial number: a repeat.
    Same,
    /// Another message: scope or code differ.
    Unrelated,
}

/// The flags of an ETWS serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EtwsFlags {
    /// Sound the emergency alert.
    pub emergency_user_alert: bool,
    /// Show a popup.
    pub popup: bool,
}

/// A number that does not fit its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// A message code too high.
    #[error("message code {code} is over {max}")]
    MessageCode {
        /// The code.
        code: u32,
        /// The highest one.
        max: u16,
    },
    /// An update number over 15.
    #[error("update number {number} is over 15")]
    UpdateNumber {
        /// The number.
        number: u32,
    },
}

impl GeographicalScope {
    /// The two bits.
    pub const fn bits(self) -> u16 {
        self as u16
    }
}

impl MessageCode {
    /// A code of up to ten bits.
    pub const fn new(code: u16) -> Result<Self, SerialError> {
        if code <= MAX_MESSAGE_CODE {
            Ok(Self(code))
        } else {
            Err(SerialError::MessageCode {
                code: code as u32,
                max: MAX_MESSAGE_CODE,
            })
        }
    }

    /// The number.
    pub const fn value(self) -> u16 {
        self.0
    }
}

impl UpdateNumber {
    /// A number of up to four bits.
    pub const fn new(number: u8) -> Result<Self, SerialError> {
        if number < UPDATE_NUMBERS {
            Ok(Self(number))
        } else {
            Err(SerialError::UpdateNumber {
                number: number as u32,
            })
        }
    }

    /// The number.
    pub const fn value(self) -> u8 {
        self.0
    }

    /// The number of the next version; 0 follows 15.
    #[must_use]
    pub const fn next(self) -> Self {
        Self((self.0 + 1) % UPDATE_NUMBERS)
    }
}

impl SerialNumber {
    /// Puts the parts together.
    pub const fn new(scope: GeographicalScope, code: MessageCode, update: UpdateNumber) -> Self {
        Self(scope.bits() << 14 | code.0 << 4 | update.0 as u16)
    }

    /// Geographical scope.
    pub const fn scope(self) -> GeographicalScope {
        match self.0 >> 14 {
            0 => GeographicalScope::CellImmediate,
            1 => GeographicalScope::Plmn,
            2 => GeographicalScope::LocationArea,
            _ => GeographicalScope::Cell,
        }
    }

    /// Message code, with the flags of an ETWS message in its upper bits.
    pub const fn code(self) -> MessageCode {
        MessageCode(self.0 >> 4 & MAX_MESSAGE_CODE)
    }

    /// Update number.
    pub const fn update(self) -> UpdateNumber {
        UpdateNumber(self.0 as u8 & 0x0F)
    }

    /// The serial number of the next version of this message.
    #[must_use]
    pub const fn next_version(self) -> Self {
        Self::new(self.scope(), self.code(), self.update().next())
    }

    /// How this version stands to `other` of the same message identifier.
    pub const fn age(self, other: Self) -> Age {
        if self.0 >> 4 != other.0 >> 4 {
            return Age::Unrelated;
        }
        match (self.0.wrapping_sub(other.0)) & 0x0F {
            0 => Age::Same,
            1..=8 => Age::Newer,
            _ => Age::Older,
        }
    }

    /// The flags that it carries if the message is an ETWS one.
    pub const fn etws_flags(self) -> EtwsFlags {
        EtwsFlags {
            emergency_user_alert: self.0 & ALERT != 0,
            popup: self.0 & POPUP != 0,
        }
    }

    /// The same serial number with other flags. Fails if its code does not leave room for them.
    pub const fn with_etws_flags(self, flags: EtwsFlags) -> Result<Self, SerialError> {
        let code = self.code().0;
        if code > MAX_ETWS_MESSAGE_CODE {
            return Err(SerialError::MessageCode {
                code: code as u32,
                max: MAX_ETWS_MESSAGE_CODE,
            });
        }
        let alert = if flags.emergency_user_alert { ALERT } else { 0 };
        let popup = if flags.popup { POPUP } else { 0 };
        Ok(Self(self.0 | alert | popup))
    }
}

/// Four hexadecimal digits.
impl fmt::Display for SerialNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_every_serial_number_give_it_back() {
        for value in 0..=u16::MAX {
            let serial = SerialNumber(value);
            let again = SerialNumber::new(serial.scope(), serial.code(), serial.update());
            assert_eq!(again, serial);
        }
        assert_eq!(SerialNumber(0x7010).scope(), GeographicalScope::Plmn);
        assert_eq!(SerialNumber(0x7010).code().value(), 0x301);
    }

    #[test]
    fn the_update_number_wraps_and_stays_newer() {
        let last = SerialNumber(0x402F);
        assert_eq!(last.next_version(), SerialNumber(0x4020));
        assert_eq!(last.next_version().age(last), Age::Newer);
        assert_eq!(last.age(last.next_version()), Age::Older);
    }

    #[test]
    fn eight_ahead_is_newer_and_nine_is_older() {
        let age = |of: u16, than: u16| SerialNumber(of).age(SerialNumber(than));
        assert_eq!(age(0x4018, 0x4010), Age::Newer);
        assert_eq!(age(0x4019, 0x4010), Age::Older);
        assert_eq!(age(0x4010, 0x4010), Age::Same);
        assert_eq!(age(0x4020, 0x4010), Age::Unrelated);
        assert_eq!(age(0x8010, 0x4010), Age::Unrelated);
    }

    #[test]
    fn flags_need_a_code_of_eight_bits() {
        let flags = EtwsFlags {
            emergency_user_alert: true,
            popup: true,
        };
        let serial = SerialNumber(0x4010).with_etws_flags(flags).unwrap();
        assert_eq!(serial, SerialNumber(0x7010));
        assert_eq!(serial.etws_flags(), flags);
        assert!(serial.with_etws_flags(flags).is_err());
        assert!(MessageCode::new(1024).is_err());
        assert!(UpdateNumber::new(16).is_err());
    }
}
