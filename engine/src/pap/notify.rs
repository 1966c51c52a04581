//! Posts result notifications to PIs (PAP 5.2 and 8.6).
//!
//! A PI names the address itself, so it is nothing to be trusted: http and https alone, no
//! redirect, no proxy, a bounded time, a bounded answer, and no way into our own network. A name
//! is resolved once per connection, every address it has is checked, and the connection goes to
//! one of those checked. Hosts that the operator has named for the PI are exempt from that check.
//!
//! ```text
//!  submission ─▶ check_url ─▶ refused with 2000 or 2001
//!  outbox ─▶ check_url ─▶ NotifyUrl ─▶ Notifier::post ─▶ Posted
//! ```
//!
//! Not here: when and how often. One call is one POST; the outbox repeats.

mod global;
#[cfg(test)]
pub(crate) mod peer;
#[cfg(test)]
mod tests;
pub(crate) mod transport;
mod url;

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use tokio::time::{Instant, timeout_at};

use super::{Code, Response, xml_write};

pub use global::is_global;
pub use url::{MAX_URL_BYTES, NotifyUrl, NotifyUrlError, Reach, check_url, host};

/// Time for a whole exchange, from the look-up of the name to the end of the answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Octets of the answer that are read; a resultnotification-response has some hundred.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Idle connections kept per host: as many as are used at once.
const MAX_IDLE_PER_HOST: usize = 2;
/// How long they are kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made")]
pub struct NotifierError(#[source] reqwest::Error);

/// What became of one POST.
#[derive(Debug)]
pub enum Posted {
    /// The PI answered 2xx, so it has the notification.
    Delivered {
        /// What it made of it; `None` if the answer could not be read.
        code: Option<Code>,
    },
    /// Another attempt would end the same way.
    GiveUp(Failure),
    /// Another attempt may succeed.
    Retry(Failure),
}

/// Why a notification was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The name has an address that may not be posted to.
    #[error("the host has the address {address}, which is not global")]
    Address {
        /// The first such address.
        address: IpAddr,
    },
    /// An HTTP status other than 2xx.
    #[error("HTTP {status}")]
    Status {
        /// Which.
        status: u16,
    },
    /// No answer in time.
    #[error("no answer within {} s", after.as_secs())]
    Timeout {
        /// The time allowed.
        after: Duration,
    },
    /// The host cannot be found or reached, or the connection broke.
    #[error("the host cannot be reached")]
    Transport(#[source] reqwest::Error),
}

/// Posts result notifications. Clones share connections.
#[derive(Debug, Clone)]
pub struct Notifier {
    global: Client,
    named: Client,
    timeout: Duration,
}

impl Notifier {
    /// Loads the certificates that this machine trusts.
    pub fn new() -> Result<Self, NotifierError> {
        let pooled = |builder: reqwest::ClientBuilder| {
            builder
                .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
                .pool_idle_timeout(IDLE_TIMEOUT)
        };
        Ok(Self {
            global: transport::client(|builder| pooled(builder).dns_resolver(GlobalOnly))
                .map_err(NotifierError)?,
            named: transport::client(pooled).map_err(NotifierError)?,
            timeout: TIMEOUT,
        })
    }

    /// Allows another time for a whole exchange.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The time for a whole exchange.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Posts a resultnotification-message once.
    pub async fn post(&self, url: &NotifyUrl, document: String) -> Posted {
        let deadline = Instant::now() + self.timeout;
        let client = match url.reach() {
            Reach::Global => &self.global,
            Reach::Named => &self.named,
        };
        let request = client
            .post(url.as_url().clone())
            .header(CONTENT_TYPE, xml_write::CONTENT_TYPE)
            .body(document)
            .send();
        let response = match timeout_at(deadline, request).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return unsent(error),
            Err(_) => {
                return Posted::Retry(Failure::Timeout {
                    after: self.timeout,
                });
            }
        };
        match response.status().as_u16() {
            200..=299 => Posted::Delivered {
                code: timeout_at(deadline, code(response)).await.ok().flatten(),
            },
            status @ (408 | 429 | 500..) => Posted::Retry(Failure::Status { status }),
            status => Posted::GiveUp(Failure::Status { status }),
        }
    }
}

/// What the answer says. A 2xx stands whatever follows it.
async fn code(response: reqwest::Response) -> Option<Code> {
    let body = transport::read_up_to(response, MAX_ANSWER_BYTES)
        .await
        .ok()?;
    match Response::read(&body).ok()? {
        Response::BadMessage(bad) => Some(bad.code),
        Response::ResultNotification(response) => Some(response.code),
        Response::Cancel(_) | Response::Ccq(_) | Response::Push(_) | Response::StatusQuery(_) => {
            None
        }
    }
}

fn unsent(error: reqwest::Error) -> Posted {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if let Some(&NotGlobal(address)) = error.downcast_ref() {
            return Posted::GiveUp(Failure::Address { address });
        }
        cause = error.source();
    }
    Posted::Retry(Failure::Transport(error.without_url()))
}

/// Finds names whose addresses are all global.
struct GlobalOnly;

#[derive(Debug, thiserror::Error)]
#[error("{0} is not a global address")]
struct NotGlobal(IpAddr);

impl Resolve for GlobalOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // Port 0 stands for the one of the URL.
            let addresses: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            match addresses.iter().find(|address| !is_global(address.ip())) {
                Some(address) => Err(NotGlobal(address.ip()).into()),
                None => Ok(Box::new(addresses.into_iter()) as Addrs),
            }
        })
    }
}
