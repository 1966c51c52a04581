//! The Authorization header in its Digest form (RFC 7616 3.4), and whether it is right.
//!
//! SHA-256 and MD5, `qop=auth` alone: what RFC 2069 clients send without it could be replayed at
//! will. The session variants, `auth-int` and user hashes are not offered. A right answer to a
//! nonce that cannot be used any more is stale: the client tries again with a new one and without
//! asking anybody.

mod header;
mod nonces;
mod secret;
#[cfg(test)]
mod tests;

use axum::http::{Method, Uri};
use md5::Md5;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

pub(super) use header::Answer;
pub(super) use nonces::Nonces;
pub use secret::{DigestSecret, NotDigests};

/// The realm of all accounts: it is part of every digest.
pub const REALM: &str = "pushcast";

/// Hash functions of RFC 7616 3.2, the stronger first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    Md5,
}

impl Algorithm {
    pub(super) const ALL: [Self; 2] = [Self::Sha256, Self::Md5];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    /// The hash of texts with colons between them, in hexadecimal.
    fn hash(self, texts: &[&str]) -> String {
        let text = texts.join(":");
        match self {
            Self::Sha256 => hex(&Sha256::digest(text)),
            Self::Md5 => hex(&Md5::digest(text)),
        }
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

impl Answer {
    /// Whether this is what someone with the secret answers about this request. Takes the same
    /// time whatever differs.
    pub(super) fn is_right(&self, secret: &DigestSecret, method: &Method) -> bool {
        let Some(ha1) = secret.of(self.algorithm) else {
            return false;
        };
        let ha2 = self.algorithm.hash(&[method.as_str(), &self.uri]);
        let count = format!("{:08x}", self.count);
        let expected = self
            .algorithm
            .hash(&[ha1, &self.nonce, &count, &self.cnonce, "auth", &ha2]);
        expected.as_bytes().ct_eq(self.response.as_bytes()).into()
    }

    /// Whether it is about the resource that is asked for.
    pub(super) fn is_about(&self, uri: &Uri) -> bool {
        let path = uri.path_and_query().map(|path| path.as_str());
        path == Some(&self.uri) || *uri == *self.uri
    }
}
