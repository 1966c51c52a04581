//! What a person or a program reads.

use std::io::{IsTerminal as _, Write as _};

use crate::Extent;
use crate::figures::{Row, Samples, brief};

/// Writes a line; a reader that went away is no fault of ours.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Tells a person at a terminal what takes so long.
pub(crate) fn progress(id: &str) {
    if std::io::stderr().is_terminal() {
        let _ = writeln!(std::io::stderr(), "measuring {id} ..");
    }
}

fn spread(samples: &Samples) -> String {
    format!(
        "{} ({} to {})",
        brief(samples.median()),
        brief(samples.least()),
        brief(samples.most())
    )
}

fn beside(row: &Row, other: Option<&(&'static str, Samples)>) -> String {
    other.map_or_else(
        || "-".to_owned(),
        |(name, samples)| {
            let ratio = row.ours.median() / samples.median();
            format!("{} {}, x{ratio:.2}", brief(samples.median()), name)
        },
    )
}

/// The table, as Markdown.
pub(crate) fn print(rows: &[Row], extent: Extent) {
    say(
        "| # | work | unit | ours: median (spread) | target | met | peer, ratio | ceiling, ratio |",
    );
    say("|---|---|---|---|---|---|---|---|");
    for row in rows {
        let met = match (extent, row.target.is_met(row.ours.median())) {
            (Extent::Smoke, _) | (_, None) => "-",
            (_, Some(true)) => "yes",
            (_, Some(false)) => "no",
        };
        say(&format!(
            "| {} | {} | {} | {} | {} | {met} | {} | {} |",
            row.id,
            row.work,
            row.unit.as_str(),
            spread(&row.ours),
            row.target,
            beside(row, row.peer.as_ref()),
            beside(row, row.ceiling.as_ref()),
        ));
    }
    let rounds = rows.iter().map(|row| row.ours.count()).max().unwrap_or(0);
    let once = rows.iter().filter(|row| row.ours.count() < rounds);
    let mut once: Vec<&str> = once.map(|row| row.id).collect();
    once.dedup();
    let once = match once.as_slice() {
        [] => String::new(),
        ids => format!(", {} measured once", ids.join(" and ")),
    };
    say(&format!(
        "\nn = {rounds} interleaved rounds{once}; {}",
        machine()
    ));
    if extent == Extent::Smoke {
        say("smoke run: every result was checked, no figure means anything");
    }
}

/// Processor and kernel, without names that would identify the machine.
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let kernel = kernel.split('-').next().unwrap_or_default().trim();
    format!("{model}, {cores} cores, Linux {kernel}")
}

fn json_samples(samples: &Samples) -> serde_json::Value {
    serde_json::json!({
        "n": samples.count(),
        "median": samples.median(),
        "least": samples.least(),
        "most": samples.most(),
    })
}

/// One row as a line of JSON.
pub(crate) fn json(row: &Row) {
    let side = |side: Option<&(&'static str, Samples)>| {
        side.map(
            |(name, samples)| serde_json::json!({ "name": name, "samples": json_samples(samples) }),
        )
    };
    say(&serde_json::json!({
        "id": row.id,
        "work": row.work,
        "unit": row.unit.as_str(),
        "ours": json_samples(&row.ours),
        "target": row.target.to_string(),
        "met": row.target.is_met(row.ours.median()),
        "peer": side(row.peer.as_ref()),
        "ceiling": side(row.ceiling.as_ref()),
    })
    .to_string());
}
