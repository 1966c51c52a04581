//! What an account's password becomes for Digest (RFC 7616 3.4.2).

use std::fmt;
use std::str::FromStr;

use super::{Algorithm, REALM};

/// H(name:realm:password) by one or both hash functions. Whoever has it can enter by Digest, so it
/// is never shown and never stored with the account.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestSecret {
    sha256: Option<String>,
    md5: Option<String>,
}

/// A text that is not of the form of [`DigestSecret`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected lines SHA-256:<64 hexadecimal digits> or MD5:<32 of them>")]
pub struct NotDigests;

impl DigestSecret {
    /// Of a name and its password, by both hash functions.
    pub fn new(name: &str, password: &str) -> Self {
        let ha1 = |algorithm: Algorithm| Some(algorithm.hash(&[name, REALM, password]));
        Self {
            sha256: ha1(Algorithm::Sha256),
            md5: ha1(Algorithm::Md5),
        }
    }

    pub(super) fn of(&self, algorithm: Algorithm) -> Option<&str> {
        match algorithm {
            Algorithm::Sha256 => self.sha256.as_deref(),
            Algorithm::Md5 => self.md5.as_deref(),
        }
    }

    /// The form that is read from a file: one line for each hash function.
    pub fn to_lines(&self) -> String {
        let line = |algorithm: Algorithm| {
            let ha1 = self.of(algorithm)?;
            Some(format!("{}:{ha1}\n", algorithm.as_str()))
        };
        Algorithm::ALL.into_iter().filter_map(line).collect()
    }
}

/// Lines of `SHA-256:` or `MD5:` and hexadecimal digits, each at most once, at least one.
impl FromStr for DigestSecret {
    type Err = NotDigests;

    fn from_str(text: &str) -> Result<Self, NotDigests> {
        let mut secret = Self {
            sha256: None,
            md5: None,
        };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        for line in lines {
            let (name, digits) = line.split_once(':').ok_or(NotDigests)?;
            let (place, len) = match name {
                "SHA-256" => (&mut secret.sha256, 64),
                "MD5" => (&mut secret.md5, 32),
                _ => return Err(NotDigests),
            };
            let is_hex = digits.bytes().all(|octet| octet.is_ascii_hexdigit());
            if place.is_some() || digits.len() != len || !is_hex {
                return Err(NotDigests);
            }
            *place = Some(digits.to_ascii_lowercase());
        }
        if secret.sha256.is_none() && secret.md5.is_none() {
            return Err(NotDigests);
        }
        Ok(secret)
    }
}

impl fmt::Debug for DigestSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let secret = DigestSecret::new("weather", "sesame");
        let lines = secret.to_lines();
        assert_eq!(lines.parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "DigestSecret");
        let md5 = lines.lines().last().unwrap();
        let alone: DigestSecret = md5.parse().unwrap();
        assert_eq!(alone.of(Algorithm::Md5), secret.of(Algorithm::Md5));
        assert_eq!(alone.of(Algorithm::Sha256), None);
    }

    #[test]
    fn other_texts_are_refused() {
        let md5 = "MD5:00112233445566778899aabbccddeeff";
        let twice = format!("{md5}\n{md5}");
        for text in [
            "",
            "\n",
            "secret",
            "MD5:",
            "MD5:zz",
            "SHA-1:00",
            &md5[4..],
            &twice,
        ] {
            assert_eq!(text.parse::<DigestSecret>(), Err(NotDigests), "{text}");
        }
    }
}
