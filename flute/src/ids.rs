//! Identifiers of a FLUTE session, each its own type so that they cannot be mixed up.

use std::fmt;

/// A number is too large for the field that is to carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {value} does not fit in {bits} bits")]
pub struct TooLarge {
    /// The field's name.
    pub field: &'static str,
    /// What was given.
    pub value: u128,
    /// Width of the field, bits.
    pub bits: u32,
}

fn within(field: &'static str, value: u128, bits: u32) -> Result<u128, TooLarge> {
    if value >> bits == 0 {
        Ok(value)
    } else {
        Err(TooLarge { field, value, bits })
    }
}

/// Transport Session Identifier: 0 to 48 bits on the wire, scoped by the sender's address
/// (RFC 5651 5.1). MBMS uses 16 bits (TS 26.346 7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tsi(u64);

impl Tsi {
    /// Widest TSI that LCT can carry, bits.
    pub const BITS: u32 = 48;

    /// A TSI, or an error beyond 48 bits.
    pub fn new(value: u64) -> Result<Self, TooLarge> {
        within("TSI", u128::from(value), Self::BITS)?;
        Ok(Self(value))
    }

    /// The number itself.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl From<u16> for Tsi {
    fn from(value: u16) -> Self {
        Self(u64::from(value))
    }
}

impl fmt::Display for Tsi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Transport Object Identifier: up to 112 bits, scoped by the session (RFC 5651 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Toi(u128);

impl Toi {
    /// Widest TOI that LCT can carry, bits.
    pub const BITS: u32 = 112;
    /// TOI 0 carries FDT Instances and nothing else (RFC 6726 3.3).
    pub const FDT: Self = Self(0);

    /// A TOI, or an error beyond 112 bits.
    pub fn new(value: u128) -> Result<Self, TooLarge> {
        within("TOI", value, Self::BITS).map(Self)
    }

    /// The number itself.
    pub const fn value(self) -> u128 {
        self.0
    }
}

impl From<u32> for Toi {
    fn from(value: u32) -> Self {
        Self(u128::from(value))
    }
}

impl fmt::Display for Toi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// FDT Instance ID: 20 bits, unique within a session while unexpired (RFC 6726 3.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FdtInstanceId(u32);

impl FdtInstanceId {
    /// How many IDs there are before the number wraps to 0.
    pub const COUNT: u32 = 1 << 20;

    /// An ID, or an error beyond 20 bits.
    pub fn new(value: u32) -> Result<Self, TooLarge> {
        within("FDT Instance ID", u128::from(value), 20)?;
        Ok(Self(value))
    }

    /// The ID carried in the low 20 bits of a wire word.
    pub const fn from_low_bits(word: u32) -> Self {
        Self(word & (Self::COUNT - 1))
    }

    /// The ID after this one, wrapping to 0.
    pub const fn next(self) -> Self {
        Self::from_low_bits(self.0 + 1)
    }

    /// The number itself.
    pub const fn value(self) -> u32 {
        self.0
    }
}

impl fmt::Display for FdtInstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Source Block Number, counted from 0 within an object (RFC 5052 9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sbn(pub u32);

/// Encoding Symbol ID, counted from 0 within a source block; repair symbols follow the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Esi(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_enforced() {
        assert_eq!(Tsi::new((1 << 48) - 1).map(Tsi::value), Ok((1 << 48) - 1));
        assert!(Tsi::new(1 << 48).is_err());
        assert!(Toi::new(1 << 112).is_err());
        assert!(FdtInstanceId::new(1 << 20).is_err());
    }

    #[test]
    fn instance_id_wraps_to_zero() {
        let last = FdtInstanceId::new(FdtInstanceId::COUNT - 1).unwrap();
        assert_eq!(last.next().value(), 0);
    }
}
