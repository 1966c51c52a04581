//! A whole message: what one serial number stands for.

use crate::dcs::Dcs;
use crate::message_id::MessageId;
use crate::page::{Contents, Page, PageParameter};
use crate::serial::SerialNumber;

/// A message of one to fifteen pages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    /// Serial number.
    pub serial: SerialNumber,
    /// Message identifier.
    pub message_id: MessageId,
    /// Data coding scheme of every page.
    pub dcs: Dcs,
    /// The pages.
    pub contents: Contents,
}

impl Message {
    /// The pages as GSM sends them, in their order.
    pub fn pages(&self) -> impl Iterator<Item = Page> {
        let total = self.contents.count();
        let numbered = (1..=total).zip(self.contents.pages());
        numbered.filter_map(move |(number, content)| {
            Some(Page {
                serial: self.serial,
                message_id: self.message_id,
                dcs: self.dcs,
                parameter: PageParameter::new(number, total).ok()?,
                content: *content.octets(),
            })
        })
    }
}
