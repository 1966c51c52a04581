//! Client addresses as PIs write them (PPG Service 6, AD Push 2.3 5.3.2.1.3.1).
//!
//! ```text
//! address = ["/"] "WAPPUSH=" identifier *("/" keyword "=" value) "/TYPE=" type ["/"] "@" ppg
//!
//! WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net         alias group
//! WAPPUSH=area%2Fvalley/TYPE=USER@ppg.example.net             service area
//! WAPPUSH=239.192.7.20/PORT=5000/TYPE=IPv4@ppg.example.net    multicast group
//! WAPPUSH="sip%3Abob%40example.com"/TYPE=URI@ppg.example.net  well-formed, not served
//! ```
//!
//! The whole grammar is read, whatever is served: an address that is malformed and one that is
//! merely not ours get the same code (2002) but not the same sentence. Qualifiers other than
//! `PORT` are kept in the key and otherwise ignored, as is the ppg-specifier, which only tells
//! gateways apart.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ids::{AreaName, GroupName};

mod identifier;

/// Longest address, octets: a full group name with every octet escaped and the longest host name
/// fit in twice.
pub const MAX_ADDRESS_BYTES: usize = 1024;

const SCHEME: &str = "WAPPUSH=";
const GROUP_PREFIX: &str = "group/";
const AREA_PREFIX: &str = "area/";

/// Octets of an identifier that are escaped when we write: the unsafe range of the grammar lists
/// `_` although its safe list has it too, so it goes out escaped and is accepted bare.
const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'+').remove(b'-').remove(b'.');

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A service area.
    Area(AreaName),
    /// An alias group.
    Group(GroupName),
    /// A multicast group that may be a channel's, with the port if one was given.
    Multicast {
        /// Group address.
        group: IpAddr,
        /// UDP port.
        port: Option<u16>,
    },
    /// Well-formed, but nothing that this gateway serves.
    Other,
}

/// An address: the text exactly as the PI wrote it, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    raw: String,
    key: String,
    target: Target,
}

/// Text that is no client address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// A character that may not stand in an identifier unescaped.
    #[error("the identifier may not contain {character:?} unescaped")]
    Character {
        /// The first offender.
        character: char,
    },
    /// `%` without two hexadecimal digits after it.
    #[error("\"%\" at octet {offset} of the identifier is not followed by two hexadecimal digits")]
    Escape {
        /// Octets before it in the identifier.
        offset: usize,
    },
    /// An identifier that does not have the form of its type.
    #[error("the identifier is not of the form that TYPE={kind} demands")]
    Identifier {
        /// The type, in capital letters.
        kind: String,
    },
    /// Nothing between `WAPPUSH=` and the first `/`.
    #[error("the identifier is empty")]
    NoIdentifier,
    /// No `@` with a ppg-specifier behind it.
    #[error("\"@\" and the name of a gateway are missing")]
    NoPpg,
    /// It does not begin with `WAPPUSH=`.
    #[error("an address begins with \"WAPPUSH=\"")]
    NoScheme,
    /// The last qualifier is not `/TYPE=`.
    #[error("\"/TYPE=\" is missing at the end of the client part")]
    NoType,
    /// The port is not a number from 1 to 65535, or is there twice.
    #[error("\"/PORT=\" needs one number from 1 to 65535")]
    Port,
    /// The ppg-specifier is not a host name.
    #[error("{ppg:?} is not the name of a gateway")]
    Ppg {
        /// What stands after the `@`.
        ppg: String,
    },
    /// A qualifier that is not `keyword=value`.
    #[error("{qualifier:?} is not of the form keyword=value")]
    Qualifier {
        /// What stands between the slashes.
        qualifier: String,
    },
    /// A quotation mark without its partner.
    #[error("a quotation mark is without its partner")]
    Quote,
    /// More octets than [`MAX_ADDRESS_BYTES`].
    #[error("an address of {bytes} octets, at most {MAX_ADDRESS_BYTES} are possible")]
    TooLong {
        /// Octets given.
        bytes: usize,
    },
    /// The type has characters that no type has.
    #[error("{kind:?} is not an address type")]
    Type {
        /// What stands after `TYPE=`.
        kind: String,
    },
}

impl Address {
    /// The PI's own text, quoted back in every answer.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Normalised form: equal for addresses that mean the same. It is itself a valid address, with
    /// the type in capital letters, the gateway in small ones and only those octets escaped that
    /// must be.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What it names.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The address of an alias group at the gateway `ppg`, a host name.
    pub fn group(name: &GroupName, ppg: &str) -> Result<Self, AddressError> {
        Self::user(GROUP_PREFIX, name.as_str(), ppg)
    }

    /// The address of a service area at the gateway `ppg`, a host name.
    pub fn area(name: &AreaName, ppg: &str) -> Result<Self, AddressError> {
        Self::user(AREA_PREFIX, name.as_str(), ppg)
    }

    fn user(prefix: &str, name: &str, ppg: &str) -> Result<Self, AddressError> {
        let prefix = utf8_percent_encode(prefix, UNSAFE);
        let name = utf8_percent_encode(name, UNSAFE);
        format!("{SCHEME}{prefix}{name}/TYPE=USER@{ppg}").parse()
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.len() > MAX_ADDRESS_BYTES {
            return Err(AddressError::TooLong { bytes: text.len() });
        }
        let client = text.strip_prefix('/').unwrap_or(text);
        let client = strip_scheme(client).ok_or(AddressError::NoScheme)?;
        // Values of qualifiers may hold "@", a ppg-specifier may not.
        let (client, ppg) = client.rsplit_once('@').ok_or(AddressError::NoPpg)?;
        check_ppg(ppg)?;
        let client = client.strip_suffix('/').unwrap_or(client);
        let mut segments = client.split('/');
        let identifier = segments.next().unwrap_or_default();
        let qualifiers = segments.map(qualifier).collect::<Result<Vec<_>, _>>()?;
        let (kind, qualifiers) = split_type(&qualifiers)?;
        let (identifier, target) = identifier::read(identifier, &kind, port(qualifiers)?)?;
        let mut key = format!("{SCHEME}{identifier}");
        for (keyword, value) in qualifiers {
            key.extend(["/", keyword, "=", value]);
        }
        key.extend(["/TYPE=", &kind, "@", &ppg.to_ascii_lowercase()]);
        Ok(Self {
            raw: text.to_owned(),
            key,
            target,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.raw)
    }
}

fn strip_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(rest)
}

fn check_ppg(ppg: &str) -> Result<(), AddressError> {
    let fragment = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    match ppg {
        "" => Err(AddressError::NoPpg),
        _ if ppg.split('.').all(fragment) => Ok(()),
        _ => Err(AddressError::Ppg {
            ppg: ppg.to_owned(),
        }),
    }
}

/// A keyword, folded to capital letters, and its value.
type Qualifier<'a> = (String, &'a str);

fn qualifier(segment: &str) -> Result<Qualifier<'_>, AddressError> {
    let letter = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
    let printable = |octet: u8| matches!(octet, b' '..=b'~') && octet != b'=';
    segment
        .split_once('=')
        .filter(|(keyword, value)| {
            !keyword.is_empty()
                && keyword.bytes().all(letter)
                && !value.is_empty()
                && value.bytes().all(printable)
        })
        .map(|(keyword, value)| (keyword.to_ascii_uppercase(), value))
        .ok_or_else(|| AddressError::Qualifier {
            qualifier: segment.to_owned(),
        })
}

/// Takes the type, which stands last and once, off the qualifiers.
fn split_type<'a, 'b>(
    qualifiers: &'a [Qualifier<'b>],
) -> Result<(String, &'a [Qualifier<'b>]), AddressError> {
    let (last, rest) = qualifiers.split_last().ok_or(AddressError::NoType)?;
    if last.0 != "TYPE" || rest.iter().any(|(keyword, _)| keyword == "TYPE") {
        return Err(AddressError::NoType);
    }
    let kind = last.1;
    if kind
        .bytes()
        .all(|octet| octet.is_ascii_alphanumeric() || octet == b'_')
    {
        Ok((kind.to_ascii_uppercase(), rest))
    } else {
        Err(AddressError::Type {
            kind: kind.to_owned(),
        })
    }
}

fn port(qualifiers: &[Qualifier<'_>]) -> Result<Option<u16>, AddressError> {
    let mut ports = qualifiers
        .iter()
        .filter(|(keyword, _)| keyword == "PORT")
        .map(|(_, value)| number(value));
    match (ports.next(), ports.next()) {
        (None, _) => Ok(None),
        (Some(Some(port)), None) => Ok(Some(port)),
        (Some(_), _) => Err(AddressError::Port),
    }
}

/// A port number without sign.
fn number(text: &str) -> Option<u16> {
    text.bytes()
        .all(|octet| octet.is_ascii_digit())
        .then(|| text.parse().ok())?
        .filter(|port| *port != 0)
}

#[cfg(test)]
mod tests;
