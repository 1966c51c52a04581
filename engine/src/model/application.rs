//! Application ids: who among a client's programs is to have a push (Push Message 6, PPG Service
//! 5.1.2.1.2).
//!
//! ```text
//!  X-Wap-Application-Id: URI [";app-encoding=" HEX]  |  HEX          HEX = 1 to 8 digits
//! ```
//!
//! What is kept is what goes on the air: the number of an id that OMNA has registered, else the
//! number that the PI gives for an id of its own, else the address.

use std::fmt;
use std::str::FromStr;

/// Longest id, octets.
pub const MAX_APPLICATION_BYTES: usize = 256;

/// Registered ids and their numbers (OMNA Push Application ID registry).
const REGISTERED: [(&str, u32); 19] = [
    ("x-wap-application:*", 0x00),
    ("x-wap-application:push.sia", 0x01),
    ("x-wap-application:wml.ua", 0x02),
    ("x-wap-application:wta.ua", 0x03),
    ("x-wap-application:mms.ua", 0x04),
    ("x-wap-application:push.syncml", 0x05),
    ("x-wap-application:loc.ua", 0x06),
    ("x-wap-application:syncml.dm", 0x07),
    ("x-wap-application:drm.ua", 0x08),
    ("x-wap-application:emn.ua", 0x09),
    ("x-wap-application:wv.ua", 0x0A),
    ("x-oma-application:ulp.ua", 0x10),
    ("x-oma-application:dlota.ua", 0x11),
    ("x-oma-application:java-ams", 0x12),
    ("x-oma-application:bcast.ua", 0x13),
    ("x-oma-application:dpe.ua", 0x14),
    ("x-oma-application:cpm.ua", 0x15),
    ("x-3gpp:mbms.service.announcement.ua", 0x9023),
    ("x-3gpp:mbms.download.delivery.ua", 0x9045),
];

/// An application id as it goes on the air.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ApplicationId {
    /// A number; written in hexadecimal.
    Code(u32),
    /// An address that is not registered.
    Uri(String),
}

/// A text that is no application id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplicationIdError {
    /// An encoding that is no number.
    #[error("app-encoding of an application id is not 1 to 8 hexadecimal digits")]
    Encoding,
    /// Neither form.
    #[error("an application id is an absolute URI or 1 to 8 hexadecimal digits")]
    Form,
    /// More octets than [`MAX_APPLICATION_BYTES`].
    #[error("an application id has at most {MAX_APPLICATION_BYTES} octets")]
    TooLong,
}

impl FromStr for ApplicationId {
    type Err = ApplicationIdError;

    fn from_str(text: &str) -> Result<Self, ApplicationIdError> {
        let text = text.trim();
        if text.len() > MAX_APPLICATION_BYTES {
            return Err(ApplicationIdError::TooLong);
        }
        if let Some(code) = hexadecimal(text) {
            return Ok(Self::Code(code));
        }
        let (uri, encoding) = match text.rsplit_once(';') {
            Some((uri, parameter)) => match encoding(parameter) {
                Some(digits) => (uri.trim_end(), Some(digits)),
                None => (text, None),
            },
            None => (text, None),
        };
        if !is_absolute_uri(uri) {
            return Err(ApplicationIdError::Form);
        }
        let mut registered = REGISTERED.iter();
        if let Some((_, code)) = registered.find(|(known, _)| known.eq_ignore_ascii_case(uri)) {
            return Ok(Self::Code(*code));
        }
        match encoding {
            Some(digits) => {
                let code = hexadecimal(digits).ok_or(ApplicationIdError::Encoding)?;
                Ok(Self::Code(code))
            }
            None => Ok(Self::Uri(uri.to_owned())),
        }
    }
}

impl fmt::Display for ApplicationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code:X}"),
            Self::Uri(uri) => f.write_str(uri),
        }
    }
}

fn hexadecimal(text: &str) -> Option<u32> {
    let digits =
        (1..=8).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_hexdigit());
    digits.then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

/// The value of an `app-encoding` parameter.
fn encoding(parameter: &str) -> Option<&str> {
    let (name, value) = parameter.split_once('=')?;
    let is_encoding = name.trim().eq_ignore_ascii_case("app-encoding");
    is_encoding.then(|| value.trim().trim_matches('"'))
}

/// RFC 3986 4.3, as far as it keeps an address apart from other texts.
fn is_absolute_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_octet = |octet: u8| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(scheme_octet)
        && !rest.is_empty()
        && rest.bytes().all(|octet| octet.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_ids_are_numbers_and_others_what_the_initiator_says() {
        for (text, on_air) in [
            ("x-wap-application:wml.ua", "2"),
            ("X-WAP-Application:MMS.ua", "4"),
            ("x-wap-application:*", "0"),
            ("x-3gpp:mbms.download.delivery.ua", "9045"),
            // A number of the PI's for a registered id does not count.
            ("x-wap-application:wml.ua;app-encoding=8001", "2"),
            ("http://a.example/app; app-encoding=8001", "8001"),
            ("x-pushcast:alert.ua", "x-pushcast:alert.ua"),
            ("urn:a;b=c", "urn:a;b=c"),
            ("urn:a;b=c;App-Encoding=\"ff\"", "FF"),
            ("2", "2"),
            ("0004", "4"),
            ("ffffffff", "FFFFFFFF"),
            (" 9023 ", "9023"),
        ] {
            let id: ApplicationId = text.parse().unwrap();
            assert_eq!(id.to_string(), on_air, "{text}");
            assert_eq!(on_air.parse(), Ok(id), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let long = format!("urn:{}", "a".repeat(MAX_APPLICATION_BYTES));
        for (text, error) in [
            ("", ApplicationIdError::Form),
            ("wml.ua", ApplicationIdError::Form),
            ("123456789", ApplicationIdError::Form),
            ("+2", ApplicationIdError::Form),
            ("urn:", ApplicationIdError::Form),
            ("1a:b", ApplicationIdError::Form),
            ("urn:a b", ApplicationIdError::Form),
            ("urn:\u{e9}", ApplicationIdError::Form),
            ("2;app-encoding=3", ApplicationIdError::Form),
            ("urn:a;app-encoding=", ApplicationIdError::Encoding),
            ("urn:a;app-encoding=xyz", ApplicationIdError::Encoding),
            (&long, ApplicationIdError::TooLong),
        ] {
            assert_eq!(text.parse::<ApplicationId>(), Err(error), "{text}");
        }
    }
}
