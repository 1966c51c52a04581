//! Definitions have names.

use super::{AliasGroup, Channel, Initiator, ServiceArea};

/// What is known by a name.
pub trait Named {
    /// Its name.
    fn name(&self) -> &str;
}

macro_rules! named {
    ($($kind:ident),*) => {
        $(impl Named for $kind {
            fn name(&self) -> &str {
                self.name.as_str()
            }
        })*
    };
}

named!(AliasGroup, Initiator, ServiceArea);

impl Named for Channel {
    fn name(&self) -> &str {
        Self::name(self).as_str()
    }
}
