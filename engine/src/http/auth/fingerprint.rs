//! Keyed hashes of credentials: they can be remembered where credentials must not be.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::error::NoEntropy;

/// Block length of SHA-256, octets.
const BLOCK_BYTES: usize = 64;

/// A keyed hash.
pub(crate) type Fingerprint = [u8; 32];

/// A key that lives and dies with the process.
pub(super) struct Key([u8; BLOCK_BYTES]);

impl Key {
    pub(super) fn random() -> Result<Self, NoEntropy> {
        let mut key = [0; BLOCK_BYTES];
        getrandom::fill(&mut key)?;
        Ok(Self(key))
    }

    /// HMAC-SHA-256 over texts, each preceded by its length: `ab`, `c` is not `a`, `bc`.
    pub(super) fn digest(&self, texts: &[&[u8]]) -> Fingerprint {
        let mut inner = Sha256::new_with_prefix(self.0.map(|octet| octet ^ 0x36));
        for text in texts {
            inner.update((text.len() as u64).to_be_bytes());
            inner.update(text);
        }
        self.outer(inner)
    }

    /// A number that depends on a text and that nobody else can tell.
    pub(super) fn number(&self, text: &[u8]) -> u64 {
        let digest = self.digest(&[text]);
        digest[..8]
            .iter()
            .fold(0, |number, octet| number << 8 | u64::from(*octet))
    }

    /// The second half of HMAC (RFC 2104 2) for a key of one block.
    fn outer(&self, inner: Sha256) -> Fingerprint {
        Sha256::new_with_prefix(self.0.map(|octet| octet ^ 0x5C))
            .chain_update(inner.finalize())
            .finalize()
            .into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(octets: &[u8]) -> String {
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// RFC 4231 4.3: the key is shorter than a block, so zeros follow it.
    #[test]
    fn it_is_hmac() {
        let mut key = [0; BLOCK_BYTES];
        key[..4].copy_from_slice(b"Jefe");
        let inner = Sha256::new_with_prefix(key.map(|octet| octet ^ 0x36))
            .chain_update(b"what do ya want for nothing?");
        assert_eq!(
            hex(&Key(key).outer(inner)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn texts_do_not_run_together() {
        let key = Key([7; BLOCK_BYTES]);
        assert_ne!(key.digest(&[b"ab", b"c"]), key.digest(&[b"a", b"bc"]));
        assert_ne!(key.digest(&[b"a"]), Key([8; BLOCK_BYTES]).digest(&[b"a"]));
    }
}
