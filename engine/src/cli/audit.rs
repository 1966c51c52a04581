//! `pushcast audit`

use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;

use crate::config::{Config, Overrides};
use crate::store::{AuditLog, AuditRow};

use super::{Ended, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Configuration file of the gateway, which may be running.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Folder of everything that is kept.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Walk the chain of hashes instead: exit 0 if every row is as it was written, 1 if not.
    #[arg(long)]
    verify: bool,
    /// One JSON line for each row, or for the verdict.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    at: String,
    who: Option<&'a str>,
    from: Option<&'a str>,
    action: &'a str,
    reason: &'a str,
    count: u64,
    hash: String,
}

#[derive(Serialize)]
struct Verdict {
    sound: u64,
    head: String,
    broken_at: Option<u64>,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let config = match &arguments.config {
        Some(path) => match Config::read(path) {
            Ok(config) => config,
            Err(errors) => {
                output::note(&errors.to_string());
                return Ok(Ended::Misused);
            }
        },
        None => Config::lab(),
    };
    let config = config.with_overrides(Overrides {
        data_dir: arguments.data_dir,
        ..Overrides::default()
    });
    let log = AuditLog::open(&config.server().database_url())
        .await
        .context("the database cannot be opened")?;
    if arguments.verify {
        return verify(&log, arguments.json).await;
    }
    let mut last = 0;
    loop {
        let rows = log.rows_after(last).await?;
        let Some(row) = rows.last() else {
            return Ok(Ended::Done);
        };
        last = row.seq;
        rows.iter().for_each(|row| show(row, arguments.json));
    }
}

async fn verify(log: &AuditLog, json: bool) -> anyhow::Result<Ended> {
    let found = log.verify().await?;
    let verdict = Verdict {
        sound: found.sound,
        head: found.head.to_hex(),
        broken_at: found.broken_at,
    };
    output::line(&match (json, verdict.broken_at) {
        (true, _) => serde_json::to_string(&verdict)?,
        (false, None) => format!("{} rows, sound; last hash {}", verdict.sound, verdict.head),
        (false, Some(broken_at)) => format!(
            "row {broken_at} is not as it was written, or one before it is missing; {} rows are sound",
            verdict.sound
        ),
    });
    Ok(match verdict.broken_at {
        None => Ended::Done,
        Some(_) => Ended::Failed,
    })
}

fn show(row: &AuditRow, json: bool) {
    let entry = &row.entry;
    let at_ms = i64::try_from(entry.at_ms).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::MAX);
    let line = Line {
        seq: row.seq,
        at: at.to_string(),
        who: entry.who.as_deref(),
        from: entry.source.as_deref(),
        action: &entry.action,
        reason: &entry.reason,
        count: entry.count,
        hash: row.hash.to_hex(),
    };
    output::line(&if json {
        serde_json::to_string(&line).unwrap_or_default()
    } else {
        format!(
            "{} {} {} from {}: {} {} x{}",
            line.seq,
            line.at,
            line.who.unwrap_or("-"),
            line.from.unwrap_or("-"),
            line.action,
            line.reason,
            line.count
        )
    });
}
