//! One step towards the centre: a request, or a question to its command port.

use pushcast_cbs::cap::{Status, Timestamp};
use pushcast_cbs::cbep::{
    Adapter as _, Answer, CbepError, Doubt, Outcome, Reference, Request, Stamp,
};

use crate::cbc::centre::Centre;
use crate::cbc::command_port;
use crate::cbc::course::{Came, Step};
use crate::cbc::transport::{Exchange, Transport};

use super::Message;

/// How the centre is reached.
pub(super) struct Way {
    pub(super) centre: Centre,
    pub(super) transport: Transport,
    pub(super) command_port: Option<String>,
}

impl Message {
    /// What names it.
    pub(super) fn reference(&self) -> Reference {
        Reference {
            message_id: self.broadcast.message_id,
            serial: self.broadcast.serial,
            stamps: self.stamps.clone(),
            status: self
                .broadcast
                .notice
                .as_ref()
                .map_or(Status::Actual, |notice| notice.status),
        }
    }

    /// Identity of the request that puts it on the air.
    fn stamp(&self) -> Option<&Stamp> {
        self.stamps.last()
    }

    /// Identity of the request that takes it off: the same however often it is made.
    fn cancel_stamp(&self, now_ms: u64) -> Option<Stamp> {
        let at_ms = self.killed_ms.unwrap_or(now_ms);
        let seconds = i64::try_from(at_ms / 1000).ok()?;
        Some(Stamp {
            identifier: format!("{}-cancel", self.id).parse().ok()?,
            sent: Timestamp::of_unix(seconds).ok()?,
        })
    }
}

impl Way {
    /// Does it, and says what came of it.
    pub(super) async fn take(&self, step: Step, message: &Message, now_ms: u64) -> Came {
        if step == Step::Look {
            return Came::Shown(self.look(message).await);
        }
        let (Some(own), Some(cancel)) = (message.stamp(), message.cancel_stamp(now_ms)) else {
            return Came::Unwritable("the request has no identity".to_owned());
        };
        let written = match step {
            Step::Ask => self.centre.submit(&message.broadcast, own),
            Step::Change => self.change(message, own),
            Step::Cancel => self.centre.cancel(&message.reference(), &cancel),
            Step::Clear | Step::Look => match &message.earlier {
                Some((_, earlier)) => self.centre.cancel(earlier, &cancel),
                None => Err(CbepError::NoStamp),
            },
        };
        let request = match written {
            Ok(request) => request,
            Err(error) => return Came::Unwritable(error.to_string()),
        };
        let stamp = match step {
            Step::Ask | Step::Change => own,
            Step::Cancel | Step::Clear | Step::Look => &cancel,
        };
        let Some(operation) = step.operation() else {
            return Came::NotSent;
        };
        match self.transport.exchange(&request).await {
            Exchange::NotSent => Came::NotSent,
            Exchange::NoAnswer => Came::Answer(Outcome::Unknown {
                doubt: Doubt::NoAnswer,
            }),
            Exchange::Answer { status, body } => {
                let answer = Answer {
                    body: &body,
                    status,
                };
                Came::Answer(self.centre.outcome(operation, stamp, answer))
            }
        }
    }

    fn change(&self, message: &Message, own: &Stamp) -> Result<Request, CbepError> {
        let Some((_, earlier)) = &message.earlier else {
            return self.centre.submit(&message.broadcast, own);
        };
        let steps = self.centre.update(earlier, &message.broadcast, own)?;
        // A centre that changes in place is asked once.
        let first = steps.into_iter().next();
        first.map(|step| step.request).ok_or(CbepError::NoStamp)
    }

    async fn look(&self, message: &Message) -> Option<pushcast_cbs::cbep::ecbe::vty::Shown> {
        let address = self.command_port.as_deref()?;
        let command = self.centre.status_command(&message.reference())?;
        command_port::ask(address, &command).await
    }
}
