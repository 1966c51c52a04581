//! A link as configured.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use pushcast_cbs::cbep::{Adapter as _, Capabilities};
use url::{Host, Url};

use crate::model::LinkName;

use super::centre::Centre;
use super::transport::{Transport, TransportError};

/// Alerts that a link holds: some hours of what a country sends in its worst hour.
pub const DEFAULT_QUEUE: usize = 1000;
/// Every alert of a link is looked at when something happens to one.
const MAX_QUEUE: usize = 10_000;
/// Longest wait for one answer.
const MAX_TIMEOUT: Duration = Duration::from_secs(300);

/// A link to a CBC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSpec {
    /// Its name in channels, logs and metrics.
    pub name: LinkName,
    /// Where requests go.
    pub url: String,
    /// How they are written.
    pub speaks: Speaks,
    /// Our certificate chain, PEM.
    pub cert_file: Option<PathBuf>,
    /// Its private key, PEM.
    pub key_file: Option<PathBuf>,
    /// Who certifies the centre, PEM; what this machine trusts if absent.
    pub ca_file: Option<PathBuf>,
    /// Wait for an answer; what the adapter needs if absent.
    pub timeout: Option<Duration>,
    /// Alerts that it holds.
    pub queue: usize,
    /// Requests may go to other machines without TLS.
    pub allow_cleartext: bool,
}

/// What a centre understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaks {
    /// CAP 1.2 over HTTPS.
    Cap {
        /// Sender of our alerts.
        sender: String,
        /// Prefix of the parameters that say what CAP cannot.
        prefix: Option<String>,
    },
    /// ECBE, JSON over HTTP.
    Ecbe {
        /// Name of this entity.
        cbe_name: String,
        /// Command port, `host:port`, that tells about cells.
        command_port: Option<String>,
    },
}

/// A link that could not work.
#[derive(Debug, thiserror::Error)]
pub enum LinkSpecError {
    /// Names that the adapter cannot send.
    #[error("{key}: {source}")]
    Adapter {
        /// Configuration key.
        key: &'static str,
        /// What is wrong with it.
        source: pushcast_cbs::cbep::CbepError,
    },
    /// A certificate without its key, or a key without its certificate.
    #[error("cert_file and key_file are needed both")]
    HalfIdentity,
    /// The centre is on another machine and nothing protects the requests.
    #[error(
        "{host} is another machine and the requests would go there without TLS; use https, or set \
         allow_cleartext where the network in between is protected"
    )]
    Cleartext {
        /// The centre.
        host: String,
    },
    /// A CAP centre needs to know who sends.
    #[error("sender is missing: the name by which the centre knows this gateway")]
    NoSender,
    /// A number outside its range.
    #[error("{key} is outside {range}")]
    Range {
        /// Configuration key.
        key: &'static str,
        /// What is possible.
        range: &'static str,
    },
    /// Certificates or a key that cannot be used.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// No address.
    #[error("{url:?} is not an http or https address without user, query and fragment")]
    Url {
        /// What was given.
        url: String,
    },
}

impl LinkSpecError {
    /// The configuration key that it is about.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Adapter { key, .. } | Self::Range { key, .. } => key,
            Self::HalfIdentity => "cert_file",
            Self::Cleartext { .. } | Self::Url { .. } => "url",
            Self::NoSender => "sender",
            Self::Transport(error) => error.key(),
        }
    }
}

impl LinkSpec {
    /// A link without TLS to a centre on this machine that speaks ECBE.
    pub fn ecbe(name: LinkName, url: &str, command_port: Option<String>) -> Self {
        Self {
            name,
            url: url.to_owned(),
            speaks: Speaks::Ecbe {
                cbe_name: "pushcast".to_owned(),
                command_port,
            },
            cert_file: None,
            key_file: None,
            ca_file: None,
            timeout: None,
            queue: DEFAULT_QUEUE,
            allow_cleartext: false,
        }
    }

    /// What the centre can do.
    pub const fn capabilities(&self) -> &'static Capabilities {
        match self.speaks {
            Speaks::Cap { .. } => Centre::CAP,
            Speaks::Ecbe { .. } => Centre::ECBE,
        }
    }

    /// The wait for an answer.
    pub fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(self.capabilities().answer_timeout)
    }

    /// The address, parsed.
    pub fn parsed_url(&self) -> Result<Url, LinkSpecError> {
        let wrong = || LinkSpecError::Url {
            url: self.url.clone(),
        };
        let url = Url::parse(&self.url).map_err(|_| wrong())?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        is_plain.then_some(url).ok_or_else(wrong)
    }

    /// Finds out whether it could work, as far as that shows without the centre.
    pub fn check(&self) -> Result<(), LinkSpecError> {
        let range = |key, ok: bool, range| match ok {
            true => Ok(()),
            false => Err(LinkSpecError::Range { key, range }),
        };
        range("queue", (1..=MAX_QUEUE).contains(&self.queue), "1 to 10000")?;
        let timeout = self.timeout();
        let is_possible = !timeout.is_zero() && timeout <= MAX_TIMEOUT;
        range("timeout_s", is_possible, "1 to 300")?;
        let url = self.parsed_url()?;
        if url.scheme() == "http" && !is_this_machine(&url) && !self.allow_cleartext {
            let host = url.host_str().unwrap_or_default().to_owned();
            return Err(LinkSpecError::Cleartext { host });
        }
        if self.cert_file.is_some() != self.key_file.is_some() {
            return Err(LinkSpecError::HalfIdentity);
        }
        let centre = Centre::new(self)?;
        debug_assert_eq!(centre.capabilities(), self.capabilities());
        Transport::new(self)?;
        Ok(())
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(url: &str) -> LinkSpec {
        LinkSpec::ecbe("one".parse().unwrap(), url, None)
    }

    #[test]
    fn other_machines_need_tls_unless_the_operator_says_otherwise() {
        assert!(link("http://127.0.0.1:12345").check().is_ok());
        assert!(link("http://[::1]:12345/base").check().is_ok());
        let foreign = link("http://192.0.2.1:12345");
        assert!(matches!(
            foreign.check(),
            Err(LinkSpecError::Cleartext { .. })
        ));
        let allowed = LinkSpec {
            allow_cleartext: true,
            ..foreign
        };
        assert!(allowed.check().is_ok());
        assert!(link("https://cbc.example.org/ecbe").check().is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in [
            "",
            "cbc:1",
            "ftp://a/",
            "http://u:p@127.0.0.1/",
            "http://127.0.0.1/?a",
        ] {
            assert!(
                matches!(link(url).check(), Err(LinkSpecError::Url { .. })),
                "{url}"
            );
        }
        let half = LinkSpec {
            key_file: Some("k".into()),
            ..link("https://127.0.0.1/")
        };
        assert!(matches!(half.check(), Err(LinkSpecError::HalfIdentity)));
        let empty = LinkSpec {
            queue: 0,
            ..link("http://127.0.0.1/")
        };
        assert_eq!(empty.check().unwrap_err().key(), "queue");
    }
}
