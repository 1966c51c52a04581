//! Alias groups as tables: many at once in, with a verdict on each line, and all of them out.

use std::collections::HashSet;

use super::sheets::{self, Said};
use super::state::Done;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alias::Deliver;
use crate::model::upload::{LineVerdict, UploadReport};
use crate::model::{Action, AliasGroup, ChannelName};
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
        let usable = self.usable_channels().await?;
        let (mut report, groups) = self.read_groups(csv, &usable)?;
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
            self.commit(steps).await?;
        }
        self.renew_names().await?;
        report.stored = true;
        Ok(report)
    }

    fn read_groups(
        &self,
        octets: &[u8],
        usable: &HashSet<ChannelName>,
    ) -> Result<(UploadReport, Vec<AliasGroup>), ConsoleError> {
        let mut groups: Vec<AliasGroup> = Vec::new();
        let mut names = HashSet::new();
        let report = sheets::read(octets, COLUMNS, 2, |line| {
            let name = line.cell(0);
            match self.read_group(usable, |column| line.cell(column)) {
                Err(reason) => Said::new(LineVerdict::Invalid, name, reason),
                Ok(group) if self.directory().group(&group.name).is_some() => {
                    let reason = "There is a group of this name; it stays as it is.";
                    Said::new(LineVerdict::Duplicate, name, reason)
                }
                Ok(group) if !names.insert(group.name.clone()) => {
                    let reason = "An earlier line has this name.";
                    Said::new(LineVerdict::Duplicate, name, reason)
                }
                Ok(group) => {
                    groups.push(group);
                    Said::new(LineVerdict::Added, name, "")
                }
            }
        })?;
        Ok((report, groups))
    }

    fn read_group<'c>(
        &self,
        usable: &HashSet<ChannelName>,
        cell: impl Fn(usize) -> &'c str,
    ) -> Result<AliasGroup, String> {
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
        self.check_group(&group, usable)
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
