//! Plain data and pure functions: what the gateway is about, without how it is done.
//!
//! Nothing here knows a database, a socket or a clock. Times are Unix milliseconds in UTC, their
//! names end in `_ms`. Every type that can be invalid is valid by construction.

pub mod address;
pub mod alias;
pub mod application;
pub mod cbs;
pub mod channel;
pub mod delivery;
pub mod ids;
pub mod initiator;
pub mod plan;
pub mod status;
pub mod submission;
pub mod transmission;

pub use address::{Address, Target};
pub use alias::{AliasGroup, Deliver, ServiceArea};
pub use application::ApplicationId;
pub use cbs::{CbsMessage, CbsProgress, CbsState, CellCount};
pub use channel::{Bearer, CbsChannel, Channel, ChannelCapabilities, FluteChannel, Transform};
pub use delivery::{Delivery, MessageState, Outcome};
pub use ids::{
    AreaName, ChannelName, DeliveryId, GroupName, InitiatorName, LaneName, LinkName, PushId,
    SubmissionId, TransmissionId,
};
pub use initiator::Initiator;
pub use plan::Planned;
pub use status::StatusCode;
pub use submission::{Body, Content, Lineage, Priority, QualityOfService, Sha256, Submission};
pub use transmission::{Transmission, TransmissionState};
