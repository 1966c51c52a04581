//! What cells said about a message, whoever told it.

use super::Cause;
use super::ecbe::vty::{Cell, Details, Validity};

/// Results of cells. "Installed" means that a cell took the message, not that a phone has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cells {
    /// Broadcasts that all cells together finished, of counts that are known.
    pub broadcasts_completed: u64,
    /// Cells that refused, and why.
    pub failed: Vec<(Cell, Cause)>,
    /// Cells that took the message.
    pub installed: usize,
}

impl Cells {
    /// Cells that answered at all.
    pub const fn total(&self) -> usize {
        self.installed + self.failed.len()
    }
}

impl From<&Details> for Cells {
    fn from(details: &Details) -> Self {
        let mut cells = Self::default();
        for peer in &details.peers {
            cells.installed += peer.installed.len();
            let failed = peer.failed.iter();
            cells
                .failed
                .extend(failed.map(|one| (one.cell.clone(), one.cause)));
            let counts = peer.completed.iter();
            cells.broadcasts_completed += counts
                .filter(|one| one.validity != Validity::Undefined)
                .map(|one| u64::from(one.count))
                .sum::<u64>();
        }
        cells
    }
}
