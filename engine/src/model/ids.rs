//! Names and identifiers, each its own type.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest push-id, octets: far beyond any seen, short enough for an index.
pub const MAX_PUSH_ID_BYTES: usize = 256;
/// Longest name of anything configured, octets.
pub const MAX_NAME_BYTES: usize = 100;

/// A name or identifier that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing between the quotes.
    #[error("{what} is empty")]
    Empty {
        /// Which name.
        what: &'static str,
    },
    /// More octets than the limit.
    #[error("{what} has {bytes} octets, at most {max} are possible")]
    TooLong {
        /// Which name.
        what: &'static str,
        /// Octets given.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A character that would break addresses, paths, logs or lists.
    #[error("{what} may not contain {character:?}")]
    Character {
        /// Which name.
        what: &'static str,
        /// The first offender.
        character: char,
    },
}

fn checked(
    what: &'static str,
    text: &str,
    max: usize,
    allowed: fn(char) -> bool,
) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { what });
    }
    if text.len() > max {
        return Err(NameError::TooLong {
            what,
            bytes: text.len(),
            max,
        });
    }
    match text.chars().find(|character| !allowed(*character)) {
        Some(character) => Err(NameError::Character { what, character }),
        None => Ok(()),
    }
}

/// Names that stand in URLs, metrics and file names.
fn plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-')
}

/// Names that people give and addresses carry escaped.
fn spoken(character: char) -> bool {
    !character.is_control() && character != '/'
}

/// Identifiers that a PI chose: opaque, but printable.
fn opaque(character: char) -> bool {
    !character.is_control()
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:expr, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                checked($what, &text, $max, $allowed)?;
                Ok(Self(text))
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// The PI's own name for a push, unique per initiator (PAP 8.2).
    PushId, "push-id", MAX_PUSH_ID_BYTES, opaque
);
text_id!(
    /// Our key of a submission: a UUID version 7, so that keys sort by time.
    SubmissionId, "submission id", MAX_NAME_BYTES, plain
);
text_id!(
    /// Our key of one address of a submission.
    DeliveryId, "delivery id", MAX_NAME_BYTES, plain
);
text_id!(
    /// Our key of one delivery on one channel.
    TransmissionId, "transmission id", MAX_NAME_BYTES, plain
);
text_id!(
    /// Name of a PI's account.
    InitiatorName, "initiator name", MAX_NAME_BYTES, spoken
);
text_id!(
    /// Name of an alias group, as in `WAPPUSH=group%2FNAME/TYPE=USER@ppg`.
    GroupName, "alias group name", MAX_NAME_BYTES, spoken
);
text_id!(
    /// Name of a service area, as in `WAPPUSH=area%2FNAME/TYPE=USER@ppg`.
    AreaName, "service area name", MAX_NAME_BYTES, spoken
);
text_id!(
    /// Name of a channel; part of `/sessions/NAME.sdp`.
    ChannelName, "channel name", MAX_NAME_BYTES, plain
);
text_id!(
    /// Name of a link to a Cell Broadcast Centre.
    LinkName, "CBC name", MAX_NAME_BYTES, plain
);
text_id!(
    /// Name of a lane.
    LaneName, "lane name", MAX_NAME_BYTES, plain
);

/// Names that people sign in with: they stand in lists, in the audit and before `@` in logs.
fn signed(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '_' | '-' | '@' | '+')
}

/// Language tags (BCP 47 2.1): letters, digits and hyphens.
fn tag(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}

/// Longest language tag, octets (BCP 47 4.4.1 speaks of 35).
pub const MAX_LANGUAGE_BYTES: usize = 35;

text_id!(
    /// Key of an alert of the console: a UUID version 7, so that keys sort by time.
    AlertId, "alert id", MAX_NAME_BYTES, plain
);
text_id!(
    /// Key of a template.
    TemplateId, "template id", MAX_NAME_BYTES, plain
);
text_id!(
    /// Handle of a session in lists. It opens nothing.
    SessionId, "session id", MAX_NAME_BYTES, plain
);
text_id!(
    /// Name that a person signs in with; never changed and never given twice.
    UserName, "user name", MAX_NAME_BYTES, signed
);
text_id!(
    /// Name of a workspace; part of URLs.
    WorkspaceName, "workspace name", MAX_NAME_BYTES, plain
);
text_id!(
    /// Language tag of a message, such as `de` or `pt-BR` (BCP 47).
    Language, "language", MAX_LANGUAGE_BYTES, tag
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!("anna.berg@sender".parse::<UserName>().is_ok());
        assert!("anna berg".parse::<UserName>().is_err());
        assert!("pt-BR".parse::<Language>().is_ok());
        assert!("pt_BR".parse::<Language>().is_err());
        assert!("lab".parse::<ChannelName>().is_ok());
        assert!("a/b".parse::<ChannelName>().is_err());
        assert!("Überflutung Süd".parse::<GroupName>().is_ok());
        assert!("a/b".parse::<GroupName>().is_err());
        assert!("line\nbreak".parse::<PushId>().is_err());
        assert!("x".repeat(257).parse::<PushId>().is_err());
        assert!("".parse::<PushId>().is_err());
    }
}
