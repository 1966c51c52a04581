//! What a file that was uploaded would do, line by line, before it does it.

use serde::{Deserialize, Serialize};

/// Longest upload, octets.
pub const MAX_UPLOAD_BYTES: usize = 16 << 20;
/// Most lines of an upload.
pub const MAX_UPLOAD_LINES: usize = 100_000;
/// Longest line, octets: a group with some hundred channels and areas.
pub const MAX_LINE_BYTES: usize = 65_536;
/// Lines that a report tells one by one of each kind; all are counted.
pub const MAX_FINDINGS: usize = 1_000;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineVerdict {
    /// It is new.
    Added,
    /// It is there already, or an earlier line says the same.
    Duplicate,
    /// It cannot be understood or used.
    Invalid,
    /// It is about something that does not exist.
    Unknown,
}

/// What was found on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Counted from 1.
    pub line: usize,
    /// What becomes of it.
    pub verdict: LineVerdict,
    /// The name or cell that it is about, or its first characters.
    pub what: String,
    /// Why, where it is not added.
    pub reason: String,
}

/// The check of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UploadReport {
    /// Lines that are new.
    pub added: usize,
    /// Lines that are there already.
    pub duplicate: usize,
    /// Lines that are wrong.
    pub invalid: usize,
    /// Lines about something that does not exist.
    pub unknown: usize,
    /// What is there and goes, because the file takes its place.
    pub removed: usize,
    /// The first [`MAX_FINDINGS`] lines of each verdict, in their order.
    pub findings: Vec<Finding>,
    /// It was not only looked at: what is new is stored.
    pub stored: bool,
    /// The reading ended early, at the most lines or octets possible.
    pub cut: bool,
}

impl UploadReport {
    /// Takes a line in.
    pub fn add(&mut self, line: usize, verdict: LineVerdict, what: &str, reason: impl ToString) {
        let number = match verdict {
            LineVerdict::Added => &mut self.added,
            LineVerdict::Duplicate => &mut self.duplicate,
            LineVerdict::Invalid => &mut self.invalid,
            LineVerdict::Unknown => &mut self.unknown,
        };
        *number += 1;
        if *number <= MAX_FINDINGS {
            self.findings.push(Finding {
                line,
                verdict,
                what: what.chars().take(80).collect(),
                reason: reason.to_string(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_wrong_lines_are_counted_and_not_all_told() {
        let mut report = UploadReport::default();
        for line in 1..=1_000_000 {
            report.add(line, LineVerdict::Invalid, &"x".repeat(100), "no");
        }
        assert_eq!(report.invalid, 1_000_000);
        assert_eq!(report.findings.len(), MAX_FINDINGS);
        assert_eq!(report.findings[0].what.len(), 80);
    }
}
