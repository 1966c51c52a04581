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

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use percent_encoding::{
    AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode, utf8_percent_encode,
};

use super::ids::{AreaName, GroupName};

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
        let (identifier, target) = identify(identifier, &kind, port(qualifiers)?)?;
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

/// The identifier in normal form, and what it names.
fn identify(
    identifier: &str,
    kind: &str,
    port: Option<u16>,
) -> Result<(String, Target), AddressError> {
    if identifier.is_empty() {
        return Err(AddressError::NoIdentifier);
    }
    let malformed = || AddressError::Identifier {
        kind: kind.to_owned(),
    };
    match kind {
        "IPV4" => ipv4(identifier)
            .map(|address| internet(address.into(), address.to_string(), port))
            .ok_or_else(malformed),
        "IPV6" => ipv6(identifier)
            .map(|address| internet(address.into(), identifier.to_ascii_lowercase(), port))
            .ok_or_else(malformed),
        "MAN" => Some(identifier)
            .filter(|text| text.len() == 8 && text.bytes().all(|octet| octet.is_ascii_digit()))
            .map(|text| (text.to_owned(), Target::Other))
            .ok_or_else(malformed),
        "PLMN" => phone(identifier)
            .map(|number| (number, Target::Other))
            .ok_or_else(malformed),
        "URI" => unescape(unquote(identifier)?).map(|octets| (escape(&octets), Target::Other)),
        "USER" => unescape(identifier).map(|octets| (escape(&octets), named(&octets))),
        _ => unescape(identifier).map(|octets| (escape(&octets), Target::Other)),
    }
}

fn internet(address: IpAddr, text: String, port: Option<u16>) -> (String, Target) {
    let target = if address.is_multicast() {
        Target::Multicast {
            group: address,
            port,
        }
    } else {
        Target::Other
    };
    (text, target)
}

/// Four decimal numbers; a leading zero does not make them octal.
fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.len() > 3 || !part.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// Eight groups of exactly four digits: the grammar has no short form.
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    let full = text.len() == 39
        && text
            .split(':')
            .all(|group| group.len() == 4 && group.bytes().all(|digit| digit.is_ascii_hexdigit()));
    full.then(|| text.parse().ok())?
}

/// An international number without its visual separators.
fn phone(text: &str) -> Option<String> {
    let digits = text.strip_prefix('+')?;
    let well_formed = digits
        .bytes()
        .all(|octet| octet.is_ascii_digit() || matches!(octet, b'-' | b'.'));
    let number: String = text
        .chars()
        .filter(|character| !matches!(character, '-' | '.'))
        .collect();
    (well_formed && number.len() > 1).then_some(number)
}

/// A URI may stand in quotation marks or without (AD Push 2.3 5.3.2.1.3.1).
fn unquote(text: &str) -> Result<&str, AddressError> {
    let inner = match (text.strip_prefix('"'), text.strip_suffix('"')) {
        (None, None) => return Ok(text),
        (Some(_), Some(_)) if text.len() > 1 => &text[1..text.len() - 1],
        _ => return Err(AddressError::Quote),
    };
    if inner.is_empty() {
        return Err(AddressError::NoIdentifier);
    }
    Ok(inner)
}

fn unescape(text: &str) -> Result<Cow<'_, [u8]>, AddressError> {
    let allowed = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '+' | '-' | '.' | '%' | '_')
    };
    if let Some(character) = text.chars().find(|character| !allowed(*character)) {
        return Err(AddressError::Character { character });
    }
    let octets = text.as_bytes();
    let escaped = |offset: &usize| {
        octets
            .get(offset + 1..offset + 3)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    match text
        .match_indices('%')
        .map(|(offset, _)| offset)
        .find(|offset| !escaped(offset))
    {
        Some(offset) => Err(AddressError::Escape { offset }),
        None => Ok(percent_decode_str(text).into()),
    }
}

fn escape(octets: &[u8]) -> String {
    percent_encode(octets, UNSAFE).to_string()
}

/// What a user-defined identifier means here. A name that no group or area can have is nobody's.
fn named(octets: &[u8]) -> Target {
    let Ok(text) = std::str::from_utf8(octets) else {
        return Target::Other;
    };
    let group = || {
        Some(Target::Group(
            text.strip_prefix(GROUP_PREFIX)?.parse().ok()?,
        ))
    };
    let area = || Some(Target::Area(text.strip_prefix(AREA_PREFIX)?.parse().ok()?));
    group().or_else(area).unwrap_or(Target::Other)
}

#[cfg(test)]
mod tests;
