//! Capabilities of clients: profiles of UAProf (WAP-248), as a PI sends them with a push and as a
//! capabilities query is answered with (PAP 5.1, 8.10).
//!
//! ```text
//!  RDF of a PI ──read──▶ Capabilities ─┐
//!                                      ├─ compare ─▶ 2005, 2006, 3004 or nothing to say
//!  [[channel]] capabilities ───────────┘
//!  channels ──merged──▶ Capabilities ──write──▶ RDF
//! ```
//!
//! Only what bears on a push is kept. Reading is liberal, as profiles in use are: prefixes and
//! namespaces of every version, values as text, as property attributes, or in an `rdf:Bag`,
//! `rdf:Seq` or `rdf:Alt`; `defaults` count where nothing else is said. References to other
//! documents are not followed.

mod compare;
mod write;
mod xml_read;

pub use compare::{Mismatch, compare};
pub use write::write;
pub use xml_read::read;

use crate::model::{Channel, ChannelCapabilities};

use super::xml_read::XmlError;

/// Most values of one list: profiles in use have less than a hundred.
pub const MAX_VALUES: usize = 512;

/// A document that is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The root element is another.
    #[error("the root element is {found:?}, not RDF")]
    Root {
        /// Its name without prefix.
        found: String,
    },
    /// A list with more than [`MAX_VALUES`] values.
    #[error("{property} has more than {MAX_VALUES} values")]
    Values {
        /// Which.
        property: &'static str,
    },
    /// A number that is none.
    #[error("{property} is {value:?}, not a number of octets")]
    Number {
        /// Which.
        property: &'static str,
        /// What stands there.
        value: String,
    },
    /// It is not well-formed.
    #[error(transparent)]
    Xml(#[from] XmlError),
}

/// What a client can take. An empty list says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Push-Accept-AppID: application ids.
    pub applications: Vec<String>,
    /// CcppAccept: media types.
    pub accept: Vec<String>,
    /// CcppAccept-Charset.
    pub accept_charset: Vec<String>,
    /// CcppAccept-Encoding.
    pub accept_encoding: Vec<String>,
    /// CcppAccept-Language.
    pub accept_language: Vec<String>,
    /// Push-MsgSize: longest push message, octets.
    pub message_bytes: Option<u64>,
    /// Push-Accept: media types of pushes, where they are others than those of pages.
    pub push_accept: Vec<String>,
    /// Push-Accept-Charset.
    pub push_accept_charset: Vec<String>,
    /// Push-Accept-Encoding.
    pub push_accept_encoding: Vec<String>,
    /// Push-Accept-Language.
    pub push_accept_language: Vec<String>,
    /// WapVersion.
    pub wap_version: Option<String>,
}

impl Capabilities {
    /// Media types that may be pushed.
    pub fn pushable(&self) -> &[String] {
        match self.push_accept.is_empty() {
            true => &self.accept,
            false => &self.push_accept,
        }
    }

    /// What every channel that declares capabilities can take, so that it does not matter which of
    /// them carries a push; `None` if none declares any.
    pub fn merged<'a>(channels: impl IntoIterator<Item = &'a Channel>) -> Option<Self> {
        let declared = channels
            .into_iter()
            .filter_map(|channel| channel.capabilities());
        let merged = declared.cloned().reduce(|one, other| ChannelCapabilities {
            accept: common(one.accept, other.accept, covers),
            applications: common(one.applications, other.applications, same_application),
            message_bytes: match (one.message_bytes, other.message_bytes) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        });
        merged.as_ref().map(Self::from)
    }
}

impl From<&ChannelCapabilities> for Capabilities {
    fn from(declared: &ChannelCapabilities) -> Self {
        Self {
            applications: declared.applications.clone(),
            message_bytes: declared.message_bytes,
            push_accept: declared.accept.clone(),
            ..Self::default()
        }
    }
}

/// What two lists have in common; an empty list says nothing. Of two ranges that cover each other
/// the narrower one stays.
fn common(one: Vec<String>, other: Vec<String>, covers: fn(&str, &str) -> bool) -> Vec<String> {
    if one.is_empty() || other.is_empty() {
        return if one.is_empty() { other } else { one };
    }
    let covered = |item: &String, list: &[String]| list.iter().any(|range| covers(range, item));
    let of_one = one.iter().filter(|item| covered(item, &other));
    let of_other = other.iter().filter(|item| covered(item, &one));
    let mut common: Vec<String> = Vec::new();
    for item in of_one.chain(of_other) {
        if !common
            .iter()
            .any(|present| present.eq_ignore_ascii_case(item))
        {
            common.push(item.clone());
        }
    }
    common
}

/// Whether a media range has a media type, or another range, within it.
fn covers(range: &str, item: &str) -> bool {
    let item = super::media_type::essence(item);
    match range.split_once('/') {
        Some(("*", "*")) => true,
        Some((kind, "*")) => item
            .split_once('/')
            .is_some_and(|(of_item, _)| of_item.eq_ignore_ascii_case(kind)),
        _ => super::media_type::essence(range).eq_ignore_ascii_case(item),
    }
}

/// Whether two texts name one application.
fn same_application(one: &str, other: &str) -> bool {
    use crate::model::ApplicationId;
    match (one.parse::<ApplicationId>(), other.parse::<ApplicationId>()) {
        (Ok(one), Ok(other)) => one == other || one == ApplicationId::Code(0),
        _ => one.eq_ignore_ascii_case(other),
    }
}

#[cfg(test)]
mod tests;
