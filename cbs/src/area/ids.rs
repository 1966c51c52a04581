//! Identities of networks, areas and cells (TS 23.003 4, 12, 19; TS 23.041 9.3.5).

use std::fmt;
use std::str::FromStr;

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

/// A network: three digits of MCC, two or three of MNC. `001-01` and `001-001` differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plmn {
    mcc: u16,
    mnc: u16,
    mnc_digits: u8,
}

impl Plmn {
    /// The digits as text; both parts keep leading zeros.
    pub fn new(mcc: &str, mnc: &str) -> Result<Self, IdError> {
        let is_digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
        let right =
            mcc.len() == 3 && matches!(mnc.len(), 2 | 3) && is_digits(mcc) && is_digits(mnc);
        match (mcc.parse(), mnc.parse()) {
            (Ok(mcc), Ok(number)) if right => Ok(Self {
                mcc,
                mnc: number,
                mnc_digits: mnc.len() as u8,
            }),
            _ => Err(IdError::Plmn),
        }
    }

    /// The three octets of half-octet digits (TS 24.008 10.5.1.3); a missing digit is 0xF.
    pub const fn octets(self) -> [u8; 3] {
        let mcc = [self.mcc / 100, self.mcc / 10 % 10, self.mcc % 10];
        let (mnc, third) = match self.mnc_digits {
            2 => ([self.mnc / 10, self.mnc % 10], 0xF),
            _ => ([self.mnc / 100, self.mnc / 10 % 10], self.mnc % 10),
        };
        [
            (mcc[1] << 4 | mcc[0]) as u8,
            (third << 4 | mcc[2]) as u8,
            (mnc[1] << 4 | mnc[0]) as u8,
        ]
    }

    /// Reads the three octets of half-octet digits.
    pub fn of_octets(octets: [u8; 3]) -> Result<Self, IdError> {
        let [first, second, third] = octets;
        let digits = [
            first & 0xF,
            first >> 4,
            second & 0xF,
            third & 0xF,
            third >> 4,
            second >> 4,
        ];
        let count = if digits[5] == 0xF { 5 } else { 6 };
        let text: String = digits[..count]
            .iter()
            .map(|digit| char::from(b'0' + digit))
            .collect();
        // Digits over 9 are characters behind '9', which `new` refuses.
        Self::new(&text[..3], &text[3..])
    }
}

impl fmt::Display for Plmn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = usize::from(self.mnc_digits);
        write!(formatter, "{:03}-{:0width$}", self.mcc, self.mnc)
    }
}

impl FromStr for Plmn {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (plmn, []) = parts(text)?;
        Ok(plmn)
    }
}

/// The PLMN in front and `N` numbers behind it.
fn parts<const N: usize>(text: &str) -> Result<(Plmn, [&str; N]), IdError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_a_plmn() {
        let plmn = |text: &str| text.parse::<Plmn>();
        for (text, octets) in [
            ("001-01", [0x00, 0xF1, 0x10]),
            ("310-410", [0x13, 0x00, 0x14]),
            ("262-001", [0x62, 0x12, 0x00]),
        ] {
            let plmn = plmn(text).unwrap();
            assert_eq!(plmn.octets(), octets);
            assert_eq!(Plmn::of_octets(octets), Ok(plmn));
            assert_eq!(plmn.to_string(), text);
        }
        assert_ne!(plmn("001-01"), plmn("001-001"));
        for wrong in ["", "001", "01-01", "001-1", "001-0001", "0a1-01", "٠٠١-01"] {
            assert!(plmn(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Plmn::of_octets([0xAA, 0xFF, 0x10]), Err(IdError::Plmn));
    }
}
