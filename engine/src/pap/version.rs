//! Versions of PAP: what a document says of its own and its sender's, and what is answered
//! (PAP 9).

use std::fmt;

use crate::model::submission::PapVersion;

/// Most versions that are taken from a `wap-pap-ver` instruction.
pub const MAX_VERSIONS: usize = 16;

/// An entry of `wap-pap-ver`: a version, or all minor versions of a major one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VersionPattern {
    /// Structure.
    pub major: u16,
    /// Additions; `None` for `*`.
    pub minor: Option<u16>,
}

impl VersionPattern {
    /// The version is one of those meant.
    pub fn matches(self, version: PapVersion) -> bool {
        self.major == version.major && self.minor.is_none_or(|minor| minor == version.minor)
    }

    fn beyond_1_0(self) -> bool {
        self.major > 1 || self.minor.is_some_and(|minor| minor > 0)
    }
}

impl fmt::Display for VersionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            Some(minor) => write!(f, "{}.{minor}", self.major),
            None => write!(f, "{}.*", self.major),
        }
    }
}

/// A version that we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edition {
    /// PAP 1.0.
    V1_0,
    /// PAP 2.0; also answers 2.1 and later.
    V2_0,
}

impl Edition {
    const fn version(self) -> PapVersion {
        match self {
            Self::V1_0 => PapVersion::V1_0,
            Self::V2_0 => PapVersion::V2_0,
        }
    }

    const fn speaking(version: PapVersion) -> Option<Self> {
        match version.major {
            1 => Some(Self::V1_0),
            2 => Some(Self::V2_0),
            _ => None,
        }
    }
}

/// How a document is dressed (PAP 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Its version.
    pub edition: Edition,
    /// Our `wap-pap-ver` goes with it: exactly when the peer is known to support more than 1.0.
    pub lists_versions: bool,
}

impl Envelope {
    /// Of our own requests.
    pub const OWN: Self = Self {
        edition: Edition::V2_0,
        lists_versions: true,
    };

    /// Of the answer to a document of that version from a peer with that list: the version used,
    /// or where it is not spoken the most preferred one in common, or else 1.0.
    pub fn answering(version: PapVersion, listed: Option<&[VersionPattern]>) -> Self {
        let common = |pattern: &VersionPattern| {
            [Edition::V2_0, Edition::V1_0]
                .into_iter()
                .find(|edition| pattern.matches(edition.version()))
        };
        let listed = listed.unwrap_or_default();
        Self {
            edition: Edition::speaking(version)
                .or_else(|| listed.iter().find_map(common))
                .unwrap_or(Edition::V1_0),
            lists_versions: knows_more(version, listed),
        }
    }

    /// Of a message about an earlier submission, which has to keep its version. What is kept of
    /// the PI's list is [`Envelope::lists_versions`] of the answer to that submission.
    pub fn about(version: PapVersion, pi_lists_versions: bool) -> Self {
        Self {
            lists_versions: pi_lists_versions || version > PapVersion::V1_0,
            ..Self::answering(version, None)
        }
    }
}

/// The peer is known to support more than 1.0.
fn knows_more(version: PapVersion, listed: &[VersionPattern]) -> bool {
    version > PapVersion::V1_0 || listed.iter().any(|pattern| pattern.beyond_1_0())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn version(major: u16, minor: u16) -> PapVersion {
        PapVersion { major, minor }
    }

    fn list(patterns: &[(u16, Option<u16>)]) -> Vec<VersionPattern> {
        patterns
            .iter()
            .map(|&(major, minor)| VersionPattern { major, minor })
            .collect()
    }

    #[test]
    fn answers_keep_to_what_the_peer_knows() {
        let any_1 = (1, None);
        for (used, listed, edition, lists_versions) in [
            (version(1, 0), None, Edition::V1_0, false),
            (version(1, 0), Some(list(&[any_1])), Edition::V1_0, false),
            (
                version(1, 0),
                Some(list(&[(2, Some(0)), any_1])),
                Edition::V1_0,
                true,
            ),
            (version(2, 0), None, Edition::V2_0, true),
            (
                version(2, 3),
                Some(list(&[(2, Some(3))])),
                Edition::V2_0,
                true,
            ),
            (version(3, 0), None, Edition::V1_0, true),
            (
                version(3, 0),
                Some(list(&[(3, Some(0)), (2, None), any_1])),
                Edition::V2_0,
                true,
            ),
            (
                version(3, 0),
                Some(list(&[any_1, (2, Some(0))])),
                Edition::V1_0,
                true,
            ),
            (
                version(3, 0),
                Some(list(&[(2, Some(1))])),
                Edition::V1_0,
                true,
            ),
        ] {
            let envelope = Envelope::answering(used, listed.as_deref());
            let expected = Envelope {
                edition,
                lists_versions,
            };
            assert_eq!(envelope, expected, "{used:?} {listed:?}");
        }
        assert!(!Envelope::about(version(1, 0), false).lists_versions);
        assert!(Envelope::about(version(1, 0), true).lists_versions);
        assert!(Envelope::about(version(2, 0), false).lists_versions);
    }
}
