//! The names that a file defines, and the lists that use them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::document::{Findings, Section};
use super::error::Problem;

/// What the sections of one kind are called.
#[derive(Debug)]
pub(super) struct Names {
    kind: &'static str,
    lines: BTreeMap<String, usize>,
}

impl Names {
    /// Collects the names, also of sections that are wrong in another way: who uses such a name
    /// makes no mistake.
    pub(super) fn collect(
        kind: &'static str,
        sections: &[Section<'_>],
        findings: &mut Findings,
    ) -> Self {
        let mut lines = BTreeMap::new();
        for section in sections {
            let Some(name) = section.text("name") else {
                continue;
            };
            let line = section.line_of("name");
            match lines.get(name) {
                Some(first_line) => findings.add(
                    line,
                    Problem::Duplicate {
                        kind,
                        name: name.to_owned(),
                        first_line: *first_line,
                    },
                ),
                None => _ = lines.insert(name.to_owned(), line),
            }
        }
        Self { kind, lines }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Checks a name that is used.
    pub(super) fn check(&self, name: &str, line: usize, findings: &mut Findings) {
        if !self.lines.contains_key(name) {
            let (kind, name) = (self.kind, name.to_owned());
            findings.add(line, Problem::Unknown { kind, name });
        }
    }

    /// Checks a list of names that are used, each once.
    pub(super) fn check_list(
        &self,
        section: &Section<'_>,
        (key, names): (&'static str, &[impl Display]),
        findings: &mut Findings,
    ) {
        let mut seen = BTreeSet::new();
        for (position, name) in names.iter().enumerate() {
            let line = section.line_of_item(key, position);
            let name = name.to_string();
            self.check(&name, line, findings);
            if !seen.insert(name.clone()) {
                findings.add(line, Problem::Repeated { key, name });
            }
        }
    }
}
