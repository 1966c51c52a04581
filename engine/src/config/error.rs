//! What can be wrong with a configuration file.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use pushcast_cbs::area::AreaError;

use crate::cbc::{GeoJsonError, LinkSpecError};
use crate::http::tls::TlsError;
use crate::model::ChannelName;
use crate::model::application::ApplicationIdError;
use crate::model::channel::ChannelError;
use crate::model::ids::NameError;
use crate::model::workspace::WorkspaceError;

use super::secret::SecretError;

/// Everything that is wrong with a file, in the order of its lines.
#[derive(Debug)]
pub struct ConfigErrors {
    /// The file.
    pub path: PathBuf,
    /// At least one.
    pub errors: Vec<ConfigError>,
}

/// One thing that is wrong.
#[derive(Debug)]
pub struct ConfigError {
    /// Where, the first line being 1; `None` if it is about the file as a whole.
    pub line: Option<usize>,
    /// What.
    pub what: Problem,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// An application id that cannot be one.
    #[error("application_id: {0}")]
    ApplicationId(#[from] ApplicationIdError),
    /// An area of the cellular network that cannot be used.
    #[error("{text:?}: {source}")]
    Cells {
        /// What was given.
        text: String,
        /// What is wrong with it.
        source: AreaError,
    },
    /// An area that Cell Broadcast is to reach and that is nowhere.
    #[error(
        "channel {channel} broadcasts by cell, and the area has neither cells nor geojson_file; \
         cells = [\"plmn\"] is the whole network"
    )]
    NoCells {
        /// Which channel.
        channel: ChannelName,
    },
    /// The centre of a channel cannot carry what is asked of it.
    #[error("channel {channel}: {what}")]
    NotCarried {
        /// Which channel.
        channel: ChannelName,
        /// What it cannot carry, and why.
        what: String,
    },
    /// A file that is no GeoJSON, or holds no area.
    #[error(transparent)]
    GeoJson(#[from] GeoJsonError),
    /// A link to a CBC that could not work.
    #[error(transparent)]
    Link(#[from] LinkSpecError),
    /// No kind of channel.
    #[error("kind {kind:?} is neither \"flute\" nor \"cbs\"")]
    Kind {
        /// What was given.
        kind: String,
    },
    /// Clients are not asked for the certificates that would let them in.
    #[error("client_certificates needs client_ca_file in [tls]: clients are not asked otherwise")]
    ClientCa,
    /// A channel that could not work.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The name of the console itself.
    #[error("an initiator cannot be called \"console\": what the console sends has that name")]
    Console,
    /// Credentials belong to a name that HTTP Basic cannot carry.
    #[error("the name of an initiator with a password may not contain \":\"")]
    Colon,
    /// No database that can be used.
    #[error("database_url begins with \"sqlite:\" or \"postgres:\"")]
    DatabaseUrl,
    /// Workspaces that would share a channel.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A name is taken.
    #[error("the {kind} name {name:?} is taken in line {first_line}")]
    Duplicate {
        /// Of what.
        kind: &'static str,
        /// The name.
        name: String,
        /// Where it is.
        first_line: usize,
    },
    /// A list or text without anything in it.
    #[error("{key} is empty")]
    Empty {
        /// Configuration key.
        key: &'static str,
    },
    /// The file cannot be read.
    #[error("the file cannot be read")]
    File(#[source] std::io::Error),
    /// No host name, with or without a port.
    #[error("{host:?} is not of the form host or host:port")]
    Host {
        /// What was given.
        host: String,
    },
    /// Both listeners have one address.
    #[error("listen and admin_listen are both {address}")]
    Listeners {
        /// The address.
        address: SocketAddr,
    },
    /// A key that must be there.
    #[error("{key} is missing")]
    Missing {
        /// Configuration key.
        key: &'static str,
    },
    /// A name that cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Nothing to send on.
    #[error(
        "there is no [[channel]], so nothing could be sent; without any configuration file \
         pushcast runs a lab set-up with a channel of its own"
    )]
    NoChannel,
    /// No lane, and the channels do not tell the interface.
    #[error(
        "there is no [[lane]], and the channels do not name one source address whose interface \
         could be taken"
    )]
    NoLane,
    /// Nobody could ever use the account.
    #[error(
        "initiator {name:?} has none of password_hash_file, digest_ha1_file, client_certificates \
         and trusted_from"
    )]
    NoWayIn {
        /// Its name.
        name: String,
    },
    /// The file holds a password and others may read it.
    #[error("database_url holds a password and group or others may read this file; chmod go-r")]
    Open,
    /// No host name.
    #[error("ppg_name {name:?} is not a host name")]
    PpgName {
        /// What was given.
        name: String,
    },
    /// An item stands twice in a list.
    #[error("{key} has {name:?} twice")]
    Repeated {
        /// Configuration key.
        key: &'static str,
        /// The item.
        name: String,
    },
    /// A channel decides the outcome that is not used.
    #[error("required channel {name:?} is not among the group's channels")]
    Required {
        /// Its name.
        name: String,
    },
    /// A secret that cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A section in the wrong brackets.
    #[error("this section is written {written}")]
    Section {
        /// Its header.
        written: String,
    },
    /// Receivers could not tell two channels apart.
    #[error("group, port and TSI are those of channel {channel} in line {line}")]
    Session {
        /// The other one.
        channel: ChannelName,
        /// Where it is.
        line: usize,
    },
    /// The text itself: its form, an unknown key, a value of the wrong type.
    #[error("{message}")]
    Text {
        /// What the reader of TOML says.
        message: String,
    },
    /// A certificate or key that cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Something is named that is not there.
    #[error("there is no {kind} {name:?}")]
    Unknown {
        /// What it would be.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// No such section.
    #[error(
        "unknown section {name:?}, expected one of server, tls, limits, retention, lane, cbc, \
         channel, area, alias_group, initiator"
    )]
    UnknownSection {
        /// What was given.
        name: String,
    },
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.errors.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:", self.path.display())?;
            if let Some(line) = error.line {
                write!(f, "{line}:")?;
            }
            write!(f, " {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// The whole chain of causes: a list of errors has no place for them elsewhere.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        let mut cause = std::error::Error::source(&self.what);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
