//! `pushcast status`

use anyhow::bail;
use serde::Serialize;

use crate::client::pap::PapClient;
use crate::model::{PushId, StatusCode};
use crate::pap::Response;
use crate::pap::message::Recipient;
use crate::pap::response::StatusResult;

use super::access::{self, Access};
use super::{Ended, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    access: Access,
    /// The push that is asked about.
    push_id: String,
    /// Only this address of it: `group/NAME`, `area/NAME` or a full `WAPPUSH=..` address; may be
    /// repeated.
    #[arg(long)]
    to: Vec<String>,
    /// One JSON line for each address.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    push_id: &'a str,
    address: Option<&'a str>,
    state: &'static str,
    code: u16,
    desc: Option<&'a str>,
}

/// Asks once. What the gateway does not know is a failure.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let push_id: PushId = arguments.push_id.parse()?;
    let to = access::recipients(&arguments.to)?;
    let client = arguments.access.client()?;
    let results = ask(&client, &push_id, to).await?;
    results
        .iter()
        .for_each(|result| show(&push_id, result, arguments.json));
    let unknown = [StatusCode::AddressNotFound, StatusCode::PushIdNotFound].map(Into::into);
    let is_known = results.iter().all(|result| !unknown.contains(&result.code));
    Ok(if is_known { Ended::Done } else { Ended::Failed })
}

/// The states of a push, of all its addresses where none are named.
pub(super) async fn ask(
    client: &PapClient,
    push_id: &PushId,
    to: Vec<Recipient>,
) -> anyhow::Result<Vec<StatusResult>> {
    match client.status(push_id.clone(), to).await? {
        Response::StatusQuery(status) => Ok(status.results),
        other => bail!("the gateway gave another answer than asked for: {other:?}"),
    }
}

/// A line for each address; one without where the gateway named none.
pub(super) fn show(push_id: &PushId, result: &StatusResult, json: bool) {
    for address in access::named(&result.addresses) {
        let line = Line {
            push_id: push_id.as_str(),
            address,
            state: result.state.as_str(),
            code: result.code.number(),
            desc: result.desc.as_deref(),
        };
        let of = address.unwrap_or(push_id.as_str());
        let mut readable = format!("{of}: {} {}", line.state, line.code);
        if let Some(desc) = line.desc {
            readable.push(' ');
            readable.push_str(desc);
        }
        output::line(&if json {
            serde_json::to_string(&line).unwrap_or_default()
        } else {
            readable
        });
    }
}
