//! One Cell Broadcast message at one CBC, and how far it came.
//!
//! ```text
//!  asked ──CBC took it──▶ on air ──last broadcast──▶ done
//!    │ ├──no answer──▶ unknown ──asked again, same identifier and serial number──▶ ..
//!    │ └──refused──▶ refused                         killing ──CBC let go──▶ killed
//! ```
//! A row exists from the moment its request may be sent, so that a crash can never have asked for
//! something under a serial number that the store does not know.

use serde::{Deserialize, Serialize};

use super::ids::{ChannelName, LinkName, SubmissionId};
use super::submission::Sha256;

/// How far a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CbsState {
    /// The CBC may have been asked; nothing is known yet.
    Asked,
    /// Every broadcast is over.
    Done,
    /// Its window closed before the CBC took it.
    Expired,
    /// It was taken off the air.
    Killed,
    /// It is to be taken off the air.
    Killing,
    /// The CBC took it.
    OnAir,
    /// The CBC or every cell refused it.
    Refused,
    /// A newer version has taken its place.
    Replaced,
    /// The CBC was asked and did not say what it did.
    Unknown,
}

impl CbsState {
    /// Every state.
    pub const ALL: &[Self] = &[
        Self::Asked,
        Self::Done,
        Self::Expired,
        Self::Killed,
        Self::Killing,
        Self::OnAir,
        Self::Refused,
        Self::Replaced,
        Self::Unknown,
    ];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Done => "done",
            Self::Expired => "expired",
            Self::Killed => "killed",
            Self::Killing => "killing",
            Self::OnAir => "onair",
            Self::Refused => "refused",
            Self::Replaced => "replaced",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.as_str() == text)
    }

    /// Nothing is left to do.
    pub const fn is_over(self) -> bool {
        matches!(
            self,
            Self::Done | Self::Expired | Self::Killed | Self::Refused | Self::Replaced
        )
    }
}

/// What cells said of a message, as far as the CBC tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CellCount {
    /// Cells that took it.
    pub installed: u32,
    /// Cells that refused it.
    pub failed: u32,
    /// Broadcasts that all cells together have finished.
    pub broadcasts: u64,
}

/// One message as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CbsMessage {
    /// Our key, and the identity of the request at centres that number requests.
    pub id: String,
    /// Whose part it is.
    pub submission_id: SubmissionId,
    /// On which channel.
    pub channel: ChannelName,
    /// At which CBC.
    pub link: LinkName,
    /// TOI of its transmissions.
    pub toi: u32,
    /// Which of the messages of a transmission, from 0.
    pub position: u32,
    /// Message identifier.
    pub message_id: u16,
    /// Serial number.
    pub serial: u16,
    /// Lease epoch under which the serial number was given out.
    pub epoch: i64,
    /// SHA-256 of data coding scheme and pages.
    pub pages_sha256: Sha256,
    /// The whole request as JSON, for asking again.
    pub broadcast: String,
    /// The message whose place it takes.
    pub earlier: Option<String>,
    /// Identity and time (Unix seconds) of the requests that this one continues, then its own.
    pub stamps: Vec<(String, i64)>,
    /// How far it came.
    pub state: CbsState,
    /// When it was planned and might be asked for.
    pub planned_ms: u64,
    /// It is not broadcast after this.
    pub until_ms: u64,
    /// When the CBC took it.
    pub taken_ms: Option<u64>,
    /// When it was decided to take it off the air.
    pub killed_ms: Option<u64>,
    /// When nothing was left to do.
    pub ended_ms: Option<u64>,
    /// What cells said.
    pub cells: Option<CellCount>,
    /// One sentence for people.
    pub desc: String,
}

/// What is new of a message; what is `None` stays as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CbsProgress {
    /// Which.
    pub id: String,
    /// How far it came. A state that is over is never left.
    pub state: CbsState,
    /// When.
    pub at_ms: u64,
    /// What cells said.
    pub cells: Option<CellCount>,
    /// One sentence for people.
    pub desc: Option<String>,
}
