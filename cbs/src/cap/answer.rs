//! Answers: an alert of type Ack or Error that names the alert it is about.

use super::model::{Alert, MsgType, Scope};
use super::name::Name;
use super::time::Timestamp;

/// Code of an Error about an alert whose identifier is known already. Ours: CAP has none.
pub const ALREADY_THERE: &str = "cbs:already-there";
/// Code of an Error about a Cancel or Update whose earlier alert is not known. Ours.
pub const NOT_FOUND: &str = "cbs:not-found";

impl Alert {
    /// An answer that says that this alert was taken.
    pub fn ack(&self, identifier: Name, sender: Name, sent: Timestamp) -> Self {
        self.answer(MsgType::Ack, identifier, sender, sent)
    }

    /// An answer that says why this alert was refused.
    pub fn error(&self, identifier: Name, sender: Name, sent: Timestamp, why: &str) -> Self {
        Self {
            note: Some(why.to_owned()),
            ..self.answer(MsgType::Error, identifier, sender, sent)
        }
    }

    fn answer(&self, msg_type: MsgType, identifier: Name, sender: Name, sent: Timestamp) -> Self {
        Self {
            status: self.status,
            scope: Scope::Private {
                addresses: vec![self.sender.to_string()],
            },
            references: vec![self.reference()],
            ..Self::new(identifier, sender, sent, msg_type)
        }
    }

    /// Sender and identifier of every alert that this one updates or cancels.
    ///
    /// A Cancel without references withdraws the alert that has its own identifier, as some
    /// senders do it.
    pub fn earlier(&self) -> Vec<(&Name, &Name)> {
        match self.msg_type {
            MsgType::Cancel if self.references.is_empty() => {
                vec![(&self.sender, &self.identifier)]
            }
            MsgType::Cancel | MsgType::Update => self
                .references
                .iter()
                .map(|reference| (&reference.sender, &reference.identifier))
                .collect(),
            MsgType::Alert | MsgType::Ack | MsgType::Error => Vec::new(),
        }
    }

    /// Whether this answers the alert with these names.
    pub fn answers(&self, sender: &Name, identifier: &Name) -> bool {
        matches!(self.msg_type, MsgType::Ack | MsgType::Error)
            && self
                .references
                .iter()
                .any(|reference| (&reference.sender, &reference.identifier) == (sender, identifier))
    }

    /// Whether it says that the alert that it answers was there already.
    pub fn says_already_there(&self) -> bool {
        self.codes.iter().any(|code| code == ALREADY_THERE)
    }

    /// Whether it says that an earlier alert is not known.
    pub fn says_not_found(&self) -> bool {
        self.codes.iter().any(|code| code == NOT_FOUND)
    }
}
