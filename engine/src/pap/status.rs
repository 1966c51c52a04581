//! Status codes on the wire: any four digits that a peer may send, where each code of ours may
//! stand, and which code answers which error (PAP 8.13 and 8.14).

use std::fmt;
use std::str::FromStr;

use crate::model::StatusCode;

use super::error::PapError;
use super::version::Edition;

/// A status code as it stands in a document: 1000 to 5999, known to us or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u16);

/// A number that no status code has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a status code has four digits, the first of them 1 to 5")]
pub struct NotACode;

impl Code {
    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// First digit: 1 success, 2 client error, 3 server error, 4 service failure, 5 the mobile
    /// client aborted.
    pub const fn class(self) -> u16 {
        self.0 / 1000
    }

    /// Done or taken.
    pub const fn is_success(self) -> bool {
        self.class() == 1
    }

    /// What it means: a code that is not known counts as the x000 of its class. Class 5 has no
    /// code here, since no client of ours can abort.
    pub fn status(self) -> Option<StatusCode> {
        StatusCode::try_from(self.0)
            .or_else(|_| StatusCode::try_from(self.class() * 1000))
            .ok()
    }

    /// Of the range that implementations may use for themselves.
    const fn is_private(self) -> bool {
        self.0 % 1000 >= 500 && self.class() < 5
    }
}

impl From<StatusCode> for Code {
    fn from(status: StatusCode) -> Self {
        Self(status.code())
    }
}

impl From<&PapError> for Code {
    fn from(error: &PapError) -> Self {
        StatusCode::from(error).into()
    }
}

impl TryFrom<u16> for Code {
    type Error = NotACode;

    fn try_from(number: u16) -> Result<Self, NotACode> {
        match number {
            1000..=5999 => Ok(Self(number)),
            _ => Err(NotACode),
        }
    }
}

impl FromStr for Code {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, NotACode> {
        if text.len() != 4 || !text.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(NotACode);
        }
        text.parse::<u16>().map_err(|_| NotACode)?.try_into()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An element with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// badmessage-response.
    BadMessage,
    /// cancel-result.
    CancelResult,
    /// ccq-response.
    CcqResponse,
    /// response-result of a push-response.
    ResponseResult,
    /// resultnotification-message.
    ResultNotification,
    /// resultnotification-response.
    ResultNotificationResponse,
    /// statusquery-result.
    StatusQueryResult,
}

use Place::{
    BadMessage as BM, CancelResult as CR, CcqResponse as CQ, ResponseResult as RR,
    ResultNotification as RNM, ResultNotificationResponse as RNR, StatusQueryResult as SR,
};

/// Where each code may stand, in the order of the table of PAP 8.14.
const PLACES: &[(StatusCode, &[Place])] = &[
    (StatusCode::Ok, &[CR, RNM, RNR, SR, CQ]),
    (StatusCode::Accepted, &[RR]),
    (StatusCode::BadRequest, &[RR, CR, RNR, SR, CQ, BM]),
    (StatusCode::Forbidden, &[RR, CR, RNM, SR, CQ]),
    (StatusCode::AddressError, &[RR, CR, RNM, SR, CQ]),
    (StatusCode::AddressNotFound, &[CR, SR]),
    (StatusCode::PushIdNotFound, &[RR, CR, SR]),
    (StatusCode::CapabilitiesMismatch, &[RR, RNM]),
    (StatusCode::RequiredCapabilitiesNotSupported, &[RR, RNM]),
    (StatusCode::DuplicatePushId, &[RR]),
    (StatusCode::CancellationNotPossible, &[RR, CR, RNM]),
    (StatusCode::InternalServerError, &[RR, CR, SR, CQ]),
    (StatusCode::NotImplemented, &[CR, SR, CQ]),
    (StatusCode::VersionNotSupported, &[BM]),
    (StatusCode::NotPossible, &[CR, SR]),
    (StatusCode::CapabilityMatchingNotSupported, &[RR]),
    (StatusCode::MultipleAddressesNotSupported, &[RR, CR, SR]),
    (StatusCode::TransformationFailure, &[RR, RNM, SR]),
    (StatusCode::DeliveryMethodNotPossible, &[RR, RNM, SR]),
    (StatusCode::CapabilitiesNotAvailable, &[CQ]),
    (StatusCode::RequiredNetworkNotAvailable, &[RR, RNM, SR]),
    (StatusCode::RequiredBearerNotAvailable, &[RR, RNM, SR]),
    (StatusCode::ReplacementNotSupported, &[RR]),
    (StatusCode::ServiceFailure, &[RNM, SR]),
    (StatusCode::ServiceUnavailable, &[RNM, SR]),
];

impl Place {
    /// Every place.
    pub const ALL: &[Self] = &[BM, CR, CQ, RR, RNM, RNR, SR];

    /// The code may stand there in that version. Private codes may stand everywhere.
    pub fn admits(self, code: Code, edition: Edition) -> bool {
        match StatusCode::try_from(code.number()) {
            Ok(StatusCode::CancellationNotPossible | StatusCode::ReplacementNotSupported)
                if edition == Edition::V1_0 =>
            {
                false
            }
            Ok(status) => PLACES
                .iter()
                .any(|(listed, places)| *listed == status && places.contains(&self)),
            Err(_) if code.class() == 5 => matches!(self, RNM | SR),
            Err(_) => code.is_private(),
        }
    }

    /// The code itself where it may stand there, else the one that says nearly the same.
    pub fn nearest(self, code: Code, edition: Edition) -> Code {
        if self.admits(code, edition) {
            return code;
        }
        let status = match (self, code.class()) {
            (BM, _) => StatusCode::BadRequest,
            (RR, 1) => StatusCode::Accepted,
            (CR | CQ | RNM | RNR | SR, 1) => StatusCode::Ok,
            (RNM, 2) => StatusCode::Forbidden,
            (CR | SR, 2) if code == StatusCode::CancellationNotPossible.into() => {
                StatusCode::NotPossible
            }
            (RNR, _) | (RR | CR | CQ | SR, 2) => StatusCode::BadRequest,
            (RNM | SR, _) => StatusCode::ServiceFailure,
            (RR | CR | CQ, _) => StatusCode::InternalServerError,
        };
        status.into()
    }
}

impl From<&PapError> for StatusCode {
    fn from(error: &PapError) -> Self {
        match error {
            // PAP 6.1: a gateway that does not take so many asks for one by one.
            PapError::Addresses { .. } => Self::MultipleAddressesNotSupported,
            // PAP 9: this code is for versions alone.
            PapError::Version { .. } => Self::VersionNotSupported,
            // PAP 8.12: not recognisable as a PAP message.
            PapError::Attributes
            | PapError::Character { .. }
            | PapError::Declaration
            | PapError::Depth
            | PapError::Doctype
            | PapError::Encoding { .. }
            | PapError::Entity
            | PapError::NotExpected { .. }
            | PapError::Root { .. }
            | PapError::Syntax { .. }
            | PapError::TooLong { .. }
            | PapError::Utf8 { .. }
            | PapError::Utf16 => Self::BadRequest,
            // PAP 11.2: not valid against the DTD, so it must be rejected (PPG 5.1.1).
            PapError::Enumeration { .. }
            | PapError::MissingAttribute { .. }
            | PapError::MissingChild { .. }
            | PapError::Text { .. }
            | PapError::UnexpectedChild { .. }
            | PapError::UnknownAttribute { .. } => Self::BadRequest,
            // PAP 8: an attribute value without the form that its type demands.
            PapError::Code { .. } | PapError::PushId { .. } | PapError::Timestamp { .. } => {
                Self::BadRequest
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_codes() -> impl Iterator<Item = Code> {
        (1000..6000).map(Code)
    }

    #[test]
    fn every_code_has_its_places() {
        let listed: Vec<_> = PLACES.iter().map(|(status, _)| *status).collect();
        assert_eq!(listed, StatusCode::ALL);
    }

    #[test]
    fn nothing_stands_where_it_may_not() {
        for place in Place::ALL {
            for edition in [Edition::V1_0, Edition::V2_0] {
                for code in all_codes() {
                    let nearest = place.nearest(code, edition);
                    assert!(place.admits(nearest, edition), "{place:?} {code} {nearest}");
                }
            }
        }
    }

    #[test]
    fn nearest_codes_say_nearly_the_same() {
        let nearest = |place: Place, code: u16| place.nearest(Code(code), Edition::V2_0).number();
        assert_eq!(nearest(RR, 1001), 1001);
        assert_eq!(nearest(RR, 1000), 1001);
        assert_eq!(nearest(RNM, 1001), 1000);
        assert_eq!(nearest(RNM, 5234), 5234);
        assert_eq!(nearest(RNM, 2000), 2001);
        assert_eq!(nearest(CR, 5234), 3000);
        assert_eq!(nearest(BM, 3005), 2000);
        assert_eq!(nearest(SR, 2999), 2999);
        assert_eq!(nearest(SR, 2100), 2000);
        assert_eq!(nearest(CR, 2008), 2008);
        assert_eq!(nearest(SR, 2008), 3003);
        assert_eq!(CR.nearest(Code(2008), Edition::V1_0).number(), 3003);
        assert_eq!(RR.nearest(Code(3011), Edition::V1_0).number(), 3000);
    }

    #[test]
    fn codes_of_others_are_understood_by_class() {
        let status = |text: &str| text.parse::<Code>().unwrap().status();
        assert_eq!(status("2007"), Some(StatusCode::DuplicatePushId));
        assert_eq!(status("2777"), Some(StatusCode::BadRequest));
        assert_eq!(status("1500"), Some(StatusCode::Ok));
        assert_eq!(status("5234"), None);
        for text in [
            "", "1", "999", "6000", "0100", "10000", "+100", "10a0", " 1000",
        ] {
            assert_eq!(text.parse::<Code>(), Err(NotACode), "{text}");
        }
    }
}
