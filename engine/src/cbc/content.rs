//! From pushed content to pages. Pure.
//!
//! | payload | of the push | one message for each |
//! |---|---|---|
//! | text | text/plain; an SI's text and, if it fits, its href | part of multipart/alternative |
//! | ports, raw, wap | all of it, SI, SL and CO in binary | push |
//! | etws | nothing: the identifier says it | push |
//!
//! Nothing is shortened. What cannot be sent is refused with the reason, before the push is taken
//! in where Cell Broadcast decides about it.

use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::{MessageParser, MimeHeaders as _, PartType};
use pushcast_cbs::dcs::Dcs;
use pushcast_cbs::language::Language;
use pushcast_cbs::page::Contents;
use pushcast_cbs::push::{self, Form, PushError};
use pushcast_cbs::text::{self, CharsetChoice, Folding, Options, TextError};
use pushcast_cbs::wsp;

use crate::content::charset::Charset;
use crate::content::media_type::{essence, parameter};
use crate::content::wbxml::{Dialect, Document, Form as DocumentForm};
use crate::content::{Source, TransformError};
use crate::model::channel::{CbsPayload, TextCharset};
use crate::model::{ApplicationId, CbsChannel, Transform};

/// Languages of one push.
pub(super) const MAX_PARTS: usize = 8;
/// Multipart content that is looked at, octets; eight texts take far less.
const MAX_MULTIPART_BYTES: usize = 256 << 10;

/// What one message has to broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its language, where it is known.
    pub language: Option<Language>,
    /// Pages; `None` is the primary notification of ETWS.
    pub pages: Option<Pages>,
}

/// Pages and how they are coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// The pages.
    pub contents: Contents,
    /// Data coding scheme.
    pub dcs: Dcs,
}

/// Content that cannot become pages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// The octets are no text.
    #[error(
        "the text cannot be read as {charset}; send it as UTF-8, with charset=utf-8 in its type"
    )]
    Charset {
        /// The charset that the PI names.
        charset: String,
    },
    /// A service indication that cannot be read.
    #[error("the service indication cannot be read: {what}")]
    Indication {
        /// What is wrong, and where.
        what: String,
    },
    /// A type that has no text.
    #[error(
        "{media_type} has no text to broadcast; possible are text/plain, service indications and \
         multipart/alternative of these"
    )]
    MediaType {
        /// The type.
        media_type: String,
    },
    /// A multipart that is none, or has no parts or too many.
    #[error("multipart/alternative has to have 1 to {MAX_PARTS} parts that can be read")]
    Multipart,
    /// The whole push is too long for fifteen pages.
    #[error(transparent)]
    Push(#[from] PushError),
    /// The text cannot be sent.
    #[error("{}", told(.error, .channel))]
    Text {
        /// What is wrong.
        error: TextError,
        /// Why the channel's setting matters, if it does.
        channel: Option<TextCharset>,
    },
    /// It is longer than fifteen pages whatever is in it.
    #[error("{bytes} octets do not fit into 15 pages of 82 octets")]
    TooLong {
        /// Its length.
        bytes: u64,
    },
    /// Content that cannot take the form that is broadcast.
    #[error(transparent)]
    Transform(#[from] TransformError),
}

fn told(error: &TextError, channel: &Option<TextCharset>) -> String {
    match (error, channel) {
        (TextError::TooManyPages { pages }, _) => format!(
            "the text takes {pages} pages and 15 are possible: 1395 characters of the GSM alphabet \
             or 615 of any; 45 or 15 fewer where each page has to say its language"
        ),
        (TextError::NotGsm7 { .. }, Some(TextCharset::Gsm7)) => {
            format!("{error}, and the channel allows no other")
        }
        _ => error.to_string(),
    }
}

/// The parts of a push on a channel, at least one; `default_application` is the alias group's.
pub fn parts(
    channel: &CbsChannel,
    source: &Source<'_>,
    default_application: Option<&str>,
) -> Result<Vec<Part>, Unsendable> {
    let form = match channel.payload {
        CbsPayload::Etws => {
            return Ok(vec![Part {
                language: None,
                pages: None,
            }]);
        }
        CbsPayload::Text => return texts(channel, source),
        CbsPayload::Ports => Form::Ports,
        CbsPayload::Raw => Form::Raw,
        CbsPayload::Wap => Form::Wap,
    };
    let push = whole(source, default_application)?;
    Ok(vec![Part {
        language: None,
        pages: Some(Pages {
            contents: push::encode(form, &push)?,
            dcs: form.dcs(),
        }),
    }])
}

fn texts(channel: &CbsChannel, source: &Source<'_>) -> Result<Vec<Part>, Unsendable> {
    let too_long = || Unsendable::TooLong {
        bytes: source.bytes,
    };
    let octets = source.octets.ok_or_else(too_long)?;
    let media_type = essence(source.content_type).to_ascii_lowercase();
    if media_type == "multipart/alternative" {
        return alternatives(channel, source.content_type, octets);
    }
    let language = source
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Content-Language"))
        .map(|(_, value)| value.as_str());
    Ok(vec![text_of(
        channel,
        source.content_type,
        language,
        octets,
    )?])
}

/// One message for each part: the same alert in several languages.
fn alternatives(
    channel: &CbsChannel,
    content_type: &str,
    octets: &[u8],
) -> Result<Vec<Part>, Unsendable> {
    if octets.len() > MAX_MULTIPART_BYTES {
        return Err(Unsendable::Multipart);
    }
    let head = format!(
        "Content-Type: {}\r\n\r\n",
        content_type.replace(['\r', '\n'], " ")
    );
    let whole = [head.as_bytes(), octets].concat();
    let message = MessageParser::default()
        .parse(&whole)
        .ok_or(Unsendable::Multipart)?;
    let mut parts = Vec::new();
    for part in &message.parts {
        if matches!(part.body, PartType::Multipart(_)) {
            continue;
        }
        if parts.len() == MAX_PARTS {
            return Err(Unsendable::Multipart);
        }
        let language = part.content_language().as_text();
        let (kind, charset) = match part.content_type() {
            Some(kind) => (
                format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()),
                kind.attribute("charset"),
            ),
            None => ("text/plain".to_owned(), None),
        };
        // Texts come decoded by their charset.
        let part = match &part.body {
            PartType::Text(text) | PartType::Html(text)
                if text.contains(char::REPLACEMENT_CHARACTER) =>
            {
                // Octets that are no text were replaced.
                return Err(Unsendable::Charset {
                    charset: charset.unwrap_or("utf-8").to_owned(),
                });
            }
            PartType::Text(text) if kind.eq_ignore_ascii_case("text/plain") => {
                pages_of(channel, language, text)?
            }
            PartType::Text(text) | PartType::Html(text) => {
                let kind =
                    charset.map_or_else(|| kind.clone(), |_| format!("{kind}; charset=utf-8"));
                text_of(channel, &kind, language, text.as_bytes())?
            }
            PartType::Binary(octets) | PartType::InlineBinary(octets) => {
                text_of(channel, &kind, language, octets)?
            }
            _ => return Err(Unsendable::Multipart),
        };
        parts.push(part);
    }
    if parts.is_empty() {
        return Err(Unsendable::Multipart);
    }
    Ok(parts)
}

/// The text of one entity, as pages.
fn text_of(
    channel: &CbsChannel,
    content_type: &str,
    language: Option<&str>,
    octets: &[u8],
) -> Result<Part, Unsendable> {
    let media_type = essence(content_type).to_ascii_lowercase();
    if let Some((Dialect::Si, form)) = Dialect::of_media_type(&media_type) {
        let (text, href) = indication(content_type, form, octets)?;
        // The address comes along where the pages that the text needs anyway have room for it, or
        // where it fits at all.
        if let Some(href) = href
            && let Ok(part) = pages_of(channel, language, &format!("{text} {href}"))
        {
            return Ok(part);
        }
        return pages_of(channel, language, &text);
    }
    if media_type != "text/plain" {
        return Err(Unsendable::MediaType { media_type });
    }
    let charset = parameter(content_type, "charset");
    let name = charset.as_deref().unwrap_or("utf-8");
    let wrong = || Unsendable::Charset {
        charset: name.to_owned(),
    };
    let text = decoded(name, octets).ok_or_else(wrong)?;
    pages_of(channel, language, &text)
}

/// A text by the name of its charset. Of sets that are rarely met a mail program's tables are good
/// enough, as long as they leave nothing open.
fn decoded(charset: &str, octets: &[u8]) -> Option<String> {
    if let Some(charset) = Charset::from_name(charset) {
        return charset.decode(octets).ok();
    }
    let decode = charset_decoder(charset.trim().as_bytes())?;
    Some(decode(octets)).filter(|text| !text.contains(char::REPLACEMENT_CHARACTER))
}

/// Text and address of a service indication (WAP-167).
fn indication(
    content_type: &str,
    form: DocumentForm,
    octets: &[u8],
) -> Result<(String, Option<String>), Unsendable> {
    let wrong = |what: String| Unsendable::Indication { what };
    let document = match form {
        DocumentForm::Binary => {
            Document::decode(Dialect::Si, octets).map_err(|error| wrong(error.to_string()))?
        }
        DocumentForm::Text => {
            let charset = parameter(content_type, "charset");
            Document::read_xml(Dialect::Si, octets, charset.as_deref())
                .map_err(|error| wrong(error.to_string()))?
        }
    };
    let indication = document
        .root()
        .children()
        .iter()
        .find(|child| child.name() == "indication")
        .ok_or_else(|| wrong("there is no indication in it".to_owned()))?;
    let href = indication.attribute("href").map(str::to_owned);
    Ok((
        indication.text().to_owned(),
        href.filter(|href| !href.is_empty()),
    ))
}

fn pages_of(channel: &CbsChannel, language: Option<&str>, text: &str) -> Result<Part, Unsendable> {
    let named = language.or(channel.language.as_deref());
    // A tag such as `de-AT`: the pages say the primary subtag.
    let primary = named.and_then(|tag| tag.split(['-', ',', ' ']).next());
    let language = primary.and_then(|tag| tag.parse::<Language>().ok());
    let options = Options {
        charset: match channel.charset {
            TextCharset::Auto => CharsetChoice::Automatic,
            TextCharset::Gsm7 => CharsetChoice::Gsm7,
            TextCharset::Ucs2 => CharsetChoice::Ucs2,
        },
        folding: match channel.fold_typography {
            true => Folding::Typography,
            false => Folding::Keep,
        },
        language,
        ..Options::default()
    };
    // A line end after the last line is of the file, not of the text.
    let text = text.trim_end_matches(['\r', '\n']);
    let encoded = text::encode(text, &options).map_err(|error| Unsendable::Text {
        error,
        channel: Some(channel.charset),
    })?;
    Ok(Part {
        language,
        pages: Some(Pages {
            contents: encoded.contents,
            dcs: encoded.dcs,
        }),
    })
}

/// The push as one WSP PDU: what a receiver needs of its headers, and its body.
fn whole(source: &Source<'_>, default_application: Option<&str>) -> Result<wsp::Push, Unsendable> {
    let application = match source.application_id()? {
        Some(application) => Some(application),
        None => default_application
            .map(str::parse::<ApplicationId>)
            .transpose()
            .map_err(TransformError::from)?,
    };
    let binary = source.binary(Transform::Binary)?;
    let (content_type, data) = match binary {
        Some((content_type, octets)) => (content_type, octets),
        None => {
            let octets = source.octets.ok_or(Unsendable::TooLong {
                bytes: source.bytes,
            })?;
            (source.content_type.to_owned(), octets.to_vec())
        }
    };
    let mut headers: Vec<wsp::Header> = source
        .headers
        .iter()
        .filter(|(name, _)| is_passed_on(name))
        .map(|(name, value)| wsp::Header::of_text(name, value))
        .collect();
    headers.extend(application.map(|application| {
        wsp::Header::ApplicationId(match application {
            ApplicationId::Code(code) => wsp::ApplicationId::Number(code),
            ApplicationId::Uri(uri) => wsp::ApplicationId::Uri(uri),
        })
    }));
    let mut kind = wsp::ContentType::new(essence(&content_type));
    if let Some(charset) = parameter(&content_type, "charset") {
        kind.parameters.push(match Charset::from_name(&charset) {
            Some(Charset::Utf8) => wsp::Parameter::Charset(106),
            _ => wsp::Parameter::Text {
                name: "charset".to_owned(),
                value: charset,
            },
        });
    }
    Ok(wsp::Push {
        tid: 0,
        content_type: kind,
        headers,
        data,
    })
}

/// Every octet is air time: only what changes what a receiver does with the content.
fn is_passed_on(name: &str) -> bool {
    let wanted = [
        "Content-Encoding",
        "Content-Language",
        "Content-Location",
        "Etag",
        "X-Wap-Content-URI",
        "X-Wap-Initiator-URI",
    ];
    wanted.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
