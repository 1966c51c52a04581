//! The centre itself: which messages are active, and what their cells said.

use std::collections::BTreeMap;

use pushcast_cbs::area::Cgi;
use pushcast_cbs::capacity::{Load, RepetitionPeriod};
use pushcast_cbs::cbep::Cause;
use pushcast_cbs::cbep::ecbe::server::{Call, Content, Create, Reply};
use pushcast_cbs::cbep::ecbe::vty::{Cell, Completed, Details, Failed, Peer, Validity};
use pushcast_cbs::message::Message;
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::page::Page;

use super::air::{Network, Sent};
use super::handset::{Handset, Shown};
use super::quirks::Quirks;

/// Messages that ended and can still be asked for.
const MAX_ENDED: usize = 256;
/// Broadcasts of one message that one look makes up for; more went by unheard.
const MAX_CATCH_UP: u64 = 64;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is answered at once.
    Now(Reply),
    /// It took a message off the air, and is answered when that is done.
    Killed,
}

#[derive(Debug, Clone)]
struct Active {
    create: Create,
    message: Option<Message>,
    installed: Vec<Cgi>,
    failed: Vec<(Cgi, Cause)>,
    began_ms: u64,
    /// Pages that have been on the air.
    pages_sent: u64,
    state: &'static str,
}

/// A centre with its network.
#[derive(Debug)]
pub struct Centre {
    network: Network,
    active: BTreeMap<u16, Active>,
    ended: Vec<Active>,
    handset: Handset,
    /// Every identifier and serial number that was asked for, with what it stood for: two contents
    /// under one number are what must never be.
    seen: BTreeMap<(u16, u16), Vec<[u8; 82]>>,
    conflicts: Vec<(u16, u16)>,
}

impl Centre {
    /// A centre with nothing on the air.
    pub fn new(network: Network) -> Self {
        Self {
            network,
            active: BTreeMap::new(),
            ended: Vec::new(),
            handset: Handset::default(),
            seen: BTreeMap::new(),
            conflicts: Vec::new(),
        }
    }

    /// Carries a request out.
    pub fn call(&mut self, call: Call, quirks: &Quirks, now_ms: u64) -> Verdict {
        match call {
            Call::Create(create) => Verdict::Now(self.create(*create, quirks, now_ms)),
            Call::Delete(message_id) => match self.active.remove(&message_id.0) {
                Some(active) => {
                    self.network.remove(message_id.0);
                    self.end(active, "DELETED");
                    Verdict::Killed
                }
                None => Verdict::Now(Reply::UNKNOWN_ID),
            },
        }
    }

    fn create(&mut self, create: Create, quirks: &Quirks, now_ms: u64) -> Reply {
        let id = create.message_id.0;
        self.remember(&create);
        if self.active.contains_key(&id) {
            return Reply::CONFLICT;
        }
        let message = match &create.payload {
            Content::Pages { contents, dcs } => Some(Message {
                serial: create.serial,
                message_id: create.message_id,
                dcs: *dcs,
                contents: contents.clone(),
            }),
            Content::EtwsPrimary { .. } | Content::Text { .. } => None,
        };
        let pages = message
            .as_ref()
            .map_or(1, |message| message.contents.count());
        let period = RepetitionPeriod::from_slots(create.period_slots.into());
        let load = period.ok().map(|period| Load { pages, period });
        let refuse = quirks.cells_refuse;
        let (installed, failed) = match (load, quirks.no_peer_ms) {
            (Some(load), None) => self.network.install(id, load, refuse),
            _ => (Vec::new(), Vec::new()),
        };
        let active = Active {
            create,
            message,
            installed,
            failed,
            began_ms: now_ms,
            pages_sent: 0,
            state: "ACTIVE",
        };
        self.active.insert(id, active);
        match quirks.no_peer_ms {
            Some(_) => Reply::NO_PEER,
            None => Reply::CREATED,
        }
    }

    fn remember(&mut self, create: &Create) {
        let Content::Pages { contents, .. } = &create.payload else {
            return;
        };
        let key = (create.message_id.0, create.serial.0);
        let pages: Vec<[u8; 82]> = contents.pages().iter().map(|page| *page.octets()).collect();
        let known = self.seen.entry(key).or_insert_with(|| pages.clone());
        if *known != pages {
            self.conflicts.push(key);
        }
    }

    fn end(&mut self, mut active: Active, state: &'static str) {
        active.state = state;
        if self.ended.len() == MAX_ENDED {
            self.ended.remove(0);
        }
        self.ended.push(active);
    }

    /// It forgets everything, as after a restart: nothing is kept on a disk.
    pub fn restart(&mut self) {
        for (id, _) in std::mem::take(&mut self.active) {
            self.network.remove(id);
        }
        self.ended.clear();
    }

    /// Pages that have been on the air since the last look, in their order, and what a handset
    /// shows of them.
    pub fn hear(&mut self, now_ms: u64) -> Vec<(Sent, Option<Shown>)> {
        let page_ms = self.network.page_ms();
        let mut sent = Vec::new();
        for active in self.active.values_mut() {
            sent.extend(active.sent(&self.network, page_ms, now_ms));
        }
        sent.sort_by_key(|sent| sent.at_ms);
        let heard = sent.into_iter();
        heard
            .map(|sent| {
                let shown = self.handset.hears(&sent.page);
                (sent, shown)
            })
            .collect()
    }

    /// What the command port tells of a message: of the active one, else of the last that ended.
    pub fn details(&self, message_id: MessageId) -> Option<Details> {
        let id = message_id.0;
        let ended = || {
            let mut ended = self.ended.iter().rev();
            ended.find(|one| one.create.message_id.0 == id)
        };
        self.active.get(&id).or_else(ended).map(Active::details)
    }

    /// Identifiers and serial numbers of the active messages.
    pub fn on_air(&self) -> Vec<(u16, u16)> {
        let active = self.active.iter();
        active.map(|(id, one)| (*id, one.create.serial.0)).collect()
    }

    /// Every identifier and serial number that was asked for.
    pub fn asked_for(&self) -> Vec<(u16, u16)> {
        self.seen.keys().copied().collect()
    }

    /// Identifiers and serial numbers under which two contents were asked for.
    pub fn conflicts(&self) -> &[(u16, u16)] {
        &self.conflicts
    }
}

impl Active {
    /// Pages that ended since the last look.
    fn sent(&mut self, network: &Network, page_ms: u64, now_ms: u64) -> Vec<Sent> {
        let Some(message) = self.message.as_ref().filter(|_| !self.installed.is_empty()) else {
            return Vec::new();
        };
        let pages: Vec<Page> = message.pages().collect();
        let count = pages.len() as u64;
        let Ok(period) = RepetitionPeriod::from_slots(self.create.period_slots.into()) else {
            return Vec::new();
        };
        let period_ms = network.period_ms(period);
        let most = match self.create.broadcasts {
            0 => u64::MAX,
            broadcasts => u64::from(broadcasts).saturating_mul(count),
        };
        let mut sent = Vec::new();
        while self.pages_sent < most && (sent.len() as u64) < MAX_CATCH_UP * count {
            let (broadcast, page) = (self.pages_sent / count, self.pages_sent % count);
            let at_ms = self.began_ms + broadcast * period_ms + (page + 1) * page_ms;
            if at_ms > now_ms {
                break;
            }
            self.pages_sent += 1;
            if let Some(page) = pages.get(usize::try_from(page).unwrap_or(usize::MAX)) {
                sent.push(Sent {
                    broadcast: u16::try_from(broadcast + 1).unwrap_or(u16::MAX),
                    page: *page,
                    at_ms,
                });
            }
        }
        sent
    }

    fn details(&self) -> Details {
        let count = self
            .message
            .as_ref()
            .map_or(1, |message| message.contents.count());
        let broadcasts = self.pages_sent / u64::from(count.max(1));
        let count = u16::try_from(broadcasts).unwrap_or(u16::MAX);
        let cell = |id: &Cgi| Cell::Cgi(*id);
        let completed = |id: &Cgi| Completed {
            cell: cell(id),
            count,
            validity: Validity::Valid,
        };
        let failed = |(id, cause): &(Cgi, Cause)| Failed {
            cause: *cause,
            cell: cell(id),
        };
        let is_connected = !(self.installed.is_empty() && self.failed.is_empty());
        let peer = Peer {
            completed: match count {
                0 => Vec::new(),
                _ => self.installed.iter().map(completed).collect(),
            },
            failed: self.failed.iter().map(failed).collect(),
            installed: self.installed.iter().map(cell).collect(),
            name: "bsc1".to_owned(),
            state: self.state.to_owned(),
        };
        Details {
            broadcasts: Some(self.create.broadcasts),
            message_id: self.create.message_id,
            period_slots: Some(self.create.period_slots),
            peers: if is_connected { vec![peer] } else { Vec::new() },
            serial: self.create.serial,
            state: self.state.to_owned(),
        }
    }
}
