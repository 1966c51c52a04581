//! Cookies: the session's, and how pages look and tell the time.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// Whether the browser speaks TLS with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// It does.
    Private,
    /// It does not, so that cookies cannot be marked as secure.
    Plain,
}

impl Channel {
    /// Name of the session's cookie. The prefix binds it to this host, to TLS and to all paths.
    pub const fn session_cookie(self) -> &'static str {
        match self {
            Self::Private => "__Host-pushcast",
            Self::Plain => "pushcast",
        }
    }

    const fn attributes(self) -> &'static str {
        match self {
            Self::Private => "HttpOnly; SameSite=Lax; Path=/; Secure",
            Self::Plain => "HttpOnly; SameSite=Lax; Path=/",
        }
    }

    /// Sets a cookie for so many seconds; 0 removes it.
    pub fn set(self, name: &str, value: &str, seconds: u64) -> String {
        format!("{name}={value}; Max-Age={seconds}; {}", self.attributes())
    }
}

/// A cookie's value.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_and_set() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=1; pushcast=x; b".parse().unwrap());
        assert_eq!(get(&headers, "pushcast"), Some("x"));
        assert_eq!(get(&headers, "__Host-pushcast"), None);
        let set = Channel::Private.set("__Host-pushcast", "x", 60);
        assert!(
            set.contains("; Secure") && set.contains("HttpOnly") && set.contains("SameSite=Lax")
        );
    }
}
