//! The whole test suite, with a database and the programs that it needs.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::browser;
use crate::bundle::{self, Bundle};
use crate::cluster::Cluster;
use crate::command::{Step, cargo, say};
use crate::packages;

/// Everything but the browser's half: built for the host beside the server's it would change what
/// both are.
pub(crate) const WHOLE: [&str; 3] = ["--workspace", "--exclude", "pushcast-console-client"];

/// What tests print that could not run here.
const SKIPPED: &str = "SKIPPED";

/// Whether tests may skip what this machine cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skipped {
    Allowed,
    Refused,
}

/// Builds the tests and the programs together: any other choice of packages has other features, and
/// the compiler would begin again.
fn build() -> anyhow::Result<()> {
    let build = cargo(&[&["build"][..], &WHOLE, &["--tests", "--bins"]].concat());
    Step::new("build", build).run()
}

/// A program that the tests were built with.
pub(crate) fn built(name: &str) -> PathBuf {
    bundle::target_folder().join("debug").join(name)
}

/// Runs unit, integration and documentation tests, and those in a browser.
pub(crate) fn run(skipped: Skipped) -> anyhow::Result<()> {
    packages::install()?;
    let cluster = Cluster::start()?;
    let url = cluster.as_ref().map(Cluster::url);
    if url.is_none() {
        say("PostgreSQL is not installed: the store is tested on SQLite alone");
    }
    build()?;
    let mut found = Vec::new();
    let suites = if has_nextest() {
        let nextest = ["nextest", "run", "--success-output", "immediate"];
        vec![
            cargo(&[&nextest[..], &WHOLE, &["--no-fail-fast"]].concat()),
            cargo(&[&["test"][..], &WHOLE, &["--doc"]].concat()),
        ]
    } else {
        let captured = ["--no-fail-fast", "--", "--nocapture"];
        vec![cargo(&[&["test"][..], &WHOLE, &captured].concat())]
    };
    for suite in suites {
        let mut command = suite.into_command();
        if let Some(url) = &url {
            command.env("PUSHCAST_TEST_POSTGRES", url);
        }
        watched(&mut command, &mut found)?;
    }
    in_browser(skipped, &mut found)?;
    found.sort_unstable();
    found.dedup();
    for line in &found {
        say(line);
    }
    if skipped == Skipped::Refused && !found.is_empty() {
        bail!(
            "{} tests were skipped, which is not allowed here",
            found.len()
        );
    }
    Ok(())
}

/// The console in a browser, where there is one.
fn in_browser(skipped: Skipped, found: &mut Vec<String>) -> anyhow::Result<()> {
    let bundle = match skipped {
        Skipped::Allowed => Bundle::Wanted,
        Skipped::Refused => Bundle::Required,
    };
    if packages::find("chromium").is_some() && packages::find("npm").is_some() {
        return browser::test(&built("pushcast"), bundle);
    }
    found.push(format!(
        "{SKIPPED} the console in a browser: no chromium, or no npm"
    ));
    Ok(())
}

fn has_nextest() -> bool {
    let mut version = cargo(&["nextest", "--version"]).into_command();
    version
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a suite, passes its output on and keeps the lines that tell of skipped tests.
fn watched(command: &mut Command, found: &mut Vec<String>) -> anyhow::Result<()> {
    let (reader, writer) = std::io::pipe().context("no pipe")?;
    let mut child = command
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    // The child holds the only writing ends from here on.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for line in BufReader::new(reader).lines() {
        let line = line.unwrap_or_default();
        if let Some(at) = line.find(SKIPPED) {
            found.push(line[at..].to_owned());
        }
        say(&line);
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the tests ended with {status}");
    }
    Ok(())
}
