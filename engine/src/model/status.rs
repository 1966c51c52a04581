//! PAP status codes (PAP 8.13 and 8.14).

use serde::{Deserialize, Serialize};

macro_rules! status_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $phrase:literal;)*) => {
        /// A four-digit status code: 1xxx success, 2xxx client error, 3xxx server error, 4xxx
        /// service failure that may be retried.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "u16", into = "u16")]
        pub enum StatusCode {
            $($(#[$doc])* $name = $code,)*
        }

        impl StatusCode {
            /// Every code, in numeric order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code's name in the table of PAP 8.13.
            pub const fn phrase(self) -> &'static str {
                match self { $(Self::$name => $phrase,)* }
            }
        }

        impl TryFrom<u16> for StatusCode {
            type Error = UnknownStatus;

            fn try_from(code: u16) -> Result<Self, UnknownStatus> {
                match code { $($code => Ok(Self::$name),)* _ => Err(UnknownStatus(code)) }
            }
        }
    };
}

/// A number that is no status code of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a PAP status code in use")]
pub struct UnknownStatus(pub u16);

status_codes! {
    /// The action is done.
    Ok = 1000, "OK";
    /// The submission is taken, its outcome is open.
    Accepted = 1001, "Accepted for processing";
    /// The syntax was not understood.
    BadRequest = 2000, "Bad request";
    /// Understood and refused.
    Forbidden = 2001, "Forbidden";
    /// An address of unknown form, or one not served here.
    AddressError = 2002, "Address error";
    /// No such push for that address.
    AddressNotFound = 2003, "Address not found";
    /// No such push.
    PushIdNotFound = 2004, "Push ID not found";
    /// The PI's assumptions differ from the device's capabilities.
    CapabilitiesMismatch = 2005, "Capabilities mismatch";
    /// The device cannot take this content.
    RequiredCapabilitiesNotSupported = 2006, "Required capabilities not supported";
    /// The push-id is in use.
    DuplicatePushId = 2007, "Duplicate push ID";
    /// Known, but it cannot be taken back.
    CancellationNotPossible = 2008, "Cancellation not possible";
    /// Something failed here.
    InternalServerError = 3000, "Internal server error";
    /// An optional operation that is absent.
    NotImplemented = 3001, "Not implemented";
    /// No PAP version in common.
    VersionNotSupported = 3002, "Version not supported";
    /// Known, but already complete.
    NotPossible = 3003, "Not possible";
    /// The capabilities entity is not understood.
    CapabilityMatchingNotSupported = 3004, "Capability matching not supported";
    /// One address at a time, please.
    MultipleAddressesNotSupported = 3005, "Multiple addresses not supported";
    /// The content could not be encoded for the bearer.
    TransformationFailure = 3006, "Transformation failure";
    /// The delivery method cannot be honoured.
    DeliveryMethodNotPossible = 3007, "Specified delivery method not possible";
    /// Nothing is known of the client.
    CapabilitiesNotAvailable = 3008, "Capabilities not available";
    /// The network demanded is absent.
    RequiredNetworkNotAvailable = 3009, "Required network not available";
    /// The bearer demanded is absent.
    RequiredBearerNotAvailable = 3010, "Required bearer not available";
    /// Replacement is not offered.
    ReplacementNotSupported = 3011, "Replacement not supported";
    /// The service failed; a retry may help.
    ServiceFailure = 4000, "Service failure";
    /// The server is busy.
    ServiceUnavailable = 4001, "Service unavailable";
}

impl StatusCode {
    /// The number.
    pub const fn code(self) -> u16 {
        self as u16
    }
}

impl From<StatusCode> for u16 {
    fn from(code: StatusCode) -> Self {
        code.code()
    }
}
