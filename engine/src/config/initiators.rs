//! `[[initiator]]`: accounts, with their secrets in files of their own.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::model::ids::NameError;
use crate::model::initiator::{CONSOLE, Network, Rate};
use crate::model::{AreaName, Bearer, GroupName, Initiator, InitiatorName, Priority, Sha256};

use super::document::Section;
use super::error::Problem;
use super::names::Names;
use super::reader::Reader;
use super::secret::{self, SecretError};
use super::sections::{octets_or_none, within};

/// A limit beyond would be none.
const MAX_LIMIT: u64 = 1_000_000_000;

/// An account as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: InitiatorName,
    password_hash_file: Option<PathBuf>,
    digest_ha1_file: Option<PathBuf>,
    #[serde(default)]
    client_certificates: Vec<Sha256>,
    #[serde(default)]
    trusted_from: Vec<Network>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    areas: Vec<String>,
    bearers: Option<Vec<Bearer>>,
    max_priority: Option<Priority>,
    #[serde(default, deserialize_with = "octets_or_none")]
    body_bytes: Option<u64>,
    #[serde(default, deserialize_with = "rate")]
    rate: Option<Rate>,
    #[serde(default, deserialize_with = "limit")]
    concurrent: Option<u32>,
    #[serde(default, deserialize_with = "limit")]
    daily_quota: Option<u64>,
    #[serde(default, deserialize_with = "limit")]
    daily_addresses: Option<u64>,
    #[serde(default)]
    notify_hosts: Vec<String>,
}

impl Entry {
    /// Whether there is any way to be taken for this account.
    const fn has_way_in(&self) -> bool {
        self.has_password() || !self.client_certificates.is_empty() || !self.trusted_from.is_empty()
    }

    const fn has_password(&self) -> bool {
        self.password_hash_file.is_some() || self.digest_ha1_file.is_some()
    }
}

impl Reader<'_> {
    pub(super) fn initiators(
        &mut self,
        sections: &[Section<'_>],
        asks_clients: bool,
    ) -> Vec<Initiator> {
        Names::collect("initiator", sections, &mut self.findings);
        let mut initiators = Vec::new();
        for section in sections {
            let entry: Option<Entry> = section.read(&["name"], &mut self.findings);
            if let Some(entry) = entry {
                if entry.name.as_str() == CONSOLE {
                    self.findings.add(section.line_of("name"), Problem::Console);
                }
                if !entry.client_certificates.is_empty() && !asks_clients {
                    let line = section.line_of("client_certificates");
                    self.findings.add(line, Problem::ClientCa);
                }
                initiators.push(self.initiator(section, entry));
            }
        }
        initiators
    }

    fn initiator(&mut self, section: &Section<'_>, entry: Entry) -> Initiator {
        if !entry.has_way_in() {
            let name = entry.name.to_string();
            self.findings.add(section.line(), Problem::NoWayIn { name });
        }
        if entry.has_password() && entry.name.as_str().contains(':') {
            self.findings.add(section.line_of("name"), Problem::Colon);
        }
        if entry.bearers.as_ref().is_some_and(Vec::is_empty) {
            let key = "bearers";
            self.findings
                .add(section.line_of(key), Problem::Empty { key });
        }
        self.allowed::<GroupName>(section, ("groups", &entry.groups));
        self.allowed::<AreaName>(section, ("areas", &entry.areas));
        for (position, host) in entry.notify_hosts.iter().enumerate() {
            if !is_authority(host) {
                let line = section.line_of_item("notify_hosts", position);
                let host = host.clone();
                self.findings.add(line, Problem::Host { host });
            }
        }
        let password_hash = entry.password_hash_file.as_deref().and_then(|file| {
            let hash = secret::password_hash(&self.folder.join(file));
            self.secret(section, "password_hash_file", hash)
        });
        Initiator {
            password_hash,
            digest_ha1_file: entry
                .digest_ha1_file
                .as_deref()
                .and_then(|file| self.digest_file(section, file)),
            name: entry.name,
            client_certificates: entry.client_certificates,
            trusted_from: entry.trusted_from,
            groups: entry.groups,
            areas: entry.areas,
            bearers: entry.bearers,
            max_priority: entry.max_priority,
            body_bytes: entry.body_bytes,
            rate: entry.rate,
            concurrent: entry.concurrent,
            daily_quota: entry.daily_quota,
            daily_addresses: entry.daily_addresses,
            notify_hosts: entry.notify_hosts,
        }
    }

    /// Groups and areas of an initiator may exist in the store alone, so only their form counts.
    fn allowed<T: FromStr<Err = NameError>>(
        &mut self,
        section: &Section<'_>,
        (key, names): (&str, &[String]),
    ) {
        for (position, name) in names.iter().enumerate() {
            if let Err(error) = name.parse::<T>() {
                let line = section.line_of_item(key, position);
                self.findings.add(line, error);
            }
        }
    }

    /// The whole path of a file that can be used. The account is kept in the database, which does
    /// not know the folder.
    fn digest_file(&mut self, section: &Section<'_>, file: &Path) -> Option<String> {
        let path = self.folder.join(file);
        let whole = std::path::absolute(&path).map_err(|source| SecretError::Read {
            path: path.clone(),
            source,
        });
        let usable = whole.and_then(|path| {
            secret::digest_secret(&path)?;
            let text = path.to_str().map(str::to_owned);
            text.ok_or(SecretError::Name { path })
        });
        self.secret(section, "digest_ha1_file", usable)
    }

    fn secret<T>(
        &mut self,
        section: &Section<'_>,
        key: &str,
        secret: Result<T, SecretError>,
    ) -> Option<T> {
        secret
            .map_err(|error| self.findings.add(section.line_of(key), error))
            .ok()
    }
}

/// Whether a text is `host` or `host:port`.
fn is_authority(text: &str) -> bool {
    url::Url::parse(&format!("http://{text}/")).is_ok_and(|url| {
        let credentials = !url.username().is_empty() || url.password().is_some();
        !credentials && url.path() == "/" && url.query().is_none() && !text.contains(['/', '#'])
    })
}

fn limit<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    let limit = within(u64::deserialize(deserializer)?, 1, MAX_LIMIT)?;
    let limit = T::try_from(limit);
    limit.map(Some).map_err(|_| D::Error::custom("too large"))
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Rate>, D::Error> {
    let rate = Rate::deserialize(deserializer)?;
    for number in [rate.per_second, rate.burst] {
        within(u64::from(number), 1, MAX_LIMIT)?;
    }
    Ok(Some(rate))
}
