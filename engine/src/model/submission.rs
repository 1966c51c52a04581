//! One push-message as accepted.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::ids::{InitiatorName, PushId, SubmissionId};

/// Who may overtake whom on a channel (PAP 8.2.2 `priority`). Ordered: `Low < High`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// When nothing else waits.
    Low,
    /// The default.
    #[default]
    Medium,
    /// Goes out before the rest of a running carousel pass.
    High,
}

/// What the PI asks of the OTA delivery (PAP 8.2.2 `delivery-method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryMethod {
    /// The client must confirm; impossible point to multipoint.
    Confirmed,
    /// The gateway's choice.
    #[default]
    NotSpecified,
    /// Confirmed if possible.
    PreferConfirmed,
    /// Without confirmation.
    Unconfirmed,
}

/// The quality-of-service element of a push-message (PAP 8.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QualityOfService {
    /// Queueing order.
    pub priority: Priority,
    /// Confirmation wish.
    pub delivery_method: DeliveryMethod,
    /// Network name as written, WDP Appendix C.
    pub network: Option<String>,
    /// Fail rather than use another network.
    pub network_required: bool,
    /// Bearer name as written.
    pub bearer: Option<String>,
    /// Fail rather than use another bearer.
    pub bearer_required: bool,
}

/// A PAP version. Major and minor are numbers of their own: 2.4 is older than 2.10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PapVersion {
    /// Structure.
    pub major: u16,
    /// Additions.
    pub minor: u16,
}

impl PapVersion {
    /// The version without a `wap-pap-ver` instruction.
    pub const V1_0: Self = Self { major: 1, minor: 0 };
    /// The version that this gateway speaks.
    pub const V2_0: Self = Self { major: 2, minor: 0 };
}

/// SHA-256 of stored octets: their identity and their file name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(pub [u8; 32]);

/// Text that is no SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a SHA-256 of 64 hexadecimal digits")]
pub struct Sha256Error(String);

impl TryFrom<String> for Sha256 {
    type Error = Sha256Error;

    fn try_from(text: String) -> Result<Self, Sha256Error> {
        Self::from_hex(&text).ok_or(Sha256Error(text))
    }
}

impl From<Sha256> for String {
    fn from(sha256: Sha256) -> Self {
        sha256.to_hex()
    }
}

impl Sha256 {
    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// Reads 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let octets = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
        octets.try_into().ok().map(Self)
    }
}

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// Where the octets of a content entity are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Beside the row.
    Inline(Vec<u8>),
    /// In a content-addressed file.
    File {
        /// Identity and name.
        sha256: Sha256,
        /// Length, octets.
        bytes: u64,
    },
}

impl Body {
    /// Length, octets.
    pub fn len(&self) -> u64 {
        match self {
            Self::Inline(octets) => octets.len() as u64,
            Self::File { bytes, .. } => *bytes,
        }
    }

    /// No octets at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The content entity: headers and body of the push message (PAP 7, Push Message 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Media type with parameters, as written.
    pub content_type: String,
    /// The other headers in their order, names as written, values unfolded.
    pub headers: Vec<(String, String)>,
    /// Octets after transfer decoding.
    pub body: Body,
}

impl Content {
    /// Value of the first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Where a push stands in a chain of replacements (PAP 8.2 `replace-push-id`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// push-id of the first push of the chain; its own where it replaces nothing.
    pub origin: PushId,
    /// Counted from 1 along the chain.
    pub revision: u32,
    /// The push whose place it takes; it may be forgotten already.
    pub replaces: Option<SubmissionId>,
}

impl Lineage {
    /// Of a push that replaces nothing.
    pub fn first(push_id: &PushId) -> Self {
        Self {
            origin: push_id.clone(),
            revision: 1,
            replaces: None,
        }
    }

    /// Of a push that takes the place of one with this lineage.
    #[must_use]
    pub fn successor(&self, replaced: SubmissionId) -> Self {
        Self {
            origin: self.origin.clone(),
            revision: self.revision.saturating_add(1),
            replaces: Some(replaced),
        }
    }
}

/// How the gateway knew who submitted a push (AD23 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// HTTP Basic.
    Basic,
    /// A client certificate.
    Certificate,
    /// A person who has signed in to the console.
    Console,
    /// HTTP Digest.
    Digest,
    /// The network that the request came from: nothing that the PI has shown.
    Network,
}

impl Authentication {
    /// Every way.
    pub const ALL: &[Self] = &[
        Self::Basic,
        Self::Certificate,
        Self::Console,
        Self::Digest,
        Self::Network,
    ];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Certificate => "certificate",
            Self::Console => "console",
            Self::Digest => "digest",
            Self::Network => "network",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|way| way.as_str() == text)
    }

    /// The PI has shown that it is who it says (PAP 13, OTA 6.4.1.3).
    pub const fn is_positive(self) -> bool {
        !matches!(self, Self::Network)
    }
}

/// A push-message taken in: durable before the PI hears 1001.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Our key.
    pub id: SubmissionId,
    /// Whose it is.
    pub initiator: InitiatorName,
    /// How that was known.
    pub authentication: Authentication,
    /// The PI's key.
    pub push_id: PushId,
    /// What it replaces.
    pub lineage: Lineage,
    /// SHA-256 of the whole PAP request body; tells a repeat from a clash.
    pub request_sha256: Sha256,
    /// Version to answer in.
    pub pap_version: PapVersion,
    /// The PI sent `wap-pap-ver`, so it hears ours.
    pub pi_lists_versions: bool,
    /// When it arrived.
    pub received_ms: u64,
    /// deliver-after-timestamp: never before.
    pub deliver_after_ms: Option<u64>,
    /// deliver-before-timestamp, or the operator's default lifetime from arrival or deliver-after.
    pub deliver_before_ms: u64,
    /// deliver-before came from the PI.
    pub deliver_before_given: bool,
    /// source-reference: who stands behind the message.
    pub source_reference: Option<String>,
    /// Where result notifications go.
    pub notify_url: Option<String>,
    /// Progress notes wanted in the answer.
    pub progress_notes: bool,
    /// The element, if it was there.
    pub quality_of_service: Option<QualityOfService>,
    /// At least one, as written.
    pub addresses: Vec<Address>,
    /// What to deliver.
    pub content: Content,
}

impl Submission {
    /// When delivery may start.
    pub fn due_ms(&self) -> u64 {
        self.deliver_after_ms.unwrap_or(self.received_ms)
    }

    /// Queueing order, the default where the PI has no wish.
    pub fn priority(&self) -> Priority {
        self.quality_of_service
            .as_ref()
            .map(|qos| qos.priority)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_back() {
        let digest = Sha256([0xA5; 32]);
        assert_eq!(Sha256::from_hex(&digest.to_hex()), Some(digest));
        assert_eq!(Sha256::from_hex("a5"), None);
        assert_eq!(Sha256::from_hex(&"zz".repeat(32)), None);
        assert_eq!(Sha256::from_hex(&"é".repeat(32)), None);
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(
            PapVersion { major: 2, minor: 4 }
                < PapVersion {
                    major: 2,
                    minor: 10
                }
        );
    }
}
