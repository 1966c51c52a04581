//! Secrets in files of their own.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Params, PasswordHash};

/// Longest file with a password hash, octets: several times what the longest hash needs.
const MAX_SECRET_BYTES: u64 = 4096;
/// Permission of everybody to read.
const OTHERS_READ: u32 = 0o004;
/// Permission of everybody to read or to write.
const OTHERS: u32 = 0o006;

/// A secret that cannot be used. The secret itself is never told.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Not a regular file.
    #[error("{path} is not a file")]
    Kind {
        /// The file.
        path: PathBuf,
    },
    /// Everybody may read or write it.
    #[error("everybody may read or write {path}; chmod o-rw")]
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

/// Whether everybody may read a file.
pub(super) fn is_open(path: &Path) -> io::Result<bool> {
    Ok(path.metadata()?.permissions().mode() & OTHERS_READ != 0)
}

/// Reads an argon2 hash in PHC form; white space around it is ignored.
pub(super) fn password_hash(path: &Path) -> Result<String, SecretError> {
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
    std::str::from_utf8(&octets)
        .ok()
        .map(str::trim)
        .filter(|text| is_usable(text))
        .map(str::to_owned)
        .ok_or_else(|| SecretError::Phc {
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
