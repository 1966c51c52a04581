//! What an adapter can do, as data: plans are made before anything is sent.

use std::time::Duration;

use crate::area::AreaKind;
use crate::dcs::Charset;

/// How much of CBEP an adapter can do; data, so that plans can be made before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// How long to wait for an answer at least.
    pub answer_timeout: Duration,
    /// Kinds of areas that it can carry.
    pub areas: &'static [AreaKind],
    /// Charsets that it can carry.
    pub charsets: &'static [Charset],
    /// Whether it can carry ETWS primary notifications.
    pub etws_primary: bool,
    /// What names an active message.
    pub key: Key,
    /// Pages of one message.
    pub max_pages: u8,
    /// Its name.
    pub name: &'static str,
    /// Whether results of cells can be asked for.
    pub status: StatusSource,
    /// How it changes a message.
    pub update: UpdateMode,
}

/// What names an active message at the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// The message identifier alone: one active message for each.
    MessageId,
    /// The identity of the request.
    Stamp,
}

/// Where results of cells come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusSource {
    /// Nowhere.
    None,
    /// The centre's command port, as text.
    Telnet,
}

/// How a centre changes a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpdateMode {
    /// In one request.
    InPlace,
    /// The old one is deleted, then the new one submitted: nothing is on the air in between.
    DeleteAndSubmit,
}
