//! Cells of service areas as a table: one line for each cell of each area, many at once in, with a
//! verdict on each line, and all of them out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use pushcast_cbs::area::{Area, AreaKind, MAX_AREAS};

use super::sheets::{self, Said};
use super::state::Done;
use super::{Actor, ConsoleError};
use crate::cbc::areas_of;
use crate::gateway::Gateway;
use crate::model::upload::{LineVerdict, UploadReport};
use crate::model::{Action, Channel, ServiceArea};
use crate::store::{Dated, Steps};
use crate::table;

/// Columns of an upload and an export.
const COLUMNS: [&str; 2] = ["area", "cell"];
/// Areas read at a time.
const AREAS_AT_ONCE: u32 = 1_000;

/// What becomes of the cells that an area has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellsUpload {
    /// They stay; those of the file are added.
    Add,
    /// Those of the file take their place in every area that the file names.
    Replace,
}

/// An area while a file is read.
struct Growing {
    area: ServiceArea,
    seen_ms: u64,
    /// Cells that it had and that the file does not keep, as [`Area`] writes them.
    leaving: HashSet<String>,
    /// Cells that it will have, as [`Area`] writes them.
    has: HashSet<String>,
    /// One cell of each kind that it will have: whether a centre can carry them depends on that
    /// alone.
    kinds: BTreeMap<AreaKind, String>,
    /// Why no list with these kinds of cells can be broadcast.
    refusal: Option<String>,
    is_named: bool,
}

impl Growing {
    fn new((area, seen_ms): Dated<ServiceArea>, mode: CellsUpload) -> Self {
        let mut growing = Self {
            area,
            seen_ms,
            leaving: HashSet::new(),
            has: HashSet::new(),
            kinds: BTreeMap::new(),
            refusal: None,
            is_named: false,
        };
        for cell in &growing.area.cells {
            let parsed = cell.parse::<Area>().ok();
            let key = parsed
                .as_ref()
                .map_or_else(|| cell.clone(), Area::to_string);
            match mode {
                CellsUpload::Replace => {
                    growing.leaving.insert(key);
                }
                CellsUpload::Add => {
                    if let Some(area) = parsed {
                        growing.kinds.insert(area.kind(), key.clone());
                    }
                    growing.has.insert(key);
                }
            }
        }
        growing
    }

    fn take(&mut self, cell: &Area, mode: CellsUpload) -> Result<(), (LineVerdict, String)> {
        let invalid = |reason: String| (LineVerdict::Invalid, reason);
        if let Some(refusal) = &self.refusal {
            return Err(invalid(refusal.clone()));
        }
        let key = cell.to_string();
        if self.has.contains(&key) {
            let reason = format!("Area {} has this cell.", self.area.name);
            return Err((LineVerdict::Duplicate, reason));
        }
        if self.has.len() >= MAX_AREAS {
            return Err(invalid(format!("An area has at most {MAX_AREAS} cells.")));
        }
        if !self.is_named && mode == CellsUpload::Replace {
            self.area.cells.clear();
        }
        self.is_named = true;
        let stays = self.leaving.remove(&key);
        self.area.cells.push(key.clone());
        self.has.insert(key);
        match stays {
            true => {
                let reason = format!("Area {} has this cell and keeps it.", self.area.name);
                Err((LineVerdict::Duplicate, reason))
            }
            false => Ok(()),
        }
    }
}

/// A cell as a line or a form has it.
fn cell(text: &str) -> Result<Area, String> {
    text.parse::<Area>().map_err(|error| error.to_string())
}

impl Gateway {
    /// Reads cells of areas from CSV with the columns of [`Gateway::export_cells`], in any order.
    /// With `store` the areas are changed, all of them or none; without, the answer says what would
    /// become of each line. Areas have to exist, and what the file makes of one has to be something
    /// that the centres of its channels can carry, as in the configuration file. Needs `EditAreas`.
    pub async fn upload_cells(
        &self,
        actor: &Actor,
        csv: &[u8],
        mode: CellsUpload,
        store: bool,
    ) -> Result<UploadReport, ConsoleError> {
        self.authorize(actor, Action::EditAreas).await?;
        let mut areas = HashMap::new();
        for dated in self.all_areas().await? {
            areas.insert(dated.0.name.to_string(), Growing::new(dated, mode));
        }
        self.look_ahead(csv, &mut areas)?;
        let mut report = sheets::read(csv, COLUMNS, COLUMNS.len(), |line| {
            let (name, text) = (line.cell(0), line.cell(1));
            let what = format!("{name} {text}");
            let Some(growing) = areas.get_mut(name) else {
                let reason = format!("There is no area {name:?}.");
                return Said::new(LineVerdict::Unknown, what, reason);
            };
            match cell(text).map(|cell| growing.take(&cell, mode)) {
                Err(reason) => Said::new(LineVerdict::Invalid, what, reason),
                Ok(Err((verdict, reason))) => Said::new(verdict, what, reason),
                Ok(Ok(())) => Said::new(LineVerdict::Added, what, ""),
            }
        })?;
        let mut changed: Vec<&Growing> = areas.values().filter(|area| area.is_named).collect();
        changed.sort_by_key(|growing| &growing.area.name);
        report.removed = changed.iter().map(|growing| growing.leaving.len()).sum();
        if !store {
            return Ok(report);
        }
        if report.cut && mode == CellsUpload::Replace {
            let message = "The file has more lines than are taken, so nobody knows what is to stay. \
                           Nothing was stored: replace the cells in several files.";
            return Err(ConsoleError::Upload(message.to_owned()));
        }
        if !changed.is_empty() {
            self.store_cells(actor, &changed).await?;
        }
        report.stored = true;
        Ok(report)
    }

    /// Learns which kinds of cells the file brings to which area, and which areas no centre could
    /// be told then.
    fn look_ahead(
        &self,
        csv: &[u8],
        areas: &mut HashMap<String, Growing>,
    ) -> Result<(), ConsoleError> {
        let mut named = BTreeSet::new();
        sheets::read(csv, COLUMNS, COLUMNS.len(), |line| {
            let growing = areas.get_mut(line.cell(0));
            if let (Some(growing), Ok(cell)) = (growing, cell(line.cell(1))) {
                growing
                    .kinds
                    .entry(cell.kind())
                    .or_insert_with(|| cell.to_string());
                named.insert(growing.area.name.to_string());
            }
            Said::new(LineVerdict::Added, "", "")
        })?;
        for name in named {
            if let Some(growing) = areas.get_mut(&name) {
                let cells: Vec<String> = growing.kinds.values().cloned().collect();
                let area = ServiceArea {
                    cells,
                    ..growing.area.clone()
                };
                growing.refusal = self.refused_cells(&area);
            }
        }
        Ok(())
    }

    async fn store_cells(&self, actor: &Actor, changed: &[&Growing]) -> Result<(), ConsoleError> {
        let now_ms = self.inner.clock.unix_ms();
        let told: Vec<(String, usize, usize)> = changed
            .iter()
            .map(|growing| {
                let name = growing.area.name.to_string();
                (name, growing.has.len(), growing.leaving.len())
            })
            .collect();
        let done = Done::new("upload_cells", format!("{} areas", changed.len()));
        let mut steps = Steps::default().audited(self.done(actor, done.after(&told)));
        for growing in changed {
            steps = steps.change_area(&growing.area, growing.seen_ms, now_ms)?;
        }
        self.commit_names(steps).await
    }

    /// All areas with their times of change, by name.
    async fn all_areas(&self) -> Result<Vec<Dated<ServiceArea>>, ConsoleError> {
        let mut areas: Vec<Dated<ServiceArea>> = Vec::new();
        loop {
            let after = areas.last().map(|(last, _)| last.name.to_string());
            let store = &self.inner.store;
            let found = store
                .areas_page(None, after.as_deref(), AREAS_AT_ONCE)
                .await?;
            if found.is_empty() {
                return Ok(areas);
            }
            areas.extend(found);
        }
    }

    /// What is wrong with an area's cells, as the configuration file has it: texts that are none,
    /// a channel of Cell Broadcast without any, or cells that its centre cannot carry.
    pub(super) fn refused_cells(&self, area: &ServiceArea) -> Option<String> {
        if area.cells.len() > MAX_AREAS {
            return Some(format!("An area has at most {MAX_AREAS} cells."));
        }
        for text in &area.cells {
            if let Err(error) = cell(text) {
                return Some(format!("{text:?} is no cell: {error}."));
            }
        }
        let channels = self.directory().named(&area.channels);
        for channel in channels.filter_map(Channel::as_cbs) {
            if area.cells.is_empty() {
                let name = &channel.name;
                return Some(format!("Channel {name} broadcasts in cells: name some."));
            }
            let capabilities = self.inner.core.links().capabilities(&channel.name);
            let carried = capabilities.map(|capabilities| areas_of(&area.cells, capabilities));
            if let Some(Err(error)) = carried {
                return Some(format!("Channel {}: {error}.", channel.name));
            }
        }
        None
    }

    /// The cells of all areas as CSV: area, cell; a line for each cell. Needs `See`.
    pub async fn export_cells(&self, actor: &Actor) -> Result<String, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let areas = self.all_areas().await?;
        let rows = areas.iter().flat_map(|(area, _)| {
            let cells = area.cells.iter();
            cells.map(move |cell| [area.name.to_string(), cell.clone()])
        });
        table::write(&COLUMNS, rows).map_err(|error| ConsoleError::NotNow(error.to_string()))
    }
}
