//! Answers to requests that are not let in, and what they offer instead.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::digest::Algorithm;
use super::{AuthError, Authenticator, Peer, REALM};

/// What a client is told to wait, seconds: a full queue is worked off in less.
const BUSY_S: u64 = 1;

impl Authenticator {
    /// The answer to a request that is not let in. `now_ns` is the monotonic clock.
    pub fn refusal(&self, error: AuthError, peer: &Peer, now_ns: u64) -> Response {
        let mut headers = HeaderMap::new();
        let mut status = StatusCode::from(error);
        let mut text = format!("{error}\n");
        match error {
            AuthError::Attempts { wait } => later(&mut headers, wait.as_secs() + 1),
            AuthError::Busy => later(&mut headers, BUSY_S),
            AuthError::Cleartext => {}
            AuthError::Malformed | AuthError::Missing | AuthError::Stale | AuthError::Wrong => {
                self.challenges(&mut headers, error, peer, now_ns);
                if headers.is_empty() {
                    // 401 must offer something, and there is nothing that may be used like this.
                    status = StatusCode::FORBIDDEN;
                    text = format!("{}\n", AuthError::Cleartext);
                }
            }
        }
        (status, headers, text).into_response()
    }

    /// The ways in that this gateway knows, the strongest first (RFC 9110 11.6.1). They depend on
    /// the configuration and the connection, not on the account that was tried.
    fn challenges(&self, headers: &mut HeaderMap, error: AuthError, peer: &Peer, now_ns: u64) {
        let offers = self.accounts().offers();
        let mut add = |text: String| {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.append(header::WWW_AUTHENTICATE, value);
            }
        };
        if offers.digest {
            let stale = match error {
                AuthError::Stale => ", stale=true",
                _ => "",
            };
            for algorithm in Algorithm::ALL {
                add(format!(
                    "Digest realm=\"{REALM}\", qop=\"auth\", algorithm={}, nonce=\"{}\", \
                     charset=UTF-8{stale}",
                    algorithm.as_str(),
                    self.nonces.make(now_ns)
                ));
            }
        }
        // RFC 7617 2 and 2.1.
        if self.may_send_password(peer) && (offers.basic || !offers.digest) {
            add(format!("Basic realm=\"{REALM}\", charset=\"UTF-8\""));
        }
    }
}

fn later(headers: &mut HeaderMap, seconds: u64) {
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}
