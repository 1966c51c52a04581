//! What goes wrong at centres, each switched by itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answering {
    /// At once, as it should be.
    #[default]
    Promptly,
    /// Requests are carried out and never answered.
    Never,
    /// Requests are neither carried out nor answered.
    Deaf,
    /// Answers are octets that mean nothing.
    Garbage,
    /// Answers break off.
    Half,
    /// Every request is answered 503.
    Broken,
}

/// The quirks in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quirks {
    /// How requests are answered.
    pub answering: Answering,
    /// Of every so many requests one is carried out and never answered; 0 is none.
    pub hang_every: u32,
    /// A DELETE of a message on the air is answered after so long, ms.
    pub delete_ms: u64,
    /// Every cell refuses everything, and the answer is 201 all the same.
    pub cells_refuse: bool,
    /// No part of the network is connected: 200 with nothing in it, after so long, ms.
    pub no_peer_ms: Option<u64>,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            answering: Answering::Promptly,
            hang_every: 0,
            delete_ms: 0,
            cells_refuse: false,
            no_peer_ms: None,
        }
    }
}

impl Quirks {
    /// How long the answer to a DELETE takes.
    pub const fn delete_delay(&self) -> Duration {
        Duration::from_millis(self.delete_ms)
    }
}
