//! The text of `show message id N`.

use std::fmt;

use super::{Cell, Details, Peer, Validity};
use crate::capacity::PAGE_AIR_TIME;

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cgi(cgi) => write!(formatter, "CGI {cgi}"),
            Self::Other(text) => formatter.write_str(text),
        }
    }
}

impl fmt::Display for Details {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, serial, state) = (self.message_id.0, self.serial, &self.state);
        writeln!(
            formatter,
            "Message ID {id:04X}, Serial Number {serial}, State: {state}"
        )?;
        if let (Some(slots), Some(count)) = (self.period_slots, self.broadcasts) {
            let seconds = (PAGE_AIR_TIME * u32::from(slots)).as_secs_f64();
            writeln!(
                formatter,
                " Repetition Period: {slots} ({seconds:5.2}s), Number of broadcasts: {count}"
            )?;
        }
        self.peers.iter().try_for_each(|peer| peer.fmt(formatter))
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, " Peer: '{}', State: {}", self.name, self.state)?;
        writeln!(formatter, "  Cells Installed:")?;
        for cell in &self.installed {
            writeln!(formatter, "   {cell}")?;
        }
        writeln!(formatter, "  Cells Failed:")?;
        for failed in &self.failed {
            writeln!(formatter, "   {} (cause={})", failed.cell, failed.cause.0)?;
        }
        writeln!(formatter, "  Number of Broadcasts Completed:")?;
        for completed in &self.completed {
            let info = match completed.validity {
                Validity::Valid => 0,
                Validity::Overflown => 1,
                Validity::Undefined => 2,
            };
            writeln!(
                formatter,
                "   {} ({}/{info})",
                completed.cell, completed.count
            )?;
        }
        Ok(())
    }
}
