//! `pushcast submit`

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Serialize;

use crate::model::{Priority, PushId, QualityOfService};
use crate::pap::Response;
use crate::pap::message::{PushMessage, ReplaceMethod, Replacement};
use crate::pap::mime::Entity;

use super::access::{self, Access};
use super::{Ended, duration, follow, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    access: Access,
    /// `group/NAME`, `area/NAME` or a full `WAPPUSH=..` address; may be repeated.
    #[arg(long, required = true)]
    to: Vec<String>,
    /// Content; standard input if absent.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Media type of the content.
    #[arg(long, default_value = "application/octet-stream")]
    content_type: String,
    /// Your own name for the push; made up if absent.
    #[arg(long)]
    push_id: Option<String>,
    /// X-Wap-Application-Id.
    #[arg(long)]
    app_id: Option<String>,
    /// Not before this time, `YYYY-MM-DDThh:mm:ssZ`.
    #[arg(long, value_parser = timestamp)]
    deliver_after: Option<u64>,
    /// Not after this time, `YYYY-MM-DDThh:mm:ssZ`.
    #[arg(long, value_parser = timestamp)]
    deliver_before: Option<u64>,
    /// high, medium or low.
    #[arg(long, value_parser = ["high", "medium", "low"])]
    priority: Option<String>,
    /// MBMS, BCAST or CBS.
    #[arg(long)]
    bearer: Option<String>,
    /// Fail rather than use another bearer.
    #[arg(long, requires = "bearer")]
    bearer_required: bool,
    /// The push that this one takes the place of.
    #[arg(long)]
    replace: Option<String>,
    /// Whom the replacement reaches: all, or only those whose old push was still pending.
    #[arg(long, requires = "replace", default_value = "all", value_parser = ["all", "pending-only"])]
    replace_method: String,
    /// Where result notifications go.
    #[arg(long)]
    notify: Option<String>,
    /// Wait for the outcome; a gateway that does not answer is asked again.
    #[arg(long)]
    wait: bool,
    /// Longest wait for the outcome, for example `90s`, `5m` or `2h`.
    #[arg(long, requires = "wait", default_value = "2h", value_parser = duration::parse)]
    timeout: Duration,
    /// JSON instead of readable lines.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    push_id: &'a str,
    code: u16,
    desc: Option<&'a str>,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let client = arguments.access.client()?;
    let push = push_message(&arguments)?;
    let push_id = push.push_id.clone();
    let mut headers = Vec::new();
    headers.extend(
        arguments
            .app_id
            .clone()
            .map(|id| ("X-Wap-Application-Id".to_owned(), id)),
    );
    let body = content(arguments.file.as_deref())?;
    let entity = Entity {
        content_type: arguments.content_type.clone(),
        headers,
        body,
    };
    let response = client.submit(push, &entity).await?;
    let accepted = show_answer(&response, &push_id, arguments.json)?;
    if !accepted {
        return Ok(Ended::Failed);
    }
    if arguments.wait {
        follow::follow(&client, &push_id, arguments.timeout, arguments.json).await
    } else {
        Ok(Ended::Done)
    }
}

fn push_message(arguments: &Arguments) -> anyhow::Result<PushMessage> {
    let push_id = match &arguments.push_id {
        Some(push_id) => push_id.parse()?,
        None => format!("{}@pushcast", uuid::Uuid::now_v7()).parse()?,
    };
    let addresses = access::recipients(&arguments.to)?;
    let priority = arguments
        .priority
        .as_deref()
        .map(|priority| match priority {
            "high" => Priority::High,
            "low" => Priority::Low,
            _ => Priority::Medium,
        });
    let asked = priority.is_some() || arguments.bearer.is_some();
    let quality_of_service = asked.then(|| QualityOfService {
        priority: priority.unwrap_or_default(),
        bearer: arguments.bearer.clone(),
        bearer_required: arguments.bearer_required,
        ..QualityOfService::default()
    });
    let method = match arguments.replace_method.as_str() {
        "pending-only" => ReplaceMethod::PendingOnly,
        _ => ReplaceMethod::All,
    };
    let replaces = match &arguments.replace {
        Some(push_id) => Some(Replacement {
            push_id: push_id.parse()?,
            method,
        }),
        None => None,
    };
    Ok(PushMessage {
        push_id,
        replaces,
        deliver_before_ms: arguments.deliver_before,
        deliver_after_ms: arguments.deliver_after,
        source_reference: None,
        notify_url: arguments.notify.clone(),
        progress_notes: false,
        addresses,
        quality_of_service,
    })
}

/// Unix milliseconds of a UTC timestamp.
fn timestamp(text: &str) -> Result<u64, String> {
    let timestamp: jiff::Timestamp = text.parse().map_err(|error| format!("{error}"))?;
    u64::try_from(timestamp.as_millisecond()).map_err(|_| "before 1970".to_owned())
}

fn content(file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    match file {
        Some(file) => {
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
        }
        None => {
            let mut octets = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut octets)
                .context("cannot read standard input")?;
            Ok(octets)
        }
    }
}

fn show_answer(response: &Response, push_id: &PushId, json: bool) -> anyhow::Result<bool> {
    let (code, desc) = match response {
        Response::Push(push) => (push.code, push.desc.as_deref()),
        Response::BadMessage(bad) => (bad.code, bad.desc.as_deref()),
        other => bail!("the gateway gave another answer than asked for: {other:?}"),
    };
    let answer = Answer {
        push_id: push_id.as_str(),
        code: code.number(),
        desc,
    };
    if json {
        output::line(&serde_json::to_string(&answer)?);
    } else {
        output::line(&format!(
            "{push_id}: {} {}",
            answer.code,
            desc.unwrap_or_default()
        ));
    }
    Ok(code.is_success())
}
