//! Addresses that PIs want to be notified at (`ppg-notify-requested-to`, PAP 8.2).

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use url::{Host, ParseError, Url};

use super::is_global;
use crate::model::StatusCode;

/// Longest address, octets.
pub const MAX_URL_BYTES: usize = 2048;

/// Which addresses a host may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Those of the public internet.
    Global,
    /// Any: the operator has named the host.
    Named,
}

/// An address that may be posted to, as far as can be told without looking its name up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyUrl {
    url: Url,
    reach: Reach,
}

/// Text that is no address to notify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotifyUrlError {
    /// An address that is not of the public internet.
    #[error("{address} may not be notified")]
    Address {
        /// Which.
        address: IpAddr,
    },
    /// A user name or password before the host.
    #[error("credentials in the address to notify are not possible")]
    Credentials,
    /// Neither http nor https.
    #[error("the address to notify must be http or https, not {scheme:?}")]
    Scheme {
        /// Its scheme.
        scheme: String,
    },
    /// Not a URL with a host.
    #[error("the address to notify is not a URL")]
    Syntax(#[from] ParseError),
    /// More octets than [`MAX_URL_BYTES`].
    #[error("an address to notify of {bytes} octets, at most {MAX_URL_BYTES} are possible")]
    TooLong {
        /// Octets given.
        bytes: usize,
    },
}

impl From<&NotifyUrlError> for StatusCode {
    fn from(error: &NotifyUrlError) -> Self {
        match error {
            // PAP 8.13: understood and refused.
            NotifyUrlError::Address { .. } => Self::Forbidden,
            // PAP 8.13: not of the form that the attribute needs.
            NotifyUrlError::Credentials
            | NotifyUrlError::Scheme { .. }
            | NotifyUrlError::Syntax(_)
            | NotifyUrlError::TooLong { .. } => Self::BadRequest,
        }
    }
}

impl NotifyUrl {
    /// The URL.
    pub fn as_url(&self) -> &Url {
        &self.url
    }

    /// Which addresses its host may have.
    pub const fn reach(&self) -> Reach {
        self.reach
    }
}

impl fmt::Display for NotifyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

/// Reads an address to notify. `allowed_hosts` are those of the initiator
/// ([`notify_hosts`](crate::model::Initiator::notify_hosts)): `host` or `host:port`, IPv6 in
/// brackets.
///
/// Literal addresses are checked in every form that a browser understands, such as `127.1`,
/// `0x7f000001` and `2130706433`; names are checked when they are looked up.
pub fn check_url(url: &str, allowed_hosts: &[String]) -> Result<NotifyUrl, NotifyUrlError> {
    if url.len() > MAX_URL_BYTES {
        return Err(NotifyUrlError::TooLong { bytes: url.len() });
    }
    let url: Url = url.parse()?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(NotifyUrlError::Scheme {
            scheme: url.scheme().to_owned(),
        });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NotifyUrlError::Credentials);
    }
    let address = match url.host().ok_or(ParseError::EmptyHost)? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::from(address)),
        Host::Ipv6(address) => Some(IpAddr::from(address)),
    };
    if allowed_hosts.iter().any(|allowed| names(allowed, &url)) {
        let reach = Reach::Named;
        return Ok(NotifyUrl { url, reach });
    }
    match address.filter(|address| !is_global(*address)) {
        Some(address) => Err(NotifyUrlError::Address { address }),
        None => Ok(NotifyUrl {
            url,
            reach: Reach::Global,
        }),
    }
}

/// The host of an address in normal form: equal for all that mean the same one. Empty if there is
/// none.
pub fn host(url: &str) -> String {
    let url = url.parse::<Url>().ok();
    url.as_ref()
        .and_then(Url::host)
        .map(|host| normal(host.to_owned()).to_string())
        .unwrap_or_default()
}

/// Whether an entry of an allow-list means the host, and the port if it has one.
fn names(entry: &str, url: &Url) -> bool {
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, Some(port)),
        _ => (entry, None),
    };
    let named = match host.parse::<Ipv6Addr>() {
        Ok(address) => Ok(Host::Ipv6(address)),
        Err(_) => Host::parse(host),
    };
    let (Ok(named), Some(meant)) = (named, url.host()) else {
        return false;
    };
    normal(named) == normal(meant.to_owned())
        && port.is_none_or(|port| port.parse().ok() == url.port_or_known_default())
}

/// The dot at the end of a complete name changes nothing.
fn normal(host: Host) -> Host {
    match host {
        Host::Domain(name) => Host::Domain(name.trim_end_matches('.').to_owned()),
        Host::Ipv4(_) | Host::Ipv6(_) => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, allowed: &[&str]) -> Result<Reach, NotifyUrlError> {
        let allowed: Vec<_> = allowed.iter().map(|&host| host.to_owned()).collect();
        check_url(url, &allowed).map(|url| url.reach())
    }

    #[test]
    fn public_addresses_may_be_notified() {
        for url in [
            "http://pi.example/results",
            "https://pi.example:8443/results?key=1",
            "HTTP://PI.EXAMPLE",
            "http://1.1.1.1:25/",
            "http://[2600::1]/",
        ] {
            assert_eq!(check(url, &[]), Ok(Reach::Global), "{url}");
        }
    }

    #[test]
    fn literal_addresses_of_our_networks_are_refused() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://017700000001/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://１２７.0.0.1/",
            "http://0/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::ffff:a00:1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "https://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/",
            "http://239.255.42.1:5042/",
            "http:\\\\10.0.0.1\\",
        ] {
            let error = check(url, &[]).unwrap_err();
            assert!(
                matches!(error, NotifyUrlError::Address { .. }),
                "{url}: {error:?}"
            );
            assert_eq!(StatusCode::from(&error), StatusCode::Forbidden);
        }
    }

    #[test]
    fn what_is_not_the_address_of_a_server_is_refused() {
        for url in [
            "",
            "results",
            "//pi.example/",
            "file:///etc/passwd",
            "gopher://pi.example/",
            "ftp://pi.example/",
            "unix:/run/pushcast",
            "javascript:alert(1)",
            "http://",
            "http:///",
            "http://user:pass@pi.example/",
            "http://user@pi.example/",
            "http://pi.example@127.0.0.1/",
            "http://256.0.0.1/",
            "http://[::1/",
            "http://[fe80::1%25eth0]/",
            "http://pi.example:65536/",
            "http://a b/",
        ] {
            let error = check(url, &["127.0.0.1", "pi.example"]).unwrap_err();
            assert_eq!(StatusCode::from(&error), StatusCode::BadRequest, "{url}");
        }
        let long = format!("http://pi.example/{}", "a".repeat(MAX_URL_BYTES));
        assert!(matches!(
            check(&long, &[]),
            Err(NotifyUrlError::TooLong { .. })
        ));
    }

    #[test]
    fn named_hosts_may_be_anywhere() {
        for (url, allowed) in [
            ("http://127.0.0.1:8080/", "127.0.0.1"),
            ("http://127.1:8080/", "127.0.0.1"),
            ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
            ("http://127.0.0.1/", "127.0.0.1:80"),
            ("https://10.0.0.1/", "10.0.0.1:443"),
            ("http://[::1]:99/", "[::1]"),
            ("http://[::1]:99/", "[::1]:99"),
            ("http://[::1]:99/", "::1"),
            ("http://PI.internal:99/", "pi.internal"),
            ("http://pi.internal.:99/", "PI.Internal:99"),
            ("http://bücher.internal/", "xn--bcher-kva.internal"),
        ] {
            assert_eq!(check(url, &["other", allowed]), Ok(Reach::Named), "{url}");
        }
        for (url, other) in [
            ("http://127.0.0.1:8081/", "127.0.0.1:8080"),
            ("http://127.0.0.1/", "127.0.0.1:8080"),
            ("http://127.0.0.2/", "127.0.0.1"),
            ("http://[::1]:99/", "[::1]:98"),
            ("http://[::1]/", "[::2]"),
            ("http://[::ffff:127.0.0.1]/", "127.0.0.1"),
            ("http://127.0.0.1/", "*"),
            ("http://127.0.0.1/", ""),
            ("http://127.0.0.1/", ":80"),
            ("http://127.0.0.1/", "127.0.0.1:"),
            ("http://127.0.0.1/", "http://127.0.0.1"),
        ] {
            assert!(check(url, &[other]).is_err(), "{url} {other}");
        }
    }

    #[test]
    fn hosts_have_one_form() {
        assert_eq!(host("http://PI.example.:80/a"), "pi.example");
        assert_eq!(host("https://0x7f.1/"), "127.0.0.1");
        assert_eq!(host("http://[0::1]/"), "[::1]");
        assert_eq!(host("nonsense"), "");
    }
}
