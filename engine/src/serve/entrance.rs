//! Who is let in, and what connections have to pass.

use std::sync::Arc;

use super::ServeError;
use crate::config::{self, Config};
use crate::http::auth::{Authenticator, Cleartext, DigestSecrets};
use crate::http::listener::{ConnectionLimits, Doors};
use crate::http::tls::{Files as TlsFiles, Tls, TlsError};
use crate::model::Initiator;

/// Knows the initiators, with the digests that are kept in files.
pub(super) fn authenticator(
    config: &Config,
    initiators: Vec<Initiator>,
) -> Result<Authenticator, ServeError> {
    let mut digests = DigestSecrets::new();
    for initiator in &initiators {
        let Some(file) = &initiator.digest_ha1_file else {
            continue;
        };
        let name = initiator.name.clone();
        match config::digest_secret(file.as_ref()) {
            Ok(digest) => _ = digests.insert(name, digest),
            Err(source) => return Err(ServeError::Digest { name, source }),
        }
    }
    Ok(Authenticator::new(initiators, digests, cleartext(config))?)
}

/// Whether passwords are taken without TLS from other machines.
pub(super) fn cleartext(config: &Config) -> Cleartext {
    if config.server().allow_cleartext {
        Cleartext::Allowed
    } else {
        Cleartext::LoopbackOnly
    }
}

/// What connections to the main listener have to pass.
pub(super) fn doors(config: &Config) -> Result<Doors, TlsError> {
    let tls = config.tls().map(|tls| Tls::load(TlsFiles::from(tls)));
    Ok(Doors {
        limits: ConnectionLimits {
            all: config.limits().connections,
            per_address: config.limits().connections_per_address(),
        },
        tls: tls.transpose()?.map(Arc::new),
    })
}
