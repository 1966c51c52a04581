//! Pages to messages: in any order, with repeats, of several messages at once.

use crate::message::Message;
use crate::message_id::MessageId;
use crate::page::{Contents, MAX_PAGES, Page, PageContent};
use crate::serial::SerialNumber;

/// Messages that are remembered at one time, complete ones included so that repeats are known as
/// such. Some 1.3 kilobytes each; a cell seldom carries ten.
pub const MAX_MESSAGES: usize = 64;

/// What a page led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reception {
    /// The message is whole now. Said once for each message.
    Complete(Message),
    /// New, and pages are still missing.
    Incomplete {
        /// How many.
        missing: u8,
    },
    /// The same page was there before.
    Repeat,
}

/// A page that contradicts an earlier one of the same message identifier and serial number.
/// The earlier one stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("page {number} of message {message_id}, serial {serial}, differs from what came before")]
pub struct Conflict {
    /// Message identifier.
    pub message_id: MessageId,
    /// Number of the page.
    pub number: u8,
    /// Serial number.
    pub serial: SerialNumber,
}

#[derive(Debug, Clone)]
struct Slot {
    /// The first page that came: identifiers, scheme and number of pages are those of all.
    first: Page,
    pages: [Option<PageContent>; MAX_PAGES],
    /// When a page last came, counted in pages.
    touched: u64,
}

impl Slot {
    fn new(page: &Page) -> Self {
        Self {
            first: *page,
            pages: [None; MAX_PAGES],
            touched: 0,
        }
    }

    fn is_of(&self, page: &Page) -> bool {
        (self.first.message_id, self.first.serial) == (page.message_id, page.serial)
    }

    fn total(&self) -> usize {
        usize::from(self.first.parameter.total())
    }

    fn missing(&self) -> usize {
        let known = self.pages.iter().flatten().count();
        self.total().saturating_sub(known)
    }

    fn add(&mut self, page: &Page) -> Result<Reception, Conflict> {
        let number = page.parameter.number();
        let conflict = Conflict {
            message_id: page.message_id,
            number,
            serial: page.serial,
        };
        if usize::from(page.parameter.total()) != self.total() || page.dcs != self.first.dcs {
            return Err(conflict);
        }
        let content = PageContent::full(page.content);
        match self.pages.get_mut(usize::from(number) - 1) {
            Some(place @ None) => *place = Some(content),
            Some(Some(known)) if *known == content => return Ok(Reception::Repeat),
            _ => return Err(conflict),
        }
        let pages: Vec<_> = self.pages.iter().flatten().copied().collect();
        match Contents::new(pages) {
            Ok(contents) if self.missing() == 0 => Ok(Reception::Complete(Message {
                serial: self.first.serial,
                message_id: self.first.message_id,
                dcs: self.first.dcs,
                contents,
            })),
            _ => Ok(Reception::Incomplete {
                missing: self.missing() as u8,
            }),
        }
    }
}

/// Collects pages. Holds at most [`MAX_MESSAGES`] messages; when one more comes, the complete one
/// that was longest without a page is forgotten, or else the incomplete one.
#[derive(Debug, Clone, Default)]
pub struct Reassembler {
    slots: Vec<Slot>,
    pages: u64,
    forgotten_incomplete: u64,
}

impl Reassembler {
    /// Takes a page.
    pub fn handle_page(&mut self, page: &Page) -> Result<Reception, Conflict> {
        self.pages += 1;
        let index = match self.slots.iter().position(|slot| slot.is_of(page)) {
            Some(index) => index,
            None => self.admit(page),
        };
        let slot = &mut self.slots[index];
        slot.touched = self.pages;
        slot.add(page)
    }

    /// Forgets everything, as after leaving the area.
    pub fn clear(&mut self) {
        self.slots.clear();
    }

    /// Messages that were forgotten before they were complete.
    pub const fn forgotten_incomplete(&self) -> u64 {
        self.forgotten_incomplete
    }

    /// Messages of which pages are still missing: identifier, serial number, how many.
    pub fn incomplete(&self) -> impl Iterator<Item = (MessageId, SerialNumber, u8)> {
        self.slots
            .iter()
            .map(|slot| {
                let Page {
                    message_id, serial, ..
                } = slot.first;
                (message_id, serial, slot.missing() as u8)
            })
            .filter(|(_, _, missing)| *missing > 0)
    }

    fn admit(&mut self, page: &Page) -> usize {
        if self.slots.len() >= MAX_MESSAGES {
            let oldest = (0..self.slots.len())
                .min_by_key(|index| {
                    let slot = &self.slots[*index];
                    (slot.missing() > 0, slot.touched)
                })
                .unwrap_or_default();
            let forgotten = self.slots.swap_remove(oldest);
            self.forgotten_incomplete += u64::from(forgotten.missing() > 0);
        }
        self.slots.push(Slot::new(page));
        self.slots.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dcs::Dcs;
    use crate::page::PageParameter;
    use proptest::prelude::*;

    fn message(id: u16, serial: u16, pages: u8) -> Message {
        let content = |page: u8| PageContent::full([page ^ id as u8; 82]);
        Message {
            serial: SerialNumber(serial),
            message_id: MessageId(id),
            dcs: Dcs::EIGHT_BIT,
            contents: Contents::new((1..=pages).map(content).collect()).unwrap(),
        }
    }

    fn completed(reassembler: &mut Reassembler, pages: &[Page]) -> Vec<Message> {
        let received = pages.iter().map(|page| reassembler.handle_page(page));
        received
            .filter_map(|reception| match reception.unwrap() {
                Reception::Complete(message) => Some(message),
                Reception::Incomplete { .. } | Reception::Repeat => None,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn any_order_and_repeats_give_each_message_once(
            counts in proptest::collection::vec(1_u8..=15, 1..8),
            order in proptest::collection::vec(any::<prop::sample::Index>(), 0..300),
        ) {
            let messages: Vec<_> = (0_u16..)
                .zip(&counts)
                .map(|(id, pages)| message(id, 0x4000 | id << 4, *pages))
                .collect();
            let all: Vec<Page> = messages.iter().flat_map(Message::pages).collect();
            let mut sent: Vec<Page> = order.iter().map(|index| *index.get(&all)).collect();
            sent.extend(all);
            let mut found = completed(&mut Reassembler::default(), &sent);
            found.sort_by_key(|message| message.message_id);
            prop_assert_eq!(found, messages);
        }
    }

    #[test]
    fn one_serial_number_with_two_texts_is_a_conflict() {
        let mut reassembler = Reassembler::default();
        let page = message(1, 0x4010, 2).pages().next().unwrap();
        assert_eq!(
            reassembler.handle_page(&page),
            Ok(Reception::Incomplete { missing: 1 })
        );
        let conflict = Err(Conflict {
            message_id: MessageId(1),
            number: 1,
            serial: SerialNumber(0x4010),
        });
        let other_text = Page {
            content: [9; 82],
            ..page
        };
        let other_scheme = Page {
            dcs: Dcs::UCS2,
            ..page
        };
        let other_total = Page {
            parameter: PageParameter::new(1, 3).unwrap(),
            ..page
        };
        for wrong in [other_text, other_scheme, other_total] {
            assert_eq!(reassembler.handle_page(&wrong), conflict);
        }
        assert_eq!(reassembler.handle_page(&page), Ok(Reception::Repeat));
    }

    #[test]
    fn memory_is_bounded_and_complete_messages_go_first() {
        let mut reassembler = Reassembler::default();
        let start = message(9999, 0x4010, 2);
        let pages: Vec<_> = start.pages().collect();
        assert!(completed(&mut reassembler, &pages[..1]).is_empty());
        for id in 0..200 {
            let whole: Vec<_> = message(id, 0x4010, 1).pages().collect();
            assert_eq!(completed(&mut reassembler, &whole).len(), 1);
        }
        assert_eq!(reassembler.incomplete().count(), 1);
        assert_eq!(completed(&mut reassembler, &pages[1..]), [start]);
        for id in 0..200 {
            let half: Vec<_> = message(id, 0x8010, 2).pages().take(1).collect();
            assert!(completed(&mut reassembler, &half).is_empty());
        }
        assert_eq!(reassembler.incomplete().count(), MAX_MESSAGES);
        assert_eq!(reassembler.forgotten_incomplete(), 200 - 64);
    }
}
