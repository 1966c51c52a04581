//! Identities of areas and cells (TS 23.003 4, 12, 19; TS 23.041 9.3.5).

use std::fmt;
use std::str::FromStr;

use super::plmn::Plmn;

/// Highest cell identity of LTE, 28 bits.
pub const MAX_ECGI: u32 = (1 << 28) - 1;
/// Highest cell identity of NR, 36 bits.
pub const MAX_NCGI: u64 = (1 << 36) - 1;
/// Highest tracking area code of NR, 24 bits; LTE has 16.
pub const MAX_TAC: u32 = (1 << 24) - 1;

/// An identity that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not six hexadecimal digits.
    #[error("an emergency area identity is six hexadecimal digits")]
    EmergencyArea,
    /// Too few or too many parts between the hyphens.
    #[error("an identity of {expected} parts, parted by hyphens, is needed")]
    Parts {
        /// Parts needed, MCC and MNC counted as two.
        expected: usize,
    },
    /// MCC or MNC are no such numbers.
    #[error("a PLMN is three digits of MCC and two or three of MNC")]
    Plmn,
    /// A number over its field, or none at all.
    #[error("a number from 0 to {max} is needed")]
    Range {
        /// The highest one.
        max: u64,
    },
}

/// The PLMN in front and `N` numbers behind it.
pub(super) fn parts<const N: usize>(text: &str) -> Result<(Plmn, [&str; N]), IdError> {
    let wrong = IdError::Parts { expected: N + 2 };
    let mut parts = text.splitn(N + 2, '-');
    let plmn = Plmn::new(parts.next().ok_or(wrong)?, parts.next().ok_or(wrong)?)?;
    let mut rest = [""; N];
    for part in &mut rest {
        *part = parts.next().ok_or(wrong)?;
    }
    Ok((plmn, rest))
}

/// Digits only: no sign.
fn number(text: &str, max: u64) -> Result<u64, IdError> {
    let is_digits = text.bytes().all(|octet| octet.is_ascii_digit());
    match text.parse() {
        Ok(number) if is_digits && number <= max => Ok(number),
        _ => Err(IdError::Range { max }),
    }
}

fn number16(text: &str) -> Result<u16, IdError> {
    let max = u64::from(u16::MAX);
    u16::try_from(number(text, max)?).map_err(|_| IdError::Range { max })
}

/// A location area: PLMN and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lai {
    /// Network.
    pub plmn: Plmn,
    /// Location area code.
    pub lac: u16,
}

/// A location area code alone, of a network that is known otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lac(pub u16);

/// A cell of GSM: location area and cell identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cgi {
    /// Location area.
    pub lai: Lai,
    /// Cell identity.
    pub ci: u16,
}

/// A service area of UMTS: location area and service area code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sai {
    /// Location area.
    pub lai: Lai,
    /// Service area code.
    pub sac: u16,
}

/// A tracking area of LTE (16 bits of code) or NR (24 bits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tai {
    plmn: Plmn,
    tac: u32,
}

/// A cell of LTE: 28 bits, 20 of them the eNB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ecgi {
    plmn: Plmn,
    cell: u32,
}

/// A cell of NR: 36 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ncgi {
    plmn: Plmn,
    cell: u64,
}

/// A group of cells that the operator named: three octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmergencyAreaId(pub [u8; 3]);

impl Tai {
    /// A code of up to 24 bits.
    pub const fn new(plmn: Plmn, tac: u32) -> Result<Self, IdError> {
        if tac <= MAX_TAC {
            Ok(Self { plmn, tac })
        } else {
            Err(IdError::Range {
                max: MAX_TAC as u64,
            })
        }
    }

    /// Network.
    pub const fn plmn(self) -> Plmn {
        self.plmn
    }

    /// Tracking area code.
    pub const fn tac(self) -> u32 {
        self.tac
    }
}

impl Ecgi {
    /// A cell identity of up to 28 bits.
    pub const fn new(plmn: Plmn, cell: u32) -> Result<Self, IdError> {
        if cell <= MAX_ECGI {
            Ok(Self { plmn, cell })
        } else {
            Err(IdError::Range {
                max: MAX_ECGI as u64,
            })
        }
    }

    /// Network.
    pub const fn plmn(self) -> Plmn {
        self.plmn
    }

    /// Cell identity.
    pub const fn cell(self) -> u32 {
        self.cell
    }
}

impl Ncgi {
    /// A cell identity of up to 36 bits.
    pub const fn new(plmn: Plmn, cell: u64) -> Result<Self, IdError> {
        if cell <= MAX_NCGI {
            Ok(Self { plmn, cell })
        } else {
            Err(IdError::Range { max: MAX_NCGI })
        }
    }

    /// Network.
    pub const fn plmn(self) -> Plmn {
        self.plmn
    }

    /// Cell identity.
    pub const fn cell(self) -> u64 {
        self.cell
    }
}

impl fmt::Display for Lai {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.plmn, self.lac)
    }
}

impl FromStr for Lai {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (plmn, [lac]) = parts(text)?;
        Ok(Self {
            plmn,
            lac: number16(lac)?,
        })
    }
}

impl fmt::Display for Lac {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Lac {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        number16(text).map(Self)
    }
}

impl fmt::Display for Cgi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.lai, self.ci)
    }
}

impl FromStr for Cgi {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (plmn, [lac, ci]) = parts(text)?;
        let lac = number16(lac)?;
        Ok(Self {
            lai: Lai { plmn, lac },
            ci: number16(ci)?,
        })
    }
}

impl fmt::Display for Sai {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.lai, self.sac)
    }
}

impl FromStr for Sai {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let Cgi { lai, ci: sac } = text.parse()?;
        Ok(Self { lai, sac })
    }
}

impl fmt::Display for Tai {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.plmn, self.tac)
    }
}

impl FromStr for Tai {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (plmn, [tac]) = parts(text)?;
        Self::new(plmn, number(tac, MAX_TAC.into())? as u32)
    }
}

impl fmt::Display for Ecgi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.plmn, self.cell)
    }
}

impl FromStr for Ecgi {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (plmn, [cell]) = parts(text)?;
        Self::new(plmn, number(cell, MAX_ECGI.into())? as u32)
    }
}

impl fmt::Display for Ncgi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.plmn, self.cell)
    }
}

impl FromStr for Ncgi {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (plmn, [cell]) = parts(text)?;
        Self::new(plmn, number(cell, MAX_NCGI)?)
    }
}

impl fmt::Display for EmergencyAreaId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third] = self.0;
        write!(formatter, "{first:02X}{second:02X}{third:02X}")
    }
}

impl FromStr for EmergencyAreaId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let is_hex = text.len() == 6 && text.bytes().all(|octet| octet.is_ascii_hexdigit());
        match u32::from_str_radix(text, 16) {
            Ok(number) if is_hex => {
                let [_, first, second, third] = number.to_be_bytes();
                Ok(Self([first, second, third]))
            }
            _ => Err(IdError::EmergencyArea),
        }
    }
}
