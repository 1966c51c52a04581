//! Alias groups as tables: many at once in, with a verdict on each line, and all of them out.

use std::collections::HashSet;

use super::state::Done;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alias::Deliver;
use crate::model::upload::{
    LineVerdict, MAX_LINE_BYTES, MAX_UPLOAD_BYTES, MAX_UPLOAD_LINES, UploadReport,
};
use crate::model::{Action, AliasGroup};
use crate::store::Steps;
use crate::table;

/// Columns of an upload and an export.
const COLUMNS: [&str; 7] = [
    "name",
    "channels",
    "deliver",
    "required",
    "areas",
    "application_id",
    "receivers_expected",
];
/// Groups of an upload that are stored in one transaction.
const STORE_AT_ONCE: usize = 1_000;
/// Groups read at a time for an export.
const EXPORT_PAGE: u32 = 1_000;

impl Gateway {
    /// Reads groups from CSV with the columns of [`Gateway::export_groups`], in any order, of which
    /// only `name` and `channels` have to be there. With `store` those that are new are stored;
    /// without, the answer says what would become of each line. Existing groups stay as they are.
    /// Needs `EditGroups`.
    pub async fn upload_groups(
        &self,
        actor: &Actor,
        csv: &[u8],
        store: bool,
    ) -> Result<UploadReport, ConsoleError> {
        self.authorize(actor, Action::EditGroups).await?;
        let (mut report, groups) = self.read_groups(csv)?;
        if !store {
            return Ok(report);
        }
        let now_ms = self.inner.clock.unix_ms();
        for some in groups.chunks(STORE_AT_ONCE) {
            let names: Vec<&str> = some.iter().map(|group| group.name.as_str()).collect();
            let done = Done::new("upload_groups", format!("{} groups", some.len()));
            let mut steps = Steps::default().audited(self.done(actor, done.after(&names)));
            for group in some {
                steps = steps.create_group(group, now_ms)?;
            }
            self.inner
                .store
                .commit(steps)
                .await
                .map_err(ConsoleError::of)?;
        }
        self.renew_names().await?;
        report.stored = true;
        Ok(report)
    }

    fn read_groups(&self, octets: &[u8]) -> Result<(UploadReport, Vec<AliasGroup>), ConsoleError> {
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
        let places = COLUMNS.map(place);
        if places[0].is_none() || places[1].is_none() {
            let message = "The first line has to name the columns, name and channels among them.";
            return Err(ConsoleError::Upload(message.to_owned()));
        }
        let mut report = UploadReport::default();
        let mut groups: Vec<AliasGroup> = Vec::new();
        let mut names = HashSet::new();
        for (number, record) in reader.records().enumerate() {
            if number >= MAX_UPLOAD_LINES {
                report.cut = true;
                break;
            }
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    let line = usize::try_from(line).unwrap_or_default();
                    report.add(line, LineVerdict::Invalid, "", "This line cannot be read.");
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let line = usize::try_from(line).unwrap_or_default();
            let cell = |column: usize| {
                let cell = places[column].and_then(|place| record.get(place));
                table::plain(cell.unwrap_or_default())
            };
            let name = cell(0).to_owned();
            if record.as_slice().len() > MAX_LINE_BYTES {
                report.add(line, LineVerdict::Invalid, &name, "This line is too long.");
                continue;
            }
            match self.read_group(cell) {
                Err(reason) => report.add(line, LineVerdict::Invalid, &name, reason),
                Ok(group) if self.directory().group(&group.name).is_some() => {
                    let reason = "There is a group of this name; it stays as it is.";
                    report.add(line, LineVerdict::Duplicate, &name, reason);
                }
                Ok(group) if !names.insert(group.name.clone()) => {
                    let reason = "An earlier line has this name.";
                    report.add(line, LineVerdict::Duplicate, &name, reason);
                }
                Ok(group) => {
                    report.add(line, LineVerdict::Added, &name, "");
                    groups.push(group);
                }
            }
        }
        Ok((report, groups))
    }

    fn read_group<'c>(&self, cell: impl Fn(usize) -> &'c str) -> Result<AliasGroup, String> {
        fn list<T: std::str::FromStr>(text: &str, by: &[char]) -> Result<Vec<T>, String>
        where
            T::Err: ToString,
        {
            let words = text
                .split(by)
                .map(str::trim)
                .filter(|word| !word.is_empty());
            let read = words.map(|word| word.parse().map_err(|error: T::Err| error.to_string()));
            read.collect()
        }
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let group = AliasGroup {
            name: cell(0)
                .parse()
                .map_err(|error: crate::model::ids::NameError| error.to_string())?,
            channels: list(cell(1), &[' ', ';'])?,
            deliver: match cell(2) {
                "" | "first" => Deliver::First,
                "all" => Deliver::All,
                other => return Err(format!("deliver is first or all, not {other:?}")),
            },
            required: list(cell(3), &[' ', ';'])?,
            areas: list(cell(4), &[';'])?,
            application_id: text(cell(5)),
            receivers_expected: match cell(6) {
                "" => None,
                number => Some(
                    number
                        .parse()
                        .map_err(|_| format!("receivers_expected is a number, not {number:?}"))?,
                ),
            },
        };
        self.check_group(&group)
            .map_err(|error| error.to_string())?;
        Ok(group)
    }

    /// All groups as CSV: name, channels, deliver, required, areas, application_id,
    /// receivers_expected; channels are separated by spaces, areas by semicolons. Needs `See`.
    pub async fn export_groups(&self, actor: &Actor) -> Result<String, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let store = &self.inner.store;
            let found = store
                .groups_page(None, after.as_deref(), EXPORT_PAGE)
                .await?;
            let Some((last, _)) = found.last() else {
                break;
            };
            after = Some(last.name.to_string());
            rows.extend(found.into_iter().map(|(group, _)| group_cells(&group)));
        }
        table::write(&COLUMNS, rows).map_err(|error| ConsoleError::NotNow(error.to_string()))
    }
}

fn group_cells(group: &AliasGroup) -> [String; 7] {
    fn joined<T: ToString>(names: &[T], by: &str) -> String {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        names.join(by)
    }
    let deliver = match group.deliver {
        Deliver::All => "all",
        Deliver::First => "first",
    };
    [
        group.name.to_string(),
        joined(&group.channels, " "),
        deliver.to_owned(),
        joined(&group.required, " "),
        joined(&group.areas, ";"),
        group.application_id.clone().unwrap_or_default(),
        group
            .receivers_expected
            .map_or_else(String::new, |number| number.to_string()),
    ]
}
