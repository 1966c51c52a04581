//! Rows for spreadsheets. Nothing in them is a formula (`=`, `+`, `-`, `@` and what looks like
//! them get an apostrophe), and every cell is quoted.

use pushcast_engine::model::listing::{Entry, EntryState, Source};

/// A table that grows by rows.
pub(crate) struct Csv(String);

impl Csv {
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut csv = Self(String::new());
        csv.row(columns.iter().map(|name| (*name).to_owned()));
        csv
    }

    pub(crate) fn row(&mut self, cells: impl Iterator<Item = String>) {
        let cells: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
    }

    pub(crate) fn entry(&mut self, entry: &Entry) {
        let bearers: Vec<&str> = entry.bearers.iter().map(|bearer| bearer.as_str()).collect();
        let counts = &entry.deliveries;
        let cells = [
            entry.title.clone(),
            state(entry.state).to_owned(),
            entry.sender.clone(),
            match entry.source {
                Source::Console => "console".to_owned(),
                Source::Pap => "pap".to_owned(),
            },
            entry.targets.join("; "),
            bearers.join(" "),
            utc(Some(entry.at_ms)),
            utc(entry.start_ms),
            utc(entry.end_ms),
            counts.delivered.to_string(),
            counts.pending.to_string(),
            counts.cancelled.to_string(),
            counts.failed.to_string(),
        ];
        self.row(cells.into_iter());
    }

    pub(crate) fn into_octets(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

fn quoted(cell: &str) -> String {
    let formula = cell.trim_start().starts_with([
        '=', '+', '-', '@', '\t', '\r', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
    ]);
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

fn utc(unix_ms: Option<u64>) -> String {
    let at = unix_ms.and_then(|ms| i64::try_from(ms).ok());
    let at = at.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    at.map(|at| at.to_string()).unwrap_or_default()
}

const fn state(state: EntryState) -> &'static str {
    match state {
        EntryState::Alert(state) => state.as_str(),
        EntryState::Held => "held",
        EntryState::Scheduled => "scheduled",
        EntryState::OnAir => "on_air",
        EntryState::Delivered => "delivered",
        EntryState::Partial => "partial",
        EntryState::Failed => "failed",
        EntryState::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_out() {
        for formula in ["=1+1", "+1", "-1", "@a", " =1", "\t=1", "＝1"] {
            assert!(quoted(formula).starts_with("\"'"), "{formula:?}");
        }
        assert_eq!(quoted("a\",\"b"), "\"a\"\",\"\"b\"");
        assert_eq!(quoted("plain"), "\"plain\"");
    }
}
