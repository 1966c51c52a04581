//! Tables that people upload: the head is read once, then each line gets its verdict.

use super::ConsoleError;
use crate::model::upload::{
    LineVerdict, MAX_LINE_BYTES, MAX_UPLOAD_BYTES, MAX_UPLOAD_LINES, UploadReport,
};
use crate::table;

/// A line with its cells in the order of the columns that were asked for.
pub(super) struct Line<'r, const N: usize> {
    record: &'r csv::StringRecord,
    places: [Option<usize>; N],
}

impl<'r, const N: usize> Line<'r, N> {
    /// A cell; empty where the file has no such column.
    pub(super) fn cell(&self, column: usize) -> &'r str {
        let place = self.places.get(column).copied().flatten();
        let cell = place.and_then(|place| self.record.get(place));
        table::plain(cell.unwrap_or_default())
    }
}

/// What is said of a line.
pub(super) struct Said {
    /// What becomes of it.
    pub(super) verdict: LineVerdict,
    /// What it is about.
    pub(super) what: String,
    /// Why; empty where it is added.
    pub(super) reason: String,
}

impl Said {
    pub(super) fn new(verdict: LineVerdict, what: impl ToString, reason: impl ToString) -> Self {
        Self {
            verdict,
            what: what.to_string(),
            reason: reason.to_string(),
        }
    }
}

/// Reads a table of these columns, in any order and any case, of which the first `needed` have to
/// be there. Each line that can be read is judged; the others are invalid.
pub(super) fn read<const N: usize>(
    octets: &[u8],
    columns: [&str; N],
    needed: usize,
    mut judge: impl FnMut(&Line<'_, N>) -> Said,
) -> Result<UploadReport, ConsoleError> {
    if octets.len() > MAX_UPLOAD_BYTES {
        let message = format!("The file is longer than {} MiB.", MAX_UPLOAD_BYTES >> 20);
        return Err(ConsoleError::Upload(message));
    }
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(octets);
    let unreadable = |_| ConsoleError::Upload("The first line cannot be read.".to_owned());
    let head = reader.headers().map_err(unreadable)?.clone();
    let place = |name: &str| {
        head.iter()
            .position(|column| column.eq_ignore_ascii_case(name))
    };
    let places = columns.map(place);
    if places.iter().take(needed).any(Option::is_none) {
        let names = columns[..needed.min(N)].join(" and ");
        let message = format!("The first line has to name the columns, {names} among them.");
        return Err(ConsoleError::Upload(message));
    }
    let mut report = UploadReport::default();
    for (number, record) in reader.records().enumerate() {
        if number >= MAX_UPLOAD_LINES {
            report.cut = true;
            break;
        }
        let (position, said) = match &record {
            Ok(record) => {
                let line = Line { record, places };
                let said = match record.as_slice().len() > MAX_LINE_BYTES {
                    true => Said::new(LineVerdict::Invalid, line.cell(0), "This line is too long."),
                    false => judge(&line),
                };
                (record.position(), said)
            }
            Err(error) => (
                error.position(),
                Said::new(LineVerdict::Invalid, "", "This line cannot be read."),
            ),
        };
        let line = position.map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or_default();
        report.add(line, said.verdict, &said.what, said.reason);
    }
    Ok(report)
}
