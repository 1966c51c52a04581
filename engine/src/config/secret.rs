//! Secrets in files of their own, which nobody but their owner may read or write.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Params, PasswordHash};

use crate::http::auth::DigestSecret;

/// Longest file with a secret, octets: a private key with its certificates beside it has less.
const MAX_SECRET_BYTES: u64 = 64 << 10;
/// Permission of group and others to read.
const OTHERS_READ: u32 = 0o044;
/// Permission of group and others to read or to write.
const OTHERS: u32 = 0o066;

/// A secret that cannot be used. The secret itself is never told.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Not the digests that HTTP Digest needs.
    #[error("{path} does not hold lines SHA-256:<64 hexadecimal digits> or MD5:<32 of them>")]
    Digest {
        /// The file.
        path: PathBuf,
    },
    /// Not a regular file.
    #[error("{path} is not a file")]
    Kind {
        /// The file.
        path: PathBuf,
    },
    /// A name that cannot be kept as text.
    #[error("{path} is not a name in UTF-8")]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner may read or write it.
    #[error("group or others may read or write {path}; chmod go-rw")]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// Something else is in it.
    #[error("{path} does not hold an argon2 hash such as $argon2id$v=19$m=..,t=..,p=..$..$..")]
    Phc {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Whether others than its owner may read a file.
pub(super) fn is_open(path: &Path) -> io::Result<bool> {
    Ok(path.metadata()?.permissions().mode() & OTHERS_READ != 0)
}

/// Reads a file of at most [`MAX_SECRET_BYTES`] that is its owner's alone.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, SecretError> {
    let read = |source| SecretError::Read {
        path: path.to_owned(),
        source,
    };
    // Opening a pipe would wait for its other end.
    if !path.metadata().map_err(read)?.is_file() {
        return Err(SecretError::Kind {
            path: path.to_owned(),
        });
    }
    let file = File::open(path).map_err(read)?;
    if file.metadata().map_err(read)?.permissions().mode() & OTHERS != 0 {
        return Err(SecretError::Open {
            path: path.to_owned(),
        });
    }
    let mut octets = Vec::new();
    file.take(MAX_SECRET_BYTES)
        .read_to_end(&mut octets)
        .map_err(read)?;
    Ok(octets)
}

/// Reads an argon2 hash in PHC form; white space around it is ignored.
pub(super) fn password_hash(path: &Path) -> Result<String, SecretError> {
    let octets = read(path)?;
    std::str::from_utf8(&octets)
        .ok()
        .map(str::trim)
        .filter(|text| is_usable(text))
        .map(str::to_owned)
        .ok_or_else(|| SecretError::Phc {
            path: path.to_owned(),
        })
}

/// Reads the digests of an account for HTTP Digest.
pub fn digest_secret(path: &Path) -> Result<DigestSecret, SecretError> {
    let octets = read(path)?;
    std::str::from_utf8(&octets)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| SecretError::Digest {
            path: path.to_owned(),
        })
}

fn is_usable(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| {
        hash.salt.is_some()
            && hash.hash.is_some()
            && Algorithm::try_from(hash.algorithm.as_str()).is_ok()
            && Params::try_from(&hash).is_ok()
    })
}
