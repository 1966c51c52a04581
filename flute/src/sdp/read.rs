//! Reading the SDP of other senders, liberally.

use super::{MbmsMode, Origin, Session, Tmgi};
use crate::fec::Scheme;
use crate::ids::Tsi;
use crate::time::NtpSeconds;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest SDP, octets; the usual one has half a thousand.
pub const MAX_SDP_BYTES: usize = 64 << 10;
/// Lines of one SDP; QoE metrics and foreign attributes fit many times.
pub const MAX_LINES: usize = 1024;

/// The text does not describe a FLUTE session that can be joined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// More than one channel or group.
    #[error("session of {channels} channels, only 1 is possible")]
    Channels {
        /// How many.
        channels: u64,
    },
    /// Source and group are of different address families.
    #[error("source {source_address} cannot send to group {group}")]
    Family {
        /// The source.
        source_address: IpAddr,
        /// The group.
        group: IpAddr,
    },
    /// More of something than is accepted.
    #[error("SDP has more than {max} {of}")]
    Limit {
        /// What is counted.
        of: &'static str,
        /// The bound.
        max: usize,
    },
    /// A required line or attribute is absent.
    #[error("SDP lacks {line}")]
    Missing {
        /// The line or attribute.
        line: &'static str,
    },
    /// The text does not have the structure of an SDP.
    #[error("not an SDP: {reason}")]
    Structure {
        /// What the line parser found.
        reason: String,
    },
    /// A line or attribute has no meaning.
    #[error("SDP has an invalid {line}: {value:?}")]
    Value {
        /// The line or attribute.
        line: &'static str,
        /// Its value.
        value: String,
    },
}

impl Session {
    /// Reads the SDP of one FLUTE session.
    ///
    /// Takes LF or CRLF, any order of the lines between `v=` and `m=` and of those below,
    /// attributes and `c=` on either level, bandwidth without a type. Without a source filter any
    /// source may send; without FEC lines the encoding ID is 0. Unknown lines and attributes are
    /// ignored.
    pub fn read(text: &str) -> Result<Self, SdpError> {
        let sdp = sdp_types::Session::parse(normalised(text)?.as_bytes()).map_err(|error| {
            SdpError::Structure {
                reason: error.to_string(),
            }
        })?;
        let media = flute_media(&sdp)?;
        let attributes = Attributes {
            session: &sdp.attributes,
            media: &media.attributes,
        };
        attributes.check_channels()?;
        let (group, ttl) = group(&sdp, media)?;
        let source = attributes.source()?;
        if let Some(source_address) = source
            && source_address.is_ipv4() != group.is_ipv4()
        {
            return Err(SdpError::Family {
                source_address,
                group,
            });
        }
        let time = sdp.times.first();
        Ok(Self {
            origin: origin(&sdp, source, group),
            name: sdp.session_name.clone(),
            start: time.and_then(|time| ntp(time.start_time)),
            stop: time.and_then(|time| ntp(time.stop_time)),
            source,
            group,
            ttl,
            port: media.port,
            tsi: attributes.tsi()?,
            fec_encoding_id: attributes.fec_encoding_id()?,
            bandwidth_kbps: bandwidth_kbps(&sdp, media),
            lang: attributes.first("lang").map(str::to_owned),
            mbms_mode: attributes.mbms_mode(),
        })
    }
}

/// The lines that matter, in the form the line parser insists on. It gives up at one malformed
/// line of any kind, so lines without use here are left out; it wants one space between the fields
/// of `m=`, a type in `b=`, and no repetition of lines that should be single.
fn normalised(text: &str) -> Result<String, SdpError> {
    within("octets", text.len(), MAX_SDP_BYTES)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
    let mut normalised = String::with_capacity(text.len() + 16);
    let mut seen = Vec::new();
    let mut in_media = false;
    for (at, line) in lines.enumerate() {
        within("lines", at + 1, MAX_LINES)?;
        let Some((key, value)) = line.trim().split_once('=') else {
            continue;
        };
        match key {
            "v" | "o" | "s" | "t" | "c" if !in_media && !seen.contains(&key) => {
                seen.push(key);
                push_line(&mut normalised, key, value);
            }
            "m" => {
                in_media = true;
                let fields: Vec<_> = value.split_whitespace().collect();
                push_line(&mut normalised, key, &fields.join(" "));
            }
            "a" => push_line(&mut normalised, key, value),
            "c" if in_media => push_line(&mut normalised, key, value),
            "b" => push_bandwidth(&mut normalised, value),
            _ => {}
        }
    }
    Ok(normalised)
}

fn push_line(normalised: &mut String, key: &str, value: &str) {
    for part in [key, "=", value, "\n"] {
        normalised.push_str(part);
    }
}

/// A number alone, as in an example of TS 26.346, means AS.
fn push_bandwidth(normalised: &mut String, value: &str) {
    let (kind, number) = value.split_once(':').unwrap_or(("AS", value));
    if number.trim().parse::<u64>().is_ok() {
        push_line(normalised, "b", &[kind, number.trim()].join(":"));
    }
}

fn within(of: &'static str, count: usize, max: usize) -> Result<(), SdpError> {
    if count <= max {
        Ok(())
    } else {
        Err(SdpError::Limit { of, max })
    }
}

fn invalid(line: &'static str, value: &str) -> SdpError {
    SdpError::Value {
        line,
        value: value.to_owned(),
    }
}

fn one_channel(channels: u64) -> Result<(), SdpError> {
    if channels == 1 {
        Ok(())
    } else {
        Err(SdpError::Channels { channels })
    }
}

fn flute_media(sdp: &sdp_types::Session) -> Result<&sdp_types::Media, SdpError> {
    let is_flute = |media: &&sdp_types::Media| media.proto.eq_ignore_ascii_case("FLUTE/UDP");
    let media = sdp.medias.iter().find(is_flute).ok_or(SdpError::Missing {
        line: "m= over FLUTE/UDP",
    })?;
    one_channel(sdp.medias.iter().filter(is_flute).count() as u64)?;
    one_channel(u64::from(media.num_ports.unwrap_or(1)))?;
    if media.port == 0 {
        return Err(invalid("port", "0"));
    }
    Ok(media)
}

fn group(
    sdp: &sdp_types::Session,
    media: &sdp_types::Media,
) -> Result<(IpAddr, Option<u8>), SdpError> {
    one_channel(media.connections.len().max(1) as u64)?;
    let connection = media.connections.first().or(sdp.connection.as_ref());
    let connection = connection.ok_or(SdpError::Missing { line: "c=" })?;
    let address = connection
        .try_address()
        .map_err(|_| invalid("c=", &connection.connection_address))?;
    one_channel(u64::from(address.count.unwrap_or(1)))?;
    Ok((address.ip, address.ttl.filter(|_| address.ip.is_ipv4())))
}

/// Only identity and version matter to a receiver, so an address that is a host name gives way to
/// that of the sender.
fn origin(sdp: &sdp_types::Session, source: Option<IpAddr>, group: IpAddr) -> Origin {
    let unknown = match group {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let origin = &sdp.origin;
    Origin {
        username: origin.username.clone().unwrap_or_else(|| "-".to_owned()),
        session_id: origin.sess_id.parse().unwrap_or(0),
        session_version: origin.sess_version,
        address: origin
            .try_parse_unicast_ip_address()
            .unwrap_or(source.unwrap_or(unknown)),
    }
}

/// Senders that count on beyond the first era mean the era nearest to now, as elsewhere.
fn ntp(seconds: u64) -> Option<NtpSeconds> {
    (seconds != 0).then_some(NtpSeconds(seconds as u32))
}

fn bandwidth_kbps(sdp: &sdp_types::Session, media: &sdp_types::Media) -> Option<u64> {
    let lines = media.bandwidths.iter().chain(&sdp.bandwidths);
    lines
        .filter(|line| line.bwtype.eq_ignore_ascii_case("AS"))
        .map(|line| line.bandwidth)
        .next()
}

/// The attributes of both levels; the media level comes first because it is the closer one.
struct Attributes<'a> {
    session: &'a [sdp_types::Attribute],
    media: &'a [sdp_types::Attribute],
}

impl<'a> Attributes<'a> {
    fn all(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.media
            .iter()
            .chain(self.session)
            .filter(move |attribute| attribute.attribute.eq_ignore_ascii_case(name))
            .map(|attribute| attribute.value.as_deref().unwrap_or_default().trim())
    }

    fn first(&self, name: &'static str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// `flute-ch` comes from an expired draft; absent means one channel.
    fn check_channels(&self) -> Result<(), SdpError> {
        self.all("flute-ch").try_for_each(|value| {
            let channels = value.parse().map_err(|_| invalid("flute-ch", value))?;
            one_channel(channels)
        })
    }

    fn tsi(&self) -> Result<Tsi, SdpError> {
        const MAX_DIGITS: usize = 15;
        let value = self
            .first("flute-tsi")
            .ok_or(SdpError::Missing { line: "flute-tsi" })?;
        Some(value)
            .filter(|digits| digits.len() <= MAX_DIGITS)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
            .and_then(|digits| Tsi::new(digits.parse().ok()?).ok())
            .ok_or_else(|| invalid("flute-tsi", value))
    }

    fn source(&self) -> Result<Option<IpAddr>, SdpError> {
        let Some(value) = self.first("source-filter") else {
            return Ok(None);
        };
        let fields: Vec<_> = value.split_whitespace().collect();
        let [mode, _network, _family, _destination, source] = *fields else {
            return Err(invalid("source-filter", value));
        };
        if !mode.eq_ignore_ascii_case("incl") {
            return Err(invalid("source-filter", value));
        }
        let source = source.parse();
        source
            .map(Some)
            .map_err(|_| invalid("source-filter", value))
    }

    /// The declaration that the media refers to, else the first one.
    fn fec_encoding_id(&self) -> Result<u8, SdpError> {
        const DECLARATION: &str = "FEC-declaration";
        let wanted = self.first("FEC");
        let declarations = || {
            self.all(DECLARATION)
                .map(|value| value.split_once(char::is_whitespace).unwrap_or((value, "")))
        };
        let declared = declarations()
            .find(|(reference, _)| Some(*reference) == wanted)
            .or_else(|| declarations().next());
        let Some((_, parameters)) = declared else {
            return Ok(Scheme::NoCode.encoding_id());
        };
        parameters
            .split(';')
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("encoding-id"))
            .and_then(|(_, id)| id.trim().parse().ok())
            .ok_or_else(|| invalid(DECLARATION, parameters))
    }

    /// A bearer that is not understood is none: the session can be received without.
    fn mbms_mode(&self) -> Option<MbmsMode> {
        let mut fields = self.first("mbms-mode")?.split_whitespace();
        let mode = fields.next()?;
        let tmgi = Tmgi::new(fields.next()?.parse().ok()?).ok()?;
        if mode.eq_ignore_ascii_case("broadcast") {
            let counting = fields.next() == Some("1");
            Some(MbmsMode::Broadcast { tmgi, counting })
        } else if mode.eq_ignore_ascii_case("broadcast-mbsfn") {
            Some(MbmsMode::BroadcastMbsfn { tmgi })
        } else {
            None
        }
    }
}
