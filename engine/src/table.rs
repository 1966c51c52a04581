//! Tables as CSV (RFC 4180), safe to be opened by a spreadsheet.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a
//! formula. Such a cell gets an apostrophe in front, which spreadsheets read as "this is text".

/// A table that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the table cannot be written")]
pub struct TableError;

/// Writes a head and rows.
pub fn write<R, C>(head: &[&str], rows: impl IntoIterator<Item = R>) -> Result<String, TableError>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head).map_err(|_| TableError)?;
    for row in rows {
        let cells = row.into_iter().map(|cell| harmless(cell.as_ref()));
        let cells: Vec<String> = cells.collect();
        writer.write_record(&cells).map_err(|_| TableError)?;
    }
    let octets = writer.into_inner().map_err(|_| TableError)?;
    String::from_utf8(octets).map_err(|_| TableError)
}

fn harmless(cell: &str) -> String {
    // A negative number is no formula.
    let is_number = cell.parse::<f64>().is_ok();
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') if !is_number => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

/// Takes the apostrophe away again that [`write`] put in front.
pub fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_come_back() {
        let cells = [
            "=1+1", "+a", "-b", "@c", "\td", "-5", "a,b", "\"q\"", "Köln",
        ];
        let text = write(&["x"; 9], [cells]).unwrap();
        let line = text.lines().nth(1).unwrap();
        assert_eq!(line, "'=1+1,'+a,'-b,'@c,'\td,-5,\"a,b\",\"\"\"q\"\"\",Köln");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        let back: Vec<&str> = record.iter().map(plain).collect();
        assert_eq!(back, cells);
    }
}
