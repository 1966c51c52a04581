//! What every answer carries and every change has to pass.
//!
//! A change is taken only from our own pages: the browser says where a request comes from
//! (`Sec-Fetch-Site`, else `Origin`), and the form carries the session's token besides. A client
//! that says neither is no browser of today and is turned away.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use super::cookies::Channel;
use super::failure::Failure;

/// Random octets of a nonce.
const NONCE_BYTES: usize = 16;
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A word that only this answer's scripts know.
pub fn nonce() -> Result<String, Failure> {
    let mut octets = [0; NONCE_BYTES];
    getrandom::fill(&mut octets).map_err(Failure::unavailable)?;
    Ok(URL_SAFE_NO_PAD.encode(octets))
}

/// Refuses what another site has the browser send.
pub fn check_origin(headers: &HeaderMap) -> Result<(), Failure> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(&SEC_FETCH_SITE) {
        Some("same-origin" | "none") => return Ok(()),
        Some(_) => return Err(Failure::Foreign),
        None => {}
    }
    let (Some(origin), Some(host)) = (text(&ORIGIN), text(&HOST)) else {
        return Err(Failure::Foreign);
    };
    let origin = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    if origin == Some(host) {
        Ok(())
    } else {
        Err(Failure::Foreign)
    }
}

/// Refuses a form without the session's token.
pub fn check_token(given: &str, known: &str) -> Result<(), Failure> {
    if !known.is_empty() && bool::from(given.as_bytes().ct_eq(known.as_bytes())) {
        Ok(())
    } else {
        Err(Failure::Stale)
    }
}

/// Headers of every answer. What has no rule of its own is not kept by anybody.
pub fn protect(headers: &mut HeaderMap, nonce: &str, channel: Channel) {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
         style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (OPENER, "same-origin"),
        (RESOURCE, "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if channel == Channel::Private {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_str(value).unwrap())
        });
        pairs.collect()
    }

    #[test]
    fn only_our_own_pages_may_send_forms() {
        let table: &[(&[(&str, &str)], bool)] = &[
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", "http://a:1"), ("host", "a:1")], true),
            (&[("origin", "https://b"), ("host", "a")], false),
            (&[("origin", "null"), ("host", "a")], false),
            (&[("host", "a")], false),
        ];
        for (pairs, allowed) in table {
            let pairs: Vec<(&'static str, &str)> = pairs.to_vec();
            assert_eq!(
                check_origin(&headers(&pairs)).is_ok(),
                *allowed,
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn an_empty_token_opens_nothing() {
        assert!(check_token("", "").is_err());
        assert!(check_token("a", "b").is_err());
        assert!(check_token("a", "a").is_ok());
    }

    #[test]
    fn pages_are_not_kept_and_files_are() {
        let mut answer = HeaderMap::new();
        protect(&mut answer, "n", Channel::Private);
        assert_eq!(answer[CACHE_CONTROL], "no-store");
        assert!(answer.contains_key(STRICT_TRANSPORT_SECURITY));
        let policy = answer[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("'nonce-n'") && !policy.contains("unsafe-inline"));
        let mut file = headers(&[("cache-control", "immutable")]);
        protect(&mut file, "n", Channel::Plain);
        assert_eq!(file[CACHE_CONTROL], "immutable");
    }
}
