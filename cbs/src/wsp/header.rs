//! Headers of a push (WSP 8.4.2, OTA 6.4).

use super::WspError;
use super::codes::{self, ENCODINGS, FIELD_NAMES, LANGUAGES, field};
use super::value::{HIGH, Value, put_counted, put_integer, put_long_integer, put_text, text};
use crate::wire::Reader;

/// Number that stands for every application.
const ANY: u64 = 0;
const MAX_AGE: u8 = 0x02;
const MD5_OCTETS: usize = 16;
/// First printable character: what a field name in text starts with.
const FIRST_TEXT: u8 = 0x20;

/// Which application of the device a push is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ApplicationId {
    /// A number of the OMNA list; 2 is the browser.
    Number(u32),
    /// A URI.
    Uri(String),
}

/// How a push may be cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CacheDirective {
    /// Keep it for so many seconds.
    MaxAge(u32),
    /// Ask again when it is old.
    MustRevalidate,
    /// Do not use it without asking.
    NoCache,
    /// Do not keep it.
    NoStore,
    /// Do not change it.
    NoTransform,
    /// For one user.
    Private,
    /// For everybody.
    Public,
}

/// A header of a push. Dates are seconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Header {
    /// Accept-Application; `None` is any.
    AcceptApplication(Option<ApplicationId>),
    /// Age, seconds.
    Age(u32),
    /// X-Wap-Application-Id.
    ApplicationId(ApplicationId),
    /// Bearer-Indication, a number of WDP appendix C.
    BearerIndication(u32),
    /// Cache-Control, one directive.
    CacheControl(CacheDirective),
    /// Content-Encoding, such as `gzip`.
    ContentEncoding(String),
    /// Content-Language.
    ContentLanguage(String),
    /// Content-Length, octets.
    ContentLength(u32),
    /// Content-Location.
    ContentLocation(String),
    /// Content-MD5.
    ContentMd5([u8; MD5_OCTETS]),
    /// X-Wap-Content-URI.
    ContentUri(String),
    /// Date.
    Date(u64),
    /// Encoding-Version: major and minor.
    EncodingVersion {
        /// Major, 1 to 7.
        major: u8,
        /// Minor, 0 to 14.
        minor: u8,
    },
    /// Etag.
    Etag(String),
    /// Expires.
    Expires(u64),
    /// X-Wap-Initiator-URI.
    InitiatorUri(String),
    /// Last-Modified.
    LastModified(u64),
    /// A header with a code that is not known, or whose value has another form: all of it but the
    /// code.
    Other {
        /// Code, below 128.
        code: u8,
        /// The octets of the value.
        value: Vec<u8>,
    },
    /// Push-Flag: 1 initiator authenticated, 2 content trusted, 4 last message.
    PushFlag(u8),
    /// A header whose name is sent as text.
    Text {
        /// Name.
        name: String,
        /// Value.
        value: String,
    },
}

impl Header {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, WspError> {
        match reader.peek() {
            Some(first @ HIGH..) => {
                reader.u8()?;
                let before = *reader;
                let value = Value::decode(reader)?;
                let code = first & !HIGH;
                Ok(known(code, value).unwrap_or_else(|| {
                    let octets = reader.offset() - before.offset();
                    let value = before.rest().get(..octets).unwrap_or_default();
                    Self::Other {
                        code,
                        value: value.to_vec(),
                    }
                }))
            }
            Some(FIRST_TEXT..) => {
                let offset = reader.offset();
                let name = text(reader)?;
                if name.is_empty() {
                    return Err(WspError::FieldName { octet: 0, offset });
                }
                let value = text(reader)?;
                Ok(named(name, value).unwrap_or_else(|| Self::Text {
                    name: name.to_owned(),
                    value: value.to_owned(),
                }))
            }
            other => Err(WspError::FieldName {
                octet: other.unwrap_or_default(),
                offset: reader.offset(),
            }),
        }
    }

    /// Name and value.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match (self, self.code()) {
            (Self::Text { name, .. }, _) => put_text(out, name),
            (_, code) => out.extend(code.map(|code| code | HIGH)),
        }
        self.encode_value(out);
    }

    /// The header of this name and value, as HTTP writes them: in binary where it has a code and the
    /// value a meaning.
    pub fn of_text(name: &str, value: &str) -> Self {
        named(name, value).unwrap_or_else(|| Self::Text {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }

    /// Its name; empty for codes that are not known.
    pub fn name(&self) -> &str {
        match self {
            Self::Text { name, .. } => name,
            _ => self
                .code()
                .and_then(|code| codes::name(&FIELD_NAMES, code))
                .unwrap_or_default(),
        }
    }

    /// The code of its name; `None` if the name is sent as text.
    const fn code(&self) -> Option<u8> {
        Some(match self {
            Self::AcceptApplication(_) => field::ACCEPT_APPLICATION,
            Self::Age(_) => field::AGE,
            Self::ApplicationId(_) => field::APPLICATION_ID,
            Self::BearerIndication(_) => field::BEARER_INDICATION,
            Self::CacheControl(_) => field::CACHE_CONTROL,
            Self::ContentEncoding(_) => field::CONTENT_ENCODING,
            Self::ContentLanguage(_) => field::CONTENT_LANGUAGE,
            Self::ContentLength(_) => field::CONTENT_LENGTH,
            Self::ContentLocation(_) => field::CONTENT_LOCATION,
            Self::ContentMd5(_) => field::CONTENT_MD5,
            Self::ContentUri(_) => field::CONTENT_URI,
            Self::Date(_) => field::DATE,
            Self::EncodingVersion { .. } => field::ENCODING_VERSION,
            Self::Etag(_) => field::ETAG,
            Self::Expires(_) => field::EXPIRES,
            Self::InitiatorUri(_) => field::INITIATOR_URI,
            Self::LastModified(_) => field::LAST_MODIFIED,
            Self::Other { code, .. } => *code,
            Self::PushFlag(_) => field::PUSH_FLAG,
            Self::Text { .. } => return None,
        })
    }

    fn encode_value(&self, out: &mut Vec<u8>) {
        match self {
            Self::AcceptApplication(None) => put_integer(out, ANY),
            Self::AcceptApplication(Some(id)) | Self::ApplicationId(id) => id.encode(out),
            Self::Age(number) | Self::BearerIndication(number) | Self::ContentLength(number) => {
                put_integer(out, u64::from(*number));
            }
            Self::CacheControl(directive) => directive.encode(out),
            Self::ContentEncoding(name) => match codes::code(&ENCODINGS, name) {
                Some(octet) => out.push(octet),
                None => put_text(out, name),
            },
            Self::ContentLanguage(language) => match codes::code(&LANGUAGES, language) {
                Some(code) => out.push(code | HIGH),
                None => put_text(out, language),
            },
            Self::ContentMd5(digest) => put_counted(out, digest),
            Self::Date(seconds) | Self::Expires(seconds) | Self::LastModified(seconds) => {
                put_long_integer(out, *seconds);
            }
            Self::EncodingVersion { major, minor } => {
                out.push(HIGH | (major & 7) << 4 | (minor & 15));
            }
            Self::PushFlag(flags) => out.push(flags | HIGH),
            Self::Other { value, .. } => out.extend_from_slice(value),
            Self::ContentLocation(text)
            | Self::ContentUri(text)
            | Self::Etag(text)
            | Self::InitiatorUri(text)
            | Self::Text { value: text, .. } => put_text(out, text),
        }
    }
}

/// A header that is known, with a value that it can have.
fn known(code: u8, value: Value<'_>) -> Option<Header> {
    let owned = || value.text().map(str::to_owned);
    let number = || {
        value
            .integer()
            .and_then(|number| u32::try_from(number).ok())
    };
    Some(match code {
        field::ACCEPT_APPLICATION => Header::AcceptApplication(match value.integer() {
            // In however many octets: zero is every application.
            Some(ANY) => None,
            _ => Some(ApplicationId::of(value)?),
        }),
        field::AGE => Header::Age(number()?),
        field::BEARER_INDICATION => Header::BearerIndication(number()?),
        field::CACHE_CONTROL => Header::CacheControl(CacheDirective::of(value)?),
        field::CONTENT_ENCODING => Header::ContentEncoding(match value {
            Value::Short(code) => codes::name(&ENCODINGS, code | HIGH)?.to_owned(),
            value => codes::spelled(&ENCODINGS, value.text()?),
        }),
        field::CONTENT_LANGUAGE => Header::ContentLanguage(match value {
            Value::Short(code) => codes::name(&LANGUAGES, code)?.to_owned(),
            value => codes::spelled(&LANGUAGES, value.text()?),
        }),
        field::CONTENT_LENGTH => Header::ContentLength(number()?),
        field::CONTENT_LOCATION => Header::ContentLocation(owned()?),
        field::CONTENT_MD5 => match value {
            Value::Counted(octets) => Header::ContentMd5(octets.try_into().ok()?),
            Value::Short(_) | Value::Text(_) => return None,
        },
        field::DATE => Header::Date(value.integer()?),
        field::ENCODING_VERSION => match value {
            Value::Short(version) if version & 0x0F != 0x0F => Header::EncodingVersion {
                major: version >> 4,
                minor: version & 0x0F,
            },
            _ => return None,
        },
        field::ETAG => Header::Etag(owned()?),
        field::EXPIRES => Header::Expires(value.integer()?),
        field::LAST_MODIFIED => Header::LastModified(value.integer()?),
        field::PUSH_FLAG => match value {
            Value::Short(flags) => Header::PushFlag(flags),
            Value::Counted(_) | Value::Text(_) => return None,
        },
        field::APPLICATION_ID => Header::ApplicationId(ApplicationId::of(value)?),
        field::CONTENT_URI => Header::ContentUri(owned()?),
        field::INITIATOR_URI => Header::InitiatorUri(owned()?),
        _ => return None,
    })
}

/// A header that has a code and was sent as text nevertheless, if its text has a meaning.
fn named(name: &str, value: &str) -> Option<Header> {
    let owned = value.to_owned();
    Some(match codes::code(&FIELD_NAMES, name)? {
        field::CONTENT_ENCODING => Header::ContentEncoding(codes::spelled(&ENCODINGS, value)),
        field::CONTENT_LANGUAGE => Header::ContentLanguage(codes::spelled(&LANGUAGES, value)),
        field::CONTENT_LENGTH => Header::ContentLength(value.parse().ok()?),
        field::CONTENT_LOCATION => Header::ContentLocation(owned),
        field::CONTENT_URI => Header::ContentUri(owned),
        field::ETAG => Header::Etag(owned),
        field::INITIATOR_URI => Header::InitiatorUri(owned),
        // Binary digits (OTA 6.4.1.3).
        field::PUSH_FLAG => match u8::from_str_radix(value, 2) {
            Ok(flags) if flags < HIGH => Header::PushFlag(flags),
            _ => return None,
        },
        _ => return None,
    })
}

impl ApplicationId {
    fn of(value: Value<'_>) -> Option<Self> {
        match value.text() {
            Some(uri) => Some(Self::Uri(uri.to_owned())),
            None => u32::try_from(value.integer()?).ok().map(Self::Number),
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Number(number) => put_integer(out, u64::from(*number)),
            Self::Uri(uri) => put_text(out, uri),
        }
    }
}

impl CacheDirective {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Short(0) => Some(Self::NoCache),
            Value::Short(1) => Some(Self::NoStore),
            Value::Short(6) => Some(Self::Public),
            Value::Short(7) => Some(Self::Private),
            Value::Short(8) => Some(Self::NoTransform),
            Value::Short(9) => Some(Self::MustRevalidate),
            Value::Counted(octets) => {
                let mut reader = Reader::new(octets);
                let is_max_age = reader.u8().ok()? == MAX_AGE | HIGH;
                let seconds = Value::decode(&mut reader).ok()?.integer()?;
                let is_all = reader.rest().is_empty();
                let seconds = u32::try_from(seconds).ok()?;
                (is_max_age && is_all).then_some(Self::MaxAge(seconds))
            }
            Value::Short(_) | Value::Text(_) => None,
        }
    }

    fn encode(self, out: &mut Vec<u8>) {
        let code = match self {
            Self::MaxAge(seconds) => {
                let mut value = vec![MAX_AGE | HIGH];
                put_integer(&mut value, u64::from(seconds));
                return put_counted(out, &value);
            }
            Self::NoCache => 0,
            Self::NoStore => 1,
            Self::Public => 6,
            Self::Private => 7,
            Self::NoTransform => 8,
            Self::MustRevalidate => 9,
        };
        out.push(code | HIGH);
    }
}
