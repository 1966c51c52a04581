//! `cargo xtask demo|test|bench|ci`: what a person or a machine does with the project, with all
//! the set-up that it needs.

mod cluster;
mod command;
mod packages;
mod tests;

use std::process::ExitCode;

use command::{Step, cargo};

const USAGE: &str = "\
usage: cargo xtask demo [--once]   build and run the demonstration
       cargo xtask test            install what the tests need and run them all
       cargo xtask bench [P1 ..] [--smoke] [--json]
                                   measure what is promised of speed, beside peer and ceiling
       cargo xtask ci              everything a change must pass
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let result = match task.as_str() {
        "bench" => bench(&rest),
        "ci" => ci(),
        "demo" => demo(&rest),
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

fn demo(arguments: &[String]) -> anyhow::Result<()> {
    let demo = [
        "run",
        "--release",
        "--package",
        "pushcast-console",
        "--",
        "demo",
    ];
    cargo(&demo).with(arguments).run()
}

fn bench(arguments: &[String]) -> anyhow::Result<()> {
    packages::install()?;
    let bench = ["run", "--release", "--package", "pushcast-benches", "--"];
    cargo(&bench).with(arguments).run()
}

/// In the order in which a mistake is cheapest to find.
fn ci() -> anyhow::Result<()> {
    let steps = [
        Step::new("format", cargo(&["fmt", "--all", "--check"])),
        Step::new(
            "lint",
            cargo(&[
                "clippy",
                "--release",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]),
        ),
        Step::new(
            "lint the plain data alone",
            cargo(&[
                "clippy",
                "--release",
                "--package",
                "pushcast-engine",
                "--no-default-features",
                "--lib",
                "--",
                "-D",
                "warnings",
            ]),
        ),
        Step::new(
            "documentation",
            cargo(&["doc", "--release", "--workspace", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        ),
    ];
    for step in &steps {
        step.run()?;
    }
    tests::run(tests::Skipped::Refused)?;
    Step::new(
        "demonstration",
        cargo(&[
            "run",
            "--release",
            "--package",
            "pushcast-console",
            "--",
            "demo",
            "--once",
        ]),
    )
    .run()?;
    // Checks every result and no figure.
    Step::new(
        "benches",
        cargo(&[
            "run",
            "--release",
            "--package",
            "pushcast-benches",
            "--",
            "--smoke",
        ]),
    )
    .run()?;
    command::say("ci: all steps passed");
    Ok(())
}
