//! Plain data and pure functions: what the gateway is about, without how it is done.
//!
//! Nothing here knows a database, a socket or a clock. Times are Unix milliseconds in UTC, their
//! names end in `_ms`. Every type that can be invalid is valid by construction.

pub mod address;
pub mod alert;
pub mod alias;
pub mod application;
pub mod audit;
pub mod backdrop;
pub mod cbs;
pub mod channel;
pub mod channel_status;
pub mod delivery;
pub mod detail;
pub mod event;
pub mod ids;
pub mod initiator;
pub mod link_status;
pub mod listing;
pub mod named;
pub mod outline;
pub mod overview;
pub mod plan;
pub mod report;
pub mod role;
pub mod spill;
pub mod status;
pub mod submission;
pub mod transmission;
pub mod upload;
pub mod user;
pub mod workspace;

pub use address::{Address, Target};
pub use alert::{Alert, AlertContent, AlertState, ApprovalRules, Template};
pub use alias::{AliasGroup, Deliver, ServiceArea};
pub use application::ApplicationId;
pub use cbs::{CbsMessage, CbsProgress, CbsState, CellCount};
pub use channel::{Bearer, CbsChannel, Channel, ChannelCapabilities, FluteChannel, Transform};
pub use delivery::{Delivery, MessageState, Outcome};
pub use ids::{
    AlertId, AreaName, ChannelName, DeliveryId, GroupName, InitiatorName, LaneName, Language,
    LinkName, PushId, SessionId, SubmissionId, TemplateId, TransmissionId, UserName, WorkspaceName,
};
pub use initiator::Initiator;
pub use named::Named;
pub use plan::Planned;
pub use role::{Action, Role};
pub use status::StatusCode;
pub use submission::{Body, Content, Lineage, Priority, QualityOfService, Sha256, Submission};
pub use transmission::{Transmission, TransmissionState};
pub use user::User;
pub use workspace::{Mode, Workspace};
