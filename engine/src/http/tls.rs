//! Certificates of the main listener: TLS 1.2 and 1.3 alone, HTTP/1.1 alone.
//!
//! ```text
//!  cert_file, key_file, client_ca_file ─▶ Files::read ─▶ Contents::server ─▶ Tls ─▶ handshakes
//!                                              ▲                             │
//!                                              └── every RELOAD_EVERY, if they have changed
//! ```
//!
//! The files are looked at again while the gateway runs. New ones that fit together serve every
//! handshake from then on; connections that stand keep what they began with. New ones that do not
//! fit, such as a certificate whose key is still to be copied, are named in the log once, and the
//! old ones go on.
//!
//! A client certificate is asked for where `client_ca_file` says who may sign one, and never
//! demanded: what it is worth is for [`auth`](super::auth) to say. Where clients are asked no
//! session is resumed, so that every certificate is checked in the handshake it is shown in.
//!
//! Not here: connections and their limits ([`listener`](super::listener)), revocation lists.

mod reload;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use sha2::Digest as _;

use crate::config::{self, SecretError};
use crate::model::Sha256;

pub use reload::Tls;

/// The one protocol spoken inside (RFC 7301).
const ALPN: &[u8] = b"http/1.1";

/// Where certificates and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    cert: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
}

impl From<&config::Tls> for Files {
    fn from(tls: &config::Tls) -> Self {
        Self {
            cert: tls.cert_file.clone(),
            key: tls.key_file.clone(),
            client_ca: tls.client_ca_file.clone(),
        }
    }
}

/// Certificates or a key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The authorities of clients cannot be used.
    #[error("{path} does not hold certificates that can sign others")]
    ClientCa {
        /// The file.
        path: PathBuf,
        /// What is wrong with one of them, or that there is none.
        #[source]
        source: ClientCaError,
    },
    /// The private key is not usable, or not by us alone.
    #[error(transparent)]
    Key(#[from] SecretError),
    /// Certificate and key do not belong together, or are of a kind that is not known.
    #[error("the certificate in {cert} and the key in {key} cannot be used together")]
    Mismatch {
        /// The file of the certificates.
        cert: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// A file holds no certificate.
    #[error("{path} holds no certificate in PEM form")]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with its form, if it has one.
        source: Option<pem::Error>,
    },
    /// A file holds no key.
    #[error("{path} holds no private key in PEM form")]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with its form.
        source: pem::Error,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// Configuration key of the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What is wrong with the authorities of clients.
#[derive(Debug, thiserror::Error)]
pub enum ClientCaError {
    /// One of them.
    #[error(transparent)]
    Certificate(#[from] rustls::Error),
    /// All of them.
    #[error(transparent)]
    Verifier(#[from] VerifierBuilderError),
}

impl TlsError {
    /// The configuration key of the file that is wrong.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::ClientCa { .. } => "client_ca_file",
            Self::Key(_) | Self::NoKey { .. } | Self::Mismatch { .. } => "key_file",
            Self::NoCertificate { .. } => "cert_file",
            Self::Read { key, .. } => key,
        }
    }
}

/// What the files held when they were read. Cannot be printed: the key is among it.
pub struct Contents {
    files: Files,
    cert: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl Files {
    /// Reads them. Blocks.
    pub fn read(&self) -> Result<Contents, TlsError> {
        Ok(Contents {
            files: self.clone(),
            cert: open(&self.cert, "cert_file")?,
            key: config::secret_file(&self.key)?,
            client_ca: self
                .client_ca
                .as_deref()
                .map(|path| open(path, "client_ca_file"))
                .transpose()?,
        })
    }
}

fn open(path: &Path, key: &'static str) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Read {
        key,
        path: path.to_owned(),
        source,
    })
}

impl Contents {
    /// Tells these contents from others.
    fn digest(&self) -> Sha256 {
        let parts = [Some(&self.cert), Some(&self.key), self.client_ca.as_ref()];
        let mut hasher = sha2::Sha256::new();
        for part in parts.into_iter().flatten() {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Sha256(hasher.finalize().into())
    }

    /// How a server with them shakes hands.
    pub fn server(&self) -> Result<ServerConfig, TlsError> {
        let Files { cert, key, .. } = &self.files;
        let chain = certificates(cert, &self.cert)?;
        let private =
            PrivateKeyDer::from_pem_slice(&self.key).map_err(|source| TlsError::NoKey {
                path: key.clone(),
                source,
            })?;
        let mismatch = |source| TlsError::Mismatch {
            cert: cert.clone(),
            key: key.clone(),
            source,
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .map_err(mismatch)?;
        let builder = match self.client_ca()? {
            Some((path, roots)) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| client_ca_error(path, error))?;
                builder.with_client_cert_verifier(verifier)
            }
            None => builder.with_no_client_auth(),
        };
        let mut server = builder.with_single_cert(chain, private).map_err(mismatch)?;
        server.alpn_protocols = vec![ALPN.to_vec()];
        if self.client_ca.is_some() {
            server.session_storage = Arc::new(NoServerSessionStorage {});
            server.send_tls13_tickets = 0;
        }
        Ok(server)
    }

    fn client_ca(&self) -> Result<Option<(&Path, RootCertStore)>, TlsError> {
        let (Some(path), Some(pem)) = (&self.files.client_ca, &self.client_ca) else {
            return Ok(None);
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(path, pem)? {
            roots
                .add(certificate)
                .map_err(|error| client_ca_error(path, error))?;
        }
        Ok(Some((path, roots)))
    }
}

fn client_ca_error(path: &Path, source: impl Into<ClientCaError>) -> TlsError {
    TlsError::ClientCa {
        path: path.to_owned(),
        source: source.into(),
    }
}

/// The certificates of a file, at least one.
fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let none = |source| TlsError::NoCertificate {
        path: path.to_owned(),
        source,
    };
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = read.map_err(|error| none(Some(error)))?;
    if certificates.is_empty() {
        return Err(none(None));
    }
    Ok(certificates)
}

/// SHA-256 of a certificate in DER form, as `client_certificates` names it.
pub fn fingerprint(certificate: &CertificateDer<'_>) -> Sha256 {
    Sha256(sha2::Sha256::digest(certificate).into())
}
