//! Identifiers of each address type (PPG Service 6).

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use percent_encoding::{percent_decode_str, percent_encode};

use super::{AREA_PREFIX, AddressError, GROUP_PREFIX, Target, UNSAFE};

/// The identifier in normal form, and what it names.
pub(super) fn read(
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
