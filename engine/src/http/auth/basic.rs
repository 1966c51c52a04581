//! The Authorization header in its Basic form (RFC 7617 2).

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Longest header value, octets: a name and a password of several hundred each.
const MAX_HEADER_BYTES: usize = 2048;

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Name and password as sent. Cannot be printed.
pub(super) struct Credentials {
    text: String,
    colon: usize,
}

/// A header that holds no Basic credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no Basic credentials")]
pub(super) struct NotBasic;

impl Credentials {
    pub(super) fn name(&self) -> &str {
        &self.text[..self.colon]
    }

    pub(super) fn password(&self) -> &str {
        &self.text[self.colon + 1..]
    }
}

impl TryFrom<&HeaderValue> for Credentials {
    type Error = NotBasic;

    fn try_from(value: &HeaderValue) -> Result<Self, NotBasic> {
        if value.len() > MAX_HEADER_BYTES {
            return Err(NotBasic);
        }
        let value = value.to_str().map_err(|_| NotBasic)?;
        let (scheme, token) = value.split_once(' ').ok_or(NotBasic)?;
        if !scheme.eq_ignore_ascii_case("Basic") {
            return Err(NotBasic);
        }
        let octets = BASE64
            .decode(token.trim_matches(' '))
            .map_err(|_| NotBasic)?;
        let text = String::from_utf8(octets).map_err(|_| NotBasic)?;
        let colon = text.find(':').ok_or(NotBasic)?;
        if text.contains(char::is_control) {
            return Err(NotBasic);
        }
        Ok(Self { text, colon })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(String, String)> {
        let value = HeaderValue::from_str(value).unwrap();
        let credentials = Credentials::try_from(&value).ok()?;
        Some((
            credentials.name().to_owned(),
            credentials.password().to_owned(),
        ))
    }

    #[test]
    fn name_and_password_are_read() {
        let pair = |name: &str, password: &str| Some((name.to_owned(), password.to_owned()));
        // RFC 7617 2 and 2.1.
        let aladdin = pair("Aladdin", "open sesame");
        assert_eq!(read("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), aladdin);
        assert_eq!(read("bASIC   QWxhZGRpbjpvcGVuIHNlc2FtZQ "), aladdin);
        assert_eq!(read("Basic dGVzdDoxMjPCow=="), pair("test", "123£"));
        assert_eq!(read("Basic YTpiOmM="), pair("a", "b:c"));
        assert_eq!(read("Basic Og=="), pair("", ""));
    }

    #[test]
    fn everything_else_is_refused() {
        let long = format!("Basic {}", "QUFB".repeat(600));
        for value in [
            "",
            "Basic",
            "Basic ",
            "Basic !!!!",
            "Basic QWxhZGRpbg==",
            "Basic YTpiCg==",
            "Basic YTr/",
            "Digest username=\"a\"",
            "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            &long,
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}
