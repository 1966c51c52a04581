//! From the moment a push may be sent to its first packet, by bearer.

use crate::histogram::Histogram;
use crate::model::Bearer;

/// Upper bounds, ms: an alert is to be out within 50, a push behind others within minutes.
const BOUNDS_MS: [u64; 16] = [
    2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000,
    3_600_000,
];

/// How long pushes took.
#[derive(Debug)]
pub struct AirTimes {
    bcast: Histogram,
    cbs: Histogram,
    mbms: Histogram,
}

impl Default for AirTimes {
    fn default() -> Self {
        let histogram = || Histogram::new(&BOUNDS_MS);
        Self {
            bcast: histogram(),
            cbs: histogram(),
            mbms: histogram(),
        }
    }
}

impl AirTimes {
    /// Those of one bearer, ms.
    pub const fn of(&self, bearer: Bearer) -> &Histogram {
        match bearer {
            Bearer::Bcast => &self.bcast,
            Bearer::Cbs => &self.cbs,
            Bearer::Mbms => &self.mbms,
        }
    }
}
