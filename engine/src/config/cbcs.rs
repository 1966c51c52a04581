//! `[[cbc]]`: links to Cell Broadcast Centres.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::cbc::{DEFAULT_QUEUE, LinkSpec, LinkSpecError, Speaks};
use crate::model::LinkName;

use super::document::Section;
use super::error::Problem;
use super::reader::Reader;

/// A link as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: LinkName,
    adapter: Adapter,
    url: String,
    cbe_name: Option<String>,
    sender: Option<String>,
    parameter_prefix: Option<String>,
    command_port: Option<String>,
    cert_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    timeout_s: Option<u64>,
    queue: Option<usize>,
    #[serde(default)]
    allow_cleartext: bool,
}

/// How a centre is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Adapter {
    Cap,
    Ecbe,
}

impl Reader<'_> {
    pub(super) fn cbcs(&mut self, sections: &[Section<'_>]) -> Vec<LinkSpec> {
        let mut cbcs = Vec::new();
        for section in sections {
            const REQUIRED: &[&str] = &["name", "adapter", "url"];
            let Some(entry) = section.read::<Entry>(REQUIRED, &mut self.findings) else {
                continue;
            };
            match self.cbc(section, entry) {
                Ok(cbc) => cbcs.push(cbc),
                Err(error) => self.findings.add(section.line_of(error.key()), error),
            }
        }
        cbcs
    }

    fn cbc(&mut self, section: &Section<'_>, entry: Entry) -> Result<LinkSpec, LinkSpecError> {
        let wrong = match entry.adapter {
            Adapter::Cap => ["cbe_name", "command_port"].as_slice(),
            Adapter::Ecbe => ["sender", "parameter_prefix"].as_slice(),
        };
        for key in wrong.iter().filter(|key| section.has(key)) {
            let message = format!("{key} is of no use to this adapter");
            self.findings
                .add(section.line_of(key), Problem::Text { message });
        }
        let speaks = match entry.adapter {
            Adapter::Cap => Speaks::Cap {
                sender: entry.sender.ok_or(LinkSpecError::NoSender)?,
                prefix: entry.parameter_prefix,
            },
            Adapter::Ecbe => Speaks::Ecbe {
                cbe_name: entry.cbe_name.unwrap_or_else(|| "pushcast".to_owned()),
                command_port: entry.command_port,
            },
        };
        let file = |file: Option<PathBuf>| file.map(|file| self.folder.join(file));
        let spec = LinkSpec {
            name: entry.name,
            url: entry.url,
            speaks,
            cert_file: file(entry.cert_file),
            key_file: file(entry.key_file),
            ca_file: file(entry.ca_file),
            timeout: entry.timeout_s.map(Duration::from_secs),
            queue: entry.queue.unwrap_or(DEFAULT_QUEUE),
            allow_cleartext: entry.allow_cleartext,
        };
        spec.check()?;
        Ok(spec)
    }
}
