//! `cargo xtask demo|run|dist|test|bench|ci`: what a person or a machine does with the project,
//! with all the set-up that it needs.

mod browser;
mod bundle;
mod cluster;
mod command;
mod packages;
mod tests;
mod wasm_std;

use std::process::ExitCode;

use bundle::Bundle;
use command::{Step, cargo, program};

const USAGE: &str = "\
usage: cargo xtask demo [--once]   build and run the demonstration
       cargo xtask run [..]        build and run `pushcast serve`, console included
       cargo xtask dist [--check]  build the one binary, console embedded, and try it by itself
       cargo xtask bundle          build the browser's half alone
       cargo xtask test            install what the tests need and run them all
       cargo xtask browser [--screenshots DIR] [NAME ..]
                                   test the console in a browser, or take pictures of it
       cargo xtask bench [P1 ..] [--smoke] [--json]
                                   measure what is promised of speed, beside peer and ceiling
       cargo xtask ci              everything a change must pass
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let mut rest: Vec<String> = arguments.collect();
    let bundle = Bundle::of(&mut rest);
    let result = match task.as_str() {
        "bench" => bench(&rest),
        "browser" => browser::run(&rest, bundle),
        "bundle" => bundle::build(bundle).map(drop),
        "ci" => ci(),
        "demo" => pushcast("demo", &rest, bundle),
        "dist" => dist(&rest),
        "run" => pushcast("serve", &rest, bundle),
        "test" => tests::run(tests::Skipped::Allowed),
        _ => {
            command::say(USAGE.trim_end());
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            command::say(&format!("xtask {task}: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Builds both halves and runs a subcommand.
fn pushcast(subcommand: &str, arguments: &[String], bundle: Bundle) -> anyhow::Result<()> {
    let site = bundle::build(bundle)?;
    let run = ["run", "--release", "--package", "pushcast-console", "--"];
    let mut run = cargo(&run).with(&[subcommand.to_owned()]).with(arguments);
    if let Some(site) = site {
        run = run.env("PUSHCAST_SITE", &site.to_string_lossy());
    }
    run.run()
}

/// One binary with everything inside.
fn dist(arguments: &[String]) -> anyhow::Result<()> {
    let Some(site) = bundle::build(Bundle::Required)? else {
        return Ok(());
    };
    let build = ["build", "--release", "--package", "pushcast-console"];
    cargo(&build)
        .with(&["--features".to_owned(), "embed".to_owned()])
        .env("PUSHCAST_SITE", &site.to_string_lossy())
        .run()?;
    let binary = bundle::target_folder().join("release/pushcast");
    command::say(&format!("{}", binary.display()));
    match arguments {
        [] => Ok(()),
        [check] if check == "--check" => browser::check(&binary),
        other => anyhow::bail!("dist knows --check, not {}", other.join(" ")),
    }
}

fn bench(arguments: &[String]) -> anyhow::Result<()> {
    packages::install()?;
    let bench = ["run", "--release", "--package", "pushcast-benches", "--"];
    cargo(&bench).with(arguments).run()
}

/// The linter over these packages; what it finds is an error.
fn lint(name: &'static str, packages: &[&str]) -> Step {
    let arguments = [&["clippy"], packages, &["--", "-D", "warnings"]].concat();
    Step::new(name, cargo(&arguments))
}

/// In the order in which a mistake is cheapest to find.
fn ci() -> anyhow::Result<()> {
    let model = [
        "--package",
        "pushcast-engine",
        "--no-default-features",
        "--lib",
    ];
    let documentation = [&["doc", "--no-deps"], &tests::WHOLE[..]].concat();
    let steps = [
        Step::new("format", cargo(&["fmt", "--all", "--check"])),
        lint("lint", &[&tests::WHOLE[..], &["--all-targets"]].concat()),
        lint("lint the plain data alone", &model),
        Step::new(
            "documentation",
            cargo(&documentation).env("RUSTDOCFLAGS", "-D warnings"),
        ),
    ];
    for step in &steps {
        step.run()?;
    }
    tests::run(tests::Skipped::Refused)?;
    let pushcast = tests::built("pushcast").to_string_lossy().into_owned();
    Step::new("demonstration", program(&pushcast, &["demo", "--once"])).run()?;
    // Checks every result and no figure.
    let benches = tests::built("pushcast-benches")
        .to_string_lossy()
        .into_owned();
    Step::new("benches", program(&benches, &["--smoke"])).run()?;
    command::say("ci: all steps passed");
    Ok(())
}
