//! The gateway as PIs meet it: whole processes, HTTP, a database on a real disk.
//!
//! Everything here runs in a network namespace of its own, because Kannel's port binds every
//! interface. Requests come from one thread of this process, which shares the cores with whoever
//! answers; it costs both sides the same.

mod admin;
mod cells;
pub(crate) mod gateway;
mod hostile;
mod kannel;
pub(crate) mod load;
pub(crate) mod request;
mod stages;
mod stored;
mod submissions;
mod urgent;

use crate::figures::Row;
use crate::{Extent, namespace};

pub(crate) use cells::measure as cells;
pub(crate) use urgent::measure as urgent;

/// Every row of P12.
pub(crate) fn submissions(extent: Extent) -> anyhow::Result<Vec<Row>> {
    let mut rows = submissions::measure(extent)?;
    rows.extend(stored::measure(extent)?);
    rows.extend(stages::measure(extent)?);
    rows.extend(namespace::alone(|| hostile::measure(extent))?);
    Ok(rows)
}
