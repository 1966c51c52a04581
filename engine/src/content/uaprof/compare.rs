//! Whether a push fits what the channels that it needs declare (PAP 5.1 and 8.13).

use crate::content::outgoing::{Source, TransformError};
use crate::content::wbxml::{Dialect, Form};
use crate::model::{Channel, ChannelCapabilities, ChannelName, StatusCode, Transform};

use super::{Capabilities, covers, same_application};

/// The default application of connectionless push: the WML user agent (Push OTA 6.2.3).
const DEFAULT_APPLICATION: &str = "2";

/// A push that does not fit a channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Its receivers have no such application.
    #[error("receivers of channel {channel} do not have application {application}")]
    Application {
        /// Which channel.
        channel: ChannelName,
        /// The application id.
        application: String,
    },
    /// The PI takes for possible what is not.
    #[error("receivers of channel {channel} do not have what was assumed: {property} {value}")]
    Assumed {
        /// Which channel.
        channel: ChannelName,
        /// Which property of the profile.
        property: &'static str,
        /// The value of it.
        value: String,
    },
    /// It is too long.
    #[error("receivers of channel {channel} take {most_bytes} octets, the body has {bytes}")]
    Length {
        /// Which channel.
        channel: ChannelName,
        /// Octets on the air.
        bytes: u64,
        /// Octets possible.
        most_bytes: u64,
    },
    /// No channel says what its receivers can take.
    #[error("nothing is known of the capabilities of these receivers")]
    NotDeclared,
    /// They do not take the type.
    #[error("receivers of channel {channel} do not take {media_type}")]
    Type {
        /// Which channel.
        channel: ChannelName,
        /// Its type on the air.
        media_type: String,
    },
    /// It cannot take the form that the channel needs.
    #[error(transparent)]
    Transform(#[from] TransformError),
}

impl From<&Mismatch> for StatusCode {
    /// PAP 8.13.
    fn from(mismatch: &Mismatch) -> Self {
        match mismatch {
            Mismatch::Assumed { .. } => Self::CapabilitiesMismatch,
            Mismatch::Application { .. } | Mismatch::Length { .. } | Mismatch::Type { .. } => {
                Self::RequiredCapabilitiesNotSupported
            }
            Mismatch::NotDeclared => Self::CapabilityMatchingNotSupported,
            Mismatch::Transform(error) => error.into(),
        }
    }
}

/// Compares content, and the capabilities for which the PI made it if it says so, with the channels
/// that a delivery demands. `default_application` is the alias group's. Content that receivers
/// cannot take counts before assumptions that are wrong. A channel that declares nothing takes
/// everything.
pub fn compare<'a>(
    assumed: Option<&Capabilities>,
    content: &Source<'_>,
    default_application: Option<&str>,
    channels: impl IntoIterator<Item = &'a Channel>,
) -> Result<(), Mismatch> {
    let mut declared = Vec::new();
    for channel in channels {
        if let Some(capabilities) = channel.capabilities() {
            fits(content, default_application, channel, capabilities)?;
            declared.push((channel, capabilities));
        }
    }
    let Some(assumed) = assumed else {
        return Ok(());
    };
    if declared.is_empty() {
        return Err(Mismatch::NotDeclared);
    }
    declared
        .into_iter()
        .try_for_each(|(channel, capabilities)| has(channel, capabilities, assumed))
}

/// Whether receivers of a channel can take content.
fn fits(
    content: &Source<'_>,
    default_application: Option<&str>,
    channel: &Channel,
    capabilities: &ChannelCapabilities,
) -> Result<(), Mismatch> {
    let name = || channel.name().clone();
    let (media_type, bytes) = content.on_air(channel.transform())?;
    if !takes(capabilities, &media_type) {
        return Err(Mismatch::Type {
            channel: name(),
            media_type,
        });
    }
    if let Some(most_bytes) = capabilities.message_bytes.filter(|most| *most < bytes) {
        return Err(Mismatch::Length {
            channel: name(),
            bytes,
            most_bytes,
        });
    }
    let application = match content.application_id()? {
        Some(application) => application.to_string(),
        None => default_application
            .unwrap_or(DEFAULT_APPLICATION)
            .to_owned(),
    };
    match knows(capabilities, &application) {
        true => Ok(()),
        false => Err(Mismatch::Application {
            channel: name(),
            application,
        }),
    }
}

/// Whether receivers of a channel have everything that was assumed of them.
fn has(
    channel: &Channel,
    capabilities: &ChannelCapabilities,
    assumed: &Capabilities,
) -> Result<(), Mismatch> {
    let missing = |property, value: &str| Mismatch::Assumed {
        channel: channel.name().clone(),
        property,
        value: value.to_owned(),
    };
    let mut types = assumed.pushable().iter();
    if let Some(media_type) = types.find(|assumed| !takes_some_form(channel, capabilities, assumed))
    {
        return Err(missing("Push-Accept", media_type));
    }
    let mut applications = assumed.applications.iter();
    if let Some(application) = applications.find(|assumed| !knows(capabilities, assumed)) {
        return Err(missing("Push-Accept-AppID", application));
    }
    let most_bytes = capabilities.message_bytes.unwrap_or(u64::MAX);
    match assumed
        .message_bytes
        .filter(|assumed| *assumed > most_bytes)
    {
        Some(bytes) => Err(missing("Push-MsgSize", &bytes.to_string())),
        None => Ok(()),
    }
}

fn takes(capabilities: &ChannelCapabilities, media_type: &str) -> bool {
    let mut accept = capabilities.accept.iter();
    capabilities.accept.is_empty() || accept.any(|range| covers(range, media_type))
}

/// Whether a type is taken, or the one that a channel makes of it.
fn takes_some_form(channel: &Channel, capabilities: &ChannelCapabilities, assumed: &str) -> bool {
    let binary = match Dialect::of_media_type(crate::content::media_type::essence(assumed)) {
        Some((dialect, Form::Text)) if channel.transform() == Transform::Binary => {
            Some(dialect.media_type(Form::Binary))
        }
        _ => None,
    };
    takes(capabilities, assumed) || binary.is_some_and(|binary| takes(capabilities, binary))
}

fn knows(capabilities: &ChannelCapabilities, application: &str) -> bool {
    let mut known = capabilities.applications.iter();
    capabilities.applications.is_empty() || known.any(|one| same_application(one, application))
}
