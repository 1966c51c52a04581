//! From what a PI submitted to what goes on the air. Pure.
//!
//! ```text
//!  content entity ──┬─ headers ─▶ rules of Push Message 5 and PPG Service 5.1.2.1 ─┬─▶ Outgoing
//!                   └─ body ────▶ SI, SL, CO as text: WBXML; all else as it is ────┘
//! ```
//!
//! The body is left alone where the channel or `Cache-Control: no-transform` wants that, and where
//! it is encoded or a part of something. What cannot be transformed is not sent: [`check`] finds
//! that out before the push is taken in, so that the PI hears 3006 with line and reason;
//! [`transform`] finds the same when the push is planned.
//!
//! Header fields that speak of a connection, carry credentials or are the gateway's own are not
//! passed on, nor are `X-Wap-` fields that Push Message does not define: private fields may not
//! begin so. Everything else is passed on as it came.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::model::application::ApplicationIdError;
use crate::model::{ApplicationId, Body, StatusCode, Submission, Transform};

use super::media_type::{essence, parameter};
use super::wbxml::{Dialect, Document, Form, ReadError};
use super::xml_read::{MAX_XML_BYTES, XmlError};

/// Push-Flag as text: binary digits, of which the last says that the initiator is authenticated
/// (OTA 6.4.1.3). The others, content trusted and last message, are nothing that the gateway knows.
const INITIATOR_AUTHENTICATED: &str = "1";
const APPLICATION_ID: &str = "X-Wap-Application-Id";

/// A push message as it goes on the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// In their order, Content-Type first.
    pub headers: Vec<(String, String)>,
    /// The body where it is another than the one stored.
    pub body: Option<Vec<u8>>,
}

/// A content entity, wherever its octets are.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Media type with parameters.
    pub content_type: &'a str,
    /// The other header fields.
    pub headers: &'a [(String, String)],
    /// The body; `None` if it is longer than what is held in memory.
    pub octets: Option<&'a [u8]>,
    /// Its length, octets.
    pub bytes: u64,
}

/// Content that cannot go on the air.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransformError {
    /// The application id is none.
    #[error("{APPLICATION_ID}: {0}")]
    ApplicationId(#[from] ApplicationIdError),
    /// An SI, SL or CO that is none.
    #[error("{media_type} cannot be encoded: {error}")]
    Document {
        /// What it claims to be.
        media_type: &'static str,
        /// What is wrong with it, and where.
        #[source]
        error: ReadError,
    },
    /// More than one application id.
    #[error("{APPLICATION_ID} is there more than once")]
    Repeated,
}

impl From<&TransformError> for StatusCode {
    /// PAP 8.13.
    fn from(error: &TransformError) -> Self {
        match error {
            TransformError::ApplicationId(_) | TransformError::Repeated => Self::BadRequest,
            TransformError::Document { .. } => Self::TransformationFailure,
        }
    }
}

/// A document in its binary form, and its media type.
struct Binary {
    content_type: String,
    octets: Vec<u8>,
}

impl<'a> Source<'a> {
    /// The content of a submission.
    pub fn of(submission: &'a Submission) -> Self {
        let content = &submission.content;
        let octets = match &content.body {
            Body::Inline(octets) => Some(octets.as_slice()),
            Body::File { .. } => None,
        };
        Self {
            content_type: &content.content_type,
            headers: &content.headers,
            octets,
            bytes: content.body.len(),
        }
    }

    fn values(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        let headers = self.headers.iter();
        let named = headers.filter(move |(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The list items of every field of that name.
    fn items(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        let items = self.values(name).flat_map(|value| value.split(','));
        items.map(str::trim).filter(|item| !item.is_empty())
    }

    /// The application id that the PI gives.
    pub fn application_id(&self) -> Result<Option<ApplicationId>, TransformError> {
        let mut values = self.values(APPLICATION_ID);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(text), None) => Ok(Some(text.parse()?)),
            (Some(_), Some(_)) => Err(TransformError::Repeated),
        }
    }

    /// The dialect of a document that has to become binary.
    fn dialect_to_encode(&self, transform: Transform) -> Option<Dialect> {
        let (dialect, form) = Dialect::of_media_type(essence(self.content_type))?;
        let is_free = transform == Transform::Binary
            && form == Form::Text
            && !self
                .items("Cache-Control")
                .any(|item| item.eq_ignore_ascii_case("no-transform"))
            && self
                .items("Content-Encoding")
                .all(|item| item.eq_ignore_ascii_case("identity"))
            && self.values("Content-Range").next().is_none();
        is_free.then_some(dialect)
    }

    fn document(
        &self,
        dialect: Dialect,
        charset: Option<&str>,
    ) -> Result<Document, TransformError> {
        let document = match self.octets {
            Some(octets) => Document::read_xml(dialect, octets, charset),
            None => Err(XmlError::TooLong.into()),
        };
        document.map_err(|error| TransformError::Document {
            media_type: dialect.media_type(Form::Text),
            error,
        })
    }

    fn encoded(&self, transform: Transform) -> Result<Option<Binary>, TransformError> {
        let Some(dialect) = self.dialect_to_encode(transform) else {
            return Ok(None);
        };
        let charset = parameter(self.content_type, "charset");
        let document = self.document(dialect, charset.as_deref())?;
        let media_type = dialect.media_type(Form::Binary);
        // The document says its own character set; where the PI wants it said it is said again.
        let content_type = match charset {
            Some(_) => format!("{media_type}; charset=utf-8"),
            None => media_type.to_owned(),
        };
        Ok(Some(Binary {
            content_type,
            octets: document.encode(),
        }))
    }

    /// Media type and octets of the binary form, where a channel that wishes this sends one.
    pub fn binary(
        &self,
        transform: Transform,
    ) -> Result<Option<(String, Vec<u8>)>, TransformError> {
        let binary = self.encoded(transform)?;
        Ok(binary.map(|binary| (binary.content_type, binary.octets)))
    }

    /// Media type without parameters and length of the body on a channel that wishes this.
    pub fn on_air(&self, transform: Transform) -> Result<(String, u64), TransformError> {
        let (content_type, bytes) = match self.encoded(transform)? {
            Some(binary) => (binary.content_type, binary.octets.len() as u64),
            None => (self.content_type.to_owned(), self.bytes),
        };
        Ok((essence(&content_type).to_ascii_lowercase(), bytes))
    }
}

/// Whether [`transform`] will be possible on a channel that wishes this.
pub fn check(source: &Source<'_>, transform: Transform) -> Result<(), TransformError> {
    source.application_id()?;
    if let Some(dialect) = source.dialect_to_encode(transform) {
        // A document that was read can be encoded.
        let charset = parameter(source.content_type, "charset");
        source.document(dialect, charset.as_deref())?;
    }
    Ok(())
}

/// The push message of a submission for channels that wish this; `default_application` is the alias
/// group's.
pub fn transform(
    submission: &Submission,
    default_application: Option<&str>,
    transform: Transform,
) -> Result<Outgoing, TransformError> {
    let source = Source::of(submission);
    let application = match source.application_id()? {
        Some(application) => Some(application),
        None => default_application.map(str::parse).transpose()?,
    };
    let binary = source.encoded(transform)?;
    let content_type = binary.as_ref().map(|binary| binary.content_type.as_str());
    let content_type = content_type.unwrap_or(source.content_type).to_owned();
    let mut headers = vec![("Content-Type".to_owned(), content_type)];
    let connection: Vec<&str> = source.items("Connection").collect();
    for (name, value) in source.headers {
        let named = |known: &&str| known.eq_ignore_ascii_case(name);
        let value = match Treatment::of(name) {
            _ if connection.iter().any(named) => continue,
            Treatment::Drop => continue,
            Treatment::Digest => match &binary {
                Some(binary) => {
                    BASE64_STANDARD.encode(pushcast_flute::content::md5(&binary.octets))
                }
                None => value.clone(),
            },
            Treatment::Length => match &binary {
                Some(binary) => binary.octets.len().to_string(),
                None => source.bytes.to_string(),
            },
            Treatment::Pass => value.clone(),
        };
        headers.push((name.clone(), value));
    }
    let mut add = |name: &str, value: String| {
        let mut present = headers.iter();
        if !present.any(|(key, _)| key.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), value));
        }
    };
    if let Some(application) = application {
        add(APPLICATION_ID, application.to_string());
    }
    add("Date", http_date(submission.received_ms));
    add("Expires", http_date(submission.deliver_before_ms));
    if submission.authentication.is_positive() {
        add("Push-Flag", INITIATOR_AUTHENTICATED.to_owned());
    }
    add("X-Pushcast-Push-Id", submission.push_id.to_string());
    add(
        "X-Pushcast-Revision",
        submission.lineage.revision.to_string(),
    );
    Ok(Outgoing {
        headers,
        body: binary.map(|binary| binary.octets),
    })
}

/// What becomes of a header field of the PI's.
enum Treatment {
    /// Content-MD5: that of the body on the air.
    Digest,
    /// It goes no further.
    Drop,
    /// Content-Length: that of the body on the air.
    Length,
    /// It is passed on.
    Pass,
}

impl Treatment {
    fn of(name: &str) -> Self {
        let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let begins = |prefix: &str| {
            let start = name.get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        // RFC 9110 7.6.1.
        let of_connection = is_one_of(&[
            "Connection",
            "Keep-Alive",
            "Proxy-Connection",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
        ]);
        let of_credentials = is_one_of(&[
            "Authorization",
            "Cookie",
            "Proxy-Authenticate",
            "Proxy-Authorization",
            "Set-Cookie",
        ]);
        // Set anew, from what the gateway knows. Push-Flag says what the gateway vouches for.
        let of_gateway = begins("X-Pushcast-")
            || is_one_of(&[
                "Content-Transfer-Encoding",
                "Content-Type",
                "Push-Flag",
                APPLICATION_ID,
            ]);
        let undefined =
            begins("X-Wap-") && !is_one_of(&["X-Wap-Content-URI", "X-Wap-Initiator-URI"]);
        if of_connection || of_credentials || of_gateway || undefined {
            Self::Drop
        } else if is_one_of(&["Content-Length"]) {
            Self::Length
        } else if is_one_of(&["Content-MD5"]) {
            Self::Digest
        } else {
            Self::Pass
        }
    }
}

/// RFC 1123 form, for example `Sun, 22 Nov 2026 09:30:00 GMT`.
fn http_date(unix_ms: u64) -> String {
    let seconds = i64::try_from(unix_ms / 1000).unwrap_or(i64::MAX);
    let timestamp = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    timestamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

// What is held in memory of content is never too short to be read here.
const _: () = assert!(crate::store::MAX_INLINE_BYTES >= MAX_XML_BYTES);

#[cfg(test)]
mod tests;
