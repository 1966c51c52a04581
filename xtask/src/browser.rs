//! The console in a real browser: node's test runner drives Chromium.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};

use crate::bundle::{self, Bundle};
use crate::command::{Program, cargo, program, say};
use crate::packages;

/// Where the tests are.
const FOLDER: &str = "console/tests/e2e";

/// Builds the program, then runs the tests whose names hold one of the words, all without words;
/// with `--screenshots DIR` writes pictures of every screen there instead.
pub(crate) fn run(arguments: &[String], bundle: Bundle) -> anyhow::Result<()> {
    let node = match arguments {
        [screenshots, folder] if screenshots == "--screenshots" => {
            let folder = std::path::absolute(folder)?;
            program("node", &["screenshots.mjs"]).with(&[folder.to_string_lossy().into_owned()])
        }
        [screenshots, ..] if screenshots == "--screenshots" => {
            bail!("--screenshots needs a folder and nothing else")
        }
        words => program("node", &["--test"]).with(&files(words)?),
    };
    cargo(&["build", "--release", "--package", "pushcast-console"]).run()?;
    drive(
        node,
        &bundle::target_folder().join("release/pushcast"),
        bundle,
    )
}

/// Runs all tests against a program that is built already.
pub(crate) fn test(binary: &Path, bundle: Bundle) -> anyhow::Result<()> {
    let node = program("node", &["--test"]).with(&files(&[])?);
    drive(node, binary, bundle)
}

fn drive(node: Program, binary: &Path, bundle: Bundle) -> anyhow::Result<()> {
    let mut node = prepared(node, binary)?;
    if let Some(site) = bundle::build(bundle)? {
        node = node.env("PUSHCAST_SITE", &site.to_string_lossy());
    }
    node_run(node)
}

/// Tries the one binary without anything beside it.
pub(crate) fn check(binary: &Path) -> anyhow::Result<()> {
    node_run(prepared(
        program("node", &["--test", "dist.check.mjs"]),
        binary,
    )?)
}

/// Has what node needs, and says which program is tested.
fn prepared(node: Program, binary: &Path) -> anyhow::Result<Program> {
    packages::install()?;
    install_modules()?;
    let binary = std::path::absolute(binary)?;
    Ok(node.env("PUSHCAST", &binary.to_string_lossy()))
}

fn node_run(node: Program) -> anyhow::Result<()> {
    let mut command = node.into_command();
    let status = command.current_dir(FOLDER).status()?;
    if !status.success() {
        bail!("the browser's tests ended with {status}");
    }
    Ok(())
}

/// The test files, in order.
fn files(words: &[String]) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(Path::new(FOLDER))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let wanted = words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
        if name.ends_with(".test.mjs") && wanted {
            found.push(name);
        }
    }
    found.sort_unstable();
    if found.is_empty() {
        bail!("no test file is named so");
    }
    Ok(found)
}

/// The driver and the checker, as locked.
fn install_modules() -> anyhow::Result<()> {
    if Path::new(FOLDER)
        .join("node_modules/playwright-core")
        .exists()
    {
        return Ok(());
    }
    say("npm ci");
    let mut command = program(
        "npm",
        &["ci", "--no-audit", "--no-fund", "--ignore-scripts"],
    )
    .into_command();
    let status = command
        .current_dir(FOLDER)
        .stdin(Stdio::null())
        .status()
        .context("cannot run npm")?;
    if !status.success() {
        bail!("npm ci ended with {status}");
    }
    Ok(())
}
