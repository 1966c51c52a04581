//! The cells behind the centre: what each took, and when which page is on the air.

use std::collections::BTreeMap;

use pushcast_cbs::area::Cgi;
use pushcast_cbs::capacity::{self, Load, PAGE_AIR_TIME, RepetitionPeriod};
use pushcast_cbs::cbep::Cause;
use pushcast_cbs::page::Page;

/// Cells of a simulated network.
const MAX_CELLS: u16 = 1000;
/// Cells of the PLMN that belongs to nobody: 001-01, location area 1.
const FIRST_CELL: u16 = 1;

/// A network of GSM cells that all hear the same.
#[derive(Debug, Clone)]
pub struct Network {
    cells: Vec<Cell>,
    /// Air time goes by so many times faster.
    speed: u32,
}

#[derive(Debug, Clone)]
struct Cell {
    id: Cgi,
    loads: BTreeMap<u16, Load>,
}

/// A page that has been on the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Which broadcast of the message, from 1.
    pub broadcast: u16,
    /// The page.
    pub page: Page,
    /// When it ended, Unix ms.
    pub at_ms: u64,
}

impl Network {
    /// A network of so many cells, 1 to 1000, whose time goes by `speed` times faster.
    pub fn new(cells: u16, speed: u32) -> Self {
        let cell = |number: u16| {
            let id = format!("001-01-1-{number}").parse().ok()?;
            let loads = BTreeMap::new();
            Some(Cell { id, loads })
        };
        let last = cells.clamp(1, MAX_CELLS);
        Self {
            cells: (FIRST_CELL..=last).filter_map(cell).collect(),
            speed: speed.max(1),
        }
    }

    /// Installs a message in every cell: those that took it, and those that refused.
    pub fn install(
        &mut self,
        message_id: u16,
        load: Load,
        refuse: bool,
    ) -> (Vec<Cgi>, Vec<(Cgi, Cause)>) {
        let (mut installed, mut failed) = (Vec::new(), Vec::new());
        for cell in &mut self.cells {
            let present: Vec<Load> = cell.loads.values().copied().collect();
            if refuse || capacity::admit(&present, load).is_err() {
                failed.push((cell.id, Cause::CAPACITY_EXCEEDED));
            } else {
                cell.loads.insert(message_id, load);
                installed.push(cell.id);
            }
        }
        (installed, failed)
    }

    /// A message is over, or was killed.
    pub fn remove(&mut self, message_id: u16) {
        for cell in &mut self.cells {
            cell.loads.remove(&message_id);
        }
    }

    /// How long a page is on the air, ms of the wall clock.
    pub fn page_ms(&self) -> u64 {
        let page_ms = u64::try_from(PAGE_AIR_TIME.as_millis()).unwrap_or(u64::MAX);
        (page_ms / u64::from(self.speed)).max(1)
    }

    /// Time between two broadcasts, ms of the wall clock.
    pub fn period_ms(&self, period: RepetitionPeriod) -> u64 {
        self.page_ms() * u64::from(period.slots())
    }
}
