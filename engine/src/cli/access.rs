//! What subcommands of a Push Initiator share: the gateway, the account, addresses.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::client::pap::{Credentials, PapClient};
use crate::model::Address;
use crate::pap::message::Recipient;

/// Name of the gateway in short addresses; gateways do not look at it.
const PPG: &str = "ppg";

/// Which gateway, and as whom.
#[derive(clap::Args)]
pub(super) struct Access {
    /// The gateway, for example http://127.0.0.1:8080/pap.
    #[arg(long)]
    ppg: String,
    /// Account name.
    #[arg(long, requires = "password_file")]
    user: Option<String>,
    /// File with the account's password.
    #[arg(long)]
    password_file: Option<PathBuf>,
}

impl Access {
    /// A client of that gateway.
    pub(super) fn client(&self) -> anyhow::Result<PapClient> {
        Ok(PapClient::new(&self.ppg, self.credentials()?)?)
    }

    fn credentials(&self) -> anyhow::Result<Option<Credentials>> {
        let (Some(user), Some(file)) = (&self.user, &self.password_file) else {
            return Ok(None);
        };
        Ok(Some(Credentials {
            user: user.clone(),
            password: password(file)?,
        }))
    }
}

/// Reads a password; line ends after it are not part of it.
pub(super) fn password(file: &Path) -> anyhow::Result<String> {
    let password =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}

/// Short forms, or addresses as they stand.
pub(super) fn recipients(to: &[String]) -> anyhow::Result<Vec<Recipient>> {
    to.iter().map(|to| recipient(to)).collect()
}

/// Each address of a result; one `None` where the gateway named none.
pub(super) fn named(addresses: &[String]) -> impl Iterator<Item = Option<&str>> {
    let whole = addresses.is_empty().then_some(None);
    let each = addresses.iter().map(|address| Some(address.as_str()));
    each.chain(whole)
}

/// A short form, or an address as it stands.
pub(super) fn recipient(to: &str) -> anyhow::Result<Recipient> {
    let address = match to.split_once('/') {
        Some(("group", name)) => Address::group(&name.parse()?, PPG)?,
        Some(("area", name)) => Address::area(&name.parse()?, PPG)?,
        _ => to.parse().with_context(|| {
            format!("{to:?} is neither group/NAME, area/NAME nor a WAPPUSH address")
        })?,
    };
    Ok(address.into())
}
