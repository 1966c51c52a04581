//! The two kinds of centres that are spoken to.

use pushcast_cbs::cbep::cap::Cap;
use pushcast_cbs::cbep::ecbe::Ecbe;
use pushcast_cbs::cbep::{
    Adapter, Answer, Broadcast, Capabilities, CbepError, Operation, Outcome, Reference, Request,
    Stamp, Step,
};

use super::spec::{LinkSpec, LinkSpecError, Speaks};

/// A centre: how requests to it are written and its answers read.
#[derive(Debug, Clone)]
pub enum Centre {
    /// CAP 1.2.
    Cap(Cap),
    /// ECBE.
    Ecbe(Ecbe),
}

impl Centre {
    /// What a centre that speaks CAP can do.
    pub const CAP: &Capabilities = &pushcast_cbs::cbep::cap::CAPABILITIES;
    /// What a centre that speaks ECBE can do.
    pub const ECBE: &Capabilities = &pushcast_cbs::cbep::ecbe::CAPABILITIES;

    /// The centre behind a link.
    pub fn new(spec: &LinkSpec) -> Result<Self, LinkSpecError> {
        match &spec.speaks {
            Speaks::Cap { sender, prefix } => {
                let sender = sender.parse().map_err(|error| LinkSpecError::Adapter {
                    key: "sender",
                    source: CbepError::Cap(error),
                })?;
                let cap = Cap::new(sender, spec.parsed_url()?.path());
                Ok(Self::Cap(match prefix {
                    Some(prefix) => cap.with_prefix(prefix),
                    None => cap,
                }))
            }
            Speaks::Ecbe { cbe_name, .. } => match Ecbe::new(cbe_name) {
                Ok(ecbe) => Ok(Self::Ecbe(ecbe)),
                Err(source) => Err(LinkSpecError::Adapter {
                    key: "cbe_name",
                    source,
                }),
            },
        }
    }
}

impl Adapter for Centre {
    fn capabilities(&self) -> &'static Capabilities {
        match self {
            Self::Cap(cap) => cap.capabilities(),
            Self::Ecbe(ecbe) => ecbe.capabilities(),
        }
    }

    fn submit(&self, broadcast: &Broadcast, stamp: &Stamp) -> Result<Request, CbepError> {
        match self {
            Self::Cap(cap) => cap.submit(broadcast, stamp),
            Self::Ecbe(ecbe) => ecbe.submit(broadcast, stamp),
        }
    }

    fn update(
        &self,
        earlier: &Reference,
        broadcast: &Broadcast,
        stamp: &Stamp,
    ) -> Result<Vec<Step>, CbepError> {
        match self {
            Self::Cap(cap) => cap.update(earlier, broadcast, stamp),
            Self::Ecbe(ecbe) => ecbe.update(earlier, broadcast, stamp),
        }
    }

    fn cancel(&self, earlier: &Reference, stamp: &Stamp) -> Result<Request, CbepError> {
        match self {
            Self::Cap(cap) => cap.cancel(earlier, stamp),
            Self::Ecbe(ecbe) => ecbe.cancel(earlier, stamp),
        }
    }

    fn status_command(&self, earlier: &Reference) -> Option<String> {
        match self {
            Self::Cap(cap) => cap.status_command(earlier),
            Self::Ecbe(ecbe) => ecbe.status_command(earlier),
        }
    }

    fn outcome(&self, operation: Operation, stamp: &Stamp, answer: Answer<'_>) -> Outcome {
        match self {
            Self::Cap(cap) => cap.outcome(operation, stamp, answer),
            Self::Ecbe(ecbe) => ecbe.outcome(operation, stamp, answer),
        }
    }
}
