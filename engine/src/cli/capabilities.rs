//! `pushcast capabilities`

use anyhow::bail;
use serde::Serialize;

use crate::pap::Response;

use super::access::{self, Access};
use super::{Ended, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    access: Access,
    /// Whose capabilities: `group/NAME`, `area/NAME` or a full `WAPPUSH=..` address.
    #[arg(long)]
    to: String,
    /// One JSON line, with the profile in it.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    address: &'a str,
    code: u16,
    desc: Option<&'a str>,
    profile: Option<&'a str>,
}

/// Asks once. The profile is written as it came.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let address = access::recipient(&arguments.to)?;
    let client = arguments.access.client()?;
    let (response, profile) = client.capabilities(address).await?;
    let Response::Ccq(answer) = response else {
        bail!("the gateway gave another answer than asked for: {response:?}");
    };
    let line = Line {
        address: &answer.address,
        code: answer.code.number(),
        desc: answer.desc.as_deref(),
        profile: profile.as_deref(),
    };
    if arguments.json {
        output::line(&serde_json::to_string(&line)?);
    } else {
        let desc = line.desc.unwrap_or_default();
        output::line(&format!("{}: {} {desc}", line.address, line.code));
        profile.iter().for_each(|profile| output::line(profile));
    }
    Ok(if answer.code.is_success() {
        Ended::Done
    } else {
        Ended::Failed
    })
}
