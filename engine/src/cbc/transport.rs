//! One request and its answer, bounded in time and length.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pushcast_cbs::cbep::{MAX_ANSWER_BYTES, Method, Request};
use reqwest::{Certificate, Client, Identity};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use crate::config::secret_file;
use crate::pap::notify::transport;

use super::spec::{LinkSpec, LinkSpecError, Speaks};

/// Idle connections kept: as many as requests are under way at most.
const MAX_IDLE: usize = 64;
/// How long they are kept. The peer may close one in the moment it is used, and then nobody knows
/// what became of the request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// Time to reach the centre, for a request as for a look whether it is there.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Certificates or a key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// A file with certificates that cannot be used.
    #[error("{path}: {source}")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: reqwest::Error,
    },
    /// No HTTP client can be made.
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
    /// Certificate and key that do not go together.
    #[error("{cert} and {key} cannot be used together: {source}")]
    Identity {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong with them.
        source: reqwest::Error,
    },
    /// A private key that others can read, or that cannot be read.
    #[error(transparent)]
    Key(crate::config::SecretError),
    /// A file that cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// Configuration key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl TransportError {
    /// The configuration key that it is about.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Certificates { .. } => "ca_file",
            Self::Client(_) => "url",
            Self::Identity { .. } => "cert_file",
            Self::Key(_) => "key_file",
            Self::Read { key, .. } => key,
        }
    }
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchange {
    /// The centre answered.
    Answer {
        /// HTTP status.
        status: u16,
        /// The body, at most [`MAX_ANSWER_BYTES`].
        body: Vec<u8>,
    },
    /// It was sent and nothing, or only a part, came back: it may have been carried out.
    NoAnswer,
    /// The centre was not reached, so nothing was done.
    NotSent,
}

/// A way to one centre. Clones share connections.
#[derive(Debug, Clone)]
pub struct Transport {
    client: Client,
    origin: Url,
    /// In front of every path.
    prefix: String,
    timeout: Duration,
}

impl Transport {
    /// Reads certificates and key; connects only when something is sent.
    pub fn new(spec: &LinkSpec) -> Result<Self, LinkSpecError> {
        let url = spec.parsed_url()?;
        let authorities = spec.ca_file.as_deref().map(authorities).transpose()?;
        let identity = match (&spec.cert_file, &spec.key_file) {
            (Some(cert), Some(key)) => Some(identity(cert, key)?),
            _ => None,
        };
        let client = transport::client(|builder| {
            let builder = builder
                .connect_timeout(CONNECT_TIMEOUT)
                .pool_max_idle_per_host(MAX_IDLE)
                .pool_idle_timeout(IDLE_TIMEOUT);
            let builder = match &authorities {
                Some(authorities) => builder.tls_certs_only(authorities.iter().cloned()),
                None => builder,
            };
            match &identity {
                Some(identity) => builder.identity(identity.clone()),
                None => builder,
            }
        });
        // CAP requests have the whole path of the address, those of ECBE go below it.
        let prefix = match &spec.speaks {
            Speaks::Cap { .. } => String::new(),
            Speaks::Ecbe { .. } => url.path().trim_end_matches('/').to_owned(),
        };
        Ok(Self {
            client: client.map_err(TransportError::Client)?,
            origin: url,
            prefix,
            timeout: spec.timeout(),
        })
    }

    /// Sends a request once.
    pub async fn exchange(&self, request: &Request) -> Exchange {
        let deadline = Instant::now() + self.timeout;
        let mut url = self.origin.clone();
        url.set_path(&format!("{}{}", self.prefix, request.path));
        let builder = match request.method {
            Method::Delete => self.client.delete(url),
            Method::Post => self.client.post(url).body(request.body.clone()),
        };
        let headers = request.headers.iter();
        let builder = headers.fold(builder, |builder, (name, value)| {
            builder.header(*name, *value)
        });
        let response = match timeout_at(deadline, builder.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_connect() || error.is_builder() => return Exchange::NotSent,
            Ok(Err(_)) | Err(_) => return Exchange::NoAnswer,
        };
        let status = response.status().as_u16();
        let body = transport::read_up_to(response, MAX_ANSWER_BYTES);
        match timeout_at(deadline, body).await {
            Ok(Ok(body)) => Exchange::Answer { status, body },
            Ok(Err(_)) | Err(_) => Exchange::NoAnswer,
        }
    }

    /// Whether somebody listens there. Nothing is said.
    pub async fn is_reachable(&self) -> bool {
        let Some(host) = self.origin.host_str() else {
            return false;
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = self.origin.port_or_known_default().unwrap_or_default();
        let connected = timeout(CONNECT_TIMEOUT, TcpStream::connect((host, port))).await;
        matches!(connected, Ok(Ok(_)))
    }
}

fn read(path: &Path, key: &'static str) -> Result<Vec<u8>, TransportError> {
    std::fs::read(path).map_err(|source| TransportError::Read {
        key,
        path: path.to_owned(),
        source,
    })
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, TransportError> {
    let octets = read(path, "ca_file")?;
    Certificate::from_pem_bundle(&octets).map_err(|source| TransportError::Certificates {
        path: path.to_owned(),
        source,
    })
}

fn identity(cert: &Path, key: &Path) -> Result<Identity, TransportError> {
    let mut octets = read(cert, "cert_file")?;
    octets.push(b'\n');
    octets.extend(secret_file(key).map_err(TransportError::Key)?);
    Identity::from_pem(&octets).map_err(|source| TransportError::Identity {
        cert: cert.to_owned(),
        key: key.to_owned(),
        source,
    })
}
