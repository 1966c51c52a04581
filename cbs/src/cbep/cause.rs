//! Why a base station controller refused (TS 48.049 8.2.13).

use std::fmt;

/// A cause, any octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause(pub u8);

const NAMES: [&str; 16] = [
    "parameter not recognised",
    "parameter value invalid",
    "message reference not identified",
    "cell identity not valid",
    "unrecognised message",
    "missing mandatory element",
    "BSC capacity exceeded",
    "cell memory exceeded",
    "BSC memory exceeded",
    "cell broadcast not supported",
    "cell broadcast not operational",
    "incompatible DRX parameter",
    "extended channel not supported",
    "message reference already used",
    "unspecified error",
    "LAI or LAC not valid",
];

impl Cause {
    /// The message is not known there: after its last broadcast that is as good as killed.
    pub const NOT_IDENTIFIED: Self = Self(2);
    /// There is no air time left.
    pub const CAPACITY_EXCEEDED: Self = Self(6);
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.get(usize::from(self.0)) {
            Some(name) => write!(formatter, "{name} (cause {})", self.0),
            None => write!(formatter, "cause {}", self.0),
        }
    }
}
