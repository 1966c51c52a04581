//! Networks: mobile country code and mobile network code (TS 23.003 2.2).

use std::fmt;
use std::str::FromStr;

use super::ids::{IdError, parts};

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
