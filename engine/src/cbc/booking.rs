//! What each centre is busy with: identifiers in use and air time taken. Kept in memory; after a
//! start it is what the store has on the air.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pushcast_cbs::capacity::{self, Load, Refusal};

use crate::model::LinkName;

/// An identifier that somebody else uses at a centre is not asked for again so soon, ms.
const OCCUPIED_MS: u64 = 600_000;

/// What one message takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// Key of its row.
    pub id: String,
    /// Message identifier.
    pub message_id: u16,
    /// Air time, where it is counted.
    pub load: Option<Load>,
}

/// A message that has no room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// Too little air time.
    #[error("no air time is left: {0}")]
    AirTime(Refusal),
    /// Every identifier is in use.
    #[error("every message identifier of the channel is in use")]
    Identifiers,
}

/// All centres.
#[derive(Debug, Clone, Default)]
pub struct Bookings {
    links: Arc<Mutex<HashMap<LinkName, Busy>>>,
}

/// What one centre is busy with.
#[derive(Debug, Default)]
struct Busy {
    booked: Vec<Booked>,
    /// Identifiers that somebody else uses there, and when to try them again, Unix ms.
    occupied: HashMap<u16, u64>,
}

/// A message's place, given back when dropped unless it was kept.
#[derive(Debug)]
pub struct Booking {
    bookings: Bookings,
    link: LinkName,
    id: String,
    is_kept: bool,
}

impl Booking {
    /// Key of the message's row.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The message is stored: its place is given back when it ends.
    pub fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Booking {
    fn drop(&mut self) {
        if !self.is_kept {
            self.bookings.release(&self.link, &self.id);
        }
    }
}

impl Bookings {
    /// The first identifier of `candidates` that nothing uses, or that `earlier` alone does.
    /// Without `is_exclusive` every one may be used at any time.
    pub fn book(
        &self,
        link: &LinkName,
        wanted: Wish<'_>,
        candidates: impl Iterator<Item = u16>,
    ) -> Result<(u16, Booking), NoRoom> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let Busy { booked, occupied } = links.entry(link.clone()).or_default();
        occupied.retain(|_, until_ms| *until_ms > wanted.now_ms);
        let others = || {
            let others = booked.iter();
            others.filter(|one| Some(one.id.as_str()) != wanted.earlier)
        };
        let is_free = |id: &u16| {
            !wanted.is_exclusive
                || (!occupied.contains_key(id) && others().all(|one| one.message_id != *id))
        };
        let mut candidates = candidates;
        let message_id = candidates.find(is_free).ok_or(NoRoom::Identifiers)?;
        if let Some(load) = wanted.load {
            let present: Vec<Load> = others().filter_map(|one| one.load).collect();
            capacity::admit(&present, load).map_err(NoRoom::AirTime)?;
        }
        booked.push(Booked {
            id: wanted.id.to_owned(),
            message_id,
            load: wanted.load,
        });
        Ok((
            message_id,
            Booking {
                bookings: self.clone(),
                link: link.clone(),
                id: wanted.id.to_owned(),
                is_kept: false,
            },
        ))
    }

    /// A message that is on the air already, or may be.
    pub fn adopt(&self, link: &LinkName, booked: Booked) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let of_link = &mut links.entry(link.clone()).or_default().booked;
        of_link.retain(|one| one.id != booked.id);
        of_link.push(booked);
    }

    /// A message has ended.
    pub fn release(&self, link: &LinkName, id: &str) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(busy) = links.get_mut(link) {
            busy.booked.retain(|one| one.id != id);
        }
    }

    /// A message has ended, wherever it was.
    pub fn release_everywhere(&self, id: &str) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        for busy in links.values_mut() {
            busy.booked.retain(|one| one.id != id);
        }
    }

    /// Somebody else uses an identifier at a centre: it is passed over for a while.
    pub fn occupy(&self, link: &LinkName, message_id: u16, now_ms: u64) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = links.entry(link.clone()).or_default();
        busy.occupied.insert(message_id, now_ms + OCCUPIED_MS);
    }
}

/// What a message needs.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Key of its row.
    pub id: &'a str,
    /// The message whose place it takes, whose own does not count then.
    pub earlier: Option<&'a str>,
    /// The centre knows messages by identifier alone: one for each.
    pub is_exclusive: bool,
    /// Air time, where it is counted.
    pub load: Option<Load>,
    /// Time of day, Unix ms.
    pub now_ms: u64,
}

#[cfg(test)]
mod tests {
    use pushcast_cbs::capacity::RepetitionPeriod;

    use super::*;

    fn wish(id: &str) -> Wish<'_> {
        Wish {
            id,
            earlier: None,
            is_exclusive: true,
            load: None,
            now_ms: 0,
        }
    }

    #[test]
    fn an_identifier_serves_one_message_at_a_time() {
        let bookings = Bookings::default();
        let link: LinkName = "one".parse().unwrap();
        let book = |wish| bookings.book(&link, wish, [7, 8].into_iter());
        let (first, kept) = book(wish("a")).unwrap();
        let (second, dropped) = book(wish("b")).unwrap();
        assert_eq!((first, second), (7, 8));
        assert_eq!(book(wish("c")).unwrap_err(), NoRoom::Identifiers);
        let newer = Wish {
            earlier: Some("a"),
            ..wish("d")
        };
        assert_eq!(book(newer).unwrap().0, 7);
        drop(dropped);
        assert_eq!(book(wish("e")).unwrap().0, 8);
        kept.keep();
        assert_eq!(
            bookings
                .book(&link, wish("f"), [7].into_iter())
                .unwrap_err(),
            NoRoom::Identifiers
        );
        bookings.release(&link, "a");
        assert_eq!(
            bookings.book(&link, wish("f"), [7].into_iter()).unwrap().0,
            7
        );
    }

    #[test]
    fn what_somebody_else_uses_is_passed_over_for_a_while() {
        let bookings = Bookings::default();
        let link: LinkName = "one".parse().unwrap();
        let book = |now_ms| {
            let wish = Wish {
                now_ms,
                ..wish("a")
            };
            bookings.book(&link, wish, [7].into_iter())
        };
        bookings.occupy(&link, 7, 1_000);
        assert_eq!(book(1_000).unwrap_err(), NoRoom::Identifiers);
        let other: LinkName = "two".parse().unwrap();
        let elsewhere = bookings.book(&other, wish("b"), [7].into_iter());
        assert_eq!(elsewhere.unwrap().0, 7);
        assert_eq!(book(1_000 + OCCUPIED_MS).unwrap().0, 7);
    }

    #[test]
    fn air_time_is_shared_by_all_messages_of_a_centre() {
        let bookings = Bookings::default();
        let link: LinkName = "one".parse().unwrap();
        let wish = |id, pages, slots| Wish {
            load: Some(Load {
                pages,
                period: RepetitionPeriod::from_slots(slots).unwrap(),
            }),
            ..wish(id)
        };
        let (_, kept) = bookings
            .book(&link, wish("a", 15, 20), [1].into_iter())
            .unwrap();
        kept.keep();
        let refused = bookings.book(&link, wish("b", 2, 7), [2].into_iter());
        assert_eq!(
            refused.unwrap_err().to_string(),
            "no air time is left: 75 % of the channel is taken; the shortest period that fits is 15.1 s"
        );
        let other: LinkName = "two".parse().unwrap();
        assert!(
            bookings
                .book(&other, wish("b", 2, 7), [2].into_iter())
                .is_ok()
        );
    }
}
