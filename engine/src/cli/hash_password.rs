//! `pushcast hash-password`

use std::path::PathBuf;

use crate::http::auth::{DigestSecret, hash_password};

use super::{Ended, access, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// File with the password; /dev/stdin for standard input.
    #[arg(long)]
    password_file: PathBuf,
    /// Make the digests of this account for HTTP Digest (digest_ha1_file) instead of an argon2 hash
    /// (password_hash_file).
    #[arg(long, value_name = "ACCOUNT")]
    digest: Option<String>,
}

/// Prints what belongs into the secret file of an initiator.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let password = access::password(&arguments.password_file)?;
    let secret = match &arguments.digest {
        Some(account) => DigestSecret::new(account, &password).to_lines(),
        None => hash_password(&password)?,
    };
    output::line(secret.trim_end());
    Ok(Ended::Done)
}
