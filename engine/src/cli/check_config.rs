//! `pushcast check-config FILE`

use std::path::PathBuf;

use crate::config::Config;

use super::{Ended, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Configuration file.
    file: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    match Config::read(&arguments.file) {
        Ok(config) => {
            let (channels, groups) = (config.channels().len(), config.alias_groups().len());
            output::line(&format!(
                "{}: good, {channels} channels, {groups} alias groups",
                arguments.file.display()
            ));
            Ended::Done
        }
        Err(errors) => {
            output::note(&errors.to_string());
            Ended::Misused
        }
    }
}
