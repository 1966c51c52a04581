//! The sections of the file that have no place in the model.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, de};

use crate::model::LaneName;
use crate::ota::Backend;
use crate::ota::transmitter::UnknownBackend;

/// Longest request body where the initiator has no limit of its own, octets.
pub const DEFAULT_BODY_BYTES: u64 = 1 << 20;
/// Connections at a time.
pub const DEFAULT_CONNECTIONS: u32 = 10_000;
/// Lifetime of a push without deliver-before.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);
/// How long finished submissions are kept.
pub const DEFAULT_RETENTION: Duration = Duration::from_secs(30 * SECONDS_OF_DAY);

const SECONDS_OF_DAY: u64 = 86_400;
/// Ten years: keeps sums of times far from where they overflow.
const MAX_DAYS: u64 = 3_650;
/// More octets than any file system holds in one file would be a slip of the hand.
const MAX_BODY_BYTES: u64 = 1 << 40;
/// More than a process can have files open.
const MAX_CONNECTIONS: u32 = 1_000_000;
/// The database's name in the data folder.
const DATABASE: &str = "pushcast.db";
/// Octets that mean something in the address of a SQLite file.
const SPECIAL: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

/// `[server]`: listeners, folders, the gateway's own name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Main listener: PAP, sessions, reports, console.
    pub listen: SocketAddr,
    /// Listener for health and metrics.
    pub admin_listen: SocketAddr,
    /// Folder of everything that is kept.
    pub data_dir: PathBuf,
    pub(super) database_url: Option<DatabaseUrl>,
    /// The ppg-specifier in the addresses that this gateway writes.
    pub ppg_name: String,
    /// Whether HTTP Basic, which sends the password, is taken without TLS from other machines.
    pub allow_cleartext: bool,
}

impl Server {
    /// Address of the database: as configured, else a SQLite file in the data folder.
    pub fn database_url(&self) -> String {
        match &self.database_url {
            Some(DatabaseUrl(url)) => url.clone(),
            None => {
                let file = self.data_dir.join(DATABASE);
                let file = percent_encode(file.as_os_str().as_bytes(), SPECIAL);
                format!("sqlite:{file}")
            }
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        let local = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        Self {
            listen: local(8080),
            admin_listen: local(9090),
            data_dir: PathBuf::from("pushcast-data"),
            database_url: None,
            ppg_name: "pushcast".to_owned(),
            allow_cleartext: false,
        }
    }
}

/// The address of a database, perhaps with a password.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct DatabaseUrl(String);

impl DatabaseUrl {
    pub(super) fn is_known(&self) -> bool {
        ["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|scheme| self.0.starts_with(scheme))
    }

    /// Whether a password stands in it, before the host or among the options.
    pub(super) fn has_password(&self) -> bool {
        url::Url::parse(&self.0).is_ok_and(|url| {
            url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password")
        })
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.split(':').next().unwrap_or_default())?;
        f.write_str(":..")
    }
}

/// `[tls]`: certificates of the main listener.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The server's certificate chain, PEM.
    pub cert_file: PathBuf,
    /// Its private key, PEM.
    pub key_file: PathBuf,
    /// Certificates of those who certify clients, PEM. Without it clients are not asked.
    pub client_ca_file: Option<PathBuf>,
}

/// `[limits]`: what is too much.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Longest request body where the initiator has no limit of its own, octets.
    #[serde(deserialize_with = "octets")]
    pub body_bytes: u64,
    /// Connections to the main listener at a time.
    #[serde(deserialize_with = "connections")]
    pub connections: u32,
    #[serde(deserialize_with = "connections_or_none")]
    pub(super) connections_per_address: Option<u32>,
    /// Lifetime of a push without deliver-before.
    #[serde(rename = "default_lifetime_s", deserialize_with = "seconds")]
    pub default_lifetime: Duration,
}

impl Limits {
    /// Connections to the main listener from one address at a time: as configured, else a quarter
    /// of all.
    pub fn connections_per_address(&self) -> u32 {
        self.connections_per_address
            .unwrap_or_else(|| self.connections.div_ceil(4))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: DEFAULT_BODY_BYTES,
            connections: DEFAULT_CONNECTIONS,
            connections_per_address: None,
            default_lifetime: DEFAULT_LIFETIME,
        }
    }
}

/// `[retention]`: how long things are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Finished submissions with their files and reports. In the file a number of days, which may
    /// be a fraction.
    #[serde(rename = "finished_days", deserialize_with = "days")]
    pub finished: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            finished: DEFAULT_RETENTION,
        }
    }
}

/// `[console]`: the browser console.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleSettings {
    /// A session that is not used for so long ends. In the file a number of minutes.
    #[serde(rename = "idle_minutes", deserialize_with = "idle")]
    pub idle: Duration,
    /// A session ends after so long in any case. In the file a number of hours.
    #[serde(rename = "session_hours", deserialize_with = "hours")]
    pub session: Duration,
    /// So long after its approval an alert can be stopped before anything of it was sent.
    #[serde(rename = "undo_s", deserialize_with = "undo")]
    pub undo: Duration,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(30 * 60),
            session: Duration::from_secs(12 * 3600),
            undo: Duration::from_secs(10),
        }
    }
}

/// `[[lane]]`: a thread that sends through one interface.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Its name in channels, logs and metrics.
    pub name: LaneName,
    /// Name or address of the interface.
    pub interface: String,
    /// How it sends.
    #[serde(default)]
    pub backend: BackendChoice,
}

/// Which back-end a lane is to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BackendChoice {
    /// The best that works here.
    #[default]
    Auto,
    /// This one or none.
    Only(Backend),
}

impl BackendChoice {
    /// As a lane wants it.
    pub const fn wanted(self) -> Option<Backend> {
        match self {
            Self::Auto => None,
            Self::Only(backend) => Some(backend),
        }
    }
}

impl FromStr for BackendChoice {
    type Err = UnknownBackend;

    fn from_str(text: &str) -> Result<Self, UnknownBackend> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => text.parse().map(Self::Only),
        }
    }
}

impl<'de> Deserialize<'de> for BackendChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

fn idle<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let minutes = within(u64::deserialize(deserializer)?, 1, 24 * 60)?;
    Ok(Duration::from_secs(minutes * 60))
}

fn hours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let hours = within(u64::deserialize(deserializer)?, 1, 7 * 24)?;
    Ok(Duration::from_secs(hours * 3600))
}

fn undo<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    within(u64::deserialize(deserializer)?, 0, 600).map(Duration::from_secs)
}

fn octets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(u64::deserialize(deserializer)?, 1, MAX_BODY_BYTES)
}

pub(super) fn octets_or_none<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    octets(deserializer).map(Some)
}

fn connections<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    within(u32::deserialize(deserializer)?, 1, MAX_CONNECTIONS)
}

fn connections_or_none<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    connections(deserializer).map(Some)
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = u64::deserialize(deserializer)?;
    within(seconds, 1, MAX_DAYS * SECONDS_OF_DAY).map(Duration::from_secs)
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let days = f64::deserialize(deserializer)?;
    let most = Duration::from_secs(MAX_DAYS * SECONDS_OF_DAY);
    // The product is refused if it is negative, infinite or no number.
    Duration::try_from_secs_f64(days * SECONDS_OF_DAY as f64)
        .ok()
        .filter(|duration| !duration.is_zero() && *duration <= most)
        .ok_or_else(|| {
            D::Error::custom(format_args!("{days} is not above 0 and at most {MAX_DAYS}"))
        })
}

pub(super) fn within<T: PartialOrd + fmt::Display, E: de::Error>(
    value: T,
    least: T,
    most: T,
) -> Result<T, E> {
    if (&least..=&most).contains(&&value) {
        Ok(value)
    } else {
        Err(E::custom(format_args!(
            "{value} is outside {least} to {most}"
        )))
    }
}
