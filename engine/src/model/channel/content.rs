//! What a channel does with content, and what its receivers can take.

use serde::{Deserialize, Serialize};

use crate::model::application::{ApplicationId, ApplicationIdError};

/// Most entries of a list of capabilities.
pub const MAX_CAPABILITIES: usize = 256;

/// Which form of SI, SL and CO goes on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transform {
    /// WBXML, which every client has to read.
    #[default]
    Binary,
    /// As the PI sent it.
    None,
}

/// What the receivers of a channel can take, as its operator knows them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelCapabilities {
    /// Media types, `TYPE/*` or `*/*`; empty means nothing is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<String>,
    /// Application ids, as X-Wap-Application-Id writes them; empty means nothing is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<String>,
    /// Longest body of a push message, octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_bytes: Option<u64>,
}

/// A list that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CapabilityError {
    /// No application id.
    #[error("{text:?} in capabilities.applications: {error}")]
    Application {
        /// What was given.
        text: String,
        /// What is wrong with it.
        #[source]
        error: ApplicationIdError,
    },
    /// No media type.
    #[error("{text:?} in capabilities.accept is not a media type, TYPE/* or */*")]
    MediaType {
        /// What was given.
        text: String,
    },
    /// More entries than [`MAX_CAPABILITIES`].
    #[error("{key} has {count} entries, at most {MAX_CAPABILITIES} are possible")]
    TooMany {
        /// Configuration key.
        key: &'static str,
        /// How many there are.
        count: usize,
    },
}

impl ChannelCapabilities {
    /// Checks what the types cannot say.
    pub fn check(&self) -> Result<(), CapabilityError> {
        let lists = [
            ("capabilities.accept", self.accept.len()),
            ("capabilities.applications", self.applications.len()),
        ];
        for (key, count) in lists {
            if count > MAX_CAPABILITIES {
                return Err(CapabilityError::TooMany { key, count });
            }
        }
        let mut accept = self.accept.iter();
        if let Some(text) = accept.find(|text| !is_media_range(text)) {
            let text = text.clone();
            return Err(CapabilityError::MediaType { text });
        }
        for text in &self.applications {
            let parsed = text.parse::<ApplicationId>();
            parsed.map_err(|error| CapabilityError::Application {
                text: text.clone(),
                error,
            })?;
        }
        Ok(())
    }
}

impl CapabilityError {
    /// Configuration key that it is about.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Application { .. } => "capabilities.applications",
            Self::MediaType { .. } => "capabilities.accept",
            Self::TooMany { key, .. } => key,
        }
    }
}

/// `type/subtype` of which either may be `*`, without parameters (RFC 9110 12.5.1).
fn is_media_range(text: &str) -> bool {
    let is_token = |part: &str| {
        let fits = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&octet);
        !part.is_empty() && part.bytes().all(fits)
    };
    match text.split_once('/') {
        Some((_, "*")) if text == "*/*" => true,
        Some((kind, "*")) => is_token(kind),
        Some((kind, subtype)) => is_token(kind) && is_token(subtype),
        None => false,
    }
}
