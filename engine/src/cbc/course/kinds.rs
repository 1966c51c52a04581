//! The words of a course: steps, what comes of them, stages, and what a message is.

use std::time::Duration;

use pushcast_cbs::cbep::ecbe::vty::Shown;
use pushcast_cbs::cbep::{Capabilities, Operation, Outcome};
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::serial::SerialNumber;

/// What is to be done for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Take the message off the air whose place this one takes.
    Clear,
    /// Put it on the air.
    Ask,
    /// Put it in the place of the earlier one, in one request.
    Change,
    /// Take it off the air.
    Cancel,
    /// Ask the command port about it.
    Look,
}

impl Step {
    /// As adapters know it; a look is no request.
    pub const fn operation(self) -> Option<Operation> {
        match self {
            Self::Clear | Self::Cancel => Some(Operation::Cancel),
            Self::Ask => Some(Operation::Submit),
            Self::Change => Some(Operation::Update),
            Self::Look => None,
        }
    }
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// The centre's answer, or that none came.
    Answer(Outcome),
    /// The centre was not reached.
    NotSent,
    /// What the command port shows, if it does.
    Shown(Option<Shown>),
    /// The request cannot be written.
    Unwritable(String),
}

/// What keeps a message from the air. The same is asked again until its time is over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The centre says that it cannot now.
    #[error("the centre puts it off, {0}; it is asked again as long as the push lives")]
    Busy(String),
    /// The centre got the request and does not say what it did.
    #[error("the centre does not answer; it is asked again as long as the push lives")]
    Silent,
    /// The centre cannot be reached.
    #[error("the centre cannot be reached; it is asked again as long as the push lives")]
    Unreached,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The earlier message is to be taken off first.
    Clearing,
    /// It is to be asked for.
    Waiting,
    /// The centre took it and is asked about its cells.
    Looking,
    /// A request had no answer: was it carried out?
    Doubt,
    /// It is on the air.
    OnAir,
    /// It is to be taken off the air.
    Closing,
    /// Nothing is left to do.
    Over,
}

/// What a message needs of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// It is not put on the air after this.
    pub until_ms: u64,
    /// From the first broadcast to the end of the last.
    pub on_air: Duration,
    /// Time between two broadcasts.
    pub period: Duration,
}

/// What names a message, and how its centre can be asked about it.
#[derive(Debug, Clone, Copy)]
pub struct Nature {
    /// What the centre can do.
    pub capabilities: &'static Capabilities,
    /// It has a command port.
    pub has_command_port: bool,
    /// Message identifier.
    pub message_id: MessageId,
    /// Serial number.
    pub serial: SerialNumber,
}
