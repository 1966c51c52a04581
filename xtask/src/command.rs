//! Running other programs and saying so.

use std::io::Write;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail};

/// A line on standard error, beside what the programs write.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A program to run.
pub(crate) struct Program {
    command: Command,
}

/// Cargo with these arguments.
pub(crate) fn cargo(arguments: &[&str]) -> Program {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments);
    // What cargo tells of this package. Some build scripts look at it: they would run again, with
    // all that depends on them, whenever cargo is started from here after a start by hand.
    for (name, _) in std::env::vars_os() {
        let told = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if told {
            command.env_remove(name);
        }
    }
    Program { command }
}

/// Another program.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Program {
    let mut command = Command::new(name);
    command.args(arguments);
    Program { command }
}

impl Program {
    pub(crate) fn with(mut self, arguments: &[String]) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it; anything but success is an error.
    pub(crate) fn run(mut self) -> anyhow::Result<()> {
        run(&mut self.command)
    }

    pub(crate) fn into_command(self) -> Command {
        self.command
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let arguments: Vec<_> = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let status = command
        .status()
        .with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        bail!("{name} {} ended with {status}", arguments.join(" "));
    }
    Ok(())
}

/// A named part of a longer run.
pub(crate) struct Step {
    name: &'static str,
    program: std::cell::RefCell<Program>,
}

impl Step {
    pub(crate) fn new(name: &'static str, program: Program) -> Self {
        Self {
            name,
            program: program.into(),
        }
    }

    pub(crate) fn run(&self) -> anyhow::Result<()> {
        say(&format!("── {}", self.name));
        let began = Instant::now();
        run(&mut self.program.borrow_mut().command).context(self.name)?;
        say(&format!(
            "── {}: {} s",
            self.name,
            began.elapsed().as_secs()
        ));
        Ok(())
    }
}
