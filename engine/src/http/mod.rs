//! The doors: what every HTTP request to the gateway passes before it reaches a resource.
//!
//! [`listener`] says how many connections there are at a time and how long they may be silent.
//! [`auth`] says which initiator a request comes from. What that initiator may then do is decided
//! where it is done: a PI that is known but not allowed is answered in PAP (2001, with HTTP 202),
//! one that is not known by HTTP alone (401, no PAP body; AD Push 2.3 6).
//!
//! [`tls`] keeps what is said from others, and [`peer`] is what a connection tells of its other end.
//!
//! Called by the endpoints and the router. Nothing here knows PAP or the store: accounts are handed
//! in, and handed in again when they change. Credentials are taken from the Authorization header
//! and from nowhere else; names and passwords of requests are never logged.

pub mod auth;
pub(crate) mod bucket;
pub mod front;
pub mod listener;
pub mod peer;
pub mod reports;
pub mod router;
pub mod tls;

use axum::http::Uri;
use url::form_urlencoded;

/// Names under which clients put credentials into a query.
const CREDENTIAL_NAMES: [&str; 4] = ["username", "password", "user", "pass"];

/// Whether an address holds credentials, where logs and proxies on the way keep them: as user
/// information (RFC 3986 3.2.1) or in the query.
pub fn credentials_in_url(uri: &Uri) -> bool {
    let is_userinfo = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    let query = uri.query().unwrap_or_default();
    is_userinfo
        || form_urlencoded::parse(query.as_bytes()).any(|(name, _)| {
            CREDENTIAL_NAMES
                .iter()
                .any(|known| known.eq_ignore_ascii_case(&name))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_found_in_user_information_and_queries() {
        for (uri, expected) in [
            ("/pap", false),
            ("/pap?region=north&tag=user", false),
            ("http://ppg/pap", false),
            ("/pap?password=x", true),
            ("/pap?a=b&USER=x", true),
            ("/pap?user%6eame", true),
            ("/pap?pass", true),
            ("http://name:secret@ppg/pap", true),
            ("http://name@ppg/pap", true),
        ] {
            assert_eq!(
                credentials_in_url(&Uri::from_static(uri)),
                expected,
                "{uri}"
            );
        }
    }
}
