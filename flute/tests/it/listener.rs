//! A receiver that puts its files together.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};

use pushcast_flute::content::{ContentError, Decoder, Limits};
use pushcast_flute::receiver::{Config, Description, Event, ObjectId, Session};
use pushcast_flute::{Now, fdt};

pub const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));
/// Some moment of the year 2026.
pub const START: Now = Now {
    mono_ns: 0,
    unix_ms: 1_790_000_000_000,
};

/// A complete file, decoded and checked.
pub struct Heard {
    pub file: fdt::File,
    pub object: ObjectId,
    pub content: Result<Vec<u8>, ContentError>,
}

pub struct Listener {
    pub session: Session,
    pub now: Now,
    pub source: IpAddr,
    /// By TOI; a later one replaces an earlier one.
    pub heard: BTreeMap<u128, Heard>,
    /// Every event without octets.
    pub events: Vec<Event>,
    open: HashMap<ObjectId, (Description, Vec<u8>)>,
}

impl Listener {
    pub fn new(config: Config) -> Self {
        Self {
            session: Session::new(config),
            now: START,
            source: SOURCE,
            heard: BTreeMap::new(),
            events: Vec::new(),
            open: HashMap::new(),
        }
    }

    pub fn hear(&mut self, datagram: &[u8]) {
        self.session
            .handle_datagram(self.now, self.source, datagram);
        self.session.handle_timeout(self.now);
        while let Some(event) = self.session.poll_event() {
            self.take(event);
        }
    }

    pub fn hear_all<'a>(&mut self, datagrams: impl IntoIterator<Item = &'a Vec<u8>>) {
        for datagram in datagrams {
            self.hear(datagram);
        }
    }

    /// The content of a file that came complete and intact.
    pub fn content(&self, toi: u128) -> Option<&[u8]> {
        self.heard.get(&toi)?.content.as_deref().ok()
    }

    fn take(&mut self, event: Event) {
        match &event {
            Event::Started {
                object,
                description,
            } => {
                let octets = vec![0; description.oti.transfer_length() as usize];
                self.open.insert(*object, (*description.clone(), octets));
            }
            Event::Data {
                object,
                offset,
                octets,
            } => {
                let (_, target) = self.open.get_mut(object).unwrap();
                target[*offset as usize..*offset as usize + octets.len()].copy_from_slice(octets);
                return;
            }
            Event::Completed { object, .. } => {
                let (description, octets) = self.open.remove(object).unwrap();
                let heard = Heard {
                    content: decoded(&description.file, &octets),
                    file: description.file,
                    object: *object,
                };
                self.heard.insert(description.toi.value(), heard);
            }
            Event::Abandoned { object, .. } => {
                self.open.remove(object);
            }
            Event::NoMoreSymbols { .. } | Event::SessionClosed { .. } => {}
        }
        self.events.push(event);
    }
}

fn decoded(file: &fdt::File, octets: &[u8]) -> Result<Vec<u8>, ContentError> {
    let encoding = file.encoding().unwrap();
    let (length, md5) = (file.content_length, file.content_md5);
    let mut decoder = Decoder::new(encoding, length, md5, Limits::default());
    let mut content = Vec::new();
    decoder.write(octets, |piece| content.extend_from_slice(piece))?;
    decoder.finish()?;
    Ok(content)
}
