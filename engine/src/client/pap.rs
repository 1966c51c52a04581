//! A Push Initiator: submits pushes, asks for their status and cancels them (PAP 5).
//!
//! One call is one request and its answer. What the answer says, good or bad, is for the caller;
//! an error is what stands in the way of an answer. Nothing is repeated: after a time-out the
//! gateway may have the push, and the same push-id tells (code 2007).

use std::fmt;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use url::Url;

use crate::model::PushId;
use crate::pap::message::{Cancel, Ccq, Operation, PushMessage, Recipient, StatusQuery};
use crate::pap::mime::{Entity, Message};
use crate::pap::mime_write::Multipart;
use crate::pap::notify::transport;
use crate::pap::xml_tree::MAX_CONTROL_BYTES;
use crate::pap::{Envelope, ReadError, Response, xml_write};

/// Longest content of a push, octets: it is held in memory while it is sent.
pub const MAX_CONTENT_BYTES: usize = 64 * 1024 * 1024;
/// Most characters of an answer that is no PAP which are quoted.
pub const MAX_EXCERPT_CHARS: usize = 200;
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a whole exchange: [`MAX_CONTENT_BYTES`] at some 2 Mbit/s.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// Name and password of a PI's account, for HTTP Basic.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Account name.
    pub user: String,
    /// Password; never shown.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// No answer to a request.
#[derive(Debug, thiserror::Error)]
pub enum PapClientError {
    /// The body of the answer is no PAP document.
    #[error("the answer of the gateway is not PAP: {excerpt:?}")]
    Answer {
        /// The first [`MAX_EXCERPT_CHARS`] characters of it.
        excerpt: String,
        /// Why.
        source: Box<ReadError>,
    },
    /// A content of more than [`MAX_CONTENT_BYTES`].
    #[error("a content of {bytes} octets, at most {MAX_CONTENT_BYTES} are possible")]
    ContentTooLong {
        /// Its length.
        bytes: usize,
    },
    /// Neither 200 nor 202.
    #[error("the gateway answered HTTP {status}: {excerpt:?}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The first [`MAX_EXCERPT_CHARS`] characters of the body.
        excerpt: String,
    },
    /// No whole answer in time.
    #[error("no answer within {} s", after.as_secs())]
    Timeout {
        /// The time allowed.
        after: Duration,
    },
    /// The connection could not be made, or broke.
    #[error("the gateway cannot be reached")]
    Transport(#[source] reqwest::Error),
    /// The gateway's address is none of http or https, or has credentials in it.
    #[error("the gateway's address must be http or https, without credentials")]
    Url {
        /// Why, if it is no URL at all.
        source: Option<url::ParseError>,
    },
}

impl PapClientError {
    /// The same question may be answered a little later: the gateway is busy, out of reach or
    /// starting anew.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 429 | 502..=504),
            Self::Timeout { .. } | Self::Transport(_) => true,
            Self::Answer { .. } | Self::ContentTooLong { .. } | Self::Url { .. } => false,
        }
    }
}

/// A PI's way to one gateway.
#[derive(Debug, Clone)]
pub struct PapClient {
    http: Client,
    url: Url,
    credentials: Option<Credentials>,
    timeout: Duration,
}

impl PapClient {
    /// Posts to `url`, the gateway's PAP address.
    pub fn new(url: &str, credentials: Option<Credentials>) -> Result<Self, PapClientError> {
        let url: Url = url.parse().map_err(|error| PapClientError::Url {
            source: Some(error),
        })?;
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || !matches!(url.scheme(), "http" | "https") {
            return Err(PapClientError::Url { source: None });
        }
        let http = transport::client(|builder| builder.connect_timeout(CONNECT_TIMEOUT))
            .map_err(PapClientError::Transport)?;
        Ok(Self {
            http,
            url,
            credentials,
            timeout: DEFAULT_TIMEOUT,
        })
    }

    /// Allows another time for a whole exchange.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Submits a push with its content (PAP 5.1).
    pub async fn submit(
        &self,
        push: PushMessage,
        content: &Entity,
    ) -> Result<Response, PapClientError> {
        let bytes = content.body.len();
        if bytes > MAX_CONTENT_BYTES {
            return Err(PapClientError::ContentTooLong { bytes });
        }
        let control = Operation::Push(push).to_xml(Envelope::OWN);
        let message = Multipart::of(&control, content);
        self.post(&message.content_type, message.body).await
    }

    /// Asks what became of a push, for some addresses or, if there are none, for all (PAP 5.4).
    pub async fn status(
        &self,
        push_id: PushId,
        addresses: Vec<Recipient>,
    ) -> Result<Response, PapClientError> {
        self.control(Operation::StatusQuery(StatusQuery { push_id, addresses }))
            .await
    }

    /// Cancels a push, for some addresses or, if there are none, for all (PAP 5.3).
    pub async fn cancel(
        &self,
        push_id: PushId,
        addresses: Vec<Recipient>,
    ) -> Result<Response, PapClientError> {
        self.control(Operation::Cancel(Cancel { push_id, addresses }))
            .await
    }

    /// Asks what the receivers behind an address can do (PAP 5.5). The answer, and the profile that
    /// comes with a good one.
    pub async fn capabilities(
        &self,
        address: Recipient,
    ) -> Result<(Response, Option<String>), PapClientError> {
        let query = Operation::Ccq(Ccq {
            query_id: Some(uuid::Uuid::now_v7().to_string()),
            app_id: None,
            address,
        });
        let document = query.to_xml(Envelope::OWN);
        let (content_type, body) = self
            .answered(xml_write::CONTENT_TYPE, document.into())
            .await?;
        match Message::read(&content_type, &body) {
            Ok(message) => {
                let profile = message.content.map(|entity| entity.body);
                let profile = profile.map(|octets| String::from_utf8_lossy(&octets).into_owned());
                Ok((response(&message.control)?, profile))
            }
            Err(_) => Ok((response(&body)?, None)),
        }
    }

    async fn control(&self, operation: Operation) -> Result<Response, PapClientError> {
        let document = operation.to_xml(Envelope::OWN);
        self.post(xml_write::CONTENT_TYPE, document.into()).await
    }

    async fn post(&self, content_type: &str, body: Vec<u8>) -> Result<Response, PapClientError> {
        let (_, body) = self.answered(content_type, body).await?;
        response(&body)
    }

    /// Media type and body of an answer with 200 or 202.
    async fn answered(
        &self,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<(String, Vec<u8>), PapClientError> {
        let exchange = self.exchange(content_type, body);
        let answer = tokio::time::timeout(self.timeout, exchange)
            .await
            .map_err(|_| PapClientError::Timeout {
                after: self.timeout,
            })?
            .map_err(PapClientError::Transport)?;
        if !matches!(answer.status, 200 | 202) {
            return Err(PapClientError::Status {
                status: answer.status,
                excerpt: excerpt(&answer.body),
            });
        }
        Ok((answer.content_type, answer.body))
    }

    async fn exchange(
        &self,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<HttpAnswer, reqwest::Error> {
        let mut request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, content_type)
            .body(body);
        if let Some(Credentials { user, password }) = &self.credentials {
            request = request.basic_auth(user, Some(password));
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        // One octet more, so that the reader sees that it is too long.
        let body = transport::read_up_to(response, MAX_CONTROL_BYTES + 1).await?;
        Ok(HttpAnswer {
            status,
            content_type,
            body,
        })
    }
}

/// An answer as HTTP has it.
struct HttpAnswer {
    status: u16,
    content_type: String,
    body: Vec<u8>,
}

fn response(body: &[u8]) -> Result<Response, PapClientError> {
    Response::read(body).map_err(|source| PapClientError::Answer {
        excerpt: excerpt(body),
        source,
    })
}

fn excerpt(body: &[u8]) -> String {
    let body = body.get(..4 * MAX_EXCERPT_CHARS).unwrap_or(body);
    String::from_utf8_lossy(body)
        .chars()
        .take(MAX_EXCERPT_CHARS)
        .collect()
}

#[cfg(test)]
mod tests;
