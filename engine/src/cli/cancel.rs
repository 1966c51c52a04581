//! `pushcast cancel`

use anyhow::bail;
use serde::Serialize;

use crate::model::PushId;
use crate::pap::Response;
use crate::pap::response::CancelResult;

use super::access::{self, Access};
use super::{Ended, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    access: Access,
    /// The push to be cancelled.
    push_id: String,
    /// Only for this address of it: `group/NAME`, `area/NAME` or a full `WAPPUSH=..` address; may
    /// be repeated.
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
    code: u16,
    desc: Option<&'a str>,
}

/// Cancels. Fails unless every address asked for is cancelled.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let push_id: PushId = arguments.push_id.parse()?;
    let to = access::recipients(&arguments.to)?;
    let client = arguments.access.client()?;
    let results = match client.cancel(push_id.clone(), to).await? {
        Response::Cancel(cancel) => cancel.results,
        other => bail!("the gateway gave another answer than asked for: {other:?}"),
    };
    for result in &results {
        show(&push_id, result, arguments.json);
    }
    let cancelled = results.iter().all(|result| result.code.is_success());
    Ok(if cancelled {
        Ended::Done
    } else {
        Ended::Failed
    })
}

/// A line for each address; one without where the gateway named none.
fn show(push_id: &PushId, result: &CancelResult, json: bool) {
    for address in access::named(&result.addresses) {
        let line = Line {
            push_id: push_id.as_str(),
            address,
            code: result.code.number(),
            desc: result.desc.as_deref(),
        };
        output::line(&if json {
            serde_json::to_string(&line).unwrap_or_default()
        } else {
            format!(
                "{}: {} {}",
                address.unwrap_or(push_id.as_str()),
                line.code,
                line.desc.unwrap_or_default()
            )
        });
    }
}
